"""The evidence for a name, as figures: how well the mistake agrees, and how far both are from the truth."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..judge.figures import figure_text
from ..judge.probe import Probe
from ..mistakes.answers import untouched
from .single import Found


def evidence(found: Found, probes: Sequence[Probe]) -> str:
    """Return a sentence: agreement with the mistake, and the greatest difference from what is right."""
    function = probes[0].check.function
    apart = max(
        (_difference(probe, untouched(function, found.mistakes, probe.check).answers) for probe in probes), default=0.0
    )
    which = "this mistake" if len(found.slugs) == 1 else "these two mistakes"
    agrees = f"agrees with {which} to {figure_text(apart)} on {found.agreed} of {found.probes} probes"
    wrong = [_difference(probe, probe.check.expected) for probe in probes if probe.wrong]
    differs = max((one for one in wrong if np.isfinite(one)), default=0.0)
    return f"{agrees}; differs from the right answer by up to {figure_text(differs)}" if differs else agrees


def _difference(probe: Probe, answers: Mapping[str, object]) -> float:
    """Return the greatest difference from other answers, 0 where these have no like."""
    most = 0.0
    for name, answer in probe.outcome.answers.items():
        other = answers.get(name)
        if isinstance(answer, np.ndarray) and isinstance(other, np.ndarray) and answer.shape == other.shape:
            finite = np.isfinite(answer) & np.isfinite(other)
            most = max(most, float(np.abs(answer[finite] - other[finite]).max(initial=0.0)))
    return most
