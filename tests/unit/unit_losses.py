"""Losses and ways back under other names, made of functions of the specification, right or wrong ones."""

from collections.abc import Callable
from typing import Any

import numpy as np

Inner = dict[str, Callable[..., Any]]


def cs231n_losses(inner: Inner) -> Inner:
    """Rows, the loss and its gradient in one; sequences with a loss that is handed over; a layer with a cache."""
    softmax_nll, softmax_back = inner["cross_entropy"], inner["cross_entropy_backward"]

    def softmax_loss(x, y):
        loss = np.mean([softmax_nll(x, y)])
        dx = softmax_back(1.0, x, y)
        return loss, dx

    def total_loss(loss_fn, y, outputs):
        return inner["rnn_sequence_loss"](outputs, y, loss_fn)

    def total_loss_backward(dout, loss_grad, y, outputs):
        return inner["rnn_sequence_loss_backward"](dout, outputs, y, loss_grad)

    def affine_forward(x, w, b):
        out = x @ w + b
        cache = (x, w, b)
        return out, cache

    def affine_backward(dout, cache):
        x, w, b = cache
        dx, dw, db = inner["rnn_output_backward"](dout, x, w.T, b)
        return dx, dw.T, db

    made = [softmax_loss, total_loss, total_loss_backward, affine_forward, affine_backward]
    return {one.__name__: one for one in made}


def coursera_losses(inner: Inner) -> Inner:
    """Columns (V, m) and one-hot targets, the way back with what the way forward has kept."""
    softmax_nll, softmax_back = inner["cross_entropy"], inner["cross_entropy_backward"]

    def compute_cost(Z, Y):
        cost = np.mean([softmax_nll(Z.T, Y.argmax(axis=0))])
        cache = (Z, Y, np.exp(Z - Z.max(axis=0)))
        return cost, cache

    def cost_backward(dcost, cache):
        Z, Y, _ = cache
        return softmax_back(dcost, Z.T, Y.argmax(axis=0)).T

    def linear_backward(dz, h, Why, by):
        dh, dWhy, dby = inner["rnn_output_backward"](dz.T, h.T, Why, by[:, 0])
        return {"dh": dh.T, "dWhy": dWhy, "dby": dby.reshape(-1, 1)}

    return {one.__name__: one for one in (compute_cost, cost_backward, linear_backward)}


def plain_losses(inner: Inner) -> Inner:
    """The same without options, in the specification's own names: what a reading is held against."""

    def cross_entropy(logits, targets):
        return inner["cross_entropy"](logits, targets)

    def cross_entropy_backward(dloss, logits, targets):
        return inner["cross_entropy_backward"](dloss, logits, targets)

    return {**inner, "cross_entropy": cross_entropy, "cross_entropy_backward": cross_entropy_backward}


LOSSES = ("cross_entropy", "cross_entropy_backward", "rnn_sequence_loss", "rnn_sequence_loss_backward")
FUNCTIONS = (*LOSSES, "rnn_output_backward")
DIALECTS = {"cs231n": cs231n_losses, "coursera": coursera_losses}
OFFERED = {
    "cs231n": {*FUNCTIONS, "rnn_output_layer"},
    "coursera": {"cross_entropy", "cross_entropy_backward", "rnn_output_backward"},
}
