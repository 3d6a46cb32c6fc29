"""Does every vector prove its worth? Case × mistake → margin, the error over what is allowed.

A mistake is killed by a vector on which its margin is above 1; one that does not even answer in the right shape, or
raises, or writes into its inputs, is killed with an infinite margin. Every mistake of the catalogue must be killed by
at least two vectors with a margin of 10.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..judge.compare import compared
from ..operation import Check
from ..spec import catalogue
from ..spec.bases import right
from ..spec.mistake import Mistake
from .answers import answered
from .make import wrong

KILLS, MARGIN = 2, 10.0
Margins = dict[str, float]  # by check id


def margins(mistake: Mistake, function: str, checks: Iterable[Check]) -> Margins:
    """Return the margin of a mistake in one function on every check that could tell (see ``answerable``)."""
    candidate = wrong(mistake, function)
    return {check.id: _margin(candidate, check) for check in checks}


def answerable(function: str, checks: Iterable[Check]) -> list[Check]:
    """Return the checks that the base without a mistake passes: one that it cannot answer kills nothing."""
    mine = [check for check in checks if check.function == function]
    return [check for check in mine if _margin(right(function), check) <= 1]


def matrix(checks: Iterable[Check]) -> Iterator[tuple[Mistake, str, Margins]]:
    """Yield every mistake with every function in which it can be made, and its margins."""
    known = list(checks)
    made_in = {function for mistake in catalogue.MISTAKES for function in mistake.functions}
    asked = {function: answerable(function, known) for function in made_in}
    for mistake in catalogue.MISTAKES:
        for function in mistake.functions:
            yield mistake, function, margins(mistake, function, asked[function])


def _margin(candidate: Callable[..., Any], check: Check) -> float:
    """Return the margin of a call; and of the same call again, if the first was right.

    It is what a verdict rests on, without the words: thousands are asked for.
    """
    margin = 0.0
    for _ in range(2):
        outcome = answered(candidate, check)
        if outcome.error is not None or outcome.unusable is not None or outcome.mutated:
            return math.inf
        check = check.returning(outcome.answers)
        margin = max(one.ratio for one in compared(check, outcome.answers))
        if not margin <= 1:
            break
    return margin


def kills(found: Margins) -> int:
    """Return on how many checks the margin is large enough."""
    return sum(margin >= MARGIN for margin in found.values())


def weakest(found: Margins) -> float:
    """Return the largest margin but one (``KILLS`` is 2): what the mistake's being killed twice rests on."""
    return sorted(found.values())[-KILLS]


def render(rows: Iterable[tuple[Mistake, str, Margins]], *, wide: bool) -> Iterator[str]:
    """Yield a line for every slug and function, or with ``wide`` one for every form of the mistake and every check.

    Of several forms, that which is killed least often counts, and the smallest of their second-largest margins.
    """
    grouped: dict[tuple[str, str], dict[str, Margins]] = {}
    for mistake, function, found in rows:
        grouped.setdefault((mistake.slug, function), {})[mistake.variant] = found
    yield f"{'mistake':<26} {'function':<26} {'forms':>5} {'killed':>7} {'margin':>8}"
    for (slug, function), forms in grouped.items():
        fewest = min(forms.values(), key=kills)
        margin = min(weakest(found) for found in forms.values())
        counted = f"{kills(fewest)}/{len(fewest)}"
        made_in = f"{slug:<26} {function}"
        yield f"{made_in:<53} {len(forms):>5} {counted:>7} {margin:>8.1e}"
        for variant, found in forms.items() if wide else ():
            yield from (f"    {variant:<28} {check:<48} {margin:>9.1e}" for check, margin in found.items())
