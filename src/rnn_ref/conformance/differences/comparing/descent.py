"""Which way a program goes along its gradients: a loss whose gradients have the other sign is to be gone down."""

import ast

from ...targets.reading.calling.arguments import RATES
from ...targets.reading.names import plain

LARGEST = 0.5  # as a rate


def descends(tree: ast.AST) -> bool:
    """Whether something is taken off by a rate of learning, and nothing is added by one.

    >>> texts = "W -= lr * dW", "W = W - learning_rate * dW", "W += lr * dW", "t -= 1"
    >>> [descends(ast.parse(one)) for one in texts]
    [True, True, False, False]
    """
    signs = {type(sign) for node in ast.walk(tree) for sign, by in _changes(node) if _has_rate(by)}
    return ast.Sub in signs and ast.Add not in signs


def _changes(node: ast.AST) -> list[tuple[ast.operator, ast.AST]]:
    """Return by what something is made more or less, with the sign of that."""
    if isinstance(node, ast.AugAssign):
        return [(node.op, node.value)]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        same = ast.unparse(node.targets[0]) == ast.unparse(node.value.left)
        return [(node.value.op, node.value.right)] if same else []
    return []


def _has_rate(by: ast.AST) -> bool:
    """Whether something is multiplied by a rate of learning, or by a small number."""
    names = [getattr(one, "id", getattr(one, "attr", "")) for one in ast.walk(by)]
    times = [one for one in ast.walk(by) if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult)]
    numbers = [getattr(side, "value", 1) for one in times for side in (one.left, one.right)]
    return any(plain(name) in RATES for name in names) or any(
        isinstance(one, float) and 0 < one <= LARGEST for one in numbers
    )
