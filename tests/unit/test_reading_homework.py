"""Homework's functions: output layers of any letter, last steps alone, bounds that are arguments, helpers not there."""

import textwrap

import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.errors import TargetError
from rnn_ref.conformance.targets.reading.names import parts_of

HEAD = "import numpy as np\n"
LAYERED = """
    def unroll_step(ws, inp, before):
        Wx, Wh, bh, Wz, bz = ws
        after = np.tanh(inp @ Wx + before @ Wh + bh)
        return after @ Wz + bz, after

    def unroll(ws, sequence, start):
        after, zs = {-1: start}, []
        for t in range(len(sequence)):
            z, after[t] = unroll_step(ws, sequence[t], after[t - 1])
            zs.append(z)
        return zs, after

    def unroll_step_back(ws, dz, inp, h, h_prev, dh_next):
        Wx, Wh, bh, Wz, bz = ws
        slope = (dz @ Wz.T + dh_next) * (1 - h * h)
        above = h.T @ dz, dz.sum(0, keepdims=True)
        return inp.T @ slope, h_prev.T @ slope, slope.sum(0, keepdims=True), *above, slope @ Wh.T

    def unroll_back(ws, sequence, after, dzs, clip_norm=2.0):
        sums, carry = [np.zeros_like(w) for w in ws], 0.0
        for t in reversed(range(len(sequence))):
            *ones, carry = unroll_step_back(ws, dzs[t], sequence[t], after[t], after[t - 1], carry)
            for total, one in zip(sums, ones):
                total += one
        norm = np.sqrt(sum((total ** 2).sum() for total in sums))
        if norm > clip_norm:
            sums = [total * clip_norm / norm for total in sums]
        return sums
"""
OF_THE_LAST = """
    def many_to_one(p, words, y):
        U, W, V, b, c = (p[k] for k in ("U", "W", "V", "b", "c"))
        hs = [np.zeros(len(b))]
        for word in words:
            hs.append(np.tanh(U @ word + W @ hs[-1] + b))
        z = V @ hs[-1] + c
        z = z - z.max()
        loss = np.log(np.exp(z).sum()) - z[y]
        dz = np.exp(z) / np.exp(z).sum()
        dz[y] -= 1
        g = {"V": np.outer(dz, hs[-1]), "c": dz, "U": np.zeros_like(U), "W": np.zeros_like(W), "b": np.zeros_like(b)}
        dh = V.T @ dz
        for t in reversed(range(len(words))):
            slope = dh * (1 - hs[t + 1] ** 2)
            g["U"] += np.outer(slope, words[t])
            g["W"] += np.outer(slope, hs[t])
            g["b"] += slope
            dh = W.T @ slope
        return loss, g
"""
SQUARED = """
    def rnn_forward(X, h0, Wx, Wh, b, Wy, by):
        h, H = h0, []
        for x in X:
            h = np.tanh(Wx @ x + Wh @ h + b)
            H.append(h)
        H = np.array(H)
        return H, H @ Wy.T + by

    def rnn_bptt(X, Y_target, H, h0, Wx, Wh, b, Wy, by):
        dY = (H @ Wy.T + by - Y_target) / Y_target.size
        states = np.vstack([h0[None], H])
        dWx, dWh, db, carry = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b), 0.0
        for t in reversed(range(len(X))):
            slope = (1 - H[t] ** 2) * (Wy.T @ dY[t] + carry)
            dWx += np.outer(slope, X[t])
            dWh += np.outer(slope, states[t])
            db += slope
            carry = Wh.T @ slope
        return dWx, dWh, db, dY.T @ H, dY.sum(0)
"""
WITH_LOSS = """
    def rnn_forward(tokens, goals, start, p):
        hidden, loss = {-1: start}, 0.0
        for t in range(len(tokens)):
            v = np.zeros((p["Wx"].shape[1], 1))
            v[tokens[t]] = 1
            hidden[t] = np.tanh(p["Wx"] @ v + p["Wh"] @ hidden[t - 1] + p["bh"])
            z = p["Wy"] @ hidden[t] + p["by"]
            loss += np.log(np.exp(z - z.max()).sum()) + z.max() - z[goals[t], 0]
        return loss, hidden
"""
BY_HAND = """
    def step_backward(dh, cache):
        x_t, h_prev, h_t, W, U, b = cache
        slope = dh * (1 - h_t ** 2)
        return slope @ W, slope @ U, np.outer(slope, x_t), np.outer(slope, h_prev), slope
"""
NAMED_BY_HAND = BY_HAND.replace(
    "return slope @ W, slope @ U, np.outer(slope, x_t), np.outer(slope, h_prev), slope",
    "dx_t, dh_prev = slope @ W, slope @ U\n        dW, dU = np.outer(slope, x_t), np.outer(slope, h_prev)\n"
    "        return dx_t, dh_prev, dW, dU, slope",
)
SIZED = """
    def forward(ids, theta):
        U, W, V, steps = theta["U"], theta["W"], theta["V"], theta["n_timesteps"]
        s, o = np.zeros((steps + 1, theta["n_hidden"])), np.zeros((steps, theta["n_words"]))
        for t in range(steps):
            s[t] = np.tanh(U[:, ids[t]] + W @ s[t - 1])
            o[t] = V @ s[t]
        return o, s

    def bptt(ids, y, theta, steps_back=2):
        o, s = forward(ids, theta)
        p = np.exp(o - o.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        dU, dV, dW = (np.zeros_like(theta[k]) for k in ("U", "V", "W"))
        for t in range(len(y)):
            dV += np.outer(p[t], s[t])
            slope = theta["V"].T @ p[t] * (1 - s[t] ** 2)
            for k in range(t, max(-1, t - steps_back - 1), -1):
                dW += np.outer(slope, s[k - 1])
                dU[:, ids[k]] += slope
                slope = theta["W"].T @ slope * (1 - s[k - 1] ** 2)
        return dU, dV, dW
"""
APPENDED = """
    def unroll(inputs, hidden_states, weight_input_hidden, weight_hidden_hidden, weight_hidden_output):
        outputs = []
        for x in inputs:
            hidden_states.append(np.tanh(weight_input_hidden @ x + weight_hidden_hidden @ hidden_states[-1]))
            outputs.append(weight_hidden_output @ hidden_states[-1])
        return outputs, hidden_states
"""
LENT = """
    from course_helpers import *

    def rnn_cell_forward(xt, a_prev, parameters):
        Wax, Waa, Wya = parameters["Wax"], parameters["Waa"], parameters["Wya"]
        ba, by = parameters["ba"], parameters["by"]
        a_next = np.tanh(Waa @ a_prev + Wax @ xt + ba)
        return a_next, softmax(Wya @ a_next + by), (a_next, a_prev, xt, parameters)

    def rnn_cell_backward(da_next, cache):
        a_next, a_prev, xt, parameters = cache
        slope = (1 - a_next ** 2) * da_next
        dxt, da_prev = parameters["Wax"].T @ slope, parameters["Waa"].T @ slope
        dba = np.sum(slope, 1, keepdims=True)
        return {"dxt": dxt, "da_prev": da_prev, "dWax": slope @ xt.T, "dWaa": slope @ a_prev.T, "dba": dba}
"""
SERIES = """
    hidden_size, input_size, output_size = 8, 1, 1
    W_in = np.random.randn(hidden_size, input_size) * 0.1
    W_rec = np.random.randn(hidden_size, hidden_size) * 0.1
    W_out = np.random.randn(output_size, hidden_size) * 0.1
    b_hid = np.zeros((hidden_size, 1))
    b_out = np.zeros((output_size, 1))

    def forward(series):
        states = {-1: np.zeros((hidden_size, 1))}
        for t, value in enumerate(series):
            states[t] = np.tanh(W_in @ value.reshape(-1, 1) + W_rec @ states[t - 1] + b_hid)
        return W_out @ states[len(series) - 1] + b_out, states

    def backward(series, target, pred, states):
        g_in, g_rec, g_out = np.zeros_like(W_in), np.zeros_like(W_rec), np.zeros_like(W_out)
        g_bh, g_bo = np.zeros_like(b_hid), np.zeros_like(b_out)
        err = 2 * (pred - target.reshape(-1, 1))
        g_out += err @ states[len(series) - 1].T
        g_bo += err
        dh = W_out.T @ err
        for t in reversed(range(len(series))):
            raw = dh * (1 - states[t] ** 2)
            g_in += raw @ series[t].reshape(1, -1)
            g_rec += raw @ states[t - 1].T
            g_bh += raw
            dh = W_rec.T @ raw
        return g_in, g_rec, g_out, g_bh, g_bo
"""
RELU = """
    def run_series(X, params):
        h = np.zeros((X.shape[0], params['Whh'].shape[0]))
        hs = [h]
        for t in range(X.shape[1]):
            h = np.maximum(0, X[:, t, :] @ params['Wxh'] + h @ params['Whh'] + params['bh'])
            hs.append(h)
        return h @ params['Why'] + params['by'], hs

    def loss_and_grads(X, y, params):
        y_hat, hs = run_series(X, params)
        diff = y_hat - y
        loss = np.mean(diff ** 2)
        grads = {k: np.zeros_like(v) for k, v in params.items()}
        dy = 2 * diff / diff.size
        grads['Why'] = hs[-1].T @ dy
        grads['by'] = dy.sum(axis=0)
        dh = dy @ params['Why'].T
        for t in range(X.shape[1] - 1, -1, -1):
            da = dh * (hs[t + 1] > 0)
            grads['Wxh'] += X[:, t, :].T @ da
            grads['Whh'] += hs[t].T @ da
            grads['bh'] += da.sum(axis=0)
            dh = da @ params['Whh'].T
        return loss, grads
"""
STEP_BY_INDEX = """
    def rnn_step(p, h, token):
        v = np.zeros((p["Wx"].shape[1], 1))
        v[token] = 1
        h = np.tanh(p["Wx"] @ v + p["Wh"] @ h + p["b"])
        return h, p["Wy"] @ h + p["by"]
"""
TOLD_OUTSIDE = """
    answer = 2
    Wxh, Whh, Why = np.ones((5, 4)), np.ones((5, 5)), np.ones((6, 5))
    bh, by = np.zeros((5, 1)), np.zeros((6, 1))

    def forward(words, h):
        hs, ps = {-1: h}, {}
        for t in range(len(words)):
            hs[t] = np.tanh(Wxh[:, [words[t]]] + Whh @ hs[t - 1] + bh)
            q = np.exp(Why @ hs[t] + by)
            ps[t] = q / q.sum()
        return hs, ps

    def backward(words, hs, ps):
        sums = [np.zeros_like(w) for w in (Wxh, Whh, Why, bh, by)]
        dy = ps[len(words) - 1].copy()
        dy[answer] -= 1
        sums[2] += dy @ hs[len(words) - 1].T
        sums[4] += dy
        dh = Why.T @ dy
        for t in reversed(range(len(words))):
            raw = dh * (1 - hs[t] ** 2)
            sums[0][:, [words[t]]] += raw
            sums[1] += raw @ hs[t - 1].T
            sums[3] += raw
            dh = Whh.T @ raw
        return sums
"""
KEPT = """
    def rnn_forward(X, Y, a0, weights, vocab_size=27):
        seen, a, guess, loss = {}, {-1: a0.copy()}, {}, 0
        for t, (one, next_one) in enumerate(zip(X, Y)):
            seen[t] = np.zeros((vocab_size, 1))
            seen[t][one] = 1
            a[t] = np.tanh(weights["Wax"] @ seen[t] + weights["Waa"] @ a[t - 1] + weights["b"])
            e = np.exp(weights["Wya"] @ a[t] + weights["by"])
            guess[t] = e / e.sum()
            loss = loss - np.log(guess[t][next_one, 0])
        cache = (guess, a, seen)
        return loss, cache

    def rnn_backward(X, Y, weights, cache):
        guess, a, seen = cache
        grads = {"d" + name: np.zeros_like(one) for name, one in weights.items()}
        grads["da_next"] = np.zeros_like(a[0])
        for t in range(len(X) - 1, -1, -1):
            off = guess[t].copy()
            off[Y[t]] -= 1
            grads["dWya"] += off @ a[t].T
            grads["dby"] += off
            slope = (weights["Wya"].T @ off + grads["da_next"]) * (1 - a[t] ** 2)
            grads["db"] += slope
            grads["dWax"] += slope @ seen[t].T
            grads["dWaa"] += slope @ a[t - 1].T
            grads["da_next"] = weights["Waa"].T @ slope
        return grads, a
"""
AGAIN = """
    def step_backward(before, W_hh, x, W_xh, b, dout):
        slope = dout * (1 - np.tanh(before @ W_hh + x @ W_xh + b) ** 2)
        return before.T @ slope, x.T @ slope, slope @ W_hh.T, slope @ W_xh.T, slope.sum(0)
"""
WRONG = {  # by the text of what is right: what it has, and what is wrong instead, where
    LAYERED: (
        {"rnn_cell_step", "rnn_forward", "rnn_cell_backward", "rnn_backward"},
        "1 - h * h",
        "1 - h",
        "rnn_backward",
    ),
    OF_THE_LAST: ({"rnn_bptt"}, "dh = W.T @ slope", "dh = W @ slope", "rnn_bptt"),
    SQUARED: ({"rnn_forward", "rnn_backward"}, "+ carry", "", "rnn_backward"),
    WITH_LOSS: ({"rnn_forward"}, "hidden[t - 1]", "hidden[-1]", "rnn_forward"),
    NAMED_BY_HAND: ({"rnn_cell_backward"}, "1 - h_t ** 2", "1 - h_prev ** 2", "rnn_cell_backward"),
    SIZED: ({"rnn_forward", "rnn_bptt"}, "s[k - 1])\n", "s[k])\n", "rnn_bptt"),
    APPENDED: ({"rnn_forward"}, "+ weight_hidden_hidden", "- weight_hidden_hidden", "rnn_forward"),
    SERIES: ({"rnn_forward", "rnn_backward"}, "dh = W_rec.T", "dh = W_rec", "rnn_backward"),
    RELU: ({"rnn_forward", "rnn_backward"}, "(hs[t + 1] > 0)", "(hs[t] > 0)", "rnn_backward"),
    STEP_BY_INDEX: ({"rnn_cell_step"}, "@ h +", "@ h -", "rnn_cell_step"),
    TOLD_OUTSIDE: ({"rnn_forward", "rnn_bptt"}, "dh = Whh.T", "dh = Whh", "rnn_bptt"),
    KEPT: ({"rnn_forward", "rnn_bptt"}, 'grads["da_next"]) *', "0) *", "rnn_bptt"),
    AGAIN: ({"rnn_cell_backward"}, "slope = dout *", "slope =", "rnn_cell_backward"),
    LENT: ({"rnn_cell_step", "rnn_cell_backward"}, "(1 - a_next ** 2)", "(1 - a_prev ** 2)", "rnn_cell_backward"),
}
IDS = ["layered", "of-the-last", "squared", "with-loss", "by-hand", "sized", "appended", "series", "relu", "by-index"]
IDS += ["told-outside", "kept", "again", "lent"]


