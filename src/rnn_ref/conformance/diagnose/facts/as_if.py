"""Right answers to another problem: to the same one with the steps of an argument in another order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...judge.compare import compared
from ...operation import Check
from ...spec import truth
from .other_steps import Which
from .seen import Everything, Seen

SMALL = 200  # numbers in the arguments of a problem of which the truth is quickly had
ORDERS: Mapping[str, Which] = {
    "t+1 (of T-1 for t = T-1)": lambda t, T: np.minimum(t + 1, T - 1),
    "t+1 (of 0 for t = T-1)": lambda t, T: (t + 1) % T,
    "t-1 (of 0 for t = 0)": lambda t, T: np.maximum(t - 1, 0),
    "t-1 (of T-1 for t = 0)": lambda t, T: (t - 1) % T,
    "T-1-t": lambda t, T: T - 1 - t,
    "0": lambda t, T: 0 * t,
}


def as_if(known: Everything) -> Iterator[str]:
    """Yield the argument whose steps are taken in another order, if that makes the small problems right."""
    small = sorted((one for one in known.numbers if _is_small(one)), key=_size)
    if len(small) < 2:
        return
    for name in _timed(small[0].check):
        for words, order in ORDERS.items():
            if all(_right(one, name, order) for one in small):
                yield (
                    f"{known.where}it is right if step t takes {name} of step {words}: "
                    f"so in all {len(small)} small checks that are wrong"
                )
                return


def _timed(check: Check) -> Sequence[str]:
    """Return the arguments over time: a function that returns its states is told by its steps."""
    if check.operation.states in check.expected:
        return []
    return [name for name, value in check.operation.arguments.items()
            if value.axes[:1] == ("T",) and "T" not in value.optional]  # fmt: skip


def _is_small(seen: Seen) -> bool:
    names = _timed(seen.check)
    return (
        bool(names)
        and len(seen.check.arguments[names[0]]) > 2
        and _size(seen) <= SMALL
        and not seen.corner
        and "large" not in seen.check.flags
    )


def _size(seen: Seen) -> int:
    return sum(np.size(value) for value in seen.check.arguments.values())


def _right(seen: Seen, name: str, order: Which) -> bool:
    check, given = seen.check, np.asarray(seen.check.arguments[name])
    T = len(given)
    arguments: dict[str, Any] = {**check.arguments, name: given[order(np.arange(T), T)]}
    answers = truth.ask_decimal(check.function, arguments, check.options)
    other = check.asking(arguments, pytorch={}).answered(answers)
    return not any(one.problem or one.wrong for one in compared(other, seen.outcome.answers))
