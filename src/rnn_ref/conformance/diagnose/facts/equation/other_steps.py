"""Right steps of another input or from another state; right answers with the steps of an argument in another order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....._shapes import Array
from ....numbers.states import Judged
from ....operation import Check
from ....spec import truth
from ....spec.recurrent import judged
from ..seen import Everything, Seen

TIMES = 8  # of what is allowed; another step is off by far more
MOST = 8  # steps of the problems in which all pairs are tried

Which = Callable[[Array, int], Array]  # from the steps t and their number T to steps; -1 is the initial state
RULES: dict[str, Which] = {
    "t": lambda t, _: t,
    "T-1-t": lambda t, T: T - 1 - t,
    "t-1": lambda t, _: t - 1,
    "t-1 (of 0 for t = 0)": lambda t, _: np.maximum(t - 1, 0),
    "t-1 (of T-1 for t = 0)": lambda t, T: (t - 1) % T,
    "t+1 (of T-1 for t = T-1)": lambda t, T: np.minimum(t + 1, T - 1),
    "t+1 (of 0 for t = T-1)": lambda t, T: (t + 1) % T,
    "0": lambda t, _: 0 * t,
    "T-1": lambda t, T: 0 * t + T - 1,
    "t-2": lambda t, _: np.maximum(t - 2, -1),
    "t-3": lambda t, _: np.maximum(t - 3, -1),
}


def other_steps(known: Everything) -> Iterator[str]:
    """Yield which input and which state every row was made of, if it is not those that are due."""
    seen = [one for one in known.numbers if one.check.operation.states in one.check.expected]
    small = [one for one in seen if 2 < _length(one) <= MOST]
    if not small:
        return
    read, start = small[0].check.operation.arguments, _pairs(small[0])
    x = next(iter(read))
    if start is None:
        return
    for from_, before in RULES.items():
        for of, input_ in RULES.items():
            if (from_, of) == ("t-1", "t") or not _fits(start, before, input_):
                continue
            if all(_holds(one, before, input_) for one in seen):
                yield f"{known.where}row t is a right step{_words(from_, of, x)}"
                return
    plain = [options[0] for options in start if len(options) == 1]
    if len(plain) == len(start):
        first = list(read)[1]
        rows = ", ".join(f"{t}: {x}[{s}] and {first if p < 0 else f'row {p}'}" for t, (p, s) in enumerate(plain))
        yield f"in {small[0].check.id} every row is a right step, from: {rows}"


def _words(from_: str, of: str, x: str) -> str:
    words = [] if of == "t" else [f"with the input of step {of} ({x})"]
    words += [] if from_ == "t-1" else [f"from the state of row {from_} (-1: the initial one)"]
    return f" {', '.join(words)}; due is the input of step t and the state of row t-1"


def _length(seen: Seen) -> int:
    return len(next(iter(seen.check.arguments.values())))


def _pairs(seen: Seen) -> list[list[tuple[int, int]]] | None:
    """Return for every row the states and inputs of which it is a right step; None if some row is none."""
    T = _length(seen)
    pairs = [(p, s) for p in range(-1, T) for s in range(T)]
    exact, allowed = _steps(seen, *np.array(pairs).T)
    answer = _answer(seen)
    found = []
    for t in range(T):
        near = [bool(np.all(np.abs(answer[t] - e) <= TIMES * a)) for e, a in zip(exact, allowed, strict=True)]
        found.append([pair for pair, is_near in zip(pairs, near, strict=True) if is_near and pair[0] < t])
    return found if all(found) else None


def _fits(start: Sequence[Sequence[tuple[int, int]]], before: Which, input_: Which) -> bool:
    T = len(start)
    t = np.arange(T)
    return all((int(p), int(s)) in options
               for p, s, options in zip(before(t, T), input_(t, T), start, strict=True))  # fmt: skip


def _holds(seen: Seen, before: Which, input_: Which) -> bool:
    T = _length(seen)
    t = np.arange(T)
    exact, allowed = _steps(seen, before(t, T), input_(t, T))
    return bool(np.all(np.abs(_answer(seen) - exact) <= TIMES * allowed))


def _answer(seen: Seen) -> Array:
    return seen.output(seen.check.operation.states).answer


def _steps(seen: Seen, before: Array, inputs: Array) -> Judged:
    """Return exact steps from chosen rows of the answer (-1: the initial state) with chosen inputs, and allowances."""
    check, answer = seen.check, _answer(seen)
    (x, X_seq), (first, h0) = list(check.arguments.items())[:2]
    given = np.concatenate([np.asarray(h0, np.float64)[np.newaxis], answer])[np.asarray(before) + 1]
    arguments = {**check.arguments, x: np.asarray(X_seq)[inputs], first: given[0].astype(np.asarray(h0).dtype)}
    asked: Check = replace(check, arguments=arguments)
    return judged(asked, {check.operation.states: np.concatenate([given[1:], given[:1]])})[check.operation.states]


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
    for name in [one for one in _timed(small[0].check) if all(one in seen.check.arguments for seen in small)]:
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
    """Whether all answers are right with the steps in that order, within what is allowed with the steps as they are."""
    check, given = seen.check, np.asarray(seen.check.arguments[name])
    T = len(given)
    arguments: dict[str, Any] = {**check.arguments, name: given[order(np.arange(T), T)]}
    answers = truth.ask_in_pairs(check.function, arguments, check.options)
    known = [one for one in seen.ones if one.name in answers]  # not of last states alone
    return bool(known) and all(
        np.all(np.abs(one.answer - answers[one.name][0]) <= TIMES * one.allowed) for one in known
    )
