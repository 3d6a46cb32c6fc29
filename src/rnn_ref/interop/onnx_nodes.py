"""ONNX's weights under the glossary's names, and back. The only file in which ONNX's names of weights occur.

A node RNN or GRU holds W (K, gH, D), R (K, gH, H) and B (K, 2gH), the axis K for directions in front, in B the bias of
W and then that of R. A GRU's gates lie z r h, and its reset gate stands before the product unless
``linear_before_reset`` is 1, which is PyTorch's cell.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from .._shapes import GATED, RECURRENT, Array, check
from .gates import exchanged

Weights = dict[str, Array]
NODES = {"RNN": 1, "GRU": 3, "LSTM": 4}  # with so many blocks of rows
WAYS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}  # by direction, which run backwards


class Network(NamedTuple):
    """One direction of one recurrent node, and what it holds; or the reason why it cannot be told here."""

    model: Any
    node: Any
    name: str
    number: int = 0  # of the direction, in the first axis of the weights
    reverse: bool = False
    arrays: Mapping[str, Array] = {}  # W, R and B, of all directions
    refused: str = ""

    @property
    def weights(self) -> Weights:
        """The weights by the glossary's names."""
        W, R = self.arrays["W"][self.number], self.arrays["R"][self.number]
        biases = self.arrays.get("B")
        b_xh, b_hh = np.split(np.zeros(2 * len(W), W.dtype) if biases is None else biases[self.number], 2)
        if NODES[self.node.op_type] == 1:
            return {"W_xh": W.copy(), "W_hh": R.copy(), "b_h": b_xh + b_hh}
        every = {"W_xh": W, "W_hh": R, "b_xh": b_xh, "b_hh": b_hh}
        return {name: exchanged(array) for name, array in every.items()}

    @property
    def options(self) -> dict[str, bool]:
        """The options of the function that it is, those aside that have their default."""
        before = NODES[self.node.op_type] == 3 and not attributes(self.node).get("linear_before_reset", 0)
        return {"reset_after": False} if before else {}


def attributes(node: Any) -> dict[str, Any]:
    """Return a node's attributes by name, text as text."""
    import onnx  # noqa: PLC0415

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(one) for one in value]
        return value.decode() if isinstance(value, bytes) else value

    return {one.name: plain(onnx.helper.get_attribute_value(one)) for one in node.attribute}


def networks(model: Any) -> Iterator[Network]:
    """Yield every direction of every recurrent node of a model (a path, or what ``onnx.load`` returns)."""
    import onnx  # noqa: PLC0415

    model = onnx.load(os.fspath(model)) if isinstance(model, str | os.PathLike) else model
    nodes = [node for node in model.graph.node if node.op_type in NODES]
    for i, node in enumerate(nodes):
        name = node.name or (f"{node.op_type}_{i}" if len(nodes) > 1 else node.op_type)
        reason = _refusal(node)
        arrays = {} if reason else _constants(model, dict(zip("WRB", node.input[1:4], strict=False)))
        reason = reason or ("" if {"W", "R"} <= arrays.keys() else "its weights are not constants of the file")
        narrow = {str(array.dtype) for array in arrays.values()} - {"float32", "float64"}
        reason = reason or (f"its weights are {', '.join(narrow)}, expected float32 or float64" if narrow else "")
        if reason:
            yield Network(model, node, name, refused=reason)
            continue
        ways = WAYS[attributes(node).get("direction", "forward")]
        for number, reverse in enumerate(ways):
            own = f"{name}{('', '.reverse')[reverse]}" if len(ways) > 1 else name
            yield Network(model, node, own, number, reverse, arrays)


def _refusal(node: Any) -> str:
    """Return why a node is not specified here, empty if it is."""
    told = attributes(node)
    ways = len(WAYS[told.get("direction", "forward")])
    default = {1: ["tanh"], 3: ["sigmoid", "tanh"]}.get(NODES[node.op_type], [])
    if not default:
        return f"a node {node.op_type} is not specified here"
    given = [one.lower() for one in told.get("activations", default * ways)]
    if given != default * ways:
        return f"with activations {', '.join(given)}, expected {', '.join(default)}"
    if told.get("clip"):
        return f"with clip {told['clip']}, expected none"
    return "with layout 1 (batch first), which onnxruntime does not run" if told.get("layout") else ""


def _constants(model: Any, wanted: Mapping[str, str]) -> dict[str, Array]:
    """Return arrays of the graph by our names, those left out that depend on its inputs: no weights then."""
    from onnx import numpy_helper  # noqa: PLC0415

    known = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    found = {}
    for ours, theirs in wanted.items():
        if theirs and theirs not in known:
            known |= _computed(model, theirs, known)
        if theirs in known:
            found[ours] = np.array(known[theirs])
    return found


