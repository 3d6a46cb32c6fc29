"""What the text of a function tells before it is called: what it unpacks, looks up, calls and returns."""

import ast
import dis
import functools
import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

JOINS = {"concatenate", "cat", "hstack", "vstack", "concat", "row_stack", "column_stack", "append"}
TURNED = {"T", "mT"}  # which say nothing of what is turned
WORKED_OUT = {"dot", "matmul", "sum", "mean", "outer", "einsum", "multiply", "tensordot", "inner", "mm", "divide"}
REPEATING = {"scan", "fori_loop", "while_loop", "reduce", "accumulate", "map"}  # loops that are calls


class Source(NamedTuple):
    """A function and those of its author's that it calls, as syntax: nothing of the frameworks."""

    trees: tuple[ast.AST, ...]

    def nodes(self, kind: type) -> Iterator[Any]:
        """Yield the nodes of one kind."""
        yield from _by_kind(self.trees).get(kind, ())

    @property
    def repeats(self) -> bool:
        """Whether there is a loop in it, or it calls itself."""
        over = [node.iter for kind in (ast.For, ast.comprehension) for node in self.nodes(kind)]
        written_out = [isinstance(one, ast.Tuple | ast.List) for one in over]  # names, not steps
        itself = any(map(_calls_itself, self.trees))
        return not all(written_out) or any(self.nodes(ast.While)) or bool(self.calls() & REPEATING) or itself

    @property
    def goes_back_in_time(self) -> bool:
        """Whether it goes through something from its end: a loop over ``reversed``, or what is taken off a list."""
        back = any(_goes_from_the_end(node.iter) for node in self.nodes(ast.For))
        return back or (any(self.nodes(ast.While)) and "pop" in self.calls())

    def reads_on_the_way_back(self, name: str) -> bool:
        """Whether a name is read in a loop that goes through something from its end, or in any ``while``.

        >>> source = Source((ast.parse("def f(c, d):\\n for t in reversed(range(3)): g(c)\\n g(d)").body[0],))
        >>> source.reads_on_the_way_back("c"), source.reads_on_the_way_back("d")
        (True, False)
        """
        loops = [*(node for node in self.nodes(ast.For) if _goes_from_the_end(node.iter)), *self.nodes(ast.While)]
        return any(isinstance(one, ast.Name) and one.id == name for loop in loops for one in ast.walk(loop))

    @property
    def gives_probabilities(self) -> bool:
        """Whether there is a softmax in it, by name or written out."""
        calls = self.calls()
        return bool(calls & {"softmax", "log_softmax", "logsumexp"}) or ("exp" in calls and "sum" in calls)

    @property
    def turns(self) -> bool:
        """Whether something is transposed in it."""
        return any(node.attr in {"T", "mT", "transpose", "swapaxes"} for node in self.nodes(ast.Attribute))

    def takes_one_of(self, names: Sequence[str]) -> bool:
        """Whether one entry is taken of what bears one of these names, as ``W[:, 1]``, or axes have letters."""
        for node in self.nodes(ast.Subscript):
            index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name_of(node.value) in names and any(isinstance(one, ast.Constant | ast.Name) for one in index):
                return True
        return bool(self.calls() & {"einsum", "tensordot", "moveaxis"})

    def calls(self) -> set[str]:
        """Return the names of what is called."""
        return {name_of(node.func) for node in self.nodes(ast.Call)}

    def joined(self) -> Iterator[list[str]]:
        """Yield the names of what is put end to end."""
        for node in self.nodes(ast.Call):
            first = node.args[0] if node.args and name_of(node.func) in JOINS else None
            if isinstance(first, ast.Tuple | ast.List):
                yield [name_of(one) for one in first.elts]
        for node in self.nodes(ast.Subscript):  # np.r_[h, x], np.c_[x, h]
            joins = isinstance(node.value, ast.Attribute) and node.value.attr in {"r_", "c_"}
            if joins and isinstance(node.slice, ast.Tuple):
                yield [name_of(one) for one in node.slice.elts]

    def keys_of(self, name: str) -> list[str]:
        """Return the texts by which something of a name is looked up, in their order."""
        names = self.also_called(name)
        found = [_key(node.slice) for node in self.nodes(ast.Subscript) if name_of(node.value) in names]
        for node in self.nodes(ast.Call):  # params.get("b_h", 0)
            got = isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args
            found += [_key(node.args[0])] if got and getattr(node.func.value, "id", "") in names else []
        return list(dict.fromkeys(filter(None, found)))

    def also_called(self, name: str) -> set[str]:
        """Return the names by which something goes: its own, and others to which it is assigned as it is."""
        plain = [node for node in self.nodes(ast.Assign) if isinstance(node.value, ast.Name) and node.value.id == name]
        return {name, *(one.id for node in plain for one in node.targets if isinstance(one, ast.Name))}

    def listed_keys_of(self, name: str) -> list[str]:
        """Return the texts by which something is looked up in turn: ``(params[k] for k in ("Wx", "Wh", "b"))``."""
        found: list[str] = []
        for node in self.nodes(ast.comprehension):
            found += _texts(node.iter) if self._looks_up(name, name_of(node.target)) else []
        for node in self.nodes(ast.For):
            found += _texts(node.iter) if self._looks_up(name, name_of(node.target)) else []
        return list(dict.fromkeys(found))

    def _looks_up(self, name: str, key: str) -> bool:
        """Whether something of a name is looked up by a variable."""
        return any(name_of(one.value) == name and isinstance(one.slice, ast.Name) and one.slice.id == key
                   for one in self.nodes(ast.Subscript))  # fmt: skip

    def looked_up(self) -> list[str]:
        """Return the texts by which anything is looked up, in their order."""
        found: list[Any] = [
            node.slice.value
            for node in self.nodes(ast.Subscript)
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        ]
        for kind in (ast.Tuple, ast.List):
            found += [one.value for node in self.nodes(kind) for one in node.elts if isinstance(one, ast.Constant)]
        found += [
            node.args[0].value
            for node in self.nodes(ast.Call)
            if name_of(node.func) == "get" and node.args and isinstance(node.args[0], ast.Constant)
        ]
        return list(dict.fromkeys(one for one in found if isinstance(one, str)))

    def unpacked(self, name: str) -> list[str]:
        """Return the names into which something is unpacked, or that are taken off it with a dot."""
        for node in self.nodes(ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Tuple | ast.List) and _entries_of(node.value) == name:
                return [name_of(one) for one in target.elts]
        return []

    def taken_one_by_one(self, name: str) -> list[str]:
        """Return the names of what is taken out of something by its place, if all of it is: ``h = cache[1]``.

        >>> Source((ast.parse("x = np.array(c[0])\\nh = c[1]"),)).taken_one_by_one("c")
        ['x', 'h']
        """
        found: dict[int, str] = {}
        for node in self.nodes(ast.Assign):
            value = node.value
            while isinstance(value, ast.Call) and len(value.args) == 1:
                value = value.args[0]
            place = getattr(value.slice, "value", None) if isinstance(value, ast.Subscript) else None
            if isinstance(place, int) and name_of(value) == name:
                found.setdefault(place, name_of(node.targets[0]))
        return [found[place] for place in range(len(found))] if set(found) == {*range(len(found))} else []

    def activated(self) -> set[str]:
        """Return the names of what tanh or relu is taken of as it is."""
        calls = [node for node in self.nodes(ast.Call) if name_of(node.func) in {"tanh", "relu", "maximum"}]
        return {one.id for node in calls for one in node.args if isinstance(one, ast.Name)}

    def attributes(self, name: str) -> list[str]:
        """Return what is taken off something with a dot."""
        found = [
            node.attr
            for node in self.nodes(ast.Attribute)
            if isinstance(node.value, ast.Name) and node.value.id == name
        ]
        return list(dict.fromkeys(found))

    def written(self, name: str) -> list[str]:
        """Return in words how something is indexed: ``x[t]``, ``x[:, t]``, ``x.T``, and what its shape is called."""
        found = []
        for node in self.nodes(ast.Subscript):
            if isinstance(node.value, ast.Name) and node.value.id == name:
                found.append(ast.unparse(node.slice))
        for node in self.nodes(ast.Assign):
            shape = node.value
            if (
                isinstance(shape, ast.Attribute)
                and shape.attr == "shape"
                and isinstance(shape.value, ast.Name)
                and shape.value.id == name
                and isinstance(node.targets[0], ast.Tuple)
            ):
                found.append("shape " + " ".join(name_of(one) for one in node.targets[0].elts))
        return found

    def returned(self) -> list[str]:
        """Return the names of what the function itself returns, as far as each has one; none if it is one value."""
        own = next(ast.walk(self.trees[0]), None) if self.trees else None
        found: list[str] = []
        for node in _own_nodes(own):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                found = [called_as(one) for one in node.value.elts]
        return found

    def returned_alone(self) -> str:
        """Return the name of the one value that the function itself returns, empty if it is not one with a name."""
        own = next(ast.walk(self.trees[0]), None) if self.trees else None
        found = [node.value for node in _own_nodes(own) if isinstance(node, ast.Return)]
        return found[-1].id if found and isinstance(found[-1], ast.Name) else ""

    @property
    def returns_a_number(self) -> bool:
        """Whether what the function itself returns is a sum or an average over all there is: no gradient is.

        >>> [Source((ast.parse(f"def f(x): return {one}").body[0],)).returns_a_number for one in ("x.mean()", "x, 1")]
        [True, False]
        """
        found = [
            node.value for node in _own_nodes(self.trees[0] if self.trees else None) if isinstance(node, ast.Return)
        ]
        while any(isinstance(node, ast.UnaryOp) for node in found):
            found = [node.operand if isinstance(node, ast.UnaryOp) else node for node in found]
        whole = [isinstance(node, ast.Call) and not node.keywords and len(node.args) < 2 for node in found]
        called = [getattr(node, "func", None) for node in found]
        names = [getattr(one, "attr", getattr(one, "id", "")) for one in called]
        return bool(found) and all(whole) and set(names) <= {"mean", "sum"}

    def grown(self) -> set[str]:
        """Return the names of the lists to which something is appended behind what is last in them."""
        last = {name_of(node.value) for node in self.nodes(ast.Subscript) if ast.unparse(node.slice) == "-1"}
        calls = [node.func for node in self.nodes(ast.Call) if isinstance(node.func, ast.Attribute)]
        return last & {name_of(one.value) for one in calls if one.attr == "append"}

    def squared(self) -> set[str]:
        """Return the names of what is squared, as the state in the slope of tanh is."""
        found = set()
        for node in self.nodes(ast.BinOp):
            power = isinstance(node.op, ast.Pow) and getattr(node.right, "value", 0) == 2
            times = isinstance(node.op, ast.Mult) and ast.unparse(node.left) == ast.unparse(node.right)
            found |= {name_of(node.left)} if power or times else set()
        return found | {name_of(node.args[0]) for node in self.nodes(ast.Call) if node.args and _squares(node)}

    def spread(self, name: str) -> list[str]:
        """Return the names of the functions to which something is handed with two stars."""
        return [
            name_of(node.func)
            for node in self.nodes(ast.Call)
            for keyword in node.keywords
            if keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == name
        ]


