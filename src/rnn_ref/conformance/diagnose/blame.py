"""Whose fault is it? A function whose neighbours are wrong is asked again, with right ones in their places."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..judge.result import FAILING, Result, same
from ..judge.verdict import FunctionReport
from ..operation import Check
from ..run.call import Outcome
from ..run.session import Found
from ..spec import OPERATIONS

FEW = 4  # checks, where calls take long
ANOTHER_CONVENTION = ("layout-", "returns-pair")  # mistakes of what is right, in a form that right ones do not share


class Blame(NamedTuple):
    """What a function answers with right neighbours, as far as that could be found out."""

    results: list[Result]
    outcomes: Mapping[str, list[Outcome]]
    passed_on: list[str]  # the functions that gave it wrong answers, and are wrong
    innocent: bool = False  # whether it is right with right ones
    settled: bool = True  # whether its answers are known to be its own, but for what is passed on


def blame(examination: Any, function: str, others: Mapping[str, FunctionReport]) -> Blame:
    """Return what a function answers by itself, and whose faults it passes on.

    A neighbour counts only if it was called, and what it answered then was wrong. Where the function does not get on
    with right ones (it raises, for example, where it did not), its own answers stand.
    """
    as_it_was = Blame(examination.results[function], examination.outcomes[function], [])
    convention = examination.options.convention
    suspects = [name for name in _neighbours(examination, function) if not _in_its_own_way(others.get(name))]
    if not suspects or (convention.layout is not None and not convention.known_layout):
        return as_it_was
    lost = [name for name in suspects if _lost(examination.outcomes.get(name, {}))]
    if _lost(as_it_was.outcomes):
        lost = suspects  # whichever of them it was
    righted = replace(convention, righted=tuple(suspects), unasked=tuple(lost))
    before, some = as_it_was.results, None
    if examination.session.found[function].compiled:
        some = _failing_of_one_shape(examination, function)
        before = [one for one in before if one.id in {check.id for check in some}]
    results, outcomes = examination.asked_otherwise(function, righted, some, once=some is not None)
    if _lost(outcomes):
        return as_it_was._replace(settled=False)
    noted = dict.fromkeys(name for calls in outcomes.values() for one in calls for name in one.relied_on)
    guilty = [name for name in noted if not examination.is_right(name)]
    passed_on = [origin for name in guilty for origin in (others[name].passes_on if name in others else []) or [name]]
    passed_on = list(dict.fromkeys(passed_on))
    if not guilty or _same(outcomes, as_it_was.outcomes):
        return as_it_was
    if _new_error(results, before):
        return as_it_was._replace(passed_on=passed_on)
    return Blame(results, outcomes, passed_on, _mended(results, before))


def goes_on_from(examination: Any, function: str, others: Mapping[str, FunctionReport]) -> str:
    """Return what is said of a way back that goes on from what a wrong way forward made; nothing of another."""
    twin = OPERATIONS[function].twin
    if not twin or twin not in others or others[twin].verdict != "wrong":
        return ""
    name = re.split(r"[ (:]", examination.session.found[twin].reading, maxsplit=1)[0]
    if not name or not re.search(rf"\bafter {re.escape(name)}(?!\w)", examination.session.found[function].reading):
        return ""
    return f"it goes on from what {name} made, which is wrong ({twin}): mend that first, and check again"


def not_written(found: Mapping[str, Found], names: Iterable[str]) -> bool:
    """Whether all these functions are yet to be written."""
    return all(found[name].stub for name in names)


def _neighbours(examination: Any, function: str) -> list[str]:
    """Return the other functions of the target, those aside that are known to be right."""
    return [name for name in examination.session.found if name != function and examination.may_be_wrong(name)]


def _failing_of_one_shape(examination: Any, function: str) -> list[Check]:
    """Return a few checks that a function fails, at every call alike: JAX compiles each shape for itself."""
    every = examination.outcomes[function]
    alike = {id_ for id_, (first, *again) in every.items() if all(same(first, one) for one in again)}
    failing = {one.id for one in examination.results[function] if one.status in FAILING and one.id in alike}
    checks = [one for one in examination.planned[function] if one.id in failing]
    return [one for one in checks if _shapes(one) == _shapes(checks[0])][:FEW]


def _shapes(check: Check) -> list[tuple[int, ...]]:
    return [np.shape(one) for one in check.arguments.values() if isinstance(one, np.ndarray)]


def _in_its_own_way(report: FunctionReport | None) -> bool:
    return report is not None and (report.mistake or "").startswith(ANOTHER_CONVENTION)


def _lost(outcomes: Mapping[str, list[Outcome]]) -> bool:
    return any(one.lost for calls in outcomes.values() for one in calls)


def _mended(results: list[Result], before: list[Result]) -> bool:
    """Whether nothing is wrong any more, and what was wrong was asked again."""
    passed = {result.id for result in results if result.status == "passed"}
    return not any(result.status in FAILING for result in results) and all(
        result.id in passed for result in before if result.status in FAILING
    )


def _new_error(results: list[Result], before: list[Result]) -> bool:
    raised = {result.id for result in before if result.status in {"error", "xfail", "skipped"}}
    return any(result.status == "error" and result.id not in raised for result in results)


def _same(outcomes: Mapping[str, list[Outcome]], before: Mapping[str, list[Outcome]]) -> bool:
    return all(
        same(one, then)
        for id_, calls in outcomes.items()
        for one, then in zip(calls, before.get(id_, []), strict=False)
    )
