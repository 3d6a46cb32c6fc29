"""Habits of hand-written code (a logarithm of a softmax, an epsilon, gradients clipped), and mistakes beside them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.diagnose import diagnosis
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec import catalogue

Given = Callable[[Any], Any]


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def exponentials(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


def loss_of(inside: Given, factor: float = 1.0) -> Any:
    """Return a mean of logarithms of what is made of a probability."""

    def cross_entropy(logits: Any, targets: Any) -> Any:
        own = np.take_along_axis(softmax(logits), np.asarray(targets)[..., None], -1)
        return factor * -np.log(inside(own)).mean()

    return cross_entropy


def network(
    *,
    p_of: Given = softmax,
    inside: Given = lambda p: p,
    turned: Given = np.transpose,
    clip: Any = None,
    mean: bool = False,
    stable: bool = False,
) -> Any:
    """Return a loss and all gradients of one sequence, in one function."""

    def rnn_bptt(X: Any, y: Any, h0: Any, U: Any, W: Any, b: Any, V: Any, c: Any) -> Any:
        steps, h = range(len(X)), [h0]
        for t in steps:
            h.append(np.tanh(U @ X[t] + W @ h[t] + b))
        z = np.stack(h[1:]) @ V.T + c
        p, count = p_of(z), len(X) if mean else 1
        loss = -np.log(inside(p[steps, y])).sum()
        if stable:
            top = z - z.max(-1, keepdims=True)
            loss = (np.log(np.exp(top).sum(-1)) - top[steps, y]).sum()
        d = (p - np.eye(len(c), dtype=p.dtype)[y]) / count
        dX, dh, sums = [], np.zeros_like(h0), [0.0, 0.0, 0.0]
        for t in reversed(steps):
            da = (d[t] @ V + dh) * (1 - h[t + 1] ** 2)
            sums = [one + two for one, two in zip(sums, (np.outer(da, X[t]), np.outer(da, h[t]), da), strict=True)]
            dX.insert(0, da @ U)
            dh = turned(W) @ da
        weights = [*sums, d.T @ np.stack(h[1:]), d.sum(0)]
        return loss / count, (np.stack(dX), dh, *(clip(weights) if clip else weights)), h[-1]

    return rnn_bptt


def at(bound: float) -> Given:
    return lambda grads: [np.clip(one, -bound, bound) for one in grads]


def together(bound: float) -> Given:
    def clip(grads: Any) -> Any:
        norm = np.sqrt(sum((one**2).sum() for one in grads))
        return [one * min(1.0, bound / norm) for one in grads]

    return clip


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (lambda p: p + 1e-15, "(1e-15 is added)"),
        (lambda p: p + 3e-6, "(3e-06 is added)"),
        (lambda p: p + 1e-37, "(1e-37 is added)"),
        (lambda p: p + 1e-300, "(1e-300 is added)"),
        (lambda p: np.maximum(p, 1e-12), "(a limit of 1e-12)"),
        (lambda p: np.clip(p, 1e-7, 1 - 1e-7), "(limits of 1e-07 and of 1 minus it)"),
    ],
)
def test_an_epsilon_is_solved_for_and_told(inside: Given, told: str) -> None:
    found = rnn_ref.check({"cross_entropy": loss_of(inside)}).functions["cross_entropy"]
    assert (found.mistake, found.only_mistake) == ("log-epsilon", True)
    assert found.explanation.endswith(told)


def test_a_factor_is_named_beside_a_probability_that_underflows() -> None:
    found = rnn_ref.check({"cross_entropy": loss_of(lambda p: p, 1.001)}).functions["cross_entropy"]
    assert found.mistakes == ["constant-factor", "log-of-softmax"]
    assert "a constant factor of 1.001;" in found.explanation


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({}, ["log-of-softmax"]),
        ({"turned": np.array}, ["dh-next-untransposed", "log-of-softmax"]),
        ({"p_of": exponentials, "clip": at(1)}, ["unstable-softmax", "gradients-clipped"]),
        (
            {"p_of": exponentials, "clip": at(5), "turned": np.array},
            ["dh-next-untransposed", "unstable-softmax", "gradients-clipped"],
        ),
        (
            {"inside": lambda p: p + 1e-10, "clip": at(3), "turned": np.array},
            ["dh-next-untransposed", "log-epsilon", "gradients-clipped"],
        ),
    ],
    ids=["loss", "loss-back", "loss-bound", "loss-bound-back", "epsilon-bound-back"],
)
def test_a_mistake_beside_habits_is_named_first_and_they_are_named_too(form: Any, names: list[str]) -> None:
    found = rnn_ref.check({"rnn_bptt": network(**form)}).functions["rnn_bptt"]
    assert (found.verdict, found.mistakes) == ("wrong", names)


@pytest.mark.parametrize(
    ("form", "names", "told"),
    [
        ({"clip": at(5)}, ["gradients-clipped"], "right, but clipped at 5;"),
        ({"clip": together(2.5)}, ["gradients-clipped"], "right, but clipped to a joint norm of 2.5"),
        ({"clip": at(0.1), "mean": True}, ["mean-over-steps", "gradients-clipped"], "divided by the number of steps"),
        ({"clip": at(5), "mean": True}, ["mean-over-steps", "gradients-clipped"], "clipped at 5, and the loss"),
    ],
    ids=["a bound", "a norm", "a mean and a bound", "a mean, and a bound that is seen once"],
)
def test_what_is_right_but_for_a_habit_is_said_to_be_right(form: Any, names: list[str], told: str) -> None:
    found = rnn_ref.check({"rnn_bptt": network(stable=True, **form)}).functions["rnn_bptt"]
    assert (found.verdict, found.mistakes) == ("right-but", names)
    assert told in found.explanation


MEAN_OF_LOGS = """
import numpy as np

