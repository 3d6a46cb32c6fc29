"""Mistakes on the way back through a GRU have their names in a program that is not the catalogue's; right ones pass.

The program keeps its gates apart, in nine matrices and six biases, and joins their gradients at the end.
"""

from pathlib import Path
from typing import Any

import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.mistakes.find import module

APART = '''
import numpy as np

def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))

def gru_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_xh, b_hh):
    """Back through time, the gates apart."""
    T, H = len(X_seq), h0.shape[-1]
    X = np.array(X_seq).reshape(T, -1, W_xh.shape[1])
    ups, hs = (np.array(one).reshape(T, -1, H) for one in (dh_states, h_states))
    Wr, Wz, Wn = W_xh.reshape(3, H, -1)
    Ur, Uz, Un = W_hh.reshape(3, H, H)
    br, bz, bn = b_xh.reshape(3, H)
    cr, cz, cn = b_hh.reshape(3, H)
    dWr, dWz, dWn, dUr, dUz, dUn = (np.zeros_like(one) for one in (Wr, Wz, Wn, Ur, Uz, Un))
    dbr, dbz, dbn, dcn = (np.zeros_like(br) for _ in range(4))
    dX, carried = np.zeros_like(X), np.zeros_like(ups[0])
    for back in range(T):
        t = T - 1 - back
        x = X[t]
        h = hs[t - 1] if t else np.array(h0).reshape(-1, H)
        r = sigmoid(x @ Wr.T + br + h @ Ur.T + cr)
        z = sigmoid(x @ Wz.T + bz + h @ Uz.T + cz)
        u = h @ Un.T + cn
        n = np.tanh(x @ Wn.T + bn + r * u)
        g = ups[t] + carried
        gn = g * (1 - z) * (1 - n * n)
        gz = g * (h - n) * z * (1 - z)
        gr = gn * u * r * (1 - r)
        gu = gn * r
        dWr += gr.T @ x
        dWz += gz.T @ x
        dWn += gn.T @ x
        dUr += gr.T @ h
        dUz += gz.T @ h
        dUn += gu.T @ h
        dbr += gr.sum(0)
        dbz += gz.sum(0)
        dbn += gn.sum(0)
        dcn += gu.sum(0)
        dX[t] = gr @ Wr + gz @ Wz + gn @ Wn
        carried = g * z + gr @ Ur + gz @ Uz + gu @ Un
    rows = [np.concatenate(one) for one in ([dWr, dWz, dWn], [dUr, dUz, dUn], [dbr, dbz, dbn], [dbr, dbz, dcn])]
    return dX.reshape(X_seq.shape), carried.reshape(h0.shape), *rows
'''

LOOPS = """
import math
import numpy as np

def gru_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_xh, b_hh):
    T, H, D = len(X_seq), h0.shape[-1], W_xh.shape[1]
    X = np.array(X_seq).reshape(T, -1, D)
    ups, hs, first = (np.array(one).reshape(-1, X.shape[1], H) for one in (dh_states, h_states, h0))
    dX, dh = np.zeros_like(X), np.zeros_like(first[0])
    dW, dU, db, dc = (np.zeros_like(one) for one in (W_xh, W_hh, b_xh, b_hh))
    for t in range(T - 1, -1, -1):
        for b in range(X.shape[1]):
            x, h = X[t, b], hs[t - 1, b] if t else first[0, b]
            side = [sum(W_xh[k, d] * x[d] for d in range(D)) + b_xh[k] for k in range(3 * H)]
            past = [sum(W_hh[k, j] * h[j] for j in range(H)) + b_hh[k] for k in range(3 * H)]
            before = np.zeros_like(dh[b])
            for i in range(H):
                r, z = (1 / (1 + math.exp(-(side[k] + past[k]))) for k in (i, H + i))
                n = math.tanh(side[2 * H + i] + r * past[2 * H + i])
                up = ups[t, b, i] + dh[b, i]
                an = up * (1 - z) * (1 + n) * (1 - n)
                into = {i: an * past[2 * H + i] * r * (1 - r), H + i: up * (h[i] - n) * z * (1 - z), 2 * H + i: an}
                for k, a in into.items():
                    dW[k] += a * x
                    db[k] += a
                    dX[t, b] += a * W_xh[k]
                    a = a * r if k >= 2 * H else a
                    dU[k] += a * h
                    dc[k] += a
                    before += a * W_hh[k]
                before[i] += up * z
            dh[b] = before
    return dX.reshape(X_seq.shape), dh.reshape(h0.shape), dW, dU, db, dc
"""

