"""By what a loss divides, and along which axes it sums, as far as its text tells."""

import ast
from collections.abc import Iterator
from typing import Any

from ..syntax.expressions import name_of
from ..syntax.source import Source

MEANS = {"mean", "average", "fmean", "nanmean"}
EXPONENTIALS = {"exp", "exp2", "expm1", "softmax", "log_softmax", "logsumexp", "logaddexp", "logits"}
EXPONENTIALS |= {"CrossEntropyLoss", "LogSoftmax", "Softmax", "vjp", "autograd"}
ANYWHERE = {"exp", "exp2", "expm1", "logsumexp", "logaddexp"}  # called, or handed on: np.logaddexp.reduce(z)
FLAT = {"reshape", "ravel", "flatten", "view"}
SIZES = {"n", "m", "b", "bs", "batch", "batch_size", "n_rows", "num_train", "num_examples", "n_samples", "batchsize"}
MASKS = {"mask", "masks", "valid", "keep", "kept"}
EVERY, STEP = "every row", "every row of a step"
Divisor = int | str  # an axis, by its place in an array, or ``EVERY``, or ``STEP``


def exponentials(source: Source) -> bool:
    """Whether a text, or one that it calls, takes an exponential or a softmax: else it is handed probabilities."""
    called = {name_called(node) for node in source.nodes(ast.Call)}
    called |= {node.attr for node in source.nodes(ast.Attribute)} & ANYWHERE
    powers = any(_is_e(node.left) for node in source.nodes(ast.BinOp) if isinstance(node.op, ast.Pow))
    return powers or any(one in EXPONENTIALS or "cross_entropy" in one or "softmax" in one.lower() for one in called)


def takes_probabilities(source: Source) -> bool:
    """Whether a text takes the logarithm of what it is given, and no exponential of it."""
    logs = {"log", "log2", "log10", "nll_loss"}
    return bool(source.trees) and bool(source.calls() & logs) and not exponentials(source)


def _is_e(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "e"


def axes_of_sums(source: Source) -> set[int]:
    """Return the axes along which a text sums, takes the largest or the softmax, where it says so."""
    found = set()
    for node in source.nodes(ast.Call):
        given = [one.value for one in node.keywords if one.arg in {"axis", "dim"}]
        if name_called(node) in {"sum", "max", "softmax", "log_softmax", "logsumexp", "amax"}:
            method = isinstance(node.func, ast.Attribute) and name_of(node.func.value) not in {"np", "numpy", "jnp"}
            given += node.args[:1] if method else node.args[1:2]
        for one in given:
            try:
                found.add(int(ast.literal_eval(one)))
            except (TypeError, ValueError):
                continue
    return found


def name_called(node: ast.Call) -> str:
    """Return the last name of what is called."""
    return str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))


def indexed(source: Source, targets: str) -> bool:
    """Whether the targets are used as indices: in brackets, or by a function that takes such."""
    takes = {
        "one_hot",
        "onehot",
        "eye",
        "gather",
        "take_along_axis",
        "to_one_hot",
        "cross_entropy",
        "nll_loss",
        "enumerate",
    }
    for node in source.nodes(ast.Subscript):
        if any(isinstance(one, ast.Name) and one.id == targets for one in ast.walk(node.slice)):
            return True
    for node in source.nodes(ast.Call):
        inside = [one for part in [*node.args, *node.keywords] for one in ast.walk(part)]
        if name_called(node) in takes and any(isinstance(one, ast.Name) and one.id == targets for one in inside):
            return True
    return False


def multiplied(source: Source, targets: str) -> bool:
    """Whether the targets are multiplied or subtracted as they are, or asked for their largest: as one-hot rows are."""
    for node in source.nodes(ast.BinOp):
        sides = {one.id for one in (node.left, node.right) if isinstance(one, ast.Name)}
        if isinstance(node.op, ast.Mult | ast.Sub) and targets in sides:
            return True
    found = [node for node in source.nodes(ast.Call) if name_called(node) in {"argmax", "multiply", "dot", "vdot"}]
    return any(isinstance(one, ast.Name) and one.id == targets for node in found for one in ast.walk(node))


def divisors(source: Source, *, of_loss: bool = False) -> set[Divisor]:
    """Return what a text divides by, of the sizes of what it is given; nothing if it adds up.

    ``of_loss`` leaves out what only a gradient is divided by, that is returned beside the loss.
    """
    first = [_Tree(tree, _of_loss(tree) if of_loss else None) for tree in source.trees[:1]]
    looped = any(isinstance(node, ast.For | ast.comprehension) for tree in source.trees[:1] for node in ast.walk(tree))
    found = {one for tree in first for one in tree.found()}
    inner = {one for tree in source.trees[1:] for one in _Tree(tree).found()}
    return found | ({STEP} if looped and inner else inner)


