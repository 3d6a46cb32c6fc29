"""The question that given arrays ask: which argument is which, whether they fit, and in which arithmetic.

What the reference itself refuses, it is asked: it says function, argument, actual and expected.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..misspelt import did_you_mean, expected
from ..numbers.arithmetic import Arithmetic
from ..numbers.formats import FORMATS, coarsest
from ..operation import Operation, UnusableError
from ..spec import OPERATIONS
from ..spec.bases import right
from ..spec.given import Given
from ..spec.losses.callables import CALLABLES, known_name
from .arrays import Taken, taken

WIDE = "float32"  # in what is added up where products are of fewer bits, if nothing else is said


def question(
    caller: str, function: str, inputs: Any, options: Mapping[str, Any], precision: str | None, accumulate: str | None
) -> Given:
    """Return what is asked. Raises TypeError or ValueError for what does not fit, NotImplementedError of a stack."""
    if function not in OPERATIONS:
        raise ValueError(f"{caller}: function is {function!r}{expected(str(function), OPERATIONS)}")
    operation = OPERATIONS[function]
    if any(one.kind == "parts" for one in operation.arguments.values()):
        raise NotImplementedError(
            f"{caller}: {function} is judged by the checks of its suite alone, for lists and tuples of arrays are not "
            "read here; each of its layers can be judged by itself"
        )
    values, chosen = _named(caller, operation, inputs, options)
    found = {name: _taken(function, operation, name, value) for name, value in (values | chosen).items()}
    dtypes = [FORMATS[one.dtype] for one in found.values() if isinstance(one, Taken) and one.dtype]
    stored = coarsest(*dtypes).name if dtypes else "float64"
    arithmetic = Arithmetic.of(*_formats(caller, precision, accumulate, stored), stored)
    plain = {name: one.array if isinstance(one, Taken) else one for name, one in found.items()}
    given = Given(
        operation,
        {name: _floats(operation, name, plain[name]) for name in operation.arguments},
        {name: _option(plain[name]) for name in chosen},
        arithmetic,
    )
    for name, one in found.items():
        if isinstance(one, Taken) and one.array.dtype.kind == "f":
            _check_range(function, operation, name, plain[name], arithmetic)
    _ask_reference(given)
    return given


def _named(
    caller: str, operation: Operation, inputs: Any, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return arguments and options by name; options may stand among the inputs."""
    names, function = list(operation.arguments), operation.name
    if not isinstance(inputs, Mapping):
        if not isinstance(inputs, list | tuple):
            told = f"inputs is of type {type(inputs).__name__}"
            raise TypeError(
                f"{caller}: {told}, expected a dict or a tuple of {function}'s arguments: {', '.join(names)}"
            )
        if len(inputs) != len(names):
            told = f"inputs has {len(inputs)} values"
            raise ValueError(f"{caller}: {told}, expected {len(names)}, {function}'s arguments: {', '.join(names)}")
        inputs = dict(zip(names, inputs, strict=True))
    missing, known = [name for name in names if name not in inputs], options_of(operation)
    if missing:
        others = [str(name) for name in inputs if name not in {*names, *known}]
        told = f"inputs has no {', '.join(missing)}" + (f", but {', '.join(others)}" if others else "")
        raise ValueError(f"{caller}: {told}, expected {function}'s arguments: {', '.join(names)}")
    chosen = {**{name: value for name, value in inputs.items() if name not in names}, **options}
    unknown = [name for name in chosen if name not in known]
    if unknown:
        due = f"its options {', '.join(known)}" if known else "none, for it has no options"
        close = did_you_mean(str(unknown[0]), [*names, *known])
        raise TypeError(
            f"{caller}: {', '.join(unknown)} is no argument and no option of {function}, expected {due}{close}"
        )
    return {name: inputs[name] for name in names}, {name: value for name, value in chosen.items() if value is not None}


