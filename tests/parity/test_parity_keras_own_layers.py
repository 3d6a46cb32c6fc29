"""Keras layers with a loop of their own, read as they stand: their numbers are float32 whatever they are given."""

import os
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

from parity_expand import expand

import rnn_ref

LAYER = """
import keras
from keras import ops

class Loop(keras.layers.Layer):
    def __init__(self, units, **more):
        super().__init__(**more)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4 * self.units), name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, 4 * self.units), name="recurrent_kernel")
        self.bias = self.add_weight(shape=(4 * self.units,), name="bias")

    def call(self, x, initial_state=None):
        if initial_state is None:
            initial_state = [ops.zeros((ops.shape(x)[0], self.units))] * 2
        h, c = initial_state
        seq = []
        for t in range(x.shape[1]):
            a = ops.matmul(x[:, t, :], self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
            i, f, g, o = ops.split(a, 4, axis=-1)
            c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
            h = ops.sigmoid(o) * {shown}
            seq.append(h)
        return ops.stack(seq, axis=1)
"""


@unittest.skipUnless(
    find_spec("jax") and find_spec("keras"), "layers that are not built are read with JAX behind Keras"
)
class OwnLayersTest(unittest.TestCase):
    @expand([("right", ("ops.tanh(c)", "conforms")), ("wrong", ("c", "wrong"))])
    def test_a_layer_with_a_loop_is_asked_in_float32_alone(self, case):
        shown, verdict = case
        behind = patch.dict(os.environ, KERAS_BACKEND="jax")
        with tempfile.TemporaryDirectory() as folder, behind:
            path = Path(folder) / "layer.py"
            path.write_text(LAYER.format(shown=shown), encoding="utf-8")
            found = rnn_ref.check(path, only="lstm_forward/generic-").functions["lstm_forward"]
        self.assertEqual(found.verdict, verdict)
