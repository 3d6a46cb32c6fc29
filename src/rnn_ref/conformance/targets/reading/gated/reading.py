"""A reading of a cell with gates: foreign code as a step or as the way through time, and what is called there."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS, reordered
from ....operation import ABSENT, Operation, Outputs, Rank
from ....spec.claims import FLOAT32, NO_BIAS, NO_MEMORY, NO_STATE, ONE_BIAS, ONLY, OPTION_ONLY
from .. import axes as forms
from ..calling.place import Place
from ..calling.way import Way, shown
from ..given import drawn, sizes_for
from ..layouts import Layout, told
from ..leaves import as_numbers, at
from ..leaves import told as place_told
from ..reading import RankNotReadError, Taken, halves, rank_and_sizes
from ..tensors import converter
from .weights import Weights

RANKS = {rank: claim for claim, rank in ONLY.items()}


@dataclass(frozen=True)
class GatedReading:
    """How a foreign function is read as one of a cell with gates."""

    operation: Operation
    way: Way
    weights: Weights
    others: Mapping[Place, str]  # x, h, c, and an output layer's weights
    kind: str  # of its arrays
    layouts: Mapping[Rank, Layout]
    outputs: Mapping[Rank, Mapping[str, Taken]]
    identity: bool = False  # whether the output layer is the identity, so that its outputs are the states
    order: str = ""  # of the gates in one matrix, if it is another
    negated: str = ""  # the gate that counts the other way round
    options: Mapping[str, Any] = field(default_factory=dict)  # of the function that it is
    precision: str = ""  # the only one that it takes, empty if it takes both

    @property
    def gates(self) -> int:
        """How many gates there are."""
        return gates_of(self.operation)

    @property
    def shows_all(self) -> bool:
        """Whether all that it shows is among its outputs, not the last state alone."""
        return all({self.operation.states or next(iter(one))} <= one.keys() for one in self.outputs.values())

    @property
    def own(self) -> list[str]:
        """The names of the input, the states and the weights."""
        return list(self.operation.arguments)

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call the foreign function with the arguments of the specification; what it returned, as it is."""
        convert = converter(self.kind)
        values = self.handed(named, rank, sizes)
        in_order = {place: convert(values[place]) for place in self.way.places if place in values}
        return self.way.call(in_order, {**sizes, "vocabulary": sizes["D"]})

    def handed(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int] | None = None) -> dict[Place, Any]:
        """Return what stands in every place, as NumPy's."""
        layout, sizes = self.layouts[rank], sizes or rank_and_sizes(self.operation, named)[1]
        values = {place: self._other(part, named, layout, sizes) for place, part in self.others.items()}
        return values | self._weights(named, layout)

    def _other(self, part: str, named: Mapping[str, Any], layout: Layout, sizes: Mapping[str, int]) -> Any:
        H, dtype = sizes["H"], str(named[self.own[-1]].dtype)
        V = H if self.identity else sizes.get("V", 11)
        if part == "W_hy":
            made = np.eye(H, dtype=dtype) if self.identity else np.full((V, H), 0.1, dtype)
            return forms.there(made, ("V", "H"), layout.form(("V", "H"), part))
        if part == "b_y":
            return forms.there(np.zeros(V, dtype), ("V",), layout.form(("V",), part))
        name = self.own["xhc".index(part)]
        axes = axes_of(self.operation, name, layout.rank)
        return forms.there(named[name], axes, layout.form(axes, "x" if part == "x" else "h"))

    def _weights(self, named: Mapping[str, Any], layout: Layout) -> dict[Place, Any]:
        """Return the weights and biases in their places."""
        names = self.own[1 + len(self.operation.cell.states) :]  # type: ignore[union-attr]
        W_xh, W_hh, *biases = (self._arranged(np.asarray(named[name])) for name in names)
        found: dict[Place, Any] = {}

        def put(places: Sequence[Place], whole: Array, axes: Sequence[str]) -> None:
            for place, block in zip(places, np.split(whole, len(places)), strict=True):
                form = layout.form(axes, "W_" if len(axes) > 1 else "b_")
                found[place] = forms.there(block, axes, form)

        if self.weights.h:
            put(self.weights.x, W_xh, ("H", "D"))
            put(self.weights.h, W_hh, ("H", "H'"))
        else:
            both = {"x": W_xh, "h": W_hh}
            put(self.weights.x, np.concatenate([both[side] for side in self.weights.joined], 1), ("H", "HD"))
        if self.weights.stacked is not None:
            found[self.weights.stacked] = np.stack(biases if len(biases) == 2 else halves(biases[0]))
        elif self.weights.biases:
            sides = biases if len(biases) == 2 else list(halves(biases[0]))
            if len(self.weights.biases) == 1:
                sides = [sides[0] + sides[1] if len(biases) == 2 else biases[0]]
            for places, one in zip(self.weights.biases, sides, strict=True):
                put(places, one, ("H",))
        return found

    def _arranged(self, rows: Array) -> Array:
        """Return the blocks of rows in the order of the foreign code, and with its signs."""
        here = GATED_KINDS[self.gates].here
        if self.negated:
            signs = np.repeat([-1 if gate == self.negated else 1 for gate in here], len(rows) // self.gates)
            rows = (rows.T * signs.astype(rows.dtype)).T
        return reordered(rows, here, self.order) if self.order else rows

    def answers(self, returned: Any, rank: Rank, sizes: Mapping[str, int], first: Array) -> Outputs:
        """Take the outputs out of what came back; ``first`` is the state before the first step."""
        found = Outputs()
        for output, taken in self.outputs[rank].items():
            array = as_numbers(at(returned, taken.path))
            if array is None or taken.form is None:
                found[output] = at(returned, taken.path)
                continue
            axes = axes_of(self.operation, output, rank)
            form = taken.form
            if "T+" in form and array.ndim == len(form):
                array = forms.without_first(np.moveaxis(array, form.index("T+"), 0), first)
                form = ("T", *(letter for letter in form if letter != "T+"))
            found[output] = forms.back(array, axes, form, sizes)
        return found

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the specification's arguments and returns its outputs by name."""
        names = self.own

        def candidate(*arguments: Any, **_: Any) -> Outputs:
            named = dict(zip(names, arguments, strict=True))
            rank, sizes = rank_and_sizes(self.operation, named)
            if rank not in self.layouts:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.layouts)} only")
            returned = self.raw(named, rank, sizes)
            return self.answers(returned, rank, sizes, np.asarray(named[names[1]]))

        candidate.__name__ = self.operation.name
        kinds = inspect.Parameter
        parameters = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names]
        parameters += [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in self.options.items()]
        candidate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        candidate.__reading__ = self.told  # type: ignore[attr-defined]
        candidate.__claims__ = self.claims  # type: ignore[attr-defined]
        return candidate

    @property
    def claims(self) -> tuple[str, ...]:
        """What it leaves out, in words that the plan understands."""
        have, found = set(self.others.values()), []
        states = "hc"[: len(self.operation.cell.states)]  # type: ignore[union-attr]
        found += [
            claim for state, claim in (("h", NO_STATE), ("c", NO_MEMORY)) if state in states and state not in have
        ]
        count = 2 if self.weights.stacked else len(self.weights.biases)
        found += [NO_BIAS] if not count else []
        two = sum(len(value.axes) == 1 and not value.optional for value in self.operation.arguments.values()) > 1
        found += [ONE_BIAS] if count == 1 and two and not self.options else []
        found += [OPTION_ONLY.format(*one) for one in self.options.items()]
        found += [RANKS[next(iter(self.layouts))]] if len(self.layouts) == 1 else []
        found += [FLOAT32] if self.precision else []
        return tuple(found)

    @property
    def told(self) -> str:
        """How it is read, in one line."""
        sequence = self.operation.states != ""
        returned = self.way.source.returned()
        answer = f" -> ({', '.join(one or '…' for one in returned)})" if returned else ""
        words = [f"{'; or '.join(dict.fromkeys(told(one, sequence=sequence) for one in self.layouts.values()))}"]
        words += [f"gates {' '.join(self.order)}"] if self.order else []
        words += [f"gate {self.negated} the other way round"] if self.negated else []
        words += [f"weights [{', '.join(self.weights.joined)}]"] if self.weights.joined else []
        first = next(iter(self.outputs.values()))
        places = [f"{name} {place_told(one.path)}" for name, one in first.items() if one.path]
        words += [", ".join(places)] if places else []
        words += ["output layer the identity"] if self.identity else []
        kind = "" if self.kind == "numpy" else f", {self.kind.partition(' ')[0]} arrays"
        return f"{shown(self.way.function, self.way.name)}{answer}: {', '.join(words)}{kind}"


