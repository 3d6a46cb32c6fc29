"""Networks with squared errors and with targets of the last step, objects with slots, embeddings, padding: read."""

import sys
import textwrap

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.spec import truth
from rnn_ref.conformance.spec.claims import LAST_OUTPUT, SQUARED
from rnn_ref.conformance.spec.tolerance import allowed_errors

SQUARED_ERROR = """
    def unroll(p, X):
        hs = [np.zeros((X.shape[1], p["Wh"].shape[0]))]
        for x in X:
            hs.append(np.tanh(x @ p["Wx"] + hs[-1] @ p["Wh"] + p["b"]))
        return np.array(hs[1:])

    def grad(p, X, Y):
        H = unroll(p, X)
        E = (H @ p["Wo"] + p["bo"] - Y) / X.shape[1]
        g = {k: np.zeros_like(v) for k, v in p.items()}
        g["Wo"], g["bo"] = np.einsum("tbh,tbv->hv", H, E), E.sum((0, 1))
        back = np.zeros_like(H[0])
        for t in reversed(range(len(X))):
            a = (E[t] @ p["Wo"].T + back) * (1 - H[t] ** 2)
            g["Wx"] += X[t].T @ a
            if t:
                g["Wh"] += H[t - 1].T @ a
            g["b"] += a.sum(0)
            back = a @ p["Wh"].T
        return g
"""
MANY_TO_ONE = """
    class Classifier:
        def __init__(self, n_in, n_hidden, n_classes, rng):
            self.U = rng.normal(0, 0.3, (n_in, n_hidden))
            self.W = rng.normal(0, 0.3, (n_hidden, n_hidden))
            self.b = np.zeros(n_hidden)
            self.V = rng.normal(0, 0.3, (n_hidden, n_classes))
            self.c = np.zeros(n_classes)

        def forward(self, X):
            self.X, self.hs = X, [np.zeros((len(X), len(self.b)))]
            for t in range(X.shape[1]):
                self.hs.append(np.tanh(X[:, t] @ self.U + self.hs[t] @ self.W + self.b))
            z = self.hs[-1] @ self.V + self.c
            z = z - z.max(1, keepdims=True)
            self.logp = z - np.log(np.exp(z).sum(1, keepdims=True))
            return self.logp

        def backward(self, y):
            d = np.exp(self.logp)
            d[np.arange(len(d)), y] -= 1
            self.dV, self.dc = self.hs[-1].T @ d, d.sum(0)
            self.dU, self.dW, self.db = 0, 0, 0
            dh = d @ self.V.T
            for t in reversed(range(self.X.shape[1])):
                a = dh * (1 - self.hs[t + 1] ** 2)
                self.dU = self.dU + self.X[:, t].T @ a
                self.dW = self.dW + self.hs[t].T @ a
                self.db = self.db + a.sum(0)
                dh = a @ self.W.T
"""
BATCH_OF_ONE = """
    def loss_and_grads(p, X, Y, h0):
        T, B, _ = X.shape
        hs = [h0]
        for x in X:
            hs.append(np.tanh(x @ p["Wx"] + hs[-1] @ p["Wh"] + p["bh"]))
        z = np.stack(hs[1:]) @ p["Wy"] + p["by"]
        z = z - z.max(-1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
        rows = np.arange(T)[:, None], np.arange(B)[None], Y
        d = np.exp(log_p)
        d[rows] -= 1
        {average}
        g = {{k: np.zeros_like(v) for k, v in p.items()}}
        g["Wy"], g["by"] = np.einsum("tbh,tbv->hv", np.stack(hs[1:]), d), d.sum((0, 1))
        back = np.zeros_like(h0)
        for t in range(T - 1, -1, -1):
            a = (d[t] @ p["Wy"].T + back) * (1 - hs[t + 1] ** 2)
            g["Wx"] += X[t].T @ a
            g["Wh"] += hs[t].T @ a
            g["bh"] += a.sum(0)
            back = a @ p["Wh"].T
        return {loss}, g
"""
SUM = {"average": "", "loss": "-log_p[rows].sum()"}
MEAN = {"average": "d /= T * B", "loss": "-log_p[rows].mean()"}
IN_SLOTS = """
    class Parameter:
        __slots__ = ("value", "grad")

        def __init__(self, value):
            self.value, self.grad = value, np.zeros_like(value)

    class LanguageModel:
        def __init__(self, vocab, hidden):
            self.Wx, self.Wh = Parameter(np.ones((hidden, vocab))), Parameter(np.ones((hidden, hidden)))
            self.b, self.Wy, self.c = Parameter(np.zeros(hidden)), Parameter(np.ones((vocab, hidden))), \
Parameter(np.zeros(vocab))

        def zero_grad(self):
            for one in (self.Wx, self.Wh, self.b, self.Wy, self.c):
                one.grad[...] = 0

        def loss_and_backward(self, tokens, targets):
            hs, ps, loss = [np.zeros_like(self.b.value)], [], 0.0
            for tok, k in zip(tokens, targets):
                hs.append(np.tanh(self.Wx.value[:, tok] + self.Wh.value @ hs[-1] + self.b.value))
                o = self.Wy.value @ hs[-1] + self.c.value
                o = o - o.max()
                ps.append(np.exp(o) / np.exp(o).sum())
                loss -= o[k] - np.log(np.exp(o).sum())
            carry = np.zeros_like(hs[0])
            for t in range(len(tokens) - 1, -1, -1):
                do = ps[t].copy()
                do[targets[t]] -= 1
                self.Wy.grad += np.outer(do, hs[t + 1])
                self.c.grad += do
                dz = (self.Wy.value.T @ do + carry) * (1 - hs[t + 1] ** 2)
                self.Wx.grad[:, tokens[t]] += dz
                self.Wh.grad += np.outer(dz, hs[t])
                self.b.grad += dz
                carry = self.Wh.value.T @ dz
            return loss
"""
EMBEDDED = """
    PAD = 0

    class Tagger:
        def __init__(self, vocab_size, emb, hid):
            rng = np.random.RandomState(1)
            self.P = {{"E": rng.normal(size=(vocab_size, emb)), "Wxh": rng.normal(size=(emb, hid)),
                      "Whh": rng.normal(size=(hid, hid)), "bh": np.zeros(hid),
                      "Why": rng.normal(size=(hid, vocab_size)), "by": np.zeros(vocab_size)}}

        def loss_and_grads(self, X, Y, h0):
            P = self.P
            B, T = X.shape
            emb, H = P["E"][X], [h0]
            for t in range(T):
                H.append(np.tanh(emb[:, t] @ P["Wxh"] + H[t] @ P["Whh"] + P["bh"]))
            S = np.stack(H[1:], 1) @ P["Why"] + P["by"]
            S = S - S.max(2, keepdims=True)
            log_p = S - np.log(np.exp(S).sum(2, keepdims=True))
            mask = (Y != PAD).astype(float)
            at = np.arange(B)[:, None], np.arange(T)[None, :], Y
            loss = -(log_p[at] * mask).sum()
            d = np.exp(log_p)
            d[at] -= 1
            d = d * mask[:, :, None]
            g = {{k: np.zeros_like(v) for k, v in P.items()}}
            back = np.zeros_like(h0)
            for t in range(T - 1, -1, -1):
                g["Why"] += H[t + 1].T @ d[:, t]
                g["by"] += d[:, t].sum(0)
                a = (d[:, t] @ P["Why"].T + back) * {slope}
                g["Wxh"] += emb[:, t].T @ a
                g["Whh"] += H[t].T @ a
                g["bh"] += a.sum(0)
                np.add.at(g["E"], X[:, t], a @ P["Wxh"].T)
                back = a @ P["Whh"].T
            return loss, g
"""

