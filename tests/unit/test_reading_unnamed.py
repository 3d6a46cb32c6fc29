"""Ways back of cells with gates whose gradients have no name: read by shape and place, never said to be missing."""

import pytest
from sampled import some
from test_reading_gated import HEAD, IFOG

import rnn_ref

NAMED = """    dx, dprev_h, dprev_c = da.dot(Wx.T), da.dot(Wh.T), dc * f
    dWx, dWh, db = x.T.dot(da), prev_h.T.dot(da), da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db
"""
GRU = """
def gru_step_forward(x, prev_h, Wx, Wh, bx, bh):
    p, q = x @ Wx + bx, prev_h @ Wh + bh
    (pr, pz, pn), (qr, qz, qn) = np.split(p, 3, 1), np.split(q, 3, 1)
    r, z = sigmoid(pr + qr), sigmoid(pz + qz)
    n = np.tanh(pn + r * qn)
    return (1 - z) * n + z * prev_h, (x, prev_h, Wx, Wh, r, z, n, qn)

def gru_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, r, z, n, qn = cache
    dn = dnext_h * (1 - z) * (1 - n ** 2)
    dz = dnext_h * (prev_h - n) * z * (1 - z)
    dr = dn * qn * r * (1 - r)
    u, v = np.hstack([dr, dz, dn]), np.hstack([dr, dz, dn * r])
    return u @ Wx.T, v @ Wh.T + dnext_h * z, x.T @ u, prev_h.T @ v, u.sum(0), v.sum(0)
"""
WEIGHTS = "x.T @ da, prev_h.T @ da, da.sum(0)"
WAYS = {  # how six gradients are returned
    "a tuple": f"    return da @ Wx.T, da @ Wh.T, dc * f, {WEIGHTS}\n",
    "a list": f"    return [da @ Wx.T, da @ Wh.T, dc * f, {WEIGHTS}]\n",
    "made above": f"    grads = (da @ Wx.T, da @ Wh.T, dc * f, {WEIGHTS})\n    return grads\n",
    "names that say nothing": f"    p, q, m = da @ Wx.T, da @ Wh.T, dc * f\n    return p, q, m, {WEIGHTS}\n",
    "some with a name": f"    dx = da @ Wx.T\n    return dx, da @ Wh.T, dc * f, {WEIGHTS}\n",
    "other keys": f"    return dict(zip('123456', (da @ Wx.T, da @ Wh.T, dc * f, {WEIGHTS})))\n",
}
EDITS = {"h_prev": ("da @ Wh.T", "2 * da @ Wh.T"), "c_prev": ("dc * f", "dc * i")}


def back(folder, text, cell="lstm"):
    path = folder / "foreign.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return rnn_ref.check(str(path), only="*generic-float64").functions[f"{cell}_cell_backward"]


def lstm(way):
    assert IFOG.count(NAMED) == 1
    return IFOG.replace(NAMED, way)


@pytest.mark.parametrize("way", some(WAYS, 3))
def test_gradients_without_a_name_are_asked_for_and_a_wrong_one_is_found(way, tmp_path):
    right = back(tmp_path, lstm(WAYS[way]))
    assert (right.verdict, right.claims) == ("conforms", [])
    assert "by place: prev_h [" in right.reading
    for old, new in EDITS.values():
        assert back(tmp_path, lstm(WAYS[way].replace(old, new))).verdict == "wrong"


SWAPPED = f"    return da @ Wx.T, dc * f, da @ Wh.T, {WEIGHTS}\n"
TOLD = {  # by what a file tells that the memory's gradient comes first
    "its caller": lambda text: f"{text}\ndef two(dh, dc, k):\n    dx, dc, dh, *w = lstm_step_backward(dh, dc, k)\n",
    "its description": lambda text: text.replace(
        "(dnext_h, dnext_c, cache):\n", '(dnext_h, dnext_c, cache):\n    """Returns dx, dprev_c, dprev_h, dWx."""\n'
    ),
    "the gradients from above": lambda text: text.replace("(dnext_h, dnext_c, cache)", "(dnext_c, dnext_h, cache)"),
}


def test_two_states_gradients_that_have_changed_places_are_wrong(tmp_path):
    found = back(tmp_path, lstm(SWAPPED))
    assert (found.verdict, found.mistake) == ("wrong", "dh0-dc0-swapped")


@pytest.mark.parametrize("how", some(TOLD, 3))
def test_the_order_of_two_states_gradients_is_that_which_the_file_tells(how, tmp_path):
    assert back(tmp_path, TOLD[how](lstm(SWAPPED))).verdict == "conforms"
    assert back(tmp_path, TOLD[how](lstm(WAYS["a tuple"]))).verdict == "wrong"


