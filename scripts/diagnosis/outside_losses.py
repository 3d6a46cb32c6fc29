"""Gradients that were tampered with, and losses that are no cross-entropy."""

from collections.abc import Callable
from typing import Any

import numpy as np


def times(name: str, factor: float, where: Any = ...) -> Callable[[dict[str, Any]], None]:
    def change(grads: dict[str, Any]) -> None:
        grads[name][where] *= factor

    return change


def everything(factor: float) -> Callable[[dict[str, Any]], None]:
    def change(grads: dict[str, Any]) -> None:
        for one in grads.values():
            one *= factor

    return change


def with_momentum(grads: dict[str, Any]) -> None:
    grads["W_hh"] += 0.9 * np.roll(grads["W_hh"], 1)


def by_norm(grads: dict[str, Any]) -> None:
    for one in grads.values():
        one /= np.linalg.norm(one)


def signs_alone(grads: dict[str, Any]) -> None:
    grads["W_xh"][...] = np.sign(grads["W_xh"])


BACKS: dict[str, dict[str, Callable[[dict[str, Any]], None]]] = {
    "rnn_cell_backward": {
        "one and a half times": everything(1.5),
        "dW_xh has the wrong sign": times("W_xh", -1),
        "one row of dW_hh missing": times("W_hh", 0, 1),
    },
    "rnn_backward": {
        "momentum": with_momentum,
        "one and a half times": everything(1.5),
        "dW_hh has the wrong sign": times("W_hh", -1),
        "one row of dW_xh missing": times("W_xh", 0, 0),
        "divided by their norms": by_norm,
        "signs for dW_xh": signs_alone,
        "dh0 at half": times("h0", 0.5),
    },
    "rnn_output_backward": {
        "dW_hy has the wrong sign": times("W_hy", -1),
        "one column of dW_hy missing": times("W_hy", 0, (slice(None), 0)),
    },
    "rnn_bptt": {
        "one and a half times": everything(1.5),
        "dW_hh has the wrong sign": times("W_hh", -1),
        "momentum": with_momentum,
        "one row of dW_hy missing": times("W_hy", 0, 2),
    },
}


def log_softmax(z: Any) -> Any:
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def picked(z: Any, y: Any) -> Any:
    return np.take_along_axis(z, np.expand_dims(y, -1), -1)[..., 0]


def focal(logits: Any, targets: Any) -> Any:
    log_p = picked(log_softmax(logits), targets)
    return -((1 - np.exp(log_p)) ** 2 * log_p).mean()


def margin(logits: Any, targets: Any) -> Any:
    onehot = np.arange(logits.shape[-1]) == np.expand_dims(targets, -1)
    return -picked(log_softmax(logits - 0.35 * onehot), targets).mean()


def squared(logits: Any, targets: Any) -> Any:
    onehot = np.arange(logits.shape[-1]) == np.expand_dims(targets, -1)
    return ((np.exp(log_softmax(logits)) - onehot) ** 2).mean()


def with_penalty(logits: Any, targets: Any) -> Any:
    return -picked(log_softmax(logits), targets).mean() + 1e-3 * (logits**2).sum()


def gradient(dloss: Any, logits: Any, targets: Any, temperature: float = 1.0, confident: bool = False) -> Any:
    onehot = np.arange(logits.shape[-1]) == np.expand_dims(targets, -1)
    p = np.exp(log_softmax(logits / temperature))
    d = (p - onehot) * (1 - p if confident else 1)
    return dloss * d / max(np.size(targets), 1)


LOSSES: dict[str, dict[str, Callable[..., Any]]] = {
    "rnn_output_layer": {
        "temperature 2": lambda h, W, b: (np.asarray(h) @ W.T + b) / 2,
        "centred logits": lambda h, W, b: np.asarray(h) @ (W - W.mean(0)).T + b,
        "one class's bias missing": lambda h, W, b: np.asarray(h) @ W.T + b * (np.arange(len(b)) != 1),
        "clipped at 0.5": lambda h, W, b: np.clip(np.asarray(h) @ W.T + b, -0.5, 0.5),
    },
    "cross_entropy": {
        "focal": focal,
        "temperature 2": lambda z, y: -picked(log_softmax(z / 2), y).mean(),
        "margin": margin,
        "squared error": squared,
        "penalty on the logits": with_penalty,
        "median": lambda z, y: np.median(-picked(log_softmax(z), y)),
    },
    "cross_entropy_backward": {
        "temperature 2": lambda dloss, z, y: gradient(dloss, z, y, temperature=2),
        "with another slope": lambda dloss, z, y: gradient(dloss, z, y, confident=True),
    },
    "rnn_sequence_loss": {
        "discounted": lambda z, y, f: sum(0.9**t * f(z[t], y[t]) for t in range(len(z))),
        "every other step": lambda z, y, f: sum(f(z[t], y[t]) for t in range(0, len(z), 2)),
        "square root": lambda z, y, f: np.sqrt(sum(f(z[t], y[t]) ** 2 for t in range(len(z)))),
    },
    "rnn_sequence_loss_backward": {
        "discounted": lambda d, z, y, f: np.array([0.9**t * f(d, z[t], y[t]) for t in range(len(z))]),
    },
}
