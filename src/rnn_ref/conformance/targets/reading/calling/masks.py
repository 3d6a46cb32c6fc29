"""What is handed over for the ends of sequences, a length of each or a mask of the steps that count, and its names."""

import inspect
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ....._shapes import Array
from ..axes import Form, there

MASK = "mask"  # the part that it plays
ENDS = r"(\w+_)?(lengths?|lens?|seq_?lens?)"
MASKS = r"(\w+_)?masks?"


class Lengths(NamedTuple):
    """The length of every sequence."""

    @property
    def told(self) -> str:
        """What it is, in words."""
        return "lengths"

    def made(self, ends: Array, T: int) -> Array:
        """Return what is handed over of sequences with these lengths, in T steps."""
        return np.array(ends)


class Mask(NamedTuple):
    """Which steps of every sequence count: how it lies, and what stands in it."""

    axes: Form
    padding: bool = False  # whether it marks what does not count
    truths: bool = False  # whether True and False stand in it

    @property
    def told(self) -> str:
        """What it is, in words.

        >>> Mask(("B", "T"), padding=True).told
        'mask (B, T) of what is padding'
        """
        rest = f"{' of what is padding' if self.padding else ''}{', true or false' if self.truths else ''}"
        return f"mask ({', '.join(self.axes)}){rest}"

    def exchanged(self, **axes: str) -> "Mask":
        """Return a mask with some of its axes under another name."""
        return self._replace(axes=tuple(axes.get(axis, axis) for axis in self.axes))

    def made(self, ends: Array, T: int) -> Array:
        """Return what is handed over of sequences with these lengths, in T steps."""
        return self._lying(np.arange(T)[:, np.newaxis] < np.asarray(ends))

    def full(self, sizes: Mapping[str, int], dtype: str) -> Any:
        """Return a mask by which all steps count, of one sequence without an axis for the batch."""
        axes = tuple(axis for axis in self.axes if axis != "B" or "B" in sizes)
        counts = np.ones([sizes.get("T", 1), sizes.get("B", 1)], bool)
        counts = counts if "T" in axes else counts[0]
        return (
            self._replace(axes=axes)
            ._lying(counts if "B" in axes else counts[..., 0])
            .astype(bool if self.truths else dtype)
        )

    def _lying(self, counts: Array) -> Array:
        axes = tuple(axis for axis in ("T", "B") if axis in self.axes)
        lying = np.asarray(there(counts != self.padding, axes, self.axes))
        return lying if self.truths else lying.astype(float)


FORMS = ("B", "T"), ("T", "B"), ("B", "T", "1"), ("T", "B", "1")
MASKED = [Mask(form, padding, truths) for padding in (False, True) for truths in (False, True) for form in FORMS]
OF_STEP = [Mask(form, padding, False) for padding in (False, True) for form in (("B",), ("B", "1"))]


def told_by(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the argument that says where sequences end, a length of each before a mask; empty if there is none.

    >>> told_by(inspect.signature(lambda x, mask, seq_lens=None: x).parameters)
    'seq_lens'
    """
    return ends_in(parameters) or next((name for name in parameters if re.fullmatch(MASKS, name.lower())), "")


def ends_in(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the argument that has a length of each sequence; empty if there is none."""
    return next((name for name in parameters if re.fullmatch(ENDS, name.lower())), "")
