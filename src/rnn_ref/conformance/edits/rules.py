"""What could stand in the place of an expression or a statement, of what people slip on: small edits."""

import ast
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from .shapes import SLICE, WHOLE, Shape, Shapes

Rule: TypeAlias = Callable[[ast.AST, Shapes], Iterator[ast.AST]]
OTHER_FUNCTIONS = {"mean": ("sum",), "sum": ("mean",), "max": ("min",), "maximum": ("minimum",)}
EINSUM = re.compile(r"\s*(\w+)\s*,\s*(\w+)\s*->\s*(\w+)\s*")
FEW = 5  # names in a tuple of which two may be exchanged


def transposed(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """A transpose more, or less, and the operands of a product exchanged."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for left, right in itertools.product(_turned(node.left), _turned(node.right)):
            yield ast.BinOp(left, ast.MatMult(), right)
            yield ast.BinOp(right, ast.MatMult(), left)
    elif isinstance(node, ast.Call) and _name(node.func) in {"dot", "matmul", "outer"}:
        for at, one in enumerate(node.args):
            yield from (_with_argument(node, at, other) for other in _turned(one)[1:])
        if len(node.args) == 2:
            yield ast.Call(node.func, node.args[::-1], node.keywords)
    elif isinstance(node, ast.Call) and _name(node.func) == "transpose" and len(node.args) == 1:
        yield node.args[0]


def _turned(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return [node, node.value]
    return [node, ast.Attribute(node, "T", ast.Load())]


def steps(node: ast.AST, shapes: Shapes) -> Iterator[ast.AST]:
    """Another step: t for t - 1, t + 1 for t, or for a fixed one, and an edge."""
    if not isinstance(node, ast.Subscript):
        return
    index = node.slice
    parts: list[Any] = index.elts if isinstance(index, ast.Tuple) else [index]
    for at, one in enumerate(parts):
        for other in _beside(one, shapes):
            new = ast.Tuple([*parts[:at], other, *parts[at + 1 :]], ast.Load()) if len(parts) > 1 else other
            yield ast.Subscript(node.value, new, ast.Load())


def _beside(node: ast.expr, shapes: Shapes) -> Iterator[Any]:
    if isinstance(node, ast.Name):
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and isinstance(node.left, ast.Name):
        yield node.left
        yield ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield from map(_read, _alike(WHOLE, shapes))
    elif isinstance(node, ast.Slice):
        yield from (_read(other).slice for other in _alike(SLICE, shapes))
        yield ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
        less = ast.UnaryOp(ast.USub(), ast.Constant(1))
        exchanged, ends = (node.upper, node.lower), ((None, node.upper), (node.lower, None))
        for lower, upper in (exchanged, *ends, (ast.Constant(1), None), (None, less)):
            yield ast.Slice(lower, upper, node.step)


def slopes(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """The slope of another function, or of its argument."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _is_one(node.left):
        for base in _squared(node.right):
            yield _one_less(ast.BinOp(_call("np", "tanh", base), ast.Pow(), ast.Constant(2)))
            yield ast.BinOp(base, ast.Mult(), _one_less(base))
            yield from (_one_less(ast.BinOp(one, ast.Pow(), ast.Constant(2))) for one in _arguments(base))
        if not [*_squared(node.right)]:
            yield _one_less(ast.BinOp(node.right, ast.Pow(), ast.Constant(2)))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        more, before = (node.left.left, node.left.right) if isinstance(node.left, ast.BinOp) else (None, node.left)
        if _is_complement(node.right, before):
            slope = _one_less(ast.BinOp(before, ast.Pow(), ast.Constant(2)))
            yield ast.BinOp(more, ast.Mult(), slope) if more else slope


def _squared(node: Any) -> Iterator[ast.expr]:
    is_one = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.Mult)
    if is_one and (isinstance(node.op, ast.Pow) or ast.dump(node.left) == ast.dump(node.right)):
        yield node.left
    elif isinstance(node, ast.Call) and _name(node.func) == "square":
        yield from _arguments(node)


