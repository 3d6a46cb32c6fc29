"""Mistakes that no catalogue has: other activations, odd units, gradients that were improved, other losses."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import rnn_ref

from .outside_losses import BACKS, LOSSES
from .written import Outside


def network(act: Any = np.tanh, *, before: Any = None, after: Any = None, weights: Any = None) -> Callable[..., Any]:
    """Return a maker of rnn_forward and rnn_cell_step with something else in it."""

    def step(x: Any, h: Any, W_xh: Any, W_hh: Any, b_h: Any, t: int = 1) -> Any:
        W_xh, W_hh, b_h = weights(W_xh, W_hh, b_h) if weights else (W_xh, W_hh, b_h)
        z = x @ W_xh.T + h @ W_hh.T + b_h
        new = act(before(z, t) if before else z)
        return after(new, h, t) if after else new

    return step


def unrolled(step: Callable[..., Any]) -> Callable[..., Any]:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        h, out = h0, []
        for t, x in enumerate(X_seq):
            h = step(x, h, W_xh, W_hh, b_h, t)
            out.append(h)
        return out

    return rnn_forward


def normed(z: Any, t: int) -> Any:
    return (z - z.mean(-1, keepdims=True)) / (z.std(-1, keepdims=True) + 1e-5)


def dropped(h: Any, h_prev: Any, t: int) -> Any:
    return h * (np.random.default_rng(0).random(h.shape[-1]) < 0.5) * 2


def unit(index: int, factor: float) -> Callable[..., Any]:
    def after(h: Any, h_prev: Any, t: int) -> Any:
        changed = h.copy()
        changed[..., index] *= factor
        return changed

    return after


def noisy(h: Any, h_prev: Any, t: int) -> Any:
    return h + np.asarray(1e-3 * np.random.default_rng(1).normal(size=h.shape), h.dtype)


def scaled(row: int, *, which: int, factor: float) -> Callable[..., Any]:
    """Scale one row of W_xh, W_hh or b_h; a slice scales all of them."""

    def change(*arrays: Any) -> Any:
        changed = [one.copy() for one in arrays]
        changed[which][row] *= factor
        return changed

    return change


def swapped_units(h: Any, h_prev: Any, t: int) -> Any:
    return np.concatenate([h[..., 1::-1], h[..., 2:]], axis=-1)


STEPS: dict[str, Callable[..., Any]] = {
    "softsign": network(lambda z: z / (1 + abs(z))),
    "Padé tanh": network(lambda z: z * (27 + z * z) / (27 + 9 * z * z)),
    "hard tanh": network(lambda z: np.clip(z, -1, 1)),
    "arctan": network(np.arctan),
    "scaled tanh": network(lambda z: 1.7159 * np.tanh(2 / 3 * z)),
    "dead zone": network(lambda z: np.tanh(np.where(abs(z) < 0.1, 0, z))),
    "sine": network(np.sin),
    "leaky relu": network(lambda z: np.where(z > 0, z, 0.01 * z)),
    "cubic series": network(lambda z: z - z**3 / 3),
    "states clipped at 0.5": network(after=lambda h, before, t: np.clip(h, -0.5, 0.5)),
    "leaky state": network(after=lambda h, before, t: 0.9 * before + 0.1 * h),
    "residual": network(after=lambda h, before, t: before + h),
    "1 % gain": network(after=lambda h, before, t: 1.01 * h),
    "one wrong unit": network(after=unit(1, -1)),
    "one unit at half": network(after=unit(0, 0.5)),
    "two units swapped": network(after=swapped_units),
    "noise": network(after=noisy),
    "dropout left on": network(after=dropped),
    "layer norm": network(before=normed),
    "one unit's bias missing": network(weights=scaled(1, which=2, factor=0)),
    "W_hh 1 % off": network(weights=scaled(slice(None), which=1, factor=1.01)),  # type: ignore[arg-type]
    "W_hh diagonal": network(weights=lambda U, W, b: (U, np.diag(np.diag(W)), b)),
    "bias subtracted": network(weights=lambda U, W, b: (U, W, -b)),
    "input halved": network(weights=lambda U, W, b: (U / 2, W, b)),
    "weights rounded": network(weights=lambda *all_: [np.round(one, 2) for one in all_]),
}
THROUGH_TIME: dict[str, Callable[..., Any]] = {
    "input faded": network(before=lambda z, t: z * 0.98**t),
    "one step skipped": network(after=lambda h, before, t: before if t == 2 else h),
    "fourth step doubled": network(before=lambda z, t: 2 * z if t == 3 else z),
}


CONSTANTS = {  # the catalogue knows the form, some only since this was written; and of most a constant is solved for
    "W_hh diagonal": ("connections-missing",),
    **dict.fromkeys(("leaky state", "residual"), ("leaky-state",)),
    **dict.fromkeys(("W_hh 1 % off", "bias subtracted", "input halved"), ("scaled-term",)),
    **dict.fromkeys(("1 % gain", "one and a half times", "dh0 at half"), ("constant-factor",)),
    **dict.fromkeys((f"d{name} has the wrong sign" for name in ("W_xh", "W_hh", "W_hy")), ("constant-factor",)),
    **{name: (name.replace(" ", "-"),) for name in ("softsign", "hard tanh", "scaled tanh")},
    **dict.fromkeys(("Padé tanh", "cubic series"), ("tanh-approximated",)),
    **{"arctan": ("arctan-for-tanh",), "leaky relu": ("leaky-relu-for-tanh",)},
    "temperature 2": ("constant-factor", "scaled-argument"),
    "discounted": ("steps-weighted",),
    "every other step": ("steps-left-out",),
}


def outside_of(name: str, function: str, candidate: Callable[..., Any]) -> Outside:
    return Outside(name, function, candidate, CONSTANTS.get(name, ()))


def forward_outside() -> Iterator[Outside]:
    for number, (name, step) in enumerate(STEPS.items()):
        if number % 3 == 0:
            yield outside_of(name, "rnn_cell_step", lambda *five, step=step: step(*five))
        yield outside_of(name, "rnn_forward", unrolled(step))
    for name, step in THROUGH_TIME.items():
        yield Outside(name, "rnn_forward", unrolled(step))


def changed(function: str, change: Callable[[dict[str, Any]], None]) -> Callable[..., Any]:
    """Return the right backward with its gradients tampered with."""

    def candidate(*arrays: Any) -> Any:
        if function == "rnn_bptt":
            loss, grads, h_T = rnn_ref.rnn_bptt(*arrays)
            named = {name: np.array(one) for name, one in grads._asdict().items()}
            change(named)
            return loss, named, h_T
        named = {name: np.array(one) for name, one in getattr(rnn_ref, function)(*arrays)._asdict().items()}
        change(named)
        return named

    return candidate


def outside() -> Iterator[Outside]:
    """Yield every one of them, fresh."""
    yield from forward_outside()
    for function, changes in BACKS.items():
        for name, change in changes.items():
            yield outside_of(name, function, changed(function, change))
    for function, losses in LOSSES.items():
        for name, loss in losses.items():
            yield outside_of(name, function, loss)
