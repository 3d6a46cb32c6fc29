"""Does every vector prove its worth? Case × mistake → margin, the error over what is allowed.

A mistake is killed by a vector on which its margin is above 1; one that does not even answer in the right shape, or
raises, or writes into its inputs, is killed with an infinite margin. Every mistake of the catalogue must be killed by
at least two vectors with a margin of 10.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .catalogue.build import right, wrong
from .catalogue.edits import MISTAKES, Mistake
from .execute import perform
from .judge import Result, judge
from .suite import Check

KILLS, MARGIN = 2, 10.0
Margins = dict[str, float]  # by check id


def margins(mistake: Mistake, function: str, checks: Iterable[Check]) -> Margins:
    """Return the margin of a mistake in one function on every check that could tell (see ``answerable``)."""
    candidate = wrong(mistake, function)
    found: Margins = {}
    for check in checks:
        result = _twice(candidate, check)
        blunt = result.status == "error" or result.mutated or result.max_abs_error is None
        found[check.id] = math.inf if blunt else result.ratio
    return found


def answerable(function: str, checks: Iterable[Check]) -> list[Check]:
    """Return the checks that the base without a mistake passes: one that it cannot answer kills nothing."""
    mine = [check for check in checks if check.function == function]
    return [check for check in mine if _twice(right(function), check).status == "passed"]


def matrix(checks: Iterable[Check]) -> Iterator[tuple[str, str, Margins]]:
    """Yield slug, function and margins of every mistake in every function in which it can be made."""
    known = list(checks)
    asked = {function: answerable(function, known) for mistake in MISTAKES for function in mistake.functions}
    for mistake in MISTAKES:
        for function in mistake.functions:
            yield mistake.slug, function, margins(mistake, function, asked[function])


def _twice(candidate: Callable[..., Any], check: Check) -> Result:
    return judge(check, [perform(candidate, check) for _ in range(2)])


def kills(found: Margins) -> int:
    """Return on how many checks the margin is large enough."""
    return sum(margin >= MARGIN for margin in found.values())


def render(rows: Iterable[tuple[str, str, Margins]], *, wide: bool) -> Iterator[str]:
    """Yield a line for every mistake, or with ``wide`` one for every mistake and check."""
    yield f"{'mistake':<26} {'function':<22} {'killed by':>10} {'median':>9} {'smallest':>9}"
    for slug, function, found in rows:
        killing = sorted(margin for margin in found.values() if margin >= MARGIN)
        median = f"{killing[len(killing) // 2]:.1e}" if killing else ""
        counted = f"{len(killing)}/{len(found)}"
        yield f"{slug:<26} {function:<22} {counted:>10} {median:>9} {min(found.values()):>9.1e}"
        if wide:
            yield from (f"    {check:<48} {margin:>9.1e}" for check, margin in found.items())