GATED = """
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    class Layer:
        def __init__(self, Wx, Wh, b):
            self.params = [Wx, Wh, b]
            self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]

        def forward(self, x, h_prev):
            Wx, Wh, b = self.params
            H = Wh.shape[0]
            z = sigmoid(x @ Wx[:, :H] + h_prev @ Wh[:, :H] + b[:H])
            r = sigmoid(x @ Wx[:, H : 2 * H] + h_prev @ Wh[:, H : 2 * H] + b[H : 2 * H])
            n = np.tanh(x @ Wx[:, 2 * H :] + (r * h_prev) @ Wh[:, 2 * H :] + b[2 * H :])
            self.cache = (x, h_prev, z, r, n)
            return z * h_prev + (1 - z) * n

        def backward(self, dh_next):
            Wx, Wh, b = self.params
            H = Wh.shape[0]
            x, h_prev, z, r, n = self.cache
            dt = dh_next * (1 - z) * (1 - n ** 2)
            dhr = dt @ Wh[:, 2 * H :].T
            dz = dh_next * (h_prev - n) * z * (1 - z)
            dr = dhr * h_prev * r * (1 - r)
            d = np.hstack((dz, dr, dt))
            self.grads[0][...] = x.T @ d
            self.grads[1][...] = np.hstack((h_prev.T @ dz, h_prev.T @ dr, (r * h_prev).T @ dt))
            self.grads[2][...] = d.sum(0)
            dh_prev = dh_next * z + r * dhr + dz @ Wh[:, :H].T + dr @ Wh[:, H : 2 * H].T
            return d @ Wx.T, dh_prev
"""
MANY_ANSWERS = """
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def forward(w, x, h_prev, C_prev):
        z = np.hstack((h_prev, x))
        f, i, o = sigmoid(z @ w["Wf"] + w["bf"]), sigmoid(z @ w["Wi"] + w["bi"]), sigmoid(z @ w["Wo"] + w["bo"])
        C_bar = np.tanh(z @ w["WC"] + w["bC"])
        C = f * C_prev + i * C_bar
        h = o * np.tanh(C)
        return z, f, i, C_bar, C, o, h
"""