def options_of(operation: Operation) -> tuple[str, ...]:
    """Return the names of a function's options.

    >>> options_of(OPERATIONS["rnn_forward"]), options_of(OPERATIONS["rnn_output_layer"])
    (('activation',), ())
    """
    parameters = inspect.signature(right(operation.name)).parameters.values()
    return tuple(one.name for one in parameters if one.kind is one.KEYWORD_ONLY)


def _reference(operation: Operation) -> Callable[..., Any] | None:
    found: Callable[..., Any] | None = getattr(importlib.import_module("rnn_ref"), operation.name, None)
    return found


def _taken(function: str, operation: Operation, name: str, value: Any) -> Any:
    argument = operation.arguments.get(name)
    if argument is not None and argument.kind == "function":
        known = known_name(value)
        if not known:
            told = getattr(value, "__name__", repr(value))
            expected = f"rnn_ref.cross_entropy, its backward, or one of {', '.join(CALLABLES)}"
            raise ValueError(f"{function}: {name} is {told}, expected {expected}: of others no truth is known here")
        return known
    if argument is None and (isinstance(value, str | bool) or not hasattr(value, "dtype")):
        return value  # an option
    try:
        return taken(value)
    except UnusableError as error:
        raise TypeError(f"{function}: {name} {error}") from error


def _floats(operation: Operation, name: str, value: Any) -> Any:
    """Return an argument as it is calculated with: numbers as float64, classes as they are."""
    kind = operation.arguments[name].kind
    if kind != "numbers":
        return value
    if value.dtype.kind != "f" and value.ndim:
        raise TypeError(
            f"{operation.name}: {name} has dtype {value.dtype}, expected floating-point numbers; "
            f"{name}.astype(np.float32) converts"
        )
    return value.astype(np.float64) if value.ndim else float(value)


def _option(value: Any) -> Any:
    """Return an option as the reference takes it: a single number as Python's."""
    return value.item() if isinstance(value, np.ndarray) and not value.ndim else value


def _formats(caller: str, precision: str | None, accumulate: str | None, stored: str) -> tuple[str, str]:
    """Return the names of the formats of products and of sums."""
    for name, value in (("precision", precision), ("accumulate", accumulate)):
        if value is not None and value not in FORMATS:
            raise ValueError(
                f"{caller}: {name} is {value!r}, expected one of {', '.join(FORMATS)}{did_you_mean(value, FORMATS)}"
            )
    precision = precision or stored
    finest = FORMATS[precision].bits >= FORMATS[WIDE].bits
    accumulate = accumulate or (precision if finest else WIDE)
    if FORMATS[accumulate].bits < FORMATS[precision].bits:
        told = f"accumulate is {accumulate!r}, coarser than precision {precision!r}"
        raise ValueError(f"{caller}: {told}, expected sums that are at least as fine as their terms")
    return precision, accumulate


def _check_range(function: str, operation: Operation, name: str, array: Any, arithmetic: Arithmetic) -> None:
    """Raise ValueError for nan, for infinities that are no logits, and for what a format cannot hold."""
    argument = operation.arguments.get(name)
    classes = [one for one in operation.arguments.values() if one.kind == "classes"]
    logits = argument is not None and any(argument.axes == (*one.axes, "V") for one in classes)
    narrowest = min((arithmetic.operands, arithmetic.between), key=lambda one: one.largest)
    off = ~(np.abs(array) <= narrowest.largest) & ~(logits & (array == -np.inf))
    if off.any():
        where = tuple(int(i) for i in np.argwhere(off)[0])
        place = f" at {list(where)}" if where else ""
        raise ValueError(
            f"{function}: {name} is {array[where]}{place}, expected finite numbers up to {narrowest.largest:.5g}, "
            f"the largest of {narrowest.name}"
        )


def _ask_reference(given: Given) -> None:
    """Raise what the reference raises at these arguments."""
    reference = _reference(given.operation)
    if reference is not None:
        arguments = {
            name: CALLABLES[value] if isinstance(value, str) else value for name, value in given.arguments.items()
        }
        with np.errstate(all="ignore"):
            reference(**arguments, **given.options)