EINSUM = """
import numpy as np

def gru_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_xh, b_hh):
    T, H = len(X_seq), h0.shape[-1]
    X = np.array(X_seq).reshape(T, -1, W_xh.shape[1])
    ups, hs, first = (np.array(one).reshape(-1, X.shape[1], H) for one in (dh_states, h_states, h0))
    h = np.concatenate([first, hs[:-1]])
    W, U = W_xh.reshape(3, H, -1), W_hh.reshape(3, H, H)
    side = np.einsum("tbd,khd->ktbh", X, W) + b_xh.reshape(3, 1, 1, H)
    past = np.einsum("tbj,khj->ktbh", h, U) + b_hh.reshape(3, 1, 1, H)
    r, z = 1 / (1 + np.exp(-(side + past)[:2]))
    n = np.tanh(side[2] + r * past[2])
    into, dh = np.zeros((3, *h.shape), h.dtype), np.zeros_like(first[0])
    for t in reversed(range(T)):
        up = ups[t] + dh
        an = up * (1 - z[t]) * (1 - n[t] ** 2)
        into[:, t] = an * past[2, t] * r[t] * (1 - r[t]), up * (h[t] - n[t]) * z[t] * (1 - z[t]), an
        behind = np.stack([into[0, t], into[1, t], an * r[t]])
        dh = up * z[t] + np.einsum("kbi,kij->bj", behind, U)
    behind = np.stack([into[0], into[1], into[2] * r])
    dX = np.einsum("ktbh,khd->tbd", into, W).reshape(X_seq.shape)
    dW = np.einsum("ktbh,tbd->khd", into, X).reshape(W_xh.shape)
    dU = np.einsum("ktbi,tbj->kij", behind, h).reshape(W_hh.shape)
    return dX, dh.reshape(h0.shape), dW, dU, into.sum((1, 2)).ravel(), behind.sum((1, 2)).ravel()
"""

