"""JAX: float64 switched on, gradients by ``vjp``, and gradients by name."""

import functools
from typing import Any

import jax
import numpy as np

from ...._shapes import Array

__all__ = ["Named", "as_arrays", "back", "compiled", "jax"]

jax.config.update("jax_enable_x64", True)  # without it JAX answers in float32, whatever it is asked in

Named = dict[str, Array]
QUICK = {  # to compile is nearly all that a check of JAX takes, for each is of other sizes; what is compiled runs twice
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}


def back(function: Any, upstream: Any, *inputs: Any) -> Any:
    """Return the gradients by all inputs of a function, given the gradient of its result."""
    return jax.vjp(function, *inputs)[1](upstream)


def as_arrays(names: tuple[str, ...], gradients: Any) -> Named:
    """Return gradients as arrays, by name."""
    return dict(zip(names, map(np.asarray, gradients), strict=True))


def compiled(function: Any, **options: Any) -> Any:
    """Return what ``jax.jit`` makes of a function, compiled in a third of the time where XLA knows how."""
    return jax.jit(function, compiler_options=_known(), **options)


@functools.cache
def _known() -> dict[str, Any] | None:
    """Return the options of XLA, None where it does not know one of them."""
    try:
        jax.jit(lambda a: a, compiler_options=QUICK)(1.0)
    except Exception:  # of whatever kind: XLA's own
        return None
    return QUICK
