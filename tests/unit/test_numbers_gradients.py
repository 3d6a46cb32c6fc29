"""What gradients through time are allowed, by hand: of one unit and two steps, and of errors that are given."""

from typing import Any

import numpy as np
import pytest

from rnn_ref import rnn_backward, rnn_forward
from rnn_ref.conformance.numbers.bounded import LAMBDA, tiny
from rnn_ref.conformance.numbers.gradients import (
    Asked,
    allowed,
    carried_to_a_sum,
    last_terms,
    lost,
    plain,
    plain_states,
    reaching,
)
from rnn_ref.conformance.spec.rnn.operations import TANH

x1, x2, h0, w, u, b = 0.7, -1.3, 0.4, 0.9, -1.7, 0.3
up1, up2 = 0.8, -0.6
h1 = float(np.tanh(w * x1 + u * h0 + b))
h2 = float(np.tanh(w * x2 + u * h1 + b))


@pytest.mark.parametrize("more", [None, np.array([[[0.8]], [[3.0]]])])
def test_the_terms_of_the_last_sums_are_those_of_two_steps_and_what_came_with_them(more: Any) -> None:
    """Of dz = dh (1 − h²) each factor and the product are rounded; of a state computed anew its own error counts."""

    def one(value: float) -> Any:
        return np.array([[value]])

    weights = {"W_xh": one(w), "W_hh": one(u), "b_h": np.array([b])}
    X_seq, states, upstream = (np.array(each).reshape(2, 1, 1) for each in ([x1, x2], [h1, h2], [up1, up2]))
    asked = Asked([upstream], [states], X_seq, [one(h0)], weights)
    slope1, slope2, of_slope1, of_slope2 = 1 - h1 * h1, 1 - h2 * h2, 1 + h1 * h1, 1 + h2 * h2

    dz2, S2 = up2 * slope2, 0.0 if more is None else 3.0  # a gradient from above may be a sum that was rounded
    off2 = abs(dz2) + abs(up2) * of_slope2 + slope2 * S2
    dh1 = up1 + u * dz2
    dz1, S1 = dh1 * slope1, abs(up1) + abs(u * dz2)
    brought = abs(u) * (abs(dz2) + abs(up2) * of_slope2)
    off1 = abs(dz1) + abs(dh1) * of_slope1 + slope1 * (S1 + brought)
    own = slope1 * (abs(w * x1) + abs(u * h0) + abs(b)) + 2 * abs(h1)  # of h1, computed anew
    np.testing.assert_allclose(np.ravel(reaching(TANH, asked)), [dh1, up2], rtol=1e-14)
    due = {
        "X_seq": [abs(w) * (abs(dz1) + off1), abs(w) * (abs(dz2) + off2)],
        "h0": [abs(u) * (abs(dz1) + off1)],
        "W_xh": [abs(dz1 * x1) + abs(dz2 * x2) + off1 * abs(x1) + off2 * abs(x2)],
        "W_hh": [abs(dz1 * h0) + abs(dz2 * h1) + off1 * abs(h0) + off2 * abs(h1) + abs(dz2) * own],
        "b_h": [abs(dz1) + abs(dz2) + off1 + off2],
    }
    found = last_terms(TANH, asked, more)
    for (name, expected), terms in zip(due.items(), found, strict=True):
        np.testing.assert_allclose(np.ravel(terms), expected, rtol=1e-9, err_msg=name)
    given = last_terms(TANH, asked, more, into=reaching(TANH, asked))
    assert all(np.array_equal(one, other) for one, other in zip(given, found, strict=True))


def test_the_largest_ratio_of_error_to_terms_is_allowed_eightfold_and_no_more_than_the_largest_error() -> None:
    off, terms = np.array([[2e-16, 0.0], [0.0, -9e-16]]), np.array([[1.0, 100.0], [0.001, 8.0]])
    truth = np.array([[1.0, 2.0], [3.0, 4.0]])
    answers = np.stack([truth, truth + off])
    errors = np.abs(answers - truth).max(0)
    U = 2.0**-53
    ratio = max(errors[0, 0] / U, errors[1, 1] / (8 * U))
    due = np.maximum(8 * np.minimum(ratio * terms, errors.max() / U), 2 * terms)
    np.testing.assert_allclose(allowed("float64", answers, truth, terms), due, rtol=1e-14)
    assert due.ravel().tolist() == [8 * ratio, 200, 8 * ratio * 0.001, 8 * errors.max() / U]
    np.testing.assert_allclose(allowed("float64", truth[None], truth, terms, floor=0.5), 0.5 * terms)
    nothing = allowed("float64", answers, truth, np.zeros((2, 2)))
    assert not nothing.any()
    spoilt = np.stack([truth + off, np.full((2, 2), np.nan)])
    np.testing.assert_allclose(allowed("float64", spoilt, truth, terms), due)


def test_errors_of_states_add_up_in_a_sum_as_independent_ones_do() -> None:
    into, off = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([[[3.0, 1.0]], [[2.0, 1.0]]])
    assert carried_to_a_sum(into, off) == pytest.approx(np.sqrt(9 + 4 + 1 + 9), rel=1e-15)


@pytest.mark.parametrize("lead", [(), (2,)], ids=["single", "batch"])
def test_plain_arithmetic_has_the_gradients_of_weights_twice_as_a_loop_and_as_a_product(lead: tuple[int, ...]) -> None:
    rng, T, D, H = np.random.default_rng(0), 4, 3, 5
    X_seq, h0, above = (rng.normal(size=size) for size in ((T, *lead, D), (*lead, H), (T, *lead, H)))
    weights = {"W_xh": rng.normal(size=(H, D)), "W_hh": rng.normal(size=(H, H)), "b_h": rng.normal(size=H)}
    states = np.stack(rnn_forward(X_seq, h0, **weights))
    asked = Asked([above], [states], X_seq, [h0], weights)
    (own,) = plain_states(TANH, asked)
    assert own.shape == (1 + max(3, 32 // h0.size), *states.shape)
    np.testing.assert_allclose(own, np.broadcast_to(states, own.shape), rtol=1e-13, atol=1e-14)
    due = rnn_backward(above, states, X_seq, h0, **weights)._asdict()
    for at_once in (True, False):
        found = plain(TANH, asked._replace(states=[own]), at_once=at_once)
        for (name, expected), one in zip(due.items(), found, strict=True):
            runs = len(own) * (1 + (at_once and name in weights))
            np.testing.assert_allclose(one, np.broadcast_to(expected, (runs, *expected.shape)), rtol=1e-12, atol=1e-13)


def test_what_was_flushed_above_comes_with_its_gradient() -> None:
    def one(*values: float) -> Any:
        return np.reshape(values, (-1, 1))

    asked = Asked(
        [one(up1)], [one(h1)], one(x1), [np.array([h0])], {"W_xh": one(w), "W_hh": one(u), "b_h": np.zeros(1)}
    )
    before, after = (lost(TANH, asked, "float32", more) for more in (None, one(9.0)))
    gained = [float(np.ravel(b)[0] ** 2 - np.ravel(a)[0] ** 2) for a, b in zip(before, after, strict=True)]
    unit = (LAMBDA * tiny("float32") * (1 - h1 * h1)) ** 2 * 9
    np.testing.assert_allclose(gained, unit * np.square([w, u, x1, h0, 1]), rtol=1e-9)
