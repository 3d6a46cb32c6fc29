"""The records of the GRU: its equation with the reset gate behind the product and before it, forward and back."""

from typing import Any

from ...operation import Cell, Family, Operation
from .lines import lines

WEIGHTS = "W_xh: 3H D, W_hh: 3H H, b_xh: 3H, b_hh: 3H"
STEP, SEQUENCE = f"x_t: [B] D, h_prev: [B] H, {WEIGHTS}", f"X_seq: T [B] D, h0: [B] H, {WEIGHTS}"
TERMS = {
    "W_hh": "the recurrent terms of the gates",
    "W_xh": "the input terms of the gates",
    "b_xh": "the bias b_xh",
    "b_hh": "the bias b_hh",
}


def step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any) -> tuple[Any]:
    """h_t = (1 − z) n + z h_prev, n = tanh(W_xn x_t + b_xn + r (W_hn h_prev + b_hn))."""
    x_r, x_z, x_n = (x_t.dot(W_xh) + b_xh).blocks(3)
    h_r, h_z, h_n = (h_prev.dot(W_hh) + b_hh).blocks(3)
    r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
    n = (x_n + r * h_n).tanh()
    return (n + z * (h_prev - n),)


def step_before(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any) -> tuple[Any]:
    """The same with n = tanh(W_xn x_t + b_xn + W_hn (r h_prev) + b_hn)."""
    x_r, x_z, x_n = (x_t.dot(W_xh) + b_xh).blocks(3)
    (W_hr, W_hz, W_hn), (b_hr, b_hz, b_hn) = W_hh.rows(3), b_hh.rows(3)
    r, z = (x_r + h_prev.dot(W_hr) + b_hr).sigmoid(), (x_z + h_prev.dot(W_hz) + b_hz).sigmoid()
    n = (x_n + (r * h_prev).dot(W_hn) + b_hn).tanh()
    return (n + z * (h_prev - n),)


AFTER = Cell(step, ("h",), ("W_xh", "W_hh", "b_xh", "b_hh"))
CELLS = {("reset_after", False): AFTER._replace(step=step_before)}
GRU = Family(
    "gru",
    "gru-1",
    __package__,
    (
        Operation("gru_cell_step", STEP, "h_t: [B] H", AFTER, CELLS, terms=TERMS, lines=lines),
        Operation(
            "gru_forward",
            SEQUENCE,
            "h_states: T [B] H",
            AFTER,
            CELLS,
            states="h_states",
            last_state="h_T",
            terms=TERMS | {"h0": "the initial state"},
            lines=lines,
        ),
        Operation(
            "gru_cell_backward",
            f"dh_t: [B] H, {STEP}",
            STEP,
            AFTER,
            CELLS,
            twin="gru_cell_step",
            terms=TERMS | {"h_prev": "h_prev"},
        ),
        Operation(
            "gru_backward",
            f"dh_states: T [B] H, h_states: T [B] H, {SEQUENCE}",
            SEQUENCE,
            AFTER,
            CELLS,
            twin="gru_forward",
            from_the_end=True,
            terms=TERMS | {"h0": "the initial state"},
        ),
    ),
)
