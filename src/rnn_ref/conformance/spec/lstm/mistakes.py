"""Mistakes in an LSTM's step, in its loop, and on the way back, each with its words."""

from ..mistake import Entry

ENTRIES: tuple[Entry, ...] = ()