def _computed(model: Any, name: str, known: Mapping[str, Array]) -> dict[str, Array]:
    """Return an array that nodes make of constants alone, as exporters leave them; nothing if inputs take part."""
    import onnx  # noqa: PLC0415
    from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

    made_by = {output: node for node in model.graph.node for output in node.output}
    needed: list[Any] = []
    open_ = [name]
    while open_:
        one = open_.pop()
        if one in known or not one:
            continue
        if one not in made_by:
            return {}
        if made_by[one] not in needed:
            needed.append(made_by[one])
            open_ += list(made_by[one].input)
    nodes = [node for node in model.graph.node if node in needed]
    constants = [one for one in model.graph.initializer if any(one.name in node.input for node in nodes)]
    output = onnx.helper.make_empty_tensor_value_info(name)
    graph = onnx.helper.make_graph(nodes, "constants", [], [output], constants)
    whole = onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return {name: np.asarray(ReferenceEvaluator(whole).run(None, {})[0])}


def from_onnx(source: Any, node: str = "") -> Weights:
    """Take the weights of a recurrent node of an ONNX file, to be splatted into the functions here.

    Parameters
    ----------
    source : path, onnx.ModelProto or mapping
        A file or model, for which ``onnx`` has to be installed; or the arrays of a node, ``{"W", "R", "B"}`` of shapes
        (1, gH, D), (1, gH, H), (1, 2gH), B optional; g is 1 for an RNN and 3 for a GRU, gates z r h.
    node : str
        The node's name, where there are several; with ``.reverse`` behind it the second direction.

    Returns
    -------
    dict
        ``{"W_xh", "W_hh", "b_h"}`` of shapes (H, D), (H, H), (H,), both biases in one; for a GRU ``{"W_xh", "W_hh",
        "b_xh", "b_hh"}``, (3H, D), (3H, H), (3H,), (3H,), rows r z n. A GRU node without ``linear_before_reset=1`` is
        the cell with ``reset_after=False``.

    Raises
    ------
    ValueError
        No recurrent node, several and none is named, or none of that name.
    NotImplementedError
        An LSTM, other activations, weights that are computed from inputs or are no floats of 32 or 64 bits.

    Examples
    --------
    >>> arrays = to_onnx({"W_xh": np.ones((5, 3)), "W_hh": np.ones((5, 5)), "b_h": np.ones(5)})
    >>> {name: array.shape for name, array in from_onnx(arrays).items()}
    {'W_xh': (5, 3), 'W_hh': (5, 5), 'b_h': (5,)}
    """
    if isinstance(source, Mapping):
        return _of_arrays(source)
    found = list(networks(source))
    named = [one for one in found if node in {"", one.name}]
    if len(named) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise ValueError(f"from_onnx: node is {node!r}, expected the name of one of the recurrent nodes: {names}")
    if named[0].refused:
        raise NotImplementedError(f"from_onnx: {named[0].name}: {named[0].refused}")
    return named[0].weights


def to_onnx(weights: Mapping[str, Array]) -> Weights:
    """Return the arrays of an ONNX node, by its inputs' names, that computes what these weights do here.

    Parameters
    ----------
    weights : mapping
        As :func:`from_onnx` returns it. With ``b_xh`` and ``b_hh`` it is a GRU's; give the node
        ``linear_before_reset=1`` unless the functions here are given ``reset_after=False``.

    Returns
    -------
    dict
        ``{"W", "R", "B"}``, of shapes (1, gH, D), (1, gH, H), (1, 2gH); gates z r h.

    Examples
    --------
    >>> weights = {"W_xh": np.ones((6, 3)), "W_hh": np.ones((6, 2)), "b_xh": np.arange(6.0), "b_hh": np.zeros(6)}
    >>> to_onnx(weights)["B"].tolist()
    [[2.0, 3.0, 0.0, 1.0, 4.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    gated = "b_xh" in weights
    names = ("W_hh", "W_xh", "b_xh", "b_hh") if gated else ("W_hh", "W_xh", "b_h")
    missing = [name for name in names if name not in weights]
    if missing:
        raise ValueError(f"to_onnx: weights has {sorted(weights)}, expected also {missing}")
    check("to_onnx", GATED if gated else RECURRENT, **{name: weights[name] for name in names})
    R, W, *biases = (exchanged(weights[name]) if gated else weights[name] for name in names)
    b_xh, b_hh = biases if gated else (biases[0], np.zeros_like(biases[0]))
    return {"W": W[np.newaxis].copy(), "R": R[np.newaxis].copy(), "B": np.concatenate([b_xh, b_hh])[np.newaxis]}


def _of_arrays(arrays: Mapping[str, Array]) -> Weights:
    missing = [name for name in ("W", "R") if name not in arrays]
    if missing:
        raise ValueError(f"from_onnx: source has {sorted(arrays)}, expected also {missing}")
    K, gH, H = np.shape(arrays["R"])
    kinds = {blocks: kind for kind, blocks in NODES.items() if blocks != 4}
    blocks, rest = divmod(gH, H)
    if K != 1 or rest or blocks not in kinds:
        raise ValueError(f"from_onnx: R has shape {np.shape(arrays['R'])}, expected (1, H, H) or (1, 3H, H)")
    kind = type("Node", (), {"op_type": kinds[blocks]})
    return Network(None, kind, "", arrays={name: np.asarray(array) for name, array in arrays.items()}).weights
