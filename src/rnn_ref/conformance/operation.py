"""What is asked: the record of a function, one call of it with its right answer, and what a call returned.

A record tells the arguments and outputs of a function with their axes, one line each way::

    X_seq: T [B] D, h0: [B] H, W_xh: H D, W_hh: H H, b_h: H  ->  h_states: T [B] H

T steps, B batch, D inputs, H hidden units, V outputs. An axis in brackets is there in some ranks only: one prediction
has neither T nor B, one sequence no B. Behind the axes may stand ``classes`` (indices, or probabilities with one axis
more), ``function`` (a callable), ``parts`` (several arrays: a tuple, or a list of dicts) or ``if option=value`` (a
single number otherwise). Everything else that the instrument knows of a function's form follows from that.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args
from weakref import WeakKeyDictionary

import numpy as np

from .._shapes import Array
from .foreign_text import line
from .nested import head

SUITE = "1"  # of the tanh network, its output layer and the losses
Answers = dict[
    str, tuple[Array, Array]
]  # by output: the nearest float64, and what is missing to the truth in ulp of it
Truth = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Answers]  # of a function, its arguments, its options
NARROW = ("bfloat16", "float8", "float6", "float4")  # of ml_dtypes and JAX, which NumPy knows as no kind of number
Rank = Literal["step", "single", "batch"]  # one prediction (of a loss alone), one sequence, a batch of sequences
NOT_THERE = "is not there"  # how the text on an output begins that is not among those returned
RANKS: tuple[Rank, ...] = get_args(Rank)
ABSENT: Mapping[str, str] = {"step": "TB", "single": "B", "batch": ""}  # the optional axes that a rank does without


class Value(NamedTuple):
    """An argument or an output: its name, its axes, which of them are optional, and what kind of thing it is."""

    name: str
    axes: tuple[str, ...]
    optional: str = ""
    kind: str = "numbers"  # or classes, function, parts
    only_if: tuple[str, ...] = ()  # the option and its value with which it has axes

    @classmethod
    def parsed(cls, text: str) -> "Value":
        """Read one entry of a record.

        >>> Value.parsed("targets: [T] [B] classes")
        Value(name='targets', axes=('T', 'B'), optional='TB', kind='classes', only_if=())
        """
        name, _, rest = text.partition(":")
        rest, _, condition = rest.partition(" if ")
        words = rest.split()
        kind = words.pop() if words and words[-1] in {"classes", "function", "parts"} else "numbers"
        axes = tuple(word.strip("[]") for word in words)
        optional = "".join(word.strip("[]") for word in words if word.startswith("["))
        return cls(name.strip(), axes, optional, kind, tuple(filter(None, condition.split("="))))

    def axes_of(self, check: "Check") -> tuple[str, ...]:
        """Return the axes that it has in one check."""
        if self.only_if and check.options.get(self.only_if[0]) != self.only_if[1]:
            return ()
        more = ("V",) if self.kind == "classes" and "probabilities" in check.flags else ()
        return tuple(axis for axis in self.axes if not (axis in self.optional and axis in ABSENT[check.rank])) + more


class Cell(NamedTuple):
    """An equation, once, on any kind of number: one step of a recurrent network, or a layer without a state."""

    step: Callable[..., tuple[Any, ...]]  # (x_t, *states, **weights) -> the states after the step, or what is returned
    states: tuple[str, ...]
    weights: tuple[str, ...]
    slopes_from_state: bool = False  # the way back takes slopes from the states given, not from those before them
    inverse: Callable[[Array], Array] | None = None  # of the function that is applied last, if that is to every entry


@dataclass(frozen=True)
class Operation:
    """A function of the specification: what it takes and returns, and what the instrument has to know besides."""

    name: str
    takes: str
    returns: str
    cell: Cell | None = None  # the equation of which it is a step, the way through time, or the way back
    cell_if: Mapping[tuple[str, Any], Cell] = field(default_factory=dict)  # another one, by an option and its value
    packed: tuple[str, int, int] | None = None  # outputs that come as one value: its name, the first, the one behind
    twin: str = ""  # the function of which it is the way back
    from_the_end: bool = False  # computed from the last step to the first
    states: str = ""  # the output with all states, each of which is judged by one exact step from the one before it
    last_state: str = ""  # the state after the last step, where it is returned beside the rest or in its place
    kept: Mapping[str, str] = field(default_factory=dict)  # outputs with states that are not shown, and their last
    cancels: bool = True  # whether terms of an answer can cancel, so that few of its digits are left
    implied: Mapping[str, str] = field(default_factory=dict)  # by flag of a check, the option whose default it asks
    handed_on: tuple[str, ...] = ()  # options of a function among its arguments, with which that is handed over
    terms: Mapping[str, str] = field(default_factory=dict)  # what an argument stands for: what is gone where it is 0
    sums: Callable[[Mapping[str, Any], Mapping[str, Any]], Any] | None = None  # solves for the gradients of its sums
    lines: Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], Any] | None = None  # and for each line

    @cached_property
    def arguments(self) -> dict[str, Value]:
        """The arguments, in their order."""
        return {value.name: value for value in map(Value.parsed, self.takes.split(","))}

    @cached_property
    def outputs(self) -> dict[str, Value]:
        """The outputs, in their order."""
        return {value.name: value for value in map(Value.parsed, self.returns.split(","))}

    @cached_property
    def timed(self) -> tuple[str, ...]:
        """The outputs whose first axis is time, in every rank."""
        return tuple(name for name, value in self.outputs.items() if "T" in value.axes and "T" not in value.optional)

    @cached_property
    def ends(self) -> dict[str, str]:
        """The last state by the output with all of that kind, the one that is shown first."""
        return ({self.states: self.last_state} if self.states else {}) | dict(self.kept)

    def shown(self, output: str) -> str:
        """Return the name of an output as people write it: of a gradient with a d before the argument's.

        Of an argument that is made of several arrays a part is shown likewise: ``dlayers[0].W_xh``.
        """
        return f"d{output}" if head(output) in map(head, self.arguments) else output

    @cached_property
    def gives_gradients(self) -> bool:
        """Whether some output is the gradient of an argument."""
        return any(name.removeprefix("d") in self.arguments for name in self.outputs)

    @cached_property
    def weights(self) -> tuple[str, ...]:
        """The arguments that are matrices of weights."""
        return tuple(name for name, value in self.arguments.items() if len(value.axes) == 2 and not value.optional)

    @cached_property
    def recurrent(self) -> bool:
        """Whether the state before takes part in it, by weights of its own."""
        return any(
            self.arguments[name].axes[-1] == "H" and self.arguments[name].axes[0].endswith("H") for name in self.weights
        )

    def equation(self, options: Mapping[str, Any]) -> Cell:
        """Return the cell, as options choose it. Raises TypeError for a function that is no equation."""
        if self.cell is None:
            raise TypeError(f"{self.name} is no equation")
        return next((cell for option, cell in self.cell_if.items() if option in options.items()), self.cell)

    def asked_with(
        self, arguments: Mapping[str, Any], options: Mapping[str, Any], known: Mapping[str, "Operation"]
    ) -> "Operation":
        """Return the record for one check: itself, unless its arguments are made of several arrays (``parts``).

        ``known`` has every record by name.
        """
        return self

    def laid(self, arguments: Mapping[str, Any], forms: tuple[str, str]) -> dict[str, str]:
        """Return in which form the arrays of a check lie in memory, by name: its weights in the first, all others."""
        arrays = [name for name, value in arguments.items() if isinstance(value, np.ndarray) and value.ndim]
        return {name: forms[name not in self.weights] for name in arrays}

    def handed(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the arguments of a call in their order, from those of a check, which are plain arrays."""
        return tuple(values.values())

    def unread(self, check: "Check") -> dict[str, Array]:
        """Return the entries of outputs that stand for nothing, by output: where frameworks differ in what is there."""
        return {}

    def unpacked(self, returned: Any) -> dict[str, Any]:
        """Take apart what a candidate returned, by output name; gradients may be a NamedTuple, a tuple or a dict."""
        names = tuple(self.outputs)
        if isinstance(returned, Outputs):
            return dict(returned)
        if returned is None:
            raise UnusableError("returned None: a forgotten return?")
        if len(names) == 1:
            return {names[0]: returned}
        if self.packed is None:
            return by_name(returned, names)
        one, start, stop = self.packed
        parts = by_name(returned, (*names[:start], one, *names[stop:]))
        parts |= by_name(parts[one], names[start:stop])
        return {name: parts[name] for name in names}


