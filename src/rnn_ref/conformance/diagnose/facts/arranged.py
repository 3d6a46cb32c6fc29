"""The right numbers in the wrong places: transposed, in another order along an axis, or under another name."""

from collections.abc import Iterator

import numpy as np

from ...._shapes import Array
from ...spec.tolerance import allowed_errors
from .seen import Everything, Seen, listed, shown

TIMES = 8  # of what is allowed: places are told apart by far more


def exchanged(known: Everything) -> Iterator[str]:
    """Yield in which order outputs were returned, if each of them is there and not in its own place."""
    wrong = [one for one in known.counting if one.outcome.error is None and one.outcome.unusable is None]
    if not wrong or len(wrong) < len(known.counting) or len(wrong[0].check.expected) < 2:
        return
    if any(one.check.expected.keys() != wrong[0].check.expected.keys() for one in wrong):
        return  # of a function whose checks have several numbers of outputs
    found = [_order(one) for one in wrong]
    names = [*wrong[0].check.expected]
    order = [next((given[name] for given in found if len(given[name]) == 1), []) for name in names]
    fits = all(not one or one[0] in given[name] for given in found for one, name in zip(order, names, strict=True))
    plain = [one[0] for one in order if one]
    if fits and sorted(plain) == sorted(names) and plain != names:
        moved = [(theirs, name) for theirs, name in zip(plain, names, strict=True) if theirs != name]
        check = wrong[0].check
        told = listed(f"{shown(check, theirs)} where {shown(check, name)} is due" for theirs, name in moved)
        yield f"{known.where}the outputs are right, in another order: {told}"


def _order(seen: Seen) -> dict[str, list[str]]:
    """Return for every output those that it may be, by their numbers."""
    check = seen.check
    allowed = allowed_errors(check)

    def is_(answer: object, other: str) -> bool:
        due = check.expected[other]
        same = isinstance(answer, np.ndarray) and answer.shape == due.shape
        return bool(same and np.all(check.errors(other, answer) <= TIMES * allowed[other]))  # type: ignore[arg-type]

    answers = seen.outcome.answers
    return {name: [other for other in check.expected if is_(answers.get(name), other)] for name in check.expected}


def arranged(known: Everything) -> Iterator[str]:
    """Yield how the right numbers stand in the wrong places, output by output."""
    for name, wrong in known.outputs():
        check = wrong[0].check
        said = [list(_ways(one, name)) for one in wrong]
        common = [way for way in said[0] if all(way in others for others in said if others)] if said[0] else []
        telling = sum(map(bool, said))
        if common and 2 * telling > len(said) and all(ways or _symmetric(one, name) for ways, one in
                                                       zip(said, wrong, strict=True)):  # fmt: skip
            yield f"{known.where}{shown(check, name)}{common[0]}"


def _symmetric(seen: Seen, name: str) -> bool:
    """Whether too little of an output is there to tell an order."""
    return min(seen.output(name).truth.shape, default=1) < 2


def _ways(seen: Seen, name: str) -> Iterator[str]:
    one, timed = seen.output(name), name in seen.check.operation.timed
    answer, due = one.answer, seen.check.expected[name]
    near = TIMES * float(np.max(one.allowed, initial=0.0))

    def right(array: Array) -> bool:
        return array.shape == due.shape and bool(np.all(np.abs(array - due) <= near))

    if answer.ndim == 2 and right(answer.T):
        yield " is the transpose of what is due"
    if timed and right(answer[::-1]):
        yield ": the steps are in reverse order"
    axes = seen.check.axes(name)
    for axis, what in ((len(axes) - 1, "the units"), (axes.index("B") if "B" in axes else -1, "the rows of the batch")):
        if 0 <= axis < answer.ndim and _permuted(answer, due, axis, near):
            yield f": {what} are in another order"


def _permuted(answer: Array, due: Array, axis: int, near: float) -> bool:
    """Whether the slices along an axis are all there, in another order."""
    mine, theirs = np.moveaxis(answer, axis, 0), np.moveaxis(due, axis, 0)
    if mine.shape != theirs.shape or np.any(np.abs(mine.sum(0) - theirs.sum(0)) > 2 * len(mine) * near):
        return False  # in any order they add up to the same
    found = [[k for k, due_k in enumerate(theirs) if np.all(np.abs(mine_j - due_k) <= near)] for mine_j in mine]
    order = [ks[0] for ks in found if len(ks) == 1]
    return sorted(order) == list(range(len(theirs))) and order != sorted(order)
