"""Stacks whose layers stand in a list: a tuple, a dict or a record of weights for each of them."""

import pytest
from sampled import some
from test_reading_gated import HEAD

import rnn_ref

TUPLES = """
def forward(params, X, h_init=None):
    B, T, _ = X.shape
    H = params["layers"][0][2].shape[0]
    h = np.zeros((len(params["layers"]), B, H)) if h_init is None else np.array(h_init)
    Wo, bo = params["out"]
    preds = []
    for t in range(T):
        inp = X[:, t]
        for l, (W_in, W_rec, bias) in enumerate(params["layers"]):
            h[l] = inp = np.tanh(inp @ W_in + h[l] @ W_rec + bias)
        preds.append(inp @ Wo + bo)
    return np.stack(preds, axis=1), h
"""
DICTS = """
def run(layers, xs, hs):
    hs, out = list(hs), []
    for x in xs:
        for k, p in enumerate(layers):
            x = hs[k] = np.tanh(x @ p["Wx"] + hs[k] @ p["Wh"] + p["b"])
        out.append(x)
    return np.stack(out), np.stack(hs)
"""
RECORDS = """
def deep_lstm(X, h0, c0, layers):
    seq = X
    for k in range(len(layers)):
        layer, h, c, out = layers[k], h0[k], c0[k], []
        for x in seq:
            i, f, o, g = np.split(x @ layer.Wx + h @ layer.Wh + layer.b, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            out.append(h)
        seq = np.stack(out)
    return seq
"""
NUMBERED = """
def forward(m, X, h1, h2):
    out = []
    for x in X:
        h1 = np.tanh(x @ m["Wx1"] + h1 @ m["Wh1"] + m["b1"])
        h2 = np.tanh(h1 @ m["Wx2"] + h2 @ m["Wh2"] + m["b2"])
        out.append(h2 @ m["Wy"] + m["by"])
    return np.stack(out)
"""
FORMS = {
    "numbers": (NUMBERED, 'h2 @ m["Wh2"]', 'h1 @ m["Wh2"]'),
    "tuples": (TUPLES, "h[l] @ W_rec", "h[l - 1] @ W_rec"),
    "dicts": (DICTS, 'hs[k] @ p["Wh"]', 'hs[0] @ p["Wh"]'),
    "records": (RECORDS, "sigmoid(f) * c +", "sigmoid(f) * c * 0.9 +"),
}


@pytest.mark.parametrize("form", some(FORMS, 3))
def test_layers_in_a_list_are_a_stack(form, tmp_path):
    text, old, new = FORMS[form]
    path = tmp_path / "foreign.py"
    path.write_text(HEAD + text, encoding="utf-8")
    right = rnn_ref.check(str(path)).functions["stack_forward"]
    assert (right.verdict, "of weights for" in right.reading) == ("conforms", True)
    assert text.count(old) == 1
    path.write_text(HEAD + text.replace(old, new), encoding="utf-8")
    assert rnn_ref.check(str(path)).functions["stack_forward"].verdict == "wrong"
