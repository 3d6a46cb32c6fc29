"""Gradients that are not returned: the others are judged as if that was claimed, so that a mistake in them has a name.

Most code has no use for the gradients of the inputs and of h0. Where they are missing from what is returned by name,
every check fails, and that alone says nothing of the gradients that are there.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .diagnose.diagnosis import diagnosed
from .diagnose.facts.seen import listed, shown
from .judge.result import Result, judge
from .judge.verdict import FunctionReport, verdict_of
from .nested import head
from .operation import NOT_THERE
from .plan import with_claims
from .spec.claims import SHORT, WITHOUT


def without_missing(
    examination: Any, function: str, report: FunctionReport, others: Mapping[str, FunctionReport], again: str
) -> FunctionReport | None:
    """Return the report on what is returned, where some gradients are missing in every answer; None elsewhere."""
    missing = _missing(examination, function)
    if not missing:
        return None
    less = _with_less(examination, function, missing)
    own = verdict_of(less.results[function], again)
    told = f"{listed(_called(examination, function, missing))} {'is' if len(missing) == 1 else 'are'} not returned"
    claimed = {*_claims(examination, function, missing)}
    words = [word for word, claims in SHORT.items() if {*claims} & claimed]
    declare = f"; if that is what it claims: --claims '{', '.join(words)}'" if len(words) == len(missing) else ""
    if own.verdict == "conforms":
        fact = f"all else that is returned is right; {told}{declare}"
        return replace(report, facts=[fact])
    found = diagnosed(less, function, own, others)
    says = f"{found.explanation}; besides, {told}{declare}"
    return replace(found, explanation=says, only_mistake=False, passed=report.passed, failed=report.failed)


def _missing(examination: Any, function: str) -> list[str]:
    """Return the gradients, and last states, that are missing in every answer, of a function that answers."""
    outcomes = [one for calls in examination.outcomes.get(function, {}).values() for one in calls if one.answers]
    found = [_absent(outcome.answers) for outcome in outcomes]
    same = bool(found) and all(one == found[0] for one in found)
    known = {claim for claims in SHORT.values() for claim in claims}
    claims = _claims(examination, function, found[0]) if same else []
    return found[0] if all(one in known or one.startswith(f"{WITHOUT}d") for one in claims) and same else []


def _absent(answers: Mapping[str, Any]) -> list[str]:
    """Return the outputs of which nothing is there; none, where of one made of several arrays some are."""
    gone = [name for name, one in answers.items() if isinstance(one, str) and one.startswith(NOT_THERE)]
    heads, there = dict.fromkeys(map(head, gone)), {head(name) for name in answers if name not in gone}
    return [] if there & {*heads} else list(heads)


def _claims(examination: Any, function: str, missing: list[str]) -> list[str]:
    """Return the claims that say so."""
    operation = examination.planned[function][0].operation
    return [f"{WITHOUT}{operation.shown(name)}" for name in missing]


def _with_less(examination: Any, function: str, missing: list[str]) -> Any:
    """Return what is known of a target, with one function's answers judged by what is in them."""
    less = copy.copy(examination)
    found = examination.session.found[function]
    claims = (*found.claims, *_claims(examination, function, missing))
    less.follow(with_claims(examination.plan, {function: found._replace(claims=claims)}, examination.options))
    checks = {check.id: check for check in less.planned[function]}
    outcomes = examination.outcomes[function]

    kept = {
        id_: [replace(one, answers={n: a for n, a in one.answers.items() if head(n) not in missing}) for one in calls]
        for id_, calls in outcomes.items()
    }

    def anew(result: Result) -> Result:
        if result.status == "skipped" or result.id not in outcomes:
            return result
        return judge(checks[result.id], kept[result.id])

    less.outcomes = {**examination.outcomes, function: kept}
    less.results = {**examination.results, function: [anew(one) for one in examination.results[function]]}
    return less


def _called(examination: Any, function: str, missing: list[str]) -> list[str]:
    check = examination.planned[function][0]
    return [shown(check, name) for name in missing]
