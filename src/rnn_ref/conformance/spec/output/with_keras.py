"""Keras' dense layer under the specification's signature."""

from typing import Any

import numpy as np

from ...._shapes import Array
from ..frameworks.with_keras import keras, numpy_of


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """``keras.layers.Dense``."""
    layer, H_states = keras.layers.Dense(len(b_y), dtype=str(b_y.dtype)), np.asarray(h_states)
    layer.build(H_states.shape)
    layer.set_weights([W_hy.T, b_y])
    return numpy_of(layer(H_states))
