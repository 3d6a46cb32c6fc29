"""How a gradient fares on its way back through time: measured with the reference, and with PyTorch's autograd."""

import importlib.util
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import rnn_ref

from .._shapes import Array
from ..conformance.spec import OPERATIONS
from . import gates
from .networks import Network


class Flow(NamedTuple):
    """One network: its ρ and σ, and by number of steps back (0 … T) the gradient's norms and the bound.

    The gradient is that of h_t, of an LSTM that of its memory c_t. On the straight path it meets nothing but one gate.
    """

    cell: str
    letter: str  # of the state: h or c
    radius: float  # ρ(W_hh), the largest magnitude of an eigenvalue, of every gate's block
    sigma: float  # σ_max(W_hh), the largest singular value of any block
    ours: Array  # ‖dL/dh_t‖, where L looks at h_T alone and ‖dL/dh_T‖ = 1
    pytorch: Array | None  # the same by autograd; None where PyTorch is not installed
    bound: Array  # the product of ‖∂h_s/∂h_{s−1}‖ over the steps s on the way, which no gradient exceeds
    straight: Array | None  # ‖dL/dh_T ∘ z_T ∘ … ∘ z_{t+1}‖, of an LSTM f; None where there is no such path

    def apart(self, back: int) -> float | None:
        """Return the largest difference so many steps back, relative to autograd's; None without PyTorch."""
        if self.pytorch is None:
            return None
        ours, theirs = self.ours[: back + 1], self.pytorch[: back + 1]
        return float(np.max(np.abs(ours - theirs) / np.maximum(theirs, np.finfo(float).tiny)))  # both may be 0


def measure(radius: float, steps: int, hidden: int, seed: int, cell: str = "rnn", keep: float = 0.95) -> Flow:
    """Draw a network with this spectral radius, and follow a gradient of length 1 from its last state to its first.

    Float64 throughout. The same seed gives the same network up to the factor of W_hh, and the same inputs. A bias sets
    the gate on the straight path near ``keep``; all others are zero.

    >>> flow = measure(0.5, steps=10, hidden=8, seed=1)
    >>> round(flow.radius, 12), len(flow.ours), bool((flow.ours <= flow.bound * (1 + 1e-12)).all())
    (0.5, 11, True)
    """
    net, d_T = _drawn(radius, steps, hidden, seed, cell, keep)
    blocks = np.split(net.weights["W_hh"], len(net.weights["W_hh"]) // hidden)
    ours, bound, straight = np.array(list(_back(net, d_T))).T
    theirs = None
    if importlib.util.find_spec("torch") is not None:
        from .beside_torch import state_gradients  # noqa: PLC0415 - only here is PyTorch needed

        starts = [*(np.zeros_like(d_T) for _ in net.states[1:]), d_T]
        found = state_gradients(cell, net.X_seq, list(net.states0.values()), starts, net.weights)
        theirs = np.array([np.linalg.norm(states[-1]) for states in found[::-1]])
    sigma = max(float(np.linalg.norm(block, 2)) for block in blocks)
    return Flow(
        cell,
        net.states[-1],
        max(map(_radius, blocks)),
        sigma,
        ours,
        theirs,
        bound,
        straight if gates.CELLS[cell].keeps else None,
    )


def _drawn(radius: float, steps: int, hidden: int, seed: int, cell: str, keep: float) -> tuple[Network, Array]:
    """Return the network, and a gradient of length 1 for its last state."""
    rng, (_, names, keeps, _) = np.random.default_rng(seed), gates.CELLS[cell]
    blocks = [rng.standard_normal((hidden, hidden)) for _ in names or [""]]
    W_hh = np.concatenate([block * (radius / _radius(block)) for block in blocks])
    weights = {"W_xh": rng.standard_normal((len(W_hh), 1)) / 4, "W_hh": W_hh}
    biases = [name for name in OPERATIONS[f"{cell}_forward"].arguments if name.startswith("b_")]
    weights |= {name: np.zeros(len(W_hh)) for name in biases}
    if keeps:
        np.split(weights[biases[0]], len(names))[names.index(keeps)][:] = math.log(keep / (1 - keep))
    X_seq, d_T = rng.standard_normal((steps, 1)), rng.standard_normal(hidden)
    states0 = {name: np.zeros(hidden) for name in OPERATIONS[f"{cell}_forward"].arguments if name in {"h0", "c0"}}
    return Network(cell, X_seq, np.zeros(steps, int), states0, weights, {}), d_T / np.linalg.norm(d_T)


def _back(net: Network, d_T: Array) -> Iterator[tuple[float, float, float]]:
    """Yield the gradient's norm, the product of the Jacobians' norms, and what is left on the straight path."""
    states = _states(net)
    step_back: Callable[..., Any] = getattr(rnn_ref, net.named("cell_backward"))
    count, H, bound, straight = len(net.states), len(d_T), 1.0, d_T
    gradients = [*(np.zeros_like(d_T) for _ in range(count - 1)), d_T]
    units = np.split(np.eye(count * H), count, axis=-1)  # a batch of unit vectors: their way back is the Jacobian
    yield float(np.linalg.norm(d_T)), bound, float(np.linalg.norm(straight))
    for t in reversed(range(len(net.X_seq))):
        after, before = ([one[t + k] for one in states] for k in (1, 0))
        known = {f"{one}_t": value for one, value in zip(net.states, after, strict=True)} | {"x_t": net.X_seq[t]}
        known |= {f"{one}_prev": value for one, value in zip(net.states, before, strict=True)}

        def back(upstream: list[Array], known: dict[str, Array]) -> list[Array]:
            above = {f"d{one}_t": value for one, value in zip(net.states, upstream, strict=True)}
            found = step_back(**net.asked("cell_backward", **known, **above))
            return [getattr(found, f"{one}_prev") for one in net.states]

        tiled = {name: np.tile(value, (count * H, 1)) for name, value in known.items()}
        bound *= float(np.linalg.norm(np.concatenate(back(units, tiled), -1), 2))
        gradients = back(gradients, known)
        if keeps := gates.CELLS[net.cell].keeps:
            straight = straight * gates.due(net.cell, net.X_seq[t], before, net.weights)[keeps].due
        yield float(np.linalg.norm(gradients[-1])), bound, float(np.linalg.norm(straight))


def _states(net: Network) -> list[list[Array]]:
    """Return every state from that before the first step to the last."""
    found = getattr(rnn_ref, net.named("forward"))(**net.asked("forward"))
    every = found if len(net.states) > 1 else [found]
    return [[first, *one] for first, one in zip(net.states0.values(), every, strict=True)]


def _radius(W_hh: Array) -> float:
    return float(np.abs(np.linalg.eigvals(W_hh)).max())
