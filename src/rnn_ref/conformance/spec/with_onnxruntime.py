"""onnxruntime itself under the specification's signatures: the built-in target ``onnxruntime``, forward, in float32.

Every function is a model of one ONNX operator or two, made for the sizes at hand and run on the CPU. onnxruntime has no
RNN in float64 and, as it is distributed, no gradients. ONNX keeps its weights behind an axis of directions and takes
batches, with the classes second.
"""

from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from ..._shapes import Array

OPSET, IR = 13, 8  # the first opset with SoftmaxCrossEntropyLoss as it is today; readable by every onnxruntime since


def rnn_cell_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``RNN`` over one step."""
    h_states = rnn_forward(x_t[None], h_prev, W_xh, W_hh, b_h)
    return h_states.reshape(h_prev.shape)


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``RNN``."""
    node = helper.make_node("RNN", ["X", "W", "R", "B", "", "initial_h"], ["Y"], hidden_size=len(b_h))
    inputs = {
        "X": X_seq.reshape(len(X_seq), -1, W_xh.shape[1]),
        "W": W_xh[None],
        "R": W_hh[None],
        "B": np.concatenate([b_h, np.zeros_like(b_h)])[None],  # ONNX gives the recurrence two biases
        "initial_h": np.atleast_2d(h0)[None],
    }
    return _run([node], inputs, "Y").reshape(len(X_seq), *h0.shape)


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """``MatMul`` and ``Add``."""
    nodes = [helper.make_node("MatMul", ["h", "W"], ["Wh"]), helper.make_node("Add", ["Wh", "b"], ["logits"])]
    return _run(nodes, {"h": np.asarray(h_states), "W": W_hy.T, "b": b_y}, "logits")


def cross_entropy(
    logits: Array, targets: Any, *, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    """``SoftmaxCrossEntropyLoss``."""
    y = np.asarray(targets)
    if y.dtype.kind == "f":
        raise TypeError("SoftmaxCrossEntropyLoss takes class indices, not probabilities")
    inputs = {"scores": np.moveaxis(np.atleast_2d(logits), -1, 1), "labels": np.atleast_1d(y).astype(np.int64)}
    inputs |= {} if weight is None else {"weights": weight}
    options = {"reduction": reduction, "ignore_index": ignore_index}
    node = helper.make_node("SoftmaxCrossEntropyLoss", list(inputs), ["loss"], **options)
    loss = _run([node], inputs, "loss")
    return loss.reshape(y.shape)[()] if reduction == "none" else loss[()]


def _run(nodes: list[Any], inputs: dict[str, Array], output: str) -> Array:
    """Make a model of these nodes, and run it on these arrays."""
    dtypes = {array.dtype for array in inputs.values() if array.dtype.kind == "f"}
    if dtypes != {np.dtype(np.float32)}:
        given = ", ".join(sorted(map(str, dtypes)))
        raise TypeError(f"onnxruntime: arrays are {given}, expected float32; it has no RNN in float64")
    values = [_value(name, array.dtype, array.shape) for name, array in inputs.items()]
    graph = helper.make_graph(nodes, "rnn_ref", values, [_value(output, np.dtype(np.float32), None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    answer: Array = session.run([output], {name: np.ascontiguousarray(array) for name, array in inputs.items()})[0]
    return np.asarray(answer)


def _value(name: str, dtype: Any, shape: Any) -> Any:
    return helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(dtype), shape)
