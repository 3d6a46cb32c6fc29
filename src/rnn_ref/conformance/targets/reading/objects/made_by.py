"""What a function of a file makes of sizes: weights, in a dict or in lists, which a constructor or others take."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product
from typing import Any

import numpy as np

from .....interop.gates import GATED_KINDS
from ..names import plain, size_of, words_of
from .drawn import with_a_key
from .inside import values_in

SIZES = {"D": 5, "H": 7, "V": 11, "T": 3, "B": 6, "vocabulary": 5}
RANDOM = {"rng", "rs", "rnd", "randomstate", "prng", "generator", "randomgenerator"}
KEYS = {"key", "rngkey", "prngkey", "initkey", "randomkey"}  # from which JAX draws
TEXTS = {"text", "corpus", "data", "chars", "characters", "vocab", "alphabet", "tokens", "words"}
MAKING = {
    *("init", "initialize", "initialise", "new", "make", "create", "build", "random", "get", "xavier", "glorot"),
    *("setup", "load"),
}
UNITS = {SIZES["H"] * gates for gates in (1, *GATED_KINDS)}
DIMENSIONS = UNITS | {SIZES["D"], SIZES["V"], *(SIZES["H"] + more for more in (1, SIZES["D"], SIZES["D"] + 1))}
Make = Callable[[Mapping[str, int]], Any]


class Draws:
    """Random numbers by the names of NumPy's old and of its new interface."""

    def __init__(self) -> None:
        self._generators = np.random.default_rng(0), np.random.RandomState(0)

    def __getattr__(self, name: str) -> Any:
        """Return what draws, an AttributeError if neither has it."""
        new, old = self._generators
        return getattr(new, name) if hasattr(new, name) else getattr(old, name)


def text_of(sizes: Mapping[str, Any]) -> str:
    """Return a text that has as many different letters as there are inputs."""
    return "".join(chr(97 + one) for one in range(int(sizes.get("D", 1)))) * 3


def makes(function: Callable[..., Any]) -> Iterator[Make]:
    """Yield how a function may be told the sizes of what it makes, those by their names that have a size's."""
    unknown, known = [], dict[str, tuple[str, ...]]()
    for name, one in inspect.signature(function).parameters.items():
        size, required = size_of(name), one.default is one.empty
        if one.kind in {one.VAR_POSITIONAL, one.VAR_KEYWORD}:
            continue
        if required and plain(name) in RANDOM:
            known[name] = ("rng",)
        elif required and plain(name) in KEYS and "jax" in sys.modules:
            known[name] = ("key",)
        elif size in {"D", "H", "V", "vocabulary"} and (required or type(one.default) is int):
            known[name] = (size, "text")[: 1 + (plain(name) in TEXTS)]
        elif required:
            unknown.append(name)
    free = [axis for axis in ("D", "H", "V") if (axis,) not in known.values()]
    for order, sized in product(permutations(free, len(unknown)), product(*known.values())):
        axes = dict(zip((*unknown, *known), (*order, *sized), strict=True))

        def make(sizes: Mapping[str, int], axes: Mapping[str, str] = axes) -> Any:
            every: dict[str, Any] = {**SIZES, **sizes, "vocabulary": sizes["D"]}
            every |= {"text": text_of(every)[: every["D"]], "rng": Draws()}
            told = {name: every[axis] for name, axis in axes.items() if axis != "key"}
            return with_a_key(function, told, axes.keys() - told.keys()) if len(told) < len(axes) else function(**told)

        yield make


def fitting(made: Any) -> int:
    """Return how many arrays in something that was made have sizes of weights along all their axes, and of units.

    >>> fitting({"W_x": np.ones((7, 5)), "b": np.ones(7), "step": np.ones(3), "by": [0.0] * 11})
    2
    """
    shapes = [np.shape(one) for _, one in values_in(made)]
    wide = [{size for size in shape if size != 1} for shape in shapes]
    return sum(bool(sizes & UNITS) and sizes <= DIMENSIONS for sizes in wide)


def made_for(constructor: Callable[..., Any], name: str) -> Make | None:
    """Return how the file of a constructor makes what that takes under a name, None if nothing makes weights for it."""
    around = getattr(constructor, "__globals__", {})
    module = getattr(constructor, "__module__", None)
    best, most = None, 1
    for called, one in list(around.items()):
        words = words_of(called)
        if not (inspect.isfunction(one) and one.__module__ == module) or not (
            {*words} & MAKING or words[-1:] == words_of(name)[-1:]
        ):
            continue
        for make in makes(one):
            if (count := _count(make)) > most:
                best, most = make, count
    return best


def _count(make: Make) -> int:
    """Return how many weights there are in what is made, 0 if it cannot be, or is an array or an object."""
    state = np.random.get_state()  # noqa: NPY002 - what foreign code draws from
    try:
        made = make(SIZES)
        return fitting(made) if isinstance(made, Mapping | list | tuple) else 0
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code
        return 0
    finally:
        np.random.set_state(state)  # noqa: NPY002
