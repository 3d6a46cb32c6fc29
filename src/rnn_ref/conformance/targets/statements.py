"""Which global names a top-level statement binds, changes and reads, as the compiler sees it."""

import ast
import dis
import re
import types
from collections.abc import Iterator
from typing import NamedTuple

_SETS_UP = re.compile("set|seed$|manual_seed$|update$")


class Statement(NamedTuple):
    """A top-level statement of a notebook, with what it does to names."""

    node: ast.stmt
    filename: str
    binds: set[str]  # "*" for a star import
    assigns: set[str]  # table in ``table[0] = 1``
    calls: set[tuple[str, str]]  # (table, append) in ``table.append(1)``
    reads: set[str]

    def is_part_of(self, reached: set[str], modules: set[str]) -> bool:
        """Whether running it is needed for the reached names.

        Of calls on modules only those that set something up are (``torch.set_default_dtype``), not ``plt.show()``.
        """
        if "*" in self.binds or (self.binds | self.assigns) & reached:
            return True
        if any(root in reached and (root not in modules or _SETS_UP.match(method)) for root, method in self.calls):
            return True
        return any(root == "sys" for root, _ in self.calls) and "sys.path" in ast.unparse(self.node)


def statement_names(node: ast.stmt, filename: str) -> tuple[set[str], set[str], set[tuple[str, str]], set[str]]:
    """Return the global names that a statement binds, assigns into, calls methods of, and reads at any depth.

    >>> binds, assigns, calls, reads = statement_names(ast.parse("def f(x): return tanh(x) + g").body[0], "")
    >>> binds, assigns, calls, sorted(reads)
    ({'f'}, set(), set(), ['g', 'tanh'])
    """
    code = compile(ast.Module([node], []), filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    binds = {str(i.argval) for i in dis.get_instructions(code) if i.opname in {"STORE_NAME", "STORE_GLOBAL"}}
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        binds = {"*"}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return binds, set(), set(), set(_read(code))
    return binds, set(_assigned(node)), set(_called(node)), set(_read(code))


def _read(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _read(constant)


def _assigned(statement: ast.stmt) -> Iterator[str]:
    """Yield the roots of item and attribute assignments."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield _root(node)


def _called(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield root and name of methods that are called for their effect alone."""
    for node in ast.walk(statement):
        called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
        if isinstance(called, ast.Attribute):
            yield _root(called), called.attr


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
