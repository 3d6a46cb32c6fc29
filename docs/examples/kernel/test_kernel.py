"""The kernel is right, at sizes that its tiles do not divide, and a kernel that is nearly right is not."""

import numpy as np
import pytest
from kernel import rnn_kernel

import rnn_ref


def inputs_of(T, B, D, H):
    """Return inputs of these sizes."""
    rng = np.random.default_rng(0)
    shapes = {"X_seq": (T, B, D), "h0": (B, H), "W_xh": (H, D), "W_hh": (H, H), "b_h": (H,)}
    return {name: (rng.normal(size=shape) / np.sqrt(H)).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (20, 3, 5, 17), (7, 33, 8, 64)])
def test_the_kernel_conforms(sizes):
    inputs = inputs_of(*sizes)
    rnn_ref.assert_conforms("rnn_forward", inputs, rnn_kernel(**inputs), precision="bfloat16")


def test_one_step_without_its_bias_is_seen():
    inputs = inputs_of(20, 3, 5, 17)
    h_states = rnn_kernel(**inputs)
    without = {**inputs, "X_seq": inputs["X_seq"][9:10], "h0": h_states[8], "b_h": 0 * inputs["b_h"]}
    h_states[9] = rnn_kernel(**without)[0]
    measured = rnn_ref.measure("rnn_forward", inputs, h_states, precision="bfloat16")
    assert (measured.ok, measured.first_wrong_step) == (False, 9)