class Suite(NamedTuple):
    """Probes with frozen answers of their own, and by which module they are made.

    One that has an ``option`` is asked of a target only if some function of it has that; all its cases begin with the
    suite's name. One that has ``functions`` is theirs alone, and the rest of the family is not asked in it.
    """

    name: str
    module: str
    option: str = ""
    functions: tuple[str, ...] = ()

    @property
    def probes(self) -> Any:
        """The module that makes the probes."""
        return importlib.import_module(self.module)

    def asks(self, id_: str) -> bool:
        """Whether a check belongs to it, by its id.

        >>> Suite("relu-1", "", "activation").asks("rnn_forward/relu-generic-float32")
        True
        """
        return bool(self.option) and id_.partition("/")[2].startswith(f"{self.name.rpartition('-')[0]}-")


class Family(NamedTuple):
    """Functions that belong together: the suite in which they are asked, and the package with all that is theirs.

    The first family of a suite has its probes. Modules of the package are loaded when they are needed.
    """

    name: str
    suite: str
    package: str
    operations: tuple[Operation, ...]
    others: tuple[Suite, ...] = ()  # in which it is asked by options, or some of its functions are

    def suite_of(self, function: str) -> str:
        """Return the suite in which one of its functions is asked, whatever its options."""
        return next((one.name for one in self.others if function in one.functions), self.suite)

    def part(self, name: str) -> Any:
        """Return a module of the package: ``probes``, ``base`` …"""
        return importlib.import_module(f"{self.package}.{name}")

    def has(self, name: str) -> bool:
        """Whether the package has such a module."""
        return importlib.util.find_spec(f"{self.package}.{name}") is not None


