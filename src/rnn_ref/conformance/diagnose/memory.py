"""Calls that cannot be repeated: is something kept from one call to the next, or is it chance?

What keeps something answers by what it was asked before. So a problem is put twice in a row, and again behind another
problem of the same sizes, each time from a fresh start where there is one. An answer that depends on the call before,
and does so every time, shows a memory. All that can be said otherwise is that the answers differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..._shapes import Array
from ..judge.probe import telling_first
from ..mistakes.make import wrong
from ..operation import Check
from ..run.call import Outcome
from ..run.session import TWICE, Request
from ..spec import OPERATIONS, catalogue
from ..spec.mistake import Mistake
from .agreement import ROUGH, in_turn, nearly
from .naming import Case

TURNS, LATE = 24, 3  # how often a problem is put: a kept state settles by then; and how many answers are compared
LEAK, PILE, CHANCE = "state-leaks", "grads-pile-up", "not-repeatable"


def unrepeatable(case: Case) -> list[str]:
    """Return the ids of the checks whose second call led to something else than the first, and one of them is wrong."""
    checks = {check.id: check for check in case.examination.planned[case.function]}
    wrong_ids = [
        result.id
        for result in case.results
        if result.status not in {"passed", "xpass", "skipped"} and not result.rewritten
    ]
    second = {result.id for result in case.results if result.second_call}
    return [id_ for id_ in wrong_ids if id_ in second or _differ(case.outcomes.get(id_, []), checks[id_])]


def what_is_kept(case: Case, ids: Sequence[str]) -> tuple[str, bool]:
    """Return the slug, and whether that alone explains every answer to every call, shown by making it again."""
    for mistake in _keeping(case.function):
        if _agrees_in_turn(case, mistake):
            return mistake.slug, True
    probe = telling_first(probe for probe in case.every if probe.check.id in ids)[0]
    other = {name: _halved(value) for name, value in probe.check.arguments.items()}
    behind_another = [_late_answers(case, [probe.check.asking(other), probe.check]) for _ in range(2)]
    behind_itself = [_late_answers(case, [probe.check, probe.check]) for _ in range(2)]
    size = ROUGH[probe.check.dtype]
    if OPERATIONS[case.function].gives_gradients and all(_piles_up(one, size) for one in behind_another):
        return PILE, False
    for one, again in (behind_another, behind_itself):
        if not _alike(one, again, size):
            return CHANCE, False
    return (CHANCE if _alike(behind_another[0], behind_itself[0], size) else LEAK), False


def _differ(calls: Sequence[Outcome], check: Check) -> bool:
    return any(not nearly(calls[0], one, check) for one in calls[1:TWICE])


def _keeping(function: str) -> Iterator[Mistake]:
    """Yield the mistakes of the catalogue that keep something between calls."""
    for mistake in catalogue.MISTAKES:
        if function in mistake.functions and any("KEPT" in new for _, new in mistake.edits):
            yield mistake


def _agrees_in_turn(case: Case, mistake: Mistake) -> bool:
    """Whether a mistake, made in all calls in their order, agrees with what came of each of them."""
    checks = {check.id: check for check in case.examination.planned[case.function]}
    calls = [(checks[id_], outcome) for id_, outcomes in case.outcomes.items() for outcome in outcomes[:TWICE]]
    return in_turn(lambda: wrong(mistake, case.function), calls)


def _late_answers(case: Case, checks: Sequence[Check]) -> list[Array]:
    """Put some problems in turn, several times over from a fresh start; return the last answers to the last of them."""
    case.examination.session.renew()
    claims = case.examination.session.found[case.function].claims
    request = Request(case.function, [*checks] * TURNS, case.examination.options.convention, claims=claims)
    outcomes = case.examination.session.run(request)
    return [_numbers(calls[0].answers) for calls in outcomes[len(checks) - 1 :: len(checks)]][-LATE:]


def _numbers(answers: Mapping[str, Any]) -> Array:
    return np.concatenate([np.empty(0), *(np.ravel(one) for one in answers.values() if isinstance(one, np.ndarray))])


def _alike(some: Sequence[Array], others: Sequence[Array], size: float) -> bool:
    return all(
        one.shape == other.shape and bool(np.allclose(one, other, 0, size * np.abs(other).max(initial=0.0), True))
        for one, other in zip(some, others, strict=True)
    )


def _piles_up(answers: Sequence[Array], size: float) -> bool:
    """Whether each answer is more than the one before by the same amount."""
    if len({one.shape for one in answers}) > 1:
        return False
    more = np.diff(answers, axis=0)
    return not _alike(answers[1:], answers[:-1], size) and _alike([*more[1:]], [*more[:-1]], size)


def _halved(value: Any) -> Any:
    floating = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return (value / 2).astype(value.dtype) if floating else value
