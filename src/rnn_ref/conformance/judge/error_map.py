"""Error over time and unit: a small picture in text, and the numbers behind it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ..spec import shown
from .compare import Comparison, compared
from .probe import Probe

STEPS, UNITS = 60, 8  # of which a picture has room; the numbers are kept for as many
SHADES = ((1.0, "."), (1e3, "x"), (1e9, "X"), (np.inf, "#"))
SHORT = ". right, x X # wrong"
LEGEND = ". right, x X # wrong: up to 1e3, up to 1e9, more times what is allowed"


@dataclass(frozen=True)
class ErrorMap:
    """Errors over allowed errors of one output: a row for each step, a column for each unit."""

    check: str
    output: str
    batch_row: int | None
    ratios: list[list[float]]


def error_map(probes: Iterable[Probe], telling: str | None) -> ErrorMap | None:
    """Return the map of the output that goes over time, in the check that tells most; None if there is none.

    It is the same check whose figures a report shows, and whose command: three checks side by side explain nothing.
    """
    for probe in probes:
        if probe.check.id != telling or probe.outcome.error is not None or probe.outcome.unusable is not None:
            continue
        check = probe.check.returning(probe.outcome.answers)
        for one in compared(check, probe.outcome.answers):
            if one.name in check.operation.timed and not one.problem and one.wrong:
                return _map_of(check.id, one)
    return None


def drawn(found: ErrorMap, *, legend: bool = True) -> Iterator[str]:
    """Yield the lines of the picture: time goes to the right, units go down; the legend may be a short one."""
    where = "" if found.batch_row is None else f", batch row {found.batch_row}"
    yield f"{found.check}: {shown(found.check, found.output)}{where}, a column for each step"
    for unit, row in enumerate(zip(*found.ratios, strict=True)):
        yield f"  unit {unit} {''.join(SHADES[shade(ratio)][1] for ratio in row)}"
    yield f"  {LEGEND if legend else SHORT}"


def shade(ratio: float) -> int:
    """Return which of the SHADES an error over its allowed error has; nan has the darkest."""
    return next((index for index, (most, _) in enumerate(SHADES) if ratio <= most), len(SHADES) - 1)


def _map_of(check: str, one: Comparison) -> ErrorMap:
    ratios, row = one.ratios, None
    if ratios.ndim == 3:
        row = int(np.nanargmax(ratios.max((0, 2))))
        ratios = ratios[:, row]
    kept = ratios.reshape(len(ratios), -1)[:STEPS, :UNITS]
    return ErrorMap(check, one.name, row, [[float(f"{ratio:.2g}") for ratio in step] for step in kept])
