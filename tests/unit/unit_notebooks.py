"""The cells of a notebook run one after the other in this process, without a kernel, and what each of them shows."""

import ast
import contextlib
import io
import linecache
from typing import Any, NamedTuple

from rnn_ref.lesson import notebooks


class Ran(NamedTuple):
    """A code cell, what it printed, and the value of its last line, None if that is no expression."""

    source: str
    printed: str
    value: Any


def run(name: str, *, solved: bool) -> list[Ran]:
    """Run all code cells of a notebook as it is written."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = notebooks.cells(notebooks.text_of(name), solved=solved)
    return [run_cell(cell.source, names, number) for number, cell in enumerate(cells) if cell.kind == "code"]


def run_cell(source: str, names: dict[str, Any], number: int = 0) -> Ran:
    """Run one cell among the names of those before it."""
    tree, value, file = ast.parse(source), None, f"<cell {number} of {id(names)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)  # as a kernel does
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(tree, file, "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), file, "eval"), names)
    return Ran(source, out.getvalue(), value)
