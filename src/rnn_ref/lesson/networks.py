"""A network that is drawn at random: a cell, its weights, and something for it to read."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from ..conformance.operation import Operation
from ..conformance.spec import OPERATIONS


class Network(NamedTuple):
    """A sequence, its targets, the states before the first step, and the weights."""

    cell: str  # as the names of its functions begin
    X_seq: Array
    targets_seq: Array
    states0: dict[str, Array]  # h0, and c0 of an LSTM
    weights: dict[str, Array]  # of the cell
    output: dict[str, Array]  # W_hy and b_y

    @property
    def states(self) -> tuple[str, ...]:
        """The letters of the states: h, and c of an LSTM."""
        return tuple(name.removesuffix("0") for name in self.states0)

    def named(self, stage: str) -> str:
        """Return the cell's function for a stage: ``cell_step``, ``forward``, ``cell_backward`` or ``backward``."""
        return f"{self.cell}_{stage}"

    def asked(self, stage: str, **known: Any) -> dict[str, Any]:
        """Return the arguments of that function in their order, out of what is known and the weights."""
        pool = {"X_seq": self.X_seq, **self.states0, **self.weights, **known}
        return {name: pool[name] for name in OPERATIONS[self.named(stage)].arguments}


def draw(seed: int, T: int, B: int | None, D: int, H: int, V: int, dtype: str, cell: str = "rnn") -> Network:
    """Draw a network whose states neither die nor saturate, and something for it to read."""
    rng = np.random.default_rng(seed)
    sizes = {"T": T, "D": D, "H": H, "3H": 3 * H, "4H": 4 * H, "V": V} | ({} if B is None else {"B": B})
    forward, layer = OPERATIONS[f"{cell}_forward"], OPERATIONS["rnn_output_layer"]

    def of(operation: Operation, scales: Mapping[str, float]) -> dict[str, Array]:
        axes = {name: value.axes for name, value in operation.arguments.items() if name in scales}
        shapes = {name: [sizes[axis] for axis in axes[name] if axis in sizes] for name in axes}
        return {name: (scales[name] * rng.standard_normal(shape)).astype(dtype) for name, shape in shapes.items()}

    states = [name for name in forward.arguments if name in {"h0", "c0"}]
    scales = {"X_seq": 1, **dict.fromkeys(states, 0.5), "W_xh": D**-0.5, "W_hh": H**-0.5}
    drawn = of(forward, scales | dict.fromkeys(("b_h", "b_xh", "b_hh"), 0.5))
    output = of(layer, {"W_hy": 2 * H**-0.5, "b_y": 0.5})
    X_seq, states0 = drawn.pop("X_seq"), {name: drawn.pop(name) for name in states}
    return Network(cell, X_seq, rng.integers(V, size=X_seq.shape[:-1]), states0, drawn, output)
