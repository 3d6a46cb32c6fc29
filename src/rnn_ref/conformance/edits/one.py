"""All the edits of a function, one at a time, and the function as it is with one of them."""

import ast
import contextlib
import gc
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType
from typing import Any, NamedTuple, TypeAlias

from .places import Function, Place, expressions_in
from .rules import LIKELY, OTHERS, Rule, factors, slopes_of, sums, terms
from .shapes import Shape, Shapes, operands_in
from .suspects import suspects


class Edit(NamedTuple):
    """Another node in the place of one, in a function."""

    function: str
    place: Place
    becomes: ast.AST

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Have it in the tree for a while."""
        above, field, at, _ = self.place
        before = getattr(above, field)
        setattr(above, field, self.becomes if at is None else [*before[:at], self.becomes, *before[at + 1 :]])
        try:
            yield
        finally:
            setattr(above, field, before)

    @property
    def line(self) -> int:
        """The number of the line in which the statement begins."""
        return self.place.statement.lineno

    @property
    def texts(self) -> tuple[str, str, str]:
        """What stands there, what would stand there, and the statement with that."""
        statement = self.place.statement
        was, becomes = _first_line(self.place.node), _first_line(self.becomes)
        if self.place.node is statement:
            return was, becomes, becomes
        with self.made():
            return was, becomes, _first_line(statement)


class Made(NamedTuple):
    """An edit, the function that it is of, and the code of that with it."""

    edit: Edit
    function: Any  # one of Python
    code: CodeType


def edits_of(
    functions: Mapping[str, Function],
    shapes: Mapping[str, Shapes],
    wrong: Collection[str] = (),
    right: Collection[str] = (),
) -> Iterator[Edit]:
    """Yield the edits of some functions, first those in what the wrong alone depends on, kind by kind.

    ``wrong`` and ``right`` are names in the first function, or of what it changes.
    """
    first = next(iter(functions), "")
    found = {name: suspects(one, *((wrong, right) if name == first else ((), ()))) for name, one in functions.items()}
    known = {name: operands_in(one, shapes.get(name, {})) for name, one in functions.items()}
    likely, others = ([partial(_of_expressions, rule) for rule in rules] for rules in (LIKELY, OTHERS))
    a_factor, another = partial(_of_factors, factors), partial(_of_factors, slopes_of)
    kinds: list[Kind] = [_of_statements, *likely, a_factor, _of_terms, *others, another, _without]
    for group, kind in itertools.product(range(3), kinds):
        for name, place in [(name, place) for name, groups in found.items() for place in groups[group]]:
            yield from (Edit(name, where, one) for where, one in _once(kind(place, known[name])))


Slips: TypeAlias = Iterator[tuple[Place, ast.AST]]
Kind: TypeAlias = Callable[[Place, Shapes], Slips]


def _of_statements(place: Place, shapes: Shapes) -> Slips:
    return ((place, one) for one in sums(place.statement, shapes))


def _of_expressions(rule: Rule, place: Place, shapes: Shapes) -> Slips:
    return ((where, one) for where in expressions_in(place.statement) for one in rule(where.node, shapes))


def _of_terms(place: Place, shapes: Shapes) -> Slips:
    for where, shape in _with_shapes(place, shapes):
        if where.above is place.statement:
            yield from ((where, one) for one in terms(where.node, shape, shapes))


def _of_factors(rule: Callable[[ast.expr, Shape, Shapes], Iterator[ast.AST]], place: Place, shapes: Shapes) -> Slips:
    for where, shape in _with_shapes(place, shapes):
        yield from ((where, one) for one in rule(where.node, shape, shapes))


def _with_shapes(place: Place, shapes: Shapes) -> Iterator[tuple[Place, Shape]]:
    """Yield what a statement assigns, and the terms of which it is the sum, with the shape of each."""
    for where in expressions_in(place.statement):
        is_value = where.above is place.statement and where.field == "value"
        is_term = isinstance(where.above, ast.BinOp) and isinstance(where.above.op, ast.Add | ast.Sub)
        of = _target(place.statement) if is_value else where.node if is_term else None
        shape = shapes.get(ast.unparse(of), ()) if of else ()
        if shape and shape[0] != "of":
            yield where, shape


def _target(statement: ast.stmt) -> ast.AST | None:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return targets[0] if len(targets) == 1 else None


def _without(place: Place, _: Shapes) -> Slips:
    if isinstance(place.statement, ast.Assign | ast.AugAssign | ast.Expr):
        yield place, ast.Pass()


def _once(slips: Slips) -> Slips:
    """Yield slips without those that change nothing, or the same again."""
    seen, texts = set(), dict[Any, str]()
    for where, one in slips:
        place = id(where.above), where.field, where.at
        texts[place] = texts.get(place) or ast.unparse(where.node)
        key = *place, ast.unparse(ast.fix_missing_locations(one))
        if key not in seen and key[-1] != texts[place]:
            seen.add(key)
            yield where, one


def code_with(edit: Edit, function: Function, of: CodeType) -> CodeType | None:
    """Return a function's code with an edit, None if it cannot take the place of that it has. Raises SyntaxError."""
    with edit.made():
        outer = compile(ast.Module([function], []), of.co_filename, "exec")
    found = next((one for one in outer.co_consts if isinstance(one, CodeType) and one.co_name == function.name), None)
    return found if found and not of.co_freevars and not found.co_freevars else None


def functions_in(names: Mapping[str, Any]) -> dict[CodeType, FunctionType]:
    """Return the functions that have these global names, by their code: a file may have been run before, too."""
    every = [one for one in gc.get_objects() if type(one) is FunctionType]
    return {one.__code__: one for one in every if one.__globals__ is names}


def compiled(edit: Edit, functions: Mapping[str, Function], by_name: Mapping[str, FunctionType]) -> Made | None:
    """Return an edit with the function that it is of, and the code of that with it, None if it cannot be."""
    function = by_name[edit.function]
    with contextlib.suppress(SyntaxError, ValueError, TypeError, RecursionError):
        if code := code_with(edit, functions[edit.function], function.__code__):
            return Made(edit, function, code)
    return None


def _first_line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).splitlines()[0]
