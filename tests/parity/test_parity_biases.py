"""One bias is enough: PyTorch's two enter the network only as their sum, so their gradients are equal.

z_t = W_xh x_t + bias_ih + W_hh h_{t−1} + bias_hh depends on s = bias_ih + bias_hh alone. By the chain rule
dL/dbias_ih = dL/ds · ds/dbias_ih = dL/ds = dL/dbias_hh, whatever the two are: both are Σ dz_t over time and batch.

For one step autograd's two are equal to the last bit. Over several steps ``nn.RNN`` adds bias_ih to all of them at
once and bias_hh to each in turn, so autograd adds the same dz_t up in another order: equal up to rounding.
"""

import unittest

import numpy as np
import parity_terms as magnitudes
from parity_compare import Compared, check
from parity_expand import expand
from parity_grid import GRID
from parity_torch import with_two_biases

from rnn_ref import rnn_backward, rnn_cell_backward, rnn_cell_step, rnn_forward

CONTIGUOUS = {label: spec for label, spec in GRID.items() if spec.layout == "contiguous"}
SECOND = 0.25  # of every entry; the first is the problem's own


def summed(problem):
    """Return the problem's weights with the two biases added up."""
    return problem.W_xh, problem.W_hh, problem.b_h + problem.b_h.dtype.type(SECOND)


class TheTwoBiases(unittest.TestCase):
    @expand(CONTIGUOUS.items())
    def test_of_the_network_do_what_their_sum_does_and_have_its_gradient(self, spec):
        p = spec.problem()
        inputs = p.X_seq, p.h0, *summed(p)
        states, first, second = with_two_biases("RNN", p.recurrent, SECOND, p.X_seq, p.h0, p.dh_states)
        h_states = rnn_forward(*inputs)
        state_terms = magnitudes.state_terms(*inputs[:2], h_states, *inputs[2:])
        check(Compared("h_states", np.stack(h_states), states, state_terms), spec.dtype, cancels=spec.H == 1)
        terms = magnitudes.backward_terms(p.dh_states, h_states, *inputs).b_h
        ours = rnn_backward(p.dh_states, h_states, *inputs).b_h
        for theirs in first, second:
            check(Compared("b_h", ours, theirs, terms), spec.dtype, cancels=spec.H == 1)
        if spec.T == 1:
            np.testing.assert_array_equal(first, second, strict=True)

    @expand((label, spec) for label, spec in CONTIGUOUS.items() if spec.T in (1, spec.B))
    def test_of_the_cell_have_one_gradient_to_the_last_bit(self, spec):
        p = spec.problem()
        inputs = p.X_seq[0], p.h0, *summed(p)
        h_t, first, second = with_two_biases("RNNCell", p.recurrent, SECOND, p.X_seq[0], p.h0, p.dh_states[0])
        np.testing.assert_array_equal(first, second, strict=True)
        arguments = p.dh_states[0], rnn_cell_step(*inputs), *inputs
        terms = magnitudes.cell_backward_terms(*arguments).b_h
        check(Compared("b_h", rnn_cell_backward(*arguments).b_h, first, terms), spec.dtype, cancels=spec.H == 1)
        terms = magnitudes.state_terms(p.X_seq[:1], p.h0, [h_t], *inputs[2:])[0]
        check(Compared("h_t", arguments[1], h_t, terms), spec.dtype, cancels=spec.H == 1)
