"""What is the matter with a function that does not conform: the name of the mistake, or what is known of it.

Null beats a wrong name. A name is given where a wrong implementation of the catalogue agrees with the candidate on all
probes; where a fault is only passed on by a function that calls another, that is said; where the numbers are right in
another layout, precision or up to one factor, it is ``right-but`` or ``low-precision``; and of what has no name it is
at least told where it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..judge.compare import compared
from ..judge.error_map import error_map
from ..judge.probe import Probe, telling_first
from ..judge.result import FAILING, NUMBERS_RIGHT
from ..judge.verdict import FunctionReport
from ..spec.catalogue import of
from .again.no_effect import no_effect
from .again.one_edit import OF_NAMED, Edited, one_edit
from .again.parts_alone import parts_alone
from .again.right_without import right_without
from .beside.averages import bound_of_average, without_average
from .beside.going_on import going_on
from .beside.habits import beside_habits, bound_of, clipped_to, shows_a_bound, two_beside_habits
from .beside.unread import right_but_for_unread
from .blame import blame, not_written
from .conventions import in_another_convention
from .facts.edge import edge
from .facts.factors import normed
from .facts.seen import Everything
from .facts.told import facts
from .memory import unrepeatable, what_is_kept
from .naming import AVERAGE, EPSILONS, LOSSES, Case, called, listed, right_but, with_mistake
from .pair import Tries, pair, pair_with_a_number, shortest
from .precision import decimals, sixteen_bits
from .single import Found, explains_all, single, single_with_a_number, single_with_its_number

Asking = Callable[[str, list[Probe]], Found | None]
CLIPPED = "gradients-clipped"
NAMED = {"wrong", "crashed", "timeout", "low-precision", "mutates-input"}


@np.errstate(all="ignore")  # what is wrong may be of any size
def diagnosed(
    examination: Any, function: str, report: FunctionReport, others: Mapping[str, FunctionReport]
) -> FunctionReport:
    """Return the report with the mistake named, as far as it can be."""
    if report.verdict not in NAMED or any(result.lost for result in examination.results[function]):
        return report
    found = blame(examination, function, others)
    case = Case(examination, function, report, others, found.results, found.outcomes, found.passed_on, found.settled)
    tries = Tries(function)
    if found.innocent:
        unasked = not all(name in others for name in found.passed_on)  # the whole target may be written in another way
        return (_in_another_convention(case) if unasked else None) or _passing_on(case)
    if report.verdict == "timeout":
        return report
    mutated = _mutating(case)
    if known := (mutated if mutated and mutated.only_mistake else None) or _leaking(case) or _kept_for_an_array(case):
        return known
    case = case.of_the_numbers() if mutated else case
    step = _first_wrong_step(case.probes) if found.passed_on else report.first_wrong_step
    pictured = error_map(case.probes, report.telling)
    case = case._replace(report=replace(report, error_map=pictured, first_wrong_step=step))
    ways = [_clipped, _one_mistake, _in_another_convention]
    if any((other.mistake or "").startswith("layout-") for other in others.values()):
        ways.reverse()  # one transposed weight is a mistake, unless the whole target is written that way
    asked: list[Edited | None] = []  # which edit makes all right, once that has been looked for
    every: list[Callable[[Case], FunctionReport | None]] = [
        *ways,
        right_but_for_unread,
        _beside_an_average,
        _coarse,
        _beside_habits,
        going_on,
        _one_with_its_number,
        _of_one_norm,
        partial(_of_one_edit, asked=asked),
        partial(_two_beside_habits, bound=True),
        partial(_two_mistakes, tries=tries),
        _one_with_a_number,
        partial(_one_beside_a_number, tries=tries),
        partial(_two_beside_habits, bound=False),
    ]
    known = next((known for ask in every if (known := ask(case))), None)
    if mutated:
        return _with_the_numbers(mutated, known) if known and known.mistakes else mutated
    return _at_its_line(case, known) if known else _unnamed(case, tries, asked[0] if asked else None)


def _at_its_line(case: Case, report: FunctionReport) -> FunctionReport:
    """Return the report with the line of the one mistake, if an edit of the text tells it: not what is right there."""
    is_one = report.only_mistake or len({*report.mistakes} - {AVERAGE, *LOSSES, *EPSILONS}) == 1  # beside habits
    found = one_edit(case, OF_NAMED) if report.verdict == "wrong" and is_one else None
    return replace(report, hint=f"{found.slip.place}: {report.hint}") if found else report


def _first_wrong_step(probes: list[Probe]) -> int | None:
    """Return the first wrong step of the plainest probe that is wrong, of what is not passed on."""
    for probe in telling_first(probe for probe in probes if probe.wrong and probe.outcome.error is None):
        check = probe.check.returning(probe.outcome.answers)
        if probe.outcome.unusable is None:
            steps = [one.step(check) for one in compared(check, probe.outcome.answers)]
            return next((step for step in steps if step is not None), None)
    return None


def _single(function: str, probes: list[Probe], ask: Asking = single) -> Found | None:
    """Return the one mistake that explains everything; of a function that takes one rank only, everything there."""
    if not any(probe.wrong for probe in probes):
        return None
    found = ask(function, probes)
    for rank in ("single", "batch") if not found else ():
        others = [p for p in probes if p.check.rank not in {rank, "step"} and "generic" in p.check.flags]
        if others and all(probe.outcome.error is not None or _misshapen(probe) for probe in others):
            mine = [probe for probe in probes if probe.check.rank in {rank, "step"}]
            found = found or (ask(function, mine) if any(probe.wrong for probe in mine) else None)
    return found


def _misshapen(probe: Probe) -> bool:
    check = probe.check.returning(probe.outcome.answers)
    return probe.outcome.unusable is None and any(one.problem for one in compared(check, probe.outcome.answers))


def _mutating(case: Case) -> FunctionReport | None:
    """Name the writing into an argument; of a gradient from above, it has a name of its own."""
    if case.report.verdict != "mutates-input":
        return None
    results = [result for result in case.results if result.status in FAILING]
    upstream = all(name.startswith("d") for result in results for name in result.mutated)
    right = case.alone and all(NUMBERS_RIGHT in result.message for result in results)
    return called(case, "upstream-mutated" if upstream else "mutates-input", only=right)


def _with_the_numbers(mutated: FunctionReport, known: FunctionReport) -> FunctionReport:
    """Return the report on what is written to, with what is wrong with the numbers as well."""
    return replace(
        mutated,
        mistakes=[*mutated.mistakes, *known.mistakes],
        explanation=f"{mutated.explanation}; {known.explanation}",
        evidence=known.evidence,
        facts=known.facts,
        hint=" ".join(filter(None, (known.hint, mutated.hint))),
    )


def _leaking(case: Case) -> FunctionReport | None:
    """Name what answers the same call in two ways: gradients that pile up, a state that is kept, or mere chance."""
    ids = unrepeatable(case)
    if not ids:
        return None
    slug, only = what_is_kept(case, ids)
    if case.report.telling not in ids:
        telling = next(result for result in case.results if result.id == ids[0])
        case = case._replace(report=replace(case.report, explanation=f"{telling.id}: {telling.message}"))
    return called(case, slug, only=only and case.alone)


def _kept_for_an_array(case: Case) -> FunctionReport | None:
    """Leave it at that where all is right but in arrays that held other numbers before: nothing else is to be found."""
    failing = [result for result in case.results if result.status in FAILING]
    return case.report if all(result.rewritten for result in failing) else None


def _passing_on(case: Case) -> FunctionReport:
    """Say that it is right in itself, and whose fault shows."""
    what = "not written yet" if not_written(case.examination.session.found, case.passed_on) else "wrong"
    says = f"right in itself: it relies on {listed(case.passed_on)} {what}"
    return replace(case.report, verdict="passes-on", explanation=says, passes_on=list(case.passed_on))


def _clipped(case: Case) -> FunctionReport | None:
    """Say that finished gradients are clipped, and where."""
    if not case.alone:
        return None
    bound = bound_of(case.every)
    if bound is not None:
        says = f"right, but clipped at {bound:g}; if that is what it claims: --claims 'clip {bound:g}'"
        return right_but(case.report, CLIPPED, says)
    bound = bound_of_average(case.every)
    if bound is not None:
        found = of(AVERAGE, case.function).found
        known = right_but(case.report, AVERAGE, f"right, but clipped at {bound:g}, and {found}")
        return replace(known, mistakes=[AVERAGE, CLIPPED])
    form = clipped_to(case.function, case.probes)
    return right_but(case.report, CLIPPED, f"right, but clipped{form.told}") if form else None


def _one_mistake(case: Case) -> FunctionReport | None:
    found = _single(case.function, case.probes)
    return with_mistake(case, found) if found else None


def _in_another_convention(case: Case) -> FunctionReport | None:
    found = in_another_convention(case.examination, case.function, case.others)
    return right_but(case.report, *found) if found else None


def _coarse(case: Case) -> FunctionReport | None:
    """Name the precision in which it is right."""
    if case.report.verdict == "low-precision":
        return replace(case.report, mistake="low-precision", mistakes=["low-precision"], only_mistake=case.alone)
    answered = [(probe.check, probe.outcome) for probe in case.every if probe.outcome.error is None]
    found = sixteen_bits(answered)
    places = None if found else decimals(answered)
    if not found and places is None:
        return None
    says = f"right to the precision of {found}: computed in 16 bits, whatever the inputs are"
    if places is not None:
        says = f"right, but rounded to {places} decimals; round where it is shown"
    only = case.alone and len(answered) == len(case.every)
    return replace(right_but(case.report, "low-precision", says), verdict="low-precision", only_mistake=only)


def _beside_habits(case: Case) -> FunctionReport | None:
    """Name what is wrong beside a loss that overflows or gradients that are clipped, and these too."""
    found = _single(case.function, case.probes, beside_habits)
    return with_mistake(case, found) if found else None


def _two_beside_habits(case: Case, *, bound: bool) -> FunctionReport | None:
    """Name two mistakes beside such habits, and these too: where a ``bound`` is seen, before any other two."""
    if shows_a_bound(case.function, case.probes) != bound:
        return None
    found = two_beside_habits(case.function, case.probes, partial(_parts, case))
    return with_mistake(case, found) if found else None


def _one_with_its_number(case: Case) -> FunctionReport | None:
    return _numbered(case, single_with_its_number)


def _one_with_a_number(case: Case) -> FunctionReport | None:
    return _numbered(case, single_with_a_number)


def _numbered(case: Case, ask: Asking) -> FunctionReport | None:
    found = _single(case.function, case.probes, ask)
    if found and not explains_all(case.function, found, case.every):  # another form may, which differs in a corner
        found = ask(case.function, case.every) or found
    return with_mistake(case, found) if found else None


def _beside_an_average(case: Case) -> FunctionReport | None:
    """Name what is wrong beside a loss that is an average, and that too."""
    less = without_average(case)
    if less is None:
        return None
    for ask in (_one_mistake, _beside_habits, _one_with_a_number):
        if (known := ask(less)) is not None:
            words = of(AVERAGE, case.function)
            says = f"{known.explanation}; and {words.found}"
            habits = known.verdict == "right-but"  # what is wrong beside it is none of its mathematics
            return replace(known, verdict="right-but" if habits else "wrong", mistakes=[*known.mistakes, AVERAGE],
                           only_mistake=habits, explanation=says)  # fmt: skip
    return None


def _of_one_norm(case: Case) -> FunctionReport | None:
    """Leave it at that where all that is wrong has one norm in every check: no two mistakes make that."""
    return _unnamed(case, Tries(case.function), one_edit(case)) if list(normed(Everything.of(case.every))) else None


def _of_one_edit(case: Case, asked: list[Edited | None]) -> FunctionReport | None:
    """Leave it at that where one edit of the text makes all right: no second mistake is there, at most a number."""
    asked.append(one_edit(case))
    return (_one_with_a_number(case) or _unnamed(case, Tries(case.function), asked[0])) if asked[0] else None


def _two_mistakes(case: Case, tries: Tries) -> FunctionReport | None:
    found = pair(case.function, case.probes, tries, _parts(case, case.probes))
    return with_mistake(case, found) if found else None


def _parts(case: Case, probes: Sequence[Probe]) -> Sequence[Probe]:
    """Return what is answered where less is at work than in the shortest probe that is wrong."""
    first = shortest(probes)
    return parts_alone(case.examination, first) if first else ()


def _one_beside_a_number(case: Case, tries: Tries) -> FunctionReport | None:
    found = pair_with_a_number(case.function, case.probes, tries)
    return with_mistake(case, found) if found else None


def _unnamed(case: Case, tries: Tries, found: Edited | None) -> FunctionReport:
    explanation = f"{case.report.explanation}; {case.besides}" if case.passed_on else case.report.explanation
    hint = found.told if found else ""
    if case.report.raises:
        return replace(case.report, explanation=explanation, hint=hint)  # the few numbers tell next to nothing
    more = (edge, no_effect, right_without)
    known = facts(case.every, lambda: [one for ask in more for one in ask(case.examination, case.probes)])
    if tries.given_up and not found:
        known.append(f"two mistakes at once were looked for in {tries.most} pairs, not in all that may be")
    return replace(case.report, explanation=explanation, hint=hint, facts=known)
