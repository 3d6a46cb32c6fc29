"""The gates of a cell, which its functions keep to themselves: what they are due to be, and what a function made them.

A function returns its states alone. Its gates are read off its own variables at the moment when it returns, if they
bear the names that gates have on paper: ``r``, ``z`` and ``n``, or ``i``, ``f``, ``g`` and ``o``; ``r_t`` does as well.
"""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from ..conformance.numbers.bounded import bounded, tiny
from ..conformance.numbers.through import rows, step
from ..conformance.numbers.twice import Twice
from ..conformance.operation import Cell


def _gru(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any) -> tuple[Any, ...]:
    """r and z are σ of a sum, n = tanh(W_xn x_t + b_xn + r (W_hn h_prev + b_hn))."""
    x_r, x_z, x_n = (x_t.dot(W_xh) + b_xh).blocks(3)
    h_r, h_z, h_n = (h_prev.dot(W_hh) + b_hh).blocks(3)
    r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
    return r, z, (x_n + r * h_n).tanh()


def _lstm(x_t: Any, h_prev: Any, c_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> tuple[Any, ...]:
    """i, f and o are σ of a sum, g is tanh of one; the memory before is not looked at."""
    i, f, g, o = (x_t.dot(W_xh) + h_prev.dot(W_hh) + b_h).blocks(4)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


class Gated(NamedTuple):
    """A cell: what it is called, its gates, and which of them is on the straight path, if there is one."""

    title: str
    gates: tuple[str, ...] = ()
    keeps: str = ""
    equation: Cell | None = None  # of the gates


CELLS = {  # as the names of their functions begin
    "rnn": Gated("tanh network"),
    "gru": Gated("GRU", ("r", "z", "n"), "z", Cell(_gru, ("h",), ("W_xh", "W_hh", "b_xh", "b_hh"))),
    "lstm": Gated("LSTM", ("i", "f", "g", "o"), "f", Cell(_lstm, ("h", "c"), ("W_xh", "W_hh", "b_h"))),
}


class Gate(NamedTuple):
    """A gate at one step: the nearest number to what is due, and how far a right program may be off it."""

    due: Array
    allowed: Array


def due(cell: str, x_t: Array, before: list[Array], weights: Mapping[str, Array]) -> dict[str, Gate]:
    """Return every gate of one step by name, from the states before it."""
    (_, names, _, equation), dtype = CELLS[cell], str(x_t.dtype)
    if equation is None:
        return {}
    kind = bounded(dtype)
    exact = step(equation, Twice, Twice.lift(rows(x_t)), [Twice.lift(rows(one)) for one in before], weights)
    may = step(equation, kind, kind.lift(rows(x_t)), [kind.stored(rows(one)) for one in before], weights)
    shape = before[0].shape
    return {
        name: Gate(one.nearest.reshape(shape), (off.error() + tiny(dtype)).reshape(shape))
        for name, one, off in zip(names, exact, may, strict=True)
    }


@contextlib.contextmanager
def noted(function: Callable[..., Any], cell: str, shape: tuple[int, ...]) -> Iterator[dict[str, Array]]:
    """Note the gates of a call of the function within; what is noted stays empty unless it has all of them."""
    names, kept = CELLS[cell].gates if cell in CELLS else (), dict[str, Array]()
    code, before = getattr(inspect.unwrap(function), "__code__", None), sys.getprofile()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            own = frame.f_locals
            found = {name: own.get(name, own.get(f"{name}_t")) for name in names}
            if all(isinstance(one, np.ndarray) and one.shape == shape for one in found.values()):
                kept.update({name: np.array(one) for name, one in found.items()})

    if names:
        sys.setprofile(note)
    try:
        yield kept
    finally:
        sys.setprofile(before)