@pytest.mark.parametrize("old", some(["da @ Wx.T", "da @ Wh.T", "x.T @ da", "prev_h.T @ da"], 4))
def test_a_gradient_that_is_turned_round_is_wrong(old, tmp_path):
    assert back(tmp_path, lstm(WAYS["a tuple"].replace(old, f"({old}).T"))).verdict == "wrong"


TANH = """
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)

def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    dz = dnext_h * (1 - next_h**2)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, prev_h.T @ dz, dz.sum(axis=0)
"""
COLUMNS = """
def rnn_step(x, h, U, W, b):
    return np.tanh(U @ x + W @ h + b)

def rnn_step_back(dh, h_next, x, h, U, W, b):
    dz = dh * (1 - h_next**2)
    return U.T @ dz, W.T @ dz, dz @ x.T, dz @ h.T, dz.sum(1, keepdims=True)
"""
LOOP = """
def rnn_forward(x, h0, Wx, Wh, b):
    h, hs = h0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        hs.append(h)
    return np.stack(hs, axis=1), (x, h0, np.stack(hs, axis=1), Wx, Wh)

def rnn_backward(dh, cache):
    x, h0, hs, Wx, Wh = cache
    dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(len(Wh))
    dprev = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dz = (dh[:, t] + dprev) * (1 - hs[:, t] ** 2)
        dx[:, t], dprev = dz @ Wx.T, dz @ Wh.T
        dWx, dWh, db = dWx + x[:, t].T @ dz, dWh + (hs[:, t - 1] if t else h0).T @ dz, db + dz.sum(0)
    return dx, dprev, dWx, dWh, db
"""
TURNED = {
    "a step": (TANH, "rnn_cell_backward", ["dz @ Wx.T", "dz @ Wh.T", "x.T @ dz", "prev_h.T @ dz"]),
    "a step of columns": (COLUMNS, "rnn_cell_backward", ["U.T @ dz", "W.T @ dz", "dz @ x.T", "dz @ h.T"]),
    "a sequence": (LOOP, "rnn_backward", ["return dx", "dprev, dWx", "dWx, dWh, db\n", "dWh, db\n"]),
}


@pytest.mark.parametrize("which", some(TURNED, 3))
def test_no_gradient_of_a_tanh_network_may_be_turned_round(which, tmp_path):
    text, function, places = TURNED[which]
    path = tmp_path / "foreign.py"
    path.write_text(HEAD + text, encoding="utf-8")
    assert rnn_ref.check(str(path)).functions[function].verdict == "conforms"
    for old in places:
        before, _, after = text.rpartition(old)
        name = old.removeprefix("return ").partition(",")[0]
        new = f"({name}).swapaxes(0, 1)" if "sequence" in which else f"({name}).T"
        path.write_text(f"{HEAD}{before}{old.replace(name, new, 1)}{after}", encoding="utf-8")
        assert rnn_ref.check(str(path)).functions[function].verdict == "wrong", old


@pytest.mark.parametrize(("old", "new"), [("da @ Wh.T", "(da @ Wh.T).T"), ("dc * f", "(dc * f)[:, :, None]")])
def test_a_gradient_of_another_shape_is_wrong_and_not_missing(old, new, tmp_path):
    assert back(tmp_path, lstm(WAYS["a tuple"].replace(old, new))).verdict == "wrong"


def test_a_gradient_with_a_name_is_wrong_too_if_its_shape_is_another(tmp_path):
    assert (
        back(tmp_path, IFOG.replace(NAMED, NAMED.replace("    return dx, dprev_h", "    return dx, dprev_h.T"))).verdict
        == "wrong"
    )
    turned = NAMED.replace("    return", "    dprev_h = dprev_h.T\n    return")
    assert back(tmp_path, IFOG.replace(NAMED, turned)).verdict == "wrong"


def test_what_is_not_returned_is_still_claimed(tmp_path):
    found = back(tmp_path, lstm(f"    return da @ Wx.T, da @ Wh.T, {WEIGHTS}\n"))
    assert (found.verdict, found.claims) == ("conforms", ["no dc_prev"])


def test_an_item_of_which_nothing_can_be_told_leaves_the_function_unread(tmp_path):
    assert (
        back(tmp_path, lstm(f"    return da @ Wx.T, da @ Wh.T, (dc * f)[0, 0] * np.ones(3), {WEIGHTS}\n")).verdict
        == "missing"
    )


def test_biases_of_one_shape_stand_in_the_order_of_the_arguments(tmp_path):
    assert back(tmp_path, GRU, "gru").verdict == "conforms"
    assert back(tmp_path, GRU.replace("u.sum(0), v.sum(0)", "u.sum(0), 2 * v.sum(0)"), "gru").verdict == "wrong"
    assert back(tmp_path, GRU.replace("u.sum(0), v.sum(0)", "v.sum(0), u.sum(0)"), "gru").verdict == "wrong"
    assert back(tmp_path, GRU.replace("v @ Wh.T +", "v @ Wh.T -"), "gru").verdict == "wrong"
