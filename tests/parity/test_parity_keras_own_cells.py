"""Cells of one's own in Keras' ``RNN``, as an instance or in a model, with the weights that they hold."""

import tempfile
import unittest
from pathlib import Path

from parity_expand import expand

import rnn_ref

MODEL = """
import os
os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
from keras import ops

class Cell(keras.layers.Layer):
    def __init__(self, units, **more):
        super().__init__(**more)
        self.units = units
        self.state_size = (units, units)

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 4 * self.units), initializer="random_normal", name="w")
        self.u = self.add_weight(shape=(self.units, 4 * self.units), initializer="random_normal", name="u")
        self.b = self.add_weight(shape=(4 * self.units,), initializer="random_normal", name="b")

    def call(self, x, states):
        h, c = states
        i, f, g, o = ops.split(ops.matmul(x, self.w) + ops.matmul(h, self.u) + self.b, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * {shown}
        return h, (h, c)

inputs = keras.Input((None, 3))
model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.RNN(Cell(5), return_sequences=True)(inputs)))
layer = model.layers[1]
"""


class OwnCellsTest(unittest.TestCase):
    def checked(self, name, shown):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.py"
            path.write_text(MODEL.format(shown=shown), encoding="utf-8")
            return rnn_ref.check(f"{path}:{name}").functions["lstm_cell_step"]

    @expand([("model", "model"), ("layer", "layer")])
    def test_what_is_right_conforms(self, name):
        found = self.checked(name, "ops.tanh(c)")
        self.assertEqual(found.verdict, "conforms")
        self.assertIn("keras Cell, D = 3, H = 5, one step, weights by shape and order: W_xh w (x W)", found.reading)

    def test_what_is_wrong_has_its_name(self):
        found = self.checked("model", "c")
        self.assertEqual((found.verdict, found.mistakes), ("wrong", ["no-tanh-of-c"]))
