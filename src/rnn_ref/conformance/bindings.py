"""Which global names a top-level statement binds, changes and reads, as the compiler sees it."""

import ast
import dis
import types
from collections.abc import Iterator
from typing import NamedTuple


class Statement(NamedTuple):
    """A top-level statement of a notebook, with what it does to names."""

    node: ast.stmt
    filename: str
    binds: set[str]  # "*" for a star import
    changes: set[str]  # table in ``table[0] = 1`` and in ``table.append(1)``
    reads: set[str]

    def is_part_of(self, reached: set[str], modules: set[str]) -> bool:
        """Whether running it is needed for the reached names; calls on modules (``plt.show()``) are not."""
        if "*" in self.binds or self.binds & reached or self.changes & reached - modules:
            return True
        return "sys" in self.changes and "sys.path" in ast.unparse(self.node)


def statement_names(node: ast.stmt, filename: str) -> tuple[set[str], set[str], set[str]]:
    """Return the global names that a statement binds, changes, and reads at any depth.

    >>> binds, changes, reads = statement_names(ast.parse("def f(x): return tanh(x) + g").body[0], "")
    >>> binds, changes, sorted(reads)
    ({'f'}, set(), ['g', 'tanh'])
    """
    code = compile(ast.Module([node], []), filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    binds = {str(i.argval) for i in dis.get_instructions(code) if i.opname in {"STORE_NAME", "STORE_GLOBAL"}}
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        binds = {"*"}
    changes = set()
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        changes = set(_changed(node))
    return binds, changes, set(_read(code))


def _read(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _read(constant)


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yield the roots of item and attribute assignments, and of methods called for their effect alone."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield _root(node)
        called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
        if isinstance(called, ast.Attribute):
            yield _root(called)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
