"""One target examined: from finding it to the report."""

import functools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .differences.ask import unread
from .doubtful import read_doubtful
from .environment import environment
from .error_state import usual
from .errors import TargetError
from .judge.claims import excuse_unclaimed
from .judge.class_indices import reads_indices_only
from .judge.expectations import declared_with, with_expectations
from .judge.own_gradients import is_doubted, with_differences
from .judge.recorded import with_recorded
from .judge.result import FAILING, Result, judge
from .judge.verdict import RIGHT, FunctionReport, verdict_of
from .operation import Check
from .options import Options, meant
from .plan import Plan, notes_on_record, plan_ahead, plan_for, plan_held
from .reports.report import Report
from .run.call import Outcome
from .run.parts import PartSession, part_named, parts_asked
from .run.sandbox import ChildSession
from .run.session import SOURCE, LocalSession, Request, Session
from .spec import OPERATIONS
from .spec.claims import declared
from .targets.artefacts.against import lost_on_the_way
from .targets.artefacts.held import Held, beside, forms
from .targets.convention import Convention
from .targets.from_text.by_text import parted
from .targets.loading import Loading


def examine(target: Any, options: Options) -> Report:
    """Check one target and return the report. Raises TargetError if there is nothing that can be checked."""
    reports = examine_all(target, options)
    if len(reports) > 1:
        names = ", ".join(one.target for one in reports)
        raise TargetError(f"{options.name or target}: holds {len(reports)} networks, expected one of them: {names}")
    return reports[0]


@usual()
def examine_all(target: Any, options: Options) -> list[Report]:
    """Check one target and return the report, of an artefact one for each network in it. Raises TargetError."""
    start = time.perf_counter()
    session = session_with(target, options)  # a child starts while the questions are being read
    try:
        ahead = plan_ahead(target, options)
        session.load(ahead.requests.values())
        if session.held or part_named(target):
            return [_of_part(session, one, target, options) for one in parts_asked(session, target)]
        if options.against is not None:
            raise TargetError(f"{session.name}: has functions, expected weights of its own beside {options.against}")
        functions, results, plan, why = _of_functions(session, target, options, ahead)
        if any(map(is_doubted, functions.values())):
            session.look_at_differences()
    finally:
        session.close()
    functions, results, told = with_differences(session, functions, results, why)
    missing = tuple(name for name in plan.required if name not in session.found)
    notes = notes_on_record(plan, options, missing)
    seconds = time.perf_counter() - start
    name = options.name or session.name
    return [Report(name, functions, results, environment(options.oracle), seconds, missing, notes, told)]


def _of_functions(
    session: Session, target: Any, options: Options, ahead: Plan
) -> tuple[dict[str, FunctionReport], list[Result], Plan, str]:
    """Ask the functions that were found; none if only gradients beside differences are there, and why."""
    if session.differences and not session.found:
        return {}, [], ahead, ""
    called = _ways_back(session.found)
    try:
        plan = plan_for(target, session.found, options, ahead)
        functions, results = _asked(session, plan, options, target)
        if not plan.functions.issuperset(session.found):  # read anew it has more than was planned
            plan = plan_for(target, session.found, options, ahead)
            functions, results = _asked(session, plan, options, target)
    except TargetError as error:
        session.look_at_differences()
        if not session.differences:
            raise
        return {}, [], ahead, unread(str(error), session.name)
    if called and not _ways_back(session.found):
        session.look_at_differences()  # what was called so is another
    return functions, results, plan, ""


def _ways_back(found: Iterable[str]) -> bool:
    return any(name in OPERATIONS and OPERATIONS[name].gives_gradients for name in found)


def _asked(
    session: Session, plan: Plan, options: Options, target: Any
) -> tuple[dict[str, FunctionReport], list[Result]]:
    """Ask what is planned, and return verdicts by function, and the results."""
    examination = Examination(session, options, plan)
    for function, request in plan.requests.items():
        if function in session.found:
            examination.run(request)
    read_doubtful(examination)
    functions, results = examination.concluded(options.command(options.name or target))
    _check_complete(session.name, plan.asked, functions, results)
    return functions, results


