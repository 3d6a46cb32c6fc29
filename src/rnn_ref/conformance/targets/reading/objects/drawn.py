"""Weights that a file draws by JAX, drawn by NumPy: only their names and shapes count, and JAX compiles each shape."""

import contextlib
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

PLACES = "jax.random", "jax._src.random"  # where users look, and JAX's own initialisers


def with_a_key(function: Callable[..., Any], told: Mapping[str, Any], names: Collection[str]) -> Any:
    """Return what a function makes of what it is told, and of a key of JAX under some names."""
    key = sys.modules["jax"].random.PRNGKey(0)
    with _by_numpy():
        return function(**{**told, **dict.fromkeys(names, key)})


@contextlib.contextmanager
def _by_numpy() -> Iterator[None]:
    """Have JAX's commonest distributions come from NumPy for a while."""
    places = [vars(sys.modules[name]) for name in PLACES if name in sys.modules]
    kept = [{name: place[name] for name in DRAWS if name in place} for place in places]
    for place, own in zip(places, kept, strict=True):
        place.update({name: DRAWS[name] for name in own})
    try:
        yield
    finally:
        for place, own in zip(places, kept, strict=True):
            place.update(own)


def _normal(key: Any, shape: Any = (), dtype: Any = None, **_: Any) -> Any:
    return _array(np.random.default_rng(0).normal(size=shape), dtype)


def _truncated_normal(key: Any, lower: Any, upper: Any, shape: Any = (), dtype: Any = None, **_: Any) -> Any:
    return _array(np.clip(np.random.default_rng(0).normal(size=shape), lower, upper), dtype)


def _uniform(key: Any, shape: Any = (), dtype: Any = None, minval: Any = 0.0, maxval: Any = 1.0, **_: Any) -> Any:
    return _array(np.random.default_rng(0).uniform(minval, maxval, shape), dtype)


def _array(drawn: Any, dtype: Any) -> Any:
    return sys.modules["jax"].numpy.asarray(drawn, dtype or np.float32)


DRAWS: dict[str, Callable[..., Any]] = {"normal": _normal, "uniform": _uniform, "truncated_normal": _truncated_normal}
