"""ONNX's weights under the glossary's names, and back. The only file in which ONNX's names of weights occur.

A node RNN, GRU or LSTM holds W (K, gH, D), R (K, gH, H) and B (K, 2gH), the axis K for directions in front, in B the
bias of W and then that of R. An LSTM's gates lie i o f c. A GRU's lie z r h, and its reset gate stands before the
product unless ``linear_before_reset`` is 1, which is PyTorch's cell.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from .gates import GRU, LSTM, TANH, Kind, entries, reordered

Weights = dict[str, Array]
NODES = {"RNN": TANH, "GRU": GRU, "LSTM": LSTM}
ACTIVATIONS = {"RNN": ["tanh"], "GRU": ["sigmoid", "tanh"], "LSTM": ["sigmoid", "tanh", "tanh"]}
PEEPHOLES = "peepholes P, expected none; gates that look at the memory are not specified here"
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
    def kind(self) -> Kind:
        """The cell that it is."""
        return NODES[self.node.op_type]

    @property
    def states(self) -> str:
        """The letters of the states that it hands on, in its inputs' and outputs' names."""
        return "hc" if self.kind is LSTM else "h"

    @property
    def weights(self) -> Weights:
        """The weights by the glossary's names."""
        return _weights(self.arrays, self.number, self.kind)

    @property
    def options(self) -> dict[str, Any]:
        """The options of the function that it is, those aside that have their default."""
        told = attributes(self.node)
        if self.kind is TANH and told.get("activations", [""])[-1 if self.number else 0].lower() == "relu":
            return {"activation": "relu"}
        before = self.kind is GRU and not told.get("linear_before_reset", 0)
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
    default = ACTIVATIONS[node.op_type]
    given = [one.lower() for one in told.get("activations", default * ways)]
    if given != default * ways and not (node.op_type == "RNN" and {*given} <= {"tanh", "relu"}):
        relu = ", or relu" if node.op_type == "RNN" else ""
        return f"with activations {', '.join(given)}, expected {', '.join(default)}{relu}"
    if told.get("clip"):
        return f"with clip {told['clip']}, expected none"
    if told.get("input_forget"):
        return "with input_forget 1, expected 0; an LSTM whose two gates are one is not specified here"
    if len(node.input) > 7 and node.input[7]:
        return f"with {PEEPHOLES}"
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


def from_onnx(source: Any, node: str = "") -> Any:
    """Take the weights of a recurrent node of an ONNX file, to be splatted into the functions here.

    Parameters
    ----------
    source : path, onnx.ModelProto or mapping
        A file or model, for which ``onnx`` has to be installed; or the arrays of a node, ``{"W", "R", "B"}`` of shapes
        (K, gH, D), (K, gH, H), (K, 2gH), B optional; K is 1, or 2 for two directions; g is 1 for an RNN, 3 for a GRU,
        gates z r h, and 4 for an LSTM, gates i o f c.
    node : str
        The node's name, where there are several: each layer is a node of its own. Of two directions, the second alone
        is asked for with ``.reverse`` behind the name.

    Returns
    -------
    dict or list of dict
        ``{"W_xh", "W_hh", "b_h"}`` of shapes (H, D), (H, H), (H,), of an LSTM (4H, D), (4H, H), (4H,), rows i f g o;
        both biases are in the one. For a GRU ``{"W_xh", "W_hh", "b_xh", "b_hh"}``, (3H, D), (3H, H), (3H,), (3H,),
        rows r z n; a node without ``linear_before_reset=1`` is the cell with ``reset_after=False``. Of a node of two
        directions a list of two, the forward direction first, as :func:`stack_forward` takes it.

    Raises
    ------
    ValueError
        No recurrent node, several and none is named, or none of that name; arrays of other shapes.
    NotImplementedError
        Peepholes, other activations, weights that are computed from inputs or are no floats of 32 or 64 bits.

    Examples
    --------
    >>> arrays = to_onnx({"W_xh": np.ones((5, 3)), "W_hh": np.ones((5, 5)), "b_h": np.ones(5)})
    >>> {name: array.shape for name, array in from_onnx(arrays).items()}
    {'W_xh': (5, 3), 'W_hh': (5, 5), 'b_h': (5,)}
    """
    found = _of_arrays(source) if isinstance(source, Mapping) else _of_node(source, node)
    return found[0] if len(found) == 1 else found


