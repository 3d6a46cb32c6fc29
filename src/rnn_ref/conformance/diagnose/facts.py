"""What is known of an error that has no name: which output, which step, unit and row; a ratio, a permutation."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..._shapes import Array
from ..judge.compare import Comparison, compared
from ..judge.probe import Probe
from ..numbers.bounded import unit
from ..operation import Check
from .agreement import largest

AXES = {3: ("step", "batch row", "unit"), 2: ("step", "unit")}
MOST = 3  # facts that are told


def facts(probes: Sequence[Probe]) -> list[str]:
    """Return sentences that hold on every probe that is wrong, plain ones if there are any, the most telling first."""
    wrong = [(p.check.returning(p.outcome.answers), p) for p in probes if p.wrong and p.outcome.error is None]
    tables = [(check, compared(check, p.outcome.answers)) for check, p in wrong if p.outcome.unusable is None]
    tables = [(check, ones) for check, ones in tables if not any(one.problem for one in ones)]
    tables = [one for one in tables if "generic" in one[0].flags] or tables
    if not tables:
        return []
    common: list[str] | None = None
    called = [fact for _, probe in wrong[:1] for fact in _calls(probe)]
    for check, ones in tables:
        said = called + list(_said(check, ones))
        common = said if common is None else [fact for fact in common if fact in said]
    return (common or [])[:MOST]


def _calls(probe: Probe) -> Iterator[str]:
    """Yield how often the function that was handed over was called, where it is not once for every step."""
    check, calls = probe.check, [tuple(shape) for shape in probe.outcome.calls]
    handed = [name for name, value in check.operation.arguments.items() if value.kind == "function"]
    for name in handed:
        logits = list(check.arguments.values())[-3]
        due = [logits.shape[1:]] * len(logits)
        if calls != due:
            often = {0: "never", 1: "once"}.get(len(calls), f"{len(calls)} times")
            shapes = " and ".join(str(shape) for shape in dict.fromkeys(calls))
            yield (
                f"{name} was called {often}"
                + (f", with logits of shape {shapes}" if shapes else "")
                + f"; due is once for each of the {len(logits)} steps, with {logits.shape[1:]}"
            )


def factor(check: Check, ones: Sequence[Comparison]) -> float | None:
    """Return the one number by which every entry of every output is multiplied, None if there is none."""
    with np.errstate(all="ignore"):
        found = [
            one
            for one in ones  # a last state has no factor in common with the loss and its gradients
            if one.name != check.operation.last_state and not one.problem and largest(one.truth)
        ]
        if not found:
            return None
        ratios = [np.sum(one.answer * one.truth) / np.sum(one.truth**2) for one in found]
        c = float(np.median(ratios))
        close = all(np.all(np.abs(one.answer - c * one.truth) <= 4 * abs(c) * (one.allowed + _ulp(one, check)))
                    for one in found)  # fmt: skip
    return c if close and np.isfinite(c) and abs(c - 1) > 1e-3 else None


def named_factor(check: Check, c: float) -> str | None:
    """Return what a factor is, in terms of the problem's sizes.

    >>> from rnn_ref.conformance.operation import Operation
    >>> named_factor(Check(Operation("f", "x:", "y:"), "", "single", "float64", (), {}, {}), 1 / np.log(2))
    '1/ln 2'
    """
    known = {"1/ln 2": 1 / np.log(2), "ln 2": np.log(2), "-1": -1.0, "2": 2.0, "1/2": 0.5, "0": 0.0}
    sizes = sizes_of(check)
    for name, size in sizes.items():
        known |= {name: size, f"1/{name}": 1 / size}
    if {"T", "B"} <= set(sizes):
        known |= {"T·B": sizes["T"] * sizes["B"], "1/(T·B)": 1 / (sizes["T"] * sizes["B"])}
    near = [name for name, value in known.items() if abs(c - value) <= 64 * unit(check.dtype) * max(abs(value), 1)]
    return near[0] if near else None


def sizes_of(check: Check) -> dict[str, float]:
    """Return T and B of a problem, and V of losses, as far as they can be seen, and are not 1."""
    counted = "TB" if check.operation.weights else "TBV"
    found: dict[str, float] = {}
    for name, value in check.arguments.items():
        if isinstance(value, np.ndarray) and value.ndim > 1:
            found |= {axis: float(size) for axis, size in zip(check.axes(name), value.shape, strict=True)}
    return {axis: found[axis] for axis in counted if found.get(axis, 1) != 1}


def _said(check: Check, ones: Sequence[Comparison]) -> Iterator[str]:
    operation = check.operation
    wrong = [one for one in ones if one.wrong]
    c = factor(check, ones)
    if c is not None:
        name = named_factor(check, c)
        yield f"every entry is {name} times what is due" if name else f"every entry is {c:.4g} times what is due"
    if len(ones) > 1 and len(wrong) < len(ones):
        yield f"only {' and '.join(one.name for one in wrong)} {'is' if len(wrong) == 1 else 'are'} wrong"
    for one in wrong:
        yield from _arrangement(one, check.expected[one.name], timed=one.name in operation.timed)
        yield from _places(one, timed=one.name in operation.timed, backwards=operation.from_the_end)


def _arrangement(one: Comparison, due: Array, *, timed: bool) -> Iterator[str]:
    """Yield how the right numbers stand in the wrong places."""

    def right(answer: Array) -> bool:
        return answer.shape == due.shape and bool(np.all(np.abs(answer - due) <= 8 * one.allowed.max()))

    answer = one.answer
    if answer.ndim == 2 and right(answer.T):
        yield f"{one.name} is the transpose of what is due"
    if timed and right(answer[::-1]):
        yield f"{one.name}: the steps are in reverse order"
    for axis, what in ((-1, "the units"), (1, "the rows of the batch")):
        if answer.shape == due.shape and answer.ndim > max(axis, 0) + (axis > 0) and _permuted(answer, due, axis, one):
            yield f"{one.name}: {what} are in another order"


def _permuted(answer: Array, due: Array, axis: int, one: Comparison) -> bool:
    """Whether the slices along an axis are all there, in another order."""
    mine, theirs = np.moveaxis(answer, axis, 0), np.moveaxis(due, axis, 0)
    near = 8 * float(one.allowed.max())
    found = [[k for k, due_k in enumerate(theirs) if np.all(np.abs(mine_j - due_k) <= near)] for mine_j in mine]
    order = [ks[0] for ks in found if len(ks) == 1]
    return sorted(order) == list(range(len(theirs))) and order != sorted(order)


def _places(one: Comparison, *, timed: bool, backwards: bool) -> Iterator[str]:
    """Yield where the wrong entries are."""
    bad: Array = np.asarray(one.ratios) > 1
    if timed:
        steps = np.any(bad.reshape(len(bad), -1), axis=1)
        if not steps.all():
            first, last = np.flatnonzero(steps)[[0, -1]]
            if not backwards and first and steps[first:].all():
                yield (
                    f"{one.name}: right before step {first}, wrong from there on"
                    if first == 1
                    else (f"{one.name}: the first steps are right, the later ones wrong")
                )
            elif backwards and not steps[last + 1 :].any():
                yield f"{one.name}: the last steps are right, the earlier ones wrong"
    if bad.ndim == 3 and timed:
        rows = np.any(bad, axis=(0, 2))
        if not rows.all():
            yield f"{one.name}: only some rows of the batch are wrong"
    units = np.any(bad.reshape(-1, bad.shape[-1]), axis=0) if bad.ndim else np.array([True])
    if units.size > 1 and not units.all():
        only = np.flatnonzero(units)
        which = f"{'unit' if len(only) == 1 else 'units'} {', '.join(map(str, only[:4]))}"
        yield (
            f"{one.name}: only {which} {'is' if len(only) == 1 else 'are'} wrong"
            if len(only) < 5
            else (f"{one.name}: only some units are wrong")
        )


def _ulp(one: Comparison, check: Check) -> Array:
    found: Array = 4 * unit(check.dtype) * np.abs(one.truth)
    return found
