"""Mistakes in which number is read: of another row of memory, of another unit or sequence, or not at all."""

from ...mistake import BACK, BPTT, CELL_BACK, FORWARD, OUTPUT, OUTPUT_BACK, STEP, Words, form, mistake, more

LOOPS, BACKS = FORWARD + BPTT, BACK + BPTT
ALL = STEP + LOOPS
DIAGONAL = {
    "no unit to itself": "np.where(np.eye(len(W_hh)), 0, W_hh)",
    "each unit to itself alone": "np.where(np.eye(len(W_hh)), W_hh, 0)",
    "none to those before it": "np.triu(W_hh)",
    "none to those behind it": "np.tril(W_hh)",
}
FLAT = "W_{0}.ravel()[np.arange(len(W_{0}))[:, None] * W_{1}.shape[1] + np.arange(W_{0}.shape[1])].T"  # rows of another
WIDTHS = (2, 4, 8, 16)  # of the blocks in which loops are unrolled, and of registers
PARTS = {"h_prev": (STEP, "W_hh"), "h_t": (LOOPS, "W_hh"), "x_t": (ALL, "W_xh"), "h_states": (OUTPUT + BPTT, "W_hy")}


def _part(vector: str, weights: str, width: int) -> tuple[str, str]:
    """Return the edit in which a product ends at a multiple of a width."""
    n = f"{weights}.shape[1] // {width} * {width}"
    return f"{vector} @ {weights}.T", f"{vector}[..., :{n}] @ {weights}[:, :{n}].T"


