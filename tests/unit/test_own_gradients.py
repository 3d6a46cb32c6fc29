"""Gradients beside differences of their own loss: programs of several layers, letters and forms, right and wrong."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pytest
from parameterized import parameterized

import rnn_ref
from rnn_ref.conformance.differences.arrays import Leaf
from rnn_ref.conformance.differences.ask import beside_what_is_read
from rnn_ref.conformance.differences.cut import is_cut
from rnn_ref.conformance.differences.pairs import paired
from rnn_ref.conformance.differences.program import Program
from rnn_ref.conformance.judge.own_gradients import reported

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process is not copied elsewhere")

TWO_LAYERS = """
import numpy as np
np.random.seed(0)
H, V = 6, 4
U1, R1 = np.random.randn(H, V) * 0.01, np.random.randn(H, H) * 0.01
U2, R2 = np.random.randn(H, H) * 0.01, np.random.randn(H, H) * 0.01
Q, c1, c2, q = np.random.randn(V, H) * 0.01, np.zeros((H, 1)), np.zeros((H, 1)), np.zeros((V, 1))

def both(inputs, targets):
    lower, upper, probs, loss = {-1: np.zeros((H, 1))}, {-1: np.zeros((H, 1))}, {}, 0
    for t, i in enumerate(inputs):
        lower[t] = np.tanh(U1[:, [i]] + R1 @ lower[t - 1] + c1)
        upper[t] = np.tanh(U2 @ lower[t] + R2 @ upper[t - 1] + c2)
        e = np.exp(Q @ upper[t] + q)
        probs[t] = e / e.sum()
        loss -= np.log(probs[t][targets[t], 0])
    dU1, dR1, dU2, dR2, dQ = map(np.zeros_like, (U1, R1, U2, R2, Q))
    dc1, dc2, dq = map(np.zeros_like, (c1, c2, q))
    later1, later2 = np.zeros((H, 1)), np.zeros((H, 1))
    for t in reversed(range(len(inputs))):
        dy = probs[t].copy()
        dy[targets[t]] -= 1
        dQ += dy @ upper[t].T
        dq += dy
        raw2 = (Q.T @ dy + later2) * (1 - upper[t] ** 2)
        dU2 += raw2 @ lower[t].T
        dR2 += raw2 @ upper[t - 1].T
        dc2 += raw2
        later2 = R2.T @ raw2
        raw1 = (U2.T @ raw2 + later1) * (1 - lower[t] ** 2)
        dU1[:, [inputs[t]]] += raw1
        dR1 += raw1 @ lower[t - 1].T
        dc1 += raw1
        later1 = R1.T @ raw1
    return loss, dU1, dR1, dU2, dR2, dQ, dc1, dc2, dq

for _ in range(20):
    loss, *grads = both([0, 1, 2, 1, 3], [1, 2, 1, 3, 0])
    for w, g in zip((U1, R1, U2, R2, Q, c1, c2, q), grads):
        w -= 0.1 * g
"""

LAYER = '''
import numpy as np

class Layer:
    """many to one, rows"""
    def __init__(self, n, m):
        rng = np.random.default_rng(1)
        self.params = [rng.normal(size=(n, m)) * .1, rng.normal(size=(m, m)) * .1, np.zeros(m)]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, X):
        A, B, c = self.params
        self.X, self.s = X, [np.zeros((len(X), len(c)))]
        for t in range(X.shape[1]):
            self.s.append(np.tanh(X[:, t] @ A + self.s[-1] @ B + c))
        return self.s[-1]

    def backward(self, dout):
        A, B, c = self.params
        for g in self.grads:
            g[...] = 0
        for t in reversed(range(self.X.shape[1])):
            dz = dout * (1 - self.s[t + 1] ** 2)
            self.grads[0] += self.X[:, t].T @ dz
            self.grads[1] += self.s[t].T @ dz
            self.grads[2] += dz.sum(0)
            dout = dz @ B.T

def main():
    layer, rng = Layer(3, 5), np.random.default_rng(2)
    for epoch in range(10):
        X = rng.normal(size=(8, 6, 3))
        err = layer.forward(X) - X.sum(axis=(1, 2))[:, None]
        layer.backward(2 * err / err.size)
        for p, g in zip(layer.params, layer.grads):
            p -= 0.01 * g

if __name__ == "__main__":
    main()
'''

LISTS = """
import math, random
rnd = random.Random(3)
net = {"win": [[rnd.gauss(0, .1) for _ in range(2)] for _ in range(4)],
       "rec": [[rnd.gauss(0, .1) for _ in range(4)] for _ in range(4)], "out": [rnd.gauss(0, .1) for _ in range(4)]}

