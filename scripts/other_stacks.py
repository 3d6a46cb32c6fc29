"""Stacks in other ways, each of them right: one sequence after the other, and cells whose sums are of another order."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import rnn_ref
from rnn_ref.conformance.spec.stack.callables import told

Array = Any


def one_after_the_other(
    run: Callable[..., Any], X_seq: Array, states0: Any, layers: Any, *, directions: int = 1, lengths: Any = None
) -> tuple[Array, tuple[Array, ...]]:
    """Read every sequence alone, cut to its length, as a list of steps."""
    if X_seq.ndim == 2:
        shown, last, _ = _alone(run, X_seq, states0, layers, directions)
        return np.array(shown), last
    T, B, _ = X_seq.shape
    H_states = np.zeros((T, B, states0[0].shape[-1] * directions), X_seq.dtype)
    every = [np.zeros_like(one) for one in states0]
    for b, length in enumerate([T] * B if lengths is None else lengths):
        shown, last, _ = _alone(run, X_seq[:length, b], [one[:, b] for one in states0], layers, directions)
        H_states[:length, b] = shown
        for whole, one in zip(every, last, strict=True):
            whole[:, b] = one
    return H_states, tuple(every)


def _alone(run: Any, X: Array, states0: Any, layers: Any, directions: int) -> Any:
    read: list[Array] = [np.array(X)] * directions
    last: list[Any] = []
    stored: list[Any] = []
    for k, weights in enumerate(layers):
        order = -1 if k % directions else 1
        found = run(np.ascontiguousarray(read[k % directions][::order]), *(one[k] for one in states0), **weights)
        states = [np.array(one) for one in (found if isinstance(found, tuple) else (found,))]
        stored.append([read[k % directions], states])
        last.append([one[-1] for one in states])
        if (k + 1) % directions == 0:
            both = [one[1][0][:: -1 if place else 1] for place, one in enumerate(stored[-directions:])]
            read = [np.concatenate(both, -1)] * directions
    return read[0], tuple(np.array(one) for one in zip(*last, strict=True)), stored


def one_after_the_other_back(
    run_back: Callable[..., Any],
    dh_states: Array,
    dstates_T: Any,
    run: Any,
    X_seq: Array,
    states0: Any,
    layers: Any,
    *,
    directions: int = 1,
    lengths: Any = None,
) -> Any:
    """Go back through every sequence alone; gradients of weights are added up in float64."""
    single = X_seq.ndim == 2
    if single:
        X_seq, dh_states, lengths = X_seq[:, None], dh_states[:, None], None
        states0, dstates_T = ([one[:, None] for one in every] for every in (states0, dstates_T))
    T, B, _ = X_seq.shape
    dX, dstates0 = np.zeros_like(X_seq), [np.zeros_like(one) for one in states0]
    total = [{name: np.zeros(one.shape) for name, one in weights.items()} for weights in layers]
    for b, length in enumerate([T] * B if lengths is None else lengths):
        inside = [[(one if single else one[:, b])[:length] for one in states] for states in run.inside]
        dabove = dh_states[:length, b]
        for first in range(len(layers) - directions, -1, -directions):
            shown = [inside[k][0][:: -1 if k % directions else 1] for k in range(first - directions, first) if first]
            below = np.concatenate(shown, -1) if first else X_seq[:length, b]
            dbelow = np.zeros_like(below)
            for k in range(first, first + directions):
                order, H = -1 if k % directions else 1, states0[0].shape[-1]
                dstates = [np.zeros_like(one) for one in inside[k]]
                dstates[0] += dabove[::order, (k - first) * H : (k - first + 1) * H]
                for one, dlast in zip(dstates, dstates_T, strict=True):
                    one[-1] += dlast[k, b]
                starts = [one[k, b] for one in states0]
                found = run_back(*dstates, *inside[k], np.ascontiguousarray(below[::order]), *starts, **layers[k])
                dbelow += found[0][::order]
                for whole, one in zip(dstates0, found[1:], strict=False):
                    whole[k, b] = one
                for name in layers[k]:
                    total[k][name] += getattr(found, name)
            dabove = dbelow
        dX[:length, b] = dabove
    grads = [{name: one.astype(X_seq.dtype) for name, one in every.items()} for every in total]
    if single:
        return dX[:, 0], tuple(one[:, 0] for one in dstates0), grads
    return dX, tuple(dstates0), grads


def network_one_after_the_other(
    run: Callable[..., Any], run_back: Callable[..., Any], X_seq: Array, targets_seq: Any, states0: Any, layers: Any,
    W_hy: Array, b_y: Array, *, directions: int = 1, lengths: Any = None, reduction: str = "sum",
    ignore_index: int = -100,
) -> Any:  # fmt: skip
    """Take the loss of every step by itself, by logaddexp, and go back through every sequence alone."""
    ran = rnn_ref.stack_forward(run, X_seq, states0, layers, directions=directions, lengths=lengths)
    ends = np.full(X_seq.shape[1:-1], len(X_seq)) if lengths is None else np.asarray(lengths)
    counted = [(t, *b) for t, *b in np.ndindex(X_seq.shape[:-1]) if t < ends[tuple(b)]]
    counted = [place for place in counted if targets_seq[place] != ignore_index]
    count = len(counted) if reduction == "mean" else 1
    loss = W_hy.dtype.type(0 if count else np.nan)  # of nothing there is no mean
    dlogits = np.zeros((*X_seq.shape[:-1], len(b_y)), W_hy.dtype)
    for place in counted:
        logits = np.einsum("k,vk->v", ran.h_states[place], W_hy) + b_y
        nats = np.logaddexp.reduce(logits) - logits
        loss += nats[targets_seq[place]] / count
        dlogits[place] = (np.exp(-nats) - np.eye(len(b_y))[targets_seq[place]]) / count
    nothing = [np.zeros_like(one) for one in states0]
    above = np.einsum("...v,vk->...k", dlogits, W_hy)
    options = {"directions": directions, "lengths": lengths}
    dX, dstates0, grads = one_after_the_other_back(run_back, above, nothing, ran, X_seq, states0, layers, **options)
    d, h = (one.reshape(-1, one.shape[-1]) for one in (dlogits, ran.h_states))
    output = np.einsum("rv,rk->vk", d, h), d.sum(0)
    return loss, (dX, dstates0, grads, *output), ran.states_T


def other_cells(run: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Read with cells of its own: all inputs' products at once, the units' sums by einsum, gates by tanh."""
    name, own = told(run)
    return one_after_the_other(functools.partial(CELLS[name], **own), *arguments, **options)


