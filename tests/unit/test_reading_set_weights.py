"""Layers that are told their weights in a list, as Keras has them, gates in one matrix; states of any name."""

import textwrap
from pathlib import Path

import pytest

import rnn_ref

LSTM = """
    import numpy as np

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    class NumpyLSTM:
        def __init__(self, units, return_sequences=False):
            self.units, self.return_sequences = units, return_sequences

        def set_weights(self, weights):
            kernel, recurrent_kernel, bias = weights
            u = self.units
            assert kernel.shape[1] == 4 * u
            self.kernel_i, self.kernel_f, self.kernel_c, self.kernel_o = np.split(kernel, 4, 1)
            every = np.split(recurrent_kernel, 4, 1)
            self.recurrent_kernel_i, self.recurrent_kernel_f, self.recurrent_kernel_c, self.recurrent_kernel_o = every
            self.bias_i, self.bias_f, self.bias_c, self.bias_o = (bias[k * u:(k + 1) * u] for k in range(4))

        def step(self, inputs, states):
            h, c = states
            i = sigmoid(inputs @ self.kernel_i + h @ self.recurrent_kernel_i + self.bias_i)
            f = sigmoid(inputs @ self.kernel_f + h @ self.recurrent_kernel_f + self.bias_f)
            c = f * c + i * np.tanh(inputs @ self.kernel_c + h @ self.recurrent_kernel_c + self.bias_c)
            o = sigmoid(inputs @ self.kernel_o + h @ self.recurrent_kernel_o + self.bias_o)
            return o * np.tanh(c), [o * np.tanh(c), c]
"""
GRU = """
    import numpy as np

    def _sigmoid(x):
        return 1. / (1. + np.exp(-x))

    class GRU(object):
        def __init__(self, units):
            self.units = units
            self.kernel = self.recurrent_kernel = self.bias = None

        def set_weights(self, w):
            self.kernel, self.recurrent_kernel, self.bias = [np.asarray(a, dtype=float) for a in w]
            if self.kernel.shape[1] != 3 * self.units:
                raise ValueError("kernel has shape %s" % (self.kernel.shape,))

        def _step(self, x_t, h_tm1):
            u = self.units
            x_all = x_t.dot(self.kernel) + self.bias
            zr = h_tm1.dot(self.recurrent_kernel[:, :2 * u])
            z = _sigmoid(x_all[:, :u] + zr[:, :u])
            r = _sigmoid(x_all[:, u:2 * u] + zr[:, u:])
            hh = np.tanh(x_all[:, 2 * u:] + (r * h_tm1).dot(self.recurrent_kernel[:, 2 * u:]))
            return z * h_tm1 + (1 - z) * hh

        def __call__(self, x):
            h, out = np.zeros((x.shape[0], self.units)), []
            for t in range(x.shape[1]):
                h = self._step(x[:, t], h)
                out.append(h)
            return np.stack(out, axis=1)
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong", "function"),
    [
        (LSTM, "f * c + i * np.tanh", "i * c + f * np.tanh", "lstm_cell_step"),
        (GRU, "(r * h_tm1).dot", "h_tm1.dot", "gru_forward"),
    ],
    ids=["a matrix for each gate", "one for all"],
)
def test_a_layer_that_is_told_its_weights_is_read(
    tmp_path: Path, text: str, right: str, wrong: str, function: str
) -> None:
    (tmp_path / "mine.py").write_text(textwrap.dedent(text), "utf-8")
    assert rnn_ref.check(str(tmp_path / "mine.py")).functions[function].verdict == "conforms"
    (tmp_path / "bad.py").write_text(textwrap.dedent(text.replace(right, wrong)), "utf-8")
    assert rnn_ref.check(str(tmp_path / "bad.py")).functions[function].verdict == "wrong"


NAMELESS = """
    import numpy as np

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def lstm(inputs, H_C, params):
        [W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c] = params
        (H, C) = H_C
        outputs = []
        for X in inputs:
            I, F, O = (sigmoid(X @ w + H @ u + b)
                       for w, u, b in ((W_xi, W_hi, b_i), (W_xf, W_hf, b_f), (W_xo, W_ho, b_o)))
            C = F * C + I * np.tanh(X @ W_xc + H @ W_hc + b_c)
            H = O * np.tanh(C)
            outputs.append(H)
        return np.stack(outputs), (H, C)
"""


def test_an_argument_is_states_by_what_it_is_unpacked_into(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(textwrap.dedent(NAMELESS), "utf-8")
    assert rnn_ref.check(str(tmp_path / "mine.py")).functions["lstm_forward"].verdict == "conforms"
