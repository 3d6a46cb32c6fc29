"""Mistakes in a GRU's step and in its loop, each with its words.

Probes that show them have all biases different and not zero, and h0 ≠ 0: with zeros a third cannot be seen.
"""

from ..mistake import Entry
from . import mistakes_gates, mistakes_reset, mistakes_states, mistakes_terms

FILES = (mistakes_gates, mistakes_reset, mistakes_terms, mistakes_states)  # in their order
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
