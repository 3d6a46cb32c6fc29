"""Readings of weights in dicts, and of what is told by the text: found, and equal to the reference on other sizes."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from unit_problems import network, targets_of

import rnn_ref
from rnn_ref.conformance.targets.loading import Loading
from rnn_ref.conformance.targets.reading.recognise import Recognised, recognised
from rnn_ref.conformance.targets.reading.syntax.gathered import source_of

model = {"Wxh": None, "Whh": None, "bh": None}


def by_connection(W, x, h):
    return np.tanh(W["xh"] @ x + W["hh"] @ h + W["h"])


def of_two_dicts(W, B, sequence, start):
    acts = {0: start}
    for t, x in enumerate(sequence, 1):
        acts[t] = np.tanh(W["in"] @ x + W["rec"] @ acts[t - 1] + B["hid"])
    return acts


def in_turn(X, h0, params):
    Wx, Wh, b = (params[k] for k in ("Wx", "Wh", "b"))
    states = []
    for x in X:
        h0 = np.tanh(x @ Wx + h0 @ Wh + b)
        states.append(h0)
    return np.array(states)


def split_into_words(X, h0, params):
    Wx, Wh, b = [params[k] for k in ["Wx", "Wh", "b"]]
    states = []
    for x in X:
        h0 = np.tanh(x @ Wx + h0 @ Wh + b)
        states.append(h0)
    return np.array(states)


def from_outside(inputs, hprev):
    hs = {-1: hprev}
    for t, x in enumerate(inputs):
        hs[t] = np.tanh(np.dot(model["Wxh"], x) + np.dot(model["Whh"], hs[t - 1]) + model["bh"])
    return hs


def loss_of_keys(W, xs, ys, h):
    """The loss and all gradients, in a dict with the keys of the weights."""
    grads, hs, errors, loss = {name: np.zeros_like(one) for name, one in W.items()}, [h], [], 0.0
    for x, y in zip(xs, ys, strict=True):
        hs.append(np.tanh(W["xh"] @ x + W["hh"] @ hs[-1] + W["h"]))
        z = W["hy"] @ hs[-1] + W["y"]
        z = z - z.max() - np.log(np.exp(z - z.max()).sum())
        loss -= z[y]
        errors.append(np.exp(z) - (np.arange(len(z)) == y))
    later = np.zeros_like(h)
    for t in reversed(range(len(xs))):
        grads["hy"] += np.outer(errors[t], hs[t + 1])
        grads["y"] += errors[t]
        later = (W["hy"].T @ errors[t] + later) * (1 - hs[t + 1] ** 2)
        grads["xh"] += np.outer(later, xs[t])
        grads["hh"] += np.outer(later, hs[t])
        grads["h"] += later
        later = W["hh"].T @ later
    return loss, grads


class Weights(NamedTuple):
    W_in: Any
    W_rec: Any
    b: Any


class Trace(NamedTuple):
    inputs: Any
    hiddens: Any


def elman_forward(params, inputs, h_init):
    hiddens = [h_init]
    for x in inputs:
        hiddens.append(np.tanh(x @ params.W_in + hiddens[-1] @ params.W_rec + params.b))
    return Trace(inputs, np.stack(hiddens))


def elman_backward(params, trace, d_hiddens):
    dW_in, dW_rec, db = (np.zeros_like(one) for one in (params.W_in, params.W_rec, params.b))
    carry, d_inputs = np.zeros_like(trace.hiddens[0]), np.zeros_like(trace.inputs)
    for t in reversed(range(len(trace.inputs))):
        delta = (d_hiddens[t] + carry) * (1 - trace.hiddens[t + 1] ** 2)
        dW_in += trace.inputs[t].T @ delta
        dW_rec += trace.hiddens[t].T @ delta
        db += delta.sum(axis=0)
        d_inputs[t] = delta @ params.W_in.T
        carry = delta @ params.W_rec.T
    return Weights(dW_in, dW_rec, db), d_inputs, carry


def vjp_of_a_step(P, x, h, h_new, grad_h_new):
    grad_z = grad_h_new * (1 - np.square(h_new))
    return {
        "W_hh": np.outer(grad_z, h),
        "W_xh": np.outer(grad_z, x),
        "b": grad_z,
        "h": P["W_hh"].T @ grad_z,
        "x": P["W_xh"].T @ grad_z,
    }


def forward_to_probabilities(xs, h, theta):
    U, W, b, V, c = theta
    probabilities = []
    for x in xs:
        h = np.tanh(U @ x + W @ h + b)
        o = np.exp(V @ h + c)
        probabilities.append(o / np.sum(o))
    return probabilities


def back_from_the_last(d_y, inputs, last_hs, Wxh, Whh, Why, bh, by):
    d_Wxh, d_Whh, d_bh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(bh)
    d_h = Why.T @ d_y
    for t in reversed(range(len(inputs))):
        temp = (1 - last_hs[t + 1] ** 2) * d_h
        d_bh += temp
        d_Whh += temp @ last_hs[t].T
        d_Wxh += temp @ inputs[t].T
        d_h = Whh.T @ temp
    return d_Wxh, d_Whh, d_bh


def read(*functions: Any) -> Recognised:
    return recognised({one.__name__: one for one in functions}, {}, __name__, Loading())


def answered(found: Recognised, name: str, *arguments: Any) -> Any:
    return found.candidates[name](*arguments)


@pytest.mark.parametrize("function", [of_two_dicts, in_turn, split_into_words, from_outside])
def test_a_sequence_whose_weights_lie_in_dicts_is_the_reference(function: Any) -> None:
    net = network(T=4, B=None)
    states = answered(read(function), "rnn_forward", *net.recurrent)["h_states"]
    np.testing.assert_allclose(states, np.stack(rnn_ref.rnn_forward(*net.recurrent)), atol=1e-15)


def test_a_step_whose_weights_are_called_by_what_they_connect_is_the_reference() -> None:
    net = network(T=4, B=None)
    given = (net.X_seq[0], net.h0, *net.weights)
    h_t = answered(read(by_connection), "rnn_cell_step", *given)["h_t"]
    np.testing.assert_allclose(h_t, rnn_ref.rnn_cell_step(*given), atol=1e-15)


def test_gradients_bear_the_keys_of_the_weights_though_one_is_called_as_the_state_is() -> None:
    net = network(T=4, B=None)
    targets = targets_of(net)
    found = read(loss_of_keys)
    assert found.readings["rnn_bptt"].fits
    answers = answered(found, "rnn_bptt", net.X_seq, targets, *net[1:])
    loss, grads, _ = rnn_ref.rnn_bptt(net.X_seq, targets, *net[1:])
    np.testing.assert_allclose(answers["loss"], loss)
    assert {*grads.parameters} <= {*answers}
    for name, gradient in grads.parameters.items():
        np.testing.assert_allclose(answers[name], gradient, atol=1e-14)


def test_a_record_with_its_states_is_a_cache() -> None:
    found = read(elman_forward, elman_backward)
    net = network(T=4, B=3)
    states = np.stack(rnn_ref.rnn_forward(*net.recurrent))
    upstream = np.random.default_rng(1).normal(size=states.shape)
    answers = answered(found, "rnn_backward", upstream, states, *net.recurrent)
    for name, gradient in rnn_ref.rnn_backward(upstream, states, *net.recurrent)._asdict().items():
        np.testing.assert_allclose(answers[name], gradient, atol=1e-14)


def test_what_has_no_loop_is_a_step_back_and_not_the_way_back_through_time() -> None:
    assert {*read(vjp_of_a_step).readings} == {"rnn_cell_backward"}


def test_probabilities_are_no_states() -> None:
    assert source_of(forward_to_probabilities).gives_probabilities
    assert not read(forward_to_probabilities).readings


def test_what_goes_back_in_time_is_no_step_back() -> None:
    assert source_of(back_from_the_last).goes_back_in_time
    assert not read(back_from_the_last).readings
