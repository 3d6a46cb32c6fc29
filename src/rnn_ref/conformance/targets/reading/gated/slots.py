"""A slot: the place of one array of weights, and what lies in it along which axis.

An array holds the blocks of some gates, for what they multiply: the input (x), the state (h), and 1, the bias. With
the axes ``S`` for the two biases of a gate, ``G`` for gates, ``H`` for units and ``I`` for what is multiplied, ``("GH",
"I")`` are the gates one below the other, ``("I", "G", "H")`` a matrix for each gate, side by side.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ....._shapes import Array
from ..calling.place import Place
from ..layouts import Layout

Blocks = Mapping[tuple[str, str], Array]  # by gate, and by x, h, or the bias bx or bh or b
MATRICES = (("GH", "I"), ("I", "GH"), ("G", "H", "I"), ("G", "I", "H"), ("I", "G", "H"))
VECTORS = (("GH",), ("GH", "1"), ("1", "GH"), ("G", "H"), ("G", "H", "1"), ("G", "1", "H"))
DOUBLE = (("S", "GH"), ("S", "G", "H"), ("GH", "S"))
LEFT = {("GH", "I"): True, ("G", "H", "I"): True, ("I", "GH"): False, ("G", "I", "H"): False, ("I", "G", "H"): False}
ROWS = ("x", "h", "xh", "x1", "h1", "xh1")


class Slot(NamedTuple):
    """Where an array goes, and what is in it."""

    place: Place
    rows: str  # of x, h and 1, in their order; 1 alone is a bias
    letters: str = ""  # of its gates; empty where only values tell them
    start: int = 0  # of its gates, among those of which only values tell
    many: int = 1  # gates
    axes: tuple[str, ...] = ()  # as its shape has them; empty where it lies as the layout has it
    side: str = (
        ""  # of a bias: x or h, both, all that there is; or, but for that of the new state inside the reset, rest
    )

    @property
    def is_bias(self) -> bool:
        """Whether there is nothing in it but a bias."""
        return self.rows == "1"

    def gates(self, order: str) -> str:
        """Return its gates, of which some are known by their order alone."""
        return self.letters or order[self.start : self.start + self.many]

    def lies(self, layout: Layout, separate: str = "") -> tuple[str, ...]:
        """Return its axes; gates that stand in an axis of their own are in front, or in the middle."""
        if self.axes:
            return self.axes
        one = self.many == 1
        if self.is_bias:
            double = ("S",) if self.side == "both" else ()
            whole = (
                ("G", "H") if separate and not one else tuple("GH" if letter == "n" else "1" for letter in layout.bias)
            )
            return (*double, *whole)
        if separate and not one:
            return ("I", "G", "H") if separate == "middle" else ("G", "H", "I") if layout.left else ("G", "I", "H")
        return ("GH", "I") if layout.left else ("I", "GH")

    def filled(self, blocks: Blocks, order: str, axes: Sequence[str]) -> Array:
        """Return the array with the blocks of its gates."""
        every = [self._of_gate(blocks, gate) for gate in self.gates(order)]
        whole = np.stack(every, 1 if self.side == "both" else 0)  # (S, G, H), (G, H) or (G, H, I)
        have = "SGH" if self.side == "both" else "GH" if self.is_bias else "GHI"
        letters = "".join(axes).replace("1", "")
        moved = whole.transpose([have.index(letter) for letter in letters])
        sizes = dict(zip(have, whole.shape, strict=True)) | {"1": 1}
        return moved.reshape([int(np.prod([sizes[letter] for letter in axis])) for axis in axes])

    def _of_gate(self, blocks: Blocks, gate: str) -> Array:
        if self.side == "both":
            return np.stack([blocks[gate, "bx"], blocks[gate, "bh"]])
        if self.is_bias:
            return blocks[gate, self._bias(gate)]
        return np.concatenate([_column(blocks[gate, "b" if row == "1" else row]) for row in self.rows], 1)

    def _bias(self, gate: str) -> str:
        if self.side == "rest":
            return "bx" if gate == "n" else "b"
        return f"b{self.side}"

    def taken(
        self, array: Array, order: str, axes: Sequence[str], sizes: Mapping[str, int]
    ) -> dict[tuple[str, str], Array]:
        """Return the blocks of its gates, of an array such as this one. Raises ValueError if it has another shape."""
        gates = self.gates(order)
        units = {"x": sizes["D"], "h": sizes["H"], "1": 1}
        each = {"S": 2, "G": len(gates), "H": sizes["H"], "I": sum(units[row] for row in self.rows), "1": 1}
        if list(array.shape) != [int(np.prod([each[letter] for letter in axis])) for axis in axes]:
            raise ValueError(f"{self.place.called} has another shape")
        letters = "".join(axes).replace("1", "")
        whole = array.reshape([each[letter] for letter in letters])
        have = "SGH" if self.side == "both" else "GH" if self.is_bias else "GHI"
        whole = whole.transpose([letters.index(letter) for letter in have])
        found: dict[tuple[str, str], Array] = {}
        for number, gate in enumerate(gates):
            if self.side == "both":
                found |= {(gate, "bx"): whole[0, number], (gate, "bh"): whole[1, number]}
            elif self.is_bias:
                found[gate, self._bias(gate)] = whole[number]
            else:
                ends = np.cumsum([units[row] for row in self.rows])
                parts = np.split(whole[number], ends[:-1], 1)
                found |= {(gate, "b" if row == "1" else row): part[:, 0] if row == "1" else part
                          for row, part in zip(self.rows, parts, strict=True)}  # fmt: skip
        return found


def _column(block: Array) -> Array:
    return block[:, None] if block.ndim == 1 else block


def of_shape(shape: Sequence[int], gates: int, D: int, H: int) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return what an array of a shape may be: what it multiplies, how many gates it holds, and its axes.

    >>> of_shape((13, 28), 4, D=5, H=7), of_shape((3, 5, 7), 3, D=5, H=7), of_shape((11,), 3, D=5, H=7)
    ([('xh1', 4, ('I', 'GH'))], [('x', 3, ('G', 'I', 'H'))], [])
    """
    units = {"x": D, "h": H, "1": 1}
    found: list[tuple[str, int, tuple[str, ...]]] = []
    for rows in (*ROWS, "1"):
        for axes in MATRICES if rows != "1" else (*VECTORS, *DOUBLE):
            for count in range(1, gates + 1):
                each = {"S": 2, "G": count, "H": H, "I": sum(units[row] for row in rows), "1": 1}
                if (count > 1 or "G" not in axes) and list(shape) == [
                    int(np.prod([each[letter] for letter in axis])) for axis in axes
                ]:
                    found.append((rows, count, axes))
    return found