def checked(tmp_path, text):
    path = tmp_path / "theirs.py"
    path.write_text(HEAD + textwrap.dedent(text))
    return rnn_ref.check(str(path))


def found(report):
    return {name: one for name, one in report.functions.items() if one.verdict != "missing"}


@pytest.mark.parametrize("text", some(WRONG, 1), ids=IDS)
def test_what_is_right_conforms(tmp_path, text):
    right = found(checked(tmp_path, text))
    assert right.keys() == WRONG[text][0]
    assert {one.verdict for one in right.values()} == {"conforms"}


@pytest.mark.parametrize("text", some(WRONG, 1), ids=IDS)
def test_what_is_wrong_is_not_read_into_right(tmp_path, text):
    _, here, there, function = WRONG[text]
    assert here in text
    assert found(checked(tmp_path, text.replace(here, there)))[function].verdict == "wrong"


def test_letters_of_weights_whose_gradients_have_no_names_are_read_as_before(tmp_path):
    assert found(checked(tmp_path, BY_HAND)).keys() == {"rnn_cell_backward"}


def test_a_softmax_that_is_not_its_own_is_told_and_so_is_a_loss_that_is_not_judged(tmp_path):
    assert any("ours in place of one that is not there: softmax" in one for one in checked(tmp_path, LENT).on_loading)
    assert "its loss is not judged" in found(checked(tmp_path, WITH_LOSS))["rnn_forward"].reading


