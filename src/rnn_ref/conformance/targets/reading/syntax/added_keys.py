"""Keys that are put together where they are looked up: ``params["W" + gate]``, for every gate of a loop."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from .expressions import name_of
from .source import Source


def added_keys_of(source: Source, name: str, known: Mapping[str, Any]) -> list[str]:
    """Return the keys by which something is looked up, made of a text and what a loop goes through.

    >>> tree = ast.parse("def f(p, x): return [p['W' + k] @ x for k in 'zr']").body[0]
    >>> added_keys_of(Source((tree,)), "p", {})
    ['Wz', 'Wr']
    """
    found: dict[str, None] = {}
    looked_up = [(node.value, node.slice) for node in source.nodes(ast.Subscript)]
    looked_up += [(one.func.value, one.args[0]) for one in source.nodes(ast.Call) if one.args and _is_get(one.func)]
    for holder, key in looked_up:
        parts = _parts(key) if name_of(holder) == name else []
        variables = [one.id for one in parts if isinstance(one, ast.Name)]
        if len(variables) == 1 and any(isinstance(one, ast.Constant) for one in parts):
            for word in (*_gone_through(source, variables[0], known), *_default_of(source, variables[0])):
                texts = [word if isinstance(one, ast.Name) else str(one.value) for one in parts]
                found["".join(texts)] = None
    return list(found)


def _is_get(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "get"


def _default_of(source: Source, name: str) -> Iterator[str]:
    """Yield the text that an argument of the function itself is if nothing else is said: ``prefix="rnn."``."""
    for tree in source.trees[:1]:
        arguments = getattr(tree, "args", ast.arguments([], [], defaults=[], kwonlyargs=[], kw_defaults=[]))
        every = [*arguments.posonlyargs, *arguments.args]
        defaults = zip(every[len(every) - len(arguments.defaults) :], arguments.defaults, strict=True)
        for one, value in (*defaults, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)):
            if one.arg == name and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def _parts(node: ast.AST) -> list[Any]:
    """Return the texts and the names that a key is made of, nothing if there is more in it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, ast.JoinedStr):
        return [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
    return [node] if isinstance(node, ast.Name | ast.Constant) else []


def _gone_through(source: Source, name: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that a variable of a loop goes through."""
    for kind in (ast.For, ast.comprehension):
        for node in source.nodes(kind):
            target = node.target
            if isinstance(target, ast.Name) and target.id == name:
                yield from _texts(node.iter, known)
            elif isinstance(target, ast.Tuple) and name in map(name_of, target.elts):
                place = list(map(name_of, target.elts)).index(name)
                rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else []
                columns = [one.elts[place] for one in rows if isinstance(one, ast.Tuple | ast.List)]
                values = [getattr(one, "value", None) for one in columns]
                yield from (one for one in values if isinstance(one, str))
                if isinstance(node.iter, ast.Call) and name_of(node.iter.func) == "zip" and place < len(node.iter.args):
                    yield from _texts(node.iter.args[place], known)


def _texts(node: ast.AST, known: Mapping[str, Any]) -> list[str]:
    value = known.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
    if isinstance(node, ast.Tuple | ast.List):
        value = [getattr(one, "value", None) for one in node.elts]
    every = list(value) if isinstance(value, str | tuple | list) else []
    return [one for one in every if isinstance(one, str)]
