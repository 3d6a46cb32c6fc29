"""What running a piece of code does to names beside binding them: it assigns into them, and it calls.

A name is told with the way from it: ``jax.config.update`` is ("jax", "config", "update"). Subscripts are left out, and
a call on the way is "()", for what comes behind it is another object: ``Path("x").unlink`` is ("Path", "()", "unlink").
"""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Way = tuple[str, ...]
DERIVED = "__init_subclass__"
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Call(NamedTuple):
    """A call, with the way to what is called."""

    way: Way
    node: ast.Call
    bare: bool = False  # nothing is done with what it returns
    files: bool = False  # a definition makes it: its decorator, or what is told when a class is derived from it

    @property
    def function(self) -> str | None:
        """The name that is called, as in ``f(x)`` and ``f(x)(y)``; None for a method."""
        return self.way[0] if set(self.way[1:]) <= {"()"} else None

    @property
    def method(self) -> str | None:
        """The last name on the way, as in ``table.append(1)``; None if it is a method of what a function returned."""
        return None if self.function or self.way[1] == "()" else [one for one in self.way if one != "()"][-1]


class Effects(NamedTuple):
    """What a piece of code does."""

    stores: tuple[Way, ...]  # ("table",) in ``table[0] = 1``, ("np", "x") in ``np.x = 1`` and in ``del np.x``
    calls: tuple[Call, ...]


def way(node: ast.AST) -> Way:
    """Return the way from a name to what an expression means, () if it does not begin at a name.

    >>> way(ast.parse("table['a'].setdefault(1, []).append", mode="eval").body)
    ('table', 'setdefault', '()', 'append')
    """
    names: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if not isinstance(node, ast.Subscript):
            names.append(node.attr if isinstance(node, ast.Attribute) else "()")
        node = node.func if isinstance(node, ast.Call) else node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else ()


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run when it runs: the bodies of its functions do not."""
    yield node
    if isinstance(node, _FUNCTIONS):
        parts: Iterable[ast.AST] = (*node.decorator_list, node.args)
    else:
        parts = (node.args,) if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)
    for part in parts:
        yield from at_once(part)


def later(node: ast.AST, calls: int) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run when a function in it is called, and what that returns, so many times."""
    for part in at_once(node):
        if isinstance(part, _FUNCTIONS | ast.Lambda):
            for inner in part.body if isinstance(part.body, list) else [part.body]:
                yield from at_once(inner)
                yield from later(inner, calls - 1) if calls > 1 else ()


def effects(nodes: Iterable[ast.AST]) -> Effects:
    """Return what running the parts does."""
    nodes = list(nodes)
    private = {name for node in nodes if isinstance(node, _COMPREHENSIONS) for name in _targets(node.generators)}
    bare = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    calls = [Call(way(node.func), node, id(node) in bare) for node in nodes if isinstance(node, ast.Call)]
    calls += [call for node in nodes for call in _filing(node)]
    stores = [
        way(node)
        for node in nodes
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
    ]
    stores += [way for node in nodes if isinstance(node, ast.For) for way in _through_its_items(node)]
    return Effects(
        tuple(way for way in stores if way and way[0] not in private),
        tuple(call for call in calls if call.way and call.way[0] not in private),
    )


def _filing(node: ast.AST) -> Iterator[Call]:
    """Yield the calls that a definition makes: of its decorators, and of what is told when a class is derived."""
    if isinstance(node, _FUNCTIONS | ast.ClassDef):
        for decorator in node.decorator_list:
            yield Call(way(decorator), ast.Call(decorator, [], []), bare=True, files=True)
    if isinstance(node, ast.ClassDef):
        for base in (base for base in node.bases if isinstance(base, ast.Name)):
            yield Call((base.id, DERIVED), ast.Call(base, [base], []), files=True)
        for keyword in (keyword for keyword in node.keywords if keyword.arg == "metaclass"):
            yield Call(way(keyword.value), ast.Call(keyword.value, [], []), files=True)


def _through_its_items(loop: ast.For) -> Iterator[Way]:
    """Yield what a loop runs over, if it writes into the items: ``for row in table: row[0] = 1``."""
    items = set(_targets([loop]))
    inside = [node for statement in loop.body for node in at_once(statement)]
    done = effects(node for node in inside if not isinstance(node, ast.For))
    written = {one[0] for one in done.stores} | {call.way[0] for call in done.calls if call.bare and call.method}
    written |= {
        node.target.id for node in inside if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    if items & written:
        yield from ((node.id, "[]") for node in ast.walk(loop.iter) if isinstance(node, ast.Name))


def _targets(loops: Iterable[ast.For | ast.comprehension]) -> Iterator[str]:
    for loop in loops:
        yield from (node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name))
