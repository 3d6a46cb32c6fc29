"""Which functions of somebody's file are cells with gates, alone or through time, and their ways back."""

import ast
import contextlib
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ....errors import OutsideError
from ....operation import Operation
from ....spec import OPERATIONS
from ...loading import Loading
from ..calling.pair import pairs
from ..calling.tries import TRIES
from ..calling.way import Way, shown
from ..functions.entries import is_function
from ..names import GATED, parts_of
from ..objects.autograd import has_context
from ..syntax.class_text import class_source
from ..syntax.expressions import name_of
from ..syntax.source import Source
from .find import read_alike, read_gated
from .find_back import read_back
from .losses.find import read_loss
from .losses.methods import loss_methods
from .losses.outside import OutsideWay
from .names import is_back
from .objects import HoldingWay, depends_on, methods, ways_back
from .padded import STACK, with_lengths
from .reading import GatedReading, gated_operations
from .ways import GatedWay

Candidate = Callable[..., Any]
HALF = 0.5
WITHOUT_GATES = {  # calls, beside which none is a gate's
    *("tanh", "dot", "matmul", "sum", "zip", "range", "len", "append", "array", "asarray", "copy"),
    *("zeros", "zeros_like", "reshape", "stack", "list", "tuple", "float", "ValueError", "TypeError"),
    *("softmax", "log", "argmax", "outer", "reversed", "empty", "empty_like", "ones", "ones_like", "full", "clear"),
    *("concatenate", "cat", "hstack", "vstack", "mm", "join", "one_hot", "scan", "partial"),
    *("t", "transpose", "permute", "squeeze", "unsqueeze", "view", "swapaxes", "ravel", "flatten", "einsum", "linear"),
    *("tensor", "as_tensor", "from_numpy", "numpy", "detach", "clone", "item", "astype", "size", "no_grad", "backward"),
    *("cross_entropy", "log_softmax", "print", "enumerate", "isinstance", "items", "values", "keys", "dict", "int"),
    *("grad", "value_and_grad", "jit", "vmap", "tree_map", "take_along_axis", "mean", "nll_loss", "split", "clip"),
    *("arange", "max", "sqrt", "sorted", "index", "at", "getattr", "setattr", "seed", "RandomState", "default_rng"),
    *("standard_normal", "normal", "uniform", "randn", "randint", "set"),
}
BENDS = ("sig", "logis", "expit", "gate")  # in a name: what is handed on, and called elsewhere, may be a gate's too


def read_gates(
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
    kinds: Sequence[str],
    read: Collection[Any],
) -> dict[str, Candidate]:
    """Return the functions of cells with gates by the specification's names, of what is not ``read`` already."""
    found: dict[str, Candidate] = {}
    taken, named = set(read), set[str]()
    readings: dict[str, GatedReading] = {}
    for operation in gated_operations():
        meant = loading.meant.get(operation.name)
        if operation.name in own and operation.name not in loading.doubtful and not meant:
            continue
        every: list[GatedReading] = []
        for name, way in _gated_ways(names, module, taken):
            if way.name in named:
                continue
            if (loading.meant and not meant) or meant not in {None, name} or (name in own and name != operation.name):
                continue
            if not meant and not (_may_be_called(operation, way.name) and _may_have_gates(way)):
                continue
            way.alive = loading.alive
            try:
                reading = _of_this_kind(read_gated(operation, way, kinds))
            except OutsideError as error:
                named.add(way.name)
                loading.notes.append(f"not read: {error}")
                continue
            every += [reading] if reading is not None else []
            if reading is not None and reading.shows_all:
                break
        for reading in sorted(every, key=lambda one: not one.shows_all)[:1]:
            for other, one in readings.items():
                if (alike := read_alike(one, reading)) is not None:
                    found[other] = alike.candidate()
                    found |= _read_back(alike, names, own, module, loading)
            readings[operation.name] = reading
            found[operation.name] = reading.candidate()
            if not loading.meant:
                found |= _with_lengths(reading, found[operation.name], own)
            taken.add(reading.way.function)
            named |= {one.way.name for one in every}
            found |= _read_back(reading, names, own, module, loading)
    found = _of_objects({} if loading.meant or STACK in own else readings, names, module) | found
    found |= _read_own_losses(found, names, own, module, loading, kinds, taken)
    loading.notes += [] if loading.meant else _unread_back(readings, found)
    return found