def checked(tmp_path, text):
    path = tmp_path / "theirs.py"
    path.write_text("import numpy as np\n" + textwrap.dedent(text))
    found = rnn_ref.check(str(path)).functions
    return {name: one for name, one in found.items() if one.verdict != "missing"}


def test_a_squared_error_is_read_as_the_way_back_and_judged_as_that(tmp_path):
    right = checked(tmp_path, SQUARED_ERROR)
    assert {name: one.verdict for name, one in right.items()} == {"rnn_forward": "conforms", "rnn_backward": "conforms"}
    assert SQUARED in right["rnn_backward"].claims
    assert "half a squared error over B" in right["rnn_backward"].reading
    wrong = checked(tmp_path, SQUARED_ERROR.replace('a @ p["Wh"].T', 'a @ p["Wh"]'))
    assert wrong["rnn_backward"].mistakes == ["dh-next-untransposed"]
    layer = checked(tmp_path, SQUARED_ERROR.replace('hv", H, E', 'hv", np.roll(H, 1, 0), E'))["rnn_backward"]
    assert (layer.verdict, layer.raises[0].raised.type) == ("wrong", "OwnLossError")


def test_another_loss_is_not_taken_for_the_cross_entropy(tmp_path):
    other = SQUARED_ERROR.replace(" - Y) / X.shape[1]", " - Y) ** 3")
    assert checked(tmp_path, other).keys() == {"rnn_forward"}


@pytest.mark.slow
def test_targets_of_the_last_step_alone_are_a_claim(tmp_path):
    right = checked(tmp_path, MANY_TO_ONE)
    assert {one.verdict for one in right.values()} == {"conforms"}
    assert LAST_OUTPUT in right["rnn_bptt"].claims
    wrong = checked(tmp_path, MANY_TO_ONE.replace("self.db = self.db + ", "self.db = "))
    assert wrong["rnn_bptt"].mistakes == ["db-first-step-only"]


def test_a_batch_of_one_keeps_its_axis_in_the_targets_too(tmp_path):
    assert checked(tmp_path, BATCH_OF_ONE.format(**SUM))["rnn_bptt"].verdict == "conforms"


def test_a_mistake_beside_an_average_is_named_and_so_is_the_average(tmp_path):
    text = BATCH_OF_ONE.format(**MEAN)
    assert checked(tmp_path, text)["rnn_bptt"].mistakes == ["mean-over-steps"]
    wrong = checked(tmp_path, text.replace("hs[t].T @ a", "hs[t + 1].T @ a"))["rnn_bptt"]
    assert wrong.verdict == "wrong"
    assert wrong.mistakes == ["dW_hh-from-h_t", "mean-over-steps"]


@pytest.mark.slow
@pytest.mark.slow
def test_objects_with_slots_and_one_size_for_inputs_and_outputs_are_read(tmp_path):
    assert checked(tmp_path, IN_SLOTS)["rnn_bptt"].verdict == "conforms"
    cut = checked(tmp_path, IN_SLOTS.replace("+ carry)", ")"))
    assert "no-dh-next" in cut["rnn_bptt"].mistakes


