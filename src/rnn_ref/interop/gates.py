"""What a layer's weights are called here, and the order of its gates here and in every framework: one table for all.

A gate is a block of rows. PyTorch's order is the one here; Keras calls the g of an LSTM c, and the n of a GRU h.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._shapes import GATED, PROJECTED, RECURRENT, Array, check
from .._shapes import LSTM as FOUR_GATES


class Kind(NamedTuple):
    """A layer by its weights: their names, their axes, and in which order its gates lie."""

    names: tuple[str, ...]
    layout: str
    here: str = "h"
    keras: str = "h"
    onnx: str = "h"
    others: tuple[str, ...] = ()  # orders in which some framework or course keeps them


TANH = Kind(("W_xh", "W_hh", "b_h"), RECURRENT)
GRU = Kind(("W_xh", "W_hh", "b_xh", "b_hh"), GATED, here="rzn", keras="zrn", onnx="zrn", others=("zrn",))
LSTM = Kind(("W_xh", "W_hh", "b_h"), FOUR_GATES, here="ifgo", keras="ifgo", onnx="iofg",
            others=("ifog", "iofg", "figo", "igfo"))  # fmt: skip
PROJECTED_LSTM = Kind(("W_xh", "W_hh", "b_h", "W_hr"), PROJECTED, here="ifgo")  # PyTorch's alone
GATED_KINDS = {len(kind.here): kind for kind in (GRU, LSTM)}  # by how many gates there are
LINEAR = Kind(("W_hy", "b_y"), "W_hy: V H, b_y: V")


def reordered(rows: Array, given: str, due: str) -> Array:
    """Return the blocks of rows in another order of gates, copied.

    >>> reordered(np.array([1, 2, 3, 4]), LSTM.here, LSTM.onnx).tolist()
    [1, 4, 2, 3]
    """
    blocks = dict(zip(given, np.split(rows, len(given)), strict=True))
    return np.concatenate([blocks[gate] for gate in due])


class Entry(NamedTuple):
    """The weights of one layer and direction, and how an error calls them: ``weights``, or ``weights[1]``."""

    name: str
    weights: Mapping[str, Array]

    def called(self, weight: str) -> str:
        """Return how an error calls one of the weights."""
        return weight if self.name == "weights" else f'{self.name}["{weight}"]'

    def fitting(self, function: str, kind: Kind, owner: str = "") -> dict[str, Array]:
        """Return the weights that a kind of layer uses, in order, or raise the error that says what does not fit."""
        if "W_hr" in self.weights and kind is not LINEAR and "W_hr" not in kind.names:
            told = f"has W_hr, expected {', '.join(kind.names)}"
            raise ValueError(f"{function}: {self.name} {told}; {owner or 'a node'} has no projection")
        missing = [name for name in kind.names if name not in self.weights]
        if missing:
            used = f"; {owner} uses them" if owner else ""
            raise ValueError(f"{function}: {self.name} has {sorted(self.weights)}, expected also {missing}{used}")
        axes = dict(entry.strip().split(": ") for entry in kind.layout.split(","))
        layout = ", ".join(f"{self.called(name)}: {axes[name]}" for name in axes)
        check(function, layout, **{self.called(name): self.weights[name] for name in axes})
        return {name: self.weights[name] for name in kind.names}


def entries(function: str, weights: Any, numbers: tuple[int, ...], owner: str) -> list[Entry]:
    """Return one entry for each layer and direction: of a dict, or of a list with one of the expected numbers of dicts.

    >>> entries("to_torch", {"b_h": np.zeros(2)}, (2,), "RNN has two layers")
    Traceback (most recent call last):
        ...
    TypeError: to_torch: weights is of type dict, expected a list of 2 dicts; RNN has two layers
    """
    one, several = "a dict of arrays by name", f"a list of {' or '.join(map(str, numbers))} dicts"
    expected = several if 1 not in numbers else one if numbers == (1,) else f"{one}, or {several}"
    if not isinstance(weights, list | tuple | Mapping) or (isinstance(weights, Mapping) and 1 not in numbers):
        raise TypeError(f"{function}: weights is of type {type(weights).__name__}, expected {expected}; {owner}")
    if isinstance(weights, Mapping):
        return [Entry("weights", weights)]
    if len(weights) not in numbers:
        raise ValueError(f"{function}: weights has {len(weights)} entries, expected {expected}; {owner}")
    for k, entry in enumerate(weights):
        if not isinstance(entry, Mapping):
            raise TypeError(f"{function}: weights[{k}] is of type {type(entry).__name__}, expected {one}")
    return [Entry(f"weights[{k}]", entry) for k, entry in enumerate(weights)]
