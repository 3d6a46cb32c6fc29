"""What the forward styles share: the activation, of an array or of one number, and mistakes made with the weights."""

import math

import numpy as np


def squash(m, z):
    if "no-tanh" in m:
        return z
    if "relu-for-tanh" in m:
        return np.maximum(z, 0)
    if "sigmoid-for-tanh" in m:
        return 1 / (1 + np.exp(-z))
    if "tanh-twice" in m:
        return np.tanh(np.tanh(z))
    return np.tanh(z)


def squash_one(m, z):
    if "no-tanh" in m:
        return z
    if "relu-for-tanh" in m:
        return z if z > 0 else 0.0
    if "sigmoid-for-tanh" in m:
        return 0.5 + 0.5 * math.tanh(z / 2)
    if "tanh-twice" in m:
        z = math.tanh(z)
    return math.tanh(z)


def mixed_up(m, W_xh, W_hh):
    if "W_xh-transposed" in m:
        W_xh = W_xh.T
    if "W_hh-transposed" in m:
        W_hh = W_hh.T
    if "weights-swapped" in m:
        W_xh, W_hh = W_hh, W_xh
    if "recurrence-twice" in m:
        W_hh = W_hh + W_hh
    if "no-recurrence" in m:
        W_hh = np.zeros_like(W_hh)
    if "input-ignored" in m:
        W_xh = np.zeros_like(W_xh)
    return W_xh, W_hh
