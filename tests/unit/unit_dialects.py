"""Functions under other names and in other layouts, made of functions of the specification, right or wrong ones."""

from collections.abc import Callable
from typing import Any

import numpy as np


def cs231n(inner: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Batches first, x W, a cache for the way back."""

    def rnn_step_forward(x, prev_h, Wx, Wh, b):
        next_h = inner["rnn_cell_step"](x, prev_h, Wx.T, Wh.T, b)
        cache = (x, prev_h, Wx, Wh, b, next_h)
        return next_h, cache

    def rnn_step_backward(dnext_h, cache):
        x, prev_h, Wx, Wh, b, next_h = cache
        dx, dprev_h, dWx, dWh, db = inner["rnn_cell_backward"](dnext_h, next_h, x, prev_h, Wx.T, Wh.T, b)
        return dx, dprev_h, dWx.T, dWh.T, db

    def rnn_forward(x, h0, Wx, Wh, b):
        states = [1 * h for h in inner["rnn_forward"](x.swapaxes(0, 1), h0, Wx.T, Wh.T, b)]
        cache = (x, h0, Wx, Wh, b, np.array(states))
        return np.stack(states, 1), cache

    def rnn_backward(dh, cache):
        x, h0, Wx, Wh, b, h = cache
        for _ in range(1):
            dx, dh0, dWx, dWh, db = inner["rnn_backward"](dh.swapaxes(0, 1), h, x.swapaxes(0, 1), h0, Wx.T, Wh.T, b)
        return dx.swapaxes(0, 1), dh0, dWx.T, dWh.T, db

    made = [rnn_step_forward, rnn_step_backward, rnn_forward, rnn_backward]
    return {one.__name__: one for one in made}


def coursera(inner: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Columns (n, m), sequences (n, m, T), a dict of parameters, gradients in a dict."""

    def rnn_cell_forward(xt, a_prev, parameters):
        Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
        a_next = inner["rnn_cell_step"](xt.T, a_prev.T, Wax, Waa, ba[:, 0]).T
        cache = (a_next, a_prev, xt, parameters)
        return a_next, cache

    def rnn_cell_backward(da_next, cache):
        a_next, a_prev, xt, parameters = cache
        found = inner["rnn_cell_backward"](
            da_next.T, a_next.T, xt.T, a_prev.T, parameters["Wax"], parameters["Waa"], parameters["ba"][:, 0]
        )
        dxt, da_prev, dWax, dWaa, dba = found
        return {"dxt": dxt.T, "da_prev": da_prev.T, "dWax": dWax, "dWaa": dWaa, "dba": dba.reshape(-1, 1)}

    def rnn_forward(x, a0, parameters):
        Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
        a = np.stack([h.T for h in inner["rnn_forward"](x.transpose(2, 1, 0), a0.T, Wax, Waa, ba[:, 0])], 2)
        caches = (x, a0, a, parameters)
        return a, caches

    made = [rnn_cell_forward, rnn_cell_backward, rnn_forward]
    return {one.__name__: one for one in made}


def minimal_class(inner: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    """A class with weights as attributes, vectors 1-D, one sequence."""

    class Rnn:
        def __init__(self, input_size, hidden_size):
            self.Wxh = np.zeros((hidden_size, input_size))
            self.Whh = np.zeros((hidden_size, hidden_size))
            self.bh = np.zeros(hidden_size)

        def forward(self, inputs, h0):
            self.hs = []
            for h in inner["rnn_forward"](inputs, h0, self.Wxh, self.Whh, self.bh):
                self.hs.append(h)
            self.seen = inputs, h0
            return self.hs

        def backward(self, dhs):
            inputs, h0 = self.seen
            for _ in range(1):
                found = inner["rnn_backward"](dhs, np.array(self.hs), inputs, h0, self.Wxh, self.Whh, self.bh)
            dx, dh0, self.dWxh, self.dWhh, self.dbh = found
            return dx, dh0

    return {"Rnn": Rnn}


def two_biases(inner: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Time first, W x, two biases, all states and the last."""

    def unroll(x, hx, w_ih, w_hh, b_ih, b_hh):
        outputs = [1 * h for h in inner["rnn_forward"](x, hx, w_ih, w_hh, b_ih + b_hh)]
        return np.stack(outputs), outputs[-1]

    def step(x, hx, w_ih, w_hh, b_ih, b_hh):
        return inner["rnn_cell_step"](x, hx, w_ih, w_hh, b_ih + b_hh)

    return {"unroll": unroll, "step": step}


def extra_row(inner: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """x W, rows (T, B, n), T + 1 states with the one before the first, gradients by keyword."""

    def run_forward(inputs, initial_state, input_weights, recurrent_weights, bias):
        states = [initial_state]
        for h in inner["rnn_forward"](inputs, initial_state, input_weights.T, recurrent_weights.T, bias):
            states.append(h)
        return np.stack(states)

    return {"run_forward": run_forward}


DIALECTS = {one.__name__: one for one in (cs231n, coursera, minimal_class, two_biases, extra_row)}
FUNCTIONS = ("rnn_cell_step", "rnn_forward", "rnn_cell_backward", "rnn_backward")
