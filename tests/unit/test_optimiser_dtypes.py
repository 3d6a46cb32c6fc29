"""Optimisers keep the dtype of what they train."""

import numpy as np
import pytest
from unit_optimisers import OPTIMISERS, PARAMS, arrays_of, some_gradients

from rnn_ref import SGD, Adagrad, Adam


@OPTIMISERS
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_parameters_and_state_keep_their_dtype(optimiser, dtype):
    params = {name: p.astype(dtype) for name, p in PARAMS.items()}
    state = optimiser.init(params)
    for _ in range(2):
        params, state = optimiser.step(params, some_gradients(dtype), state)
    assert {array.dtype for array in arrays_of(params, state)} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    "optimiser",
    [
        SGD(lr=np.float64(0.1)),
        SGD(momentum=np.float64(0.9)),
        SGD(weight_decay=np.float64(0.1)),
        Adagrad(lr=np.float64(0.1)),
        Adagrad(eps=np.float64(1e-10)),
        Adam(lr=np.float64(0.1)),
        Adam(betas=(np.float64(0.9), np.float64(0.99))),
        Adam(eps=np.float64(1e-8)),
    ],
    ids=repr,
)
def test_settings_that_are_numpy_numbers_do_not_widen_parameters(optimiser):
    test_parameters_and_state_keep_their_dtype(optimiser, "float32")
