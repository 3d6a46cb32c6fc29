"""Three optimisers, each equal to its ``torch.optim`` namesake, as pure functions of what they read.

An optimiser object holds the settings alone. ``init`` makes the state, ``step`` returns new parameters and a new
state and writes into nothing, so that a training run can be saved, resumed and repeated from any point:

>>> import numpy as np
>>> optimiser, params = SGD(lr=0.1, momentum=0.9), {"W": np.array([1.0])}
>>> state = optimiser.init(params)
>>> for _ in range(2):
...     params, state = optimiser.step(params, {"W": 2 * params["W"]}, state)  # the gradient of W²
>>> params
{'W': array([0.46])}

PyTorch's ``maximize``, ``foreach``, ``fused`` and ``capturable`` are left out: the first is a sign, the others are
about speed on its own devices.
"""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from ._optimiser import Optimiser
from ._shapes import Array


@dataclass(frozen=True)
class SGD(Optimiser):
    """Stochastic gradient descent, with momentum, dampening, Nesterov's look-ahead and weight decay.

    v ← μ v + (1 − dampening) g;   p ← p − lr · v,   with Nesterov's p ← p − lr · (g + μ v)

    As in PyTorch, the first v is g itself, undampened. Sutskever et al. (2013).
    """

    lr: float = 1e-3
    momentum: float = 0.0
    dampening: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        self._at_least_zero(lr=self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
        object.__setattr__(self, "dampening", float(self.dampening))
        if self.nesterov and (self.momentum <= 0 or self.dampening != 0):
            raise ValueError(
                f"SGD: nesterov is True with momentum {self.momentum} and dampening {self.dampening}, expected "
                "momentum > 0 and dampening 0"
            )

    def _arrays(self, step: int) -> tuple[str, ...]:
        return ("momentum",) if step and self.momentum else ()

    def _first(self, parameter: Array) -> dict[str, Any]:
        return {"step": 0}

    def _update(self, p: Array, g: Array, state: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
        new = {"step": state["step"] + 1}
        if self.momentum:
            v = self.momentum * state["momentum"] + (1 - self.dampening) * g if state["step"] else g.copy()
            new["momentum"] = v
            g = g + self.momentum * v if self.nesterov else v
        return p - self.lr * g, new


@dataclass(frozen=True)
class Adagrad(Optimiser):
    """A rate for each weight, that shrinks with all the gradient it has ever seen. Duchi, Hazan and Singer (2011).

    s ← s + g²;   p ← p − lr / (1 + (step − 1) lr_decay) · g / (√s + eps)
    """

    lr: float = 1e-2
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10

    def __post_init__(self) -> None:
        self._at_least_zero(
            lr=self.lr, lr_decay=self.lr_decay, weight_decay=self.weight_decay,
            initial_accumulator_value=self.initial_accumulator_value, eps=self.eps,
        )  # fmt: skip

    def _arrays(self, step: int) -> tuple[str, ...]:
        return ("sum",)

    def _first(self, parameter: Array) -> dict[str, Any]:
        return {"step": 0, "sum": np.full_like(parameter, self.initial_accumulator_value)}

    def _update(self, p: Array, g: Array, state: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
        s = state["sum"] + g * g
        rate = self.lr / (1 + state["step"] * self.lr_decay)
        return p - rate * g / (np.sqrt(s) + self.eps), {"step": state["step"] + 1, "sum": s}


@dataclass(frozen=True)
class Adam(Optimiser):
    """Momentum, divided by the recent size of the gradient. Kingma and Ba (2015); amsgrad: Reddi et al. (2018).

    m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²;   p ← p − lr · m̂ / (√v̂ + eps)

    m̂ and v̂ are divided by 1 − βᵗ, for both start at zero. With ``amsgrad`` v̂ is the largest v so far.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    amsgrad: bool = False

    def __post_init__(self) -> None:
        self._at_least_zero(lr=self.lr, eps=self.eps, weight_decay=self.weight_decay)
        several = isinstance(self.betas, tuple | list) and all(isinstance(beta, Real) for beta in self.betas)
        pair = tuple(float(beta) for beta in self.betas) if several else ()
        object.__setattr__(self, "betas", pair or self.betas)
        if len(pair) != 2 or not all(0 <= beta < 1 for beta in pair):
            raise ValueError(f"Adam: betas is {self.betas}, expected two numbers from 0 to below 1")

    def _arrays(self, step: int) -> tuple[str, ...]:
        return ("m", "v", "v_max") if self.amsgrad else ("m", "v")

    def _first(self, parameter: Array) -> dict[str, Any]:
        return {"step": 0} | {name: np.zeros_like(parameter) for name in self._arrays(0)}

    def _update(self, p: Array, g: Array, state: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
        beta1, beta2 = self.betas
        step = state["step"] + 1
        m = beta1 * state["m"] + (1 - beta1) * g
        v = beta2 * state["v"] + (1 - beta2) * g * g
        new = {"step": step, "m": m, "v": v}
        if self.amsgrad:
            new["v_max"] = v = np.maximum(state["v_max"], v)
        denominator = np.sqrt(v) / math.sqrt(1 - beta2**step) + self.eps
        return p - self.lr / (1 - beta1**step) * m / denominator, new
