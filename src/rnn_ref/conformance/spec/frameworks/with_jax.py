"""JAX: float64 switched on, gradients by ``vjp``, and gradients by name."""

from typing import Any

import jax
import numpy as np

from ...._shapes import Array

__all__ = ["Named", "as_arrays", "back", "jax"]

jax.config.update("jax_enable_x64", True)  # without it JAX answers in float32, whatever it is asked in

Named = dict[str, Array]


def back(function: Any, upstream: Any, *inputs: Any) -> Any:
    """Return the gradients by all inputs of a function, given the gradient of its result."""
    return jax.vjp(function, *inputs)[1](upstream)


def as_arrays(names: tuple[str, ...], gradients: Any) -> Named:
    """Return gradients as arrays, by name."""
    return dict(zip(names, map(np.asarray, gradients), strict=True))
