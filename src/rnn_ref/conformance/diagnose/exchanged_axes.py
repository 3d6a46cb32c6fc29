"""Batch and time exchanged: the one mistake that raises on every batch but a square one.

What raises on all generic batches is taken for a function of one sequence, and is not held to batches. That would
excuse this mistake too. So where batches are excused, the square ones that did run are compared with it first.
"""

from collections.abc import Iterable, Mapping, Sequence

from ..judge.probe import Probe
from ..judge.result import Result
from ..operation import Check
from ..run.call import Outcome
from ..spec import catalogue
from .single import first_that_agrees

SLUG = "batch-time-swapped"


def is_swapped(
    function: str, planned: Iterable[Check], excused: Sequence[Result], calls: Mapping[str, Sequence[Outcome]]
) -> bool:
    """Whether batches were excused, but on the square ones the function does what this mistake does."""
    skipped = {result.id for result in excused if result.status == "skipped"}
    probes = [
        Probe(check, calls[check.id][0], True)
        for check in planned
        if check.id in skipped and check.id in calls and check.rank == "batch" and "square" in check.flags
    ]
    probes = [probe for probe in probes if probe.outcome.error is None and probe.outcome.unusable is None]
    ways = [(mistake,) for mistake in catalogue.MISTAKES if mistake.slug == SLUG and function in mistake.functions]
    return bool(probes and ways) and first_that_agrees(function, ways, probes) is not None
