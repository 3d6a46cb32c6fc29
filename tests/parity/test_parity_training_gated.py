"""Training a GRU and an LSTM is the same program: updates on real text, and PyTorch's loss at every one of them.

After 1,000 updates the losses were 9e-16 apart, and the weights 3e-14 (GRU) and 2e-12 (LSTM).
"""

import unittest

import numpy as np
import pytest
from parity_expand import expand
from parity_torch import Trainer as TorchTrainer
from parity_training import MAX_NORM, RUNS, UPDATES, GatedTrainer, chunk, first_gated, weights_apart

PROMISE = 1e-9
CELLS = [("GRU", ("GRU", 3)), ("LSTM", ("LSTM", 4))]


class GatedSideBySide(unittest.TestCase):
    @expand(CELLS)
    def test_fifty_updates_agree(self, cell):
        self.trained(*cell, 50)

    @expand(CELLS)
    @pytest.mark.slow
    def test_a_thousand_updates_agree_and_the_model_learns(self, cell):
        losses, ours = self.trained(*cell, UPDATES)
        self.assertLess(losses[-100:, 0].mean(), 0.8 * losses[0, 0])
        self.assertGreater(ours.clipped, 0)

    def trained(self, cell, gates, updates):
        kind, settings = RUNS["Adam"]
        ours = GatedTrainer(cell, kind, first_gated(gates), MAX_NORM, **settings)
        theirs = TorchTrainer(kind, first_gated(gates), MAX_NORM, cell, **settings)
        losses = np.array([(ours.update(*chunk(k)), theirs.update(*chunk(k))) for k in range(updates)])
        apart = np.abs(losses[:, 0] / losses[:, 1] - 1)
        self.assertLessEqual(apart.max(), PROMISE, f"first at update {np.argmax(apart > PROMISE)}")
        self.assertLessEqual(weights_apart(ours.params, theirs.weights()), PROMISE)
        states = [theirs.h.numpy(), *([] if theirs.c is None else [theirs.c.numpy()])]
        for one, other in zip(ours.states, states, strict=True):
            np.testing.assert_allclose(one[0], other, rtol=0, atol=PROMISE)
        return losses, ours
