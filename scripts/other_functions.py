"""tanh and softmax made in other ways, each of them right: of one exponential or two, by logsumexp, in one pass.

A tanh comes with its slope, as differentiating that very expression gives it. A softmax is the pair of log p and p, row
by row, of logits (N, V).
"""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

Array = Any
LogSoftmax = Callable[[Array], tuple[Array, Array]]
MODERATE = 80.0  # above it exp overflows in float32


class Tanh(NamedTuple):
    """tanh z, and its slope, of the value and the argument."""

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def _signed(z: Array) -> Array:
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * ((1 - e) / (1 + e))


def _by_expm1(z: Array) -> Array:
    e = np.expm1(2 * z)
    return e / (e + 2)


def _slope_of_two(h: Array, z: Array) -> Array:
    """Differentiate numerator and denominator, as autograd does."""
    up, down = np.exp(z), np.exp(-z)
    total = up + down
    of_top, of_bottom = 1 / total, -(up - down) / (total * total)
    return (of_top + of_bottom) * up + (of_top - of_bottom) * down


def _slope_of_sigmoid(h: Array, z: Array) -> Array:
    s = _sigmoid(2 * z)
    return 4 * (s * (1 - s))


def _slope_of_one(h: Array, z: Array) -> Array:
    e = np.exp(2 * z)
    return 2 / (e + 1) * (2 * e / (e + 1))


TANHS: Mapping[str, Tanh] = {
    "tanh": Tanh(np.tanh, lambda h, z: 1 - h * h),
    "(1 - h)(1 + h)": Tanh(np.tanh, lambda h, z: (1 - h) * (1 + h)),
    "slope 1/cosh²": Tanh(np.tanh, lambda h, z: 1 / np.cosh(z) ** 2),
    "tanh of two exponentials": Tanh(lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), _slope_of_two),
    "tanh as 2σ(2z) - 1": Tanh(lambda z: 2 * _sigmoid(2 * z) - 1, _slope_of_sigmoid),
    "tanh as 1 - 2/(exp 2z + 1)": Tanh(lambda z: 1 - 2 / (np.exp(2 * z) + 1), _slope_of_one),
    "tanh as (exp 2z - 1)/(exp 2z + 1)": Tanh(
        lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1), lambda h, z: 1 - h**2
    ),
    "tanh of exp(-2 abs z)": Tanh(_signed, lambda h, z: 1 - h**2),
    "tanh of expm1": Tanh(_by_expm1, lambda h, z: 1 - h**2),
    "sinh/cosh": Tanh(lambda z: np.sinh(z) / np.cosh(z), lambda h, z: 1 - h**2),
}


def shifted(z: Array) -> tuple[Array, Array]:
    """The maximum subtracted, and the sum divided by."""
    z = z - z.max(-1, keepdims=True)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True)
    return z - np.log(total), e / total


def logsumexp(z: Array) -> tuple[Array, Array]:
    """L = max + log Σ exp(z - max), log p = z - L, p = exp(log p)."""
    top = z.max(-1, keepdims=True)
    log_p = z - (top + np.log(np.exp(z - top).sum(-1, keepdims=True)))
    return log_p, np.exp(log_p)


def logsumexp_of_the_rest(z: Array) -> tuple[Array, Array]:
    """As SciPy 1.15: the largest are counted, log1p of the rest."""
    top = z.max(-1, keepdims=True)
    largest = z == top
    count = largest.sum(-1, keepdims=True).astype(z.dtype)
    rest = np.exp(np.where(largest, -np.inf, z - top)).sum(-1, keepdims=True)
    log_p = z - (np.log1p(rest / count) + np.log(count) + top)
    return log_p, np.exp(log_p)


def logaddexp(z: Array) -> tuple[Array, Array]:
    """One logit after the other."""
    log_p = z - np.logaddexp.reduce(z, -1, keepdims=True)
    return log_p, np.exp(log_p)


