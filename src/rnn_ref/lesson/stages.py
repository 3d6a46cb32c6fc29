"""One network taken through every function in turn, each judged on what the one before it handed over.

So a fault shows where it is made: what comes behind it is computed from wrong numbers, but computed right.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .._shapes import Array
from .judged import Caller, Functions, Step


class Network(NamedTuple):
    """A sequence, its targets, and the weights."""

    X_seq: Array
    targets_seq: Array
    h0: Array
    W_xh: Array
    W_hh: Array
    b_h: Array
    W_hy: Array
    b_y: Array

    @property
    def cell(self) -> dict[str, Array]:
        """The recurrent weights."""
        return {"W_xh": self.W_xh, "W_hh": self.W_hh, "b_h": self.b_h}


def draw(seed: int, T: int, B: int | None, D: int, H: int, V: int, dtype: str) -> Network:
    """Draw a network whose states neither die nor saturate, and something for it to read."""
    rng = np.random.default_rng(seed)
    batch = () if B is None else (B,)
    shapes = [(T, *batch, D), (*batch, H), (H, D), (H, H), (H,), (V, H), (V,)]
    scales = [1, 0.5, D**-0.5, H**-0.5, 0.5, 2 * H**-0.5, 0.5]
    X_seq, *rest = ((s * rng.standard_normal(shape)).astype(dtype) for s, shape in zip(scales, shapes, strict=True))
    return Network(X_seq, rng.integers(V, size=(T, *batch)), *rest)


def steps(net: Network, functions: Functions) -> Iterator[Step]:
    """Yield every intermediate in the order of computation: forward in time, then back."""
    run = Caller(functions, str(net.X_seq.dtype))
    T, output = len(net.X_seq), {"W_hy": net.W_hy, "b_y": net.b_y}
    ran = run("rnn_forward", X_seq=net.X_seq, h0=net.h0, **net.cell)
    yield from ran.by_step("h_states", "h")
    h_states = ran["h_states"]
    ran = run("rnn_output_layer", h_states=h_states, **output)
    yield from ran.by_step("logits", "logits")
    pairs = list(zip(ran["logits"], net.targets_seq, strict=True))
    summed = {"reduction": "sum"} if net.targets_seq.ndim > 1 else {}
    for t, (logits, targets) in enumerate(pairs, 1):
        yield run("cross_entropy", logits=logits, targets=targets, **summed).whole("loss", f"loss_{t}")
    dlogits = []
    for t, (logits, targets) in enumerate(pairs, 1):
        ran = run("cross_entropy_backward", dloss=1.0, logits=logits, targets=targets, **summed)
        yield ran.whole("dlogits", f"dlogits_{t}")
        dlogits.append(ran["dlogits"])
    ran = run("rnn_output_backward", dlogits_seq=np.stack(dlogits), h_states=h_states, **output)
    yield from (ran.whole(name, f"d{name}") for name in output)
    above, dh, handed = ran["h_states"], np.zeros_like(net.h0), "h_states"
    for t in reversed(range(T)):
        dh_t = above[t] + dh
        yield ran.whole(handed, f"dh_{t + 1}", t)._replace(value=dh_t)
        before = h_states[t - 1] if t else net.h0
        ran = run("rnn_cell_backward", dh_t=dh_t, h_t=h_states[t], x_t=net.X_seq[t], h_prev=before, **net.cell)
        handed, dh = "h_prev", ran["h_prev"]
    yield ran.whole("h_prev", "dh_0")
    ran = run("rnn_backward", dh_states=above, h_states=h_states, X_seq=net.X_seq, h0=net.h0, **net.cell)
    yield from (ran.whole(name, f"d{name}") for name in ("X_seq", "W_xh", "W_hh", "b_h"))
