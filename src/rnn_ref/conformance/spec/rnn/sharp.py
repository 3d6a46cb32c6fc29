"""rnn_bptt in twice the precision of float64, of all steps at once: states, logits, loss, and the ways back."""

from typing import Any

import numpy as np

from ...._shapes import Array, rows
from ...numbers import refined
from ...numbers.gradients import Asked
from ...numbers.sharp import Sharp
from ...numbers.through import as_arrays
from ...numbers.twice import Pair
from .. import OPERATIONS
from ..losses.sharp import cross_entropy, cross_entropy_backward

Named = dict[str, Pair]


def rnn_bptt(
    X_seq: Array,
    targets_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    **options: Any,
) -> Named:
    """Everything, one after the other."""
    loss_options = {"reduction": "sum"} | {name: options.pop(name) for name in LOSS if name in options}
    cell, weights = OPERATIONS["rnn_forward"].equation(options), {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}
    (h_states,) = refined.states(cell, X_seq, [h0], weights)
    h = Sharp((rows(h_states[0]), rows(h_states[1])))
    logits = shaped((h.dot(W_hy) + b_y).p, (*h_states[0].shape[:-1], len(b_y)))
    loss = cross_entropy(logits, targets_seq, **loss_options)
    dlogits = cross_entropy_backward(1.0, logits, targets_seq, **loss_options)["dlogits"]
    dz = Sharp((rows(dlogits[0]), rows(dlogits[1])))
    dh = shaped(dz.dot(W_hy.T).p, h_states[0].shape)
    nearest = [Sharp(one).nearest for one in (dh, h_states)]
    asked = Asked(nearest[:1], nearest[1:], X_seq, [h0], weights)
    back = refined.gradients(cell, asked, [dh], [h_states])
    parts = [as_arrays(cell, back, lambda number, part=part: number.p[part], X_seq, [h0]) for part in (0, 1)]
    recurrent = dict(zip(("X_seq", "h0", *cell.weights), zip(*parts, strict=True), strict=True))
    output = {"W_hy": dz.outer(h).p, "b_y": dz.total().p}
    return loss | recurrent | output | {"h_T": (h_states[0][-1], h_states[1][-1])}


LOSS = ("reduction", "ignore_index")  # options of the loss; others are the equation's


def shaped(a: Pair, shape: tuple[int, ...]) -> Pair:
    """Return a pair in another shape."""
    return np.reshape(a[0], shape), np.reshape(a[1], shape)
