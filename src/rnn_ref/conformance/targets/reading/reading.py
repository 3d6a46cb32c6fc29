"""A reading: a foreign callable as a function of the specification, and what calls it in that function's place."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...operation import ABSENT, Operation, Outputs, Rank
from . import axes as forms
from .axes import Form
from .calling.masks import MASK
from .calling.place import OUTPUT_UP, SUM, Place
from .calling.way import Way
from .engines.wrapped import OWN
from .layouts import Layout
from .leaves import Path, as_numbers, at
from .parts import JOINED, argument_of, joined_in_one, parts_of_arguments, taken_out
from .tensors import converter

OPTIONS: Mapping[str, Sequence[Any]] = {"reduction": ("sum", "mean", "none"), "ignore_index": range(-100, 0)}
# of a loss: the specification's default, and what else may be a default where the same is meant


class RankNotReadError(TypeError):
    """The foreign code does not take this rank, as far as could be seen from its shapes."""


class OtherShapesError(TypeError):
    """Weights were to be put where an object holds some of other shapes."""


class Taken(NamedTuple):
    """Where an output stands in an answer, and how it lies; without a form it is taken as it is."""

    path: Path
    form: Form | None
    behind: bool = False  # whether the state before the first step stands in the last row


@dataclass(frozen=True)
class Reading:
    """How a foreign callable is read as one function of the specification."""

    operation: Operation
    way: Way
    given: Mapping[Place, str]  # the part in every place
    kind: str  # of its arrays, see ``tensors.KINDS``
    layouts: Mapping[Rank, Layout]  # by rank
    outputs: Mapping[Rank, Mapping[str, Sequence[Taken]]]  # by rank and output; two of one are halves of a bias
    identity: bool = False  # whether the output layer is the identity, so that its outputs are the states
    shared: bool = False  # whether inputs and outputs are the same classes
    before: "Reading | None" = None  # its own way forward, if that has to be called first
    relayed: Mapping[Place, Path] = field(default_factory=dict)  # what goes from that answer into a place
    claims: tuple[str, ...] = ()
    precision: str = ""  # the only one that it takes, empty if it takes both
    fits: bool = True  # whether its answers have the shapes that are due
    up: Mapping[Rank, Form] = field(default_factory=dict)  # how gradients from above lie

    @property
    def shows_all(self) -> bool:
        """Whether all states are among its outputs, not the last one alone."""
        return all(self.operation.states in one for one in self.outputs.values())

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call the foreign function with the arguments of the specification; what it returned, as it is."""
        first = self._called_before(named, rank, sizes)
        values = self._values(named, rank, sizes)
        values |= {place: at(first, path) for place, path in self.relayed.items()}
        if not self.way.fits(values):
            raise OtherShapesError("its weights have other shapes")
        return self.way.call(values, {**sizes, "vocabulary": sizes.get("D", 1), "V": self._outputs(sizes)})

    def _outputs(self, sizes: Mapping[str, int]) -> int:
        """Return the number of outputs, of a layer that the specification's function has not too."""
        if self.identity:
            return sizes["H"]
        own = "W_hy" in parts_of_arguments(self.operation).values()
        told = {*self.way.key_sizes.values(), *self.way.global_sizes.values()}
        as_inputs = self.shared or ("vocabulary" in told and not own)
        return sizes.get("D", 1) if as_inputs else sizes.get("V", 11)

    def answers(self, named: Mapping[str, Any], returned: Any, rank: Rank, sizes: Mapping[str, int]) -> Outputs:
        """Take the outputs out of what came back."""
        found = Outputs()
        for output, every in self.outputs[rank].items():
            ones = [self._output(output, one, named, returned, rank, sizes) for one in every]
            found[output] = ones[0] if len(ones) == 1 else _mean(ones)
        return found

    def _output(
        self, output: str, taken: Taken, named: Mapping[str, Any], returned: Any, rank: Rank, sizes: Mapping[str, int]
    ) -> Any:
        value = at(returned, taken.path)
        array = as_numbers(value)
        if array is not None and taken.path[: len(self.way.prefix)] != self.way.prefix:
            value = array = array.copy()  # what an object keeps for itself it may write to again
        if array is None or taken.form is None:
            return value
        joined = next((letter for letter in taken.form if letter in JOINED), None)
        if joined is not None:
            whole = forms.back(array, ("H", joined), taken.form, sizes)
            part = parts_of_arguments(self.operation)[output]
            return taken_out(joined, part, whole, sizes)
        axes = self._axes(output, rank)
        if "T+" in taken.form and array.ndim == len(taken.form):
            steps_first = np.moveaxis(array, taken.form.index("T+"), 0)
            first = next(
                (named[name] for name, part in parts_of_arguments(self.operation).items() if part == "h"), None
            )
            inner = tuple(letter for letter in taken.form if letter != "T+")
            before = forms.there(first, self._axes_of_state(rank), inner) if first is not None else array[:0]
            steps_first = forms.without_first(steps_first, np.asarray(before), behind=taken.behind)
            return forms.back(steps_first, axes, ("T", *inner), sizes)
        return forms.back(array, axes, taken.form, sizes)

    def _values(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> dict[Place, Any]:
        """Return what is handed over in every place: the arguments' own memory, so that what is written there shows."""
        layout = self.layouts[rank]
        values: dict[Place, Any] = {}
        for place, part in self.given.items():
            convert = converter(self.kind_at(place))
            if part in JOINED:
                values[place] = convert(self._joined(part, named, layout))
                continue
            if part == SUM:
                values[place] = convert(self._sum(named, layout))
                continue
            name = argument_of(self.operation, part)
            if name is None:
                values[place] = convert(self._layer(part, layout, sizes, _dtype(named)))
                continue
            values[place] = convert(self._lying(name, part, named, layout))
        return values

    def _sum(self, named: Mapping[str, Any], layout: Layout) -> Any:
        """Return what goes into the activation of a step."""
        x, h, W_xh, W_hh, b = (
            np.asarray(named[str(argument_of(self.operation, one))]) for one in ("x", "h", "W_xh", "W_hh", "b_h")
        )
        axes = self._axes_of_state(layout.rank)
        return forms.there(x @ W_xh.T + h @ W_hh.T + b, axes, layout.form(axes, "h"))

    def kind_at(self, place: Place) -> str:
        """Return the kind of array in a place: an object that wraps it is there already where weights are held."""
        return "numpy" if place.kind == "attribute" and self.kind.startswith(OWN) else self.kind

    def _joined(self, part: str, named: Mapping[str, Any], layout: Layout) -> Any:
        """Return several weights in one, in the order in which state, input and a one are joined."""
        every = {one: np.asarray(named[str(argument_of(self.operation, one))]) for one in JOINED[part]}
        whole = joined_in_one(part, every)
        return forms.there(whole, ("H", "HD"), layout.form(("H", "HD"), "W_"))

    def _lying(self, name: str, part: str, named: Mapping[str, Any], layout: Layout) -> Any:
        """Return one argument as the foreign function takes it."""
        value, axes = named[name], self._axes(name, layout.rank)
        if part in {"b_xh", "b_hh"}:
            value = halves(np.asarray(value))[part == "b_hh"]
        if part == "x" and layout.indices:
            value, axes = np.asarray(value).argmax(-1), axes[:-1]
        if part in {"targets", "up"} and layout.last:
            value, axes = np.asarray(value)[-1], axes[1:]
        if part == "targets" and layout.one_hot:
            classes = np.shape(named[str(argument_of(self.operation, "W_hy"))])[0]
            value, axes = np.eye(classes, dtype=_dtype(named))[np.asarray(value)], (*axes, "V")
        form = self.up.get(layout.rank, ()) if part == "up" else ()
        form = form or (self._states_form(layout) if part == "states" else layout.form(axes, part))
        value = np.asarray(value) if not isinstance(value, np.ndarray) else value
        lying = forms.there(value, axes, form)
        if part in {"x", "targets"} and lying is not None and value.dtype.kind in "iu":
            lying = lying.tolist() if isinstance(lying, np.ndarray) and not lying.ndim else lying
            lying = [int(one) if np.ndim(one) == 0 else one for one in lying] if isinstance(lying, list) else lying
        return lying

    def _states_form(self, layout: Layout) -> Form:
        if self.up.get(layout.rank):
            return self.up[layout.rank]
        return layout.form(("T", *(("B",) if layout.rank == "batch" else ()), "H"), "states")

    def _layer(self, part: str, layout: Layout, sizes: Mapping[str, int], dtype: str) -> Any:
        """Return an output layer that the function has and the specification's has not: the identity, or anything."""
        if part == "targets":
            return self._any_targets(layout, sizes, dtype)
        if layout.mask is not None and part == MASK:
            return layout.mask.full({**sizes, **({"B": 1} if layout.of_one or "1" in layout.vector else {})}, dtype)
        H, V = sizes["H"], self._outputs(sizes)
        if part == "W_hy":
            made = np.eye(H, dtype=dtype) if self.identity else np.full((V, H), 0.1, dtype)
            return forms.there(made, ("V", "H"), layout.form(("V", "H"), "W_hy"))
        if part == OUTPUT_UP:
            timed = any("T" in one.axes for one in self.operation.arguments.values())
            axes = [axis for axis in ("T", "B") if axis in sizes and (axis == "B" or timed)] + ["V"]
            nothing = np.zeros([{**sizes, "V": V}[axis] for axis in axes], dtype)
            return forms.there(nothing, axes, layout.form(axes, "up"))
        return forms.there(np.zeros(V, dtype), ("V",), layout.form(("V",), "b_y"))

    def _any_targets(self, layout: Layout, sizes: Mapping[str, int], dtype: str) -> Any:
        """Return targets of a loss that is not asked for: the first class, everywhere."""
        axes = tuple(axis for axis in ("T", "B") if axis in sizes)
        targets: Any = np.zeros([sizes[axis] for axis in axes], int)
        if layout.one_hot:
            targets, axes = np.eye(self._outputs(sizes), dtype=dtype)[targets], (*axes, "V")
        lying = forms.there(targets, axes, layout.form(axes, "targets"))
        return [int(one) if np.ndim(one) == 0 else one for one in lying] if isinstance(lying, list) else lying

    def _called_before(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Return what its own way forward returns for the same inputs, if that has to be called first."""
        if self.before is None:
            return None
        own = set(parts_of_arguments(self.operation).values()) & {"W_hy", "b_y"}
        before = replace(self.before, operation=self.operation, identity=False) if own else self.before
        theirs = {part: name for name, part in parts_of_arguments(self.operation).items()}
        wanted = parts_of_arguments(before.operation)
        return before.raw({name: named[theirs[part]] for name, part in wanted.items()}, rank, sizes)

    def _axes(self, name: str, rank: Rank) -> tuple[str, ...]:
        value = self.operation.arguments.get(name) or self.operation.outputs.get(name)
        if value is None:  # the last state, where it is returned beside the others
            return self._axes_of_state(rank)
        return forms.distinct([axis for axis in value.axes if not (axis in value.optional and axis in ABSENT[rank])])

    def _axes_of_state(self, rank: Rank) -> tuple[str, ...]:
        return ("B", "H") if rank == "batch" else ("H",)

    def _options(self) -> dict[str, Any]:
        """Return the options of a loss that it takes by their names, with the specification's own defaults."""
        if "targets" not in parts_of_arguments(self.operation).values():
            return {}
        theirs = {name: one.default for name, one in self.way.signature.parameters.items()}
        return {name: OPTIONS[name][0] for name in OPTIONS if theirs.get(name) in OPTIONS[name]}

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the specification's arguments and returns its outputs by name."""
        names, own, defaults = list(self.operation.arguments), dict(self.way.fixed), self._options()

        def candidate(*arguments: Any, **options: Any) -> Outputs:
            asked = {name: one for name, one in options.items() if name in self.way.signature.parameters}
            self.way.fixed = {**own, **defaults, **asked}
            named = dict(zip(names, arguments, strict=True))
            rank, sizes = rank_and_sizes(self.operation, named)
            if rank not in self.layouts:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.layouts)} only")
            returned = self.raw(named, rank, sizes)
            return self.answers(named, returned, rank, sizes)

        candidate.__name__ = self.operation.name
        candidate.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
            + [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=one) for name, one in defaults.items()]
        )
        return candidate