def _of_this_kind(reading: GatedReading | None) -> GatedReading | None:
    """Return a reading. Raises OutsideError, if what is read depends on more than is in it."""
    if reading is not None and (more := depends_on(reading)):
        raise OutsideError(f"{reading.way.name}: of another kind, for it depends on {', '.join(more)} too")
    return reading


def _with_lengths(reading: GatedReading, candidate: Any, own: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """Return what asks lengths of a way through time that is told them; what cannot be asked is claimed."""
    stack, claims = with_lengths(reading, reading.claims, reading.options)
    candidate.__claims__ = tuple(dict.fromkeys((*candidate.__claims__, *claims)))
    return stack if STACK not in own else {}


def _of_objects(
    readings: Mapping[str, GatedReading], names: Mapping[str, Any], module: str | None
) -> dict[str, Candidate]:
    """Return the stack that a class makes of objects of a class that is read."""
    from ..layers.of_objects import read_objects  # noqa: PLC0415 - it rests on the readings of layers

    classes = [one for one in names.values() if inspect.isclass(one) and one.__module__ == module]
    found = (read_objects(reading, classes) for reading in readings.values())
    return next(({STACK: one.candidate()} for one in found if one is not None), {})


def _may_be_called(operation: Operation, name: str) -> bool:
    """Whether a name does not say that something is another cell.

    >>> forward = OPERATIONS[f"{GATED[0]}_forward"]
    >>> [_may_be_called(forward, f"{cell}Layer.forward") for cell in GATED]
    [True, False]
    """
    said = {cell for cell in GATED if cell in name.lower()}
    return not said or operation.name.partition("_")[0] in said


def _may_have_gates(way: Way, beside: Sequence[ast.AST] = ()) -> bool:
    """Whether a text calls anything that may be a sigmoid, or what is not known: tanh and plain arithmetic are none.

    What the methods of its author's classes call is called by what makes objects of them. ``beside`` is more text.
    """
    function = inspect.unwrap(getattr(way.function, "__func__", way.function))
    around = getattr(function, "__globals__", {})
    made = {name: around[name] for name in way.source.calls() if inspect.isclass(around.get(name))}
    families = {name: inspect.getmro(kind)[:-1] for name, kind in made.items()}
    texts = {
        name: [class_source(kind).trees for kind in family]
        for name, family in families.items()
        if {kind.__module__ for kind in family} == {function.__module__}
    }
    known = {name for name, trees in texts.items() if all(trees)}
    every = Source((*way.source.trees, *beside, *(tree for name in known for trees in texts[name] for tree in trees)))
    own = {one.name for one in every.nodes(ast.FunctionDef)} | known
    source = Source(tuple(one for one in every.trees if getattr(one, "name", "") != "softmax"))
    powers = any(
        isinstance(one.op, ast.Pow) and not isinstance(one.right, ast.Constant) for one in source.nodes(ast.BinOp)
    )  # e to the power of
    halves = any(one.value == HALF for one in source.nodes(ast.Constant))  # of (1 + tanh(x / 2)) / 2
    named = {name_of(one).lower() for kind in (ast.Name, ast.Attribute) for one in source.nodes(kind)}
    bends = any(part in name for part in BENDS for name in named)
    known = {*own, *WITHOUT_GATES, *(["exp"] if _is_of_softmax(source) else [])}
    return not way.source.trees or powers or halves or bends or bool(source.calls() - known)


def _is_of_softmax(source: Source) -> bool:
    """Whether exp is only taken of what the greatest has been subtracted from: so does no sigmoid.

    >>> texts = "e = np.exp(z - np.max(z))", "s = 1 / (1 + np.exp(-z))"
    >>> [_is_of_softmax(Source((ast.parse(one).body[0],))) for one in texts]
    [True, False]
    """
    every = [one.args[0] for one in source.nodes(ast.Call) if name_of(one.func).endswith("exp") and one.args]
    return all(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub) and "max" in ast.unparse(one.right)
               for one in every)  # fmt: skip


def _read_own_losses(
    found: Mapping[str, Candidate],
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
    kinds: Sequence[str],
    taken: set[Any],
) -> dict[str, Candidate]:
    """Return the ways back that have a loss of their own, and the way forward in them, where there is no other."""
    for operation in _ways_back_through_time():
        if operation.name in {**found, **own} or loading.meant.get(operation.name, "") not in {"", *names}:
            continue
        for name, way in _own_losses(names, module, taken):
            if loading.meant and loading.meant.get(operation.name) not in {name, way.name}:
                continue
            kind = getattr(getattr(way, "maker", None), "kind", None)  # whose other methods keep what gates were
            if not loading.meant and not _may_have_gates(way, class_source(kind).trees if kind else ()):
                continue
            way.alive = loading.alive
            loss = read_loss(operation, way, kinds)
            if loss is not None:
                forward = {} if operation.twin in {**found, **own} else {operation.twin: loss.states()}
                return {operation.name: loss.candidate(), **forward}
    return {}


