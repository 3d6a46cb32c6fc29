"""An ONNX file: each direction of each recurrent node, run alone by onnxruntime with the weights that it holds."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ...._shapes import Array
from ....interop.onnx_nodes import Network, attributes, networks
from .held import Held, Holding, States, forms, options_told, through_time, told
from .stacks import held_whole


def held_in(path: Path) -> Holding:
    """Return what a file holds. Raises what onnx and onnxruntime raise."""
    import onnxruntime  # noqa: F401, PLC0415 - else it would be missed at the first call

    found = list(networks(path))
    good = [_held(one, only=len(found) == 1) for one in found if not one.refused]
    pairs = [(one, other) for one, other in pairwise(found) if other.number and other.node is one.node]
    good += [_whole(*pair) for pair in pairs if pair[0].options == pair[1].options]
    return Holding(good, [f"{one.name}: {one.refused}" for one in found if one.refused and not one.number])


def _held(one: Network, *, only: bool) -> Held:
    weights = one.weights
    sequence = forms(weights).sequence
    starts = "" if any(one.node.input[5:7]) else "its file starts it from zeros"
    way = "from the end of the sequence" if one.reverse else ""
    reading = told(
        f"ONNX {one.node.op_type}", weights, "W, R and B of the file", *options_told(one.options), way, starts
    )
    session, H = _alone(one), weights["W_hh"].shape[1]

    def run(X_seq: Array, before: States | None) -> tuple[Array, States]:
        first = np.zeros((len(before or ()), len(one.arrays["R"]), X_seq.shape[1], H), X_seq.dtype)
        if before is not None:
            first[:, one.number] = before
        Y, *last = session(X_seq, *first)
        return Y[:, one.number], tuple(state[one.number] for state in last)

    call = through_time(run, reading, sequence, reverse=one.reverse)
    return Held("" if only else one.name, weights, one.options, reading, one.reverse, calls={sequence.name: call})


def _whole(one: Network, other: Network) -> Held:
    """Return both directions of a node as a stack of one layer."""
    session = _alone(one)

    def run(X_seq: Array, before: States | None, _: Array | None) -> tuple[Array, Sequence[Array]]:
        Y, *last = session(X_seq, *(before or ()))
        return Y.swapaxes(1, 2).reshape(*X_seq.shape[:2], -1), last  # the file has directions before the batch

    return held_whole(one.name, f"ONNX {one.node.op_type}", [one.weights, other.weights], 2, run, options=one.options)


def _alone(one: Network) -> Callable[..., Any]:
    """Return the node as two models of its own: its inputs are X and the states before, or X alone."""
    with_states, without = (_model(one, before) for before in ([f"initial_{state}" for state in one.states], []))
    return lambda X, *first: (with_states if first else without)(np.ascontiguousarray(X), *first)


def _model(one: Network, before: list[str]) -> Callable[..., Any]:
    """Return the node as a model, with its attributes as they stand."""
    import onnx  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415
    from onnx import helper  # noqa: PLC0415

    arrays = {name: array for name, array in one.arrays.items() if name in {"W", "R", "B"}}
    after = ["Y", *(f"Y_{state}" for state in one.states)]
    names = ["X", "W", "R", "B" if "B" in arrays else "", "", *before]
    node = helper.make_node(one.node.op_type, names, after, **attributes(one.node))
    kind = helper.np_dtype_to_tensor_dtype(arrays["W"].dtype)
    inputs = [helper.make_tensor_value_info(name, kind, None) for name in ("X", *before)]
    outputs = [helper.make_tensor_value_info(name, kind, None) for name in after]
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph([node], "alone", inputs, outputs, constants)
    opsets = [opset for opset in one.model.opset_import if opset.domain in {"", "ai.onnx"}]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=one.model.ir_version)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda X, *first: session.run(after, dict(zip(("X", *before), (X, *first), strict=True)))
