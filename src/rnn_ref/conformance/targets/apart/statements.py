"""Which global names a statement reads and binds, as the compiler sees it, and what else it does to them.

What a statement reads is what it needs from before: ``for i in range(3): table[i] = f(i)`` binds ``i`` before it reads
it, so that no other loop over an ``i`` is needed for it.
"""

import ast
import dis
import inspect
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .effects import Effects, at_once, effects

_BINDS = {"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
_READS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME", "DELETE_GLOBAL"}
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SURELY = DEFINITIONS | ast.Assign | ast.AnnAssign | ast.ImportFrom  # but ``import a.b`` adds to ``import a``
_Flow = tuple[set[str], set[str]]  # what is read from before, and what is bound in any case


class Statement(NamedTuple):
    """A statement outside of all functions, with what it does to names.

    Of an ``if`` that is its condition alone; the statements under it are its parts.
    """

    node: ast.stmt
    filename: str
    binds: set[str]  # "*" for a star import
    settles: set[str]  # of those, what it binds in any case, so that what they were before does not matter
    reads: set[str]  # and has not bound itself
    reads_later: set[str]  # when its functions are called
    does: Effects
    parts: "tuple[list[Statement], ...]" = ()  # of an ``if``: what is under it, and under its ``else``


def statement(node: ast.stmt, filename: str) -> Statement:
    """Return a statement with what it does. Raises SyntaxError where the compiler does.

    >>> one = statement(ast.parse("def f(x=y): return tanh(x) + g").body[0], "")
    >>> one.binds, one.reads, sorted(one.reads_later)
    ({'f'}, {'y'}, ['g', 'tanh'])
    """
    blocks = (node.body, node.orelse) if isinstance(node, ast.If) else ()
    whole = _alone(node.test) if isinstance(node, ast.If) else node
    code = _compiled(whole)
    reads, settles = _flow(whole)
    return Statement(
        node,
        filename,
        set(_names(code, _BINDS)) | set(_otherwise_bound(whole)),
        settles,
        reads,
        set(_names(code, _READS, called=True)),
        effects(at_once(whole)),
        tuple([statement(one, filename) for one in block] for block in blocks),
    )


def flat(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements and their parts, at any depth."""
    for one in statements:
        yield one
        for part in one.parts:
            yield from flat(part)


def _compiled(node: ast.stmt) -> types.CodeType:
    code: types.CodeType = compile(ast.Module([node], []), "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


def _alone(node: ast.expr) -> ast.stmt:
    return ast.copy_location(ast.Expr(node), node)


def _names(code: types.CodeType, kinds: set[str], *, called: bool = False, inside: bool = False) -> Iterator[str]:
    """Yield the global names that instructions of these kinds use, at once or when its functions are called."""
    own: set[str] = set()  # of a class: bound in its body, and thereafter no global
    in_class = code.co_name != "<module>" and not code.co_flags & inspect.CO_OPTIMIZED
    for instruction in dis.get_instructions(code):
        name = str(instruction.argval)
        hidden = name in own and instruction.opname != "LOAD_GLOBAL"  # as a comprehension reads, inlined from 3.12 on
        if in_class and instruction.opname == "STORE_NAME":
            own.add(name)
        elif instruction.opname in kinds and called == inside and not hidden:
            yield name
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            comprehension = constant.co_name.startswith("<") and constant.co_name != "<lambda>"
            waits = bool(constant.co_flags & inspect.CO_OPTIMIZED) and not comprehension  # the body of a class does not
            yield from _names(constant, kinds, called=called, inside=inside or waits)


def _otherwise_bound(node: ast.stmt) -> Iterator[str]:
    """Yield what is bound without its name in the code: "*" by a star import, x by ``globals()["x"] = 1``."""
    for part in at_once(node):
        if isinstance(part, ast.ImportFrom) and part.names[0].name == "*":
            yield "*"
        match part:
            case ast.Subscript(ast.Call(ast.Name("globals" | "locals" | "vars")), ast.Constant(str(name)), ast.Store()):
                yield name
            case ast.Call(ast.Attribute(ast.Call(ast.Name("globals" | "locals" | "vars")), "update")):
                yield from (keyword.arg for keyword in part.keywords if keyword.arg)


def _flow(node: ast.stmt) -> _Flow:
    match node:
        case ast.Pass() | ast.Break() | ast.Continue():
            return set(), set()
        case ast.If() | ast.While() | ast.Match():
            return _branches(node)
        case ast.For() | ast.AsyncFor():
            body, other = _block(node.body)[0] - _names_in(node.target, ast.Store), _block(node.orelse)[0]
            return _reads(node.iter) | _names_in(node.target, ast.Load) | body | other, set()
        case ast.With() | ast.AsyncWith():
            body, bound = _block(node.body)
            for item in reversed(node.items):
                own = _names_in(item.optional_vars, ast.Store)
                body = _reads(item.context_expr) | _names_in(item.optional_vars, ast.Load) | (body - own)
                bound = (set() if "suppress" in ast.unparse(item.context_expr) else bound) | own
            return body, bound
        case ast.Try() | ast.TryStar():
            return _tried(node)
    code = _compiled(node)
    surely = isinstance(node, _SURELY) or (isinstance(node, ast.Import) and bool(node.names[0].asname))
    return set(_names(code, _READS)), set(_names(code, _BINDS)) if surely else set()


def _branches(node: ast.If | ast.While | ast.Match) -> _Flow:
    if isinstance(node, ast.Match):
        cases = [_block(case.body)[0] - _captured(case.pattern) for case in node.cases]
        return _reads(node.subject).union(*cases, *(_reads(case.guard) for case in node.cases)), set()
    (body, bound), (other, bound_too) = _block(node.body), _block(node.orelse)
    return _reads(node.test) | body | other, bound & bound_too if isinstance(node, ast.If) else set()


def _tried(node: ast.Try | ast.TryStar) -> _Flow:
    (reads, bound), (final, bound_at_last) = _block([*node.body, *node.orelse]), _block(node.finalbody)
    for handler in node.handlers:
        body, bound_too = _block(handler.body)
        reads, bound = reads | _reads(handler.type) | (body - {handler.name or ""}), bound & bound_too
    return reads | final, bound | bound_at_last


def _block(block: Sequence[ast.stmt]) -> _Flow:
    """Walk a block backwards: what is read by a statement and bound by one before it is not read from before both."""
    needed: set[str] = set()
    bound: set[str] = set()
    for node in reversed(block):
        reads, binds = _flow(node)
        needed, bound = (needed - binds) | reads, bound | binds
    return needed, bound


def _reads(expression: ast.expr | None) -> set[str]:
    return set(_names(_compiled(_alone(expression)), _READS)) if expression else set()


def _names_in(target: ast.expr | None, context: type[ast.expr_context]) -> set[str]:
    nodes = ast.walk(target) if target else ()
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


def _captured(pattern: ast.pattern) -> set[str]:
    return {str(getattr(node, "name", None) or getattr(node, "rest", None)) for node in ast.walk(pattern)}


def is_endless(node: ast.stmt) -> bool:
    """Whether a statement is a ``while True`` that nothing in it breaks."""
    return (
        isinstance(node, ast.While)
        and isinstance(node.test, ast.Constant)
        and bool(node.test.value)
        and not any(isinstance(part, ast.Break) for part in _of_this_loop(node.body))
    )


def _of_this_loop(block: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in block:
        yield node
        inner = isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.FunctionDef | ast.ClassDef)
        yield from _of_this_loop(getattr(node, "orelse", ()) if inner else ast.iter_child_nodes(node))
