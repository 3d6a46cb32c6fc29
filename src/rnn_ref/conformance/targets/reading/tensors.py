"""Arrays as a framework has them, where foreign code wants that: only of a framework that it has imported itself."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array
from .engines.wrapped import OWN, wrapped

LISTS = "lists"
KINDS: tuple[str, ...] = ("numpy", "torch", "torch with gradients", "jax")


def kinds_for(names: Any) -> list[str]:
    """Return the kinds of arrays that a module may want, by what stands in it."""
    roots = {str(getattr(value, "__name__", getattr(value, "__module__", ""))).partition(".")[0] for value in names}
    roots |= {type(value).__module__.partition(".")[0] for value in names}
    found = [kind for kind in KINDS if kind.partition(" ")[0] in roots and kind.partition(" ")[0] in sys.modules]
    if not found and "numpy" not in roots:
        return ["numpy", LISTS]
    return [*(("numpy",) if "numpy" in roots or not found else ()), *(kind for kind in found if kind != "numpy")]


def is_narrow(kinds: Sequence[str], way: Any = None) -> bool:
    """Whether something is float32 whatever it is made of: JAX's arrays, unless that is configured; layers of Keras."""
    of_layers = getattr(getattr(way, "maker", None), "kind", object).__mro__
    of_keras = any(one.__module__.partition(".")[0] == "keras" for one in of_layers)
    return of_keras or ("jax" in kinds and not sys.modules["jax"].config.jax_enable_x64)


def converter(kind: str) -> Callable[[Any], Any]:
    """Return what turns NumPy's arrays, and lists of them, into the kind."""
    if kind == "numpy":
        return lambda value: value
    if kind == LISTS:
        return lambda value: _each(value, lambda array: array.tolist())
    if kind.startswith(OWN):
        return lambda value: _each(value, wrapped(kind))
    if kind == "jax":
        return lambda value: _each(value, sys.modules["jax"].numpy.asarray)
    torch = sys.modules["torch"]
    asks = kind.endswith("gradients")

    def tensor(array: Array) -> Any:
        shared = array.flags.writeable and all(stride >= 0 for stride in array.strides)
        made = torch.from_numpy(array if shared else np.array(array, order="C"))
        return made.requires_grad_() if asks and made.is_floating_point() else made

    return lambda value: _each(value, tensor)


def _each(value: Any, convert: Callable[[Array], Any]) -> Any:
    if isinstance(value, list):
        return [_each(one, convert) for one in value]
    return convert(value) if isinstance(value, np.ndarray) else value
