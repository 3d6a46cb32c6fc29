"""What functions of cells with gates take that holds weights: as a function of the file makes it, or as its class."""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .....spec import FAMILIES
from ...functions.entries import is_function
from ...names import words_of
from ...objects.made_by import MAKING, SIZES, fitting, makes
from ...objects.maker import Maker
from .held import Holder, held_in

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
    best, most = None, 0
    for make in makes(function):
        holder = _holding(make)
        if holder is not None and len(holder.arrays) and (count := fitting(holder.example)) > most:
            best, most = holder, count
    return best


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
