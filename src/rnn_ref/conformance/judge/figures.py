"""How wrong one output is, in the figures that a reader of the report asks for; and how figures are written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..._shapes import Array
from ..numbers.bounded import unit
from .compare import Comparison

MOST_DIGITS = 17  # tell any two float64 apart


@dataclass(frozen=True)
class Extreme:
    """A greatest error and where it is."""

    value: float
    index: tuple[int, ...]


@dataclass(frozen=True)
class Figures:
    """One output beside the truth; ``answer``, ``truth`` and ``pytorch_error`` are those at the result's index."""

    output: str
    dtype: str  # of the question; the answer is compared in float64
    shape: tuple[int, ...]
    entries: int
    mismatched: int  # entries off by more than is allowed
    answer: float
    truth: float  # the nearest float64; of a state, one exact step from the candidate's own state before
    greatest_abs: Extreme
    greatest_rel: Extreme | None  # where the truth is not 0; None if it is 0 everywhere
    greatest_ulp: Extreme  # in ulp of the output's largest entry
    needed_times: float  # what the allowed errors would have to be multiplied by for this to pass
    needed_abs: float  # or the one absolute tolerance under which it would
    pytorch_error: float | None  # None where PyTorch's answer is not known
    pytorch_allowed: float | None
    also: dict[str, str]  # the other outputs that are wrong, and how far: "3 of 8", or what is the matter


@dataclass(frozen=True)
class Beyond:
    """PyTorch's own answer, where it is off by more than is allowed, or keeps less than half of its digits."""

    output: str
    error: float
    allowed: float
    truth: float
    index: tuple[int, ...]


def beyond(pytorch: Iterable[Comparison], dtype: str, *, cancels: bool) -> Beyond | None:
    """Return where PyTorch itself is off most, of its answers to one check; None where all are right.

    Of outputs in which nothing cancels, half of the digits are expected.
    """
    found = [found for one in pytorch if (found := _beyond(one, dtype, cancels))]
    return max(found, key=lambda one: one.error / one.allowed if one.allowed else float("inf"), default=None)


def _beyond(one: Comparison, dtype: str, cancels: bool) -> Beyond | None:
    if one.problem:
        return None
    limits = one.allowed
    if not cancels:
        half = np.sqrt(unit(dtype)) * np.abs(one.truth) + np.finfo(dtype).tiny  # below which all may be flushed
        limits = np.where(np.isfinite(one.truth), np.minimum(limits, half), limits)
    place = replace(one, allowed=limits).worst
    error, limit = float(one.errors[place]), float(limits[place])
    return Beyond(one.name, error, limit, float(one.truth[place]), place) if error > limit else None


def figures_of(worst: Comparison, outputs: list[Comparison], pytorch: Comparison | None, dtype: str) -> Figures:
    """Return the figures of the output that is worst; ``pytorch`` is PyTorch's own answer for it, compared alike."""
    place, entries = worst.worst, worst.errors.size
    most = _extreme(worst.errors)
    return Figures(
        output=worst.name,
        dtype=dtype,
        shape=worst.errors.shape,
        entries=entries,
        mismatched=_mismatched(worst),
        answer=float(worst.answer[place]),
        truth=float(worst.truth[place]),
        greatest_abs=most,
        greatest_rel=_relative(worst),
        greatest_ulp=Extreme(most.value / worst.ulp, most.index),
        needed_times=worst.ratio,
        needed_abs=most.value,
        pytorch_error=None if pytorch is None else float(pytorch.errors[place]),
        pytorch_allowed=None if pytorch is None else float(pytorch.allowed[place]),
        also={
            one.name: one.problem or f"{_mismatched(one)} of {one.errors.size}"
            for one in outputs
            if one.wrong and one is not worst
        },
    )


def _mismatched(one: Comparison) -> int:
    return int((~(one.ratios <= 1)).sum())


def _extreme(errors: Array) -> Extreme:
    place = tuple(int(i) for i in np.unravel_index(int(errors.argmax()), errors.shape))
    return Extreme(float(errors[place]), place)


def _relative(one: Comparison) -> Extreme | None:
    measured = np.isfinite(one.truth) & (one.truth != 0)
    if not measured.any():
        return None
    with np.errstate(over="ignore"):
        return _extreme(np.divide(one.errors, np.abs(one.truth), out=np.zeros(one.errors.shape), where=measured))


def figure_text(value: float, digits: int = 2) -> str:
    """Write a figure with so many digits, small and large ones with an exponent.

    >>> figure_text(0.7412), figure_text(2.14e-15), figure_text(2.14e-15, 3)
    ('0.74', '2.1e-15', '2.14e-15')
    """
    text = f"{value:.{digits}g}"
    return f"{value:.{digits - 1}e}" if "e" in text else text


def distinct_texts(error: float, allowed: float, most: int = MOST_DIGITS) -> tuple[str, str]:
    """Write an error and what is allowed with so many digits that an error that is too large also looks it.

    >>> distinct_texts(0.74, 2.1e-15), distinct_texts(1.0004e-16, 1.0001e-16)
    (('0.74', '2.1e-15'), ('1.0004e-16', '1.0001e-16'))
    """
    for digits in range(2, most + 1):
        texts = figure_text(error, digits), figure_text(allowed, digits)
        if float(texts[0]) > float(texts[1]) or not error > allowed:
            break
    return texts


def distinct(answer: float, truth: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to see where they part, four at least.

    >>> distinct(0.3135, 1.0548), distinct(0.123456789, 0.123456788)
    (('0.3135', '1.055'), ('0.123456789', '0.123456788'))
    """
    for digits in range(4, MOST_DIGITS + 1):
        texts = f"{answer:.{digits}g}", f"{truth:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
