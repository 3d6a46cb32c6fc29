"""One number by which every entry is multiplied: of all outputs, or of some of them; and what number that is.

Or by which an argument is multiplied that is added to an output: weight decay in a gradient, a leaking state.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ...._shapes import Array
from ...judge.compare import Comparison
from ...numbers.bounded import unit
from ...operation import Check
from ..agreement import largest
from .seen import Everything, Seen, listed, shown

TIMES = 4  # of what is allowed, and of a rounding
CHECKS, SAME = 3, 1e-9  # of which norms are compared, and how near they have to be
LEAST = 1e-5  # by which a factor has to differ from 1 to be told: it is written with six digits


def factors(known: Everything) -> Iterator[str]:
    """Yield by which factors which outputs are off, one sentence for each factor."""
    told: dict[str, list[str]] = {}
    for name, wrong in known.outputs():
        found = _common(name, wrong)
        if found is not None:
            told.setdefault(found, []).append(name)
    if not told:
        return
    check = known.numbers[0].check
    outputs = [one.name for one in known.numbers[0].ones if _has_a_factor(check, one)]
    for c, names in told.items():
        every = set(outputs) <= set(names)
        which = "every entry" if every else f"every entry of {listed(shown(check, name) for name in names)}"
        yield f"{known.where}{which} is {c} times what is due"


def normed(known: Everything) -> Iterator[str]:
    """Yield that what is wrong is one factor in each check, not the same in all, and has one norm together."""
    names = [name for name, _ in known.outputs()]
    wrong = [one for one in known.numbers if one.check.dtype == "float64" and one.check.operation.gives_gradients]
    every = [[one for one in seen.ones if one.name in names] for seen in wrong]
    kept = [place for place, ones in enumerate(every) if any(np.any(one.truth) for one in ones)]  # of 0 no norm is made
    wrong, every = [wrong[place] for place in kept], [every[place] for place in kept]
    found = [factor(seen.check, ones) for seen, ones in zip(wrong, every, strict=True)]
    norms = [float(np.sqrt(sum(np.sum(np.square(one.answer)) for one in ones))) for ones in every]
    same = len(names) > 1 and len(wrong) >= CHECKS and np.ptp(norms) <= SAME * max(norms)
    if same and all(c is not None for c in found) and np.ptp([c or 0.0 for c in found]) > LEAST:
        which = listed(shown(wrong[0].check, name) for name in names)
        yield (f"{known.where}{which} are what is due times one factor, another in each check: their norm together is "
               f"always {norms[0]:.4g}")  # fmt: skip


def _common(name: str, wrong: Sequence[Seen]) -> str | None:
    """Return the factor of one output, by its name if it has the same one in all checks, or as a number."""
    found = [(one.check, factor(one.check, [one.output(name)])) for one in wrong]
    if any(c is None for _, c in found):
        return None
    names = [_names(check, c) for check, c in found if c is not None]
    common = [one for one in names[0] if all(one in others for others in names)]
    numbers = [c for _, c in found if c is not None]
    plain = np.median(numbers)
    spread = max(64 * unit(check.dtype) * max(abs(plain), 1.0) for check, _ in found)
    if common:
        return common[0]
    return f"{plain:.6g}" if max(abs(c - plain) for c in numbers) <= spread else None


def factor(check: Check, ones: Sequence[Comparison]) -> float | None:
    """Return the one number by which every entry of every output is multiplied, None if there is none."""
    with np.errstate(all="ignore"):
        found = [one for one in ones if _has_a_factor(check, one) and not one.problem and largest(one.truth)]
        if not found:
            return None
        ratios = [np.sum(one.answer * one.truth) / np.sum(one.truth**2) for one in found]
        c = float(np.median(ratios))
        close = all(np.all(np.abs(one.answer - c * one.truth) <= 4 * abs(c) * (one.allowed + _ulp(one, check)))
                    for one in found)  # fmt: skip
    return c if close and np.isfinite(c) and abs(c - 1) > LEAST else None


def _has_a_factor(check: Check, one: Comparison) -> bool:
    """Whether it has a factor in common with the rest: a last state has none with the loss and its gradients."""
    operation = check.operation
    state = operation.gives_gradients and one.truth.ndim and operation.shown(one.name) == one.name
    return one.name != operation.last_state and not state


def named_factor(check: Check, c: float) -> str | None:
    """Return what a factor is, in terms of the problem's sizes.

    >>> from rnn_ref.conformance.operation import Operation
    >>> named_factor(Check(Operation("f", "x:", "y:"), "", "single", "float64", (), {}, {}), 1 / np.log(2))
    '1/ln 2'
    """
    return next(iter(_names(check, c)), None)


def _names(check: Check, c: float) -> list[str]:
    """Return all names that a factor may have, the plainest first."""
    known = {"1/ln 2": 1 / np.log(2), "ln 2": np.log(2), "-1": -1.0, "2": 2.0, "1/2": 0.5, "0": 0.0}
    sizes = sizes_of(check)
    for name, size in sizes.items():
        known |= {name: size, f"1/{name}": 1 / size}
    if {"T", "B"} <= set(sizes):
        known |= {"T·B": sizes["T"] * sizes["B"], "1/(T·B)": 1 / (sizes["T"] * sizes["B"])}
    if check.options.get("lengths") is not None:
        steps = float(np.sum(check.options["lengths"]))
        known |= {"sum(lengths)": steps, "1/sum(lengths)": 1 / steps}
    return [name for name, value in known.items() if abs(c - value) <= 64 * unit(check.dtype) * max(abs(value), 1)]


def sizes_of(check: Check) -> dict[str, float]:
    """Return T and B of a problem, and V of losses, as far as they can be seen, and are not 1."""
    counted = "TB" if check.operation.weights else "TBV"
    found: dict[str, float] = {}
    for name, value in check.arguments.items():
        if isinstance(value, np.ndarray) and value.ndim > 1:
            found |= {axis: float(size) for axis, size in zip(check.axes(name), value.shape, strict=True)}
    return {axis: found[axis] for axis in counted if found.get(axis, 1) != 1}


def _ulp(one: Comparison, check: Check) -> Array:
    found: Array = 4 * unit(check.dtype) * np.abs(one.truth)
    return found


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
