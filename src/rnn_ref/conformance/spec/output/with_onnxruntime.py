"""ONNX's MatMul and Add under the specification's signature."""

from typing import Any

import numpy as np
from onnx import helper

from ...._shapes import Array
from ..frameworks.with_onnxruntime import run


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """``MatMul`` and ``Add``."""
    nodes = [helper.make_node("MatMul", ["h", "W"], ["Wh"]), helper.make_node("Add", ["Wh", "b"], ["logits"])]
    return run(nodes, {"h": np.asarray(h_states), "W": W_hy.T, "b": b_y}, "logits")
