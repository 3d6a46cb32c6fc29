"""What an object of foreign code holds: in attributes, in lists and dicts there, and in the objects it is made of."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..engines.wrapped import is_wrapped
from ..leaves import Path, as_numbers, at, attributes_of

DEEPEST = 4
MOST = 24  # entries of a list that are looked at


def values_in(
    thing: Any, path: Path = (), above: tuple[int, ...] = (), home: str | None = None
) -> Iterator[tuple[Path, Any]]:
    """Yield the arrays and numbers that an object holds, with the way to each from its attributes.

    >>> list(values_in(SimpleNamespace(rate=0.5, layers=[SimpleNamespace(size=2)])))
    [((('key', 'rate'),), 0.5), ((('key', 'layers'), ('item', 0), ('attribute', 'size')), 2)]
    """
    if len(path) > DEEPEST or id(thing) in above:
        return
    home = home or type(thing).__module__
    for step, one in _entries(thing, path):
        if isinstance(one, type):
            continue
        if getattr(one, "shape", None) or isinstance(one, int | float):
            yield (*path, step), one
        elif isinstance(one, list) and is_numbers(one):
            yield (*path, step), np.array(one)
        elif isinstance(one, list) and is_wrapped(one):
            if (array := as_numbers(one)) is not None:
                yield (*path, step), array
        elif isinstance(one, Mapping | list | tuple) or _is_made_here(one, home):
            yield from values_in(one, (*path, step), (*above, id(thing)), home)
    named = getattr(thing, "named_parameters", None)
    for name, one in named() if callable(named) and not isinstance(thing, type) else ():
        yield (*path, ("parameter", name)), one


def is_numbers(value: list[Any]) -> bool:
    """Whether a list is a vector or a matrix of numbers with a point, as weights are where there is no NumPy.

    >>> is_numbers([0.5, 0.0]), is_numbers([[0.5], [1.0]]), is_numbers([3, 4]), is_numbers([])
    (True, True, False, False)
    """
    if value and all(isinstance(one, list) for one in value):
        return len({len(one) for one in value}) == 1 and all(map(is_numbers, value))
    return bool(value) and all(isinstance(one, float) for one in value)


def _entries(thing: Any, path: Path) -> Iterator[tuple[tuple[str, Any], Any]]:
    if isinstance(thing, Mapping):
        yield from ((("key", key), one) for key, one in thing.items())
    elif isinstance(thing, list | tuple):
        yield from ((("item", place), one) for place, one in enumerate(thing[:MOST]))
    else:
        for name, one in attributes_of(thing).items():
            if not (name.startswith("_") and isinstance(one, Mapping)):  # what a framework keeps
                yield ("attribute" if path else "key", name), one


def _is_made_here(one: Any, home: str) -> bool:
    """Whether something is an object of a class that is foreign code too, not of a library."""
    if isinstance(one, type) or not attributes_of(one):
        return False
    known = isinstance(one, SimpleNamespace) or hasattr(one, "named_parameters")
    return known or _lies_beside(type(one).__module__, home)


def _lies_beside(module: str, home: str) -> bool:
    """Whether a module is another, or in its folder or below that, and not installed there."""
    files = [getattr(sys.modules.get(name), "__file__", None) for name in (module, home)]
    if module == home or not all(files):
        return module == home
    its, own = (File(str(one)).resolve() for one in files)
    return its.is_relative_to(own.parent) and not {"site-packages", "dist-packages"} & {*its.parts}


def put(target: Any, path: Path, value: Any) -> None:
    """Let an object hold another value at a place; a tuple on the way is made anew."""
    names = vars(target)
    kind, key = path[-1]
    if kind == "parameter":
        owner = at(names, path[:-1]) if path[1:] else target
        *owners, key = key.split(".")
        for one in owners:
            owner = getattr(owner, one)
        parameter = getattr(owner, key)
        parameter.data, parameter.grad = value.detach().clone(), None
        return
    container = at(names, path[:-1])
    if isinstance(container, tuple):
        put(target, path[:-1], type(container)((*container[:key], value, *container[key + 1 :])))
    elif kind == "attribute":
        setattr(container, key, value)
    else:
        container[key] = value


def held_at(target: Any, path: Path) -> Any:
    """Return what an object holds at a place."""
    kind, key = path[-1]
    if kind != "parameter":
        return at(vars(target), path)
    return dict((at(vars(target), path[:-1]) if path[1:] else target).named_parameters())[key]