def logaddexp_in_pairs(z: Array) -> tuple[Array, Array]:
    """Halves, and halves of halves."""
    left = z
    while left.shape[-1] > 1:
        left, odd = np.split(left, [left.shape[-1] // 2 * 2], -1)
        left = np.concatenate([np.logaddexp(left[..., ::2], left[..., 1::2]), odd], -1)
    return z - left, np.exp(z - left)


def in_one_pass(z: Array) -> tuple[Array, Array]:
    """The sum scaled down whenever a larger logit comes (Milakov and Gimelshein, 2018)."""
    top, total = z[:, :1], np.ones_like(z[:, :1])
    for j in range(1, z.shape[-1]):
        larger = np.maximum(top, z[:, j : j + 1])
        total = total * np.exp(top - larger) + np.exp(z[:, j : j + 1] - larger)
        top = larger
    return (z - top) - np.log(total), np.exp(z - top) / total


def unshifted(z: Array) -> tuple[Array, Array]:
    """Nothing subtracted, where exp does not overflow."""
    if not np.abs(z).max() < MODERATE:
        return shifted(z)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True)
    return z - np.log(total), e / total


def in_tiles(z: Array) -> tuple[Array, Array]:
    """Two classes at a time, each with its own maximum and sum, then scaled to the largest: as on a GPU."""
    tiles = [z[:, start : start + 2] for start in range(0, z.shape[-1], 2)]
    tops = [tile.max(-1, keepdims=True) for tile in tiles]
    top = np.maximum.reduce(tops)
    sums = [
        np.exp(tile - own).sum(-1, keepdims=True) * np.exp(own - top) for tile, own in zip(tiles, tops, strict=True)
    ]
    total = sum(sums[1:], sums[0])
    return (z - top) - np.log(total), np.exp(z - top) / total


def summed_wide(z: Array) -> tuple[Array, Array]:
    """Exponentials in the dtype, their sum and its log in float64."""
    z = z - z.max(-1, keepdims=True)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True, dtype=np.float64)
    return (z - np.log(total)).astype(z.dtype), (e / total).astype(z.dtype)


def _by_torch(name: str) -> LogSoftmax:
    """Take torch's logsumexp, or its cumulative form; p is its gradient."""
    torch = importlib.import_module("torch")

    def found(z: Array) -> tuple[Array, Array]:
        leaf = torch.tensor(z, requires_grad=True)
        L = torch.logsumexp(leaf, -1, keepdim=True) if name == "logsumexp" else torch.logcumsumexp(leaf, -1)[:, -1:]
        L.sum().backward()
        return (leaf - L).detach().numpy(), leaf.grad.numpy()

    return found


def _by_jax(name: str) -> LogSoftmax:
    """Take jax's logsumexp, or logaddexp by ``lax.scan`` over the classes; p is its gradient."""
    jax = importlib.import_module("jax")
    jnp = importlib.import_module("jax.numpy")
    jax.config.update("jax_enable_x64", True)

    def of_rows(z: Any) -> Any:
        if name == "logsumexp":
            return jax.nn.logsumexp(z, -1)
        return jax.lax.scan(lambda L, z_j: (jnp.logaddexp(L, z_j), None), z[:, 0], z[:, 1:].T)[0]

    def both(z: Any) -> tuple[Any, Any]:
        L, back = jax.vjp(of_rows, z)
        return z - L[:, None], back(jnp.ones_like(L))[0]

    compiled = jax.jit(both)
    return lambda z: tuple(np.asarray(one) for one in compiled(z))  # type: ignore[return-value]


SOFTMAXES: Mapping[str, LogSoftmax] = {
    "softmax, shifted": shifted,
    "softmax by logsumexp": logsumexp,
    "softmax by SciPy's logsumexp": logsumexp_of_the_rest,
    "softmax by logaddexp.reduce": logaddexp,
    "softmax by logaddexp in pairs": logaddexp_in_pairs,
    "softmax in one pass": in_one_pass,
    "softmax in tiles": in_tiles,
    "softmax, nothing subtracted": unshifted,
}


def of_frameworks() -> dict[str, LogSoftmax]:
    """Return the softmaxes of frameworks that are installed; those of JAX compile for every size."""
    found: dict[str, LogSoftmax] = {}
    if importlib.util.find_spec("torch"):
        found |= {f"softmax by torch.{name}": _by_torch(name) for name in ("logsumexp", "logcumsumexp")}
    if importlib.util.find_spec("jax"):
        found |= {
            f"JAX, {told}": _by_jax(name)
            for name, told in (("logsumexp", "logsumexp"), ("scan", "logaddexp by lax.scan"))
        }
    return found
