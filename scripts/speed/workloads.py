"""What is measured: five shapes of network, drawn as the tests draw them, with weights that contract."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np


class Workload(NamedTuple):
    """The axes of one network; no batch axis where B is None."""

    T: int
    B: int | None
    D: int
    H: int
    V: int


class Problem(NamedTuple):
    """All that rnn_bptt takes, in its order."""

    X_seq: Any
    targets_seq: Any
    h0: Any
    W_xh: Any
    W_hh: Any
    b_h: Any
    W_hy: Any
    b_y: Any

    @property
    def recurrent(self) -> tuple[Any, ...]:
        """What rnn_forward takes."""
        return self.X_seq, self.h0, self.W_xh, self.W_hh, self.b_h


WORKLOADS = {
    "W1": Workload(25, None, 65, 100, 65),  # a character model, as one writes it first
    "W2": Workload(64, 32, 64, 128, 128),
    "W3": Workload(128, 64, 512, 512, 1024),  # the products themselves
    "W4": Workload(10_000, None, 32, 64, 32),  # nothing but steps
    "W5": Workload(32, 8, 256, 256, 32_000),  # a word model: softmax over a vocabulary
}
GATED = {"gru": 3, "lstm": 4}  # kinds of work too: the full gradient of a network with so many gates
BESIDE = ("W1", "W2", "W3")  # the shapes in which those are measured
KINDS = ("forward", "loss", "gradient")  # loss: forward, output layer and loss; gradient: rnn_bptt
DTYPES = ("float32", "float64")
GROWTH = {f"T={T}": Workload(T, None, 32, 64, 32) for T in (100, 1000, 10_000, 100_000)}
WARM_UP = Workload(3, 2, 64, 64, 64)


@lru_cache(maxsize=1)
def draw(workload: Workload, dtype: str) -> Problem:
    """Draw the network; the same one in every process."""
    (T, B, D, H, V), rng = workload, np.random.default_rng(0)
    batch = () if B is None else (B,)
    shapes = [(T, *batch, D), (*batch, H), (H, D), (H, H), (H,), (V, H), (V,)]
    scales = [1, 1, D**-0.5, H**-0.5, 0.5, H**-0.5, 0.5]
    X_seq, *others = ((s * rng.standard_normal(shape)).astype(dtype) for s, shape in zip(scales, shapes, strict=True))
    return Problem(X_seq, rng.integers(V, size=(T, *batch)), *others)


def gated(problem: Problem, gates: int) -> dict[str, Any]:
    """Draw the weights of a cell with so many gates for the same problem, by our names."""
    (H, D), dtype, rng = problem.W_xh.shape, problem.W_xh.dtype, np.random.default_rng(gates)
    biases = ("b_xh", "b_hh") if gates == GATED["gru"] else ("b_h",)
    shapes = {"W_xh": (gates * H, D), "W_hh": (gates * H, H), **dict.fromkeys(biases, (gates * H,))}
    return {name: (rng.standard_normal(shape) * shape[-1] ** -0.5).astype(dtype) for name, shape in shapes.items()}
