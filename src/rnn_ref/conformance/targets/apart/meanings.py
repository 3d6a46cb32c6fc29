"""What the names of a program stand for: a package or something in it, and which expressions are constant.

Constant are literals, builtins, what a package holds (``torch.float64``), operations on those, calls that only look
something up (``os.getcwd()``), and names that are bound to such things alone.
"""

import ast
import builtins
import contextlib
import importlib.util
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .effects import Way, way
from .statements import Statement, flat

_OPERATIONS = (
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Starred, ast.UnaryOp, ast.BinOp, ast.BoolOp,
    ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.Subscript, ast.Slice, ast.Attribute,
)  # fmt: skip
_LOOKS_UP = re.compile(  # calls that do nothing but return a value
    r"os\.(path\.\w+|fspath|cpu_count|getcwd|getenv|environ\.get)|pathlib\.Path"
    r"|(.+\.)?(is_\w+|has_\w+|get_(default|num)_\w+|cwd|home|resolve|absolute|expanduser|joinpath|as_posix|join)"
    r"|get|join|format|items|keys|values"
)
_ACTS = {"input", "open", "exec", "eval", "exit", "quit", "breakpoint", "__import__", "setattr", "delattr"}
_BUILTINS = vars(builtins).keys() - _ACTS
Given = frozenset[str]  # names that are constant where we look, such as the parameters of a function


class Meanings:
    """Knows what the names of a program stand for."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        """Collect what is imported, defined, and bound by assignments alone."""
        nodes = [node for one in statements for node in ast.walk(one.node)]
        self.imported = {name: full for node in nodes for name, full in imports(node)}
        self.objects = {name for node in nodes if isinstance(node, ast.ImportFrom) for name, _ in imports(node)}
        self.functions = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
        self._values: dict[str, list[ast.expr | None]] = {}
        for one in flat(statements):
            for name in one.binds:
                self._values.setdefault(name, []).append(_value(one.node))

    def full(self, names: Way) -> Way:
        """Return the way from a package, () if there is none: "config" may stand for ("jax", "config")."""
        if names[:1] and names[0] in self.imported:
            return (*self.imported[names[0]], *names[1:])
        values = self._values.get(names[0], []) if names else []
        if len(values) == 1 and isinstance(values[0], ast.Attribute):
            begin = way(values[0])
            short = self.full(begin) if begin[:1] != names[:1] else ()
            return (*short, *names[1:]) if short else ()
        return ()

    def only_looks_up(self, parts: Iterable[ast.AST]) -> bool:
        """Whether what is computed, in the condition of an ``if`` for instance, does nothing but return a value."""
        calls = [part for one in parts for part in ast.walk(one) if isinstance(part, ast.Call)]
        words = [self._words(call.func) for call in calls]
        return all(_LOOKS_UP.fullmatch(one) or (one in _BUILTINS and one not in self._values) for one in words)

    def is_constant(self, node: ast.expr, given: Given) -> bool:
        """Whether an expression is constant."""
        if isinstance(node, ast.Name):
            values = self._values.get(node.id, [])
            known = given | {node.id}  # no endless search for a name that is bound to itself
            if node.id in given or node.id in self.imported or (not values and node.id in _BUILTINS):
                return True
            return bool(values) and all(value and self.is_constant(value, known) for value in values)
        if isinstance(node, ast.Call):
            return self.only_looks_up([node]) and self.constant_arguments(node, given)
        parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        return isinstance(node, _OPERATIONS) and all(self.is_constant(part, given) for part in parts)

    def constant_arguments(self, call: ast.Call, given: Given) -> bool:
        """Whether the arguments of a call are constant, and those of the calls that return what is called."""
        every = [call, *(part for part in ast.walk(call.func) if isinstance(part, ast.Call))]
        arguments = [part for one in every for part in (*one.args, *(keyword.value for keyword in one.keywords))]
        return all(self.is_constant(part, given) for part in arguments)

    def _words(self, called: ast.expr) -> str:
        """Return what is called in words, of a method of a literal its name alone."""
        names = self.full(way(called)) or way(called)
        if not names and isinstance(called, ast.Attribute):
            return called.attr
        return ".".join(name for name in names if name != "()")


def imports(node: ast.AST) -> Iterator[tuple[str, Way]]:
    """Yield the names that an import binds, with the ways that they stand for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            parts = tuple(alias.name.split("."))
            yield (alias.asname, parts) if alias.asname else (parts[0], parts[:1])
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, (*(node.module or ".").split("."), alias.name)


def packages(nodes: Iterable[ast.AST], folder: Path) -> set[str]:
    """Return which packages are imported, at any depth, and by those of them that are files in the folder."""
    found: set[str] = set()
    pending = list(nodes)
    while pending:
        for part in ast.walk(pending.pop()):
            for _, full in imports(part):
                beside = folder / f"{full[0]}.py"
                if full[0] not in found and beside.is_file():
                    with contextlib.suppress(SyntaxError, ValueError):  # that is for the import to say
                        pending.append(ast.parse(beside.read_text("utf-8")))
                found.add(full[0])
    return found.union(*map(_required, found))


def _required(package: str) -> set[str]:
    """Return the packages that are installed for another one: Flax uses JAX."""
    from importlib import metadata  # noqa: PLC0415 - takes longer to load than anything else here

    with contextlib.suppress(metadata.PackageNotFoundError, ValueError):
        words = [re.match(r"[\w.-]+", line) for line in metadata.requires(package) or ()]
        names = {word[0].replace("-", "_").lower() for word in words if word}
        return {name for name in names if is_there(name)}
    return set()


def is_there(package: str) -> bool:
    """Whether a package can be imported, without importing it."""
    with contextlib.suppress(ImportError, ValueError):
        return importlib.util.find_spec(package) is not None
    return False


def targets(node: ast.stmt) -> Iterator[ast.expr]:
    """Yield what a statement assigns to, or deletes, one by one."""
    for one in node.targets if isinstance(node, ast.Assign | ast.Delete) else [getattr(node, "target", None)]:
        yield from one.elts if isinstance(one, ast.Tuple | ast.List) else [one] if one else []


def _value(node: ast.stmt) -> ast.expr | None:
    """Return what a statement binds its name to, None if that is not to be seen."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return None
    return node.value if all(isinstance(one, ast.Name) for one in targets(node)) else None
