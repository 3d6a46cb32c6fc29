"""What the text of a class tells of what its objects hold, and of the arguments that they are made of."""

import ast
import contextlib
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from ..names import is_gradient, plain
from .expressions import name_of
from .gathered import source_of
from .source import Source

MOST_HELD = 4  # a value, its gradient, and what an optimiser keeps
_KNOWN: WeakKeyDictionary[type, "ClassSource"] = WeakKeyDictionary()  # Python parses the whole file to find a class


def class_source(kind: type) -> "ClassSource":
    """Return a class's text, an empty one if there is none."""
    with contextlib.suppress(KeyError, TypeError):  # a class of classes may have no hash
        return _KNOWN[kind]
    try:
        found = ClassSource((ast.parse(textwrap.dedent(inspect.getsource(kind))),))
    except (OSError, TypeError, SyntaxError):
        found = ClassSource(())
    with contextlib.suppress(TypeError):
        _KNOWN[kind] = found
    return found


class ClassSource(Source):
    """A class, as syntax."""

    def items_of(self, name: str) -> list[str]:
        """Return what the entries of a list in an attribute are called, where it is taken apart, else where it is made.

        >>> text = "class A:\\n def __init__(s): s.w = [k, q]\\n def f(s): kernel, recurrent = s.w"
        >>> ClassSource((ast.parse(text),)).items_of("w")
        ['kernel', 'recurrent']
        """
        every = [(node.value, node.targets[0]) for node in self.nodes(ast.Assign)]
        for one, other in (*every, *((target, value) for value, target in every)):
            if isinstance(one, ast.Attribute) and one.attr == name and isinstance(other, ast.Tuple | ast.List):
                return [name_of(entry) for entry in other.elts]
        return []

    def looked_up_in(self, name: str) -> list[str]:
        """Return what is taken off an argument, with a dot or by key, also where it stands in an attribute."""
        names = {name}
        for node in self.nodes(ast.Assign):
            if isinstance(node.value, ast.Name) and node.value.id == name:
                names.add(name_of(node.targets[0]))
        keys = [key for one in names for key in self.keys_of(one)]
        return keys + [node.attr for node in self.nodes(ast.Attribute) if name_of(node.value) in names]

    def made_when_missing(self) -> set[str]:
        """Return the attributes that are asked whether they are ``None``.

        >>> sorted(ClassSource((ast.parse("class P:\\n def f(s):\\n  if s.h is None: s.h = 0"),)).made_when_missing())
        ['h']
        """
        asked = [node for node in self.nodes(ast.Compare) if isinstance(node.ops[0], ast.Is)]
        return {name_of(one.left) for one in asked if getattr(one.comparators[0], "value", one) is None}

    def handed(self) -> list[str]:
        """Return the texts that are handed to something, as the keys to a function that looks up."""
        found = [one.value for node in self.nodes(ast.Call) for one in node.args if isinstance(one, ast.Constant)]
        return [one for one in found if isinstance(one, str)]

    def is_of_a_parameter(self) -> bool:
        r"""Whether its objects hold a value and its gradient, to which others add, as a framework's parameters do.

        >>> ClassSource((ast.parse("class P:\n def __init__(s, v): s.data, s.grad = v, 0 * v"),)).is_of_a_parameter()
        True
        """
        set_ = [one.attr for one in self.nodes(ast.Attribute) if isinstance(one.ctx, ast.Store)]
        return any(plain(one) in {"grad", "gradient", "g", "d"} for one in set_) and 1 < len({*set_}) <= MOST_HELD

    def clears_after_use(self) -> bool:
        """Whether a method sets gradients to zero to which others add: one that takes a step, as the constructor does.

        >>> made = "class A:\\n def __init__(s): s.dW = zeros(2)\\n def back(s): s.dW += 1\\n"
        >>> [ClassSource((ast.parse(made + one),)).clears_after_use() for one in ("", " def step(s): s.dW = zeros(2)")]
        [False, True]
        """
        for method in self.nodes(ast.FunctionDef):
            inner = [*ast.walk(method)]
            added = {name_of(one.target) for one in inner if isinstance(one, ast.AugAssign)}
            cleared = {name for one in inner if isinstance(one, ast.Assign) for name in _cleared(one)} - added
            if method.name != "__init__" and any(map(is_gradient, cleared)):
                return True
        return False


def _cleared(node: ast.Assign) -> list[str]:
    """Return the names of the attributes that are set to zeros, one by one or several at once."""
    target, value = node.targets[0], node.value
    several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)
    pairs = zip(target.elts, value.elts, strict=True) if several else [(target, value)]  # type: ignore[attr-defined]
    zeros = {"zeros", "zeros_like"}
    return [
        one.attr
        for one, made in pairs
        if isinstance(one, ast.Attribute) and isinstance(made, ast.Call) and _called(made) in zeros
    ]


def _called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))


def stands_for_others(kind: type, peers: Sequence[type]) -> bool:
    """Whether a method of a class gives back what it is given, and a class below it has another: it is to be filled in.

    >>> class Base:
    ...     def activate(self, x): return x
    >>> class Net(Base):
    ...     def activate(self, x): return x ** 2
    >>> stands_for_others(Base, [Base, Net]), stands_for_others(Net, [Base, Net])
    (True, False)
    """
    below = [one for one in peers if issubclass(one, kind) and one is not kind]
    names = {name for one in below for name, value in vars(one).items() if inspect.isfunction(value)}
    return any(_gives_back(value) for name, value in vars(kind).items() if name in names and inspect.isfunction(value))


def _gives_back(function: Callable[..., Any]) -> bool:
    """Whether all that a method does is to return its argument."""
    tree = next(iter(source_of(function).trees), None)
    body = [one for one in getattr(tree, "body", ()) if not isinstance(one, ast.Expr)]
    given = [*inspect.signature(function).parameters][1:]
    return len(body) == 1 and isinstance(body[0], ast.Return) and getattr(body[0].value, "id", "") in given