def forward(xs):
    states = [[0.0] * 4]
    for x in xs:
        states.append([math.tanh(sum(net["win"][i][j] * x[j] for j in range(2))
                                 + sum(net["rec"][i][j] * states[-1][j] for j in range(4))) for i in range(4)])
    return sum(w * s for w, s in zip(net["out"], states[-1])), states

def gradients(xs, wanted):
    y, states = forward(xs)
    g = {"win": [[0.0] * 2 for _ in range(4)], "rec": [[0.0] * 4 for _ in range(4)]}
    g["out"] = [(y - wanted) * s for s in states[-1]]
    d = [(y - wanted) * w for w in net["out"]]
    for t in range(len(xs) - 1, -1, -1):
        z = [d[i] * (1 - states[t + 1][i] ** 2) for i in range(4)]
        for i in range(4):
            for j in range(2):
                g["win"][i][j] += z[i] * xs[t][j]
            for j in range(4):
                g["rec"][i][j] += z[i] * states[t][j]
        d = [sum(net["rec"][i][j] * z[i] for i in range(4)) for j in range(4)]
    return 0.5 * (y - wanted) ** 2, g

for turn in range(5):
    loss, grads = gradients([[.1, .2], [.3, -.4], [.5, .1]], 1.0)
"""
FLAT = """
import numpy as np
rng = np.random.default_rng(0)
D, H = 3, 5
theta = rng.normal(size=H * D + H * H + H + H) * 0.1

def parts(th):
    return th[:15].reshape(H, D), th[15:40].reshape(H, H), th[40:45], th[45:]

def cost(xs, y, theta):
    Wx, Wh, b, v = parts(theta)
    hs = [np.zeros(H)]
    for x in xs:
        hs.append(np.tanh(Wx @ x + Wh @ hs[-1] + b))
    err = v @ hs[-1] - y
    dtheta = np.zeros_like(theta)
    dWx, dWh, db, dv = parts(dtheta)
    dv += err * hs[-1]
    d = err * v
    for t in reversed(range(len(xs))):
        r = d * (1 - hs[t + 1] ** 2)
        dWx += np.outer(r, xs[t])
        dWh += np.outer(r, hs[t])
        db += r
        d = Wh.T @ r
    return err**2 / 2, dtheta

xs = rng.normal(size=(6, D))
for _ in range(5):
    loss, grad = cost(xs, 0.7, theta)
    theta = theta - 0.1 * grad
