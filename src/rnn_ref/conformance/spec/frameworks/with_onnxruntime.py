"""onnxruntime: models of an operator or two, made for the sizes at hand and run on the CPU, in float32.

onnxruntime has no recurrent operator in float64 and, as it is distributed, no gradients. ONNX keeps its weights behind
an axis of directions and takes batches, with the classes second.
"""

from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from ...._shapes import Array

OPSET, IR = 13, 8  # the first opset with SoftmaxCrossEntropyLoss as it is today; readable by every onnxruntime since


def run(nodes: list[Any], inputs: dict[str, Array], output: str) -> Array:
    """Make a model of these nodes, run it on these arrays, and return one output."""
    return run_all(nodes, inputs, [output])[0]


def run_all(nodes: list[Any], inputs: dict[str, Array], outputs: list[str]) -> list[Array]:
    """Make a model of these nodes, run it on these arrays, and return several outputs."""
    dtypes = {array.dtype for array in inputs.values() if array.dtype.kind == "f"}
    if dtypes != {np.dtype(np.float32)}:
        given = ", ".join(sorted(map(str, dtypes)))
        raise TypeError(f"onnxruntime: arrays are {given}, expected float32; it has no RNN in float64")
    values = [_value(name, array.dtype, array.shape) for name, array in inputs.items()]
    graph = helper.make_graph(nodes, "rnn_ref", values, [_value(one, np.dtype(np.float32), None) for one in outputs])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    arrays = {name: np.ascontiguousarray(array) for name, array in inputs.items()}
    return [np.asarray(answer) for answer in session.run(outputs, arrays)]


def _value(name: str, dtype: Any, shape: Any) -> Any:
    return helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(dtype), shape)
