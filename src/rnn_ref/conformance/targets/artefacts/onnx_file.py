"""An ONNX file: each direction of each recurrent node, run alone by onnxruntime with the weights that it holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...._shapes import Array
from ....interop.onnx_nodes import Network, attributes, networks
from .held import Held, Holding, forms, returns, through_time, told, unjudged


def held_in(path: Path) -> Holding:
    """Return what a file holds. Raises what onnx and onnxruntime raise."""
    import onnxruntime  # noqa: F401, PLC0415 - else it would be missed at the first call

    found = list(networks(path))
    reasons = [unjudged(f"a node {one.node.op_type}", gates=len(one.kind.here)) or one.refused for one in found]
    good = [_held(one, only=len(found) == 1) for one, reason in zip(found, reasons, strict=True) if not reason]
    firsts = [(one, reason) for one, reason in zip(found, reasons, strict=True) if not one.number]
    return Holding(good, [f"{one.name}: {reason}" for one, reason in firsts if reason])


def _held(one: Network, *, only: bool) -> Held:
    weights = one.weights
    starts = "" if len(one.node.input) > 5 and one.node.input[5] else "its file starts it from zeros"
    way = "from the end of the sequence" if one.reverse else ""
    reset = "reset gate before the product" if one.options else ""
    reading = told(f"ONNX {one.node.op_type}", weights, "W, R and B of the file", reset, way, starts)
    session = _alone(one)

    def run(X_seq: Array, h0: Array | None) -> tuple[Array, Array]:
        B, H = X_seq.shape[1], weights["W_hh"].shape[1]
        before = np.zeros((len(one.arrays["R"]), B, H), X_seq.dtype)
        if h0 is not None:
            before[one.number] = h0
        Y, Y_h = session(np.ascontiguousarray(X_seq), before)
        return Y[:, one.number], Y_h[one.number]

    call = through_time(run, reading, returns(states=True, last=True), reverse=one.reverse)
    name = forms(weights).sequence.name
    return Held("" if only else one.name, weights, one.options, reading, one.reverse, calls={name: call})


def _alone(one: Network) -> Callable[[Array, Array], Any]:
    """Return the node as a model of its own, with its attributes as they stand, X and initial_h its inputs."""
    import onnx  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415
    from onnx import helper  # noqa: PLC0415

    arrays = {name: array for name, array in one.arrays.items() if name in {"W", "R", "B"}}
    names = ["X", "W", "R", "B" if "B" in arrays else "", "", "initial_h"]
    node = helper.make_node(one.node.op_type, names, ["Y", "Y_h"], **attributes(one.node))
    kind = helper.np_dtype_to_tensor_dtype(arrays["W"].dtype)
    inputs = [helper.make_tensor_value_info(name, kind, None) for name in ("X", "initial_h")]
    outputs = [helper.make_tensor_value_info(name, kind, None) for name in ("Y", "Y_h")]
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph([node], "alone", inputs, outputs, constants)
    opsets = [opset for opset in one.model.opset_import if opset.domain in {"", "ai.onnx"}]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=one.model.ir_version)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda X, before: session.run(["Y", "Y_h"], {"X": X, "initial_h": before})
