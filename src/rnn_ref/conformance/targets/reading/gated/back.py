"""The way back of a cell with gates, of a function that is given what its own way forward has kept: ``f(dh, cache)``.

Its gradients bear the names of what its way forward takes, with a d in front; each lies as that does.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS
from ....operation import Operation, Outputs, Rank
from ....spec.claims import LAST_OUTPUT, NO_UPSTREAM
from .. import axes as forms
from ..calling.place import Place
from ..calling.way import shown
from ..leaves import Path, as_numbers, at, told
from ..reading import RankNotReadError, rank_and_sizes
from ..tensors import converter
from .reading import GatedReading, axes_of, drawn_for
from .ways import GatedWay


@dataclass(frozen=True)
class GatedBack:
    """How a foreign function is read as the way back of one that is read already."""

    operation: Operation
    way: GatedWay
    forward: GatedReading
    ups: Mapping[str, int]  # which of the gradients from above, by argument
    relayed: Mapping[str, Path]  # what its way forward returned, by argument
    same: Mapping[str, str]  # what its way forward was given, by argument
    found: Mapping[str, Path]  # by what it is the gradient of, under the names of the way forward
    unnamed: Sequence[str] = ()  # those that could be told apart by nothing but place and value

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call its way forward, and then itself; what it returned, and the gradients that are kept elsewhere."""
        first = self.forward.raw({name: named[name] for name in self.forward.own}, rank, sizes)
        convert, names = converter(self.forward.kind), list(self.operation.arguments)
        handed, self.way.outside = self.forward.way.handed, self.forward.way.outside
        arguments = {name: handed[other] for name, other in self.same.items()}
        arguments |= {name: at(first, path) for name, path in self.relayed.items()}
        for name, number in self.ups.items():
            axes, above = axes_of(self.operation, names[number], rank), named[names[number]]
            if self.last:
                axes, above = axes[1:], above[-1]
            arguments[name] = convert(forms.there(above, axes, self._form(axes, rank)))
        return self.way.goes_back(arguments, {**sizes, "vocabulary": sizes["D"]})

    @property
    def last(self) -> bool:
        """Whether what comes from above reaches the last step alone, for its way forward shows no other."""
        return bool(self.forward.operation.states) and not self.forward.shows_all

    def _form(self, axes: Sequence[str], rank: Rank) -> forms.Form:
        """Return how gradients from above lie: as the states do."""
        shown = next(iter(self.forward.outputs[rank])) if self.last else self.forward.operation.states
        taken = self.forward.outputs[rank].get(shown)
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
        names = outputs[1 + len(self.forward.operation.cell.states) :]  # type: ignore[union-attr]
        blocks: dict[tuple[str, str], Array] = {}
        odd: dict[str, Array] = {}
        for slot in self.forward.weights.slots:
            if slot.place.called in self.found:
                axes = slot.lies(layout, self.forward.separate)
                array = self._array(returned, slot.place)
                try:
                    blocks |= slot.taken(array, self.forward.letters, axes, sizes)
                except ValueError:  # of another shape: it is handed on as it is
                    odd |= dict.fromkeys(slot.rows if not slot.is_bias else ["bx", "bh", "b"], array)
        if ("n", "bh") in blocks and ("n", "bx") in blocks:  # gates with one bias have the same gradient in both
            for gate, part in [key for key in blocks if key[1] == "b"]:
                blocks |= {(gate, "bx"): blocks[gate, part], (gate, "bh"): blocks[gate, part]}
        rows = {part: self._rows(blocks, part) for part in ("x", "h", "b", "bx", "bh")} | odd
        if len(names) == 3:
            biases = [rows["b"] if rows["bx"] is None else rows["bx"]]
        elif rows["b"] is not None:
            biases = [rows["b"]] * (2 if self.forward.options else 1)
        else:
            biases = [rows["bx"], rows["bh"]]
        known = zip(names, [rows["x"], rows["h"], *biases], strict=False)
        return Outputs(found, **{name: array for name, array in known if array is not None})

    def _rows(self, blocks: Mapping[tuple[str, str], Array], part: str) -> Array | None:
        """Return the gradient of all gates' rows, None if that of one is not there."""
        here = GATED_KINDS[self.forward.gates].here
        if not all((gate, part) in blocks for gate in here):
            return None
        return np.concatenate(
            [-blocks[gate, part] if gate == self.forward.negated else blocks[gate, part] for gate in here]
        )

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
        found += [LAST_OUTPUT] if self.last else []
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
