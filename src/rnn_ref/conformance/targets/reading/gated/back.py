"""The way back of a cell with gates, of a function that is given what its own way forward has kept: ``f(dh, cache)``.

Its gradients bear the names of what its way forward takes, with a d in front; each lies as that does.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS, reordered
from ....operation import Operation, Outputs, Rank
from ....spec.claims import NO_UPSTREAM
from .. import axes as forms
from ..calling.place import Place
from ..calling.way import Way, shown
from ..leaves import Path, as_numbers, at, told
from ..reading import RankNotReadError, rank_and_sizes
from ..tensors import converter
from .reading import GatedReading, axes_of, drawn_for


@dataclass(frozen=True)
class GatedBack:
    """How a foreign function is read as the way back of one that is read already."""

    operation: Operation
    way: Way
    forward: GatedReading
    ups: Mapping[Place, int]  # which of the gradients from above
    relayed: Mapping[Place, Path]
    found: Mapping[str, Path]  # by what it is the gradient of, under the names of the way forward
    unnamed: Sequence[str] = ()  # those that could be told apart by nothing but place and value

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call its way forward, and then itself; what it returned, as it is."""
        first = self.forward.raw({name: named[name] for name in self.forward.own}, rank, sizes)
        convert, names = converter(self.forward.kind), list(self.operation.arguments)
        values = {place: at(first, path) for place, path in self.relayed.items()}
        for place, number in self.ups.items():
            axes = axes_of(self.operation, names[number], rank)
            values[place] = convert(forms.there(named[names[number]], axes, self._form(axes, rank)))
        in_order = {place: values[place] for place in self.way.places if place in values}
        return self.way.call(in_order, {**sizes, "vocabulary": sizes["D"]})

    def _form(self, axes: Sequence[str], rank: Rank) -> forms.Form:
        """Return how gradients from above lie: as the states do."""
        taken = self.forward.outputs[rank].get(self.forward.operation.states)
        own = taken.form if taken and taken.form and not {"T+", "TB"} & {*taken.form} else None
        return own or self.forward.layouts[rank].form(axes, "x" if axes[0] == "T" else "h")

    def answers(self, returned: Any, rank: Rank, sizes: Mapping[str, int]) -> Outputs:
        """Take the gradients out of what came back, by the names of the arguments."""
        layout, outputs = self.forward.layouts[rank], list(self.operation.outputs)
        found = Outputs()
        for place, part in self.forward.others.items():
            if part in "xhc" and place.called in self.found:
                name = outputs["xhc".index(part)]
                axes = axes_of(self.operation, name, rank)
                form = layout.form(axes, "x" if part == "x" else "h")
                found[name] = forms.back(self._array(returned, place), axes, form, sizes)
        weights, names = self.forward.weights, outputs[1 + len(self.forward.operation.cell.states) :]  # type: ignore[union-attr]
        sides = [("H", "D"), ("H", "H'")] if weights.h else [("H", "HD")]
        matrices = [self._whole(returned, places, axes, rank, sizes) for places, axes in
                    zip((weights.x, weights.h), sides, strict=False)]  # fmt: skip
        if weights.joined and matrices[0] is not None:
            start = sizes["D" if weights.joined[0] == "x" else "H"]
            parts = matrices[0][:, :start], matrices[0][:, start:]
            matrices = list(parts if weights.joined[0] == "x" else parts[::-1])
        biases = [self._whole(returned, places, ("H",), rank, sizes) for places in weights.biases]
        biases = biases * 2 if len(biases) < len(names) - 2 and self.forward.options else biases
        known = zip(names, [*matrices, *biases], strict=False)
        return Outputs(found, **{name: array for name, array in known if array is not None})

    def _whole(
        self, returned: Any, places: Sequence[Place], axes: Sequence[str], rank: Rank, sizes: Mapping[str, int]
    ) -> Array | None:
        """Return the gradient of all gates' rows, None if it is not there."""
        if not all(place.called in self.found for place in places):
            return None
        form = self.forward.layouts[rank].form(axes, "W_" if len(axes) > 1 else "b_")
        rows = np.concatenate([forms.back(self._array(returned, one), axes, form, sizes) for one in places])
        here = GATED_KINDS[self.forward.gates].here
        rows = reordered(rows, self.forward.order, here) if self.forward.order else rows
        if self.forward.negated:
            signs = np.repeat([-1 if gate == self.forward.negated else 1 for gate in here], len(rows) // len(here))
            rows = (rows.T * signs.astype(rows.dtype)).T
        return rows

    def _array(self, returned: Any, place: Place) -> Array:
        array = as_numbers(at(returned, self.found[place.called]))
        if array is None:
            raise TypeError(f"the gradient of {place.called} is no array")
        return array

    @property
    def claims(self) -> tuple[str, ...]:
        """What it leaves out, in words that the plan understands."""
        count = len(self.operation.cell.states)  # type: ignore[union-attr]
        found = [*self.forward.claims, *([NO_UPSTREAM] if len(self.ups) < count else [])]
        have = set(self._probed())
        return (*found, *(f"no d{name}" for name in self.operation.outputs if name not in have))

    def _probed(self) -> Iterator[str]:
        """Yield the outputs that it has."""
        rank = next(iter(self.forward.layouts))
        named, sizes = drawn_for(self.operation, rank, self.forward.precision)
        yield from self.answers(self.raw(named, rank, sizes), rank, sizes)

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the specification's arguments and returns its gradients by name."""
        names = list(self.operation.arguments)

        def candidate(*arguments: Any, **_: Any) -> Outputs:
            named = dict(zip(names, arguments, strict=True))
            named = {name: np.asarray(one) for name, one in named.items()}
            rank, sizes = rank_and_sizes(self.operation, named)
            if rank not in self.forward.layouts:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.forward.layouts)} only")
            return self.answers(self.raw(named, rank, sizes), rank, sizes)

        candidate.__name__ = self.operation.name
        kinds = inspect.Parameter
        parameters = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names]
        parameters += [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in self.forward.options.items()]
        candidate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        by_place = ", ".join(f"{name} {told(self.found[name])}" for name in self.unnamed)
        after = f"after {self.forward.way.name}, its gradients by name{'; by place: ' * bool(by_place)}{by_place}"
        candidate.__reading__ = f"{shown(self.way.function, self.way.name)}: {after}"  # type: ignore[attr-defined]
        candidate.__claims__ = self.claims  # type: ignore[attr-defined]
        return candidate
