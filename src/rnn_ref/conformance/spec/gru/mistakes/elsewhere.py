"""Mistakes in which number is read: of other rows of memory, of a state that was overwritten, of a state from zero."""

from ...mistake import Entry, Words, form, mistake, more
from .text import (
    B_HN,
    BACK,
    BACKS,
    BOTH,
    CELL_BACK,
    DN,
    END,
    LOOP,
    SUMMED,
    UPDATE,
    N,
    R,
    Z,
)

STEP = ("gru_cell_step",)
HEAD = "h_t = h_prev + 0 * z_t\n{0}U, b = np.split(W_hh, 3), np.split(b_hh, 3)\n{0}for k in range(h_t.shape[-1]):\n"
AFTER = "r_k * (h_t @ U[2][k] + b[2][k])"
ROWS = {  # how a unit's recurrent part of the candidate is made, and whether its gates are made with it
    "of the candidate": (f"{AFTER} if reset_after else (r_t * h_t) @ U[2][k] + b[2][k]", False),
    "of the candidate, with the gate behind the product": (f"{AFTER} if reset_after else h_n[..., k]", False),
    "of all": (f"{AFTER} if reset_after else (r_t * h_t) @ U[2][k] + b[2][k]", True),
}
GATES = (
    "{0}    r_k, z_k = (1 / (1 + np.exp(-(x[..., k] + h_t @ U[n][k] + b[n][k]))) for n, x in ((0, x_r), (1, x_z)))\n"
)
TAKEN = "{0}    r_k, z_k = r_t[..., k], z_t[..., k]\n"
UNIT = "{0}    n_k = np.tanh(x_n[..., k] + (%s))\n{0}    h_t[..., k] = (1 - z_k) * n_k + z_k * h_prev[..., k]\n"
BLOCKS = {"W_xh": "x_t", "W_hh": "h_prev"}
HX = "np.concatenate([h_prev, x_t], -1)"
OF_X, OF_H = f"{HX}[..., : x_t.shape[-1]]", f"{HX}[..., x_t.shape[-1] :]"
BIASES = {"b_xh": ("db_xh",), "b_hh": ("db_hh",), "both biases": ("db_xh", "db_hh"), "W_xh": ("dW_xh",),
          "W_hh": ("dW_hh",), "both weights": ("dW_xh", "dW_hh")}  # fmt: skip
SIZES = {"averaged-over-batch": "B", "averaged-over-steps": "T"}
SPREAD = "np.repeat({0}.reshape(3, -1)[:, {1}], len({0}) // 3)"
BEGIN = "    dX, dW_xh, dW_hh = np.zeros_like"
AGAIN = (
    "h0, h_states = 0 * h0, np.array(h_states)\n    again = h0\n    for t in range(T):\n"
    "        x_r, x_z, x_n = np.split(X_seq[t] @ W_xh.T + b_xh, 3, -1)\n"
    "        h_r, h_z, h_n = np.split(again @ W_hh.T + b_hh, 3, -1)\n"
    "        r_t, z_t = 1 / (1 + np.exp(-(x_r + h_r))), 1 / (1 + np.exp(-(x_z + h_z)))\n"
    "        if not reset_after:\n            h_n = (r_t * again) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]\n"
    "        n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))\n"
    "        again = (1 - z_t) * n_t + z_t * again\n        h_states[t] = again\n"
)


def _unit_by_unit(indent: str, row: str, *, gates: bool) -> tuple[str, str]:
    """Return the edit in which units are made one after the other, from a state in which those before are new."""
    text = HEAD + (GATES if gates else TAKEN) + UNIT % row
    return f"h_t = {UPDATE}\n", text.format(indent)


