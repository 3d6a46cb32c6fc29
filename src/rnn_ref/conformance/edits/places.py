"""Places in a syntax tree where something else could stand."""

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

BLOCKS = {"body", "orelse", "finalbody"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """Where a node stands in the one above it, and the statement it is part of."""

    above: ast.AST
    field: str
    at: int | None  # in a list of nodes
    statement: ast.stmt

    @property
    def node(self) -> Any:
        """What stands there."""
        found = getattr(self.above, self.field)
        return found if self.at is None else found[self.at]


def statements_in(function: ast.AST) -> Iterator[Place]:
    """Yield the places of all statements of a function, and not of functions in it."""
    for field in BLOCKS & set(function._fields):
        for at, one in enumerate(getattr(function, field) or []):
            if isinstance(one, ast.stmt):
                yield Place(function, field, at, one)
                if not isinstance(one, Function | ast.ClassDef):
                    yield from statements_in(one)


def expressions_in(statement: ast.stmt) -> Iterator[Place]:
    """Yield the places of all expressions that are read in a statement, the outer ones first; not of its block."""
    yield from _below(statement, statement)


def _below(node: ast.AST, statement: ast.stmt) -> Iterator[Place]:
    for field, value in ast.iter_fields(node):
        if field in BLOCKS:
            continue
        every = value if isinstance(value, list) else [value]
        for at, one in enumerate(every):
            if isinstance(one, ast.expr | ast.keyword | ast.slice | ast.comprehension):
                if isinstance(one, ast.expr) and _is_read(one):
                    yield Place(node, field, at if isinstance(value, list) else None, statement)
                yield from _below(one, statement)


def _is_read(node: ast.expr) -> bool:
    return not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def functions_of(tree: ast.AST) -> dict[str, Function]:
    """Return the functions of a program by their qualified names, of two the later."""
    found: dict[str, Function] = {}

    def visit(node: ast.AST, before: str) -> None:
        for one in ast.iter_child_nodes(node):
            if isinstance(one, Function):
                found[before + one.name] = one
                visit(one, f"{before}{one.name}.<locals>.")
            elif isinstance(one, ast.ClassDef):
                visit(one, f"{before}{one.name}.")
            else:
                visit(one, before)

    visit(tree, "")
    return found


def reached(functions: dict[str, Function], name: str) -> list[str]:
    """Return the name of a function, and of those that it calls by a name, the nearest first."""
    found = [name] if name in functions else []
    for one in found:
        called = {_called(node) for node in ast.walk(functions[one]) if isinstance(node, ast.Call)}
        found += [other for other in functions if other.rpartition(".")[2] in called and other not in found]
    return found


def _called(node: ast.Call) -> str:
    name = node.func
    return name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""