def signs(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """The other sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)
        if isinstance(node.op, ast.Sub):
            yield ast.BinOp(node.right, ast.Sub(), node.left)


def less(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """One operand, or one function, too many."""
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult):
        yield node.left
        if not isinstance(node.op, ast.Div | ast.Pow):
            yield node.right
    elif isinstance(node, ast.Call):
        yield from _arguments(node)
        if isinstance(node.func, ast.Attribute):
            yield node.func.value


def axes(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """Another axis, an order turned round, another range, and two of a few exchanged."""
    if isinstance(node, ast.Call):
        for word in node.keywords:
            if word.arg in {"axis", "dim"} and isinstance(word.value, ast.Constant | ast.UnaryOp):
                for other in (0, 1, 2):
                    yield _with_keyword(node, word, ast.Constant(other))
        if _name(node.func) == "reversed" and node.args:
            yield node.args[0]
        if _name(node.func) == "range":
            yield ast.Call(ast.Name("reversed", ast.Load()), [node], [])
            yield from _ranges(node)
        if 1 < len(node.args) <= FEW:
            yield from (ast.Call(node.func, order, node.keywords) for order in _exchanged(node.args))
    if isinstance(node, ast.Tuple | ast.List) and 1 < len(node.elts) <= FEW:
        yield from (type(node)(order, ast.Load()) for order in _exchanged(node.elts))


def _exchanged(nodes: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    for a, b in itertools.combinations(range(len(nodes)), 2):
        order = [*nodes]
        order[a], order[b] = order[b], order[a]
        yield order


def _ranges(node: ast.Call) -> Iterator[ast.Call]:
    for at, one in enumerate(node.args):
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub | ast.Add):
            yield _with_argument(node, at, one.left)
        elif isinstance(one, ast.Constant) and isinstance(one.value, int):
            yield from (_with_argument(node, at, ast.Constant(one.value + by)) for by in (-1, 1))
        elif at == 0 or len(node.args) > 1:
            yield _with_argument(node, at, ast.BinOp(one, ast.Add(), ast.Constant(1)))
            yield _with_argument(node, at, ast.BinOp(one, ast.Sub(), ast.Constant(1)))


def brackets(node: Any, _: Shapes) -> Iterator[ast.AST]:
    """A bracket that is closed too early, or too late."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms = _summands(node)
        for at, one in enumerate(terms):
            others = [*terms[:at], *terms[at + 1 :]]
            if _arguments(one):
                yield ast.Call(one.func, [_sum([one.args[0], *others])], [])
            elif isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult):
                yield ast.BinOp(_sum([one.left, *others]), ast.Mult(), one.right)
                yield ast.BinOp(one.left, ast.Mult(), _sum([one.right, *others]))
    elif _arguments(node) and len(terms := _summands(node.args[0])) > 1:
        yield ast.BinOp(ast.Call(node.func, [_sum(terms[:-1])], []), ast.Add(), terms[-1])
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and len(terms := _summands(node.left)) > 1:
        yield ast.BinOp(ast.BinOp(_sum(terms[:-1]), ast.Mult(), node.right), ast.Add(), terms[-1])
        yield ast.BinOp(_sum(terms[:-1]), ast.Add(), ast.BinOp(terms[-1], ast.Mult(), node.right))


def _summands(node: Any) -> list[Any]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_summands(node.left), *_summands(node.right)]
    return [node]


def _sum(terms: Sequence[Any]) -> Any:
    return functools.reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), terms)


def names(node: ast.AST, shapes: Shapes) -> Iterator[ast.AST]:
    """What has another name, and the same shape."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and (own := ast.unparse(node)) in shapes:
        yield from (_read(other) for other in _alike(shapes[own], shapes) if other != own)


def functions(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """Another function of one argument, and another order of axes in a sum of products by their letters."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        for other in OTHER_FUNCTIONS.get(node.func.attr, ()):
            yield ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (form := EINSUM.fullmatch(node.value)):
        first, *rest, result = (one.strip() for one in form.groups())
        for changed in ({0: first[::-1]}, {1: rest[0][::-1]}, {2: result[::-1]}):
            parts = [changed.get(i, one) for i, one in enumerate((first, *rest, result))]
            yield ast.Constant(f"{parts[0]},{parts[1]}->{parts[2]}")


def wrapped(node: ast.AST, shapes: Shapes) -> Iterator[ast.AST]:
    """A function more."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and ast.unparse(node) in shapes:
        yield _call("np", "tanh", node)


def terms(node: ast.expr, shape: Shape, shapes: Shapes) -> Iterator[ast.AST]:
    """One term too few in what has a shape."""
    yield from (ast.BinOp(node, ast.Add(), _read(other)) for other in _alike(shape, shapes))


def factors(node: ast.expr, shape: Shape, shapes: Shapes) -> Iterator[ast.AST]:
    """One factor too few in what has a shape."""
    yield from (ast.BinOp(node, ast.Mult(), _read(other)) for other in _alike(shape, shapes))


def slopes_of(node: ast.expr, shape: Shape, shapes: Shapes) -> Iterator[ast.AST]:
    """The slope of a tanh, or one less a gate, too few as a factor."""
    for other in map(_read, _alike(shape, shapes)):
        yield ast.BinOp(node, ast.Mult(), _one_less(ast.BinOp(other, ast.Pow(), ast.Constant(2))))
        yield ast.BinOp(node, ast.Mult(), _one_less(other))


def sums(node: ast.AST, _: Shapes) -> Iterator[ast.AST]:
    """A sum that is assigned, an assignment that is to be a sum, and one taken away for one added."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield ast.AugAssign(node.target, other, node.value)
        yield ast.Assign([node.target], node.value)
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            yield ast.AugAssign(target, ast.Add(), node.value)


def _alike(shape: Shape, shapes: Shapes) -> Iterator[str]:
    return (other for other, its in shapes.items() if its == shape)


def _read(written: str) -> Any:
    return ast.parse(written, mode="eval").body


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _one_less(node: ast.expr) -> ast.BinOp:
    return ast.BinOp(ast.Constant(1), ast.Sub(), node)


def _is_complement(node: ast.AST, of: ast.AST) -> bool:
    is_less = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _is_one(node.left)
    return is_less and ast.dump(node.right) == ast.dump(of)  # type: ignore[attr-defined]


def _arguments(node: Any) -> list[ast.expr]:
    return node.args if isinstance(node, ast.Call) and len(node.args) == 1 else []


def _call(module: str, name: str, argument: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(module, ast.Load()), name, ast.Load()), [argument], [])


def _with_argument(node: ast.Call, at: int, other: ast.expr) -> ast.Call:
    return ast.Call(node.func, [*node.args[:at], other, *node.args[at + 1 :]], node.keywords)


def _with_keyword(node: ast.Call, word: ast.keyword, value: ast.expr) -> ast.Call:
    words = [ast.keyword(one.arg, value) if one is word else one for one in node.keywords]
    return ast.Call(node.func, node.args, words)


LIKELY: tuple[Rule, ...] = (transposed, steps, signs, slopes, brackets, less)
OTHERS: tuple[Rule, ...] = (names, axes, functions, wrapped)
