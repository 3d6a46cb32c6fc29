"""Outputs through a sigmoid: whether a text has one, and whether its loss is the cross-entropy of that."""

import ast
from collections.abc import Iterable

from .expressions import name_of
from .source import Source

SIGMOIDS = {"sigmoid", "expit", "logistic", "sigm"}
LOGARITHMS = {"log", "log2", "log1p"}


def has_sigmoid(sources: Iterable[Source]) -> bool:
    """Whether a sigmoid is taken by its name, or as one over a sum with an exponential in it.

    >>> texts = "sigmoid(z)", "1 / (1 + np.exp(-z))", "e / e.sum()"
    >>> [has_sigmoid([Source((ast.parse(one),))]) for one in texts]
    [True, True, False]
    """
    return any(_is_named(one) or any(map(_is_sigmoid, one.nodes(ast.BinOp))) for one in sources)


def _is_named(source: Source) -> bool:
    return any(name.lower().strip("_") in SIGMOIDS for name in source.calls())


def _is_sigmoid(node: ast.BinOp) -> bool:
    below = node.right
    if not (isinstance(node.op, ast.Div) and _is_one(node.left) and isinstance(below, ast.BinOp)):
        return False
    return isinstance(below.op, ast.Add) and _is_one(below.left) and _calls(below, {"exp"})


def has_entropy_of_sigmoids(sources: Iterable[Source]) -> bool:
    """Whether the logarithm is taken of what is left to one, or of one and an exponential, or it has a name.

    >>> texts = "t * log(p) + (1 - t) * log(1 - p)", "logaddexp(0, z) - t * z", "log(p[t])", "log(sum(exp(z)))"
    >>> [has_entropy_of_sigmoids([Source((ast.parse(one),))]) for one in texts]
    [True, True, False, False]
    """
    return any(_is_of_two(node) for one in sources for node in one.nodes(ast.Call))


def _is_of_two(node: ast.Call) -> bool:
    name = name_of(node.func).lower()
    if name in {"bce", "bce_loss"} or "binary_cross_entropy" in name or "bcewithlogits" in name or name == "softplus":
        return True
    if name == "logaddexp":
        return any(isinstance(one, ast.Constant) for one in node.args)
    inside = [one for arg in node.args for one in ast.walk(arg) if isinstance(one, ast.BinOp)]
    left = any(isinstance(one.op, ast.Sub) and _is_one(one.left) for one in inside)
    return name in LOGARITHMS and (left or (name == "log1p" and _calls(node, {"exp"})))


def _is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _calls(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(one, ast.Call) and name_of(one.func) in names for one in ast.walk(node))
