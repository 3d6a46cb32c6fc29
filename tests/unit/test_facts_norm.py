"""Of gradients that are divided by their norm it is told that they all have one."""

from typing import Any

import numpy as np
from test_facts import told

import rnn_ref


def test_one_norm_of_all_gradients_is_told() -> None:
    def rnn_backward(*given: Any) -> Any:
        found = rnn_ref.rnn_backward(*given)
        norm = np.sqrt(sum(np.sum(np.asarray(one, float) ** 2) for one in found))
        return tuple(one / norm for one in found)

    assert told("rnn_backward", rnn_backward, "float64")[0] == (
        "dX_seq, dh0, dW_xh, dW_hh and db_h are what is due times one factor, another in each check: "
        "their norm together is always 1"
    )
