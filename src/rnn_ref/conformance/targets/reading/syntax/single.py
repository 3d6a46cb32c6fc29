"""Whether what a function returns is a single number, as of a loss: a sum or an average over all there is."""

import ast
from collections.abc import Iterable

from .expressions import name_of, own_nodes

OVER_ALL = {"sum", "mean"}
MODULES = {"np", "numpy", "onp", "jnp", "torch", "math"}
NUMBERS = {"float", "int", "len", "item"}


def returns_a_number(function: ast.AST | None) -> bool:
    """Whether all that a function itself returns are numbers: no state and no gradient is.

    >>> texts = ("return x.mean()", "return x, 1", "return x.sum(0)", "return float(-0.5 * np.sum(x) / len(x))")
    >>> [returns_a_number(ast.parse("def f(x):\\n " + one).body[0]) for one in texts]
    [True, False, False, True]
    >>> texts = ("s += x[i]\\n return s / 2", "s = g(x)\\n return s", "h.append(i)\\n return h")
    >>> begin = "def f(x):\\n s = 0\\n h = [0]\\n for i in x:\\n  "
    >>> [returns_a_number(ast.parse(begin + one).body[0]) for one in texts]
    [True, False, False]
    """
    every = list(own_nodes(function))
    found = [one.value for one in every if isinstance(one, ast.Return)]
    begun = _begun_with_numbers(every)
    return bool(found) and all(one is not None and _is_number(one, begun) for one in found)


def _begun_with_numbers(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that are only ever assigned numbers, to which more may be added."""
    found: dict[str, bool] = {}
    for one in nodes:
        if isinstance(one, ast.Assign):
            for target in one.targets:
                for name, value in _pairs(target, one.value):
                    if isinstance(name, ast.Name):
                        found[name.id] = found.get(name.id, True) and _is_number(value, set())
    return {name for name, every in found.items() if every}


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def _is_number(node: ast.expr, names: set[str]) -> bool:
    match node:
        case ast.Constant():
            return isinstance(node.value, int | float)
        case ast.Name():
            return node.id in names
        case ast.UnaryOp():
            return _is_number(node.operand, names)
        case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right):
            is_size = isinstance(node.op, ast.Div) and isinstance(right, ast.Name | ast.Attribute | ast.Subscript)
            return _is_number(left, names) and (is_size or _is_number(right, names))
        case ast.Call():
            return name_of(node.func) in NUMBERS or _is_over_all(node)
    return False


def _is_over_all(call: ast.Call) -> bool:
    """Whether it is ``sum(x)``, ``np.sum(x)`` or ``x.sum()``, without an axis."""
    of_array = isinstance(call.func, ast.Attribute) and name_of(call.func.value) not in MODULES
    return name_of(call.func) in OVER_ALL and not call.keywords and len(call.args) == (0 if of_array else 1)
