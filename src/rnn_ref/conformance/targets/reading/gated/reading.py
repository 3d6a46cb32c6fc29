"""A reading of a cell with gates: foreign code as a step or as the way through time, and what is called there."""

import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS
from ....operation import ABSENT, Operation, Outputs, Rank
from ....spec import OPERATIONS
from ....spec.claims import FLOAT32, FULL_ONLY, INDICES, NO_BIAS, NO_MEMORY, NO_STATE, ONE_BIAS, ONLY, OPTION_ONLY
from .. import axes as forms
from ..calling.flags import AFTER
from ..calling.masks import Mask
from ..calling.place import Place
from ..calling.way import shown
from ..given import SIZES, drawn, sizes_for
from ..layouts import Layout, told
from ..leaves import as_numbers, at
from ..leaves import told as place_told
from ..names import plain
from ..reading import RankNotReadError, Taken, halves, rank_and_sizes
from ..syntax.padding import padded_inputs
from ..tensors import LISTS, converter
from .ways import ADDED, GatedWay
from .weights import Weights

PYTORCH = re.compile(r"(weight|bias)_(ih|hh)(_l\d+)?")  # PyTorch's own names, which say in which order gates lie
NOT_READ = "_"  # what stands in a place that is unpacked and left alone
UPDATE = {3: "z"}  # the gate whose sense differs between schools
RANKS = {rank: claim for claim, rank in ONLY.items()}