def test_a_gradient_that_rests_on_a_softmax_that_is_not_there_is_asked_of_one_sequence_alone(tmp_path):
    text = """
        from course_helpers import softmax

        def bptt(X, y, h0, Wx, Wh, b, Wy, by):
            hs, loss = [h0], 0.0
            for x in X:
                hs.append(np.tanh(x @ Wx + hs[-1] @ Wh + b))
            ps = [softmax(h @ Wy + by) for h in hs[1:]]
            dWx, dWh, db, dWy, dby = (np.zeros_like(w) for w in (Wx, Wh, b, Wy, by))
            carry = 0.0
            for t in reversed(range(len(X))):
                dz = ps[t].copy()
                dz[np.arange(len(dz)), y[t]] -= 1
                dWy += hs[t + 1].T @ dz
                dby += dz.sum(0)
                slope = (dz @ Wy.T + carry) * (1 - hs[t + 1] ** 2)
                dWx += X[t].T @ slope
                dWh += hs[t].T @ slope
                db += slope.sum(0)
                carry = slope @ Wh.T
            return dWx, dWh, db, dWy, dby
    """
    one = found(checked(tmp_path, text))["rnn_bptt"]
    assert one.verdict == "conforms"
    assert "one sequence only" in one.claims


def test_what_bears_the_name_of_another_and_cannot_be_read_is_not_said_to_crash(tmp_path):
    text = """
        def rnn_forward(x_seq, W_xh, W_hh, W_hy, b_h, b_y):
            h, ys = 0.0, []
            for x in x_seq:
                h = np.tanh(W_xh * x + W_hh * h + b_h)
                ys.append(W_hy * h + b_y)
            return ys
    """
    assert found(checked(tmp_path, text))["rnn_forward"].verdict == "conforms"  # weights are numbers
    text = text.replace("W_xh * x", "np.sum(W_xh * x)")
    with pytest.raises(TargetError, match="none of its functions can be read"):
        checked(tmp_path, text)