def _of_part(session: Session, held: Held, target: Any, options: Options) -> Report:
    """Check one network that an artefact holds, with the weights that it holds, or that its source holds."""
    start = time.perf_counter()
    part = PartSession(session, held)
    name = parted(options.name or session.name)[0] + (f"#{held.part}" if held.part else "")
    notes = (*held.notes, *map(beside, session.refused))
    told = environment("the weights it holds" if options.against is None else f"the weights of {_called(options)}")
    if not held.calls:
        lost = forms(held.weights).sequence.name
        return Report(name, {lost: FunctionReport("missing")}, [], told, 0.0, (lost,), notes)
    again = target if not isinstance(target, str) or not held.part else name
    plan = plan_held(held, options)
    functions, results = _asked(part, plan, options, again)
    for function, report in functions.items():
        found = _with_a_bias_missing(part, held, options, function, report)
        guessed = found.verdict == "wrong" and not found.mistakes and bool(lost_on_the_way(held))
        functions[function] = replace(found, facts=[]) if guessed else found  # the notes say what is different
    missing = tuple(one for one in plan.required if one not in part.found)
    for source in session.sources:
        if source.part == f"{SOURCE}{held.part}":
            notes = (*notes, *_source_off(PartSession(session, source), source, options))
    return Report(name, functions, results, told, time.perf_counter() - start, missing, notes)


def _source_off(part: Session, source: Held, options: Options) -> Iterator[str]:
    """Yield a sentence on every function of the source that is not right itself: the equation is what is due."""
    for function, request in plan_held(source, replace(options, only=None)).requests.items():
        outcomes = zip(request.checks, part.run(request), strict=True)
        if not part.found[function].derives and any(judge(one, calls).status != "passed" for one, calls in outcomes):
            yield f"{_called(options)} itself does not conform in {function}: what is due is the equation's answer"


def _with_a_bias_missing(
    part: Session, held: Held, options: Options, function: str, report: FunctionReport
) -> FunctionReport:
    """Return the report with the mistake named, if all is right with one of two biases left out of their sum."""
    for share in held.suspected if report.verdict == "wrong" and not report.mistakes else ():
        plan = plan_held(replace(held, weights=held.without(share)), replace(options, only=f"{function}/*"))
        request = plan.requests[function]
        outcomes = zip(request.checks, part.run(request), strict=True)
        if all(judge(one, calls).status == "passed" for one, calls in outcomes):
            from .spec.catalogue import of  # noqa: PLC0415 - loads the catalogue

            slug = "bias-missing"
            words, count = of(slug, function), len(request.checks)
            named = replace(report, mistake=slug, mistakes=[slug], only_mistake=True)
            evidence = f"right without it on {count} of {count} probes"
            told = replace(named, explanation=f"{words.found}: {share}", evidence=evidence)
            return replace(told, hint=words.look, facts=[words.matters])
    return report


def _called(options: Options) -> str:
    own = options.against
    return own if isinstance(own, str) else str(getattr(own, "__name__", type(own).__name__))


def session_with(target: Any, options: Options) -> Session:
    """Start on the target."""
    own = None if options.convention.known_layout else options.layout
    if target is not None and not isinstance(target, str):
        return LocalSession(target, own, Loading(meant=meant(options.reads or ""), against=options.against))
    if options.against is not None and not isinstance(options.against, str):
        raise ValueError("check: against is an object, which a target given by name cannot be handed: name it as well")
    if own is not None and not isinstance(own, str):
        raise ValueError("check: layout is a function, which a target given by name cannot be handed: name it as well")
    reads = meant(options.reads or "")
    runs = options.only is None  # who asks for one thing gets that
    return ChildSession(target, own, options.timeout, options.memory, options.how, reads, options.against, runs=runs)


