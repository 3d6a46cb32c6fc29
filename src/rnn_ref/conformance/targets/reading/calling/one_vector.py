"""A function that takes all its weights in one vector, as one that takes them one by one."""

import ast
import functools
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from ..names import weights_of
from ..syntax.gathered import source_of
from ..syntax.source import Source

SHAPING = {"reshape", "view"}  # by which a part of a vector becomes a matrix
MOST = 5  # arguments of what takes a vector apart: itself, and sizes


class TakenApart(NamedTuple):
    """How a function takes a vector apart: by which other one, given what else, into what."""

    argument: str
    by: Callable[..., Any]
    sizes: tuple[str, ...]  # arguments that are handed on, in their order
    names: tuple[str, ...]  # of the weights

    def places(self, weights: Sequence[Any]) -> tuple[list[Any], dict[str, int]]:
        """Return where the entries of every weight stand in the vector, and the sizes by which they have these shapes.

        Raises ValueError if no sizes are such.
        """
        shapes = [np.shape(one) for one in weights]
        numbers = np.arange(sum(map(math.prod, shapes)))
        for sizes in product(sorted({size for shape in shapes for size in shape}), repeat=len(self.sizes)):
            found = self._parts(numbers, sizes)
            if [one.shape for one in found] == shapes:
                return found, dict(zip(self.sizes, sizes, strict=True))
        raise ValueError(f"the weights in {self.argument} have other shapes")

    def _parts(self, numbers: Any, sizes: Sequence[int]) -> list[Any]:
        """Return the parts of a vector, none where these do not fit in it or do not use all of it once."""
        try:
            found = self.by(numbers, *sizes)
        except Exception:  # foreign code, given sizes that are not meant
            return []
        every = [found[name] for name in self.names] if isinstance(found, Mapping) else found
        parts = [np.asarray(one) for one in every]
        whole = np.concatenate([one.ravel() for one in parts])
        return parts if np.array_equal(np.sort(whole), numbers) else []


def one_by_one(function: Any) -> Any:
    """Return a function with a weight for each of its vector's parts; the function itself if it takes no such vector.

    Gradients in one vector come back in a dict, by the names of the weights with a d.
    """
    found = _taken_apart(function)
    if found is None:
        return function
    parameters = dict(inspect.signature(function).parameters)
    kept = [one for name, one in parameters.items() if name != found.argument and name not in found.sizes]
    own = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in found.names]

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        values = signature.bind(*arguments, **named).arguments
        weights = [values.pop(name) for name in found.names]
        places, sizes = found.places(weights)
        vector = np.zeros(sum(one.size for one in places), np.result_type(*weights))
        for where, weight in zip(places, weights, strict=True):
            vector[where] = weight
        returned = function(**{**values, **sizes, found.argument: vector})
        return _with_gradients(returned, places, found.names)

    signature = inspect.Signature([*own, *kept])
    called.__signature__ = signature  # type: ignore[attr-defined]
    return called


def _with_gradients(returned: Any, places: Sequence[Any], names: Sequence[str]) -> Any:
    """Return an answer with what is as long as the vector of weights taken apart like that."""
    if isinstance(returned, tuple):
        return tuple(_with_gradients(one, places, names) for one in returned)
    length = sum(one.size for one in places)
    if not isinstance(returned, np.ndarray) or returned.size != length or returned.ndim != 1:
        return returned
    return {f"d{name}": returned[where] for name, where in zip(names, places, strict=True)}


def _taken_apart(function: Any) -> TakenApart | None:
    """Return how a function takes its vector apart, by its text; None if it takes none."""
    source, held = source_of(function), getattr(inspect.unwrap(function), "__globals__", {})
    try:
        own = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    for node in source.nodes(ast.Assign):
        by = held.get(getattr(getattr(node.value, "func", None), "id", ""))
        if not isinstance(by, FunctionType) or not _takes_a_vector(by):
            continue
        given, names = [getattr(one, "id", "") for one in node.value.args], _names_of(node.targets[0], source)
        known = [weights_of(one)[:1] for one in names]
        understood = 0 < len(given) <= MOST and {*given} <= {*own} and not node.value.keywords and all(known)
        if understood and sum(part.startswith("W_") for (part,) in known) >= 2:
            return TakenApart(given[0], by, tuple(given[1:]), names)
    return None


def _takes_a_vector(function: FunctionType) -> bool:
    """Whether a function takes parts of its first argument from one place to another, and shapes some."""
    source, first = source_of(function), next(iter(inspect.signature(function).parameters), "")
    cut = [one.value for one in source.nodes(ast.Subscript) if isinstance(one.slice, ast.Slice)]
    cut += [one.args[0] for one in source.nodes(ast.Call) if getattr(one.func, "attr", "") == "split" and one.args]
    return bool(source.calls() & SHAPING) and any(getattr(one, "id", "") == first for one in cut)


def _names_of(target: ast.AST, source: Source) -> tuple[str, ...]:
    """Return the names under which weights come out: those of a tuple, or the keys of a dict."""
    if isinstance(target, ast.Tuple | ast.List):
        return tuple(getattr(one, "id", "") for one in target.elts)
    return tuple(source.keys_of(target.id)) if isinstance(target, ast.Name) else ()
