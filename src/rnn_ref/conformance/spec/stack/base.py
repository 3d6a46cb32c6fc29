"""The base that the mistakes in a stack are edits of: plain and right. What the edits refer to must stay as it is."""

import numpy as np


def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    """Layer upon layer, in one direction or two, each sequence to its own end."""
    T = len(X_seq)
    single = X_seq.ndim == 2
    if single:
        X_seq, states0 = X_seq[:, None], [state0[:, None] for state0 in states0]
    B = X_seq.shape[1]
    ends = np.full(B, T) if lengths is None else np.asarray(lengths)
    t, b = np.arange(T)[:, None], np.arange(B)
    real = (t < ends)[..., None]
    turn = np.where(t < ends, ends - 1 - t, t)
    below = np.where(real, X_seq, 0)
    shown, states_T = [], [[] for _ in states0]
    for k, weights in enumerate(layers):
        backward = k % directions == 1
        read = below[turn, b] if backward else below
        starts = [state0[k] for state0 in states0]
        found = run(read, *starts, **weights)
        states = [np.array(one) for one in found] if isinstance(found, tuple) else [np.array(found)]
        for last, one in zip(states_T, states):
            last.append(one[ends - 1, b])
        h = states[0][turn, b] if backward else states[0]
        shown.append(np.where(real, h, 0))
        if len(shown) == directions:
            below = np.concatenate(shown, -1)
            shown = []
    h_states, states_T = below, [np.array(one) for one in states_T]
    if single:
        h_states, states_T = h_states[:, 0], [one[:, 0] for one in states_T]
    return h_states, tuple(states_T)


def stack_backward(run_back, dh_states, dstates_T, run, X_seq, states0, layers, *, directions=1, lengths=None):
    """Back through layers and directions."""
    T, inside = len(X_seq), run.inside
    single = X_seq.ndim == 2
    if single:
        dh_states, X_seq, inside = dh_states[:, None], X_seq[:, None], [[s[:, None] for s in one] for one in inside]
        dstates_T, states0 = ([one[:, None] for one in every] for every in (dstates_T, states0))
    B = X_seq.shape[1]
    ends = np.full(B, T) if lengths is None else np.asarray(lengths)
    t, b = np.arange(T)[:, None], np.arange(B)
    real = (t < ends)[..., None]
    turn = np.where(t < ends, ends - 1 - t, t)
    shown = [states[0][turn, b] if k % directions == 1 else states[0] for k, states in enumerate(inside)]
    dabove = np.where(real, dh_states, 0)
    dstates0, dlayers = [np.zeros_like(one) for one in states0], [None] * len(layers)
    for first in reversed(range(0, len(layers), directions)):
        below = np.where(real, np.concatenate(shown[first - directions : first], -1) if first else X_seq, 0)
        dbelow = np.zeros_like(below)
        for k, part in enumerate(np.split(dabove, directions, -1), first):
            backward = k % directions == 1
            read = below[turn, b] if backward else below
            dh = part[turn, b] if backward else part
            dstates = [np.array(dh), *(np.zeros_like(dh) for _ in states0[1:])]
            for dstate, dlast in zip(dstates, dstates_T):
                dstate[ends - 1, b] += dlast[k]
            starts = [state0[k] for state0 in states0]
            found = run_back(*dstates, *inside[k], read, *starts, **layers[k])
            dX = found[0]
            dbelow += dX[turn, b] if backward else dX
            for dstate0, one in zip(dstates0, found[1:]):
                dstate0[k] = one
            dlayers[k] = {name: getattr(found, name) for name in layers[k]}
        dabove = dbelow
    dX_seq = dabove
    if single:
        dX_seq, dstates0 = dX_seq[:, 0], [one[:, 0] for one in dstates0]
    return dX_seq, tuple(dstates0), dlayers


def stack_bptt(
    run, run_back, X_seq, targets_seq, states0, layers, W_hy, b_y,
    *, directions=1, lengths=None, reduction="sum", ignore_index=-100,
):  # fmt: skip
    """Forward through layers and directions, the loss, and back."""
    T, y = len(X_seq), np.asarray(targets_seq)
    single = X_seq.ndim == 2
    if single:
        X_seq, y, states0 = X_seq[:, None], y[:, None], [state0[:, None] for state0 in states0]
    B = X_seq.shape[1]
    ends = np.full(B, T) if lengths is None else np.asarray(lengths)
    t, b = np.arange(T)[:, None], np.arange(B)
    real = (t < ends)[..., None]
    turn = np.where(t < ends, ends - 1 - t, t)
    below = np.where(real, X_seq, 0)
    shown, states_T, inside = [], [[] for _ in states0], []
    for k, weights in enumerate(layers):
        backward = k % directions == 1
        read = below[turn, b] if backward else below
        starts = [state0[k] for state0 in states0]
        found = run(read, *starts, **weights)
        states = [np.array(one) for one in found] if isinstance(found, tuple) else [np.array(found)]
        inside.append((states, read, starts))
        for last, one in zip(states_T, states):
            last.append(one[ends - 1, b])
        h = states[0][turn, b] if backward else states[0]
        shown.append(np.where(real, h, 0))
        if len(shown) == directions:
            below = np.concatenate(shown, -1)
            shown = []
    h_states, states_T = below, [np.array(one) for one in states_T]

    V = len(b_y)
    z = h_states @ W_hy.T + b_y
    z = z - z.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    counted = real[..., 0] & (y != ignore_index)
    right = np.where(counted, y, 0)[..., None] == np.arange(V)
    count = int(counted.sum()) if reduction == "mean" else 1
    loss = -np.where(counted, log_p[right].reshape(T, B), 0).sum() / count
    p = np.exp(log_p) - right
    dz = np.where(counted[..., None], p, 0) / count
    dW_hy = dz.reshape(-1, V).T @ h_states.reshape(T * B, -1)
    db_y = dz.sum((0, 1))

    dabove = dz @ W_hy
    dstates0, dlayers = [np.zeros_like(one) for one in states0], [None] * len(layers)
    for first in reversed(range(0, len(layers), directions)):
        dbelow = 0
        for k, part in enumerate(np.split(dabove, directions, -1), first):
            backward = k % directions == 1
            states, read, starts = inside[k]
            dh = part[turn, b] if backward else part
            dstates = [np.array(dh), *(np.zeros_like(dh) for _ in states[1:])]
            found = run_back(*dstates, *states, read, *starts, **layers[k])
            dX = found[0]
            dbelow += dX[turn, b] if backward else dX
            for dstate0, one in zip(dstates0, found[1:]):
                dstate0[k] = one
            dlayers[k] = {name: getattr(found, name) for name in layers[k]}
        dabove = dbelow
    dX_seq = dabove
    if single:
        dX_seq, dstates0, states_T = dX_seq[:, 0], [one[:, 0] for one in dstates0], [one[:, 0] for one in states_T]
    return loss, (dX_seq, tuple(dstates0), dlayers, dW_hy, db_y), tuple(states_T)
