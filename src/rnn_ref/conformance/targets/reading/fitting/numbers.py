"""A network of one input and one unit, whose weights are numbers: ``tanh(w * x + u * h + b)``.

It is asked what has one input and one unit, without the axes of these. That it is one, its text tells: its weights are
multiplied, and nothing is summed over.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....operation import Outputs, Rank
from .. import axes as forms
from ..axes import Form
from ..calling.place import Place
from ..layouts import Layout
from ..reading import Reading
from ..syntax.expressions import name_of
from ..syntax.source import Source

ONES = {"D": 1, "H": 1}  # axes that numbers do without
PRODUCTS = {"dot", "matmul", "outer", "einsum", "inner", "tensordot", "mm", "mv", "bmm", "sum", "zip", "vdot", "linear"}


def as_numbers(source: Source, places: Sequence[Place]) -> list[Place] | None:
    """Return the places with the two weights in them, if they are numbers; None if they are not.

    They are multiplied with one thing each, in a text that sums over nothing: that of inputs is multiplied with these.
    """
    sums = source.calls() & PRODUCTS or any(isinstance(one.op, ast.MatMult) for one in source.nodes(ast.BinOp))
    if sums or any(one.kind not in {"argument", "global"} for one in places):
        return None
    known = {one.called: part for one in places for part in one.parts[:1] if part in {"W_xh", "W_hh"}}
    inputs = {one.called for one in places if one.parts[:1] == ("x",)}
    inputs |= {name_of(one.target) for one in source.nodes(ast.For) if name_of(one.iter) in inputs}
    own = {one.called for one in places if not {"x", "h", "states"} & {*one.parts[:1]}} - {
        name_of(one.value) for one in source.nodes(ast.Subscript)
    }
    times = [one for one in source.nodes(ast.BinOp) if isinstance(one.op, ast.Mult)]
    pairs = [pair for one in times for pair in ((one.left, one.right), (one.right, one.left))]
    found = {one.id: "W_xh" if name_of(other) in inputs else "W_hh"
             for one, other in pairs if isinstance(one, ast.Name) and one.id in own and name_of(other)}  # fmt: skip
    told = known if len(known) > 1 and known.keys() <= found.keys() else found
    if sorted(told.values()) != ["W_hh", "W_xh"]:
        return None
    return [one._replace(parts=(told[one.called],)) if one.called in told else one for one in places]


def without_ones(form: Sequence[str]) -> Form:
    """Return a form or axes without those of inputs and units, and without any that are 1 for these.

    >>> without_ones(("T", "B", "H")), without_ones(("H", "H'")), without_ones(("T", "n", "1"))
    (('T', 'B'), (), ('T',))
    """
    return tuple(one for one in form if one.rstrip("'") not in {*ONES, "n", "1"})


@dataclass(frozen=True)
class NumbersReading(Reading):
    """A reading of numbers: arguments are handed over, and answers taken, without the axes of inputs and units."""

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call the foreign function with the arguments of the specification; what it returned, as it is."""
        return super().raw(self._numbers(named, rank), rank, sizes)

    def answers(self, named: Mapping[str, Any], returned: Any, rank: Rank, sizes: Mapping[str, int]) -> Outputs:
        """Take the outputs out of what came back."""
        found = super().answers(self._numbers(named, rank), returned, rank, sizes)
        for name, value in found.items():
            if np.ndim(value) == len(self._axes(name, rank)):
                found[name] = np.reshape(value, [sizes[one] for one in map(_letter, super()._axes(name, rank))])
        return found

    def _numbers(self, named: Mapping[str, Any], rank: Rank) -> dict[str, Any]:
        found = {}
        for name, value in named.items():
            axes, array = super()._axes(name, rank), np.asarray(value)
            kept = array.ndim == len(axes)
            found[name] = (
                array.reshape([n for n, one in zip(array.shape, axes, strict=True) if _letter(one) not in ONES])
                if kept
                else array
            )
        return found

    def _axes(self, name: str, rank: Rank) -> tuple[str, ...]:
        return without_ones(super()._axes(name, rank))

    def _axes_of_state(self, rank: Rank) -> tuple[str, ...]:
        return without_ones(super()._axes_of_state(rank))

    def _lying(self, name: str, part: str, named: Mapping[str, Any], layout: Layout) -> Any:
        whole = super()._axes(name, layout.rank)
        form = self.up.get(layout.rank, ()) if part == "up" else ()
        form = form or (self._states_form(layout) if part == "states" else layout.form(whole, part))
        lying = forms.there(np.asarray(named[name]), self._axes(name, layout.rank), without_ones(form))
        return lying[()] if np.ndim(lying) == 0 else lying

    def _layer(self, part: str, layout: Layout, sizes: Mapping[str, int], dtype: str) -> Any:
        """Return an output layer that is a number too, which is 1 where it is the identity."""
        made = super()._layer(part, layout, sizes, dtype)
        return np.reshape(made, ())[()] if self.identity and np.size(made) == 1 else made


def _letter(axis: str) -> str:
    return axis.rstrip("'")
