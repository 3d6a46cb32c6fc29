"""What is asked of a target: the checks by function, and those that it does not claim to pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .cases.asked import all_questions, asked_for, selected, with_generic
from .judge.claims import unclaimed
from .operation import SUITE, Check
from .options import Options
from .run.session import Request
from .spec import family_of


@dataclass(frozen=True)
class Plan:
    """The checks of a target."""

    every: tuple[Check, ...]  # of the suites in which it has something
    asked: list[Check]
    planned: Mapping[str, list[Check]]  # by function: what is asked, and the generic ones with it
    reasons: Mapping[str, str]  # why a check is not asked, by id
    requests: Mapping[str, Request]  # by function


def plan_ahead(target: Any, options: Options) -> Plan:
    """Return what will be asked of nearly every target, before it is known what is in it.

    Raises TargetError if no check of any suite has the name that is asked for.
    """
    every = all_questions(options.seed, options.oracle, (SUITE,))
    asked = selected(every, options.only)
    if not asked:
        asked_for(all_questions(options.seed, options.oracle), options.only)
    return _plan(target, options, every, asked, {})


def plan_for(target: Any, found: Iterable[str], options: Options, ahead: Plan) -> Plan:
    """Return what is asked of a target in which these functions were found. Raises TargetError if nothing is."""
    suites = {family_of(function).suite for function in (*found, *options.require)}
    if suites == {SUITE} and ahead.asked:
        return ahead
    every = all_questions(options.seed, options.oracle, suites)
    if not selected(every, options.only):
        every = all_questions(options.seed, options.oracle)
    return _plan(target, options, every, asked_for(every, options.only), ahead.requests)


def _plan(
    target: Any, options: Options, every: tuple[Check, ...], asked: list[Check], known: Mapping[str, Request]
) -> Plan:
    planned = with_generic(every, {check.id for check in asked})
    reasons = {one.id: why for one in every if (why := unclaimed(one, options.rank, options.dtype, target))}
    requests = {
        function: known.get(function)
        or Request(function, [check for check in mine if check.id not in reasons], options.convention)
        for function, mine in planned.items()
    }
    return Plan(every, asked, planned, reasons, requests)