class Examination:
    """What is known of a target so far, and by whom more can be asked."""

    def __init__(self, session: Session, options: Options, plan: Plan) -> None:
        self.session, self.options, self.plan = session, options, plan
        self.planned, self.reasons = plan.planned, plan.reasons
        self.results: dict[str, list[Result]] = {}
        self.lost: dict[str, list[Result]] = {}  # recorded, not asked now: they tell nothing of what is wrong
        self.outcomes: dict[str, dict[str, list[Outcome]]] = {}  # by function and check
        self.named: dict[str, tuple[Any, ...]] = {}  # by function, the mistakes of the catalogue that it makes
        self._whole: dict[str, list[Result]] = {}  # of functions that were not asked for, or not everything

    def run(self, request: Request) -> None:
        """Run one function's checks and weigh what the errors mean."""
        function = request.function
        planned = self.planned[function]
        if self.session.found[function].stub:
            self.results[function] = [_skipped(one, "not implemented yet") for one in planned]
        else:
            results, self.outcomes[function] = self.judged(request)
            results = with_expectations(with_recorded(results, self.plan.recorded), self.options.expect_fail)
            self.results[function] = [one for one in results if not one.not_asked]
            self.lost[function] = [one for one in results if one.not_asked]

    def follow(self, plan: Plan) -> None:
        """Go on by another plan."""
        self.plan, self.planned, self.reasons = plan, plan.planned, plan.reasons

    def may_be_wrong(self, function: str) -> bool:
        """Whether a function fails (as declared or not), is yet to be written, or was not asked everything."""
        results = self.results.get(function, [])
        return len(results) < len(self._every(function)) or self._fails(function, results)

    def is_right(self, function: str) -> bool:
        """Whether a function has no failing check, of all that there are: others may rely on it."""
        return not self._fails(function, self._judged_whole(function))

    def _judged_whole(self, function: str) -> list[Result]:
        """Return the results of all checks of a function, or of those asked so far if one of them has failed."""
        results = self.results.get(function, [])
        every = self._every(function)
        if len(results) == len(every) or self._fails(function, results):
            return results
        if function not in self._whole:
            askable = [one for one in every if one.id not in self.reasons]
            found, _ = self.judged(
                Request(function, askable, self.options.convention, claims=self.session.found[function].claims), every
            )
            self._whole[function] = with_expectations(found, self.options.expect_fail)
        return self._whole[function]

    def _declared(self, function: str) -> str:
        """Return the reason for which a function was expected to fail, if all its failures were."""
        found = {result.declared for result in self._judged_whole(function) if result.status in FAILING}
        return "" if "" in found else ", ".join(sorted(found))

    def _every(self, function: str) -> list[Check]:
        return [one for one in self.plan.every if one.function == function]

    def _fails(self, function: str, results: Iterable[Result]) -> bool:
        return self.session.found[function].stub or any(result.status in FAILING for result in results)

    def judged(
        self, request: Request, planned: list[Check] | None = None
    ) -> tuple[list[Result], dict[str, list[Outcome]]]:
        """Return a result for every planned check of a function, and what the calls led to."""
        function, planned = request.function, planned or self.planned[request.function]
        calls: dict[str, list[Outcome]] = {}
        for part in filter(None, (request.ahead, request)):
            calls |= {one.id: made for one, made in zip(part.checks, self.session.run(part), strict=True)}
        found = self.session.found[function]
        lacking = {name for one in planned for name in one.keywords} - set(found.keywords or ())
        results = []
        for one in planned:
            reason = self.reasons.get(one.id)
            if not reason and found.lacks(one):
                reason = f"options not among its arguments ({', '.join(sorted(lacking))})"
            results.append(_skipped(one, reason) if reason or one.id not in calls else judge(one, calls[one.id]))
        indices_only = reads_indices_only(self.session, request, results, calls)
        by_id = {one.id: one for one in planned}
        claimed = self.options.rank or found.claimed.ranks
        asked = self.options.dtype
        excused = excuse_unclaimed(results, by_id, claimed, indices_only=indices_only, dtype=asked)
        if any(new is not old for new, old in zip(excused, results, strict=True)):
            from .diagnose.exchanged_axes import is_swapped  # noqa: PLC0415 - loads the catalogue

            excused = results if is_swapped(function, planned, excused, calls) else excused
        return excused, calls

    def asked_otherwise(
        self, function: str, convention: Convention, some: list[Check] | None = None, *, once: bool = False
    ) -> tuple[list[Result], dict[str, list[Outcome]]]:
        """Return the results and outcomes of the same checks, or of some of them, in another convention."""
        askable = [one for one in some or self.planned[function] if one.id not in self.reasons]
        claims = self.session.found[function].claims
        return self.judged(Request(function, askable, convention, claims=claims, once=once), some)

    def concluded(self, again: str) -> tuple[dict[str, FunctionReport], list[Result]]:
        """Return verdicts by function, and the results of the checks that are asked for."""
        wanted = {check.id for check in self.plan.asked}
        functions: dict[str, FunctionReport] = {}
        shown: list[Result] = []
        for function, planned in self.planned.items():
            if function not in self.session.found:
                functions[function] = FunctionReport("missing")
                continue
            results = [one for one in self.results[function] if one.id in wanted]
            results = _in_order(planned, [*results, *self.lost.get(function, [])])
            if self.session.found[function].stub:
                reading = self.session.found[function].reading
                functions[function] = FunctionReport("not-implemented", reading=reading)
            elif any(result.status != "skipped" for result in results):
                report = self._weighed(function, verdict_of(results, again), functions, again)
                if report.passes_on and all(self._declared(origin) for origin in report.passes_on):
                    results = declared_with(results, {one: self._declared(one) for one in report.passes_on})
                    report = verdict_of(results, again)
                found = self.session.found[function]
                claims = [*found.claims, *declared(self.options.claims or "")]
                functions[function] = replace(report, reading=found.reading, claims=list(dict.fromkeys(claims)))
            shown += results
        return functions, shown

    def _weighed(
        self, function: str, report: FunctionReport, others: Mapping[str, FunctionReport], again: str
    ) -> FunctionReport:
        """Return the report with a diagnosis, if there is anything to be diagnosed."""
        if report.verdict in RIGHT:
            return report
        origin = self.session.found[function].derives
        if report.verdict == "wrong" and origin in self.session.found and not self.is_right(origin):
            says = f"the derivative of {origin}, which is wrong, by the framework's own differentiation"
            return replace(report, verdict="passes-on", explanation=says, passes_on=[origin], first_wrong_step=None)
        from .diagnose.diagnosis import diagnosed  # noqa: PLC0415 - loads the catalogue
        from .not_returned import without_missing  # noqa: PLC0415

        less = without_missing(self, function, report, others, again)
        return less or diagnosed(self, function, report, others)


def _in_order(planned: Iterable[Check], results: Iterable[Result]) -> list[Result]:
    by_id = {result.id: result for result in results}
    return [by_id[one.id] for one in planned if one.id in by_id]


@functools.lru_cache(2**12)
def _skipped(check: Check, reason: str | None) -> Result:
    return Result(check.id, check.function, "skipped", reason or "", dtype=check.dtype, rank=check.rank)


def _check_complete(
    name: str, asked: Iterable[Check], functions: Mapping[str, FunctionReport], results: list[Result]
) -> None:
    """Make sure that there is a result for everything that was planned, and that something was checked at all."""
    missing = {name for name, function in functions.items() if function.verdict == "missing"}
    planned = [one.id for one in asked if one.function not in missing]
    if sorted(result.id for result in results) != sorted(planned):
        raise RuntimeError(f"{len(planned)} checks planned, {len(results)} results")
    stubs = any(function.verdict == "not-implemented" for function in functions.values())
    if not stubs and not any(result.status != "skipped" for result in results):
        reasons = ", ".join(sorted({result.message for result in results})) or "none of its functions is asked for"
        raise TargetError(f"{name}: nothing to check: {reasons}")
