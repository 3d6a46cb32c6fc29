"""From the results of one function to one verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..errors import OwnLossError
from ..operation import RANKS
from ..targets.raised import Raised
from .error_map import ErrorMap
from .raising import CALLS, Raising
from .recorded import not_asked
from .result import Result

RIGHT = {"conforms", "missing"}
VERDICTS = (
    *("conforms", "low-precision", "right-but", "mutates-input", "wrong", "passes-on", "crashed", "timeout"),
    *("not-asked", "not-implemented", "missing"),
)
MEND_OR_RECORD = "Mend that; or if it is meant, record anew with --record"


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
    left_out: list[Raising] = field(default_factory=list)  # what is not asked of it, because it raises
    raises: list[Raising] = field(default_factory=list)  # what most of its checks raise, if most of them raise
    reading: str = ""  # how it was read, where it does not bear its name itself
    claims: list[str] = field(default_factory=list)  # what it does not offer, and was not asked
    reproduce: str = ""
    telling: str | None = None  # the id of the check that tells most of what is wrong

    @property
    def named(self) -> list[str]:
        """The names of the mistakes, without one that says what the verdict says: low-precision."""
        return [slug for slug in self.mistakes if slug != self.verdict]


def verdict_of(results: list[Result], command: str) -> FunctionReport:
    """Weigh the results of a function that was run; ``command`` repeats the check, empty if nothing on it can."""
    passed = [result for result in results if result.status == "passed"]
    not_passed = [result for result in results if result.status in {"failed", "error"}]
    measured = [result.max_ulp for result in results if result.max_ulp is not None]
    raises = _raises(results)
    lost = [result for result in not_passed if result.not_asked]
    verdict, telling = _weigh([result for result in not_passed if not result.not_asked], most_raise=bool(raises))
    explanation, hint = f"{telling.id}: {telling.message}" if telling else "", ""
    if verdict == "conforms" and lost:
        verdict, telling, explanation, hint = "not-asked", lost[0], "; ".join(not_asked(lost)), MEND_OR_RECORD
    if verdict == "low-precision":
        explanation = (
            "right to the precision of float32, for float64 inputs; if that is what it claims: --dtype float32"
        )
    return FunctionReport(
        verdict=verdict,
        explanation=explanation,
        hint=hint,
        first_wrong_step=telling.first_wrong_step if telling else None,
        max_ulp=max(measured, default=None),
        passed=len(passed),
        failed=sum(result.status not in {"passed", "xfail", "skipped"} for result in results),
        left_out=_left_out(results),
        raises=raises,
        reproduce=f"{command} --only {telling.id}" if telling and command else "",
        telling=telling.id if telling else None,
    )


def _weigh(not_passed: list[Result], *, most_raise: bool) -> tuple[str, Result | None]:
    """Return the verdict and the result that tells most.

    What ended the process comes before a changed input, and that before wrong numbers, and these before an exception,
    unless most checks raise, or numbers are wrong in corners alone: then the exception tells more than the few numbers.
    """
    lost = [result for result in not_passed if result.lost]
    mutating = [result for result in not_passed if result.mutated]
    failed = [result for result in not_passed if result.status == "failed"]
    raising = [result for result in not_passed if result.status == "error"]
    if not not_passed:
        return "conforms", None
    if lost:
        telling = min(lost, key=lambda result: (not result.ended, _plainness(result)))
        return "timeout" if telling.timeout else "crashed", telling
    if mutating:
        return "mutates-input", mutating[0]
    if failed and all(result.narrow for result in not_passed):
        return "low-precision", failed[0]
    plain = [result for result in raising if not result.corner]
    if plain and not most_raise and all(result.corner for result in failed):
        failed, raising = [], plain
    if failed and not most_raise:
        return "wrong", min(failed, key=lambda result: (result.dtype != "float64", result.max_abs_error is None))
    is_wrong = failed or all(one.raised is not None and one.raised.type == OwnLossError.__name__ for one in raising)
    return "wrong" if is_wrong else "crashed", min(raising, key=_plainness)


def _plainness(result: Result) -> tuple[int, bool]:
    """Return what to sort by, so that the plainest check comes first."""
    return RANKS.index(result.rank), result.dtype != "float64"


def _left_out(results: Iterable[Result]) -> list[Raising]:
    """Return what is not asked of a function because it raises, each kind once for every cause."""
    found = [result.left_out for result in results if result.left_out]
    return list({(one.what, one.raised.cause): one for one in reversed(found)}.values())[::-1]


def _raises(results: Sequence[Result]) -> list[Raising]:
    """Return what the checks of a function raise, if most of those that ran do; what the plainest one raises first."""
    ran = [result for result in results if result.status != "skipped"]
    raising = [(one.rank, one.raised) for one in sorted(ran, key=_plainness) if one.status == "error" and one.raised]
    if 2 * len(raising) <= len(ran):
        return []
    by_cause: dict[object, list[tuple[str, Raised]]] = {}
    for rank, raised in raising:
        by_cause.setdefault(raised.cause, []).append((rank, raised))
    several = len({result.rank for result in ran}) > 1
    return [one for mine in by_cause.values() for one in _of_one_cause(mine, len(ran), several=several)]


def _of_one_cause(mine: Sequence[tuple[str, Raised]], ran: int, *, several: bool) -> Iterator[Raising]:
    """Yield what was raised in one place, by the ranks whose plainest checks raise it in other words."""
    by_rank = {rank: [raised for other, raised in mine if other == rank] for rank, _ in mine}
    first = mine[0][1]
    which = f" ({CALLS[mine[0][0]]})" if several and len(by_rank) == 1 else ""
    yield Raising(f"{len(mine)} of {ran} checks{which}", first)
    for rank, raised in by_rank.items():
        if raised[0].message != first.message:
            yield Raising(f"{len(raised)} of them ({CALLS[rank]})", raised[0])
