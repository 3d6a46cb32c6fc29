"""Training is the same program: 1,000 updates on real text, and PyTorch's loss at every one of them.

1e-9 is the project's promise for a whole training run in float64; measured were some 1e-15 for the losses and 1e-14
for the weights. At ten times the rates training is chaotic and two correct programs part by 100 %, so no figure could
be promised for a run: there each single update is compared, PyTorch starting anew from our state. Measured were 1e-15,
but 2e-11 for the weights after Adagrad's first step, lr · g / (|g| + 1e-10), which a gradient of 1e-7 sees whole.
"""

import unittest

import numpy as np
from parity_expand import expand
from parity_training import RUNS, UPDATES, H, T, chunk, corpus, pair, run, weights_apart

PROMISE = 1e-9
NAMES = [(name, name) for name in RUNS]


class TrainedSideBySide(unittest.TestCase):
    @expand(NAMES)
    def test_the_losses_agree_at_every_update(self, name):
        apart = run(name).apart
        self.assertEqual(len(apart), UPDATES)
        self.assertLessEqual(apart.max(), PROMISE, f"first at update {np.argmax(apart > PROMISE)}")

    @expand(NAMES)
    def test_the_weights_agree_in_the_end(self, name):
        self.assertLessEqual(weights_apart(run(name).ours.params, run(name).theirs.weights()), PROMISE)

    @expand(NAMES)
    def test_the_carried_states_agree_in_the_end(self, name):
        np.testing.assert_allclose(run(name).ours.h, run(name).theirs.h.numpy(), rtol=0, atol=PROMISE, strict=True)

    @expand(NAMES)
    def test_the_model_learns_and_clipping_took_part(self, name):
        losses = run(name).losses[:, 0]
        self.assertLess(losses[-100:].mean(), 0.8 * losses[0])
        self.assertGreater(run(name).ours.clipped, 0)


class TenTimesFaster(unittest.TestCase):
    @expand(NAMES)
    def test_every_update_from_the_same_state_agrees(self, name):
        ours, theirs = pair(name, faster=10)
        for k in range(100):
            theirs.restart(ours.params, ours.state, ours.h)
            loss, their_loss = ours.update(*chunk(k)), theirs.update(*chunk(k))
            self.assertLessEqual(abs(loss - their_loss), PROMISE * their_loss, f"loss of update {k}")
            self.assertLessEqual(weights_apart(ours.params, theirs.weights()), PROMISE, f"weights after update {k}")
            np.testing.assert_allclose(ours.h, theirs.h.numpy(), rtol=0, atol=PROMISE, strict=True)


class TheText(unittest.TestCase):
    def test_is_long_enough_and_real(self):
        text, V = corpus()
        self.assertEqual(len(text), UPDATES * T + 1)
        self.assertGreater(V, 60)
        self.assertEqual(set(text), set(range(V)))
        self.assertNotEqual(H, V)
