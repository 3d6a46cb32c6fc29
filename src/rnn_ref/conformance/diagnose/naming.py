"""From what was found to what is reported: the name, the words that belong to it, and the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..judge.claims import KINDS
from ..judge.compare import compared
from ..judge.probe import Probe
from ..judge.result import NUMBERS_RIGHT, Result
from ..judge.verdict import FunctionReport
from ..mistakes.answers import untouched
from ..run.call import Outcome
from ..spec.catalogue import of
from ..spec.mistake import Mistake
from .evidence import evidence
from .facts import factors
from .single import Found, explains_all, unexplained

CONVENTIONAL = (  # what frameworks show where nothing is to be shown, and what is right if the padding is finite
    *("outputs-repeated", "outputs-not-masked"),
    *("mask-multiplied", "padding-in-gradients"),
)
OF_OURS = ("nothing-kept",)  # what only our own functions promise: a mask of nothing divides by zero
LOSSES = ("log-of-softmax", "unstable-softmax", "zero-times-infinity")  # right while logits are moderate
EPSILONS = ("log-epsilon", "softmax-epsilon")  # and so are these
AVERAGE = "mean-over-steps"
SMALL = 1e-6  # with at most so much


class Case(NamedTuple):
    """A function under diagnosis: what is said of it so far, and what it answered, by itself where that is known."""

    examination: Any
    function: str
    report: FunctionReport
    others: Mapping[str, FunctionReport]
    results: Sequence[Result]
    outcomes: Mapping[str, Sequence[Outcome]]
    passed_on: Sequence[str] = ()  # the functions that are wrong, and gave it wrong answers
    settled: bool = True  # whether that could be found out

    @property
    def alone(self) -> bool:
        """Whether what is wrong is its own doing, as far as that could be found out."""
        return self.settled and not self.passed_on

    @property
    def is_read(self) -> bool:
        """Whether it is somebody's own function under a name and in a form of its own."""
        return bool(self.examination.session.found[self.function].reading)

    @property
    def every(self) -> list[Probe]:
        """What it said to every check that was not skipped."""
        checks = {check.id: check for check in self.examination.planned[self.function]}
        return [
            Probe(checks[result.id], self.outcomes[result.id][0], result.status not in {"passed", "xpass"})
            for result in self.results
            if result.status != "skipped" and result.id in self.outcomes
        ]

    @property
    def probes(self) -> list[Probe]:
        """What it said to every check that counts.

        In a corner a mistake may do anything (divide by zero targets, say), and a kind of argument at which it always
        raises is not meant: these count only if nothing else is wrong.
        """
        every = self.every
        kinds = {flag: [probe for probe in every if flag in probe.check.flags] for flag in KINDS}
        refused = {flag for flag, mine in kinds.items() if mine and all(probe.outcome.error for probe in mine)}
        plain = [probe for probe in every if not {"corner", *refused} & {*probe.check.flags}]
        return plain if any(probe.wrong for probe in plain) else every

    def of_the_numbers(self) -> "Case":
        """Return the same without what is written into arguments: what is wrong with the numbers alone."""
        results = [replace(one, status="passed") if NUMBERS_RIGHT in one.message else one for one in self.results]
        outcomes = {check: [replace(one, mutated=()) for one in every] for check, every in self.outcomes.items()}
        return self._replace(results=results, outcomes=outcomes)

    @property
    def besides(self) -> str:
        """A sentence about them, beside a mistake of its own."""
        return f"besides, it relies on {listed(self.passed_on)} wrong too" if self.passed_on else ""


