"""A call between a target's own functions: its arguments, however they are passed, and the right answer to it."""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...._shapes import Array
from ...operation import RANKS, Check, Operation
from ..convention import Convention

SCALARS = (bool, int, float, str, np.generic)
Bound = tuple[list[Any], dict[str, Any]]


@dataclass(frozen=True)
class Call:
    """A call of a function of the specification, as it was made within a target."""

    operation: Operation
    convention: Convention
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]

    def copied(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments and options in memory of their own."""
        return _copied(self.arguments), _copied(dict(self.options))

    @property
    def given(self) -> list[Any]:
        """The arrays among the arguments."""
        return list(arrays([*self.arguments, *self.options.values()]))

    @functools.cached_property
    def dtype(self) -> str:
        """The precision that was asked for: the highest of the arguments'."""
        known = {_precision(getattr(one, "dtype", None)) for one in self.given}
        return "float64" if "float64" in known or not known else "float32"

    def due(self, own: Callable[..., Any], *, bound: bool) -> dict[str, Array]:
        """Return the right answers by output, in the target's layout, by the arguments as ``own`` would take them."""
        from ...spec.bases import right  # noqa: PLC0415 - only where something is wrong

        function = right(self.operation.name)
        arguments, options = self._bound(own, function, bound=bound)
        values = {name: _number(value) for name, value in zip(self.operation.arguments, arguments, strict=True)}
        check = self._check(values)
        spoken = {n: self.convention.back(check, n, v) if is_array(v) else v for n, v in values.items()}
        with np.errstate(all="ignore"):
            answers = self.operation.unpacked(function(*spoken.values(), **options))
        found = {name: self.convention.there(check, name, np.asarray(answer)) for name, answer in answers.items()}
        states, last = self.operation.states, self.operation.last_state
        return found | ({last: np.asarray(answers[states][-1])} if states and last else {})

    def _bound(self, own: Callable[..., Any], right: Callable[..., Any], *, bound: bool) -> Bound:
        """Return the arguments in the specification's order, and the options with the candidate's own defaults."""
        known = _parameters(right).values()
        offered = {one.name for one in known if one.kind is one.KEYWORD_ONLY}
        try:
            named = inspect.signature(own).bind(*((None,) * bound), *self.arguments, **self.options)
        except (TypeError, ValueError):  # a callable that does not tell
            passed = [*(("", value) for value in self.arguments), *self.options.items()]
        else:
            named.apply_defaults()
            passed = list(_flat(named))[bound:]
        options = {name: _number(value) for name, value in passed if name in offered}
        rest = [(name, value) for name, value in passed if name not in offered]
        names = list(self.operation.arguments)
        if {*names} <= {name for name, _ in rest}:  # by their names, in whatever order
            rest = [(name, dict(rest)[name]) for name in names]
        return [value for _, value in rest[: len(names)]], options

    def _check(self, values: Mapping[str, Any]) -> Check:
        """Return a check of the rank in which the arguments have the axes that they have."""
        for rank in RANKS:
            check = Check(self.operation, "", rank, self.dtype, (), values, {})
            if all(np.ndim(value) == len(check.axes(name)) for name, value in values.items() if is_array(value)):
                return check
        return check


def _flat(named: inspect.BoundArguments) -> Iterator[tuple[str, Any]]:
    """Yield what was passed, with the names of the parameters; what came by a star has none."""
    for name, value in named.arguments.items():
        kind = named.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            yield from value.items()
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            yield from (("", one) for one in value)
        else:
            yield name, value


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if hasattr(value, "clone") and hasattr(value, "new_tensor"):
        return value.clone()
    if type(value) in {list, tuple}:
        return type(value)(map(_copied, value))
    return {name: _copied(one) for name, one in value.items()} if type(value) is dict else value


def is_array(value: Any) -> bool:
    """Whether a value is an array, NumPy's or a framework's, and no scalar."""
    if type(value) is np.ndarray:
        return True
    return not isinstance(value, SCALARS) and hasattr(value, "dtype") and hasattr(value, "shape")


def arrays(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the arrays among some values, and in lists of them."""
    for value in values:
        if is_array(value):
            yield value
        elif isinstance(value, list | tuple):
            yield from arrays(value)


def plain(value: Any) -> Array:
    """Return an array as NumPy's."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


@functools.cache
def _precision(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


@functools.cache
def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _number(value: Any) -> Any:
    """Return an argument as the base takes it: arrays of float64, and of integers as they are."""
    if value is None or callable(value) or isinstance(value, str | bool | int | float):
        return value
    array = plain(value) if is_array(value) else np.asarray([plain(one) for one in value])
    return array.astype(np.float64) if array.dtype.kind == "f" else array