Edit = tuple[str, str]
STRAIGHT: Edit = ("g * z + gr @ Ur", "gr @ Ur")
BIAS: Edit = ("gr = gn * u", "gr = gn * (u - cn)")
SIGN: Edit = ("g * (h - n)", "g * (n - h)")
NO_NEXT: Edit = ("ups[t] + carried", "ups[t]")
LAST: Edit = ("gu.T @ h", "gu.T @ hs[t]")
NAMED: dict[str, tuple[Edit, ...]] = {
    "no-straight-path": (STRAIGHT,),
    "only-straight-path": ((" + gr @ Ur + gz @ Uz + gu @ Un", ""),),
    "straight-path-inverted": (("carried = g * z", "carried = g * (1 - z)"),),
    "reset-path-missing": (("gr = gn * u * r * (1 - r)", "gr = 0 * r"),),
    "update-path-missing": (("gz = g * (h - n) * z * (1 - z)", "gz = 0 * z"),),
    "candidate-path-missing": ((" + gu @ Un", ""),),
    "dz-sign": (SIGN,),
    "dz-forgets-n": (("g * (h - n)", "g * h"),),
    "dn-misses-gate": (("gn = g * (1 - z)", "gn = g"),),
    "dr-from-h_prev": (("gr = gn * u", "gr = gn * h"),),
    "dr-misses-bias": (BIAS,),
    "dr-not-through-tanh": (("gr = gn * u", "gr = g * (1 - z) * u"),),
    "reset-missing-in-state-side": (("gu = gn * r", "gu = gn"),),
    "reset-in-input-side": (("gn.T @ x", "gu.T @ x"), ("dbn += gn", "dbn += gu"), ("gn @ Wn", "gu @ Wn")),
    "bias-gradients-equal": (("dcn += gu", "dcn += gn"),),
    "no-slope": (("g * (1 - z) * (1 - n * n)", "g * (1 - z)"),),
    "slopes-swapped": (("(h - n) * z * (1 - z)", "(h - n) * (1 - z * z)"),),
    "slope-of-preactivation": (
        ("(1 - n * n)", "(1 - np.arctanh(n) ** 2)"),
    ),
    "slope-of-tanh-h": (("gr = gn * u * r * (1 - r)", "gr = gn * u * sigmoid(r) * (1 - sigmoid(r))"),),
    "backward-of-reset-before": (("gr = gn * u", "gr = (gn @ Un) * h"),),
    "gate-gradients-reordered": (
        ("[dWr, dWz, dWn], [dUr, dUz, dUn], [dbr, dbz, dbn], [dbr, dbz, dcn]",
         "[dWz, dWr, dWn], [dUz, dUr, dUn], [dbz, dbr, dbn], [dbz, dbr, dcn]"),
    ),
    "no-dh-next": (NO_NEXT,),
    "forward-order": (("t = T - 1 - back", "t = back"),),
    "dW_hh-wraps": ((" if t else np.array(h0).reshape(-1, H)", ""),),
    "assigned-not-accumulated": (("dUr +=", "dUr ="), ("dUz +=", "dUz ="), ("dUn +=", "dUn =")),
    "truncated": (("t = T - 1 - back", "t = T - 1 - back\n        carried = carried * (back != 7)"),),
}  # fmt: skip
PAIRS = {
    ("no-straight-path", "dr-misses-bias"): (STRAIGHT, BIAS),
    ("dz-sign", "bias-gradients-equal"): (SIGN, ("dcn += gu", "dcn += gn")),
    ("no-dh-next", "reset-missing-in-state-side"): (NO_NEXT, ("gu.T @ h", "gn.T @ h")),
}
OUTSIDE: dict[str, tuple[Edit, ...]] = {
    "the straight path is not gated": (("carried = g * z", "carried = g"),),
    "the update gate's product misses a bias": (("h @ Uz.T + cz", "h @ Uz.T"),),
    "the candidate's weight has no bias": (("x @ Wn.T + bn", "x @ Wn.T"),),
    "dh goes through r and z exchanged": (("gr @ Ur + gz @ Uz", "gz @ Ur + gr @ Uz"),),
    "dW_hn alone is made with the state after": (LAST,),
    "the reset gate's slope is squared": (("u * r * (1 - r)", "u * (r * (1 - r)) ** 2"),),
    "the input's gradient misses the update gate": (("gr @ Wr + gz @ Wz", "gr @ Wr"),),
    "the candidate's gradient is one percent too large": (("gn = g", "gn = 1.01 * g"),),
    "dh is halved": (("carried = g * z + gr @ Ur", "carried = 0.5 * g * z + gr @ Ur"),),
    "the bias of z has the sign of its fall": (("dbz += gz", "dbz -= gz"),),
}


def found(text: str, *edits: Edit, dtype: str = "float64") -> Any:
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return rnn_ref.check({"gru_backward": namespace["gru_backward"]}, dtype=dtype).functions["gru_backward"]


@pytest.mark.parametrize("text", [APART, LOOPS, EINSUM], ids=["gates apart", "loops over units", "einsum"])
def test_a_right_way_back_conforms_in_any_style(text: str) -> None:
    assert {found(text, dtype=dtype).verdict for dtype in ("float32", "float64")} == {"conforms"}


@pytest.mark.parametrize("slug", NAMED)
def test_a_mistake_in_another_program_has_its_name_and_is_the_only_one(slug: str) -> None:
    report = found(APART, *NAMED[slug])
    assert (report.mistakes, report.only_mistake) == ([slug], True)


@pytest.mark.parametrize("slugs", PAIRS, ids=" and ".join)
def test_two_mistakes_have_both_names(slugs: tuple[str, str]) -> None:
    assert sorted(found(APART, *PAIRS[slugs]).mistakes) == sorted(slugs)


@pytest.mark.parametrize("what", some(OUTSIDE, 3))
def test_a_mistake_of_no_catalogue_has_no_name(what: str) -> None:
    report = found(APART, *OUTSIDE[what])
    assert (report.verdict, report.mistakes) == ("wrong", [])


@pytest.mark.parametrize(("slug", "function"), [("dz-sign", "gru_cell_backward"), ("dh0-missing", "gru_backward")])
def test_a_file_with_a_mistake_of_the_catalogue_in_it_is_told_its_name(
    slug: str, function: str, tmp_path: Path
) -> None:
    (tmp_path / "wrong.py").write_text(module(slug, function))
    assert rnn_ref.check(str(tmp_path / "wrong.py")).functions[function].mistake == slug
