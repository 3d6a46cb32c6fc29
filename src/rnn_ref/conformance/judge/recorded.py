"""Checks that a project's record demands: one that is not asked now has failed, whatever the reason is."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from .result import Result


def with_recorded(results: Iterable[Result], recorded: Collection[str]) -> list[Result]:
    """Turn recorded checks that were skipped into failures, each with the reason why it is not asked."""
    return [_not_asked(one) if one.status == "skipped" and one.id in recorded else one for one in results]


def _not_asked(result: Result) -> Result:
    return replace(
        result, status="failed", message=f"recorded, not asked now: {result.message}", not_asked=result.message
    )


def not_asked(results: Iterable[Result]) -> list[str]:
    """Return a sentence for each reason why recorded checks are not asked now, with the names of the checks.

    >>> not_asked([Result(f"f/{case}", "f", "failed", not_asked="no batches") for case in ("short", "long")])
    ['2 recorded checks are not asked now: no batches: short, long']
    """
    return list(_sentences([one for one in results if one.not_asked and one.status == "failed"]))


def _sentences(lost: list[Result]) -> Iterator[str]:
    for reason in dict.fromkeys(one.not_asked for one in lost):
        cases = [one.id.partition("/")[2] for one in lost if one.not_asked == reason]
        counted = "1 recorded check is" if len(cases) == 1 else f"{len(cases)} recorded checks are"
        yield f"{counted} not asked now: {reason}: {', '.join(cases)}"