def _ways_back_through_time() -> Iterator[Operation]:
    forward = {one.name for one in gated_operations() if one.states}
    yield from (one for one in reversed(OPERATIONS.values()) if one.twin in forward)


def _own_losses(names: Mapping[str, Any], module: str | None, taken: set[Any]) -> Iterator[tuple[str, Way]]:
    """Yield functions, alone and after others, and after them methods of classes, that are told targets."""
    classes = [one for one in list(names.values()) if inspect.isclass(one) and one.__module__ == module]
    functions: dict[str, Way] = {}
    for name, value in list(names.items()):
        if is_function(value, module) and value not in taken:
            with contextlib.suppress(TypeError, ValueError):
                functions[name] = OutsideWay(value)
    told = {name: way for name, way in functions.items() if _is_told_targets(way.function)}
    yield from told.items()
    for name, way in told.items():
        for first in [one for one in functions.values() if one.name not in told and not is_back(one.name)]:
            yield from ((name, pair) for pair in pairs(first, way))
    for kind in classes:
        yield from ((way.method, way) for way in loss_methods(kind, classes, _is_told_targets))


def _is_told_targets(function: Any) -> bool:
    return any(parts_of(name)[:1] == ("targets",) for name in inspect.signature(function).parameters)


def _gated_ways(names: Mapping[str, Any], module: str | None, taken: set[Any]) -> Iterator[tuple[str, GatedWay]]:
    """Yield functions, and after them methods of classes, that are not read yet."""
    classes = [one for one in list(names.values()) if inspect.isclass(one) and one.__module__ == module]
    for name, value in list(names.items()):
        if is_function(value, module) and value not in taken:
            with contextlib.suppress(TypeError, ValueError):
                yield name, GatedWay(value)
    for kind in classes:
        if not has_context(kind):
            yield from _of_no_object(kind)
            yield from ((way.method, way) for way in methods(kind, classes))


def _of_no_object(kind: type) -> Iterator[tuple[str, GatedWay]]:
    """Yield the functions of a class that need no object."""
    for name, value in list(vars(kind).items()):
        if isinstance(value, staticmethod) and not name.startswith("__"):
            with contextlib.suppress(TypeError, ValueError):
                yield name, GatedWay(getattr(kind, name), f"{kind.__name__}.{name}")


def _read_back(
    forward: GatedReading,
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
) -> dict[str, Candidate]:
    """Return the way back of what has been read, if it takes what that has kept."""
    operation = next((one for one in OPERATIONS.values() if one.twin == forward.operation.name), None)
    if operation is None or (operation.name in own and operation.name not in loading.doubtful):
        return {}
    ways: list[GatedWay] = []
    if isinstance(forward.way, HoldingWay):
        ways += ways_back(forward.way.maker)
    for name, value in names.items() if not ways else ():
        if is_function(value, module) and (name not in own or name == operation.name):
            with contextlib.suppress(TypeError, ValueError):
                ways.append(GatedWay(value))
        if inspect.isclass(value) and value.__module__ == module:
            ways += [way for _, way in _of_no_object(value)]
    found = (read_back(operation, way, forward) for way in ways)
    return next(({operation.name: back.candidate()} for back in found if back is not None), {})


def _unread_back(readings: Mapping[str, GatedReading], found: Mapping[str, Candidate]) -> Iterator[str]:
    """Yield the methods that may go back from what has been read, are not read, and what is in the way."""
    tries = TRIES.get()
    raised = {one.told: one.raises for one in tries.broken()} if tries is not None else {}
    read = [getattr(one, "__reading__", "") for one in found.values()]
    for reading in readings.values():
        back = next(one.name for one in OPERATIONS.values() if one.twin == reading.operation.name)
        for way in ways_back(reading.way.maker) if isinstance(reading.way, HoldingWay) and back not in found else ():
            told = shown(way.function, way.name)
            backward = way.signature.parameters or "back" in way.method
            if backward and not any(one.startswith(f"{way.name}(") for one in read):
                why = f"it raises {raised[told]}" if told in raised else "its arguments or gradients are not understood"
                yield f"not read: {told} as {back}: {why}"
