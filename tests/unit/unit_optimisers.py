"""Every optimiser with its settings in use, and something for it to train."""

import numpy as np
import pytest
from unit_problems import network, normal_like

from rnn_ref import SGD, Adagrad, Adam

OPTIMISERS = pytest.mark.parametrize(
    "optimiser",
    [
        SGD(lr=0.05),
        SGD(lr=0.05, momentum=0.9),
        SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
        SGD(lr=0.05, momentum=0.9, dampening=0.5),
        Adagrad(lr=0.05, lr_decay=0.1, weight_decay=0.01, initial_accumulator_value=0.5),
        Adam(lr=0.01),
        Adam(lr=0.01, weight_decay=0.01, amsgrad=True),
    ],
    ids=repr,
)
NET = network(T=4)
PARAMS = {name: getattr(NET, name) for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")}


def arrays_of(params, state):
    return [*params.values(), *(v for entry in state.values() for v in entry.values() if isinstance(v, np.ndarray))]


def some_gradients(dtype=float):
    return {name: normal_like(p).astype(dtype) for name, p in PARAMS.items()}