@dataclass(frozen=True)
class GatedReading:
    """How a foreign function is read as one of a cell with gates."""

    operation: Operation
    way: GatedWay
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
    separate: str = ""  # where gates have an axis of their own: in front, or in the middle
    added: bool = False  # whether 1 is added to the forget gate's bias, as its text says
    masks: Mapping[str, Mask] = field(default_factory=dict)  # how those lie that it needs

    @property
    def gates(self) -> int:
        """How many gates there are."""
        return gates_of(self.operation)

    @property
    def given(self) -> Mapping[Place, str]:
        """What stands in every place, of weights nothing."""
        return {**self.others, **dict.fromkeys(self.weights.places, "")}

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
        for name, mask in self.masks.items():
            full = mask.full({"B": 1, **sizes}, str(named[self.own[0]].dtype))
            in_order[Place("argument", name)] = convert(full)
        return self.way.call(in_order, {**sizes, "vocabulary": sizes["D"]})

    def handed(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int] | None = None) -> dict[Place, Any]:
        """Return what stands in every place, as NumPy's."""
        layout, sizes = self.layouts[rank], sizes or rank_and_sizes(self.operation, named)[1]
        values = {place: self._other(part, named, layout, sizes) for place, part in self.others.items()}
        shapes = getattr(self.way, "shapes", {})
        for place, part in self.others.items():
            if part == "b_y" and place in shapes:  # as the object has it
                values[place] = values[place].reshape([-1 if n == SIZES["V"] else 1 for n in shapes[place]])
        return values | self.weights_in(named, layout)

    def _other(self, part: str, named: Mapping[str, Any], layout: Layout, sizes: Mapping[str, int]) -> Any:
        H, dtype = sizes["H"], str(named[self.own[-1]].dtype)
        V = H if self.identity else sizes.get("V", 11)
        if part == NOT_READ:
            return np.zeros(1, dtype)
        if part == "W_hy":
            made = np.eye(H, dtype=dtype) if self.identity else np.full((V, H), 0.1, dtype)
            return forms.there(made, ("V", "H"), layout.form(("V", "H"), part))
        if part == "b_y":
            return forms.there(np.zeros(V, dtype), ("V",), layout.form(("V",), part))
        name = self.own["xhc".index(part)]
        axes, value = axes_of(self.operation, name, layout.rank), named[name]
        if part == "x" and layout.indices:
            axes, value = axes[:-1], np.asarray(value).argmax(-1)
        lying = forms.there(value, axes, layout.form(axes, "x" if part == "x" else "h"))
        return (
            [int(one) if np.ndim(one) == 0 else one for one in lying]
            if layout.indices and isinstance(lying, list)
            else lying
        )

    def weights_in(self, named: Mapping[str, Any], layout: Layout) -> dict[Place, Any]:
        """Return the weights and biases in their places."""
        blocks = self.blocks({name: np.asarray(named[name]) for name in self.of_weights})
        return {slot.place: slot.filled(blocks, self.letters, slot.lies(layout, self.separate))
                for slot in self.weights.slots}  # fmt: skip

    @property
    def of_weights(self) -> list[str]:
        """The names of the weights."""
        return self.own[1 + len(self.operation.cell.states) :]  # type: ignore[union-attr]

    @property
    def letters(self) -> str:
        """The gates in the order in which those lie that share an array."""
        return self.order or GATED_KINDS[self.gates].here

    def blocks(self, named: Mapping[str, Array]) -> dict[tuple[str, str], Array]:
        """Return what every gate has: of the input (x), of the state (h), and of biases, with the code's signs."""
        W_xh, W_hh, *biases = (named[name] for name in self.of_weights)
        bx, bh = biases if len(biases) == 2 else halves(biases[0])
        whole = {"x": W_xh, "h": W_hh, "bx": bx, "bh": bh, "b": bx + bh if len(biases) == 2 else biases[0]}
        found: dict[tuple[str, str], Array] = {}
        for part, rows in whole.items():
            for gate, block in zip(GATED_KINDS[self.gates].here, np.split(rows, self.gates), strict=True):
                found[gate, part] = -block if gate == self.negated else block
        if self.added:
            found |= {("f", part): found["f", part] - found["f", part].dtype.type(1) for part in ("b", "bx")}
        return found

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
        names, (switch, option) = self.own, self.switched

        def candidate(*arguments: Any, **options: Any) -> Outputs:
            named, before = dict(zip(names, arguments, strict=True)), self.way.fixed
            rank, sizes = rank_and_sizes(self.operation, named)
            if rank not in self.layouts:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.layouts)} only")
            if switch:
                self.way.fixed = {**before, switch: options.get(option, True)}
            try:
                returned = self.raw(named, rank, sizes)
            finally:
                self.way.fixed = before  # a way back goes through it as well
            return self.answers(returned, rank, sizes, np.asarray(named[names[1]]))

        candidate.__name__ = self.operation.name
        kinds = inspect.Parameter
        parameters = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names]
        parameters += [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in self.options.items()]
        parameters += [kinds(option, kinds.KEYWORD_ONLY, default=True)] if switch else []
        candidate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        candidate.__reading__ = self.told  # type: ignore[attr-defined]
        candidate.__claims__ = self.claims  # type: ignore[attr-defined]
        return candidate

    @property
    def switched(self) -> tuple[str, str]:
        """An argument that chooses the equation, and the option that does; nothing where it has one equation alone."""
        own = next((name for name in self.way.signature.parameters if plain(name) in AFTER), "")
        option = next((name for name, value in self.operation.cell_if if value is False), "")
        return (own, option) if own and option and not self.options else ("", "")

    @property
    def claims(self) -> tuple[str, ...]:
        """What it leaves out, in words that the plan understands."""
        have, found = set(self.others.values()), list(getattr(getattr(self.way, "maker", None), "claims", ()))
        states = "hc"[: len(self.operation.cell.states)]  # type: ignore[union-attr]
        found += [
            claim for state, claim in (("h", NO_STATE), ("c", NO_MEMORY)) if state in states and state not in have
        ]
        count = self.weights.biases
        found += [NO_BIAS] if not count else []
        two = sum(len(value.axes) == 1 and not value.optional for value in self.operation.arguments.values()) > 1
        found += [ONE_BIAS] if count == 1 and two and not self.options else []
        found += [OPTION_ONLY.format(*one) for one in self.options.items()]
        if any(layout.indices for layout in self.layouts.values()):
            found += [INDICES, *padded_inputs(self.way, self.others)]
        found += [RANKS[next(iter(self.layouts))]] if len(self.layouts) == 1 else []
        found += [FLOAT32] if self.precision else []
        found += [FULL_ONLY] if self.masks or "lengths" in self.way.given.values() else []
        return tuple(found)

    @property
    def told(self) -> str:
        """How it is read, in one line."""
        sequence = self.operation.states != ""
        returned = self.way.source.returned()
        answer = f" -> ({', '.join(one or '…' for one in returned)})" if returned else ""
        words = [f"{'; or '.join(dict.fromkeys(told(one, sequence=sequence) for one in self.layouts.values()))}"]
        words += [f"gates {' '.join(self.order)}"] if self.order and self.weights.unordered else []
        words += [f"gate {self.negated} the other way round"] if self.negated else []
        words += ["1 added to the forget gate's bias"] if self.added else []
        words += [f"weights [{', '.join(self.weights.joined)}]"] if self.weights.joined else []
        words += [f"gates in the {'first' if self.separate == 'front' else 'middle'} axis"] if self.separate else []
        words += [f"{name}=0" for name in self.way.given if plain(name) in ADDED]
        first = next(iter(self.outputs.values()))
        places = [f"{name} {place_told(one.path)}" for name, one in first.items() if one.path]
        words += [", ".join(places)] if places else []
        words += ["output layer the identity"] if self.identity else []
        words += [f"{part}0 in {place.called}" for place, part in self.others.items()
                  if place.kind == "attribute" and part in "hc"]  # fmt: skip
        kind = (
            ""
            if self.kind == "numpy"
            else f", {self.kind}"
            if self.kind == LISTS
            else f", {self.kind.partition(' ')[0]} arrays"
        )
        return f"{shown(self.way.function, self.way.name)}{answer}: {', '.join(words)}{kind}"


