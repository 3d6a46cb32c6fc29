"""How a gradient fares on its way back through time: measured with the reference, and with PyTorch's autograd."""

import importlib.util
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .. import rnn_cell_backward, rnn_forward
from .._shapes import Array


class Flow(NamedTuple):
    """One network: its ρ and σ, and by number of steps back (0 … T) the gradient's norms and the bound."""

    radius: float  # ρ(W_hh), the largest magnitude of an eigenvalue
    sigma: float  # σ_max(W_hh), the largest singular value
    ours: Array  # ‖dL/dh_t‖, where L looks at h_T alone and ‖dL/dh_T‖ = 1
    pytorch: Array | None  # the same by autograd; None where PyTorch is not installed
    bound: Array  # the product of ‖∂h_s/∂h_{s−1}‖ over the steps s on the way, which no gradient exceeds

    def apart(self, back: int) -> float | None:
        """Return the largest difference so many steps back, relative to autograd's; None without PyTorch."""
        if self.pytorch is None:
            return None
        ours, theirs = self.ours[: back + 1], self.pytorch[: back + 1]
        return float(np.max(np.abs(ours - theirs) / np.maximum(theirs, np.finfo(float).tiny)))  # both may be 0


def measure(radius: float, steps: int, hidden: int, seed: int) -> Flow:
    """Draw a network with this spectral radius, and follow a gradient of length 1 from its last state to its first.

    Float64 throughout. The same seed gives the same network up to the factor of W_hh, and the same inputs.

    >>> flow = measure(0.5, steps=10, hidden=8, seed=1)
    >>> round(flow.radius, 12), len(flow.ours), bool((flow.ours <= flow.bound * (1 + 1e-12)).all())
    (0.5, 11, True)
    """
    rng = np.random.default_rng(seed)
    W_hh = rng.standard_normal((hidden, hidden))
    W_hh *= radius / _radius(W_hh)
    weights = {"W_xh": rng.standard_normal((hidden, 1)) / 4, "W_hh": W_hh, "b_h": np.zeros(hidden)}
    X_seq, h0, dh_T = rng.standard_normal((steps, 1)), np.zeros(hidden), rng.standard_normal(hidden)
    dh_T /= np.linalg.norm(dh_T)
    ours, bound = np.array(list(_back(X_seq, h0, dh_T, weights))).T
    theirs = None
    if importlib.util.find_spec("torch") is not None:
        from .beside_torch import state_gradients  # noqa: PLC0415 - only here is PyTorch needed

        theirs = np.array([np.linalg.norm(one) for one in state_gradients(X_seq, h0, dh_T, weights)[::-1]])
    return Flow(_radius(W_hh), float(np.linalg.norm(W_hh, 2)), ours, theirs, bound)


def _back(X_seq: Array, h0: Array, dh: Array, weights: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Yield ‖dL/dh_t‖ and the product of the Jacobians' norms, from the last state to h0."""
    states = [h0, *rnn_forward(X_seq, h0, **weights)]
    every, bound = np.eye(len(h0)), 1.0  # a batch of unit vectors: their way back is the Jacobian
    yield float(np.linalg.norm(dh)), bound
    for x_t, h_t, h_prev in zip(X_seq[::-1], states[:0:-1], states[-2::-1], strict=True):
        alike = [np.tile(one, (len(h0), 1)) for one in (h_t, x_t, h_prev)]
        bound *= float(np.linalg.norm(rnn_cell_backward(every, *alike, **weights).h_prev, 2))
        dh = rnn_cell_backward(dh, h_t, x_t, h_prev, **weights).h_prev
        yield float(np.linalg.norm(dh)), bound


def _radius(W_hh: Array) -> float:
    return float(np.abs(np.linalg.eigvals(W_hh)).max())
