"""A check and what the candidate made of it: what a diagnosis works on."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..operation import Check
from ..run.call import Outcome


@dataclass(frozen=True)
class Probe:
    """A check and what the candidate made of it; ``wrong`` where that is not right."""

    check: Check
    outcome: Outcome
    wrong: bool


def telling_first(probes: Iterable[Probe]) -> list[Probe]:
    """Sort what is wrong and has numbers first, and small problems before long ones."""
    return sorted(probes, key=_telling)


def _telling(probe: Probe) -> tuple[bool, bool, bool, int]:
    has_numbers = any(isinstance(answer, np.ndarray) for answer in probe.outcome.answers.values())
    size = sum(np.size(value) for value in probe.check.arguments.values())
    return not (probe.wrong and has_numbers), probe.outcome.error is not None, probe.check.dtype != "float64", size