"""
OWN_TENSOR = TWO_LAYERS.replace(
    "return loss, dU1", "for g in (dU1, dR1): np.clip(g, -1e-3, 1e-3, out=g)\n    return loss, dU1"
)
OF_BATCH = LAYER.replace("self.grads[2] += dz.sum(0)", "self.grads[2] += dz.sum(0)").replace(
    "dout = dz @ B.T\n", "dout = dz @ B.T\n        for g in self.grads:\n            g /= len(self.X)\n"
)
DECAYS = LAYER.replace("dout = dz @ B.T\n", "dout = dz @ B.T\n        self.grads[1] += 0.1 * B\n")
ALL = "(dU1, dR1, dU2, dR2, dQ, dc1, dc2, dq)"
LENGTHS = TWO_LAYERS.replace("return loss", f"for g in {ALL}: g *= 1e-3 / np.linalg.norm(g)\n    return loss")
SIGNS = DECAYS.replace("0.1 * B", "0.1 * np.sign(B)")
IN_LOSS = TWO_LAYERS.replace("return loss", "loss += 0.05 * (R1**2).sum()\n    return loss")
EVERY_FEW = TWO_LAYERS.replace(
    "later2 = R2.T @ raw2", "later2 = R2.T @ raw2\n        if t % 2 == 0:\n            later2 *= 0"
)
SPARSE = LAYER.replace("dout = dz @ B.T\n", "dout = dz @ B.T\n        self.grads[1] *= self.there\n").replace(
    "        self.grads = [",
    "        self.there = np.eye(m)\n        self.params[1] *= self.there\n        self.grads = [",
)
IMPORTS = TWO_LAYERS.replace("    lower, upper", "    import colorsys\n    lower, upper")  # one that nothing here uses
TWICE = "for g in (dU1, dR1, dc1, dU2, dR2, dc2): g *= 2\n    return loss, dU1"
CUT = TWO_LAYERS.replace("later2 = R2.T @ raw2", "later2 = R2.T @ raw2 * (t > len(inputs) - truncate)").replace(
    "def both(inputs, targets", "def both(inputs, targets, truncate=3"
)
CENTRED = LAYER.replace("dout = dz @ B.T\n", "dout = dz @ B.T\n        self.grads[1] -= self.grads[1].mean(axis=0)\n")
CALM = TWO_LAYERS.replace("U2.T @ raw2 + later1", "U2.T @ raw2 + later1 + 0.1 * lower[t]").replace(
    "    dU1, dR1", "    lively = sum((s**2).sum() for s in lower.values()) / 2\n    dU1, dR1", 1
)
QUIET = TWO_LAYERS.replace("U2.T @ raw2 + later1", "U2.T @ raw2 + later1 + 0.1 * lower[t]")
RATES = TWO_LAYERS.replace("return loss", "dR1 *= RATES['R1']\n    return loss").replace(
    "def both", "RATES = {'R1': 0.1}\ndef both"
)
DIFFERENCE = LISTS.replace("return 0.5 * (y - wanted) ** 2, g", "e = y - wanted\n    return g").replace(
    "loss, grads = gradients([[.1, .2], [.3, -.4], [.5, .1]], 1.0)",
    "grads = gradients([[.1, .2], [.3, -.4], [.5, .1]], 9.0)\n    net['out'][0] -= 0.1 * grads['out'][0]",
)
AT_RANDOM = TWO_LAYERS.replace("(Q.T @ dy", "(F @ dy").replace("def both", "F = np.random.randn(H, V)\ndef both")
IN_BOUNDS = TWO_LAYERS.replace("later2 = R2.T @ raw2", "later2 = np.clip(R2.T @ raw2, -0.01, 0.01)")
HALVES = TWO_LAYERS.replace("@ lower[t - 1] + c1)", "@ lower[t - 1] + c1).astype(np.float16)")


OBJECT = """
import numpy as np

class Net:
    def __init__(self, d, h):
        r = np.random.RandomState(1)
        self.W, self.U, self.b = r.randn(h, d), r.randn(h, h) / h, np.zeros(h)

    def loss(self, xs, y):
        self.xs, self.hs = xs, [np.zeros(len(self.b))]
        for x in xs:
            self.hs.append(np.tanh(self.W @ x + self.U @ self.hs[-1] + self.b))
        self.d = self.hs[-1] - y
        return 0.5 * (self.d ** 2).sum()

    def backward(self):
        g = {k: np.zeros_like(getattr(self, k)) for k in ("W", "U", "b")}
        dh = self.d
        for t in reversed(range(len(self.xs))):
            da = dh * (1 - self.hs[t + 1] ** 2)
            g["W"] += np.outer(da, self.xs[t])
            g["U"] += np.outer(da, self.hs[t])
            g["b"] += da
            dh = self.U.T @ da
        return g

net, rng = Net(3, 4), np.random.RandomState(2)
for _ in range(5):
    net.loss(rng.randn(6, 3), rng.randn(4))
    for k, g in {call}.items():
        getattr(net, k)[:] -= 0.1 * g
