"""Which names a statement changes what they stand for, without binding them.

It assigns into an object (``table[0] = 1``), calls a method of it for its effect (``table.append(1)``), hands it to a
function that writes into its argument (``random.shuffle(table)``), or calls a function of the program whose body does
one of these. A decorator is such a function, and so is a base class that is told of what is derived from it.
"""

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .effects import DERIVED, Call, Way, effects, later, way
from .meanings import Meanings
from .statements import DEFINITIONS, Statement, flat

_METHODS = re.compile(  # change their object, whatever is done with what they return
    r"__(set|del)\w+__|append\w*|extend\w*|insert|add|update\w*|set\w*|pop\w*|remove|discard|clear|sort|reverse|fill"
    r"|put|resize|reset\w*|register\w*|load_state_dict|def(vjp|jvp)s?|[a-z]\w*_"
)
_PUTS_OUT = re.compile(  # trains, shows or writes: that is no effect on what the functions use
    r"(fit|train|plot|hist|show|draw|display|print|summary|describe|info|save|write|dump|export|to_|tofile|savefig"
    r"|evaluate|predict|test|unlink|remove_|rename|mkdir|touch|close)\w*"
)
_FUNCTIONS = re.compile(  # write into their first argument; what is registered may be any
    r"[a-z]\w*_|shuffle|fill_diagonal|copyto|put\w*|place|heap\w*|insort\w*|at|(set|del)(attr|item)|register\w*"
)
_MAKING = {"__new__", "__init__", "__post_init__", "__call__"}  # of a class, where it decorates for instance
_NUMBERS = ast.BinOp | ast.UnaryOp | ast.Compare | ast.Constant | ast.List | ast.Dict | ast.ListComp | ast.JoinedStr
_TYPES = {"list", "dict", "set", "object"}  # ``list.append(table, 1)``


