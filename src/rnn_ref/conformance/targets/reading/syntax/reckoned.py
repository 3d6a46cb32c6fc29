"""Whether code reckons with a target as with numbers, so that it must be one-hot: ``p - y``, ``y * log(p)``."""

import ast
from collections.abc import Iterator
from typing import Any

from .source import Source, name_of


def is_reckoned_with(source: Source, name: str) -> bool:
    """Whether an argument is subtracted or multiplied, there or where it is handed on to, as no class is.

    >>> tree = ast.parse("def loss(p, y): return p - y").body[0]
    >>> is_reckoned_with(Source((tree,)), "y")
    True
    """
    todo, seen = [(0, name)], set()
    while todo:
        place, one = todo.pop()
        if (place, one) in seen or place >= len(source.trees):
            continue
        seen.add((place, one))
        mine = Source((source.trees[place],))
        if any(_takes(node, one) for node in mine.nodes(ast.BinOp)):
            return True
        for target, value in _same(mine):
            if name_of(value) == one:
                everywhere = range(len(source.trees)) if isinstance(target, ast.Attribute) else [place]
                todo += [(other, name_of(target)) for other in everywhere]
        todo += _handed_on(source, mine, one)
    return False


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
