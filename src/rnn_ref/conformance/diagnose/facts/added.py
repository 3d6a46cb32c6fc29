"""A multiple of an argument that is added to an output: weight decay in a gradient, a state that leaks onwards."""

from collections.abc import Iterator

import numpy as np

from ...numbers.bounded import unit
from .seen import Everything, Seen, shown

TIMES = 4  # of what is allowed, and of a rounding


def added(known: Everything) -> Iterator[str]:
    """Yield which multiple of which argument is added to which output, the same in all checks that are wrong."""
    for name, wrong in known.outputs():
        for argument, value in wrong[0].check.operation.arguments.items():
            everywhere = value.kind == "numbers" and all(argument in one.check.arguments for one in wrong)
            found = [_multiple(one, name, argument) for one in wrong] if everywhere else [None]
            telling = [c for c in found if c is not None]  # of float64 in front, where there are some
            if not telling or 2 * len(telling) < len(found):
                continue
            c = float(f"{telling[0]:.12g}")  # constants are short
            if all(_fits(one, name, argument, c) for one in wrong):
                yield f"{known.where}{shown(wrong[0].check, name)} is what is due with {c:.4g} times {argument} added"
                break


def _multiple(seen: Seen, name: str, argument: str) -> float | None:
    """Return the multiple that is nearest, None where shapes differ or there is too little to tell."""
    one, given = seen.output(name), np.asarray(seen.check.arguments[argument])
    same = given.shape == one.truth.shape and given.dtype.kind == "f" and given.size > 1
    if not same or not given.any() or not np.isfinite(one.answer).all() or not np.isfinite(given).all():
        return None
    wide = given.astype(np.float64)
    return float(np.sum((one.answer - one.truth) * wide) / np.sum(wide**2))


def _fits(seen: Seen, name: str, argument: str, c: float) -> bool:
    one, given = seen.output(name), np.asarray(seen.check.arguments[argument], np.float64)
    if given.shape != one.truth.shape:
        return False
    rounding = unit(seen.check.dtype) * (np.abs(one.truth) + np.abs(c * given))
    return bool(np.all(np.abs(one.answer - one.truth - c * given) <= TIMES * (one.allowed + rounding)))