class Changes:
    """Knows which names each of the statements binds, or changes what they stand for."""

    def __init__(self, statements: Iterable[Statement], wanted: Iterable[str], meanings: Meanings) -> None:
        """``wanted`` are the functions for which it is asked: what they call and change themselves is left to them."""
        self._meanings, self._wanted = meanings, set(wanted)
        self._bound_by: defaultdict[str, list[Statement]] = defaultdict(list)
        statements = list(flat(statements))
        for one in statements:
            for name in one.binds:
                self._bound_by[name].append(one)
        self._called = self._behind(self._wanted)
        bodies = [later(one.node, calls=9) for name in self._called for one in self._bound_by.get(name, ())]
        self._called_methods = {call.method or call.way[-1] for body in bodies for call in effects(body).calls}
        self._made = {id(one): self._makes(one) for one in statements}
        self._file(statements)

    def made(self, one: Statement) -> set[str]:
        """Return the names that a statement binds, or changes what they stand for."""
        return self._made[id(one)]

    def _file(self, statements: list[Statement]) -> None:
        """Count what definitions file, if it is in what the functions look something up in."""
        filed = {id(one): self._by_calls(one, files=True) for one in statements}
        made: dict[int, set[str]] = {}
        while made != self._made:
            made = self._made
            looked_up: set[str] = set()
            names = self._wanted
            while names:
                looked_up |= names
                names = set().union(*(self._held_by(one) for one in statements if made[id(one)] & names)) - looked_up
            self._made = {one: names | (filed[one] & looked_up) for one, names in made.items()}

    def _held_by(self, one: Statement) -> set[str]:
        """Return the names that are still read when what a statement has made is used: not by decorators themselves."""
        if not isinstance(one.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return one.reads | one.reads_later
        held = one.reads_later | {node.id for node in ast.walk(one.node.args) if isinstance(node, ast.Name)}
        for call in one.does.calls:
            held |= set() if call.function else {call.way[0]}
            held |= set().union(*(_read_by_inner(function) for _, function in self._functions(call)))
        return held

    def _behind(self, names: set[str]) -> set[str]:
        """Return the names with all that is behind them, as far as bindings have put it there."""
        found: set[str] = set()
        while names:
            found |= names
            bindings = [one for name in names for one in self._bound_by.get(name, ())]
            read = [one.reads_later if isinstance(one.node, DEFINITIONS) else one.reads for one in bindings]
            names = set().union(*read) - found
        return found

    def _makes(self, one: Statement) -> set[str]:
        bound = one.binds if _may_bind_a_function(one.node) else one.binds - self._wanted
        return bound | {names[0] for names in one.does.stores} | self._by_calls(one, files=False)

    def _by_calls(self, one: Statement, *, files: bool) -> set[str]:
        calls = [call for call in one.does.calls if call.files == files]
        return set().union(*(self._changed(call) | self._changed_within(call, set()) for call in calls))

    def _changed(self, call: Call) -> set[str]:
        """Return the names whose objects a call changes, as far as its own words tell."""
        root = call.way[0]
        package = bool(self._meanings.full((root,)))
        changed: set[str] = set()
        if call.method and _METHODS.fullmatch(call.method):
            imported = root in self._meanings.objects and len(call.way) == 2  # from registry import STEPS
            changed |= {root} if imported or not package else set()
        elif call.method and call.bare and not package and not _PUTS_OUT.match(call.method):
            changed |= {root} if call.method not in self._called_methods else set()
        written = [one.value for one in call.node.keywords if one.arg == "out"]
        name = call.function or (call.method if package else None)
        if call.bare and name and _FUNCTIONS.fullmatch(name) and name not in self._meanings.functions:
            written += call.node.args if name.startswith("register") else call.node.args[:1]
        if call.bare and root in _TYPES and call.method:
            written += call.node.args[:1]
        return changed | _roots(written)

    def _changed_within(self, call: Call, seen: set[Way]) -> set[str]:
        """Return the names whose objects are changed by the body of the function or method that is called."""
        if not call.files and (call.function in self._called or call.method in self._called_methods):
            return set()
        key = (*call.way, *sorted(_roots(call.node.args)))
        if key in seen:
            return set()
        seen.add(key)
        changed: set[str] = set()
        for one, function in self._functions(call):
            written, names, calls = self._body(function, call.way.count("()") + 1)
            changed |= (written & one.reads_later) | names
            changed = changed.union(*(self._changed_within(inner, seen) for inner in calls))
            if written & _parameters(function):
                changed |= _roots(call.node.args) | ({call.way[0]} if call.files else set())
        return changed

    @functools.cache  # noqa: B019 - it lives as long as a notebook is taken apart
    def _body(self, function: ast.AST, calls: int) -> tuple[set[str], set[str], tuple[Call, ...]]:
        """Return what a function's body writes into, what it binds by ``global``, and what it calls."""
        inside = list(later(function, calls))
        does = effects(inside)
        stores = {names[0] for names in does.stores if not self._meanings.full(names)}  # packages are configured
        bound = {name for part in inside if isinstance(part, ast.Global) for name in part.names}
        return stores.union(*map(self._changed, does.calls)), bound, does.calls

    def _functions(self, call: Call) -> Iterator[tuple[Statement, ast.AST]]:
        """Yield the functions and methods of the program that a call may call, each with the statement it is in."""
        for one in self._bound_by.get(call.way[0], ()):
            node = one.node
            made_by = way(node.value.func) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) else ()
            if isinstance(node, ast.ClassDef):
                yield from _methods(one, {call.method} if call.method else _MAKING)
                if call.method == DERIVED:
                    for base in (inner for inner in one.does.calls if inner.files and not inner.bare):
                        yield from self._functions(base)
            elif len(made_by) == 1:
                for other in self._bound_by.get(made_by[0], ()):
                    yield from _methods(other, {call.method or "__call__"})
            if call.function and not isinstance(node, ast.ClassDef):
                yield one, node


def _may_bind_a_function(node: ast.stmt) -> bool:
    """Whether it is not a mere number that a statement binds, as in training: ``cross_entropy = -np.log(p)``."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not isinstance(node.value, _NUMBERS)
    return not isinstance(node, ast.For | ast.While | ast.AugAssign)


def _methods(one: Statement, names: set[str]) -> Iterator[tuple[Statement, ast.AST]]:
    body = one.node.body if isinstance(one.node, ast.ClassDef) else []
    yield from ((one, part) for part in body if isinstance(part, ast.FunctionDef) and part.name in names)


def _parameters(node: ast.AST) -> set[str]:
    arguments = ast.walk(node.args) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ()
    return {part.arg for part in arguments if isinstance(part, ast.arg)}


def _read_by_inner(function: ast.AST) -> set[str]:
    """Return the names in the functions that a function may return."""
    inner = [node for node in later(function, calls=1) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    return {node.id for one in inner for node in ast.walk(one) if isinstance(node, ast.Name)}


def _roots(nodes: Iterable[ast.expr]) -> set[str]:
    """Return the names at which expressions begin, but not those of what a function returned."""
    ways = [way(node.value if isinstance(node, ast.Starred) else node) for node in nodes]
    return {names[0] for names in ways if names and "()" not in names}
