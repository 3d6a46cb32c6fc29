"""Mistakes in the paths on which the gradient goes back to the state before: straight, and through the gates."""

from ...mistake import Entry, Form, Words, form, mistake, more
from .text import B_HN, BACKS, BLOCKS, DA_R, DA_X, DA_Z, DH_PREV, DN, DW_HH, DZ, RESET, STRAIGHT, THROUGH, W_HN

PATHS = (
    mistake(
        "no-straight-path",
        Words(
            found="the gradient that goes straight back, by the share that z keeps, is missing",
            matters="It is the path for which a GRU was made: along it a gradient lasts, however many steps lie "
            "between. Without it gradients fade as in the tanh network, and training seems only slower.",
            look="In how many places does the old state stand in the step? Each of them sends a gradient back.",
            right=DH_PREV,
            wrong="dh_prev = W_hr^T da_r + W_hz^T da_z + W_hn^T (r * da_n)",
        ),
        form(BACKS, (STRAIGHT, "da_r")),
    ),
    mistake(
        "only-straight-path",
        Words(
            found="the gradient goes straight back alone, and not through the gates and the candidate",
            matters="What a state does to later gates and candidates is never learnt. With an update gate near 1 "
            "little is missing, and with a single step only the gradient of the state shows it.",
            look="The old state is kept, and it is also read by W_hh. What goes back through these weights?",
            right=DH_PREV,
            wrong="dh_prev = dh * z",
        ),
        form(BACKS, (THROUGH, "")),
    ),
    mistake(
        "straight-path-inverted",
        Words(
            found="the gradient goes straight back where the update gate replaces, not where it keeps",
            matters="Units that remember lose their gradient, and units that forget pass it on. It happens where the "
            "sense of the gate is another one forward than back.",
            look="With z exactly 1 the state passes a step unchanged. What should its gradient do?",
            right=DH_PREV,
            wrong="dh_prev = dh * (1 - z) + ...",
        ),
        form(BACKS, (STRAIGHT, "dh_t * (1 - z_t) + da_r")),
    ),
    mistake(
        "reset-path-missing",
        Words(
            found="nothing goes back through the reset gate, as if it were a constant",
            matters="Its weights and biases get no gradient and stay as they were drawn, or, where it is missing on "
            "the way to the state alone, only earlier steps are wrong. The rest of the cell learns around it.",
            look="Change the rows of r in W_hh a little: does the loss change? Then what should their gradient be?",
            right="da_r = dr * r * (1 - r)",
            wrong="da_r = 0",
        ),
        form(BACKS, (DA_R, "0 * dr_t")),
        form(BACKS, ("da_r @ W_hr + ", ""), variant="to the state"),
    ),
    mistake(
        "update-path-missing",
        Words(
            found="nothing goes back through the update gate, as if it were a constant",
            matters="What to keep is never learnt: the gate's weights stay as they were drawn. Missing on the way to "
            "the state alone, it makes earlier steps wrong and no weight of this one.",
            look="Change the rows of z in W_hh a little: does the loss change? Then what should their gradient be?",
            right="da_z = dz * z * (1 - z)",
            wrong="da_z = 0",
        ),
        form(BACKS, (DA_Z, "0 * dz_t")),
        form(BACKS, ("da_z @ W_hz + ", ""), variant="to the state"),
    ),
    mistake(
        "candidate-path-missing",
        Words(
            found="nothing goes back to the state before through the candidate",
            matters="The weights of this step get the right gradients, and every earlier step gets one in which W_hn "
            "has no part. One step tested alone shows it only in the gradient of the state.",
            look="Three blocks of W_hh read the old state. How many of them stand in your gradient of it?",
            right=DH_PREV,
            wrong="dh_prev = dh * z + W_hr^T da_r + W_hz^T da_z",
        ),
        form(BACKS, (" + dh_through", "")),
    ),
)

_BEFORE = ("if reset_after:", "if False:")  # goes back as if the reset gate stood before the product
CELLS = (
    mistake(
        "backward-of-reset-before",
        Words(
            found="the way back is that of the cell with the reset gate before the product",
            matters="Forward and back are then two different cells: Cho's of 2014 and cuDNN's. Derivations in print "
            "are mostly of the first, libraries compute the second. Only a gradient check tells.",
            look="Which cell's derivation did you follow, and where has its reset gate its place?",
            right="dr = da_n * (W_hn h_prev + b_hn),   dW_hn = (r * da_n) h_prev^T",
            wrong="dr = (W_hn^T da_n) * h_prev,   dW_hn = da_n (r * h_prev)^T",
        ),
        form(BACKS, _BEFORE),
        form(BACKS, ("dr_t = da_n * h_n", "dr_t = (da_n @ W_hn) * h_prev"), variant="in r alone"),
    ),
    more("reset-before", form(BACKS, ("if not reset_after", "if True"), (RESET, "h_n"), _BEFORE)),
    more(
        "update-inverted",
        form(BACKS, (DN, "dh_t * z_t"), (DZ, "dh_t * (n_t - h_prev)"), (STRAIGHT, "dh_t * (1 - z_t) + da_r")),
    ),
)  # fmt: skip


def _in_order(order: str, *, read: bool) -> Form:
    """Return the gradients of the weights with their gates in another order, and the weights ``read`` in it as well."""
    x, h = (", ".join({"n": last}.get(gate, f"da_{gate}") for gate in order) for last in ("da_n", "da_hn"))
    products = ", ".join({"n": "da_hn.T @ seen"}.get(gate, f"da_{gate}.T @ h_prev") for gate in order)
    edits = [(DW_HH, f"[{products}]")]
    if not read:
        parts = (("da_x.T @ x_t", x, ".T @ x_t"), ("da_x.sum(0)", x, ".sum(0)"), ("da_h.sum(0)", h, ".sum(0)"))
        edits += [(old, f"np.concatenate([{gates}], -1){rest}") for old, gates, rest in parts]
        return form(BACKS, *edits, variant=" ".join(order))
    names = [(f"{a}_r, {a}_z, {a}_n =", f"{', '.join(f'{a}_{gate}' for gate in order)} =") for a in ("x", "h")]
    where = order.index("n")
    own = [(BLOCKS, f"{', '.join(f'W_h{gate}' for gate in order)} = np.split(W_hh, 3)")]
    own += [(one, one.replace("[2]", f"[{where}]")) for one in (f"{W_HN}.T", B_HN)]
    own += [(DA_X, f"[{x}], -1"), ("[da_r, da_z, da_hn], -1", f"[{h}], -1")]
    return form(BACKS, *names, *own, *edits, variant=" ".join(order))


ORDERS = ("zrn", "rnz", "znr", "nrz", "nzr")
ORDER = (
    more("gate-order", *(_in_order(order, read=True) for order in ORDERS)),
    mistake(
        "gate-gradients-reordered",
        Words(
            found="the gates' gradients are stacked in another order than the weights they are for",
            matters="All blocks have the same size, so the update runs, and each gate learns what belongs to another. "
            "The gradients of inputs and states are right.",
            look="In which order do you join the three gates' gradients, and in which order are W_xh's rows?",
            right="dW_xh = [dW_xr; dW_xz; dW_xn]",
            wrong="dW_xh = [dW_xz; dW_xr; dW_xn]",
        ),
        *(_in_order(order, read=False) for order in ORDERS),
    ),
)

ENTRIES: tuple[Entry, ...] = PATHS + CELLS + ORDER