@functools.lru_cache(256)
def _by_kind(trees: tuple[ast.AST, ...]) -> dict[type, list[ast.AST]]:
    """Return all nodes of trees by their kind, which are asked for again and again."""
    found: dict[type, list[ast.AST]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            found.setdefault(type(node), []).append(node)
    return found


def _goes_from_the_end(over: ast.AST) -> bool:
    """Whether what is looped over is gone through from its end."""
    if not isinstance(over, ast.Call):
        return ast.unparse(over).endswith("[::-1]")
    downwards = len(over.args) == 3 and ast.unparse(over.args[2]) == "-1"
    return downwards or name_of(over.func) in {"reversed", "flip"} or ast.unparse(over).endswith("[::-1]")


def _key(node: ast.AST) -> str:
    """Return the text by which something is looked up; one with a number in it is that of the first layer.

    >>> _key(ast.parse('"weight_ih_l%d" % k', mode="eval").body), _key(ast.parse('f"bias_hh_l{k}"', mode="eval").body)
    ('weight_ih_l0', 'bias_hh_l0')
    """
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.BinOp(ast.Constant(str(text)), ast.Mod()) if "_l%" in text:
            return re.sub("%[ids]", "0", text)
        case ast.JoinedStr(parts):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else "0" for one in parts)
            return text if text.endswith("_l0") else ""
    return ""


