"""Who takes part. A contender is given a problem and returns a call for every kind of work."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import rnn_ref

from .workloads import GATED, Problem, gated

Calls = dict[str, Callable[[], object]]
NEEDS = {"PyTorch": "torch", "RNNCell": "torch", "JAX jit": "jax"}
LABELS = ("rnn_ref", "PyTorch", "RNNCell", "JAX jit", "naive", "floor")


def absent() -> list[str]:
    """Return the contenders whose framework is not installed."""
    return [label for label, module in NEEDS.items() if importlib.util.find_spec(module) is None]


def calls(label: str, problem: Problem) -> Calls:
    """Prepare the contender for the problem; a framework is imported only by its own process."""
    if label in NEEDS:
        module = importlib.import_module(f"speed.with_{NEEDS[label]}")
        made: Calls = module.cell_loop(problem) if label == "RNNCell" else module.calls(problem)
        return made
    return {"rnn_ref": reference, "naive": naive, "floor": floor}[label](problem)


def reference(problem: Problem) -> Calls:
    """Do it by the functions that users call."""

    def loss() -> object:
        h_states = rnn_ref.rnn_forward(*problem.recurrent)
        logits_seq = rnn_ref.rnn_output_layer(h_states, problem.W_hy, problem.b_y)
        return rnn_ref.cross_entropy(logits_seq, problem.targets_seq, reduction="sum")

    return {
        "forward": lambda: rnn_ref.rnn_forward(*problem.recurrent),
        "loss": loss,
        "gradient": lambda: rnn_ref.rnn_bptt(*problem),
        **{kind: _gated(problem, kind) for kind in GATED},
    }


def _gated(problem: Problem, kind: str) -> Callable[[], object]:
    """Return the full gradient of a GRU or an LSTM: a stack of one layer."""
    X_seq, targets, h0, *_, W_hy, b_y = problem
    layers, states0 = [gated(problem, GATED[kind])], (h0[np.newaxis],) * (2 if kind == "lstm" else 1)
    run, run_back = (getattr(rnn_ref, f"{kind}_{way}") for way in ("forward", "backward"))
    return lambda: rnn_ref.stack_bptt(run, run_back, X_seq, targets, states0, layers, W_hy, b_y)


def naive(problem: Problem) -> Calls:
    """Do it by a cell per step, forward and backward, with nothing hoisted; the loss in one piece."""
    X_seq, targets, h0, W_xh, W_hh, b_h, W_hy, b_y = problem

    def forward() -> list[Any]:
        h_states = [h0]
        for x_t in X_seq:
            h_states.append(rnn_ref.rnn_cell_step(x_t, h_states[-1], W_xh, W_hh, b_h))
        return h_states[1:]

    def loss() -> object:
        return rnn_ref.cross_entropy(rnn_ref.rnn_output_layer(forward(), W_hy, b_y), targets, reduction="sum")

    def gradient() -> object:
        h_states = forward()
        logits = rnn_ref.rnn_output_layer(h_states, W_hy, b_y)
        nats = rnn_ref.cross_entropy(logits, targets, reduction="sum")
        dlogits = rnn_ref.cross_entropy_backward(1.0, logits, targets, reduction="sum")
        output = rnn_ref.rnn_output_backward(dlogits, h_states, W_hy, b_y)
        dX, dh, sums = np.empty_like(X_seq), np.zeros_like(h0), [np.zeros_like(w) for w in (W_xh, W_hh, b_h)]
        for t in reversed(range(len(X_seq))):
            h_prev = h_states[t - 1] if t else h0
            step = rnn_ref.rnn_cell_backward(output.h_states[t] + dh, h_states[t], X_seq[t], h_prev, W_xh, W_hh, b_h)
            dX[t], dh = step.x_t, step.h_prev
            for total, term in zip(sums, step[2:], strict=True):
                np.add(total, term, out=total)
        return nats, dX, dh, sums, output

    return {"forward": forward, "loss": loss, "gradient": gradient}


def floor(problem: Problem) -> Calls:
    """Do the matrix products and tanh alone, into arrays that are there: what NumPy cannot go below."""
    X_seq, _, h0, W_xh, W_hh, _, W_hy, _ = problem
    U, into = np.ascontiguousarray(W_hh.T), np.empty_like(h0)
    X = X_seq.reshape(-1, X_seq.shape[-1])
    Z = np.empty((len(X), len(W_hh)), X.dtype)
    logits, states = np.empty((len(X), len(W_hy)), X.dtype), Z.reshape(*X_seq.shape[:-1], -1)

    def forward() -> None:
        np.dot(X, W_xh.T, out=Z)
        for h_t in states:
            h_t.dot(U, into)
            np.tanh(h_t, out=h_t)

    def loss() -> None:
        forward()
        np.dot(Z, W_hy.T, out=logits)

    def gradient() -> object:
        loss()
        for dz_t in states:
            dz_t.dot(W_hh, into)
        return logits @ W_hy, logits.T @ Z, Z @ W_xh, Z.T @ X, Z.T @ Z

    return {"forward": forward, "loss": loss, "gradient": gradient}