def rank_and_sizes(operation: Operation, named: Mapping[str, Any]) -> tuple[Rank, dict[str, int]]:
    """Return the rank in which arguments are, and the sizes of all axes."""
    sizes: dict[str, int] = {}
    rank: Rank = "single"
    for name, value in operation.arguments.items():
        shape = np.shape(named[name])
        axes = value.axes
        if "B" in value.optional:
            rank = "batch" if len(shape) == len(axes) else "single"
            axes = axes if rank == "batch" else tuple(axis for axis in axes if axis != "B")
        sizes |= dict(zip(axes, shape, strict=False))
    return rank, sizes


def halves(b: Array) -> tuple[Array, Array]:
    """Return two biases that differ, are both exact, and add up to this one exactly.

    The first is between 0.5 and 1.5 of it, entry by entry, drawn from the bits of the entries and their places.
    """
    first = b * _shares(b.size).reshape(b.shape).astype(b.dtype)
    return first, b - first


@functools.cache
def _shares(count: int) -> Array:
    drawn = np.random.default_rng(count).uniform(0.55, 1.45, count)
    return np.where(np.arange(count) % 2 == 0, drawn, 2 - drawn)


def _mean(ones: Sequence[Any]) -> Any:
    arrays = [as_numbers(one) for one in ones]
    known = [one for one in arrays if one is not None]
    same = len(known) == len(ones) and all(one.shape == known[0].shape for one in known)
    return np.mean(known, 0) if same and known[0].dtype.kind == "f" else ones[0]


def _dtype(named: Mapping[str, Any]) -> str:
    found = {np.asarray(one).dtype.name for one in named.values() if np.asarray(one).dtype.kind == "f"}
    return "float32" if found == {"float32"} else "float64"