def drawn_for(operation: Operation, rank: Rank, dtype: str = "") -> tuple[dict[str, Any], dict[str, int]]:
    """Return arguments drawn at random on sizes that all differ, and the sizes of all axes.

    The first input is never the largest: where inputs are classes, it may be padding.
    """
    sizes = sizes_for(rank)
    gates = gates_of(operation)
    named = drawn(operation, rank, {**sizes, f"{gates}H": gates * sizes["H"]}, dtype or "float64")
    for name, value in operation.arguments.items():
        if value.axes[-1:] == ("D",) and value.optional:
            named[name][..., 0] = named[name].min(-1)
    return named, rank_and_sizes(operation, named)[1] | sizes


def gated_operations() -> Iterator[Operation]:
    """Yield the steps and the ways through time that have gates, a step after its way through time."""
    every = [one for one in OPERATIONS.values() if one.cell and one.cell.states and not one.twin and gates_of(one) > 1]
    yield from sorted(every, key=lambda one: not one.states)


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


def order_here(one: GatedReading) -> str:
    """Return the order in which the specification has the gates."""
    return GATED_KINDS[one.gates].here


def possible(one: GatedReading) -> list[GatedReading]:
    """Return the reading with every order of gates, sense of the update and option that only values can tell."""
    here = GATED_KINDS[one.gates].here
    count = one.weights.unordered
    fixed = not count or any(PYTORCH.fullmatch(place.called) for place in one.weights.places)
    known = {letter for slot in one.weights.slots for letter in slot.letters}
    free = [gate for gate in here if gate not in known or count == len(here)]
    orders = (
        ("",)
        if fixed
        else dict.fromkeys([*([""] if count == len(here) else []), *map("".join, itertools.permutations(free))])
    )
    senses = ("", *UPDATE.get(one.gates, ""))
    options = [{}, *(dict([key]) for key in one.operation.cell_if)]
    return [replace(one, order=order, negated=sense, options=option)
            for option, sense, order in itertools.product(options, senses, orders)]  # fmt: skip