@dataclass(frozen=True, eq=False)
class Check:
    """One call with one right answer; equal to itself alone, so that what was worked out for it can be kept."""

    operation: Operation
    case: str  # with the dtype behind it
    rank: Rank
    dtype: str
    flags: tuple[
        str, ...
    ]  # generic: no null candidate may pass; corner: exempt; square, large, list, confident, probabilities; again: the
    # same numbers as a check before;
    # others ask for the default of an option (``Operation.implied``), of functions that have it; "kind: …" is a kind of
    # argument in words, which a function that raises at it does not take
    arguments: Mapping[str, Any]  # positional, in order: arrays, scalars, or the name of a callable
    options: Mapping[str, Any]  # by keyword, its own or those of a function among the arguments
    expected: Mapping[str, Array] = field(default_factory=dict)  # by output: the float64 nearest to the truth
    remainder: Mapping[str, Array] = field(default_factory=dict)  # what is missing to the truth, in ulp of expected
    pytorch: Mapping[str, Array] = field(default_factory=dict)  # PyTorch's own answers, computed in the dtype
    pytorch_off: bool | None = None  # whether those are off by more than is allowed, where that is known
    forms: Mapping[str, str] = field(default_factory=dict)  # of arguments that are no plain arrays (``run/forms.py``)
    allowed: Mapping[str, Array] = field(default_factory=dict)  # how far off a right answer may be, where it is known
    slack: Mapping[str, Array] = field(default_factory=dict)  # how far off expected may be, where it is not the truth

    @property
    def function(self) -> str:
        """The function that is called."""
        return self.operation.name

    @cached_property
    def id(self) -> str:
        """Function, case and dtype, by which the check is known."""
        return f"{self.operation.name}/{self.case}"

    @cached_property
    def keywords(self) -> dict[str, Any]:
        """The options by keyword, without those that a function among the arguments is handed over with."""
        return {name: value for name, value in self.options.items() if name not in self.operation.handed_on}

    def axes(self, name: str) -> tuple[str, ...]:
        """Return the axes that an argument or output has here; none for what the record does not know."""
        value = self.operation.arguments.get(name) or self.operation.outputs.get(name)
        return value.axes_of(self) if value else ()

    def answered(self, answers: Answers) -> "Check":
        """Return the check with the truth, of which it is not known how far off it a right answer may be."""
        expected = {name: nearest for name, (nearest, _) in answers.items()}
        remainder = {name: rest for name, (_, rest) in answers.items()}
        return replace(self, expected=expected, remainder=remainder, allowed={})

    def asking(self, arguments: Mapping[str, Any], **others: Any) -> "Check":
        """Return the check with other arguments, and other changes; what is allowed is not known any more."""
        return replace(self, arguments=arguments, **{"allowed": {}, **others})

    def errors(self, output: str, answer: Array) -> Array:
        """Return |answer − truth|: 0 where both are nan or the same infinity, inf where only one is finite."""
        expected = self.expected[output]
        with np.errstate(invalid="ignore", over="ignore"):
            off = (answer - expected) - self.remainder[output] * np.spacing(np.abs(expected))
        errors: Array = np.asarray(np.abs(off))
        if np.isfinite(errors).all():
            return errors
        same = np.isnan(answer) & np.isnan(expected) | np.isinf(answer) & (answer == expected)
        return np.where(same, 0.0, np.where(np.isnan(errors), np.inf, errors))

    def only(self, outputs: Iterable[str]) -> "Check":
        """Return the check for a candidate that offers no more than some outputs."""
        kept = set(outputs)
        known: dict[str, Any] = {
            what: {name: one for name, one in getattr(self, what).items() if name in kept}
            for what in ("expected", "remainder", "pytorch", "allowed")
        }
        return replace(self, **known)

    def returning(self, answered: Iterable[str]) -> "Check":
        """Return the check for a candidate that answers with last states, beside all of them or in their place.

        It may answer with no state of one kind, a memory that it keeps to itself.
        """
        asked = {states: last for states, last in self.operation.ends.items() if states in self.expected}
        names = [name for pair in asked.items() for name in pair if name in answered]
        if not names or names == list(asked):
            return self
        known = _RETURNING.setdefault(self, {})
        if tuple(names) not in known:
            known[tuple(names)] = self._with_last(names, asked)
        return known[tuple(names)]

    def _with_last(self, names: Sequence[str], asked: Mapping[str, str]) -> "Check":
        def kept(values: Mapping[str, Array]) -> dict[str, Array]:
            known = {states: last for states, last in asked.items() if states in values}
            every = dict(values) | {last: values[states][-1] for states, last in known.items()}
            return {name: every[name] for name in names if name in every}

        return replace(self, expected=kept(self.expected), remainder=kept(self.remainder), pytorch=kept(self.pytorch))