def test_an_embedding_stands_aside_and_padding_is_a_claim(tmp_path):
    right = checked(tmp_path, EMBEDDED.format(slope="(1 - H[t + 1] ** 2)"))["rnn_bptt"]
    assert right.verdict == "conforms"
    assert "target 0 is padding" in right.claims
    wrong = checked(tmp_path, EMBEDDED.format(slope="(1 - H[t] ** 2)"))["rnn_bptt"]
    assert wrong.verdict == "wrong"


def test_a_method_goes_back_after_its_way_forward_with_the_gradients_that_its_object_keeps(tmp_path):
    right = checked(tmp_path, GATED)
    assert {name: one.verdict for name, one in right.items()} == {
        "gru_cell_step": "conforms",
        "gru_cell_backward": "conforms",
    }
    wrong = checked(tmp_path, GATED.replace("(h_prev - n) * z", "(n - h_prev) * z"))
    assert wrong["gru_cell_backward"].mistakes == ["dz-sign"]


def test_of_many_answers_the_states_are_taken_by_their_names(tmp_path):
    assert checked(tmp_path, MANY_ANSWERS)["lstm_cell_step"].verdict == "conforms"
    wrong = checked(tmp_path, MANY_ANSWERS.replace("o * np.tanh(C)", "o * np.tanh(C_prev)"))
    assert wrong["lstm_cell_step"].verdict == "wrong"


def test_any_order_of_gates_is_read_but_under_pytorchs_names(tmp_path):
    text = """
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))

        def lstm(x, {W}, {R}, {b}, h, c):
            out = []
            for x_t in x:
                f, i, o, g = np.split(x_t @ {W}.T + h @ {R}.T + {b}, 4, axis=-1)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                out.append(h)
            return np.array(out), h, c
    """
    own = checked(tmp_path, text.format(W="Wx", R="Wh", b="b"))["lstm_forward"]
    assert own.verdict == "conforms"
    assert "gates f i o g" in own.reading
    theirs = checked(tmp_path, text.format(W="weight_ih", R="weight_hh", b="bias_ih"))["lstm_forward"]
    assert theirs.verdict == "wrong"


def test_what_is_thrown_away_of_a_tuple_of_weights_is_of_the_output_layer(tmp_path):
    text = """
        def cell(theta, h, x):
            A, a, _, _ = theta
            return np.tanh(np.concatenate([x, h], axis=-1) @ A + a)
    """
    assert checked(tmp_path, text)["rnn_cell_step"].verdict == "conforms"


def test_a_way_back_that_is_not_read_is_told_in_the_sum(tmp_path):
    path = tmp_path / "theirs.py"
    path.write_text("import numpy as np\n" + textwrap.dedent(SQUARED_ERROR.replace(" - Y) / X.shape[1]", " - Y) ** 3")))
    told = rnn_ref.check(str(path)).to_text()
    assert "ok: 1 conforms; the way back is not judged: grad" in told


def test_a_function_that_is_told_targets_is_not_the_one_whose_name_it_bears(tmp_path):
    loss = """
        def rnn_forward(X, Y, a0, parameters):
            return X, Y, a0, parameters

        def step(x, h, Wx, Wh, b):
            return np.tanh(x @ Wx + h @ Wh + b)
    """
    assert checked(tmp_path, loss).keys() == {"rnn_cell_step"}


def test_the_truth_in_pairs_is_the_truth_in_decimals():
    checks = [one for one in all_questions(None, "vectors") if "generic" in one.flags and one.dtype == "float64"]
    asked = {one.function: one for one in checks if one.rank == "single" and not one.options}
    assert len(asked) > 10
    for check in asked.values():
        pairs, decimals = (
            ask(check.function, check.arguments, check.options) for ask in (truth.ask_in_pairs, truth.ask_decimal)
        )
        allowed = allowed_errors(check)
        for name, (nearest, rest) in decimals.items():
            mine, missing = pairs[name]
            apart = np.abs((mine - nearest) + (missing * np.spacing(np.abs(mine)) - rest * np.spacing(np.abs(nearest))))
            assert np.all(apart <= 1e-6 * np.asarray(allowed.get(name, np.inf))), (check.id, name)


@pytest.mark.skipif(sys.dont_write_bytecode, reason="nothing is written anyway")
def test_what_is_checked_leaves_no_bytecode_beside_it(tmp_path):
    checked(tmp_path, SQUARED_ERROR)
    assert not list(tmp_path.glob("__pycache__"))
