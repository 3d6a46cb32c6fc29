"""An argument that says where the reset gate stands: each call has it as it asks, and the way back none of the last."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.targets.loading import Loading
from rnn_ref.conformance.targets.reading.recognise import recognised

TEXT = """
import numpy as np

def f(a):
    return 1 / (1 + np.exp(-a))

def gru_run(X, W, R, B, H_0, linear_before_reset):
    (Wz, Wr, Wh), (Rz, Rr, Rh) = np.split(W, 3), np.split(R, 3)
    Wbz, Wbr, Wbh, Rbz, Rbr, Rbh = np.split(B, 6)
    H, ys, kept = H_0, [], []
    for x in X:
        z = f(x @ Wz.T + H @ Rz.T + Wbz + Rbz)
        r = f(x @ Wr.T + H @ Rr.T + Wbr + Rbr)
        q = H @ Rh.T + Rbh
        inside = r * q if linear_before_reset else (r * H) @ Rh.T + Rbh
        n = np.tanh(x @ Wh.T + inside + Wbh)
        kept.append((x, H, z, r, q, n))
        H = (1 - z) * n + z * H
        ys.append(H)
    return np.stack(ys), (kept, W, R)

def gru_run_backward(dY, cache):
    kept, W, R = cache
    (Wz, Wr, Wh), (Rz, Rr, Rh) = np.split(W, 3), np.split(R, 3)
    dX, dW, dR, dB, dH = [], np.zeros_like(W), np.zeros_like(R), np.zeros(2 * len(W), W.dtype), 0
    for t in reversed(range(len(kept))):
        x, H, z, r, q, n = kept[t]
        dh = dY[t] + dH
        dn = dh * (1 - z) * (1 - n * n)
        dz = dh * (H - n) * z * (1 - z)
        dr = dn * q * r * (1 - r)
        a, b = np.concatenate([dz, dr, dn], -1), np.concatenate([dz, dr, dn * r], -1)
        dX.insert(0, a @ W)
        dW += a.T @ x if x.ndim == 2 else np.outer(a, x)
        dR += b.T @ H if x.ndim == 2 else np.outer(b, H)
        dB += np.concatenate([a.reshape(-1, len(W)).sum(0), b.reshape(-1, len(W)).sum(0)])
        dH = dh * z + b @ R
    return np.stack(dX), dW, dR, dB, dH
"""


def test_a_way_back_does_not_have_it_as_the_last_way_forward_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "switched.py").write_text(TEXT)
    spec = importlib.util.spec_from_file_location("switched", tmp_path / "switched.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(importlib.sys.modules, "switched", module)  # type: ignore[attr-defined]
    spec.loader.exec_module(module)
    found = recognised(vars(module), {}, "switched", Loading()).candidates
    checks = {one.id: one for one in all_questions(None, "vectors", ["gru-1"])}
    forward, back = (checks[f"gru_{name}/generic-float64"] for name in ("forward", "backward"))
    first = found["gru_backward"](*back.arguments.values())
    states = [found["gru_forward"](*forward.arguments.values(), reset_after=one)["h_states"] for one in (True, False)]
    assert not np.allclose(*states)
    again = found["gru_backward"](*back.arguments.values())
    assert all(np.array_equal(first[name], again[name]) for name in first)
