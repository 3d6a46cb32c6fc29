"""Every function is PyTorch's, forward and backward, over the whole grid: the claim this project rests on."""

import unittest

import numpy as np
from parity_cases import FUNCTIONS, cases
from parity_expand import expand
from parity_grid import GRID, SHAPES

import rnn_ref


class OneStep(unittest.TestCase):
    @expand(cases("rnn_cell_step"))
    def test_reads_as_pytorchs_cell_does(self, case):
        case.judge()

    @expand(cases("rnn_cell_backward"))
    def test_hands_back_pytorchs_gradients(self, case):
        case.judge()


class TheUnrolledNetwork(unittest.TestCase):
    @expand(cases("rnn_forward"))
    def test_goes_through_pytorchs_states(self, case):
        case.judge()

    @expand(cases("rnn_backward"))
    def test_hands_back_pytorchs_gradients(self, case):
        case.judge()


class TheOutputLayer(unittest.TestCase):
    @expand(cases("rnn_output_layer"))
    def test_gives_pytorchs_logits(self, case):
        case.judge()

    @expand(cases("rnn_output_backward"))
    def test_hands_back_pytorchs_gradients(self, case):
        case.judge()


class TheLoss(unittest.TestCase):
    @expand(cases("cross_entropy"))
    def test_is_pytorchs(self, case):
        case.judge()

    @expand(cases("cross_entropy_backward"))
    def test_hands_back_pytorchs_gradient(self, case):
        case.judge()

    @expand(cases("rnn_sequence_loss"))
    def test_added_up_over_time_is_pytorchs_sum(self, case):
        case.judge()

    @expand(cases("rnn_sequence_loss_backward"))
    def test_added_up_over_time_hands_back_pytorchs_gradient(self, case):
        case.judge()


class TheWholeNetwork(unittest.TestCase):
    @expand(cases("rnn_bptt"))
    def test_has_pytorchs_loss_last_state_and_every_gradient(self, case):
        case.judge()


class TheGrid(unittest.TestCase):
    def test_leaves_out_no_function(self):
        functions = {name for name in rnn_ref.__all__ if name.startswith(("rnn_", "cross_"))}
        self.assertEqual(set(FUNCTIONS), functions)

    def test_holds_every_size_dtype_and_layout(self):
        self.assertEqual(len(GRID), (4 * 3 * len(SHAPES) + 1) * 2 * 2)
        self.assertEqual(len(set(GRID.values())), len(GRID))
        self.assertIn((3, 3, 3, 3, 3), {spec[:5] for spec in GRID.values()})

    @expand([(label, spec) for label, spec in GRID.items() if spec.layout == "views" and spec.T > 1])
    def test_a_view_is_no_contiguous_array_and_holds_the_same_numbers(self, spec):
        views, plain = spec.problem(), spec._replace(layout="contiguous").problem()
        self.assertFalse(views.X_seq.flags.c_contiguous)
        for view, array in zip(views[:-2], plain[:-2], strict=True):
            np.testing.assert_array_equal(view, array, strict=True)
            self.assertTrue(array.flags.c_contiguous)

    def test_no_array_of_a_problem_is_zero_or_constant(self):
        for array in GRID["T5_B3_different_float32_views"].problem()[:-2]:
            self.assertGreater(np.unique(array).size, array.size // 2 if array.dtype.kind == "f" else 2)
