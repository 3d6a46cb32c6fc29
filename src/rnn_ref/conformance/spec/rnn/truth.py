"""rnn_bptt as exact numbers: the equation through time, the output layer, the loss, and the ways back, one by one.

And in pairs of float64, of all steps at once, where 50 digits would take too long.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...._shapes import Array, rows
from ...numbers import refined
from ...numbers.exact import exact
from ...numbers.gradients import Asked
from ...numbers.sharp import Sharp
from ...numbers.through import as_arrays
from ...numbers.twice import Pair
from .. import OPERATIONS
from ..losses import sharp
from ..losses.truth import cross_entropy, cross_entropy_backward, digits_for
from ..recurrent import Named, truth

LOSS = ("reduction", "ignore_index")  # options of the loss; others are the equation's


def parted(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options of the loss, and those of the equation."""
    own = {name: value for name, value in options.items() if name not in LOSS}
    return {"reduction": "sum"} | {name: value for name, value in options.items() if name in LOSS}, own


def digits(arguments: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Return the digits that a sum of exponentials needs on top: logits of states below 1, or of those there are."""
    largest, _, by_option = 1.0, *parted(options)
    if by_option:
        cell = OPERATIONS["rnn_forward"].equation(by_option)
        weights = {name: np.asarray(arguments[name], np.float64) for name in cell.weights}
        (h_states,) = refined.near(cell, arguments["X_seq"], [arguments["h0"]], weights)
        largest = max(1.0, float(abs(h_states).max()))
    return digits_for(2 * float((largest * abs(arguments["W_hy"]).sum(1) + abs(arguments["b_y"])).max()))


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
    of_loss, own = parted(options)
    sequence = {"X_seq": X_seq, "h0": h0, "W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}
    states = truth(OPERATIONS["rnn_forward"], sequence, own)
    layer = states | {"W_hy": W_hy, "b_y": b_y}
    logits = truth(OPERATIONS["rnn_output_layer"], layer)["logits"]
    loss = cross_entropy(logits, targets_seq, **of_loss)
    dlogits = cross_entropy_backward(exact(1), logits, targets_seq, **of_loss)["dlogits"]
    output = truth(OPERATIONS["rnn_output_backward"], {"dlogits_seq": dlogits} | layer)
    above = {"dh_states": output.pop("h_states")} | states
    recurrent = truth(OPERATIONS["rnn_backward"], above | sequence, own)
    return loss | recurrent | output | {"h_T": np.asarray(states["h_states"])[-1]}


def in_pairs(
    X_seq: Array,
    targets_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    **options: Any,
) -> dict[str, Pair]:
    """Return the same as pairs."""
    of_loss, own = parted(options)
    cell, weights = OPERATIONS["rnn_forward"].equation(own), {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}
    (h_states,) = refined.states(cell, X_seq, [h0], weights)
    h = Sharp((rows(h_states[0]), rows(h_states[1])))
    logits = shaped((h.dot(W_hy) + b_y).p, (*h_states[0].shape[:-1], len(b_y)))
    loss = sharp.cross_entropy(logits, targets_seq, **of_loss)
    dlogits = sharp.cross_entropy_backward(1.0, logits, targets_seq, **of_loss)["dlogits"]
    dz = Sharp((rows(dlogits[0]), rows(dlogits[1])))
    dh = shaped(dz.dot(W_hy.T).p, h_states[0].shape)
    nearest = [Sharp(one).nearest for one in (dh, h_states)]
    asked = Asked(nearest[:1], nearest[1:], X_seq, [h0], weights)
    back = refined.gradients(cell, asked, [dh], [h_states])
    parts = [as_arrays(cell, back, lambda number, part=part: number.p[part], X_seq, [h0]) for part in (0, 1)]
    recurrent = dict(zip(("X_seq", "h0", *cell.weights), zip(*parts, strict=True), strict=True))
    output = {"W_hy": dz.outer(h).p, "b_y": dz.total().p}
    return loss | recurrent | output | {"h_T": (h_states[0][-1], h_states[1][-1])}


IN_PAIRS: Mapping[str, Callable[..., dict[str, Pair]]] = {"rnn_bptt": in_pairs}


def shaped(a: Pair, shape: tuple[int, ...]) -> Pair:
    """Return a pair in another shape."""
    return np.reshape(a[0], shape), np.reshape(a[1], shape)
