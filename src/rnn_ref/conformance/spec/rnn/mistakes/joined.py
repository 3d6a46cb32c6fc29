"""Mistakes with weights that are joined to one matrix, or laid out anew: cut in the wrong order, reshaped."""

from collections.abc import Iterator

from ...mistake import BACK, BPTT, CELL_BACK, FORWARD, OUTPUT, OUTPUT_BACK, STEP, Edit, Form, Words, form, mistake, more

LOOPS, BACKS = FORWARD + BPTT, BACK + BPTT
STATES = {  # the lines that a cell and a loop have for what goes back, and those for what is added to the weights
    CELL_BACK: ("dx_t = dz_t @ W_xh", "dh_prev = dz_t @ W_hh"),
    BACKS: ("dX[t] = dz_t @ W_xh", "dh_next = dz_t @ W_hh"),
}
WEIGHTS = {
    CELL_BACK: ("dW_xh = dz_t.T @ x_t", "dW_hh = dz_t.T @ h_prev"),
    BACKS: ("dW_xh += dz_t.T @ x_t", "dW_hh += dz_t.T @ h_prev"),
}
D, H = "W_xh.shape[1]", "W_hh.shape[1]"
ORDERS = {  # in which the two are joined, and the parts that are taken for that of the input and that of the state
    "[x, h], cut as [h, x]": ("{0}, {1}", f"[:, {H}:]", f"[:, :{H}]"),
    "[h, x], cut as [x, h]": ("{1}, {0}", f"[:, :{D}]", f"[:, {D}:]"),
}


def _cut() -> Iterator[Form]:
    for functions, backward in STATES.items():
        for told, (order, of_x, of_h) in ORDERS.items():
            indent = "\n        " if functions == BACKS else "\n    "
            back = f"np.concatenate([{order.format('W_xh', 'W_hh')}], 1)"
            rows = f"np.concatenate([{order.format('x_t', 'h_prev')}], 1)"
            x, h = backward
            states: tuple[Edit, ...] = (
                (x, f"joined = dz_t @ {back}{indent}{x.partition(' = ')[0]} = joined{of_x}"),
                (h, f"{h.partition(' = ')[0]} = joined{of_h}"),
            )
            x, h = WEIGHTS[functions]
            weights: tuple[Edit, ...] = (
                (x, f"both = dz_t.T @ {rows}{indent}{x.partition('dz_t')[0]}both{of_x}"),
                (h, f"{h.partition('dz_t')[0]}both{of_h}"),
            )
            yield form(functions, *states, variant=f"inputs and states, {told}")
            yield form(functions, *weights, variant=f"weights, {told}")
            yield form(functions, *states, *weights, variant=f"all, {told}")


ENTRIES = [
    more("weights-swapped",
        *(form(functions, (f"x_t @ W_xh.T + {h} @ W_hh.T", f"np.concatenate([{h}, x_t], -1) @ "
               "np.concatenate([W_xh, W_hh], 1).T"), variant="end to end, the state first")
          for functions, h in ((STEP, "h_prev"), (LOOPS, "h_t")))),

    mistake("joined-cut-wrongly", Words(
        found="gradients that were made together are cut apart in the wrong order",
        matters="With [x, h] joined to one vector, one product gives the gradient of both. Taken apart at the wrong "
        "place, each gets a piece of the other's, in shapes that fit everywhere.",
        look="In which order are x and h joined, and how long is the part that comes first?",
        right="[dx, dh_prev] = dz_t [W_xh, W_hh],   dx: the first D entries",
        wrong="[dh_prev, dx] = dz_t [W_xh, W_hh],   dh_prev: the first H entries"),
        *_cut()),

    mistake("reshaped-not-transposed", Words(
        found="a matrix is reshaped where it should be transposed",
        matters="reshape keeps the order of the numbers in memory, so the shape is right and nearly every number is in "
        "another place. Nothing raises; a vector or a row hides it.",
        look="Which operation exchanges rows and columns? Try yours on the matrix [[1, 2, 3], [4, 5, 6]].",
        right="logits = h W_hy^T,   z = x W_xh^T",
        wrong="logits = h reshape(W_hy, (H, V)),   z = x reshape(W_xh, (D, H))"),
        form(STEP + LOOPS, ("@ W_xh.T", "@ W_xh.reshape(W_xh.shape[::-1])"), variant="W_xh"),
        form(OUTPUT + BPTT, ("@ W_hy.T", "@ W_hy.reshape(W_hy.shape[::-1])"), variant="W_hy"),
        form(CELL_BACK, ("dW_xh = dz_t.T @ x_t", "dW_xh = (x_t.T @ dz_t).reshape(W_xh.shape)"), variant="dW_xh"),
        form(BACKS, ("dW_xh += dz_t.T @ x_t", "dW_xh += (x_t.T @ dz_t).reshape(W_xh.shape)"), variant="dW_xh"),
        form(OUTPUT_BACK + BPTT, ("dW_hy = dz.T @ h\n", "dW_hy = (h.T @ dz).reshape(W_hy.shape)\n"), variant="dW_hy")),
]  # fmt: skip
