"""A network in a loop outside of all functions, as in a first script: the loop is put into a function.

It takes what the loop reads from before, and returns the states that the loop collects, and the last one. Sizes stay
where they are; a list or an array that the loop fills is made in the function, by the statement that makes it.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from .statements import DEFINITIONS, Statement, flat, statement
from .text.sources import MARK

BENDS = {"tanh", "sigmoid", "relu", "maximum", "logistic", "expit"}
NAME = "loop_in_"
FROM_THE_END = re.compile(r"^reversed\(|\[::-1\]$|^range\(.*, -1\)$")
AT_MARGIN = re.compile(r"^(?:for|if)\b", re.MULTILINE)


def in_functions(every: Sequence[Statement]) -> str:
    r"""Return the text of a function for every loop through time among statements.

    >>> text = "T = 3\nhs = []\nfor t in range(T):\n    h = tanh(W @ x[t] + U @ h)\n    hs.append(h)\nprint(hs)"
    >>> print(in_functions([statement(one, "") for one in ast.parse(text).body]))
    def loop_in_line_3(W, x, U, h):
        hs = []
        for t in range(T):
            h = tanh(W @ x[t] + U @ h)
            hs.append(h)
        return hs, h
    """
    return "\n\n".join(
        filter(None, (_function(name, loop, before, known) for name, loop, before, known in _every(every)))
    )


def loops_in(every: Sequence[Statement]) -> list[str]:
    """Return in words where the loops are that could be put into functions: ``the loop in line 3``."""
    return [words(one[0]) for one in _every(every) if _function(*one)]


def words(name: str) -> str:
    """Return in words which loop a function is made of.

    >>> words("loop_in_line_3"), words("loop_in_code_2_line_3")
    ('the loop in line 3', 'the loop in cell 2, line 3')
    """
    return "the loop in " + name.removeprefix(NAME).replace("_line", ",_line").replace("code", "cell").replace("_", " ")


def _every(every: Sequence[Statement]) -> Iterator[tuple[str, ast.For, list[ast.stmt], set[str]]]:
    """Yield each loop with a name for its function, what stands before it, and the names that stay outside."""
    single = list(flat(every))
    nodes = [one.node for one in single]
    known = {name for node in nodes for name in _stay(node)} | {*dir(builtins)}
    for place, one in enumerate(single):
        for loop, before in _loops(one.node):
            yield f"{NAME}{_place(one, loop)}", loop, [*nodes[:place], *before], known


def _place(one: Statement, loop: ast.For) -> str:
    cell = re.search(re.escape(MARK) + r"(\d+)", one.filename)
    return f"code_{cell[1]}_line_{loop.lineno}" if cell else f"line_{loop.lineno}"  # no name that is a step's


def loops_back_in(every: Sequence[Statement]) -> list[str]:
    """Return in words where the loops outside of all functions are that go through something from its end."""
    outside = [one for one in flat(every) if not isinstance(one.node, DEFINITIONS)]
    loops = [(one, node) for one in outside for node in ast.walk(one.node) if isinstance(node, ast.For)]
    back = [(one, node) for one, node in loops if FROM_THE_END.search(ast.unparse(node.iter))]
    return [words(f"{NAME}{_place(one, node)}") for one, node in back]


def _loops(node: ast.AST, before: Sequence[ast.stmt] = ()) -> Iterator[tuple[ast.For, list[ast.stmt]]]:
    """Yield the loops in which something is bent that no inner loop bends, and what stands before them in others."""
    if not isinstance(node, ast.For):
        return
    inner = [one for one in ast.walk(node) if isinstance(one, ast.For) and one is not node]
    inside = {id(part) for one in inner for part in ast.walk(one)}
    own = [one for one in ast.walk(node) if isinstance(one, ast.Call) and id(one) not in inside]
    if any(getattr(one.func, "attr", getattr(one.func, "id", "")) in BENDS for one in own):
        yield node, list(before)
        return
    for place, one in enumerate(node.body):
        yield from _loops(one, [*before, *node.body[:place]])


def _function(name: str, loop: ast.For, before: Sequence[ast.stmt], known: set[str]) -> str:
    """Return the text of the function of a loop; "" if it hands nothing on from step to step."""
    itself = statement(loop, "")
    filled = [name for name in _filled(loop) if any(name in _bound(one) for one in before)]
    made = [one for one in before if set(filled) & (_bound(one) | set(_filled(one)))]
    body = _last_makings(made, filled)
    read, bound = list[str](), set[str]()
    for one in [*(statement(node, "") for node in body), itself]:
        read = list(
            dict.fromkeys([*read, *(name for name in _in_order(one.node) if name in one.reads - bound - known)])
        )
        bound |= one.settles
    handed_on = [name for name in read if name in itself.binds]
    if not handed_on and not filled:
        return ""
    returned = ", ".join(dict.fromkeys([*filled, *handed_on]))
    text = "\n".join(ast.unparse(one) for one in [*body, loop])
    lines = "\n".join(f"    {line}" for line in text.splitlines())
    return f"def {name}({', '.join(read)}):\n{lines}\n    return {returned}"


def _last_makings(made: Sequence[ast.stmt], filled: Sequence[str]) -> list[ast.stmt]:
    """Return the statements by which what is filled is last made, and those that fill it from then on."""
    last = {name: place for place, one in enumerate(made) for name in filled if name in _bound(one)}
    return [
        one
        for place, one in enumerate(made)
        if not isinstance(one, ast.For | ast.While | ast.If)
        and any(place >= last[name] for name in filled if name in _bound(one) | set(_filled(one)))
    ]


def _filled(node: ast.AST) -> list[str]:
    """Return the names of what is filled in a statement: ``hs[t] = h``, ``hs.append(h)``."""
    found: dict[str, None] = {}
    for one in ast.walk(node):
        if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store) and isinstance(one.value, ast.Name):
            found[one.value.id] = None
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "append":
            found |= {one.func.value.id: None} if isinstance(one.func.value, ast.Name) else {}
    return list(found)


def _bound(node: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


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
        yield from _bound(node)


def _is_number(node: ast.expr) -> bool:
    """Whether a value is a number, or several, or what is reckoned of sizes."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_number, node.elts))
    number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    size = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"
    return number or size or "shape" in {getattr(one, "attr", "") for one in ast.walk(node)}
