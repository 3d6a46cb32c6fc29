"""The gradients of the sums, solved for from what the way back of a tanh network returns.

What is returned are sums, in which nothing of a single unit shows. But the gradients of the weights are those of the
sums times what went into them, so that the gradients of the sums follow where steps and sequences are few.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array

NEARLY = 1e-7  # of the largest entry: how far off rounding may put what is solved for


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


def sums_back(given: Mapping[str, Any], gradients: Mapping[str, Array]) -> Sums | None:
    """Solve for the gradients of the sums; None where they do not follow, or are not what db_h was made of.

    ``given`` are the arguments of a step back or of the way back, ``gradients`` what came back, by argument.
    """
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
    made = np.concatenate([gradients[name] for name in ("W_xh", "W_hh")], -1)
    rows = made @ np.linalg.pinv(went_in)
    off = max(np.abs(rows @ went_in - made).max(), np.abs(rows.sum(-1) - gradients["b_h"]).max())
    if not off <= NEARLY * np.abs(made).max():
        return None
    got = rows.T.reshape(h.shape)
    carried = np.concatenate([got[1:] @ given["W_hh"], np.zeros_like(got[:1])])
    return Sums(h, above + carried, carried, got)


def _rows(state: Array) -> tuple[int]:
    return (1,) if state.ndim == 1 else (len(state),)