def with_mistake(case: Case, found: Found) -> FunctionReport:
    """Return the report with the name, the words and the evidence."""
    slugs = found.slugs
    case.examination.named[case.function] = found.mistakes
    only = len(slugs) == 1 and case.alone and explains_all(case.function, found, case.every)
    report = called(case, slugs[0], only=only)
    told = [of(slug, case.function) for slug in slugs]
    verdict, since = "wrong", report.first_wrong_step is not None
    if slugs == ["low-precision"]:
        verdict = "low-precision"
    elif (
        slugs == ["starts-with-h0"]
        or (only and slugs[0] in (*CONVENTIONAL, *(OF_OURS if case.is_read else ())))
        or (only and case.is_read and all(map(_is_a_habit, found.mistakes)))
        or _scaled(case, found, only=only)
        or _factor_and_bound(case, found)
    ):
        verdict = "right-but"
    return replace(
        report,
        verdict=verdict,
        mistakes=slugs,
        explanation="; and ".join([*_found(case, found), *([case.besides] if case.passed_on else [])])
        + ("" if only or case.passed_on else _left(case, found)),
        hint=" ".join(one.look for one in told),
        evidence=evidence(found, case.probes) + (f", first at t = {report.first_wrong_step}" if since else ""),
    )


def _is_a_habit(mistake: Mistake) -> bool:
    """Whether all that is off is the loss of predictions that are as wrong as they can be: most code is written so."""
    return mistake.slug in LOSSES or (mistake.slug in EPSILONS and mistake.value <= SMALL)


def _left(case: Case, found: Found) -> str:
    """Return how much is wrong for another reason, as the end of a sentence; empty where all is explained."""
    left = unexplained(case.function, found, case.every)
    if not left:
        return ""
    first = next((probe for probe in left if probe.check.dtype == "float64"), left[0])
    return f"; {len(left)} more of its checks are wrong for another reason, such as {first.check.id}"


def _found(case: Case, found: Found) -> list[str]:
    """Return what was found of each slug, with the number where it was solved for."""
    numbers = {mistake.slug: mistake.told for mistake in found.mistakes}
    return [f"{of(slug, case.function).found}{numbers[slug]}" for slug in found.slugs]


def listed(names: Sequence[str]) -> str:
    """Write names as the beginning of a clause."""
    return f"{' and '.join(names)}, which {'are' if len(names) > 1 else 'is'}"


def called(case: Case, slug: str, *, only: bool) -> FunctionReport:
    """Return the report with a name, and the words that belong to it."""
    told = of(slug, case.function)
    return replace(
        case.report,
        mistake=slug,
        mistakes=[slug],
        only_mistake=only,
        explanation=f"{told.found}; {case.report.explanation}",
        hint=told.look,
        facts=[told.matters],
    )


def _scaled(case: Case, found: Found, *, only: bool) -> bool:
    """Whether all that is wrong is one factor that has a reason."""
    return only and found.slugs != ["constant-factor"] and _one_factor(case.probes)


def _one_factor(probes: list[Probe]) -> bool:
    """Whether all that is wrong is one factor, which is a name of the problem's sizes and not negative."""
    wrong = [probe for probe in probes if probe.wrong]
    return bool(wrong) and all(by_one_factor(probe) for probe in wrong)


def by_one_factor(probe: Probe) -> bool:
    """Whether what is wrong in one check is one factor, which is a name of the problem's sizes and not negative."""
    if probe.outcome.error is not None or probe.outcome.unusable is not None:
        return False
    check = probe.check.returning(probe.outcome.answers)
    c = factors.factor(check, compared(check, probe.outcome.answers))
    return c is not None and c > 0 and factors.named_factor(check, c) is not None


def _factor_and_bound(case: Case, found: Found) -> bool:
    """Whether it would be right but for one factor, if its finished gradients were not clipped."""
    others = tuple(mistake for mistake in found.mistakes if mistake.slug != "gradients-clipped")
    if not case.alone or len(others) != 1 or len(found.mistakes) != 2:
        return False
    alone = [replace(one, outcome=untouched(case.function, others, one.check)) for one in case.probes if one.wrong]
    off = [one for one in alone if any(each.wrong for each in compared(one.check, one.outcome.answers))]
    return _one_factor(off) and explains_all(case.function, found, case.every)


def right_but(report: FunctionReport, slug: str, says: str) -> FunctionReport:
    """Return the report of what is right in its own way, and which way that is."""
    return replace(
        report,
        verdict="right-but",
        mistake=slug,
        mistakes=[slug],
        only_mistake=True,
        explanation=says,
        first_wrong_step=None,
    )
