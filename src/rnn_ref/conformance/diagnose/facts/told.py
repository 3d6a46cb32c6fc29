"""The facts that are told, at most three, the most telling first."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ...judge.probe import Probe
from .arranged import arranged, exchanged
from .bits import bits
from .calls import calls
from .conditions import conditions
from .edge import CUT
from .equation.lines import lines
from .equation.other_steps import as_if, other_steps
from .equation.slopes import slopes
from .factors import added, factors, normed
from .mapped import mapped
from .outputs import outputs
from .places import places, roughly, values
from .rows import rows, single_predictions
from .seen import Everything
from .traits import lacking, traits

MOST = 3  # facts that are told
Kind = Callable[[Everything], Iterator[str]]
WHAT: Sequence[Kind] = (
    calls,
    exchanged,
    other_steps,
    factors,
    normed,
    added,
    arranged,
    mapped,
    as_if,
    traits,
    slopes,
)  # what was done instead
WHERE: Sequence[Kind] = (bits, single_predictions, rows, places, lacking, conditions, values, outputs)  # where it shows


def facts(probes: Iterable[Probe], without: Callable[[], Sequence[str]] = list) -> list[str]:
    """Return sentences that hold on every check there is, at most three, the most telling first.

    A line that explains it all stands alone. Else what was done instead
    comes first. Where that is not known, it is asked which term has to be zero (``without``, for
    which the target is called once more). Then comes where it shows. From how many steps on it is wrong says more than
    that long sequences are.
    """
    known = Everything.of(probes)
    if whole := list(lines(known)):
        return whole  # nothing else is wrong
    found: list[str] = []
    for kind in (*WHAT, *WHERE):
        if kind is WHERE[0] and not found:
            found += without()
        if len(found) < MOST and not (kind is conditions and any(CUT in one for one in found)):
            found += list(kind(known))
    if len(found) < MOST:
        found += [one for one in roughly(known) if not any(_same_place(one, other) for other in found)]
    return found[:MOST]


def _same_place(one: str, other: str) -> bool:
    """Whether two sentences are of the same output, and one of them tells its place exactly."""
    names, exactly, _ = other.partition(":")
    return bool(exactly) and one.partition(":")[0].rpartition(", ")[2] in names.replace(" and ", ", ").split(", ")