def loss_and_grads(x, y, h0, params):
    hs = [h0]
    for x_t in x:
        hs.append(np.tanh(x_t @ params["W_xh"] + hs[-1] @ params["W_hh"] + params["b_h"]))
    hs, n = np.array(hs), y.size
    z = hs[1:] @ params["W_hy"] + params["b_y"]
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    rows = np.indices(y.shape)
    loss = -np.log(p[(*rows, y)]).mean()
    p[(*rows, y)] -= 1
    p /= n
    g = {k: np.zeros_like(v) for k, v in params.items()}
    g["W_hy"] = hs[1:].reshape(n, -1).T @ p.reshape(n, -1)
    g["b_y"] = p.reshape(n, -1).sum(0)
    dh = 0
    for t in reversed(range(len(x))):
        da = (p[t] @ params["W_hy"].T + dh) * (1 - hs[t + 1] ** 2)
        g["W_xh"] += x[t].T @ da
        g["W_hh"] += hs[t].T @ da
        g["b_h"] += da.sum(0)
        dh = da @ params["W_hh"].T
    return loss, g
"""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("", ""), ("right-but", {"log-of-softmax", "mean-over-steps"})),
        (("p /= n", "p *= 1"), ("wrong", {"log-of-softmax", "mean-over-steps"})),  # the loss alone is a mean
    ],
)
def test_a_mean_of_logarithms_is_right_but_for_both(tmp_path: Path, change: Any, told: Any) -> None:
    (tmp_path / "mine.py").write_text(MEAN_OF_LOGS.replace(*change))
    found = rnn_ref.check(str(tmp_path / "mine.py")).functions["rnn_bptt"]
    assert (found.verdict, {*found.mistakes}) == told


def test_where_a_bound_is_seen_no_two_mistakes_without_it_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "pair", lambda *_: pytest.fail("two mistakes without a bound"))
    one = network(stable=True, turned=np.array, clip=at(5))

    def without_h0(X: Any, y: Any, h0: Any, *weights: Any) -> Any:
        return one(X, y, np.zeros_like(h0), *weights)

    def rnn_bptt(X: Any, y: Any, h0: Any, U: Any, W: Any, b: Any, V: Any, c: Any) -> Any:
        return without_h0(X, y, h0, U, W, b, V, c)

    found = rnn_ref.check({"rnn_bptt": rnn_bptt}).functions["rnn_bptt"]
    assert {*found.mistakes} == {"h0-ignored", "dh-next-untransposed", "gradients-clipped"}


@pytest.mark.parametrize(("cell", "slug"), [("lstm", "df-from-c_t"), ("gru", "h0-ignored")])
@pytest.mark.parametrize("bound", [1, 5])
def test_finished_gradients_of_a_cell_with_gates_are_clipped_as_others_are(cell: str, slug: str, bound: float) -> None:
    back = f"{cell}_backward"
    mistake = next(one for one in catalogue.MISTAKES if one.slug == slug and back in one.functions)

    def clipped(function: Any) -> Any:
        return lambda *given: [np.clip(one, -bound, bound) for one in function(*given)]

    every = (clipped(one) for one in (getattr(rnn_ref, back), wrong(mistake, back)))
    habit, beside = (rnn_ref.check({back: one}).functions[back] for one in every)
    assert (habit.verdict, habit.mistakes) == ("right-but", ["gradients-clipped"])
    assert (beside.verdict, beside.mistakes) == ("wrong", [slug, "gradients-clipped"])
