"""Whether a function goes back some steps only, or by another rule than the derivative: what differs then is meant."""

import ast
import re
from collections.abc import Iterator
from types import CodeType

from ..targets.reading.names import is_gradient
from .program import Program

MEANT = re.compile(
    r"surrogate|straight[-_ ]?through|stop[-_ ]?grad|semi[-_ ]?grad|feedback[-_ ]?align|\brflo\b|\be[-_]?prop\b"
    r"|\breinforce\b|advantage|\badv\b|actor[-_ ]?critic|policy[-_ ]?(loss|grad)|contrastive divergence"
    r"|target[-_ ]?prop|equilibrium prop|held (fixed|constant)|no gradients? (goes?|flows?|pass(es)?|through)",
    re.IGNORECASE,
)  # what is said of gradients that are no derivatives
BOUNDS = re.compile(r"clip|norm$")  # what is called to bound something
FORWARD = re.compile(r"tanh|sigmoid|sigm?|relu|softmax|exp|act(ivation)?|phi|f|elu|softplus|cell|forward")


def is_cut(code: CodeType, program: Program) -> bool:
    """Whether what the gradients of a function lack is meant: by the names in it, by how it counts, or by its loops."""
    names = [*code.co_varnames, *code.co_names]
    if any("trunc" in name.lower() for name in names) or MEANT.search(program.text):
        return True
    every = [*_parts_of(program.tree, code)]
    loops = [one for name in _reached(program.tree, every) for one in name if isinstance(one, ast.For)]
    return any(map(_counts, every)) or any(_bounds(one) if _goes_back(one) else _as_it_goes(one) for one in loops)


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


def _goes_back(loop: ast.For) -> bool:
    """Whether a loop goes from the last to the first.

    >>> texts = "reversed(range(T))", "range(T - 1, -1, -1)", "range(T)[::-1]", "range(T)", "xs[:-1]"
    >>> [_goes_back(ast.parse(f"for t in {one}: pass").body[0]) for one in texts]
    [True, True, True, False, False]
    """
    every = [*ast.walk(loop.iter)]
    steps = [one.step for one in every if isinstance(one, ast.Slice) and one.step]
    steps += [one.args[2] for one in every if isinstance(one, ast.Call) and one.args[2:]]
    back = any(isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub) for one in steps)
    return back or any(_called(one) in {"reversed", "flip", "flipud"} for one in every)


def _bounds(loop: ast.For) -> bool:
    """Whether something is bounded on the way back, at every step.

    >>> _bounds(ast.parse("for t in reversed(range(T)): dh = np.clip(W.T @ dz, -1, 1)").body[0])
    True
    """
    return any(BOUNDS.search(_called(one)) for one in _in_turn(loop))


def _as_it_goes(loop: ast.For) -> bool:
    """Whether gradients are added to as the states are made: then nothing goes back through time.

    >>> text = "for x in xs:\\n  h = np.tanh(W @ x + U @ h)\\n  dU += np.outer(h, v @ h - y)"
    >>> _as_it_goes(ast.parse(text).body[0]), _as_it_goes(ast.parse(text.replace("@ h)", "@ h0)")).body[0])
    (True, False)
    """
    every = [*_in_turn(loop)]
    adds = any(isinstance(one, ast.AugAssign) and is_gradient(_root(one.target)) for one in every)
    if not (adds and any(FORWARD.fullmatch(_called(one)) for one in every)):
        return False
    first, made, again = set[str](), set[str](), set[str]()
    for statement in loop.body:
        names = [one for one in ast.walk(statement) if isinstance(one, ast.Name)]
        first |= {one.id for one in names if isinstance(one.ctx, ast.Load)} - made
        made |= {one.id for one in names if isinstance(one.ctx, ast.Store)}
        again |= set() if isinstance(statement, ast.AugAssign) else made
    return any(not is_gradient(name) for name in first & again)


def _in_turn(loop: ast.For) -> Iterator[ast.AST]:
    """Yield what is done at every turn of a loop itself, and not in loops in it."""
    todo: list[ast.AST] = [*loop.body]
    while todo:
        one = todo.pop()
        yield one
        todo += [inner for inner in ast.iter_child_nodes(one) if not isinstance(inner, ast.For | ast.FunctionDef)]


def _called(node: ast.AST) -> str:
    """Return the last name of what is called."""
    name = node.func if isinstance(node, ast.Call) else None
    return name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""


def _root(node: ast.AST) -> str:
    """Return the name of what is added to.

    >>> [_root(ast.parse(one).body[0].value) for one in ("dW", "self.dW", "grads['W']", "g[0][1]")]
    ['dW', 'dW', 'grads', 'g']
    """
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _reached(tree: ast.AST, parts: list[ast.AST]) -> Iterator[list[ast.AST]]:
    """Yield the parts of a function, and those of all that are called from it by name."""
    by_name = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    todo, seen = [parts], set[str]()
    while todo:
        every = todo.pop()
        yield every
        new = {_called(one) for one in every} & by_name.keys() - seen
        seen |= new
        todo += [[*ast.walk(by_name[name])] for name in sorted(new)]


def _parts_of(tree: ast.AST, code: CodeType) -> Iterator[ast.AST]:
    """Yield all parts of the function of a tree whose code this is."""
    for one in ast.walk(tree):
        if getattr(one, "name", "") == code.co_name and getattr(one, "lineno", 0) == code.co_firstlineno:
            yield from ast.walk(one)
