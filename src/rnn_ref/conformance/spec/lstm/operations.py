"""The records of the LSTM: its equation, a step and unrolled, forward and back. Of its two states it shows one."""

from typing import Any

from ...operation import Cell, Family, Operation
from .lines import lines

WEIGHTS = "W_xh: 4H D, W_hh: 4H H, b_h: 4H"
STEP = f"x_t: [B] D, h_prev: [B] H, c_prev: [B] H, {WEIGHTS}"
SEQUENCE = f"X_seq: T [B] D, h0: [B] H, c0: [B] H, {WEIGHTS}"
TERMS = {"W_hh": "the recurrent terms of the gates", "W_xh": "the input terms of the gates", "b_h": "the biases"}


def step(x_t: Any, h_prev: Any, c_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> tuple[Any, Any]:
    """c_t = f c_prev + i g, h_t = o tanh(c_t)."""
    i, f, g, o = (x_t.dot(W_xh) + h_prev.dot(W_hh) + b_h).blocks(4)
    c_t = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
    return o.sigmoid() * c_t.tanh(), c_t


CELL = Cell(step, ("h", "c"), ("W_xh", "W_hh", "b_h"))
LSTM = Family(
    "lstm",
    "lstm-1",
    __package__,
    (
        Operation(
            "lstm_cell_step",
            STEP,
            "h_t: [B] H, c_t: [B] H",
            CELL,
            terms=TERMS | {"c_prev": "the memory before"},
            lines=lines,
        ),
        Operation(
            "lstm_forward",
            SEQUENCE,
            "h_states: T [B] H, c_states: T [B] H",
            CELL,
            states="h_states",
            last_state="h_T",
            kept={"c_states": "c_T"},
            terms=TERMS | {"h0": "the initial state", "c0": "the initial memory"},
            lines=lines,
        ),
        Operation(
            "lstm_cell_backward",
            f"dh_t: [B] H, dc_t: [B] H, {STEP}",
            STEP,
            CELL,
            twin="lstm_cell_step",
            terms=TERMS | {"c_prev": "the memory before", "dc_t": "what reaches the memory from later"},
        ),
        Operation(
            "lstm_backward",
            f"dh_states: T [B] H, dc_states: T [B] H, h_states: T [B] H, c_states: T [B] H, {SEQUENCE}",
            SEQUENCE,
            CELL,
            twin="lstm_forward",
            from_the_end=True,
            terms=TERMS | {"h0": "the initial state", "c0": "the initial memory", "dc_states": "what reaches c_t"},
        ),
    ),
)
