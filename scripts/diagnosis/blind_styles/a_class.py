import numpy as np


class Cell:
    def __init__(self, W_xh, W_hh, b_h):
        self.W_xh, self.W_hh, self.b_h = W_xh, W_hh, b_h
        self.zero_grad()

    def zero_grad(self):
        self.dW_xh = np.zeros_like(self.W_xh)
        self.dW_hh = np.zeros_like(self.W_hh)
        self.db_h = np.zeros_like(self.b_h)

    def forward(self, x, h):
        return np.tanh(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h)

    def backward(self, dh, h, x, h_prev):
        da = dh * (1 - h ** 2)
        self.dW_xh += np.atleast_2d(da).T @ np.atleast_2d(x)
        self.dW_hh += np.atleast_2d(da).T @ np.atleast_2d(h_prev)
        self.db_h += np.atleast_2d(da).sum(axis=0)
        dx = da @ self.W_xh
        dh_prev = da @ self.W_hh
        return dx, dh_prev


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    return Cell(W_xh, W_hh, b_h).forward(x_t, h_prev)


def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
    cell = Cell(W_xh, W_hh, b_h)
    dx, dh_prev = cell.backward(dh_t, h_t, x_t, h_prev)
    return dx, dh_prev, cell.dW_xh, cell.dW_hh, cell.db_h


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    cell, h, out = Cell(W_xh, W_hh, b_h), h0, []
    for x in X_seq:
        h = cell.forward(x, h)
        out.append(h)
    return out


def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
    cell = Cell(W_xh, W_hh, b_h)
    T = len(X_seq)
    dX = np.zeros_like(X_seq)
    dh_next = np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        h_prev = h_states[t - 1] if t > 0 else h0
        dh = dh_states[t] + dh_next
        dX[t], dh_next = cell.backward(dh, h_states[t], X_seq[t], h_prev)
    return dX, dh_next, cell.dW_xh, cell.dW_hh, cell.db_h
