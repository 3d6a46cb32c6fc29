"""A network in loops outside of all functions, as in a first script: they are put into a function.

It takes what the loops read from before, and returns what they collect and hand on: states, a loss, gradients. Sizes
stay where they are; a list or an array that a loop fills is made in the function, by the statement that makes it. To a
loop forward belongs the loop back that follows it, with what stands between them; the step that updates weights does
not.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .statements import DEFINITIONS, Statement, flat, statement
from .text.sources import MARK

BENDS = {"tanh", "sigmoid", "relu", "maximum", "logistic", "expit"}
NAME = "loop_in_"
FROM_THE_END = re.compile(r"^reversed\(|\[::-1\]$|^range\(.*, -1\)$")
AT_MARGIN = re.compile(r"^(?:for|if|while)\b", re.MULTILINE)
BLOCKS = ast.For | ast.While | ast.If | ast.With


class Found(NamedTuple):
    """Loops of one network: a name for their function, its arguments, body, and what it returns."""

    name: str
    arguments: list[str]
    body: list[ast.stmt]
    returned: list[str]
    goes_back: bool

    @property
    def text(self) -> str:
        """The function."""
        body = "\n".join(ast.unparse(_Silent().visit(ast.parse(ast.unparse(one)))) for one in self.body)
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        return f"def {self.name}({', '.join(self.arguments)}):\n{lines}\n    return {', '.join(self.returned)}"


class _Silent(ast.NodeTransformer):
    """Leaves out what is printed: a number of a step, which may be a whole batch where the loop is a function."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """Put nothing in the place of a call of ``print``."""
        printed = isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "print"
        return ast.Pass() if printed else node


def loops_in(every: Sequence[Statement]) -> list[Found]:
    r"""Return the loops through time among statements, each with what belongs to it.

    >>> text = "T = 3\nhs = []\nfor t in range(T):\n    h = tanh(W @ x[t] + U @ h)\n    hs.append(h)\nprint(hs)"
    >>> print(loops_in([statement(one, "") for one in ast.parse(text).body])[0].text)
    def loop_in_line_3(W, x, U, h):
        hs = []
        for t in range(T):
            h = tanh(W @ x[t] + U @ h)
            hs.append(h)
        return hs, h
    """
    single = list(flat(every))
    outside = {name for one in single for name in _stay(one.node)} | {*dir(builtins)}
    files = {id(node): one.filename for one in single for node in ast.walk(one.node)}
    found: list[Found | None] = []
    for block, before in _blocks([one.node for one in single], []):
        for at in _going_forward(block):
            name, there = _named(files[id(block[at])], block[at].lineno), [*before, *block[:at]]
            back = _with_those_back(block[at:])
            found.append(_network(name, block[at : at + 1], there, outside))
            found += [_network(f"{name}_with_those_behind", back, there, outside)] if back else []
    return [one for one in found if one is not None]


def words(name: str) -> str:
    """Return in words which loop a function is made of.

    >>> words("loop_in_line_3"), words("loop_in_code_2_line_3")
    ('the loop in line 3', 'the loop in cell 2, line 3')
    >>> words("loop_in_line_3_with_those_behind")
    'the loop in line 3 with those behind'
    """
    return "the loop in " + name.removeprefix(NAME).replace("_line", ",_line").replace("code", "cell").replace("_", " ")


def loops_back_in(every: Sequence[Statement]) -> list[str]:
    """Return by name the loops outside of all functions that go through something from its end."""
    outside = [one for one in flat(every) if not isinstance(one.node, DEFINITIONS)]
    nodes = [(one.filename, node) for one in outside for node in ast.walk(one.node) if isinstance(node, ast.For)]
    return [_named(file, node.lineno) for file, node in nodes if _goes_back(node)]


def _named(filename: str, line: int) -> str:
    cell = re.search(re.escape(MARK) + r"(\d+)", filename)
    return f"{NAME}code_{cell[1]}_line_{line}" if cell else f"{NAME}line_{line}"  # no name that is a step's


def _blocks(block: list[ast.stmt], before: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], list[ast.stmt]]]:
    """Yield a block of statements and those in it, each with the statements before it."""
    yield block, before
    for at, one in enumerate(block):
        if isinstance(one, BLOCKS) and not _bends(one):
            yield from _blocks(one.body, [*before, *block[:at]])


def _bends(node: ast.AST) -> bool:
    """Whether something is bent in a loop that no inner loop bends."""
    if not isinstance(node, ast.For):
        return False
    inner = [one for one in ast.walk(node) if isinstance(one, ast.For) and one is not node]
    inside = {id(part) for one in inner for part in ast.walk(one)}
    own = [one for one in ast.walk(node) if isinstance(one, ast.Call) and id(one) not in inside]
    return any(getattr(one.func, "attr", getattr(one.func, "id", "")) in BENDS for one in own)


def _goes_back(node: ast.AST) -> bool:
    return isinstance(node, ast.For) and FROM_THE_END.search(ast.unparse(node.iter)) is not None


def _going_forward(block: Sequence[ast.stmt]) -> list[int]:
    return [at for at, one in enumerate(block) if _bends(one) and not _goes_back(one)]


def _with_those_back(block: list[ast.stmt]) -> list[ast.stmt]:
    """Return the loop with which a block begins and all to the last loop back, before another one goes forward."""
    later = next((at for at in _going_forward(block) if at), len(block))
    back = [at for at in range(1, later) if _goes_back(block[at])]
    return block[: back[-1] + 1] if back else []


def _network(name: str, core: list[ast.stmt], before: Sequence[ast.stmt], outside: set[str]) -> Found | None:
    """Return loops, with what belongs to them; None if nothing is handed on from step to step, or collected."""
    forward, core = statement(core[0], ""), _belonging(core)
    filled = list(dict.fromkeys(name for one in core for name in _filled(one)))
    begun = [name for one in core if _goes_back(one) for name in _handed_on(statement(one, ""))]
    body = [*_makings(before, {*filled, *begun}), *core]
    read, bound = list[str](), set[str]()
    for one in (statement(node, "") for node in body):
        fresh = one.reads - bound - outside - set(read)
        read += dict.fromkeys(name for name in _in_order(one.node) if name in fresh)
        bound |= one.settles | one.binds
    made = [name for one in body if not isinstance(one, ast.For) for name in _targets(one)]
    filled = [name for name in filled if name in made]  # the others are only used inside
    returned = list(dict.fromkeys([*filled, *made, *_handed_on(forward)]))
    return Found(name, read, body, returned, len(core) > 1) if {*_handed_on(forward), *filled} else None


def _belonging(core: list[ast.stmt]) -> list[ast.stmt]:
    """Return the loops forward and back, and of what stands between them that which a later one reads or fills."""
    kept: list[ast.stmt] = []
    needed: set[str] = set()
    for one in reversed(core):
        whole = _goes_back(one) or one is core[0]
        if whole or (not isinstance(one, ast.For | ast.While | ast.Expr) and needed & {*_targets(one), *_filled(one)}):
            kept.insert(0, one)
            needed |= {*_in_order(one), *_filled(one)}
    return kept


def _makings(before: Sequence[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """Return the statements by which what bears these names is last made, and those that fill it from then on."""
    last = {name: place for place, one in enumerate(before) for name in names if name in _targets(one)}
    return [
        one
        for place, one in enumerate(before)
        if not isinstance(one, BLOCKS)
        and any(place >= last[name] for name in last if name in {*_targets(one), *_filled(one)})
    ]


def _handed_on(one: Statement) -> list[str]:
    """Return the names of what a loop reads from before, and binds anew."""
    return [name for name in dict.fromkeys(_in_order(one.node)) if name in one.reads & one.binds]


def _filled(node: ast.AST) -> list[str]:
    """Return the names of what is filled in a statement: ``hs[t] = h``, ``hs.append(h)``, ``loss += 1``."""
    found: list[ast.expr] = []
    for one in ast.walk(node):
        match one:
            case ast.AugAssign(target=target):
                found.append(target)
            case ast.Subscript(value=value, ctx=ast.Store()) | ast.Call(func=ast.Attribute(value=value, attr="append")):
                found.append(value)
    return list(dict.fromkeys(one.id for one in found if isinstance(one, ast.Name)))


def _targets(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds itself, in their order."""
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]


def _in_order(tree: ast.AST) -> list[str]:
    """Return the names that are read, but for those of what is called, in the order of the text."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    names = [node for node in names if isinstance(node.ctx, ast.Load)]
    return [node.id for node in sorted(names, key=lambda node: (node.lineno, node.col_offset))]


def _stay(node: ast.stmt) -> Iterator[str]:
    """Yield what stays outside: what is imported or defined, and numbers."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, DEFINITIONS):
        yield node.name
    elif isinstance(node, ast.Assign) and _is_number(node.value):
        yield from _targets(node)


def _is_number(node: ast.expr) -> bool:
    """Whether a value is a number, or several, or what is reckoned of sizes."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_number, node.elts))
    number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    size = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"
    return number or size or "shape" in {getattr(one, "attr", "") for one in ast.walk(node)}
