"""What code does with an argument: whether it reckons with it as with numbers, and whether it takes it for an index."""

import ast
from collections.abc import Iterator
from typing import Any

from .expressions import name_of
from .source import Source

OF_CLASSES = {"eye", "one_hot", "onehot", "to_one_hot", "embedding", "take", "gather", "index_select", "int", "embed"}


def is_reckoned_with(source: Source, name: str) -> bool:
    """Whether an argument is subtracted or multiplied, there or where it is handed on to, as no class is.

    So a target must be one-hot: ``p - y``, ``y * log(p)``.

    >>> tree = ast.parse("def loss(p, y): return p - y").body[0]
    >>> is_reckoned_with(Source((tree,)), "y")
    True
    """
    return any(_takes(node, one) for mine, one in _everywhere(source, name) for node in mine.nodes(ast.BinOp))


def is_taken_apart(source: Source, name: str) -> bool:
    """Whether an argument is gone through, or something stands in brackets behind it: it has an entry for every step.

    >>> tree = ast.parse("def loss(p, y): return -sum(p[t][y[t]] for t in range(3))").body[0]
    >>> is_taken_apart(Source((tree,)), "y")
    True
    """
    if not source.trees:
        return True
    for mine, one in _everywhere(source, name):
        behind = [node.value for node in mine.nodes(ast.Subscript)]
        through = [node.iter for kind in (ast.For, ast.comprehension) for node in mine.nodes(kind)]
        if any(_is_named(node, one) for node in behind) or any(_mentions(node, one) for node in through):
            return True
    return False


def picks_one(source: Source, name: str) -> bool:
    """Whether an argument stands alone in brackets, at most beside numbers, and never in a list: it is one class.

    >>> texts = "def f(p, y): return p[y, 0]", "def f(p, y): return p[range(3), y]"
    >>> [picks_one(Source((ast.parse(one).body[0],)), "y") for one in texts]
    [True, False]
    """
    if is_taken_apart(source, name):
        return False
    for mine, one in _everywhere(source, name):
        for node in mine.nodes(ast.Subscript):
            index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            others = [other for other in index if not _is_named(other, one)]
            if len(others) < len(index) and all(isinstance(other, ast.Constant) for other in others):
                return True
    return False


def _is_named(node: ast.AST, name: str) -> bool:
    return getattr(node, "id", getattr(node, "attr", "")) == name


def compared_with(source: Source, name: str) -> Iterator[ast.AST]:
    """Yield what an argument is compared with, there or where it is handed on to: ``targets != PAD``."""
    for mine, one in _everywhere(source, name):
        for node in mine.nodes(ast.Compare):
            if name_of(node.left) == one and len(node.comparators) == 1:
                yield node.comparators[0]


def may_be_index(source: Source, name: str) -> bool:
    """Whether an argument stands in brackets behind something else, or goes where classes go: then it may be a class.

    >>> [may_be_index(Source((ast.parse(one).body[0],)), "x") for one in
    ...  ("def f(x, W): return [W[:, i] for i in x]", "def f(x, W): return [i @ W for i in x]")]
    [True, False]
    """
    if not source.trees:
        return True
    for mine, one in _everywhere(source, name):
        if any(_mentions(node.slice, one) for node in mine.nodes(ast.Subscript)):
            return True
        handed = [node for node in mine.nodes(ast.Call) if _takes_classes(node)]
        words = [other for node in handed for other in (*node.args, *(word.value for word in node.keywords))]
        if any(_mentions(other, one) for other in words):
            return True
        if any(_mentions(node, one) for node in mine.nodes(ast.Compare)):
            return True
    return False


def _takes_classes(node: ast.Call) -> bool:
    return bool({name_of(node.func), _called(node).lower()} & OF_CLASSES) or "hot" in _called(node).lower()


def _mentions(node: ast.AST, name: str) -> bool:
    return any(getattr(one, "id", getattr(one, "attr", "")) == name for one in ast.walk(node))


def _everywhere(source: Source, name: str) -> Iterator[tuple[Source, str]]:
    """Yield the functions in which an argument is known, each with what it is called there."""
    todo, seen = [(0, name)], set()
    while todo:
        place, one = todo.pop()
        if (place, one) in seen or place >= len(source.trees):
            continue
        seen.add((place, one))
        mine = Source((source.trees[place],))
        yield mine, one
        for target, value in _same(mine):
            if name_of(value) == one:
                everywhere = range(len(source.trees)) if isinstance(target, ast.Attribute) else [place]
                todo += [(other, name_of(target)) for other in everywhere]
        todo += _handed_on(source, mine, one)


def _takes(node: ast.BinOp, name: str) -> bool:
    """Whether something of a name is subtracted or multiplied, and not by a number."""
    sides = [node.left, node.right]
    numbers = any(isinstance(side, ast.Constant) for side in sides)
    return isinstance(node.op, ast.Sub | ast.Mult) and name in map(name_of, sides) and not numbers


def _handed_on(source: Source, mine: Source, name: str) -> Iterator[tuple[int, str]]:
    """Yield what something is called in the functions that are called with it."""
    for node in mine.nodes(ast.Call):
        for place, tree in enumerate(source.trees):
            if isinstance(tree, ast.FunctionDef) and tree.name == _called(node):
                names = [one.arg for one in tree.args.args if one.arg != "self"]
                yield from ((place, own) for own, one in zip(names, node.args, strict=False) if name_of(one) == name)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _same(source: Source) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield what stands for the same: what is assigned, or looped over."""
    for node in source.nodes(ast.Assign):
        yield node.targets[0], node.value
    for kind in (ast.For, ast.comprehension):
        for node in source.nodes(kind):
            target, over = _counted(node.target, node.iter)
            zipped = isinstance(over, ast.Call) and name_of(over.func) == "zip" and isinstance(target, ast.Tuple)
            yield from zip(target.elts, over.args, strict=False) if zipped else [(target, over)]


def _counted(target: Any, over: Any) -> tuple[Any, Any]:
    """Return what is looped over without ``enumerate`` and ``reversed``."""
    name = name_of(over.func) if isinstance(over, ast.Call) and over.args else ""
    if name == "enumerate" and isinstance(target, ast.Tuple):
        return _counted(target.elts[1], over.args[0])
    return _counted(target, over.args[0]) if name in {"reversed", "list"} else (target, over)
