"""What code needs beside arrays of ours: a switch that turns sequences, an activation, a bias of any name, a table."""

import pytest

import rnn_ref

DIRECTION = """
import numpy as np

class Half:
    def __init__(self, n_in, n_hid, rng, mirrored):
        self.W = rng.normal(0, 0.3, (n_hid, n_in))
        self.U = rng.normal(0, 0.3, (n_hid, n_hid))
        self.b = rng.normal(0, 0.1, n_hid)
        self.mirrored = mirrored

    def forward(self, x, h0):
        if self.mirrored:
            x = x[::-1]
        h, out = h0, []
        for t in range(len(x)):
            h = np.tanh(x[t] @ self.W.T + {state} @ self.U.T + self.b)
            out.append(h)
        out = np.array(out)
        return out[::-1] if self.mirrored else out
"""
STATES = """
import numpy as np

def states_of(x, W_ih, W_hh, b_ih, b_hh, h, phi, backwards):
    ys = [None] * len(x)
    for t in range(len(x) - 1, -1, -1) if backwards else range(len(x)):
        h = phi(x[t] @ W_ih.T + {bias} + h @ W_hh.T + b_hh)
        ys[t] = h
    return np.stack(ys), h
"""
OUTSIDE = """
import numpy as np

rng = np.random.default_rng(0)
STEPS, N = 6, 8
Wx, Wh, b = rng.normal(size=(2, N)), rng.normal(size=(N, N)) / 3, np.zeros(N)
Wo, {name} = rng.normal(size=(N, 1)), np.array([0.3])

def through(x):
    seen = np.zeros((STEPS + 1, len(x), N))
    for t in range(STEPS):
        seen[t + 1] = np.tanh(x[:, t] @ Wx + {state} @ Wh + b)
    return seen[STEPS] @ Wo + {name}
"""
TABLE = """
import numpy as np

def encode(tokens, table, Wx, Wh, b, h0):
    h, rows = h0, table[tokens.T]
    for t in range(tokens.shape[1]):
        h = np.tanh(rows[t] @ Wx + {state} @ Wh + b)
    return h
"""


@pytest.fixture
def check(tmp_path):
    """What checks a text, as a file."""

    def checked(text):
        path = tmp_path / "foreign.py"
        path.write_text(text)
        return rnn_ref.check(str(path))

    return checked


@pytest.mark.parametrize(("state", "verdict"), [("h", "conforms"), ("h0", "wrong")])
def test_a_constructor_that_has_to_be_told_the_direction_is_told_that_of_time(check, state, verdict):
    report = check(DIRECTION.format(state=state))
    assert report.functions["rnn_forward"].verdict == verdict
    assert "mirrored=False only" in report.functions["rnn_forward"].claims


@pytest.mark.parametrize(("bias", "verdict"), [("b_ih", "conforms"), ("0 * b_ih", "wrong")])
def test_a_function_that_has_to_be_told_activation_and_direction_is(check, bias, verdict):
    report = check(STATES.format(bias=bias))
    assert report.functions["rnn_forward"].verdict == verdict
    assert {"phi=tanh only", "backwards=False only"} <= {*report.functions["rnn_forward"].claims}


@pytest.mark.parametrize("name", ["bho", "shift"])
@pytest.mark.parametrize(("state", "verdict"), [("seen[t]", "conforms"), ("seen[0]", "wrong")])
def test_a_bias_of_the_outputs_outside_is_found_whatever_it_is_called(check, name, state, verdict):
    report = check(OUTSIDE.format(name=name, state=state))
    one = report.functions["rnn_forward"]
    assert one.verdict == verdict
    assert verdict == "conforms" or one.mistakes == ["no-recurrence"]


@pytest.mark.parametrize(("state", "verdict"), [("h", "conforms"), ("h0", "wrong")])
def test_rows_are_looked_up_in_a_table(check, state, verdict):
    report = check(TABLE.format(state=state))
    assert report.functions["rnn_forward"].verdict == verdict
    assert "class indices for inputs" in report.functions["rnn_forward"].claims
