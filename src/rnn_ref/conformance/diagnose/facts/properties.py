"""What can be said of a problem before it is solved: its precision, rank, options, memory, and what its arrays hold."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ...._shapes import Array
from ...judge.raising import CALLS
from ...operation import ABSENT, RANKS, Check, Value

Property = tuple[str, list[bool]]  # the words behind "checks", and of which of them they hold
Properties = Callable[[Sequence[Check]], Iterator[Property]]
PROBABILITIES = "class probabilities for targets"
LAID = {"strided": "with gaps between their numbers (a[::2])", "reversed": "reversed (a[::-1])"}
SIZES = {"T": "steps", "B": "rows in the batch", "D": "inputs", "H": "units", "V": "outputs"}


def asked(checks: Sequence[Check]) -> Iterator[Property]:
    """Yield in what problems differ that are asked in several ways, the plainest first."""
    for dtype in ("float32", "float64"):
        yield f"in {dtype}", [one.dtype == dtype for one in checks]
    for rank in RANKS:
        yield f"of {CALLS[rank]}", [one.rank == rank for one in checks]
    yield "of more than a single prediction", [len(ABSENT[one.rank]) < len(ABSENT["step"]) for one in checks]
    for name in dict.fromkeys(name for one in checks for name in one.options):
        yield f"with {name}", [name in one.options for one in checks]
        yield f"without {name}", [name not in one.options for one in checks]
        plain = [one.options[name] for one in checks if isinstance(one.options.get(name), str | int | float)]
        for value in dict.fromkeys(plain):
            same = [_is(one.options.get(name), value) for one in checks]
            there = [name in one.options for one in checks]
            yield f"with {name}={value!r}", same
            yield f"with {name} other than {value!r}", [is_ and not it for is_, it in zip(there, same, strict=True)]
    yield f"with {PROBABILITIES}", ["probabilities" in one.flags for one in checks]
    for form in dict.fromkeys(form for one in checks for form in one.forms.values()):
        words = f"with arrays {LAID[form]}" if form in LAID else f"with {form} arguments"
        yield words, [form in one.forms.values() for one in checks]


def held(checks: Sequence[Check]) -> Iterator[Property]:
    """Yield in what problems differ by the numbers in their arguments."""
    for value in _shared(checks):
        yield from _of_argument(value, [np.asarray(one.arguments[value.name]) for one in checks])


def counted(checks: Sequence[Check]) -> Iterator[Property]:
    """Yield what can be said of the sizes beside how large they are: odd, even, or alike."""
    found = {axis: numbers for axis, _, numbers in sizes(checks) if axis in SIZES}
    for axis, numbers in found.items():
        yield f"with an odd number of {SIZES[axis]} ({axis})", [number % 2 == 1 for number in numbers]
        yield f"with an even number of {SIZES[axis]} ({axis})", [number % 2 == 0 for number in numbers]
    for one, other in combinations(found, 2):
        alike = [mine == theirs for mine, theirs in zip(found[one], found[other], strict=True)]
        yield f"with as many {SIZES[one]} as {SIZES[other]} ({one} = {other})", alike


def _shared(checks: Sequence[Check]) -> list[Value]:
    """Return the arguments that every check has; of those made of parts, some have more parts than others."""
    every = checks[0].operation.arguments.values()
    return [value for value in every if all(value.name in one.arguments for one in checks)]


def _of_argument(value: Value, arrays: Sequence[Array]) -> Iterator[Property]:
    """Yield what can be said of the numbers in one argument."""
    name = value.name
    if value.kind == "classes":
        yield f"in which a class is due twice ({name})", [one.dtype.kind in "iu" and _repeats(one) for one in arrays]
    elif value.kind == "numbers":
        yield f"in which {name} is 0", [not one.any() for one in arrays]
        yield f"in which {name} has a 0 in it", [bool((one == 0).any()) for one in arrays]
        if not value.axes:
            yield f"in which {name} is negative", [bool((one < 0).all()) for one in arrays]
        if value.axes[-1:] == ("V",):
            yield f"in which two {name} of a row tie for the largest", [_ties(one) for one in arrays]


def sizes(checks: Sequence[Check]) -> Iterator[tuple[str, str, list[float]]]:
    """Yield what is counted or measured in every problem: a name, what it counts, and the numbers."""
    found = [_axes(one) for one in checks]
    for axis, what in SIZES.items():
        if all(axis in one for one in found):
            yield axis, what, [one[axis] for one in found]
    names = [value.name for value in _shared(checks) if value.kind == "numbers"]
    for name in names:
        yield f"|{name}|", "", [_largest(one.arguments[name]) for one in checks]
    for name in checks[0].expected:
        if all(name in one.expected for one in checks) and name not in names:
            yield f"|{name}|", "", [_largest(one.expected[name]) for one in checks]


def _axes(check: Check) -> dict[str, float]:
    """Return the sizes of the axes; a single sequence is a batch of one."""
    found: dict[str, float] = {"T": 1.0, "B": 1.0} if "T" in ABSENT["step"] else {}
    for name, value in check.arguments.items():
        if isinstance(value, np.ndarray):
            found |= {axis: float(size) for axis, size in zip(check.axes(name), value.shape, strict=True)}
    return found


def _largest(value: Any) -> float:
    array = np.abs(np.asarray(value, np.float64))
    return float(array[np.isfinite(array)].max(initial=0.0))


def _is(one: Any, value: Any) -> bool:
    return type(one) is type(value) and bool(one == value)


def _repeats(array: Array) -> bool:
    return bool(np.unique(array).size < array.size)


def _ties(array: Array) -> bool:
    if array.shape[-1:] in {(), (1,)}:
        return False
    ordered = np.sort(array, -1)
    return bool((ordered[..., -1] == ordered[..., -2]).any())