FORWARDS = (
    mistake(
        "state-updated-in-place",
        Words(
            found="the candidates of later units read units of the state that are new already",
            matters="The state is overwritten while the candidates, or the gates, of later units still read it. The "
            "first unit is right, and the others depend on how units are numbered.",
            look="Into which array does the loop over the units write, and which one do its products read?",
            right="n[j] = tanh(... + r[j] (W_hn[j] h_prev + b_hn[j]))   with h_prev as it was",
            wrong="n[j] = tanh(... + r[j] (W_hn[j] h + b_hn[j]))   with h[k] new for k < j",
        ),
        *(form(functions, _unit_by_unit(indent, row, gates=gates), variant=told)
          for functions, indent in ((STEP, "    "), (LOOP, "        ")) for told, (row, gates) in ROWS.items()),
    ),
    more("weights-swapped", form(BOTH, ("x_t @ W_xh.T", f"{OF_X} @ W_xh.T"), ("h_prev @ W_hh.T", f"{OF_H} @ W_hh.T"),
                                 variant="end to end")),
    more(
        "reshaped-not-transposed",
        *(form(BOTH, (f"{vector} @ {W}.T", f"{vector} @ {W}.reshape({W}.shape[::-1])"), variant=W)
          for W, vector in BLOCKS.items()),
    ),
    more(
        "gate-without-state",
        form(BOTH, (R, "1 / (1 + np.exp(-(x_r + np.split(b_hh, 3)[0])))"), variant="r, but with its bias"),
        form(BOTH, (Z, "1 / (1 + np.exp(-(x_z + np.split(b_hh, 3)[1])))"), variant="z, but with its bias"),
        form(BOTH, (R, "1 / (1 + np.exp(-(x_r + np.split(b_hh, 3)[0])))"),
             (Z, "1 / (1 + np.exp(-(x_z + np.split(b_hh, 3)[1])))"), variant="both, but with their biases"),
    ),
    mistake(
        "gate-without-input",
        Words(
            found="a gate, or the candidate, does not look at the input",
            matters="It is decided by the state alone, and a new input can change nothing about it. Small inputs hide "
            "it.",
            look="Change one entry of the input: which of the three sums stay as they are?",
            right="gate = sigmoid(W_x x + b_x + W_h h_prev + b_h)",
            wrong="gate = sigmoid(W_h h_prev + b_h)   (with b_x or without)",
        ),
        *(form(BOTH, (own, own.replace(f"x_{gate}", f"np.split(b_xh, 3)[{k}]")), variant=f"{gate}, but with its bias")
          for k, (gate, own) in enumerate((("r", R), ("z", Z), ("n", N)))),
        *(form(BOTH, (own, own.replace(f"x_{gate} + ", "")), variant=gate)
          for gate, own in (("r", R), ("z", Z), ("n", N))),
    ),
    more(
        "bias-missing",
        form(BOTH, (f" + {B_HN}", ""), variant="b_hn, with the gate before the product"),
        form(BOTH, ("x_n + (r_t * h_n if", f"x_n + (r_t * (h_n - {B_HN}) if"), variant="b_hn, with the gate behind it"),
        form(BOTH, ("x_n + (r_t * h_n if", f"x_n + (r_t * (h_n - {B_HN}) if"), (f" + {B_HN}", ""), variant="b_hn"),
    ),
    more(
        "state-of-one-sequence",
        *(form(BOTH, ("h_prev @ W_hh.T", f"(h_prev[{row}] if h_prev.ndim == 2 else h_prev) @ W_hh.T"), variant=told)
          for row, told in ((":1", "the first"), ("-1:", "the last"))),
    ),
    more(
        "h0-of-one-sequence",
        *(form(LOOP, ("h_prev = h0", f"h_prev = {of} + 0 * h0 if h0.ndim > 1 else h0"), variant=told)
          for told, of in (("the first", "h0[:1]"), ("the last", "h0[-1:]"), ("the mean", "h0.mean(0)"))),
    ),
    more(
        "bias-of-one-unit",
        *(form(BOTH, (f" + {b}, 3", f" + {SPREAD.format(b, unit)}, 3"), variant=f"{told}, of {b}")
          for b in ("b_xh", "b_hh") for told, unit in (("the first's", 0), ("the last's", -1))),
    ),
)  # fmt: skip

BACKWARDS = (
    more(
        "slope-squared-outside",
        form(BACKS, ("dn_t * (1 - n_t**2)", "dn_t * (1 - n_t) ** 2")),
    ),
    more("slope-not-squared", form(BACKS, ("dn_t * (1 - n_t**2)", "dn_t * (1 - n_t)"))),
    mistake(
        "states-made-again-from-zero",
        Words(
            found="the way back makes the states once more, from zeros instead of h0",
            matters="It differentiates another run than the one that was made, and all gradients are off, the first "
            "steps' most. With an h0 of zeros it is right.",
            look="Where does the run begin that your way back goes along? Compare with that of the forward function.",
            right="h_prev = h0   at t = 0",
            wrong="h_prev = 0   at t = 0",
        ),
        form(BACK, (BEGIN, f"    {AGAIN}{BEGIN}")),
    ),
    more("loop-misses-first-step", form(BACK, ("reversed(range(T))", "reversed(range(1, T))"))),
    more("loop-misses-last-step", form(BACK, ("reversed(range(T))", "reversed(range(T - 1))"))),
    *(more(
        slug,
        *(form(BACK, (END, "\n    ".join([*(f"{d} = {d} / {size}" for d in ds), END])), variant=name)
          for name, ds in BIASES.items()))
      for slug, size in SIZES.items()),
    more(
        "averaged-over-batch",
        *(form(CELL_BACK, ("dx_t = da_x", "\n    ".join([*(f"{d} = {d} / len(da_x)" for d in ds), "dx_t = da_x"])),
               variant=name) for name, ds in BIASES.items()),
    ),
    more(
        "upstream-of-ones",
        form(CELL_BACK, (f"dn_t = {DN}", f"dh_t = np.ones_like(dh_t)\n    dn_t = {DN}")),
        form(BACK, (SUMMED, "1 + dh_next")),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = FORWARDS + BACKWARDS