def _of_loss(tree: ast.AST) -> set[ast.AST] | None:
    """Return the nodes on which the first of several values depends that a function returns, None if it is one."""
    returned = [one.value for one in ast.walk(tree) if isinstance(one, ast.Return) and isinstance(one.value, ast.Tuple)]
    if not returned or not returned[-1].elts:
        return None
    every = returned[-1].elts
    loss = next((one for one in every if "loss" in name_of(one) or "cost" in name_of(one)), every[0])
    nodes = set(ast.walk(loss))
    names = {one.id for one in nodes if isinstance(one, ast.Name)}
    assigned = [one for one in ast.walk(tree) if isinstance(one, ast.Assign | ast.AugAssign)]
    while True:
        more = [one for one in assigned if one not in nodes and _bound(one) & names]
        if not more:
            return nodes
        for one in more:
            nodes |= set(ast.walk(one))
            names |= {part.id for part in ast.walk(one.value) if isinstance(part, ast.Name)}


def _bound(node: ast.Assign | ast.AugAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for one in targets for part in (one.elts if isinstance(one, ast.Tuple) else [one])]
    return {name_of(part) for part in parts}


class _Tree:
    """One function: its names for sizes, in the order in which it binds them."""

    def __init__(self, tree: ast.AST, within: set[ast.AST] | None = None) -> None:
        self.tree, self.within = tree, within
        self.sizes: dict[str, set[Divisor]] = {}
        self.flat: set[str] = set()
        self.others: set[str] = set()
        for node in sorted(self._nodes(ast.Assign), key=lambda one: one.lineno):
            self._bind(node.targets[0], node.value)

    def _nodes(self, kind: Any) -> Iterator[Any]:
        yield from (node for node in ast.walk(self.tree) if isinstance(node, kind))

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Tuple):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                for one, part in zip(target.elts, value.elts, strict=True):
                    self._bind(one, part)
            elif isinstance(value, ast.Attribute) and value.attr == "shape":
                for place, one in enumerate(target.elts):
                    self.sizes[name_of(one)] = {EVERY if name_of(value.value) in self.flat else place}
            return
        name = name_of(target)
        if isinstance(value, ast.Call) and name_called(value) in FLAT:
            self.flat.add(name)
        found = self._size(value)
        if found:
            self.sizes[name] = found
        else:
            self.others.add(name)

    def _size(self, node: ast.AST) -> set[Divisor]:
        """Return the axes whose size an expression is, nothing if it is no size."""
        if isinstance(node, ast.Name):
            assumed: set[Divisor] = {EVERY} if node.id.lower() in SIZES and node.id not in self.others else set()
            return self.sizes.get(node.id, assumed)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return self._size(node.left) | self._size(node.right)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            place = getattr(node.slice, "value", None)
            return {place if isinstance(place, int) and name_of(node.value.value) not in self.flat else EVERY}
        if isinstance(node, ast.Call):
            return self._size_called(node)
        return {EVERY} if isinstance(node, ast.Attribute) and node.attr == "size" else set()

    def _size_called(self, node: ast.Call) -> set[Divisor]:
        called = name_called(node)
        root = name_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if called == "len" and node.args:
            return {EVERY if name_of(node.args[0]) in self.flat else 0}
        if called in {"float", "int", "max"} and node.args:
            return self._size(node.args[0])
        first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if called == "size" and isinstance(first, int):
            return {EVERY if root in self.flat else first}
        if called in {"numel", "prod", "size"} or (called == "sum" and root.lower() in MASKS):
            return {EVERY}
        return set()

    def _counts(self, node: ast.AST) -> bool:
        return self.within is None or node in self.within

    def found(self) -> Iterator[Divisor]:
        """Yield what is divided by; ``EVERY`` for what is averaged, ``STEP`` for that within a loop."""
        within = {one for loop in self._nodes(ast.For) for part in loop.body for one in ast.walk(part)}
        within |= {one for loop in self._nodes(ast.ListComp | ast.GeneratorExp) for one in ast.walk(loop.elt)}
        for node in self._nodes(ast.BinOp | ast.AugAssign):
            right = node.right if isinstance(node, ast.BinOp) else node.value
            if isinstance(node.op, ast.Div) and self._counts(node):
                yield from ({STEP} if node in within and self._size(right) == {EVERY} else self._size(right))
        for node in self._nodes(ast.Call):
            if _averages(node) and self._counts(node):
                yield STEP if node in within else EVERY


def _averages(node: ast.Call) -> bool:
    """Whether something that is called averages: by its name, or because a framework's loss does unless told."""
    reduction = next((one.value for one in node.keywords if one.arg == "reduction"), None)
    said = reduction.value if isinstance(reduction, ast.Constant) else "mean"
    losses = name_called(node) in {"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"}
    root = name_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return name_called(node) in MEANS or (losses and root in {"F", "functional", "nn"} and said == "mean")
