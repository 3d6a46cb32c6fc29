"""Problems of gated cells: every axis of another size, no state and no bias zero, and all their functions by cell."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from rnn_ref import (
    gru_backward,
    gru_cell_backward,
    gru_cell_step,
    gru_forward,
    lstm_backward,
    lstm_cell_backward,
    lstm_cell_step,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)

T, B, D, H = 6, 3, 4, 5


class Gated(NamedTuple):
    """A cell: how many gates, the names of its states and biases, and its four functions."""

    gates: int
    states: tuple[str, ...]
    biases: tuple[str, ...]
    step: Callable[..., Any]
    step_back: Callable[..., Any]
    run: Callable[..., Any]
    run_back: Callable[..., Any]

    def arrays(self, batch: int | None = B, dtype: str = "float64", seed: int = 0) -> dict[str, Any]:
        """Draw inputs, states before the first step and weights."""
        rng, lead = np.random.default_rng(seed), () if batch is None else (batch,)
        floats = {"X_seq": rng.normal(size=(T, *lead, D))}
        floats |= {f"{name}0": rng.normal(size=(*lead, H)) for name in self.states}
        floats |= {"W_xh": rng.normal(size=(self.gates * H, D)) / 2, "W_hh": rng.normal(size=(self.gates * H, H)) / 2}
        floats |= {name: rng.normal(size=self.gates * H) for name in self.biases}
        return {name: array.astype(dtype) for name, array in floats.items()}

    def ran(self, arguments: dict[str, Any]) -> list[Any]:
        """Return the states (T, …, H) of each kind."""
        found = self.run(**arguments)
        return [np.stack(one) for one in (found if isinstance(found, tuple) else (found,))]


AFTER = Gated(3, ("h",), ("b_xh", "b_hh"), gru_cell_step, gru_cell_backward, gru_forward, gru_backward)
BEFORE = AFTER._replace(
    **{name: partial(getattr(AFTER, name), reset_after=False) for name in ("step", "step_back", "run", "run_back")}
)
LSTM = Gated(4, ("h", "c"), ("b_h",), lstm_cell_step, lstm_cell_backward, lstm_forward, lstm_backward)
CELLS = {"gru": AFTER, "gru, reset before": BEFORE, "lstm": LSTM}
RELU = {"activation": "relu"}
RUNS = {  # of any cell, the way forward and back, and how many gates, biases and states it has
    "rnn": (rnn_forward, rnn_backward, 1, ("b_h",), 1),
    "relu": (partial(rnn_forward, **RELU), partial(rnn_backward, **RELU), 1, ("b_h",), 1),
    "gru": (gru_forward, gru_backward, 3, ("b_xh", "b_hh"), 1),
    "lstm": (lstm_forward, lstm_backward, 4, ("b_h",), 2),
}
