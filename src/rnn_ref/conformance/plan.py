"""What is asked of a target: the checks by function, and those that it does not claim to pass."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .cases.asked import all_questions, asked_for, selected, with_generic
from .cases.held import held_checks, without
from .cases.left_out import left_out
from .judge.claims import unclaimed
from .operation import SUITE, Check, Suite
from .options import Options
from .run.session import Found, Request
from .spec import OPERATIONS, SUITES, suite_of
from .spec.claims import declared, narrowed, out_of
from .spec.stack.held import stack_checks
from .targets.artefacts.held import Held
from .targets.builtins import FRAMEWORKS
from .targets.program.command import is_program

MEND = "mend that, or if it is meant, record anew with --record"
SEVERAL = 4  # plans that are kept for the targets to come


@dataclass(frozen=True)
class Plan:
    """The checks of a target."""

    every: tuple[Check, ...]  # of the suites in which it has something
    asked: list[Check]
    planned: Mapping[str, list[Check]]  # by function: what is asked, and the generic ones with it
    reasons: Mapping[str, str]  # why a check is not asked, by id
    requests: Mapping[str, Request]  # by function
    recorded: frozenset[str]  # of what is asked, the checks that the record demands: those that no option leaves out
    required: tuple[str, ...]  # the functions that must be there, because an option or the record says so

    @functools.cached_property
    def functions(self) -> frozenset[str]:
        """The functions of which there is a check."""
        return frozenset(check.function for check in self.every)


def plan_ahead(target: Any, options: Options) -> Plan:
    """Return what will be asked of nearly every target, before it is known what is in it.

    Of targets of which the same is asked the plan is the same object, with the same requests. Raises TargetError if no
    check of any suite has the name that is asked for.
    """
    every = all_questions(options.seed, options.oracle, (SUITE,))
    framework = target if isinstance(target, str) and target in FRAMEWORKS else None
    make = _ahead.__wrapped__ if callable(options.layout) else _ahead  # what a user wrote need not have a hash
    return make(every, framework, replace(options, name=None, against=None), is_program(target))


@functools.lru_cache(SEVERAL)
def _ahead(every: tuple[Check, ...], framework: str | None, options: Options, program: bool) -> Plan:
    asked = selected(every, options.only)
    if not asked and "held" not in (options.only or ""):  # which is asked of artefacts, whose sizes are not known yet
        asked_for(all_questions(options.seed, options.oracle), options.only)
    plan = _plan(framework, options, every, asked, {}, {})
    return replace(plan, requests={}) if program else plan  # it has not said yet what it claims


def plan_for(target: Any, found: Mapping[str, Found], options: Options, ahead: Plan) -> Plan:
    """Return what is asked of a target in which these functions were found. Raises TargetError if nothing is."""
    only = _only_precision(found) if options.dtype is None else None
    if only:
        found = {name: one._replace(claimed=one.claimed._replace(dtypes=(only,))) for name, one in found.items()}
        ahead = replace(ahead, requests={})
    return with_claims(_plan_for(target, found, options, ahead), found, options)


def with_claims(plan: Plan, found: Mapping[str, Found], options: Options) -> Plan:
    """Return the plan with the checks of functions that do not offer everything narrowed to what they do."""
    own = declared(options.claims or "")
    claims = {name: (*one.claims, *own) for name, one in found.items() if one.claims or own}
    if not claims:
        return plan
    reasons = dict(plan.reasons)
    narrow: dict[str, Check] = {}
    for check in plan.every:
        if check.function in claims and check.id not in reasons:
            mine = claims[check.function]
            lacks = found[check.function].lacks(check)  # it is not asked, whatever is less in it
            less = (out_of(check, mine) or check) if lacks else narrowed(check, mine)
            if isinstance(less, str):
                reasons[check.id] = less
            else:
                narrow[check.id] = less

    def anew(checks: Iterable[Check]) -> list[Check]:
        return [narrow.get(check.id, check) for check in checks]

    planned = {function: anew(mine) for function, mine in plan.planned.items()}
    requests = dict(plan.requests)
    for function in claims.keys() & planned.keys():
        askable = [check for check in planned[function] if check.id not in reasons]
        requests[function] = Request(function, askable, options.convention, claims=found[function].claims)
    return replace(
        plan, every=tuple(anew(plan.every)), asked=anew(plan.asked), planned=planned, reasons=reasons, requests=requests
    )


def _plan_for(target: Any, found: Mapping[str, Found], options: Options, ahead: Plan) -> Plan:
    recorded = [name for name in functions_of(options.recorded) if name in OPERATIONS]
    suites = {suite_of(function) for function in (*found, *options.require, *recorded)}
    suites |= {suite.name for suite in SUITES.values() if _has_option(suite, found, options)}
    if suites == {SUITE} and ahead.requests:
        return ahead
    every = all_questions(options.seed, options.oracle, suites)
    every += tuple(left_out(found, every))
    if not selected(every, options.only):
        every = all_questions(options.seed, options.oracle)
    return _plan(target, options, every, asked_for(every, options.only), ahead.requests, found)


def _has_option(suite: Suite, found: Mapping[str, Found], options: Options) -> bool:
    """Whether some function has the option for which a suite is there, or checks of it are recorded."""
    declared = any(suite.option in (one.keywords or ()) for one in found.values())
    return bool(suite.option) and (declared or any(map(suite.asks, options.recorded)))


def plan_held(held: Held, options: Options) -> Plan:
    """Return what is asked of a network with weights of its own. Raises TargetError if nothing is."""
    if held.run:
        checks = stack_checks(
            held.calls, held.weights, held.run, held.options, held.shows,
            takes_lengths=held.lengths, batch=held.batch, seed=options.seed,
        )  # fmt: skip
    else:
        checks = held_checks(
            held.calls,
            held.weights,
            held.options,
            takes_state=held.takes_state,
            batch=held.batch,
            seed=options.seed,
        )
    every = tuple(without(check, held.lacks) for check in checks)
    return _plan(None, options, every, asked_for(every, options.only), {}, {}, held.part)


def _only_precision(found: Mapping[str, Found]) -> str | None:
    """Return the precision that all functions of a target take alone, as was found by trying; None if there is none."""
    own = {one.dtype for one in found.values()}
    return own.pop() if len(own) == 1 else None


def _plan(
    target: Any,
    options: Options,
    every: tuple[Check, ...],
    asked: list[Check],
    known: Mapping[str, Request],
    found: Mapping[str, Found],
    part: str | None = None,
) -> Plan:
    planned = with_generic(every, {check.id for check in asked})
    said = {name: one.claimed for name, one in found.items()}
    reasons = {
        one.id: why
        for one in every
        if (why := unclaimed(one, options.rank, options.dtype, target, said.get(one.function)))
    }
    requests = {
        function: _request(known.get(function), function, [one for one in mine if one.id not in reasons], options, part)
        for function, mine in planned.items()
    }
    recorded = frozenset(
        one.id for one in asked if one.id in options.recorded and not unclaimed(one, options.rank, options.dtype)
    )
    required = tuple(dict.fromkeys((*options.require, *functions_of(one.id for one in asked if one.id in recorded))))
    return Plan(every, asked, planned, reasons, requests, recorded, required)


def _request(
    ahead: Request | None, function: str, checks: Sequence[Check], options: Options, part: str | None
) -> Request:
    """Return the request for some checks: that which was made ahead, or what goes beyond it."""
    known = set() if ahead is None else {one.id for one in ahead.checks}
    left = [one for one in checks if one.id not in known]
    return ahead if ahead and not left else Request(function, left, options.convention, part, ahead=ahead)


def notes_on_record(plan: Plan, options: Options, missing: Iterable[str]) -> tuple[str, ...]:
    """Return sentences on recorded functions that are not there, and on recorded checks that no suite has any more."""
    counts = {name: sum(one.startswith(f"{name}/") for one in plan.recorded) for name in missing}
    gone = [
        f"{name}: {count} of its checks are recorded, and it is not there now; {MEND}" for name, count in counts.items()
    ]
    dropped = sorted(options.recorded - {one.id for one in plan.every})
    told = f"recorded, and no longer in the suite: {', '.join(dropped)}; record anew to forget them"
    return (*(note for note, count in zip(gone, counts.values(), strict=True) if count), *([told] if dropped else []))


def functions_of(ids: Iterable[str]) -> list[str]:
    """Return the functions that checks belong to, by the checks' ids.

    >>> functions_of(["f/single-float64", "f/long-float64", "g/long-float64"])
    ['f', 'g']
    """
    return list(dict.fromkeys(one.partition("/")[0] for one in ids))
