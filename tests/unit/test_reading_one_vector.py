"""All weights in one vector, as minimisers take them, with the gradient as long."""

import inspect
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.targets.reading.calling.one_vector import one_by_one

COST = """
import numpy as np

def unpack(theta, D, H, K):
    i = 0
    Wx = theta[i:i + H * D].reshape(H, D); i += H * D
    Wh = theta[i:i + H * H].reshape(H, H); i += H * H
    bh = theta[i:i + H]; i += H
    Wy = theta[i:i + K * H].reshape(K, H); i += K * H
    return {out}

def cost(theta, X, y, D, H, K):
    {taken} = unpack(theta, D, H, K)
    A = np.zeros((len(X) + 1, H))
    for t in range(len(X)):
        A[t + 1] = np.tanh({Wx} @ X[t] + {Wh} @ A[t] + {bh})
    Z = A[1:] @ {Wy}.T + {by}
    P = np.exp(Z - Z.max(1, keepdims=True))
    P /= P.sum(1, keepdims=True)
    J = -np.log(P[np.arange(len(X)), y]).sum()
    P[np.arange(len(X)), y] -= 1
    gWx, gWh, gbh, delta = np.zeros_like({Wx}), np.zeros_like({Wh}), np.zeros_like({bh}), np.zeros(H)
    for t in range(len(X) - 1, -1, -1):
        delta = ({Wy}.T @ P[t] + {Wh}.T @ delta) * (1 - A[t + 1] ** 2)
        gWx += np.outer(delta, X[t])
        gWh += {recurrent}
        gbh += delta
    return J, np.concatenate([gWx.ravel(), gWh.ravel(), gbh, (P.T @ A[1:]).ravel(), P.sum(0)])
"""
NAMES = ("Wx", "Wh", "bh", "Wy", "by")


def written(*, keys: bool = False, recurrent: str = "np.outer(delta, A[t])") -> str:
    every = [(name, "theta[i:]" if name == "by" else name) for name in NAMES]
    out = ", ".join(f'"{name}": {one}' if keys else one for name, one in every)
    text = COST.replace("{out}", f"{{{out}}}" if keys else out).replace("{taken}", "p" if keys else ", ".join(NAMES))
    for name in NAMES:
        text = text.replace(f"{{{name}}}", f'p["{name}"]' if keys else name)
    return text.replace("{recurrent}", recurrent)


TAKEN_OUT = """
def taken_out(params):
    return params["Wx"], params["Wh"], params["b"].reshape(1, -1)

def step(x, h, params):
    Wx, Wh, b = taken_out(params)
    return x @ Wx + h @ Wh + b
"""


def loaded(folder: Path, text: str) -> dict[str, Any]:
    path = folder / "flat.py"
    path.write_text(text, encoding="utf-8")
    return runpy.run_path(str(path))


@pytest.mark.parametrize("keys", [False, True])
def test_the_vector_is_made_of_weights_and_the_gradient_is_taken_apart_like_it(tmp_path: Path, keys: bool) -> None:
    cost = one_by_one(loaded(tmp_path, written(keys=keys))["cost"])
    assert {*inspect.signature(cost).parameters} == {*NAMES, "X", "y"}
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in ((4, 3), (4, 4), (4,), (2, 4), (2,))]
    X, y = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    loss, found = cost(**dict(zip(NAMES, weights, strict=True)), X=X, y=y)
    due, grads, _ = rnn_ref.rnn_bptt(X, y, np.zeros(4), *weights)
    assert loss == pytest.approx(due)
    for name, its in zip(NAMES, ("W_xh", "W_hh", "b_h", "W_hy", "b_y"), strict=True):
        np.testing.assert_allclose(found[f"d{name}"], getattr(grads, its), rtol=1e-12)


def test_weights_that_lie_otherwise_than_in_the_vector_are_refused(tmp_path: Path) -> None:
    cost = one_by_one(loaded(tmp_path, written())["cost"])
    weights = [np.ones(shape) for shape in ((3, 4), (4, 4), (4,), (4, 2), (2,))]
    with pytest.raises(ValueError, match="the weights in theta have other shapes"):
        cost(*weights, np.ones((5, 3)), np.zeros(5, int))


def test_what_is_taken_out_of_a_dict_by_a_function_is_no_vector(tmp_path: Path) -> None:
    step = loaded(tmp_path, TAKEN_OUT)["step"]
    assert one_by_one(step) is step


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recurrent", "verdict"), [("np.outer(delta, A[t])", "conforms"), ("np.outer(A[t], delta)", "wrong")]
)
def test_a_loss_of_one_vector_is_judged(tmp_path: Path, recurrent: str, verdict: str) -> None:
    path = tmp_path / "flat.py"
    path.write_text(written(recurrent=recurrent), encoding="utf-8")
    report = rnn_ref.check(str(path), only="rnn_bptt/single-float64")
    assert report.functions["rnn_bptt"].verdict == verdict
