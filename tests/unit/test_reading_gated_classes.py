"""Cells with gates whose inputs are classes, looked up in a matrix or in rows of an embedding, maybe with padding."""

from pathlib import Path

import pytest

import rnn_ref

GRU = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def encode({arguments}):
    h, states, n = h0, [], h0.shape[-1]
    for ids in tokens:
        a, u = {looked_up} + bx, h @ Wh + bh
        r, z = sigmoid(a[..., :n] + u[..., :n]), sigmoid(a[..., n:2 * n] + u[..., n:2 * n])
        new = np.tanh(a[..., 2 * n:] + r * u[..., 2 * n:])
        h = {kept}
        states.append(h)
    return np.stack(states)
"""
NEXT = "(1 - z) * new + z * h"
ROWS = GRU.format(arguments="tokens, h0, Wx, Wh, bx, bh", looked_up="Wx[ids]", kept=NEXT)
EMBEDDED = GRU.format(arguments="tokens, h0, E, Wx, Wh, bx, bh", looked_up="E[ids] @ Wx", kept=NEXT)
PADDED = ROWS.replace(f"h = {NEXT}", f"h = np.where((ids != 0)[:, None], {NEXT}, h)")
SOURCES = {"rows": ROWS, "embedded": EMBEDDED, "padded": PADDED}


@pytest.mark.parametrize("name", SOURCES)
def test_a_cell_with_gates_is_asked_class_indices(tmp_path: Path, name: str) -> None:
    for old, verdict in {"z * h": "conforms", "r * h": "wrong"}.items():
        (tmp_path / "mine.py").write_text(SOURCES[name].replace("z * h", old))
        report = rnn_ref.check(str(tmp_path / "mine.py"), only="gru_forward/*float64")
        told = report.functions["gru_forward"]
        claims = ["class indices for inputs", *(["input 0 is padding", "batches only"] if name == "padded" else [])]
        assert (told.verdict, told.claims) == (verdict, claims)
        assert not [note for note in report.notes if "encode" in note]


LOSS = """
import numpy as np
PAD = 0

def f(a):
    return 1 / (1 + np.exp(-a))

def loss(tokens, targets, h0, Wx, Wh, b, Wo, bo):
    T, B = tokens.shape
    n, h, tape, hs = h0.shape[1], h0, [], []
    for t in range(T):
        m = (tokens[t] != PAD)[:, None].astype(h0.dtype)
        x = np.eye(len(Wx), dtype=h0.dtype)[tokens[t]]
        a, u = x @ Wx + b, h @ Wh[:, :2 * n]
        r, z = f(a[:, :n] + u[:, :n]), f(a[:, n:2 * n] + u[:, n:])
        new = np.tanh(a[:, 2 * n:] + (r * h) @ Wh[:, 2 * n:])
        tape.append((m, x, h, r, z, new))
        h = m * ((1 - z) * new + z * h) + (1 - m) * h
        hs.append(h)
    hs = np.stack(hs)
    logits = hs @ Wo + bo
    logits = logits - logits.max(-1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    w = (targets != PAD).astype(h0.dtype)
    nll = -np.take_along_axis(logp, targets[..., None], -1)[..., 0]
    d = (np.exp(logp) - np.eye(logp.shape[-1], dtype=h0.dtype)[targets]) * w[..., None] / w.sum()
    g = {"dWo": np.einsum("tbh,tbv->hv", hs, d), "dbo": d.sum((0, 1))}
    g |= {"dWx": np.zeros_like(Wx), "dWh": np.zeros_like(Wh), "db": np.zeros_like(b)}
    dh = np.zeros_like(h0)
    for t in reversed(range(T)):
        m, x, h, r, z, new = tape[t]
        dh = dh + d[t] @ Wo.T
        up, dh = dh * m, dh * (1 - m)
        dn = up * (1 - z) * (1 - new ** 2)
        drh = dn @ Wh[:, 2 * n:].T
        dz, dr = up * (h - new) * z * (1 - z), drh * h * r * (1 - r)
        da = np.concatenate([dr, dz, dn], 1)
        g["dWx"] += x.T @ da
        g["db"] += da.sum(0)
        g["dWh"][:, :2 * n] += h.T @ da[:, :2 * n]
        g["dWh"][:, 2 * n:] += (r * h).T @ dn
        dh = dh + up * z + drh * r + da[:, :2 * n] @ Wh[:, :2 * n].T
    return (nll * w).sum() / w.sum(), g
"""


def test_a_loss_of_which_a_class_of_inputs_and_targets_is_padding_is_asked_the_others(tmp_path: Path) -> None:
    for old, verdict in {"up * z + drh * r": "conforms", "up * z + drh": "wrong"}.items():
        (tmp_path / "mine.py").write_text(LOSS.replace("up * z + drh * r", old))
        functions = rnn_ref.check(str(tmp_path / "mine.py"), only="gru_*/*float64").functions
        verdicts = functions["gru_forward"].verdict, functions["gru_backward"].verdict
        assert verdicts == ("conforms", verdict)
        assert "input 0 is padding" in functions["gru_backward"].claims
