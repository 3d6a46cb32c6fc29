"""rnn_bptt as exact numbers: the equation through time, the output layer, the loss, and the ways back, one by one."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ...numbers.exact import exact
from .. import OPERATIONS
from ..losses.truth import cross_entropy, cross_entropy_backward, digits_for
from ..recurrent import Named, truth


def digits(arguments: Mapping[str, Any]) -> int:
    """Return the digits that a sum of exponentials needs on top: logits of states below 1."""
    return digits_for(2 * float((abs(arguments["W_hy"]).sum(1) + abs(arguments["b_y"])).max()))


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
    options = {"reduction": "sum"} | options
    sequence = {"X_seq": X_seq, "h0": h0, "W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}
    states = truth(OPERATIONS["rnn_forward"], sequence)
    layer = states | {"W_hy": W_hy, "b_y": b_y}
    logits = truth(OPERATIONS["rnn_output_layer"], layer)["logits"]
    loss = cross_entropy(logits, targets_seq, **options)
    dlogits = cross_entropy_backward(exact(1), logits, targets_seq, **options)["dlogits"]
    output = truth(OPERATIONS["rnn_output_backward"], {"dlogits_seq": dlogits} | layer)
    above = {"dh_states": output.pop("h_states")} | states
    recurrent = truth(OPERATIONS["rnn_backward"], above | sequence)
    return loss | recurrent | output | {"h_T": np.asarray(states["h_states"])[-1]}