def drawn_for(operation: Operation, rank: Rank, dtype: str = "") -> tuple[dict[str, Any], dict[str, int]]:
    """Return arguments drawn at random on sizes that all differ, and the sizes of all axes."""
    sizes = sizes_for(rank)
    gates = gates_of(operation)
    named = drawn(operation, rank, {**sizes, f"{gates}H": gates * sizes["H"]}, dtype or "float64")
    return named, rank_and_sizes(operation, named)[1] | sizes


def gates_of(operation: Operation) -> int:
    """Return how many gates a function's cell has, 1 if none.

    >>> from ....spec import OPERATIONS
    >>> [gates_of(OPERATIONS[name]) for name in ("rnn_forward", "rnn_output_layer")]
    [1, 1]
    """
    rows = [value.axes[0] for value in operation.arguments.values() if len(value.axes) == 2 and not value.optional]
    return int(rows[0].removesuffix("H") or 1) if rows and rows[0].endswith("H") else 1


def axes_of(operation: Operation, name: str, rank: Rank) -> tuple[str, ...]:
    """Return the axes of an argument or output in a rank; of a last state, those of a state."""
    value = operation.arguments.get(name) or operation.outputs.get(name)
    axes = value.axes if value else ("B", "H")
    return tuple(axis for axis in axes if not (axis == "B" and axis in ABSENT[rank]))
