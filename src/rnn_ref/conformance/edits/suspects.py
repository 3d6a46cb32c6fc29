"""Which statements a wrong result can come from, by what each assigns and reads."""

import ast
from collections.abc import Collection, Iterator, Sequence

from .places import BLOCKS, Function, Place, statements_in

MODULES = {"np", "numpy", "math", "torch", "jnp"}  # what they offer is no name of the function's


def suspects(function: Function, wrong: Collection[str], right: Collection[str]) -> list[list[Place]]:
    """Return statements in three groups: what only the wrong depends on, what the right does too, and all others."""
    every = [*statements_in(function)]
    to_wrong, to_right = _ways_to(every, wrong), _ways_to(every, right)
    groups = to_wrong - to_right, to_wrong & to_right, {*range(len(every))} - to_wrong
    return [[every[i] for i in sorted(one)] for one in groups]


def _ways_to(every: Sequence[Place], names: Collection[str]) -> set[int]:
    """Return the numbers of the statements on which a name depends."""
    reads = [_names(one.statement, whole=False) for one in every]
    assigns = [assigned(one.statement) for one in every]
    for at, (read, loop) in enumerate(zip([*reads], every, strict=True)):
        if isinstance(loop.statement, ast.For):  # what is done to its name is done to what it goes through, each alone
            of = assigned(loop.statement)
            inside = [i for i, one in enumerate(assigns) if one & of and i != at]
            for i in inside:
                reads[i] -= of if assigns[i] <= of else set()
                assigns[i] = assigns[i] | read
    wanted, found, more = {*names}, set[int](), True
    while more:
        new = {i for i, one in enumerate(assigns) if one & wanted} - found
        found |= new
        more = bool(new)
        wanted = wanted.union(*(reads[i] for i in new))
    return found


def assigned(statement: ast.stmt) -> set[str]:
    """Return the names that a statement assigns, or of what it changes a part."""
    if isinstance(statement, ast.Expr):
        return _names(statement, whole=True)
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return {name for target in targets if target is not None for name in _names(target, whole=True)}


def _names(node: ast.AST, *, whole: bool) -> set[str]:
    return {name for one in _walked(node, whole=whole) for name in names_in(one)}


def _walked(node: ast.AST, *, whole: bool) -> Iterator[ast.AST]:
    """Yield nodes, without those of a statement's block unless it is wanted whole."""
    yield node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        of = [node.func.value] if node.func.value.id not in MODULES else []
        node = ast.Tuple([*of, *node.args, *(one.value for one in node.keywords)], ast.Load())
    for field, value in ast.iter_fields(node):
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.AST) and (whole or field not in BLOCKS):
                yield from _walked(one, whole=whole)


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield what a node itself is called by: a name, an attribute, or the text of a key.

    >>> [[*names_in(ast.parse(one, mode="eval").body)] for one in ("W", "self.W", "'W'", "1")]
    [['W'], ['W'], ['W'], []]
    """
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
