"""Functions inside of one that makes them, with their weights around them: put into a class, as which they are read.

``def make_rnn(D, H): W = ...; def forward(xs, h0): ...; return forward`` is a constructor and a method by other words.
What the inner functions read of the outer one's names becomes an attribute, and what it returns is left out.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .statements import Statement, flat

MAKING = (
    r"(make|create|build|init|get|new|setup|factory|define|construct)(?=_|[A-Z]|$)_?"  # says nothing of what is made
)


class Made(NamedTuple):
    """A function that makes others, the name of the class in its place, and its text."""

    function: str
    name: str
    text: str


def closures_in(every: Sequence[Statement]) -> list[Made]:
    r"""Return a class for every function that makes others and hands them out.

    >>> text = "def make_net(d, h):\n    W = init(h, d)\n    def step(x):\n        return W @ x\n    return step"
    >>> from .statements import statement
    >>> print(closures_in([statement(ast.parse(text).body[0], "")])[0].text)
    class Net:
    <BLANKLINE>
        def __init__(self, d, h):
            self.W = init(h, d)
    <BLANKLINE>
        def step(self, x):
            return self.W @ x
    """
    functions = [one.node for one in flat(every) if isinstance(one.node, ast.FunctionDef)]
    classes = [(one.name, _as_class(one)) for one in functions]
    return [Made(name, made.name, ast.unparse(ast.fix_missing_locations(made))) for name, made in classes if made]


def _as_class(function: ast.FunctionDef) -> ast.ClassDef | None:
    inner = {one.name: one for one in function.body if isinstance(one, ast.FunctionDef)}
    handed_out = {node.id for one in function.body if isinstance(one, ast.Return) and one.value is not None
                  for node in ast.walk(one.value) if isinstance(node, ast.Name)}  # fmt: skip
    if not inner.keys() & handed_out:
        return None
    bound = {*_arguments(function), *inner, *(name for one in function.body for name in _stored(one))}
    read = {name for one in inner.values() for name in _read_outside(one) if name in bound}
    inside = _Attributes(read)
    body = [inside.visit(copy.deepcopy(one)) for one in function.body
            if not isinstance(one, ast.FunctionDef | ast.Return)]  # fmt: skip
    kept = [ast.parse(f"self.{name} = {name}").body[0] for name in _arguments(function) if name in read]
    constructor = copy.deepcopy(function)
    constructor.name, constructor.decorator_list, constructor.returns = "__init__", [], None
    constructor.args.args.insert(0, ast.arg("self"))
    constructor.body = [*kept, *body] or [ast.Pass()]
    name = re.sub(MAKING, "", function.name).title().replace("_", "") or "Made"
    return ast.ClassDef(name, [], [], [constructor, *(_method(one, read) for one in inner.values())], [])


def _method(function: ast.FunctionDef, read: set[str]) -> ast.FunctionDef:
    method = copy.deepcopy(function)
    own = {*_arguments(function), *(set(_stored_in(function)) - _nonlocal(function))}
    method.body = [_Attributes(read - own).visit(one) for one in method.body]
    method.args.args.insert(0, ast.arg("self"))
    return method


class _Attributes(ast.NodeTransformer):
    """Has names be attributes of ``self``."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._names:
            return node
        return ast.copy_location(ast.Attribute(ast.Name("self", ast.Load()), node.id, node.ctx), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)


def _arguments(function: ast.FunctionDef) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _stored(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))


def _stored_in(function: ast.FunctionDef) -> Iterator[str]:
    for one in function.body:
        yield from _stored(one)


def _nonlocal(function: ast.FunctionDef) -> set[str]:
    return {name for node in ast.walk(function) if isinstance(node, ast.Nonlocal) for name in node.names}


def _read_outside(function: ast.FunctionDef) -> set[str]:
    """Return the names that a function reads and does not bind itself."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return names - ({*_arguments(function), *_stored_in(function)} - _nonlocal(function))
