"""Entries that are wrong because of what they are: those beyond some value, all of them, and no others."""

from collections.abc import Iterator

import numpy as np

from ...._shapes import Array
from .conditions import between
from .seen import Everything, shown

LEAST = 8  # entries of either kind, zeros aside: they hide a mistake and do not show that there is none


def values(known: Everything) -> Iterator[str]:
    """Yield the value beyond which every entry of an output is wrong, and below which none is."""
    for name, wrong in known.outputs():
        ones = [seen.output(name) for seen in known.every if seen.numbers and any(o.name == name for o in seen.ones)]
        ones = [one for one in ones if not np.isnan(one.truth).any()]
        due = np.concatenate([one.truth.ravel() for one in ones])
        bad = np.concatenate([np.ravel(~(one.ratios <= 1)) for one in ones])
        told = shown(wrong[0].check, name)
        if min(bad.sum(), (~bad & (due != 0)).sum()) >= LEAST and np.isfinite(due).all():
            yield from _edges({f"|{told}|": np.abs(due), told: due}, bad)


def _edges(sizes: dict[str, Array], bad: Array) -> Iterator[str]:
    counts = f"the {bad.sum()} entries that are wrong, and none of the {(~bad).sum()} that are right"
    for words, size in sizes.items():
        for sign, beyond in ((1, "above"), (-1, "below")):
            inside, outside = (sign * size[~bad]).max(), (sign * size[bad]).min()
            if outside > inside:
                yield f"wrong where {words} is {beyond} {between(sign * inside, sign * outside)}: {counts}"
                return
