"""What is compared, how far apart it may be, and the word that is said where it is not.

An entry may be off by LIMIT times Σ|terms|, the sum of magnitudes that was added up to make it: with one hidden unit
two terms can cancel, and then neither program is right to more than the terms' own rounding. With several units the
largest error must also stay below the same figure of the array's largest entry.
"""

from typing import Any, NamedTuple

import numpy as np

# What parity means in this project (README): 42 and 90 units of the last place, over up to 40 steps.
LIMIT = {"float32": 5e-6, "float64": 2e-14}


class Compared(NamedTuple):
    """One array of ours beside PyTorch's, with the Σ|terms| of every entry."""

    what: str
    ours: Any
    theirs: Any
    terms: Any


def named(ours: Any, theirs: dict[str, Any], terms: Any) -> list[Compared]:
    """Pair up gradients by name; a name too many or too few is an error."""
    if set(ours._fields) != set(theirs):
        raise AssertionError(f"ours are {ours._fields}, PyTorch's {sorted(theirs)}")
    return [Compared(name, getattr(ours, name), theirs[name], getattr(terms, name)) for name in ours._fields]


def errors(pair: Compared) -> Any:
    """Return |ours − theirs|; 0 where both are the same infinity or both nan, inf where only one is finite."""
    ours, theirs = np.asarray(pair.ours, np.float64), np.asarray(pair.theirs, np.float64)
    with np.errstate(invalid="ignore"):
        apart = np.abs(ours - theirs)
    alike = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return np.where(alike, 0, np.where(np.isfinite(apart), apart, np.inf))


def of_terms(pair: Compared) -> float:
    """Return the largest error relative to the Σ|terms| of its own entry; where nothing is behind it, inf.

    Below the smallest normal number rounding is no longer relative, so no Σ|terms| counts for less than that.
    """
    return float(np.max(_ratios(pair)))


def _ratios(pair: Compared) -> Any:
    apart, theirs = errors(pair), np.asarray(pair.theirs)
    terms = np.broadcast_to(np.asarray(pair.terms, np.float64), theirs.shape)
    terms = np.where(terms == 0, 0, np.maximum(terms, np.finfo(theirs.dtype).tiny))
    return np.divide(apart, terms, out=np.where(apart > 0, np.inf, 0.0), where=(apart > 0) & (terms > 0))


def largest(pair: Compared) -> float:
    """Return the array's largest finite entry."""
    entries = np.abs(np.asarray(pair.theirs, np.float64))
    return float(np.max(entries, where=np.isfinite(entries), initial=0))


def of_largest(pair: Compared) -> float:
    """Return the largest error relative to the array's largest entry."""
    apart = float(np.max(errors(pair)))
    return apart and apart / max(largest(pair), np.finfo(np.float64).tiny)


def in_ulp(pair: Compared) -> float:
    """Return the largest error in ulp, of the answer's dtype, of the array's largest entry."""
    unit = np.spacing(np.asarray(pair.theirs).dtype.type(largest(pair)))
    return float(np.max(errors(pair))) / float(unit)


def check(pair: Compared, dtype: str, *, cancels: bool = False) -> None:
    """Raise AssertionError unless ours is PyTorch's array: in dtype, shape and every entry."""
    kind, theirs = np.ndarray if np.ndim(pair.theirs) else np.generic, np.asarray(pair.theirs)
    if not isinstance(pair.ours, kind) or (pair.ours.shape, pair.ours.dtype) != (theirs.shape, np.dtype(dtype)):
        told = f"{type(pair.ours).__name__} {np.shape(pair.ours)} {getattr(pair.ours, 'dtype', '')}"
        raise AssertionError(f"{pair.what}: expected {kind.__name__} {theirs.shape} {dtype}, got {told}")
    if theirs.dtype != dtype:
        raise AssertionError(f"{pair.what}: PyTorch answered in {theirs.dtype}, asked in {dtype}")
    off = {"Σ|terms|": (of_terms(pair), _ratios(pair)), "the largest entry": (of_largest(pair), errors(pair))}
    for name, (worst, each) in list(off.items())[: 1 if cancels else 2]:
        if not worst <= LIMIT[dtype]:
            at = np.unravel_index(np.argmax(each), np.shape(pair.theirs))
            raise AssertionError(
                f"{pair.what}: off by {worst:.1e} of {name}, allowed {LIMIT[dtype]:.0e}, at {tuple(map(int, at))}: "
                f"{np.asarray(pair.ours)[at]} for {np.asarray(pair.theirs)[at]}"
            )
