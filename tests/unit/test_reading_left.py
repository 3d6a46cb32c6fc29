"""What lies beside the functions that are read, and is not judged, is said; what has a part in them is not."""

from pathlib import Path

import rnn_ref

ONE = """\
import numpy as np

def my_rnn_forward(X, h0, Wx, Wh, b):
    h, out = h0, []
    for x in X:
        h = np.tanh(x @ Wx + {} @ Wh + b)
        out.append(h)
    return np.array(out)
"""
OTHER = ONE.format("h0").replace("import numpy as np\n", "").replace("my_rnn_forward", "fast_rnn_forward")


def notes(folder: Path, source: str) -> list[str]:
    path = folder / "mine.py"
    path.write_text(source)
    report = rnn_ref.check(str(path), only="generic-float64")
    assert report.functions["rnn_forward"].verdict == "conforms"
    return report.notes


def test_a_second_function_of_a_kind_is_told(tmp_path: Path) -> None:
    (note,) = notes(tmp_path, ONE.format("h") + OTHER)
    assert note == (
        "not judged: fast_rnn_forward, which takes what my_rnn_forward takes"
        " (--as rnn_forward=fast_rnn_forward asks it)"
    )
    asked = rnn_ref.check(str(tmp_path / "mine.py"), reads="rnn_forward=fast_rnn_forward", only="generic-float64")
    assert asked.functions["rnn_forward"].verdict == "wrong"


def test_what_it_calls_and_what_calls_it_is_not_told(tmp_path: Path) -> None:
    inner = "\ndef unroll_all(X, h0, Wx, Wh, b):\n    return my_rnn_forward(X, h0, Wx, Wh, b)[-1]\n"
    assert notes(tmp_path, ONE.format("h") + inner) == []


def test_a_function_whose_only_output_is_claimed_away_is_not_asked(tmp_path: Path) -> None:
    loss = "from rnn_ref import cross_entropy, rnn_forward\n"
    (tmp_path / "mine.py").write_text(loss)
    report = rnn_ref.check(str(tmp_path / "mine.py"), claims="no loss")
    assert {one.message for one in report.of("cross_entropy") if one.status == "skipped"} >= {"no loss"}
    assert report.functions["rnn_forward"].verdict == "conforms"


def test_what_goes_through_layers_in_a_form_that_is_not_read_is_told(tmp_path: Path) -> None:
    outer = """
def tower(stack, X, begin):
    for layer in stack.values():
        X = my_rnn_forward(X, begin(), *layer)
    return X
"""
    (note,) = notes(tmp_path, ONE.format("h") + outer)
    assert note == "not judged, though what is judged is called there: tower"


def test_what_reckons_with_the_answer_and_is_not_judged_is_told(tmp_path: Path) -> None:
    outer = """
def scores_of(X, h0, Wx, Wh, b, A, k):
    return np.maximum(my_rnn_forward(X, h0, Wx, Wh, b) @ A ** k, 0)

def train(X, h0, Wx, Wh, b, A):
    return np.dot(my_rnn_forward(X, h0, Wx, Wh, b), A)
"""
    (note,) = notes(tmp_path, ONE.format("h") + outer)
    assert note == "not judged, though what is judged is called there: scores_of"


LOSS_BESIDE = """
import numpy as np

class MSELoss:
    def forward(self, pred, target):
        self.d = pred - target
        return 0.5 * np.sum(self.d ** 2)

    def backward(self):
        return self.d

class Net:
    def __init__(self, n_in, n_hid):
        self.Wx, self.Wh, self.b = np.random.randn(n_in, n_hid), np.random.randn(n_hid, n_hid), np.zeros(n_hid)

    def forward(self, xs, h):
        hs = []
        for x in xs:
            h = np.tanh(x @ self.Wx + h @ self.Wh + self.b)
            hs.append(h)
        return np.array(hs)
"""


def test_of_a_loss_that_stands_beside_nothing_is_said(tmp_path):
    (tmp_path / "net.py").write_text(LOSS_BESIDE, "utf-8")
    report = rnn_ref.check(str(tmp_path / "net.py"))
    assert (report.ok, report.notes) == (True, [])


def test_a_loss_of_a_network_that_it_is_handed_is_told(tmp_path: Path) -> None:
    loss = """
def batch_loss(net, X, h0, labels):
    logits = net(X, h0)
    return -np.log(logits[np.arange(len(labels)), labels]).mean()
"""
    (note,) = notes(tmp_path, ONE.format("h") + loss)
    assert note == "not judged, though what is judged is called there: batch_loss"
