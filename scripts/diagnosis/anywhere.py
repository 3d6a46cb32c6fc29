"""Mistakes that can be made in any function, around a right one: they are the same in every style."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .written import SLUGS, Candidate, Style, Written

Around = Callable[[Candidate], Callable[..., Any]]


def anywhere(one: Style) -> Iterator[Written]:
    """Yield the function in this style with each of those mistakes."""
    for slug, made in MADE.items():
        for variant, around in made.items() if slug in SLUGS[one.function] else ():
            right = one.factory(frozenset())
            # what is right to float32 is right where float32 was asked for
            dtypes = ("float64",) if variant.startswith("float32") else ("float32", "float64")
            yield Written(slug, one.function, f"{one.name}, {variant}", declared(around(right), right), None, dtypes)


def declared(outer: Callable[..., Any], inner: Candidate) -> Candidate:
    """Let a wrapper declare the arguments that the function in it declares."""
    outer.__wrapped__ = inner  # type: ignore[attr-defined]
    return outer


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change every array in what a function returned."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(one, change) for one in value))
    if isinstance(value, dict):
        return {name: mapped(one, change) for name, one in value.items()}
    return type(value)(mapped(one, change) for one in value) if isinstance(value, list | tuple) else change(value)


def forgets_return(f: Candidate) -> Callable[..., Any]:
    def candidate(*arrays: Any, **options: Any) -> Any:
        _ = f(*arrays, **options)

    return candidate


def zeros(f: Candidate) -> Callable[..., Any]:
    return lambda *arrays, **options: mapped(f(*arrays, **options), np.zeros_like)


def integers(f: Candidate) -> Callable[..., Any]:
    """Fill buffers of integers: what is below 1 becomes 0; the rest is cut off as well, to show the same."""
    return lambda *arrays, **options: mapped(f(*arrays, **options), lambda one: np.multiply(one, 0).astype(int))


def narrow(dtype: Any, *, back: bool) -> Around:
    def cast(one: Any) -> Any:
        return one.astype(dtype) if isinstance(one, np.ndarray) and one.dtype.kind == "f" else one

    def around(f: Candidate) -> Callable[..., Any]:
        def candidate(*arrays: Any, **options: Any) -> Any:
            asked = next(one[0].dtype for one in arrays if isinstance(one, np.ndarray | list) and np.ndim(one))
            narrowed = [mapped(one, cast) if isinstance(one, list) else cast(one) for one in arrays]
            found = f(*narrowed, **{name: cast(one) for name, one in options.items()})
            return mapped(found, lambda one: np.asarray(one, asked if back else dtype))

        return candidate

    return around


def writes(position: int, change: Callable[[Any], Any]) -> Around:
    """Compute rightly, and leave another thing behind in an argument."""

    def around(f: Candidate) -> Callable[..., Any]:
        def candidate(*arrays: Any, **options: Any) -> Any:
            kept = [[a.copy() for a in one] if isinstance(one, list) else np.copy(one) if isinstance(one, np.ndarray)
                    else one for one in arrays]  # fmt: skip
            found = f(*kept, **options)
            floating = [one for one in arrays if isinstance(one, np.ndarray) and one.dtype.kind == "f"]
            place = floating[position]
            place[...] = change(place)
            return found

        return candidate

    return around


def drops(share: float) -> Around:
    """Set a share of all numbers to zero, others at each call."""

    def around(f: Candidate) -> Callable[..., Any]:
        rng = np.random.default_rng(1)

        def kept(one: Any) -> Any:
            return one * (rng.random(np.shape(one)) >= share).astype(np.asarray(one).dtype)

        return lambda *arrays, **options: mapped(f(*arrays, **options), kept)

    return around


MADE: dict[str, dict[str, Around]] = {
    "not-repeatable": {"half of it dropped": drops(0.5), "a tenth dropped": drops(0.1)},
    "returns-none": {"no return": forgets_return},
    "all-zero": {"zeros": zeros, "a buffer of integers": integers},
    "low-precision": {
        "float32 inside": narrow(np.float32, back=True),
        "float32 returned": narrow(np.float32, back=False),
    },
    "mutates-input": {
        "adds": writes(-1, lambda one: one + 1),
        "empties": writes(0, lambda one: 0 * one),
    },
}
