"""Random networks for the unit tests: every axis of another size, nothing zero, weights that contract.

Two correct programs add the same terms up in different orders. What that may do to a result is n·u·Σ|terms|, for n
roundings of relative size u (Higham, 2002, "Accuracy and stability of numerical algorithms", ch. 3); the helpers here
count the n, so that no test needs a tolerance out of the blue.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from rnn_ref import rnn_forward

U = 2.0**-53  # the largest relative error of one rounding in float64


class Network(NamedTuple):
    """All that rnn_bptt takes, without its targets."""

    X_seq: Any
    h0: Any
    W_xh: Any
    W_hh: Any
    b_h: Any
    W_hy: Any
    b_y: Any

    @property
    def weights(self) -> tuple[Any, Any, Any]:
        return self.W_xh, self.W_hh, self.b_h

    @property
    def recurrent(self) -> tuple[Any, ...]:
        return self[:5]


def network(
    T: int = 5, B: int | None = 3, D: int = 4, H: int = 6, V: int = 7, *, seed: int = 0, dtype: Any = float
) -> Network:
    """Draw a network; ``B=None`` is one sequence without a batch axis."""
    rng, batch = np.random.default_rng(seed), () if B is None else (B,)
    shapes = [(T, *batch, D), (*batch, H), (H, D), (H, H), (H,), (V, H), (V,)]
    scales = [0.5, 1, 1 / np.sqrt(D), 1 / np.sqrt(H), 0.5, 1, 1]
    return Network(*(rng.normal(scale=s, size=shape).astype(dtype) for s, shape in zip(scales, shapes, strict=True)))


def targets_of(net: Network, seed: int = 0) -> Any:
    """Draw a class for every step of every sequence."""
    return np.random.default_rng(seed).integers(len(net.b_y), size=net.X_seq.shape[:-1])


def normal_like(array: Any, seed: int = 1) -> Any:
    """Draw an upstream gradient: never ones, which hide mistakes."""
    return np.random.default_rng(seed).normal(size=np.shape(array))


small = st.integers(1, 6)
networks = st.builds(network, small, st.none() | st.integers(1, 4), small, small, small, seed=st.integers(0, 10**6))
batches = st.builds(network, small, st.integers(1, 4), small, small, small, seed=st.integers(0, 10**6))


def assert_within(actual: Any, expected: Any, allowed: Any) -> None:
    """Fail unless shape and dtype are the same and every entry is within ``allowed``; nan is never within."""
    assert (np.shape(actual), actual.dtype) == (np.shape(expected), expected.dtype)
    error = np.abs(np.asarray(actual) - expected)
    assert (error <= allowed).all(), f"off by {error.max():.1e}, allowed {np.max(allowed):.1e}"


def step_rounding(net: Network) -> float:
    """Return how far two programs may be apart after one step from the same state.

    D + H + 1 terms are added up, and tanh, whose slope is at most 1, adds some 4 ulp of a state of at most 1.
    """
    h_max = max(1.0, np.abs(net.h0).max())
    W_xh, W_hh, b_h = map(np.abs, net.weights)
    terms = (np.abs(net.X_seq) @ W_xh.T).max() + h_max * W_hh.sum(1).max() + b_h.max()
    return float(2 * (sum(W_xh.shape) + 5) * U * (1 + terms))


def run_rounding(net: Network) -> float:
    """Return how far two programs may be apart after T steps: each multiplies an error by W_hh's row sum at most."""
    growth = np.abs(net.W_hh).sum(1).max()
    return float(step_rounding(net) * sum(growth**t for t in range(len(net.X_seq))))


def gradient_roundings(net: Network) -> float:
    """Return how many roundings lie on the longest way to a gradient, in two programs.

    On each of the T steps D + H + 5 on the way there and H + 5 back; T·B more where a weight's gradient is added up.
    A state that is off by 4 roundings of 1 puts its slope off by 8 / (1 − |h|) roundings of the slope.
    """
    T, D, H = len(net.X_seq), *net.W_xh.T.shape
    slope = 8 / (1 - np.abs(rnn_forward(*net.recurrent)).max())
    return float(2 * (T * (D + 2 * H + 10 + slope) + net.X_seq.size // D + len(net.b_y)))


def magnitudes(backward: Callable[..., Any], *arguments: Any) -> Sequence[Any]:
    """Return Σ|terms| of every gradient: gradients are linear in what comes from above, slopes do not see signs."""
    return backward(*(np.abs(np.asarray(a)) for a in arguments))


def assert_gradients(actual: Any, expected: Any, terms: Sequence[Any], roundings: float) -> None:
    """Fail unless every gradient is within so many roundings of its Σ|terms|."""
    for name, a, e, m in zip(actual._fields, actual, expected, terms, strict=True):
        assert a.shape == e.shape, name
        assert_within(a, e, roundings * U * m)
