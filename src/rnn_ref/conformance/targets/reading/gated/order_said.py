"""In which order the text of a function takes gates that share a matrix, by what it calls them.

What is right tells the order by its values. What is wrong does not: another order may be nearer by chance, and the
mistake would be told as two.
"""

import ast
from collections.abc import Sequence

from .....interop.gates import GATED_KINDS
from ..names import plain, words_of
from ..syntax.expressions import name_of
from ..syntax.source import Source
from .names import LETTERS, WORDS

SHORT = 3  # letters of a name that the first of them tells


def order_said(source: Source, gates: int) -> str:
    r"""Return the gates in the order of the text, "" if it does not tell: of what is unpacked, or of slices.

    >>> order_said(Source((ast.parse("i, f, o, g = np.split(a, 4)"),)), 4)
    'ifog'
    >>> text = "f = s(a[:n])\ni = s(a[n:2*n])\nct = tanh(a[2*n:3*n])\no = s(a[3*n:])"
    >>> order_said(Source((ast.parse(text),)), 4)
    'figo'
    """
    sliced: dict[int, str] = {}
    for node in source.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        several = isinstance(target, ast.Tuple | ast.List)
        names = [name_of(one) for one in target.elts] if several else [name_of(target)]
        values = value.elts if several and isinstance(value, ast.Tuple | ast.List) else [value]
        if several and len(names) == gates and len(values) == 1 and (order := _order(names, gates)):
            return order
        for name, one in zip(names, values, strict=False) if len(names) == len(values) else ():
            places = {_place(part.slice) for part in ast.walk(one) if isinstance(part, ast.Subscript)} - {None}
            if len(places) == 1:
                sliced.setdefault(int(places.pop() or 0), name)
    return _order([sliced[place] for place in sorted(sliced)], gates)


def _order(names: Sequence[str], gates: int) -> str:
    """Return the gates that names stand for, "" if they are not all of them."""
    short = [plain(name) for name in names]
    if len({name[:1] for name in short}) == 1:  # ai, af, ao, ag
        short = [name[1:] for name in short]
    found = "".join(_gate(name, one, gates) for name, one in zip(names, short, strict=True))
    return found if sorted(found) == sorted(GATED_KINDS[gates].here) else ""


def _gate(name: str, short: str, gates: int) -> str:
    told = [gate for word, gate in WORDS[gates].items() if word in words_of(name) or word in plain(name)]
    return told[0] if told else LETTERS[gates].get(short[:1], "") if len(short) <= SHORT else ""


def _place(index: ast.expr) -> int | None:
    """Return which block a slice takes, of ``[:n]``, ``[:, n:2*n]``, ``[2*n:3*n]``; None of another index."""
    last = index.elts[-1] if isinstance(index, ast.Tuple) and index.elts else index
    if not isinstance(last, ast.Slice):
        return None
    match last.lower:
        case None:
            return 0
        case ast.Name() | ast.Attribute():
            return 1
        case ast.BinOp(ast.Constant(int(count)), ast.Mult()) | ast.BinOp(_, ast.Mult(), ast.Constant(int(count))):
            return count
    return None
