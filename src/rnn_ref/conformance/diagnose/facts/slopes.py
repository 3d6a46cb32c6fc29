"""The way back of a tanh network, at each unit: where the slope is wrong, by how much, or whose slope it is.

What is returned are sums, in which nothing of that shows. But the gradients of the weights are those of the sums times
what went into them, so that the gradients of the sums follow from them where steps and sequences are few. Each is held
against what is due to what was carried back, so a mistake of a later step does not count as one of an earlier.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ...._shapes import Array
from .seen import Everything, Seen

LEAST = 8  # entries that are wrong, and that are right
NEARLY = 1e-7  # of the largest entry: how far off rounding may put what is solved for
CHECKS = 2  # from which it is read


class Sums(NamedTuple):
    """One check: states, what reaches them, what is carried among that, and the gradients of the sums; T, B, H each."""

    h: Array
    reaching: Array
    carried: Array
    got: Array

    @property
    def due(self) -> Array:
        """What the gradients of the sums ought to be, of what reaches the states."""
        return np.asarray(self.reaching * (1 - self.h**2))

    def is_(self, due: Array) -> Array:
        """Return at which entries they are this."""
        return np.asarray(np.abs(self.got - due) <= NEARLY * np.abs(self.got).max(initial=1e-300))


def slopes(known: Everything) -> Iterator[str]:
    """Yield whose slope a unit has instead of its own, or of which sign what is wrong has to be."""
    if not known.every or known.every[0].check.function not in {"rnn_cell_backward", "rnn_backward"}:
        return
    found = [one for one in map(_sums, known.numbers) if one is not None]
    wrong = [one for one in found if not one.is_(one.due).all()]
    if len(wrong) >= CHECKS:
        yield from _anothers(wrong) or _signs(found)


def _sums(seen: Seen) -> Sums | None:
    """Solve for the gradients of the sums; None where they do not follow, or are not what db_h was made of."""
    given, check = seen.check.arguments, seen.check
    if check.dtype != "float64" or check.options.get("activation", "tanh") != "tanh":
        return None
    units, inputs = given["W_xh"].shape
    x, last = (given["X_seq"], given["h0"]) if "X_seq" in given else (given["x_t"], given["h_prev"])
    h, above = (np.asarray(given.get(f"{name}_states", given.get(f"{name}_t"))) for name in ("h", "dh"))
    x, last, h, above = (
        x.reshape(-1, *_rows(last), inputs),
        *(a.reshape(-1, *_rows(last), units) for a in (last, h, above)),
    )
    went_in = np.concatenate([x, np.concatenate([last, h[:-1]])], -1).reshape(-1, inputs + units)
    if len(went_in) > inputs + units or np.linalg.cond(went_in) > 1 / NEARLY:
        return None
    made = np.concatenate([seen.output(name).answer for name in ("W_xh", "W_hh")], -1)
    rows = made @ np.linalg.pinv(went_in)
    off = max(np.abs(rows @ went_in - made).max(), np.abs(rows.sum(-1) - seen.output("b_h").answer).max())
    if not off <= NEARLY * np.abs(made).max():
        return None
    got = rows.T.reshape(h.shape)
    carried = np.concatenate([got[1:] @ given["W_hh"], np.zeros_like(got[:1])])
    return Sums(h, above + carried, carried, got)


def _rows(state: Array) -> tuple[int]:
    return (1,) if state.ndim == 1 else (len(state),)


def _anothers(wrong: Sequence[Sums]) -> list[str]:
    """Return whose slope it is, if one rule says so of every check that can tell."""
    for axis, what in ((2, "unit"), (1, "sequence of the batch")):
        telling = [one for one in wrong if one.h.shape[axis] > CHECKS]
        for by, which in ((1, "before"), (-1, "behind")):
            moved = ((one, one.reaching * (1 - np.roll(one.h, by, axis) ** 2)) for one in telling)
            if len(telling) >= CHECKS and all(one.is_(due).all() for one, due in moved):
                return [f"each {what} has the slope of the {what} {which} it: 1 - h_t**2 is taken from another place"]
    return []


def _signs(found: Sequence[Sums]) -> Iterator[str]:
    """Yield of which sign h_t, what reaches it, or what is carried back is wherever it is wrong, and by what factor."""
    bad = np.concatenate([~one.is_(one.due).ravel() for one in found])
    got, due = (np.concatenate([getattr(one, name).ravel() for one in found]) for name in ("got", "due"))
    what = {"h": "h_t", "reaching": "the gradient that reaches h_t", "carried": "the gradient carried back to h_t"}
    said, those = [], np.ones(bad.shape, bool)
    for name, words in what.items():
        array = np.concatenate([getattr(one, name).ravel() for one in found])
        for sign, which in ((-1, "negative"), (1, "positive")):
            holds = sign * array > 0
            if min(bad.sum(), (~holds).sum()) >= LEAST and holds[bad].all():
                said.append(f"{words} is {which}")
                those &= holds
    if said:
        ratios = got[bad] / np.where(due[bad] == 0, np.nan, due[bad])
        same = np.ptp(ratios) <= NEARLY * np.abs(ratios).max()  # never so where one is nan
        factor = f", and is {ratios[0]:.4g} times what is due" if same else ""
        yield (f"the gradient of the sum is wrong only where {' and '.join(said)} ({bad.sum()} of {those.sum()} such "
               f"entries, none of {(~those).sum()} others){factor}")  # fmt: skip