def _sigmoid(a: Array) -> Array:
    return (np.tanh(a / 2) + 1) / 2


def _rnn(X: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh") -> Array:
    every = []
    for x in np.einsum("td,hd->th", X, W_xh):
        a = np.einsum("k,hk->h", h, W_hh) + (x + b_h)
        h = np.tanh(a) if activation == "tanh" else (a + np.abs(a)) / 2
        every.append(h)
    return np.array(every)


def _gru(X: Array, h: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True) -> Array:
    every = []
    for x_r, x_z, x_n in np.einsum("td,hd->th", X, W_xh).reshape(len(X), 3, -1):
        (b_r, b_z, b_n), (c_r, c_z, c_n) = b_xh.reshape(3, -1), b_hh.reshape(3, -1)
        h_r, h_z, h_n = np.einsum("k,ghk->gh", h, W_hh.reshape(3, len(h), -1))
        z = _sigmoid(x_z + h_z + (b_z + c_z))
        r = _sigmoid(x_r + h_r + (b_r + c_r))
        h_n = r * (h_n + c_n) if reset_after else np.einsum("k,hk->h", r * h, W_hh[2 * len(h) :]) + c_n
        n = np.tanh(x_n + b_n + h_n)
        h = (1 - z) * n + z * h
        every.append(h)
    return np.array(every)


def _lstm(X: Array, h: Array, c: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array]:
    every = []
    for x in np.einsum("td,hd->th", X, W_xh) + b_h:
        i, f, g, o = x.reshape(4, -1) + np.einsum("k,ghk->gh", h, W_hh.reshape(4, len(h), -1))
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        every.append((h, c))
    shown, kept = zip(*every, strict=True)
    return np.array(shown), np.array(kept)


CELLS: Mapping[str, Callable[..., Any]] = {"rnn_forward": _rnn, "gru_forward": _gru, "lstm_forward": _lstm}
WAYS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "stacks, one sequence after the other": {
        "stack_forward": one_after_the_other,
        "stack_backward": one_after_the_other_back,
        "stack_bptt": network_one_after_the_other,
    },
    "stacks of other cells": {"stack_forward": other_cells},
}
