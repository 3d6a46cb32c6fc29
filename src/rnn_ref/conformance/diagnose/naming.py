"""From what was found to what is reported: the name, the words that belong to it, and the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..judge.compare import compared
from ..judge.probe import Probe
from ..judge.result import Result
from ..judge.verdict import FunctionReport
from ..run.call import Outcome
from ..spec.catalogue import of
from .evidence import evidence
from .facts import factors
from .single import Found, explains_all


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

        In a corner a mistake may do anything (divide by zero targets, say): these count only if nothing else is wrong.
        """
        plain = [probe for probe in self.every if "corner" not in probe.check.flags]
        return plain if any(probe.wrong for probe in plain) else self.every

    @property
    def besides(self) -> str:
        """A sentence about them, beside a mistake of its own."""
        return f"besides, it relies on {listed(self.passed_on)} wrong too" if self.passed_on else ""


def with_mistake(case: Case, found: Found) -> FunctionReport:
    """Return the report with the name, the words and the evidence."""
    slugs = found.slugs
    only = len(slugs) == 1 and case.alone and explains_all(case.function, found, case.every)
    report = called(case, slugs[0], only=only)
    told = [of(slug, case.function) for slug in slugs]
    verdict, since = "wrong", report.first_wrong_step is not None
    if slugs == ["low-precision"]:
        verdict = "low-precision"
    elif slugs == ["starts-with-h0"] or (only and _one_factor(case.probes)):
        verdict = "right-but"
    return replace(
        report,
        verdict=verdict,
        mistakes=slugs,
        explanation="; and ".join([*(one.found for one in told), *([case.besides] if case.passed_on else [])]),
        hint=" ".join(one.look for one in told),
        evidence=evidence(found, case.probes) + (f", first at t = {report.first_wrong_step}" if since else ""),
    )


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


def _one_factor(probes: list[Probe]) -> bool:
    """Whether all that is wrong is one factor, which is a name of the problem's sizes and not negative."""
    wrong = [probe for probe in probes if probe.wrong]
    for probe in wrong:
        if probe.outcome.error is not None or probe.outcome.unusable is not None:
            return False
        check = probe.check.returning(probe.outcome.answers)
        c = factors.factor(check, compared(check, probe.outcome.answers))
        if c is None or c <= 0 or factors.named_factor(check, c) is None:
            return False
    return bool(wrong)


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
