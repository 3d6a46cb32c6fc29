"""Whether a function goes back some steps only: what its gradients lack then is meant."""

import ast
from collections.abc import Iterator
from types import CodeType

from .program import Program


def is_cut(code: CodeType, program: Program) -> bool:
    """Whether a function goes back a number of steps only, by the names in it or by how it counts."""
    names = [*code.co_varnames, *code.co_names]
    return any("trunc" in name.lower() for name in names) or any(map(_counts, _parts_of(program.tree, code)))


def _counts(node: ast.AST) -> bool:
    """Whether something is done every few steps, up to some steps before, or piece by piece.

    >>> texts = "max(0, t - 4)", "range(0, T, size)", "range(T - 1, -1, -1)", "f(x)"
    >>> [any(map(_counts, ast.walk(ast.parse(one)))) for one in texts]
    [True, True, False, False]
    >>> any(map(_counts, ast.walk(ast.parse("if (t + 1) % 5 == 0: dh = 0"))))
    True
    """
    if isinstance(node, ast.If):
        return any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mod) for one in ast.walk(node.test))
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id == "range":
        return any(isinstance(one, ast.Name | ast.Attribute) for one in node.args[2:])
    less = any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub) for one in node.args)
    return node.func.id == "max" and less and any(_is_number(one) for one in node.args)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _parts_of(tree: ast.AST, code: CodeType) -> Iterator[ast.AST]:
    """Yield all parts of the function of a tree whose code this is."""
    for one in ast.walk(tree):
        if getattr(one, "name", "") == code.co_name and getattr(one, "lineno", 0) == code.co_firstlineno:
            yield from ast.walk(one)
