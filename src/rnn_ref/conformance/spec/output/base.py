"""The output layer, plain and right."""

import numpy as np


def rnn_output_layer(h_states, W_hy, b_y):
    """Logits."""
    h_states = np.asarray(h_states)
    logits = h_states @ W_hy.T + b_y
    return logits


def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
    """A linear map, backwards."""
    dz = dlogits_seq.reshape(-1, len(b_y))
    h = h_states.reshape(-1, W_hy.shape[1])
    dh_states = dlogits_seq @ W_hy
    dW_hy = dz.T @ h
    db_y = dz.sum(0)
    return dh_states, dW_hy, db_y
