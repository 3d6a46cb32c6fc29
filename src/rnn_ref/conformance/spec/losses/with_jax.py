"""``jax.nn.log_softmax`` of the target under the specification's signatures, the way back by ``vjp``.

JAX has no class weights, no ignored index and no smoothing, so those options are not declared; and no sum of any
``loss_fn`` over a sequence, so that pair is absent.
"""

from typing import Any

import numpy as np
from jax import numpy as jnp

from ...._shapes import Array
from ..frameworks.with_jax import compiled, jax

REDUCE: dict[str, Any] = {"sum": jnp.sum, "mean": jnp.mean, "none": lambda loss: loss}


def nats(logits: Any, targets: Any, reduction: str) -> Any:
    """Return the loss, traced or not."""
    log_p = jax.nn.log_softmax(logits)
    if jnp.issubdtype(targets.dtype, jnp.floating):
        return REDUCE[reduction](-(targets * log_p).sum(-1))
    return REDUCE[reduction](-jnp.take_along_axis(log_p, targets[..., None], -1)[..., 0])


def _nats_back(dloss: Any, logits: Any, targets: Any, reduction: str) -> Any:
    loss, back = jax.vjp(lambda z: nats(z, targets, reduction), logits)
    return back(dloss.astype(loss.dtype))[0]


_forward, _backward = (compiled(one, static_argnames="reduction") for one in (nats, _nats_back))


def cross_entropy(logits: Array, targets: Any, *, reduction: str = "mean") -> Any:
    """Minus ``jax.nn.log_softmax`` of the target."""
    return np.asarray(_forward(logits, np.asarray(targets), reduction))[()]


def cross_entropy_backward(dloss: Any, logits: Array, targets: Any, *, reduction: str = "mean") -> Array:
    """``jax.vjp`` of the loss."""
    return np.asarray(_backward(np.asarray(dloss), logits, np.asarray(targets), reduction))