def to_onnx(weights: Mapping[str, Array] | Sequence[Mapping[str, Array]]) -> Weights:
    """Return the arrays of an ONNX node, by its inputs' names, that computes what these weights do here.

    Parameters
    ----------
    weights : mapping, or sequence of one or two
        As :func:`from_onnx` returns it; two for a node with ``direction="bidirectional"``. With ``b_xh`` and ``b_hh``
        it is a GRU's; give the node ``linear_before_reset=1`` unless the functions here are given
        ``reset_after=False``. With W_hh of (4H, H) it is an LSTM's.

    Returns
    -------
    dict
        ``{"W", "R", "B"}``, of shapes (K, gH, D), (K, gH, H), (K, 2gH); gates z r h of a GRU, i o f c of an LSTM.

    Raises
    ------
    TypeError, ValueError
        A name is missing, or a dtype or shape does not fit the others, also between the two directions.

    Examples
    --------
    >>> weights = {"W_xh": np.ones((6, 3)), "W_hh": np.ones((6, 2)), "b_xh": np.arange(6.0), "b_hh": np.zeros(6)}
    >>> to_onnx(weights)["B"].tolist()
    [[2.0, 3.0, 0.0, 1.0, 4.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    given = entries("to_onnx", weights, (1, 2), "a node is one layer, of one direction or two")
    kind = _kind_of(given[0].weights)
    found = [_arrays(entry.fitting("to_onnx", kind), kind) for entry in given]
    for entry, arrays in zip(given, found, strict=True):
        for ours, theirs in zip(kind.names, "WRB", strict=False):
            is_, due = arrays[theirs], found[0][theirs]
            if (is_.shape, is_.dtype) != (due.shape, due.dtype):
                error, what = (ValueError, "shape") if is_.shape != due.shape else (TypeError, "dtype")
                told = f"has {what} {getattr(is_, what)}, expected {getattr(due, what)}"
                raise error(f"to_onnx: {entry.called(ours)} {told}; from weights[0]")
    return {name: np.stack([arrays[name] for arrays in found]) for name in "WRB"}


def _kind_of(weights: Mapping[str, Array]) -> Kind:
    """Return whose weights they are: a GRU's by their names, an LSTM's by a state that enters four gates."""
    if "b_xh" in weights:
        return GRU
    rows, *columns = np.shape(weights.get("W_hh", ())) or (0,)
    return LSTM if [rows] == [4 * one for one in columns] else TANH


def _arrays(given: Mapping[str, Array], kind: Kind) -> Weights:
    """Return W (gH, D), R (gH, H) and B (2gH,) of one direction."""
    W, R, *biases = (reordered(array, kind.here, kind.onnx) for array in given.values())
    b_xh, b_hh = biases if kind is GRU else (biases[0], np.zeros_like(biases[0]))
    return {"W": W, "R": R, "B": np.concatenate([b_xh, b_hh])}


def _weights(arrays: Mapping[str, Array], number: int, kind: Kind) -> Weights:
    """Return the weights of one direction by the glossary's names."""
    W, R = arrays["W"][number], arrays["R"][number]
    b_xh, b_hh = np.split(arrays["B"][number] if "B" in arrays else np.zeros(2 * len(W), W.dtype), 2)
    every = zip(kind.names, [W, R, *([b_xh, b_hh] if kind is GRU else [b_xh + b_hh])], strict=True)
    return {name: reordered(array, kind.onnx, kind.here) for name, array in every}


def _of_node(source: Any, node: str) -> list[Weights]:
    """Return the weights of a node's directions, or of its second alone."""
    found = list(networks(source))
    nodes = [(one.name, [other for other in found if other.node is one.node]) for one in found if not one.number]
    named = nodes + [(one.name, [one]) for one in found if one.number]
    chosen, *others = [one for name, one in (named if node else nodes) if node in {"", name}] or [[]]
    if not chosen or others:
        names = ", ".join(name for name, _ in named) or "none"
        raise ValueError(f"from_onnx: node is {node!r}, expected the name of one of the recurrent nodes: {names}")
    if chosen[0].refused:
        raise NotImplementedError(f"from_onnx: {chosen[0].name}: {chosen[0].refused}")
    return [one.weights for one in chosen]


def _of_arrays(arrays: Mapping[str, Array]) -> list[Weights]:
    missing = [name for name in ("W", "R") if name not in arrays]
    if missing:
        raise ValueError(f"from_onnx: source has {sorted(arrays)}, expected also {missing}")
    if "P" in arrays:
        raise NotImplementedError(f"from_onnx: source has {PEEPHOLES}")
    found = {name: np.asarray(array) for name, array in arrays.items()}
    W, R = found["W"], found["R"]
    K, gH, H = R.shape if R.ndim == 3 else (0, 0, 1)
    kind = next((kind for kind in NODES.values() if gH == len(kind.here) * H), None)
    if K not in (1, 2) or not kind:
        raise ValueError(
            f"from_onnx: R has shape {R.shape}, expected (K, H, H), (K, 3H, H) or (K, 4H, H) with K 1 or 2"
        )
    for name, due in (("W", (K, gH, W.shape[-1] if W.ndim else 1)), ("B", (K, 2 * gH))):
        if name in found and found[name].shape != due:
            raise ValueError(f"from_onnx: {name} has shape {found[name].shape}, expected {due}; from R")
    return [_weights(found, number, kind) for number in range(K)]