"""
ASK = """
import json, sys
from pathlib import Path
from rnn_ref.conformance.differences.ask import differences_of
from rnn_ref.conformance.differences.program import Program
json.dump(differences_of(Program(Path(sys.argv[1]))), sys.stdout)
"""


def _found(folder: Path, text: str) -> dict[str, Any]:
    """Ask in a process of its own: copies of this one, which is large, are slow."""
    file = folder / "mine.py"
    file.write_text(text)
    done = subprocess.run([sys.executable, "-c", ASK, str(file)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _verdicts(folder: Path, text: str) -> tuple[dict[str, str], float]:
    found = _found(folder, text)
    return {one["name"]: one["verdict"] for one in found["gradients"]}, found["factor"]


@parameterized.expand(
    [
        ("a decoder called d", ["W", "dW"], ["grad_W", "grad_dW", "dW"], "grad_W:W grad_dW:dW"),
        ("as many in a batch", ["Wh"], ["dh", "dWh"], "dWh:Wh"),
        ("the only one", ["h", "Wh"], ["dh", "dWh"], "dh:h dWh:Wh"),
    ]
)
def test_a_gradient_is_of_what_is_called_most_alike(
    what: str, weights: list[str], gradients: list[str], pairs: str
) -> None:
    arrays = {name: np.full((3, 3), float(i)) for i, name in enumerate({*weights, *gradients})}
    made = [Leaf(("local", one), arrays[one]) for one in gradients]
    found = paired(made, [Leaf(("global", one), arrays[one]) for one in weights])
    assert " ".join(f"{one.path[1]}:{weight.path[1]}" for one, weight in found) == pairs


def test_what_an_optimiser_keeps_is_no_weight() -> None:
    keys, kept = ("W", "U"), [("caller's", "m"), ("caller's", "v"), ("argument", "self", "params")]
    weights = [Leaf((*way, key), np.full((3, 3), float(i))) for i, way in enumerate(kept) for key in keys]
    found = paired([Leaf(("returned", key), np.ones((3, 3))) for key in keys], weights)
    assert [weight.path for _, weight in found] == [("argument", "self", "params", key) for key in keys]


def test_a_method_called_backward_of_its_own_is_no_frameworks(tmp_path: Path) -> None:
    (file := tmp_path / "mine.py").write_text(OBJECT.replace("{call}", "net.backward()"))
    found = beside_what_is_read(str(file), (), (), lambda: None)
    assert found is not None
    assert {one["name"]: one["verdict"] for one in found["gradients"]} == {"W": "right", "U": "right", "b": "right"}


@parameterized.expand(
    [
        ("elman", "for x in xs:\n        s = np.tanh(x + U @ h)\n        dU += np.outer(s, h)\n        h = s", True),
        ("said", "# the target is held fixed\n    pass", True),
        ("bptt", "for t in reversed(range(T)):\n        dU += np.outer(dz, hs[t])\n        dh = U.T @ dz", False),
        ("samples", "for x in xs:\n        p = np.exp(x)\n        p = p / p.sum()\n        dU += back(p)", False),
    ]
)
def test_what_is_no_derivative_is_known_by_its_loops_and_by_what_is_said(what: str, text: str, meant: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (file := Path(folder, f"{what}.py")).write_text(f"def f(xs, h):\n    {text}\n")
        program = Program(file)
        assert is_cut(next(one for one in program.code.co_consts if isinstance(one, CodeType)), program) == meant


class TestOwnGradients:
    """What is right is right in every form; what is wrong is found in the gradient that it is in, and in no other."""

    @parameterized.expand(
        [
            *(("two layers", TWO_LAYERS, 8), ("a layer", LAYER, 3), ("lists", LISTS, 3), ("cut", CUT, 8)),
            *(("bounds", OWN_TENSOR, 7), ("a penalty", DECAYS, 3), ("signs", SIGNS, 3), ("in the loss", IN_LOSS, 8)),
            *(("lengths", LENGTHS, 8), ("every few", EVERY_FEW, 8), ("sparse", SPARSE, 3), ("one vector", FLAT, 8)),
            *(("an import", IMPORTS, 8), ("centred", CENTRED, 3), ("two losses", CALM, 8), ("at random", AT_RANDOM, 8)),
            *(("small states", QUIET, 8), ("a rate of its own", RATES, 8)),
            ("a difference", DIFFERENCE, 3),
            *(("in bounds", IN_BOUNDS, 8), ("half the digits", HALVES, 8)),
        ]
    )
    def test_right(self, what: str, text: str, gradients: int) -> None:
        verdicts, factor = _verdicts(self.folder, text)
        assert len(verdicts) == gradients
        assert "off" not in verdicts.values()
        assert list(verdicts.values()).count("right") >= 2
        assert what in {"lengths", "a difference"} or factor == pytest.approx(1)

    @parameterized.expand(
        [
            ("the state of now", TWO_LAYERS, "dU2 += raw2 @ lower[t].T", "dU2 += raw2 @ lower[t - 1].T", {"dU2"}),
            ("not transposed", TWO_LAYERS, "later1 = R1.T", "later1 = R1", {"dU1", "dR1", "dc1"}),
            ("beside another loss", CALM, "dU2 += raw2 @ lower[t].T", "dU2 += raw2 @ lower[t - 1].T", {"dU2"}),
            ("twice", TWO_LAYERS, "return loss, dU1", TWICE, {"dU1", "dR1", "dc1", "dU2", "dR2", "dc2"}),
            ("made of nothing", TWO_LAYERS, "dR2 += raw2 @ upper[t - 1].T", "dR2 = raw2 @ upper[t - 1].T", {"dR2"}),
            ("assigned", TWO_LAYERS, "dc2 += raw2", "dc2 = raw2", {"dc2"}),
            ("in a list", LAYER, "self.grads[1] += self.s[t].T", "self.grads[1] += self.s[t + 1].T", {"grads[1]"}),
            ("one vector", FLAT, "np.outer(r, hs[t])", "np.outer(r, hs[t + 1])",
             {f"dtheta[{one}]" for one in ("14:20", "20:26", "26:32", "32:38", "38:44")}),
            ("a row", LISTS, 'z[i] * xs[t][j]', 'z[i] * xs[0][j]', {"[1].win"}),
        ]
    )  # fmt: skip
    def test_wrong(self, what: str, text: str, right: str, wrong: str, off: set[str]) -> None:
        told = _found(self.folder, text.replace(right, wrong))
        found = {one["name"] for one in told["gradients"] if one["verdict"] == "off"}
        assert {one.rpartition("self.")[2] for one in found} == off
        mend = told["mend"]
        assert right.replace("'", '"') in mend["statement"].replace("'", '"') or mend["becomes"] == "pass"
        assert (self.folder / "mine.py").read_text().splitlines()[mend["line"] - 1].strip() != right

    def test_the_other_sign_is_wrong_where_one_goes_down_and_told_where_one_goes_up(self) -> None:
        other = TWO_LAYERS.replace("dy[targets[t]] -= 1", "dy[targets[t]] -= 1\n        dy = -dy")
        down, factor = _verdicts(self.folder, other)
        assert (set(down.values()), factor) == ({"off"}, pytest.approx(1))
        up, factor = _verdicts(self.folder, other.replace("w -= 0.1 * g", "w += 0.1 * g"))
        assert (set(up.values()), factor) == ({"right"}, pytest.approx(-1))

    def test_a_factor_of_all_is_told(self) -> None:
        verdicts, factor = _verdicts(self.folder, OF_BATCH)
        assert set(verdicts.values()) == {"right"}
        assert factor == pytest.approx(1 / 8)

    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path


def test_what_is_meant_is_told_as_a_claim_and_no_confirmation() -> None:
    one = {"factor": None, "where": "", "shape": [2, 2], "weight": "W"}
    told = [("dU", "unknown", 2.0, 1.0), ("dh", "unknown", 0.0, 0.0), ("dV", "right", 1.0, 1.0)]
    gradients = [one | {"name": name, "verdict": verdict, "due": due, "got": got} for name, verdict, due, got in told]
    report, _ = reported({"function": "f", "number": ["f", 1, "loss"], "factor": 1.0, "gradients": gradients})
    assert report.claims == ["that dU shall be no derivative of that"]


ROWS_STAY = """
import numpy as np
H, V = 5, 4
np.random.seed(1)
Wxh, Whh, Why = np.random.randn(H, V), np.random.randn(H, H), np.random.randn(V, H)
bh, by = np.zeros((H, 1)), np.zeros((V, 1))

