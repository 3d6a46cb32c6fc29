"""Which statements configure what the functions use, so that they are run although they bind nothing.

They are statements of their own that

- change ``sys.path`` or ``os.environ``;
- call something that sets something, in a package that the functions use, with constant arguments
  (``jax.config.update("jax_enable_x64", True)``, seeds), or assign a constant into such a package;
- call a function of the notebook that does nothing but this, with constant arguments; or are an ``if``, ``try``,
  ``with`` or ``for`` around nothing but this.

That it sets something is told by its name: ``time.sleep(100)`` and ``np.save("w.npy", [1])`` have constant arguments
as well. What is constant is told in ``meanings.py``.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from .effects import Way, way
from .meanings import Given, Meanings, is_there, targets

_SETS = re.compile(
    r"set(?!diff)\w*|reset\w*|(\w+_)?seed(_\w+)?|use(_\w+)?|enable\w*|disable\w*|allow_\w+|update|register\w*"
    r"|configure|basicConfig|filterwarnings|simplefilter|install|init_printing|experimental_enable_\w+"
)
_SETTINGS = {"config", "backends", "options"}  # what lies in these sets something whatever its name
_CHANGES = re.compile(r"putenv|unsetenv|__\w+item__|setdefault|update|pop|clear|append|extend|insert|remove|reverse")
_PROCESS = ""  # stands among the packages for this process, which all of them use
_HARMLESS = ast.Pass | ast.Import | ast.ImportFrom | ast.Break | ast.Continue | ast.Global


def configures(node: ast.stmt, used: Iterable[str], meanings: Meanings) -> bool:
    """Whether a statement configures one of the packages used, or this process, and does nothing else.

    >>> from .statements import statement
    >>> lines = [statement(node, "") for node in ast.parse("import jax; jax.config.update('x64', 1); jax.save(1)").body]
    >>> [configures(line.node, {"jax"}, Meanings(lines)) for line in lines]
    [False, True, False]
    """
    configured = _configured(node, frozenset(), meanings) or set()
    needed = {_PROCESS, *used}
    return bool(configured & needed) and all(name in needed or is_there(name) for name in configured)


def _configured(node: ast.stmt, given: Given, meanings: Meanings) -> set[str] | None:
    """Return which packages a statement configures, None if it does something else; ``given`` are constant."""
    found: set[str] | None = None
    match node:
        case ast.Expr(ast.Call(ast.Name("print"), arguments)):
            found = set() if meanings.only_looks_up(arguments) else None
        case ast.Expr(ast.Call() as call) | ast.Assign(
            [ast.Name()], ast.Call() as call
        ):  # old = np.seterr(all="raise")
            found = _by_call(call, given, meanings)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
            found = _by_assignment(node, given, meanings)
        case ast.If() | ast.Try() | ast.With() | ast.For():
            target = ast.walk(node.target) if isinstance(node, ast.For) else ()
            looped = {name.id for name in target if isinstance(name, ast.Name)}
            head = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr | ast.withitem)]
            found = _by_all(_below(node), given | looped, meanings) if meanings.only_looks_up(head) else None
        case ast.Expr(ast.Constant()) | ast.Return(None | ast.Constant()):
            found = set()
    return set() if isinstance(node, _HARMLESS) else found


def _by_all(block: Iterable[ast.stmt], given: Given, meanings: Meanings) -> set[str] | None:
    each = [_configured(node, given, meanings) for node in block]
    return None if None in each else set().union(*(one for one in each if one))


def _by_call(call: ast.Call, given: Given, meanings: Meanings) -> set[str] | None:
    called = meanings.full(way(call.func))
    place = _of_process(called)
    if place:
        constant = place == "path" or meanings.constant_arguments(call, given)
        return {_PROCESS} if constant and _CHANGES.fullmatch(called[-1]) else None
    if not meanings.constant_arguments(call, given):
        return None
    if called:
        return {called[0]} if _SETS.fullmatch(called[-1]) or _SETTINGS & {*called[1:-1]} else None
    own = meanings.functions.get(call.func.id) if isinstance(call.func, ast.Name) else None
    if own is None or own.name in given:
        return None
    parameters = {one.arg for one in ast.walk(own.args) if isinstance(one, ast.arg)}
    return _by_all(own.body, given | parameters | {own.name}, meanings)


def _by_assignment(node: ast.stmt, given: Given, meanings: Meanings) -> set[str] | None:
    value = getattr(node, "value", None)
    found: set[str] = set()
    for target in targets(node):
        full = meanings.full(way(target)) if not isinstance(target, ast.Name) else ()
        place = _of_process(full)
        anything = place and (place == "path" or value is None)  # the search path may need a function to be found
        if not anything and not (value and meanings.is_constant(value, given)):
            return None
        if full:
            found.add(_PROCESS if place else full[0])
        elif not isinstance(target, ast.Name):
            return None
    return found


def _of_process(full: Way) -> str:
    """Return "environ" or "path" for what all packages see, "" else."""
    if full in {("os", "putenv"), ("os", "unsetenv")}:
        return "environ"
    return full[1] if full[:2] in {("sys", "path"), ("os", "environ")} else ""


def _below(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements in a block, those of its other branches too."""
    for part in ast.iter_child_nodes(node):
        yield from part.body if isinstance(part, ast.ExceptHandler) else [part] if isinstance(part, ast.stmt) else []
