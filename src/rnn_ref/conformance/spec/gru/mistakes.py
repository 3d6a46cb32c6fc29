"""Mistakes in a GRU's step, in its loop, and on the way back, each with its words.

Probes that show them have all biases different and not zero, and h0 ≠ 0: with zeros a third cannot be seen.
"""

from ..mistake import Entry
from . import (
    mistakes_back,
    mistakes_gates,
    mistakes_paths,
    mistakes_reset,
    mistakes_states,
    mistakes_sums,
    mistakes_terms,
    mistakes_through_time,
)

FORWARD = (mistakes_gates, mistakes_reset, mistakes_terms, mistakes_states)
FILES = (*FORWARD, mistakes_paths, mistakes_back, mistakes_through_time, mistakes_sums)  # in their order
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
