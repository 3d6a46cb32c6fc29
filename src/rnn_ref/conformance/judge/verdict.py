"""From the results of one function to one verdict."""

from dataclasses import dataclass, field

from ..operation import RANKS
from .error_map import ErrorMap
from .result import Result

RIGHT = {"conforms", "missing"}
VERDICTS = (
    *("conforms", "low-precision", "right-but", "mutates-input", "wrong", "passes-on", "crashed", "timeout"),
    *("not-implemented", "missing"),
)


@dataclass(frozen=True)
class FunctionReport:
    """What the report says of one function."""

    verdict: str
    explanation: str = ""
    hint: str = ""
    evidence: str = ""  # the figures on which the name of the mistake rests
    facts: list[str] = field(default_factory=list)  # why the mistake matters, or what is known of one without a name
    passes_on: list[str] = field(default_factory=list)  # whose mistake it passes on, where it has none of its own
    error_map: ErrorMap | None = None
    mistake: str | None = None  # a slug of the catalogue; null is better than a wrong name
    mistakes: list[str] = field(default_factory=list)
    only_mistake: bool = False
    first_wrong_step: int | None = None
    max_ulp: float | None = None
    passed: int = 0
    failed: int = 0
    reproduce: str = ""
    telling: str | None = None  # the id of the check that tells most of what is wrong


def verdict_of(results: list[Result], command: str) -> FunctionReport:
    """Weigh the results of a function that was run; ``command`` repeats the check, empty if nothing on it can."""
    passed = [result for result in results if result.status == "passed"]
    not_passed = [result for result in results if result.status in {"failed", "error"}]
    measured = [result.max_ulp for result in results if result.max_ulp is not None]
    verdict, telling = _weigh(not_passed)
    explanation = f"{telling.id}: {telling.message}" if telling else ""
    if verdict == "low-precision":
        explanation = (
            "right to the precision of float32, for float64 inputs; if that is what it claims: --dtype float32"
        )
    return FunctionReport(
        verdict=verdict,
        explanation=explanation,
        first_wrong_step=telling.first_wrong_step if telling else None,
        max_ulp=max(measured, default=None),
        passed=len(passed),
        failed=sum(result.status not in {"passed", "xfail", "skipped"} for result in results),
        reproduce=f"{command} --only {telling.id}" if telling and command else "",
        telling=telling.id if telling else None,
    )


def _weigh(not_passed: list[Result]) -> tuple[str, Result | None]:
    """Return the verdict and the result that tells most: a changed input before wrong numbers before a crash."""
    mutating = [result for result in not_passed if result.mutated]
    failed = [result for result in not_passed if result.status == "failed"]
    if not not_passed:
        return "conforms", None
    if mutating:
        return "mutates-input", mutating[0]
    if failed and all(result.narrow for result in not_passed):
        return "low-precision", failed[0]
    if failed:
        return "wrong", min(failed, key=lambda result: (result.dtype != "float64", result.max_abs_error is None))
    telling = min(not_passed, key=lambda result: (RANKS.index(result.rank), result.dtype != "float64"))
    return "timeout" if telling.timeout else "crashed", telling
