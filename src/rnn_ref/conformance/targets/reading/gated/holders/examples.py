"""What functions of cells with gates take that holds weights: as a function of the file makes it, or as its class."""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from typing import Any

import numpy as np

from .....spec import FAMILIES
from ...functions.entries import is_function
from ...names import plain, size_of, words_of
from ...objects.maker import RANDOM, SIZES, Draws, Maker
from ..slots import of_shape
from .held import Holder, held_in

MAKING = {
    "init",
    "initialize",
    "initialise",
    "new",
    "make",
    "create",
    "build",
    "random",
    "get",
    "xavier",
    "glorot",
    "setup",
}
WEIGHTS = {"params", "parameters", "weights", "theta", "model", "param", "weight", "cell", "p", "w", *FAMILIES}


def holders(function: Callable[..., Any]) -> Iterator[tuple[str, Holder]]:
    """Yield what makes things that hold weights, beside a function: by the name of what makes it."""
    held: Mapping[str, Any] = getattr(inspect.unwrap(function), "__globals__", {})
    module = getattr(function, "__module__", None)
    for name, value in list(held.items()):
        words = {*words_of(name)}
        if is_function(value, module) and words & MAKING and (words & WEIGHTS or words <= MAKING):
            holder = _of_function(value)
            if holder is not None:
                yield name, holder


def of_object(value: Any) -> Holder | None:
    """Return how an object is made that is the default of an argument, or stands in a global."""
    kind = type(value)
    if kind.__module__ in {"builtins", "numpy"}:
        return _holding(lambda sizes: copy.deepcopy(value))
    return of_class(kind)


def of_class(kind: type, peers: tuple[type, ...] = ()) -> Holder | None:
    """Return how objects of a class are made, None if they hold no weights."""
    try:
        maker = Maker(kind, peers)
        if maker.weights:
            return None
        return _holding(lambda sizes: copy.deepcopy(maker.made({**SIZES, **sizes, "vocabulary": sizes["D"]})))
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code
        return None


def _of_function(function: Callable[..., Any]) -> Holder | None:
    """Return how a function makes weights that is told their sizes."""
    unknown, known = [], dict[str, str]()
    for name, one in inspect.signature(function).parameters.items():
        size = size_of(name)
        if one.default is not one.empty or one.kind in {one.VAR_POSITIONAL, one.VAR_KEYWORD}:
            continue
        if plain(name) in RANDOM:
            known[name] = "rng"
        elif size in {"D", "H", "V", "vocabulary"}:
            known[name] = size
        else:
            unknown.append(name)
    free = [axis for axis in ("D", "H", "V") if axis not in known.values()]
    best, most = None, 0
    for order in permutations(free, len(unknown)):
        axes = known | dict(zip(unknown, order, strict=True))

        def make(sizes: Mapping[str, int], axes: Mapping[str, str] = axes) -> Any:
            every = {**SIZES, **sizes, "vocabulary": sizes["D"]}
            return function(**{name: Draws() if axis == "rng" else every[axis] for name, axis in axes.items()})

        holder = _holding(make)
        if holder is not None and len(holder.arrays) and _fitting(holder) > most:
            best, most = holder, _fitting(holder)
    return best


def _fitting(holder: Holder) -> int:
    """Return how many arrays have shapes of weights."""
    shapes = [np.shape(one.array) for one in holder.arrays.values()]
    return sum(any(of_shape(shape, gates, SIZES["D"], SIZES["H"]) for gates in (3, 4)) for shape in shapes)


def _holding(make: Callable[[Mapping[str, int]], Any]) -> Holder | None:
    state = np.random.get_state()  # noqa: NPY002 - what foreign code draws from
    try:
        if len([one for one in held_in(make(SIZES)) if not one.gradient]) < 2:
            return None
        return Holder(make, SIZES)
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code
        return None
    finally:
        np.random.set_state(state)  # noqa: NPY002
