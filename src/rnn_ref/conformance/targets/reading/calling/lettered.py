"""A function whose arguments have names that say nothing, or something else: what its text does with them tells.

What goes through time is the inputs; what a name is bound to before that, or is bound anew, the state; what is added
and multiplied by nothing, the bias. Of all that is left shapes tell which is which, but for what a name says: under
``W_hh`` the weights of the input are a mistake.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from ..names import parts_of, plain
from ..syntax.expressions import name_of
from .place import Place
from .way import Way

PRODUCTS = {"dot", "matmul", "einsum", "inner", "tensordot", "mv", "mm", "matvec"}
FEWEST, MOST = 4, 6  # arguments: without a bias, and with two
FACTORS = ("x", "h", "W_xh", "W_hh")
COPIES = {"copy", "array", "asarray", "list", "clone"}


class LetteredWay(Way):
    """A function with places by its text, whatever its arguments are called."""

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        super().__init__(function, text)
        needed = [one.name for one in self.signature.parameters.values() if one.default is one.empty]
        plain = all(place.kind == "argument" for place in self.places) and len(needed) == len(self.signature.parameters)
        known = plain and self.source.trees and FEWEST <= len(needed) <= MOST
        found = dict(_parts(self.source.trees[0], needed)) if known else {}
        self.places = [Place("argument", name, parts=parts) for name, parts in found.items()]
        self.given = {}


def _root(node: ast.AST | None) -> str:
    """Return the name at the root of a factor, which may be turned."""
    while isinstance(node, ast.Attribute) and node.attr in {"T", "mT"}:
        node = node.value
    return name_of(node)


def _parts(tree: ast.AST, names: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what each argument may be; of what is multiplied, anything that its name does not exclude."""
    multiplied, gone, bound, started = set[str](), set[str](), set[str](), set[str]()
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left, ast.MatMult(), right):
                multiplied |= {_root(left), _root(right)}
            case ast.Call(func, [*arguments]) if (getattr(func, "attr", "") or getattr(func, "id", "")) in PRODUCTS:
                multiplied |= {_root(one) for one in (*arguments, getattr(func, "value", None))}
            case ast.For(_, over) | ast.comprehension(_, over):
                gone |= {one.id for one in ast.walk(over) if isinstance(one, ast.Name)}
            case ast.Subscript(ast.Name(name)) if isinstance(node.ctx, ast.Load):
                gone |= {name}
            case ast.Assign([ast.Name(name)], value):
                bound |= {name}
                started |= {value.id} if isinstance(value, ast.Name) else set()
                started |= {name_of(value)} if getattr(getattr(value, "func", None), "attr", "") in COPIES else set()
    for name in names:
        if name in bound or (name in started and name not in multiplied):
            yield name, ("h",)
        elif name in gone:
            yield name, ("x",)
        elif name not in multiplied:
            yield name, ("b_h", "b_xh", "b_hh")
        else:
            says = parts_of(name) if len(plain(name)) > 1 or name in {"x", "h"} else ()
            yield name, says if len(says) == 1 and says[0] in FACTORS else FACTORS
