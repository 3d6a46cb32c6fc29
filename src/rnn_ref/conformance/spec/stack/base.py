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