def lossFun(inputs, targets, hprev):
    xs, hs, ps, loss = {}, {-1: np.copy(hprev)}, {}, 0
    x = np.zeros((V, 1))
    for t in range(len(inputs)):
        x[inputs[t]] = 1  # and the one before is 1 still
        xs[t] = x.copy()
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        e = np.exp(Why @ hs[t] + by)
        ps[t] = e / e.sum()
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy, dbh, dby = map(np.zeros_like, (Wxh, Whh, Why, bh, by))
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += dy @ hs[t].T
        dby += dy
        draw = (1 - hs[t] ** 2) * (Why.T @ dy + dhnext)
        dWxh += draw @ xs[t].T
        dWhh += draw @ hs[t - 1].T
        dbh += draw
        dhnext = Whh.T @ draw
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]

if __name__ == "__main__":
    for _ in range(3):
        loss, *grads, h = lossFun([0, 1, 2, 3, 1], [1, 2, 3, 1, 0], np.zeros((H, 1)))
"""


def test_gradients_that_are_right_tell_where_a_mistake_without_a_name_is(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(ROWS_STAY)
    found = rnn_ref.check(str(tmp_path / "mine.py")).functions
    assert {name: found[name].verdict for name in ("rnn_bptt", "own_gradients")} == {
        "rnn_bptt": "wrong",
        "own_gradients": "conforms",
    }
    assert any("derivatives of its own loss" in fact for fact in found["rnn_bptt"].facts)


@pytest.mark.slow
def test_a_program_is_not_run_where_only_what_is_reached_is_to_be(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(LAYER.replace("def main():", "def main():\n    open('told', 'w').close()"))
    assert "own_gradients" not in rnn_ref.check(str(tmp_path / "mine.py"), apart=True).functions
    rnn_ref.check(str(tmp_path / "mine.py"))
    assert not Path("told").exists()


@pytest.mark.parametrize("name", ["both", pytest.param("rnn_bptt", marks=pytest.mark.slow)])
def test_they_are_told_where_nothing_is_read_though_it_may_bear_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine.py").write_text(TWO_LAYERS.replace("both(", f"{name}("))
    found = rnn_ref.check(str(tmp_path / "mine.py"))
    assert {one: report.verdict for one, report in found.functions.items()} == {"own_gradients": "conforms"}
    assert any(note.startswith("nothing else is read: ") for note in found.notes)


CALLED_SO = """
import numpy as np