_RETURNING: WeakKeyDictionary[Check, dict[tuple[str, ...], Check]] = WeakKeyDictionary()  # with what is kept of each


class UnusableError(Exception):
    """A candidate returned something that is not the kind of thing it was asked for; the text says what."""


class Absent(str):
    """Stands for an output that is not among those returned by name; the text says so."""

    __slots__ = ()


def by_name(returned: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return several values by name, however they came; where some are missing, ``Absent`` in their places."""
    wanted = f"expected {len(names)}: {', '.join(names)}"
    if isinstance(returned, Absent):
        raise UnusableError(str(returned))
    if isinstance(returned, Mapping):
        missing = [name for name in names if name not in returned]
        there = ", ".join(map(str, returned)) or "nothing"
        told = f"returned a dict without {', '.join(missing)}; {wanted}; there is {there}"
        if len(missing) == len(names):
            raise UnusableError(told)
        return {name: returned.get(name, Absent(f"{NOT_THERE}: {told}")) for name in names}
    if not isinstance(returned, list | tuple):
        raise UnusableError(f"returned a {type(returned).__name__}, {wanted}, as a NamedTuple, tuple or dict")
    if set(names) <= set(getattr(returned, "_fields", ())):
        return {name: getattr(returned, name) for name in names}
    if len(returned) != len(names):
        shapes = ", ".join(str(np.shape(one)) if hasattr(one, "shape") else type(one).__name__ for one in returned)
        raise UnusableError(f"returned {len(returned)} values, {wanted}; they have the shapes {shapes}")
    return dict(zip(names, returned, strict=True))


def as_array(value: Any) -> Array:
    """Convert one output to a float64 array, or say in words why that cannot be done."""
    if isinstance(value, Absent):
        raise UnusableError(value)
    if value is None:
        raise UnusableError("is None: a forgotten return?")
    if isinstance(value, list | tuple):
        plain = all(type(item) is np.ndarray and item.dtype.kind == "f" for item in value)
        return _stacked(value).astype(np.float64) if plain else _stacked([as_array(item) for item in value])
    try:
        array = value if type(value) is np.ndarray else np.asarray(detached(value))
    except Exception as error:
        raise UnusableError(f"is of type {type(value).__name__} and cannot be made an array: {line(error)}") from error
    if array.dtype == object:
        told = "is an array of objects" if isinstance(value, np.ndarray) else f"is of type {type(value).__name__}"
        raise UnusableError(f"{told}, expected an array of numbers or a list of them")
    if array.dtype.kind not in "fiu" and not array.dtype.name.startswith(NARROW):
        raise UnusableError(f"has dtype {array.dtype}, expected floating-point numbers")
    return array.astype(np.float64)


def _stacked(items: Sequence[Array]) -> Array:
    shapes = [item.shape for item in items]
    odd = next((i for i, shape in enumerate(shapes) if shape != shapes[0]), None)
    if odd is not None:
        raise UnusableError(f"is a ragged list: item 0 has shape {shapes[0]}, item {odd} has shape {shapes[odd]}")
    return np.array(items) if items else np.empty(0)


def detached(value: Any) -> Any:
    """Bring a framework's array to the CPU and out of its graph, by the methods that PyTorch's tensors have."""
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value
    for method in ("detach", "cpu", "resolve_conj", "resolve_neg"):
        value = getattr(value, method)() if hasattr(value, method) else value
    return value.float() if str(getattr(value, "dtype", "")) == "torch.bfloat16" else value


class Outputs(dict[str, Any]):
    """Answers by output name, all that a candidate offers of them: what a reading of foreign code returns."""
