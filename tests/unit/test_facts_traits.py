"""What all answers have in common is told, where what is due has it not; and what a loss makes of one prediction."""

from typing import Any

import numpy as np
import pytest
from test_facts import spoilt, stepping, told, total

import rnn_ref


def of_gradients(change: Any) -> list[str]:
    return spoilt("rnn_cell_backward", lambda grads, *_: type(grads)(*map(change, grads)))


def test_gradients_of_norm_1_are_told() -> None:
    assert of_gradients(lambda d: d / np.linalg.norm(d))[0] == "the norm of dx_t, dh_prev, dW_xh, dW_hh and db_h is 1"


def test_units_that_are_dropped_are_told_by_two_factors() -> None:
    def drop(h: Any, *_: Any) -> Any:
        return (2 * h * (np.random.default_rng(3).random(h.shape[-1]) < 0.5)).astype(h.dtype)

    assert "every entry of h_t is 0 or 2 times what is due" in [
        fact.removeprefix("where it is wrong, ") for fact in spoilt("rnn_cell_step", drop)
    ]


def test_a_normalisation_is_told_by_the_sums() -> None:
    def step(x: Any, states: Any, *weights: Any) -> Any:
        z = total(x, states[-1], *weights)
        return np.tanh((z - z.mean(-1, keepdims=True)) / (z.std(-1, keepdims=True) + 1e-5)).astype(z.dtype)

    told_ = "the sums from which h_states is made have mean 0 and spread 1 in every row: as after a normalisation"
    assert stepping(step)[0].removeprefix("where it is wrong, ") == told_
    assert not any("spread 1" in fact for fact in stepping(lambda x, h, *w: np.tanh(1.5 * total(x, h[-1], *w))))


def test_a_factor_of_each_steps_sum_is_told() -> None:
    found = stepping(lambda x, states, *w: np.tanh(total(x, states[-1], *w) * x.dtype.type(0.9 ** (len(states) - 1))))
    assert "the sum from which h_states is made is off by a factor at each step: 1, 0.9, 0.81, 0.729," in found[0]


def test_noise_is_told_by_its_size() -> None:
    def noisy(h: Any, *_: Any) -> Any:
        return (h + 1e-3 * np.random.default_rng(h.size).normal(size=h.shape)).astype(h.dtype)

    told_ = "the entries of h_t are off by about 1e-03, up and down, whatever is due: as by noise"
    assert told_ in spoilt("rnn_cell_step", noisy)
    assert not any("noise" in fact for fact in spoilt("rnn_cell_step", lambda h, *_: h * h.dtype.type(1.001)))


def test_rows_that_no_longer_add_up_to_0_are_told() -> None:
    found = spoilt("cross_entropy_backward", lambda d, *_, **__: d * (1 - d))
    told_ = "the rows of dlogits do not add up to 0, as those of what is due do ("
    assert any(fact.removeprefix("where it is wrong, ").startswith(told_) for fact in found)


def _rows(logits: Any, targets: Any) -> Any:
    return rnn_ref.cross_entropy(logits, targets, reduction="none")


@pytest.mark.parametrize(
    ("loss", "fact"),
    [
        (lambda z, y: np.median(_rows(z, y)), "a single prediction is right ("),
        (lambda z, y: np.tanh(_rows(z, y)).mean(), "of a single prediction it gives 0.8"),
    ],
)
def test_of_a_loss_it_is_told_what_a_single_prediction_gives(loss: Any, fact: str) -> None:
    found = told("cross_entropy", loss)
    assert any(one.startswith(fact) for one in found)
