"""Mutants of a file of the mathematics, one small fault each, and which of them the tests do not notice.

``python scripts/mutants.py src/rnn_ref/cell.py tests/unit/test_sequence.py tests/unit/test_gradients.py`` writes each
mutant into a copy of the package, in a folder of its own, and runs the tests on that. The faults are those of arrays,
which common tools do not make: operands of ``@`` exchanged, ``.T`` dropped, ``+=`` made ``=``, slices opened, other
signs, axes and constants. A mutant that survives is told with its line: it is equivalent, or a test is missing.
"""

import argparse
import ast
import copy
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from forked_tests import ForkedTests

PACKAGE = Path("src/rnn_ref")
OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
}
EDGES: dict[type[ast.cmpop], ast.cmpop] = {ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt()}


class Mutant(NamedTuple):
    """A file's text with one fault, and where that is."""

    line: int
    before: str
    after: str
    text: str


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node.

    >>> [ast.unparse(one) for one in faults(ast.parse("a @ b.T", mode="eval").body)]
    ['b.T @ a']
    """
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.BinOp) and type(node.op) in OTHER:
        yield ast.BinOp(node.left, OTHER[type(node.op)](), node.right)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
    elif isinstance(node, ast.Slice) and (node.lower or node.upper or node.step):
        yield ast.Slice()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in EDGES:
        yield ast.Compare(node.left, [EDGES[type(node.ops[0])], *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield ast.Constant(node.value + 1)


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield the nodes that are run, each with its parent, field and place there; annotations are left aside."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        for i, node in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(node, ast.AST):
                yield tree, name, i, node
                yield from places(node)


def mutants(source: str) -> Iterator[Mutant]:
    """Yield all mutants of a text."""
    tree = ast.parse(source)
    for parent, name, i, node in list(places(tree)):
        line = getattr(node, "lineno", getattr(parent, "lineno", 0))
        for fault in faults(copy.deepcopy(node)):
            _put(parent, name, i, ast.fix_missing_locations(ast.copy_location(fault, parent)))
            yield Mutant(line, ast.unparse(node), ast.unparse(fault), ast.unparse(tree))
            _put(parent, name, i, node)


def _put(parent: ast.AST, name: str, i: int | None, node: ast.AST) -> None:
    if i is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[i] = node


def survives(mutant: Mutant, file: Path, tests: ForkedTests, asked: list[str], *, keep: bool = False) -> bool:
    """Whether the tests pass on a mutant, which is written into a copy of the package for them.

    The others' bytecode may be kept there; the mutant's own would be taken for that of one of the same size and second.
    """
    (tests.path / file.relative_to("src")).write_text(mutant.text, encoding="utf-8")
    return tests.passed(["-q", "-x", "--dist=no", "-p", "no:cacheprovider", *asked], keep=keep)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="a file of the package, from the root of the repository")
    parser.add_argument("tests", nargs="+", help="the tests that should notice")
    parser.add_argument("--some", type=int, default=1, metavar="N", help="try every Nth mutant alone")
    parser.add_argument("--line", type=int, action="append", metavar="N", help="those of this line alone; repeatable")
    asked = parser.parse_args()
    every, left = list(mutants(asked.file.read_text("utf-8"))), 0
    tried = [one for one in every[:: asked.some] if not asked.line or one.line in asked.line]
    with tempfile.TemporaryDirectory() as folder, ForkedTests(copied := Path(folder)) as tests:
        shutil.copytree(PACKAGE, copied / "rnn_ref", ignore=shutil.ignore_patterns("__pycache__"))
        whole = Mutant(0, "", "", asked.file.read_text("utf-8"))
        if not survives(whole, asked.file, tests, asked.tests, keep=True):
            sys.exit("the tests fail on the file as it is")
        for kept in copied.rglob(f"{asked.file.stem}.*.pyc"):
            kept.unlink()
        for mutant in tried:
            if survives(mutant, asked.file, tests, asked.tests):
                left += 1
                print(f"{asked.file}:{mutant.line}: {mutant.before}  ->  {mutant.after}", flush=True)
    print(f"{len(tried)} of {len(every)} mutants, {len(tried) - left} noticed, {left} left")


if __name__ == "__main__":
    main()
