"""What can be called in a namespace: its functions, those of its classes, and the methods of objects."""

import contextlib
import inspect
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..calling.leaving import BufferedWay, LeavingWay
from ..calling.one_vector import one_by_one
from ..calling.tries import unmade
from ..calling.way import Way
from ..names import OTHERS, words_of
from ..objects.autograd import functions_of, has_context
from ..objects.lent import is_lent, with_functions
from ..objects.maker import Maker
from ..objects.methods import MethodWay, methods_of
from ..syntax.class_text import stands_for_others


class Entry(NamedTuple):
    """Something that can be called, and the name by which its role is guessed."""

    name: str
    way: Way


def entries(
    names: Mapping[str, Any], own: Mapping[str, Callable[..., Any]], module: str | None, kinds: Sequence[str]
) -> list[Entry]:
    """Return how the functions of a namespace are called, and the methods of its classes."""
    found = []
    taken = {id(one) for one in own.values()}
    peers = [one for one in names.values() if inspect.isclass(one) and module in {None, one.__module__}]
    functions = {
        name: one
        for name, one in names.items()
        if is_function(one, module) and id(one) not in taken and not set(words_of(name)) & OTHERS
    }
    made = {id(kind): with_functions(kind, functions) for kind in peers}
    for name, value in list(names.items()):
        if set(words_of(name)) & OTHERS or id(value) in taken or is_lent([*made.values()], name):
            continue
        if inspect.isclass(value) and (module is None or value.__module__ == module):
            if has_context(value):
                found += [Entry(one.__name__, Way(one)) for one in functions_of(value)]
            elif not stands_for_others(value, peers):
                found += [
                    *_functions_in(value, kinds),
                    *_methods(made.get(id(value), value), [one for one in peers if one is not value]),
                ]
        elif is_function(value, module):
            found += _function(name, one_by_one(value), kinds)
    return found


def _function(name: str, value: Any, kinds: Sequence[str], text: str = "") -> list[Entry]:
    """Return how a function is called; nothing if it has no signature."""
    with contextlib.suppress(TypeError, ValueError):
        way = Way(value, text)
        leaves = "backward" in way.source.calls() and "torch" in kinds
        if leaves:
            return [Entry(name, LeavingWay(value, text))]
        outside = any(place.kind == "global" for place in way.places)
        buffered = BufferedWay(value, text) if outside and is_function(value, None) else None
        return [Entry(name, buffered if buffered is not None and buffered.buffers else way)]
    return []


def _functions_in(kind: type, kinds: Sequence[str]) -> Iterator[Entry]:
    """Yield the functions of a class that need no object."""
    for name, value in vars(kind).items():
        of_python = name.startswith("__")
        if isinstance(value, staticmethod | classmethod) and not of_python and not set(words_of(name)) & OTHERS:
            yield from _function(name, getattr(kind, name), kinds, f"{kind.__name__}.{name}")


def _methods(kind: type, peers: Sequence[type]) -> Iterator[Entry]:
    """Yield the methods of a class, of which objects can be made."""
    try:
        maker = Maker(kind, peers)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        unmade(kind, error)
        return
    for method in methods_of(kind):
        if not set(words_of(method)) & OTHERS:
            with contextlib.suppress(TypeError, ValueError):
                yield Entry(method, MethodWay(maker, method))


def is_function(value: Any, module: str | None) -> bool:
    """Whether something is a function that a module has defined, any module for None."""
    function = inspect.unwrap(value) if callable(value) and hasattr(value, "__wrapped__") else value
    return isinstance(function, types.FunctionType) and (module is None or function.__module__ == module)
