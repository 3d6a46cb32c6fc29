"""The records of the tanh network: one step, unrolled over a sequence, the way back, and everything at once."""

from typing import Any

import numpy as np

from ...operation import SUITE, Cell, Family, Operation, Suite
from .sums_back import sums_back

WEIGHTS = "W_xh: H D, W_hh: H H, b_h: H"
STEP, SEQUENCE = f"x_t: [B] D, h_prev: [B] H, {WEIGHTS}", f"X_seq: T [B] D, h0: [B] H, {WEIGHTS}"
TERMS = {"W_hh": "the recurrent term", "W_xh": "the input term", "b_h": "the bias"}


def step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> tuple[Any]:
    """h_t = tanh(W_xh x_t + W_hh h_prev + b_h)."""
    return ((x_t.dot(W_xh) + h_prev.dot(W_hh) + b_h).tanh(),)


def step_of_relu(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> tuple[Any]:
    """The same with max(0, ·) in the place of tanh."""
    return ((x_t.dot(W_xh) + h_prev.dot(W_hh) + b_h).relu(),)


TANH = Cell(step, ("h",), ("W_xh", "W_hh", "b_h"), slopes_from_state=True, inverse=np.arctanh)
RELU = TANH._replace(step=step_of_relu, inverse=None)
CELLS = {("activation", "relu"): RELU}
RNN = Family(
    "rnn",
    SUITE,
    __package__,
    (
        Operation("rnn_cell_step", STEP, "h_t: [B] H", TANH, CELLS, terms=TERMS),
        Operation(
            "rnn_forward",
            SEQUENCE,
            "h_states: T [B] H",
            TANH,
            CELLS,
            states="h_states",
            last_state="h_T",
            terms=TERMS | {"h0": "the initial state"},
        ),
        Operation(
            "rnn_cell_backward",
            f"dh_t: [B] H, h_t: [B] H, {STEP}",
            STEP,
            TANH,
            CELLS,
            twin="rnn_cell_step",
            terms={"W_hh": "the way back through W_hh", "h_prev": "h_prev", "h_t": "the slope of tanh"},
            sums=sums_back,
        ),
        Operation(
            "rnn_backward",
            f"dh_states: T [B] H, h_states: T [B] H, {SEQUENCE}",
            SEQUENCE,
            TANH,
            CELLS,
            twin="rnn_forward",
            from_the_end=True,
            sums=sums_back,
        ),
        Operation(
            "rnn_bptt",
            f"X_seq: T [B] D, targets_seq: T [B] classes, h0: [B] H, {WEIGHTS}, W_hy: V H, b_y: V",
            f"loss:, {SEQUENCE}, W_hy: V H, b_y: V, h_T: [B] H",
            cell_if=CELLS,  # of the recurrence in it
            packed=("grads", 1, 8),
            from_the_end=True,
            last_state="h_T",
            implied={"ignores": "ignore_index"},
            terms={
                "W_hh": "the recurrent term, or the way back through it",
                "W_hy": "the output layer's weights",
                "b_h": "the bias b_h",
                "b_y": "the bias b_y",
                "h0": "the initial state",
            },
        ),
    ),
    (Suite("relu-1", f"{__package__}.relu", option="activation"),),
)
