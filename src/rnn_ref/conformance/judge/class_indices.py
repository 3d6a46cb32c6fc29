"""Class probabilities that are not read as such: a function that knows class indices alone, and does not raise.

``int(y)`` turns 0.7 into class 0, and ``y == class`` is true of no class. What comes back are numbers, or arrays of
odd shapes, but no cross-entropy of the probabilities. Such a function claims class indices only, as one does that
raises. This is the one case in which wrong numbers leave something unclaimed. So it takes all of these:

- None of the answers to class probabilities is right.
- They are the same, to the bit, for other probabilities, each of which has been moved a little, without getting to 0,
  ½ or 1. So nothing is computed with them; at most they are compared, cut or rounded.
- Probabilities of 0 and 1 are not answered as the class indices that they stand for. Who takes the likeliest class
  answers those rightly, and reads probabilities, though too little of them.

An attempt at class probabilities that goes wrong, by a factor, an axis or a divisor, fails the second condition, or the
third. It stays wrong.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from ..._shapes import Array
from ..operation import Check
from ..run.call import Outcome
from ..run.session import Request, Session
from .result import Result, judge, same

Calls = Mapping[str, Sequence[Outcome]]


def reads_indices_only(session: Session, request: Request, results: Iterable[Result], calls: Calls) -> bool:
    """Whether the function is given class probabilities, and does not read them as such."""
    status = {result.id: result.status for result in results}
    asked = [one for one in request.checks if "probabilities" in one.flags and status[one.id] != "skipped"]
    if not any(status[one.id] == "failed" for one in asked) or any(status[one.id] == "passed" for one in asked):
        return False

    def answers(checks: Iterable[Check]) -> list[list[Outcome]]:
        return session.run(Request(request.function, list(checks), request.convention, request.part, request.claims))

    moved = answers(_with_targets(one, _moved) for one in asked)
    if not all(_as_before(calls[one.id][0], outcomes[0]) for one, outcomes in zip(asked, moved, strict=True)):
        return False
    shares = [_with_targets(_without_weights(one), _all_or_nothing) for one in asked]
    indices = [_with_targets(one, _likeliest, flags=()) for one in shares]
    return not any(_agree(*found) for found in zip(shares, answers(shares), answers(indices), strict=True))


def _as_before(outcome: Outcome, other: Outcome) -> bool:
    return same(outcome, other) or (outcome.error is not None and other.error is not None)  # texts may quote numbers


def _agree(shares: Check, by_share: Sequence[Outcome], by_index: Sequence[Outcome]) -> bool:
    """Whether answers to shares of 0 and 1 are those to the class indices, be these right or not."""
    due = {name: answer for name, answer in by_index[0].answers.items() if isinstance(answer, np.ndarray)}
    if due.keys() != shares.expected.keys():
        return False
    return (
        judge(shares.answered({name: (one, np.zeros(one.shape)) for name, one in due.items()}), by_share).status
        == "passed"
    )


def _without_weights(check: Check) -> Check:
    """Leave the weights of the classes out: a mean over class indices divides by them, one over shares does not."""
    options = {name: value for name, value in check.options.items() if not isinstance(value, np.ndarray)}
    return check.asking(check.arguments, options=options)


def _with_targets(check: Check, change: Callable[[Array], Array], **others: object) -> Check:
    classes = {name for name, value in check.operation.arguments.items() if value.kind == "classes"}
    arguments = {name: change(value) if name in classes else value for name, value in check.arguments.items()}
    return check.asking(arguments, **others)


def _moved(shares: Array) -> Array:
    """Move every share by a 64th of what it is from 0 or 1, whichever is nearer: 0.1 up, 0.4 down, 0.6 up."""
    from_whole = np.minimum(shares, 1 - shares)
    by = np.where(from_whole < 0.25, from_whole, -from_whole).astype(shares.dtype) / 64
    moved: Array = np.where(shares < 0.5, shares + by, shares - by)
    return moved


def _likeliest(shares: Array) -> Array:
    return np.asarray(shares.argmax(-1))


def _all_or_nothing(shares: Array) -> Array:
    return np.eye(shares.shape[-1], dtype=shares.dtype)[_likeliest(shares)]
