"""How deep an argument is taken apart: ``params["cell"]["kernel"]``, ``p.head.bias``, also under other names."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from .expressions import walked
from .source import Source

Path = tuple[tuple[str, str], ...]  # of keys and attributes
CHANGING = {"vmap", "jit", "grad", "value_and_grad", "checkpoint", "remat", "pmap", "compile"}  # what else is done
OF_ARRAYS = {"T", "shape", "dtype", "ndim", "size", "data", "real", "grad"}


def paths_in(source: Source, name: str) -> list[Path]:
    """Return the ways to what is taken out of an argument, in their order, where some lead through two entries.

    >>> tree = ast.parse("def f(p, x):\\n  cell = p['cell']\\n  return cell['W'] @ x + cell['b'] + p['out'].b").body[0]
    >>> [".".join(key for _, key in path) for path in paths_in(Source((tree,)), "p")]
    ['out.b', 'cell.b', 'cell.W']
    """
    found: dict[Path, None] = {}
    todo: list[tuple[int, str, Path]] = [(0, name, ())]
    seen = set()
    while todo:
        one = todo.pop(0)
        if one in seen or one[0] >= len(source.trees):
            continue
        seen.add(one)
        for path, more in _taken(source, *one):
            found |= {path: None} if path else {}
            todo += more
    every = [path for path in found if not any(other[: len(path)] == path != other for other in found)]
    return every if any(len(path) > 1 for path in every) else []


def _taken(source: Source, place: int, name: str, before: Path) -> Iterator[tuple[Path, list[tuple[int, str, Path]]]]:
    """Yield what is taken off a name in one function, each with the names under which it goes on."""
    tree = source.trees[place]
    inner, called = set[int](), set[int]()
    for node in walked(tree):
        inner |= {id(node.value)} if isinstance(node, ast.Subscript | ast.Attribute) else set()
        called |= {id(node.func)} if isinstance(node, ast.Call) else set()
    goes_on = {id(value): other for value, other in _handed_on(source, place)}
    for node in walked(tree):
        chain = _chain(node)
        if chain is None or chain[0] != name or id(node) in inner:
            continue
        path = chain[1][:-1] if id(node) in called else chain[1]  # a method of what is taken
        while path and path[-1] in {("dot", one) for one in OF_ARRAYS}:
            path = path[:-1]
        other = goes_on.get(id(node))
        yield (*before, *path), [(*other, (*before, *path))] if other else []


def _chain(node: ast.AST) -> tuple[str, Path] | None:
    """Return the name at the root of keys and attributes, and these; None of anything else."""
    path: list[tuple[str, str]] = []
    while isinstance(node, ast.Subscript | ast.Attribute):
        if isinstance(node, ast.Attribute):
            path.insert(0, ("dot", node.attr))
        elif isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            path.insert(0, ("key", node.slice.value))
        else:
            path = []  # what an array is indexed with
        node = node.value
    return (node.id, tuple(path)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else None


def _handed_on(source: Source, place: int) -> Iterator[tuple[ast.AST, tuple[int, str]]]:
    """Yield what gets another name in a function: by an assignment there, or as an argument of another function."""
    mine = Source((source.trees[place],))
    for node in mine.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        pairs: Sequence[tuple[Any, Any]] = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=False))
        yield from ((value, (place, target.id)) for target, value in pairs if isinstance(target, ast.Name))
    functions = {getattr(tree, "name", ""): (i, tree) for i, tree in enumerate(source.trees)}
    for node in mine.nodes(ast.Call):
        name, arguments = _called(node)
        if name in functions:
            other, tree = functions[name]
            names = [one.arg for one in tree.args.args if one.arg not in {"self", "cls"}]  # type: ignore[attr-defined]
            yield from ((value, (other, one)) for one, value in zip(names, arguments, strict=False))
            yield from ((one.value, (other, one.arg)) for one in node.keywords if one.arg)


def _called(node: ast.Call) -> tuple[str, list[ast.expr]]:
    """Return what is called, with its arguments: also by ``partial(f, a)``, and as ``vmap(f, axes)(a, b)``."""
    name, inner = _named(node.func), node.func
    if name == "partial" and node.args:
        return _named(node.args[0]), node.args[1:]
    if isinstance(inner, ast.Call) and inner.args and _named(inner.func) in CHANGING:
        return _named(inner.args[0]), node.args
    return name, node.args


def _named(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
