"""Functions that are told to train or to show more, and classes whose state is made at the first call."""

import pytest

import rnn_ref
from rnn_ref.conformance.errors import TargetError


@pytest.fixture
def check(tmp_path):
    """What checks a text, as a file."""

    def checked(text):
        path = tmp_path / "foreign.py"
        path.write_text(text)
        return rnn_ref.check(str(path))

    return checked


DROPS = """
import numpy as np

class Net:
    def __init__(self, input_size, hidden_size):
        self.Wx, self.Wh = np.zeros((hidden_size, input_size)), np.zeros((hidden_size, hidden_size))
        self.b = np.zeros(hidden_size)

    def forward(self, xs, h0, TRAIN):
        hs, h = [], h0
        for x in xs:
            h = np.tanh(self.Wx @ x + self.Wh @ h + self.b)
            if train:
                h = h * (np.random.rand(*h.shape) < 0.5)
            hs.append(h)
        return hs
"""

SHOWS = """
import numpy as np

def rnn_forward(X, h0, Wx, Wh, b, return_cache=False):
    h, hs = h0, []
    for x in X:
        h = np.tanh(x @ Wx + h @ Wh + b)
        hs.append(h)
    return np.array(hs), (X, h0, np.array(hs), Wx, Wh) if return_cache else None

def rnn_backward(dhs, cache):
    X, h0, hs, Wx, Wh = cache
    dX, dWx, dWh, db, dh = np.zeros_like(X), 0 * Wx, 0 * Wh, np.zeros(len(Wh), X.dtype), 0 * h0
    for t in reversed(range(len(X))):
        h_prev = hs[t - 1] if t else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dWx, dWh, db = dWx + X[t].T @ da, dWh + h_prev.T @ da, db + da.sum(0)
        dX[t], dh = da @ Wx.T, da @ WH
    return dX, dh, dWx, dWh, db
"""

KEEPS = """
import numpy as np

class Cell:
    def __init__(self, input_dim, units):
        self.Wx, self.Wh, self.b = np.zeros((input_dim, units)), np.zeros((units, units)), np.zeros(units)
        self.h_prev = None

    def forward(self, x):
        if self.h_prev is None:
            self.h_prev = np.zeros((len(x), len(self.Wh)))
        self.h_prev = np.tanh(x @ self.Wx + self.h_prev @ WH + self.b)
        return self.h_prev
"""


@pytest.mark.parametrize("train", ["train", "train=True"])
def test_what_drops_units_in_training_is_asked_without(check, train):
    found = check(DROPS.replace("TRAIN", train)).functions["rnn_forward"]
    assert (found.verdict, "train=False" in found.reading) == ("conforms", True)


@pytest.mark.parametrize(("weight", "verdict"), [("Wh.T", "conforms"), ("Wh", "wrong")])
def test_a_cache_that_is_shown_if_asked_for_is_handed_to_the_way_back(check, weight, verdict):
    assert check(SHOWS.replace("WH", weight)).functions["rnn_backward"].verdict == verdict


@pytest.mark.parametrize(("weight", "verdict"), [("self.Wh", "conforms"), ("self.Wh.T", "wrong")])
def test_a_state_that_is_made_at_the_first_call_is_that_of_the_step_before(check, weight, verdict):
    assert check(KEEPS.replace("WH", weight)).functions["rnn_cell_step"].verdict == verdict


def test_a_static_method_that_is_told_an_object_of_parameters_ends_no_process(check):
    with pytest.raises(TargetError, match="not understood"):
        check("import numpy as np\n\nclass Cell:\n    @staticmethod\n    def step(params, x_cur, h_prev):\n"
              "        return np.tanh(params.uf @ h_prev + params.wf @ x_cur + params.bf)\n")  # fmt: skip
