"""Problems of gated cells: every axis of another size, no state and no bias zero, and all their functions by cell."""

from collections.abc import Callable
from functools import partial, wraps
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
P = 2  # what is shown of H where it is projected


class Gated(NamedTuple):
    """A cell: how many gates, the names of its states and biases, and its four functions."""

    gates: int
    states: tuple[str, ...]
    biases: tuple[str, ...]
    step: Callable[..., Any]
    step_back: Callable[..., Any]
    run: Callable[..., Any]
    run_back: Callable[..., Any]
    shown: int = H  # how many numbers the first state has

    def arrays(self, batch: int | None = B, dtype: str = "float64", seed: int = 0) -> dict[str, Any]:
        """Draw inputs, states before the first step and weights."""
        rng, lead = np.random.default_rng(seed), () if batch is None else (batch,)
        floats = {"X_seq": rng.normal(size=(T, *lead, D))}
        floats |= {f"{name}0": rng.normal(size=(*lead, H if name == "c" else self.shown)) for name in self.states}
        weights = {"W_xh": (self.gates * H, D), "W_hh": (self.gates * H, self.shown)}
        floats |= {name: rng.normal(size=shape) / 2 for name, shape in weights.items()}
        floats |= {name: rng.normal(size=self.gates * H) for name in self.biases}
        floats |= {"W_hr": rng.normal(size=(P, H))} if self.shown == P else {}
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


def projected(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes W_hr behind the other weights, or by its name."""

    @wraps(function)
    def called(*arrays: Any, **named: Any) -> Any:
        behind = {} if "W_hr" in named else {"W_hr": arrays[-1]}
        return function(*(arrays[:-1] if behind else arrays), **behind, **named)

    return called


PROJECTED = LSTM._replace(
    **{name: projected(getattr(LSTM, name)) for name in ("step", "step_back", "run", "run_back")}, shown=P
)
CELLS = {"gru": AFTER, "gru, reset before": BEFORE, "lstm": LSTM, "lstm, projected": PROJECTED}
RELU = {"activation": "relu"}
RUNS = {  # of any cell, the way forward and back, and how many gates, biases and states it has
    "rnn": (rnn_forward, rnn_backward, 1, ("b_h",), 1),
    "relu": (partial(rnn_forward, **RELU), partial(rnn_backward, **RELU), 1, ("b_h",), 1),
    "gru": (gru_forward, gru_backward, 3, ("b_xh", "b_hh"), 1),
    "lstm": (lstm_forward, lstm_backward, 4, ("b_h",), 2),
}