def _calls_itself(tree: ast.AST) -> bool:
    """Whether a function calls itself, or a method itself on the same object: not one of that name of another."""
    own = getattr(tree, "name", "")
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    plainly = any(isinstance(one, ast.Name) and one.id == own for one in called)
    on_itself = [one.value for one in called if isinstance(one, ast.Attribute) and one.attr == own]
    return plainly or any(isinstance(one, ast.Name) and one.id in {"self", "cls"} for one in on_itself)


def _squares(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "square"


def _entries_of(node: ast.AST) -> str:
    """Return the name of what is unpacked, also entry by entry: ``[p.copy() for p in params]``, ``map(f, params)``."""
    if isinstance(node, ast.IfExp):  # zeros, if there is none
        node = node.orelse if isinstance(node.orelse, ast.Name) else node.body
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        node = node.generators[0].iter
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"list", "tuple", "map"} and node.args:
        node = node.args[-1]
    return node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.AST) -> list[str]:
    """Return the texts of a tuple or list, or of one that is split into words."""
    if isinstance(node, ast.Tuple | ast.List):
        return [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    split = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split"
    word = node.func.value if split else None  # type: ignore[attr-defined]
    return word.value.split() if isinstance(word, ast.Constant) and isinstance(word.value, str) else []


@functools.lru_cache(256)
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes of a tree, which nobody changes."""
    return tuple(ast.walk(tree))


def name_of(node: ast.AST | None) -> str:
    """Return the name at the root of an expression, empty where it has none: of ``self.h[-1]`` it is ``h``."""
    while isinstance(node, ast.Subscript | ast.Starred | ast.Call):
        if isinstance(node, ast.Call):
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            named = isinstance(inner, ast.Name | ast.Subscript) and not (
                isinstance(inner, ast.Name) and inner.id in {"np", "numpy", "torch", "jnp", "jax", "F"}
            )
            if isinstance(node.func, ast.Name) or (isinstance(node.func, ast.Attribute) and not named):
                if node.args and not _is_called(node):
                    node = node.args[0]
                    continue
                return getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            node = inner
            continue
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called_as(node: ast.AST) -> str:
    """Return what a value is called that is returned, empty if it is worked out on the spot.

    >>> [called_as(ast.parse(one, mode="eval").body) for one in ("dx.T", "np.stack(dx, 1)", "x.T @ dz", "dz.sum(0)")]
    ['dx', 'dx', '', '']
    """
    while isinstance(node, ast.Subscript | ast.Starred) or (isinstance(node, ast.Attribute) and node.attr in TURNED):
        node = node.value
    if isinstance(node, ast.Call) and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in WORKED_OUT:
        return ""
    return name_of(node)


def _is_called(node: ast.Call) -> bool:
    """Whether what is called is more telling than its first argument: a bare name that is no conversion."""
    conversions = {"list", "tuple", "float", "copy", "array", "asarray", "stack", "concatenate", "cat", "vstack"}
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return called not in conversions


def _own_nodes(tree: ast.AST | None) -> Iterator[ast.AST]:
    """Yield the nodes of a function, none of those inside it."""
    for node in ast.iter_child_nodes(tree) if tree is not None else ():
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            yield from _own_nodes(node)


@functools.cache
def source_of(function: Callable[..., Any]) -> Source:
    """Return a function's text and that of the functions it calls, nothing of those that have none."""
    seen: dict[types.FunctionType, ast.AST] = {}
    todo: list[Any] = [function]
    while todo:
        called = todo.pop(0)
        one, owner = _plain_function(called), getattr(called, "__self__", None)
        if one is None or one in seen or _of_framework(one, function):
            continue
        tree = _parsed(one)
        if tree is None:
            continue
        seen[one] = tree
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                todo.append(one.__globals__.get(node.id))
            elif isinstance(node, ast.Attribute) and owner is not None:
                todo += _methods(owner, node)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                kind = one.__globals__.get(node.value.id)
                todo += [getattr(kind, node.attr, None)] if isinstance(kind, type) else []
    return Source(tuple(seen.values()))


def _methods(owner: Any, node: ast.Attribute) -> list[Any]:
    """Return the methods of an object, or of those that it is made of, that are called by a name."""
    if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", getattr(owner, "__name__", "")}:
        kind = owner if isinstance(owner, type) else type(owner)
        return [getattr(owner, node.attr)] if callable(getattr(kind, node.attr, None)) else []
    held = [one for value in vars(owner).values() for one in (value if isinstance(value, list | tuple) else [value])]
    mine = [one for one in held if type(one).__module__ == type(owner).__module__]
    return [getattr(one, node.attr) for one in mine if callable(getattr(type(one), node.attr, None))]


def _plain_function(thing: Any) -> types.FunctionType | None:
    thing = inspect.unwrap(thing) if callable(thing) and hasattr(thing, "__wrapped__") else thing
    thing = getattr(thing, "__func__", thing)
    return thing if isinstance(thing, types.FunctionType) else None


def _of_framework(one: types.FunctionType, first: Any) -> bool:
    """Whether a function that another calls stands in an installed package that is not the other's own."""
    installed = {"site-packages", "dist-packages"} & {*Path(one.__code__.co_filename).parts}
    own = str(getattr(first, "__module__", "")).partition(".")[0]
    return bool(installed) and str(one.__module__).partition(".")[0] != own


def _parsed(function: types.FunctionType) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def read_globals(function: Callable[..., Any]) -> list[str]:
    """Return the names of its module that a function reads, and those that it calls do, in their order."""
    found: dict[str, None] = {}
    seen = set()
    todo = [_plain_function(function)]
    while todo:
        one = todo.pop(0)
        if one is None or one in seen or _of_framework(one, function):
            continue
        seen.add(one)
        names = list(_names(one.__code__))
        found |= dict.fromkeys(names)
        todo += [_plain_function(one.__globals__.get(name)) for name in names]
    return list(found)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from (one.argval for one in dis.get_instructions(code) if one.opname in {"LOAD_GLOBAL", "LOAD_NAME"})
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