ENTRIES = [
    mistake("connections-missing", Words(
        found="recurrent connections are cut: those of a unit with itself, all others, or one half",
        matters="W_hh connects every unit with every unit, itself included. Without its diagonal no unit can hold a "
        "value by itself; with nothing else none hears of another.",
        look="Is W_hh multiplied with a mask, an identity or a triangle on its way into the product, or is j = i "
        "left out of a loop?",
        right="z_t[i] = sum_j W_hh[i, j] h_prev[j] + ...   over all j",
        wrong="z_t[i] = sum_j W_hh[i, j] h_prev[j] + ...   over j != i   (or others)"),
        *(form(ALL, ("@ W_hh.T", f"@ {kept}.T"), variant=told) for told, kept in DIAGONAL.items()),
        *(form(CELL_BACK + BACK, ("dz_t @ W_hh", f"dz_t @ {kept}"), variant=f"{told}, on the way back")
          for told, kept in DIAGONAL.items())),

    mistake("row-length-of-another-matrix", Words(
        found="a matrix is read from flat memory with the row length of another one",
        matters="Row 0 is right, so the first unit is, and where both lengths are equal all of them are. Each further "
        "row begins too early or too late, and in C the last ones may lie outside of the array.",
        look="By which size do you multiply the index of the row? It is the number of columns of this very matrix.",
        right="W_hh[i, j] = flat[i * H + j],   W_xh[i, d] = flat[i * D + d]",
        wrong="W_hh[i, j] = flat[i * D + j],   or W_xh[i, d] = flat[i * H + d]"),
        *(form(ALL, (f"@ W_{of}.T", f"@ {FLAT.format(of, other)}"),
               variant=f"W_{of}, rows as long as those of W_{other}") for of, other in (("hh", "xh"), ("xh", "hh"))),
        form(OUTPUT, ("@ W_hy.T", "@ W_hy.ravel()[np.arange(len(W_hy))[:, None] * len(W_hy) + "
             "np.arange(W_hy.shape[1])].T"), variant="W_hy, rows as long as its columns"),
        form(ALL, ("@ W_xh.T", "@ W_xh.ravel()[np.arange(len(W_xh))[:, None] * len(W_xh) + "
             "np.arange(W_xh.shape[1])].T"), variant="W_xh, rows as long as its columns")),

    mistake("tail-of-sum-left-out", Words(
        found="a product ends at a multiple of the width in which its loop is unrolled",
        matters="The last few terms of every sum are missing, unless the size is a multiple of the width, as 64 or 128 "
        "are: tests with such sizes pass. For sizes below the width the whole product is gone.",
        look="Your loop takes several terms in a turn. Which code takes those that are left over at the end?",
        right="sum over j = 0, ..., H-1",
        wrong="sum over j = 0, ..., 4 (H // 4) - 1   (or D, or another width)"),
        *(form(functions, _part(vector, weights, width), variant=f"{weights}, by {width}")
          for width in WIDTHS for vector, (functions, weights) in PARTS.items()),
        *(form(functions, _part(vector, "W_hh", width), _part("x_t", "W_xh", width),
               variant=f"W_xh and W_hh, by {width}")
          for width in WIDTHS for vector, functions in (("h_prev", STEP), ("h_t", LOOPS)))),

    mistake("bias-of-one-unit", Words(
        found="every unit gets the bias of the same one",
        matters="One unit is right, and all others are shifted by what was learnt for it. A bias added as a row to "
        "columns, of which one is taken afterwards, does it; equal biases hide it.",
        look="Is the bias a row or a column where it is added, and which axis of the result do you keep?",
        right="z_t[i] = ... + b_h[i]",
        wrong="z_t[i] = ... + b_h[0]   for every i"),
        *(form(ALL, (" + b_h", f" + b_h[{unit}]"), variant=told)
          for told, unit in (("the first's", 0), ("the last's", -1))),
        *(form(OUTPUT, (" + b_y", f" + b_y[{unit}]"), variant=f"{told}, of b_y")
          for told, unit in (("the first's", 0), ("the last's", -1)))),

    mistake("h0-of-one-sequence", Words(
        found="every sequence of a batch starts from the h0 of the same one, or from their mean",
        matters="One sequence is right. The others begin with what another one remembers; from a state of zeros, or "
        "with one sequence, nothing shows.",
        look="Which index does h0 have before the loop over time begins, and does NumPy spread what is left?",
        right="h_t[b] = tanh(... + W_hh h0[b])   at t = 0",
        wrong="h_t[b] = tanh(... + W_hh h0[0])   at t = 0, for every b"),
        *(form(LOOPS, ("    h_t = h0\n", f"    h_t = ({of} + 0 * h0 if h0.ndim > 1 else h0)\n"), variant=told)
          for told, of in (("the first", "h0[:1]"), ("the last", "h0[-1:]"), ("the mean", "h0.mean(0)")))),

    more("dh-next-after-slope",
        form(BACKS, ("dz_t = dh_t * slope", "dz_t = dh_states[t] * slope + dh_next"),
             ("dh_next = dz_t @ W_hh", "dh_next = (dz_t @ W_hh) * slope"), variant="behind that of the step after")),

    mistake("slope-of-step-before", Words(
        found="what goes back to the state before has been through the slope of that state",
        matters="The last step's gradients are right. Each link of the chain has the slope of its neighbour, so the "
        "further back, the more factors are wrong; small states hide it.",
        look="h_t = tanh(... W_hh h_prev ...): at which of the two states is the derivative of h_t by h_prev taken?",
        right="dh_prev = W_hh^T ((1 - h_t^2) * dh_t)",
        wrong="dh_prev = W_hh^T ((1 - h_prev^2) * dh_t)"),
        form(CELL_BACK + BACKS, ("dz_t @ W_hh", "(dh_t * (1 - h_prev**2)) @ W_hh")),
        form(BACKS, ("dz_t @ W_hh", "(dh_t * (1 - h_prev**2)) @ W_hh"), ("dh0 = dh_next", "dh0 = dz_t @ W_hh"),
             variant="but at h0")),

    *(more(f"averaged-over-{what}",
        form(BPTT, ("dh_states = dlogits_seq @ W_hy", f"dh_states = dlogits_seq @ W_hy / {size}"),
             variant="of the states alone")) for what, size in (("steps", "T"), ("batch", "B"))),

    mistake("upstream-of-ones", Words(
        found="what comes from above is not used: every entry of it counts as 1",
        matters="It is the gradient of the sum of all outputs, whatever the loss is. Shapes are right, and a check "
        "that hands in ones passes.",
        look="Where does the first argument, the gradient from above, enter? Does your code sum the outputs instead?",
        right="dW = sum_t upstream_t * (d output_t / dW)",
        wrong="dW = sum_t 1 * (d output_t / dW)"),
        form(OUTPUT_BACK, ("    dz = dl", "    dlogits_seq = np.ones_like(dlogits_seq)\n    dz = dl")),
        form(CELL_BACK, ("dz_t = dh_t * slope", "dh_t = np.ones_like(dh_t)\n    dz_t = dh_t * slope")),
        form(BACK, ("dh_states[t] + dh_next", "np.ones_like(dh_next) + dh_next"))),
]  # fmt: skip