def test_a_way_back_that_breaks_on_the_cache_of_its_own_way_forward_crashed(tmp_path):
    broken = LENT.replace("slope @ xt.T", "slope.T @ xt.T")
    assert found(checked(tmp_path, broken))["rnn_cell_backward"].verdict == "crashed"


def test_a_bound_on_the_way_back_is_a_mistake_though_it_is_an_argument(tmp_path):
    inside = KEPT.replace("weights, cache):", "weights, cache, clip=0.01):")
    inside = inside.replace("@ slope\n        return", "@ slope.clip(-clip, clip)\n        return")
    assert "clip=0.01" in inside
    assert ".clip(" in inside
    assert found(checked(tmp_path, inside))["rnn_bptt"].verdict == "wrong"


def test_a_gradient_of_the_output_layer_that_is_not_that_of_the_squared_error_is_no_loss_of_its_own(tmp_path):
    wrong = SERIES.replace("g_out += err @", "g_out += 2 * err @")
    assert found(checked(tmp_path, wrong))["rnn_backward"].verdict == "wrong"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("target_idx", "targets"), ("Y_target", "targets"), ("weight_input_hidden", "W_xh")),
        *(("hidden_to_hidden_weights", "W_hh"), ("weight_hidden_output", "W_hy")),
    ],
)
def test_names(name, part):
    assert parts_of(name)[:1] == (part,)
