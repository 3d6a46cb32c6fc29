"""Arguments that have to be there and are no arrays: one that turns sequences round, and an activation."""

import ast
import re
from collections.abc import Iterable

from .source import Source

ACTIVATION = re.compile(r"(act|activate|activation|nonlin|nonlinearity|squash|phi|sigma|f|g)(_?(fn|func|function))?")
TURNING = {"reversed", "reverse", "flip", "flipud"}


def turns_nothing(source: Source, name: str) -> bool | None:
    """Return with what value an argument leaves sequences as they are, None if it is not asked whether to turn them.

    It may be asked in an attribute in which it is kept.

    >>> texts = ("x = x[::-1] if r else x", "if not r: x = np.flip(x)", "s.b = r\\nfor x in xs[::-1 if s.b else 1]: 0")
    >>> [turns_nothing(Source((ast.parse(one),)), "r") for one in texts]
    [False, True, False]
    >>> turns_nothing(Source((ast.parse("x = x[0] if one else x"),)), "one")
    """
    names, found = _names_of(source, name), set()
    for node in (one for kind in (ast.If, ast.IfExp) for one in source.nodes(kind)):
        negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        asked = node.test.operand if negated else node.test
        turned = _turns(node.body)
        if _called(asked) in names and turned != _turns(node.orelse):
            found.add(turned is negated)
    return found.pop() if len(found) == 1 else None


def is_activation(source: Source, name: str) -> bool:
    """Whether an argument is called on one thing alone, and called like a function of a sum.

    >>> is_activation(Source((ast.parse("h = act(W @ x + U @ h)"),)), "act")
    True
    """
    names = _names_of(source, name)
    calls = [node for node in source.nodes(ast.Call) if _called(node.func) in names]
    alone = all(len(node.args) == 1 and not node.keywords for node in calls)
    return bool(calls) and alone and ACTIVATION.fullmatch(name.lower()) is not None


def _names_of(source: Source, name: str) -> set[str]:
    """Return what an argument is called, and the attributes in which it is kept as it is."""
    kept = [node for node in source.nodes(ast.Assign) if isinstance(node.value, ast.Name) and node.value.id == name]
    return {name, *(one.attr for node in kept for one in node.targets if isinstance(one, ast.Attribute))}


def _called(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _turns(branch: ast.AST | Iterable[ast.AST]) -> bool:
    """Whether something is gone through from its end in a branch, or it is a step of -1."""
    nodes = [branch] if isinstance(branch, ast.AST) else [*branch]
    return any(map(_is_downwards, nodes)) or any(_is_turned(one) for node in nodes for one in ast.walk(node))


def _is_turned(node: ast.AST) -> bool:
    match node:
        case ast.Slice(step=step):
            return _is_downwards(step)
        case ast.Call(func, args):
            named = _called(func)
            return named in TURNING or (named == "range" and len(args) == 3 and _is_downwards(args[2]))
    return False


def _is_downwards(node: ast.AST | None) -> bool:
    return node is not None and not isinstance(node, ast.stmt) and ast.unparse(node) == "-1"