def rnn_forward(x, a0, parameters):
    a, caches = a0, []
    for t in range(x.shape[2]):
        a_prev, a = a, np.tanh(parameters["Wax"] @ x[:, :, t] + parameters["Waa"] @ a + parameters["ba"])
        z = np.exp(parameters["Wya"] @ a + parameters["by"])
        caches.append((a, a_prev, x[:, :, t], z / z.sum(0)))
    return np.stack([c[0] for c in caches], 2), np.stack([c[3] for c in caches], 2), caches

def cost(y_pred, y):
    m = y.shape[1]
    return -np.sum(y * np.log(y_pred)) / m

def rnn_backward(y, caches, parameters):
    g = {"d" + k: np.zeros_like(v) for k, v in parameters.items()}
    da_next = 0
    for t in reversed(range(len(caches))):
        a, a_prev, xt, p = caches[t]
        dy = (p - y[:, :, t]) / y.shape[1]
        dz = (1 - a * a) * (parameters["Wya"].T @ dy + da_next)
        g["dWya"], g["dby"] = g["dWya"] + dy @ a.T, g["dby"] + dy.sum(1, keepdims=True)
        g["dWax"], g["dWaa"] = g["dWax"] + dz @ xt.T, g["dWaa"] + dz @ a_prev.T
        g["dba"] = g["dba"] + dz.sum(1, keepdims=True)
        da_next = parameters["Waa"].T @ dz
    return g

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    shapes = {"Wax": (5, 3), "Waa": (5, 5), "ba": (5, 1), "Wya": (4, 5), "by": (4, 1)}
    parameters = {k: 0.3 * rng.standard_normal(shape) for k, shape in shapes.items()}
    x, y = rng.standard_normal((3, 2, 6)), np.eye(4)[rng.integers(0, 4, (6, 2))].transpose(2, 1, 0)
    a, y_pred, caches = rnn_forward(x, np.zeros((5, 2)), parameters)
    loss, grads = cost(y_pred, y), rnn_backward(y, caches, parameters)
"""


def test_they_are_asked_where_a_way_back_is_another_than_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CALLED_SO)
    found = rnn_ref.check(str(tmp_path / "mine.py"))
    assert {one: report.verdict for one, report in found.functions.items() if report.verdict != "missing"} == {
        "rnn_forward": "conforms",
        "own_gradients": "conforms",
    }
    assert not any("though what is judged is called there" in note for note in found.notes)
