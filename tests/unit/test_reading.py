"""Foreign functions are read by names and shapes: right ones conform, and no wrong one is read into a right one."""

import numpy as np
import pytest
from sampled import some
from unit_dialects import DIALECTS, FUNCTIONS

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import MISTAKES
from rnn_ref.conformance.spec.rnn.mistakes.relu import of_the_option

RIGHT = {one: right(one) for one in FUNCTIONS}
OFFERED = {
    "cs231n": {"rnn_cell_step", "rnn_forward", "rnn_cell_backward", "rnn_backward"},
    "coursera": {"rnn_cell_step", "rnn_forward", "rnn_cell_backward"},
    "minimal_class": {"rnn_forward", "rnn_backward"},
    "two_biases": {"rnn_cell_step", "rnn_forward"},
    "extra_row": {"rnn_forward"},
}
UNASKED = {"outer-broadcast"}  # right in a batch, and of one sequence no answer: that rank is not claimed then
CASES = [
    (dialect, function, one)
    for dialect, offered in OFFERED.items()
    for function in sorted(offered)
    for one in [
        one for one in MISTAKES if function in one.functions and one.slug not in UNASKED and not of_the_option(one)
    ][::9]
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_right_conforms_and_its_reading_is_told(dialect):
    report = rnn_ref.check(DIALECTS[dialect](RIGHT))
    found = {name: one for name, one in report.functions.items() if one.verdict != "missing"}
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(OFFERED[dialect], "conforms")
    assert all(one.reading for one in found.values())
    assert report.ok
    assert "read as: " in str(report)
    assert "read as: " in report.to_markdown()
    assert '"reading"' in report.to_json()


@pytest.mark.parametrize(
    ("dialect", "function", "mistake"),
    some(CASES, 4),
    ids=[f"{one[0]}-{one[1]}-{one[2].slug}-{i}" for i, one in enumerate(CASES)],
)
def test_what_is_wrong_never_conforms(dialect, function, mistake):
    target = DIALECTS[dialect]({**RIGHT, function: wrong(mistake, function)})
    try:
        found = rnn_ref.check(target).functions[function]
    except TargetError:  # what returns nothing cannot be told from what is meant to
        assert mistake.slug == "returns-none"
        return
    assert found.verdict != "conforms"


def test_most_mistakes_get_their_names_through_a_reading():
    found = []
    for dialect, function, mistake in CASES[::7]:  # of all 184 that can be read, 7 are not named: of two slugs alone
        target = DIALECTS[dialect]({**RIGHT, function: wrong(mistake, function)})
        if mistake.slug != "returns-none":  # which cannot be read
            found.append(mistake.slug in rnn_ref.check(target).functions[function].mistakes)
    assert np.mean(found) >= 0.85, found


def test_a_function_that_bears_its_name_is_not_called_to_find_out_what_it_is():
    calls = []

    def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
        calls.append(x_t.shape)
        return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)

    checks = rnn_ref.check({"rnn_cell_step": rnn_cell_step}).results
    plain = [one for one in checks if one.id.partition("/")[2].startswith(("generic", "single"))]  # called four times
    assert len(calls) == 2 * (sum(one.status == "passed" for one in checks) + len(plain))


def test_what_an_input_was_written_to_is_seen_through_the_reading():
    def rnn_step_forward(x, prev_h, Wx, Wh, b):
        prev_h[...] = np.tanh(x @ Wx + prev_h @ Wh + b)
        return prev_h.copy(), None

    def column_step(xt, a_prev, parameters):
        a_prev *= 1.5
        return np.tanh(parameters["Wax"] @ xt + parameters["Waa"] @ (a_prev / 1.5) + parameters["ba"])

    for one in (rnn_step_forward, column_step):
        found = rnn_ref.check({one.__name__: one}).functions["rnn_cell_step"]
        assert found.verdict in {"mutates-input", "wrong"}, one.__name__
    assert rnn_ref.check({"rnn_step_forward": rnn_step_forward}).functions["rnn_cell_step"].verdict == "mutates-input"


@pytest.mark.parametrize("kept", ["b_ih", "b_hh"])
def test_each_of_two_biases_is_asked(kept):
    def step(x, h, w_ih, w_hh, b_ih, b_hh):
        return np.tanh(x @ w_ih.T + h @ w_hh.T + {"b_ih": b_ih, "b_hh": b_hh}[kept])

    assert rnn_ref.check({"step": step}).functions["rnn_cell_step"].verdict == "wrong"


def test_the_roles_of_single_letters_are_told_by_their_shapes():
    def step(x, s, U, W, b):
        return np.tanh(x @ U.T + s @ W.T + b)

    def other(x, h, W, U, b):
        return np.tanh(x @ W.T + h @ U.T + b)

    for one in (step, other):
        assert rnn_ref.check({"rnn_step": one}).functions["rnn_cell_step"].verdict == "conforms"


def test_a_weight_for_both_is_read_in_the_order_in_which_they_are_joined():
    def cell(x, h, W, b):
        return np.tanh(np.concatenate([h, x], -1) @ W.T + b)

    def exchanged(x, h, W, b):
        return np.tanh(np.concatenate([h, x], -1) @ W[:, ::-1].T + b)

    assert rnn_ref.check({"rnn_cell": cell}).functions["rnn_cell_step"].verdict == "conforms"
    assert rnn_ref.check({"rnn_cell": exchanged}).functions["rnn_cell_step"].verdict == "wrong"


def test_the_function_that_calls_the_others_is_the_one_that_is_meant():
    def window(x, h, Wx, Wh, b):
        states = []
        for x_t in x:
            h = np.tanh(x_t @ Wx + h @ Wh + b)
            states.append(h)
        return np.stack(states)

    def in_windows(x, h, Wx, Wh, b):
        return np.concatenate([window(x[i : i + 4], h, Wx, Wh, b) for i in range(0, len(x), 4)])

    found = rnn_ref.check({"window": window, "in_windows": in_windows}).functions["rnn_forward"]
    assert found.verdict == "wrong"
    assert found.mistake == "chunk-reset"


def test_a_helper_beside_the_specifications_own_functions_is_not_one_of_them():
    def linear_step(x, h, Wx, Wh, b):
        return x @ Wx.T + h @ Wh.T + b

    def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
        return np.tanh(linear_step(x_t, h_prev, W_xh, W_hh, b_h))

    found = rnn_ref.check({"linear_step": linear_step, "rnn_cell_step": rnn_cell_step, "cell": linear_step})
    assert {one for one, report in found.functions.items() if report.verdict != "missing"} == {"rnn_cell_step"}


def test_what_cannot_be_read_is_told_with_what_it_was_tried_with():
    def rnn_forward_pass(x, h, Wx, Wh, b):
        for _ in x:
            raise ValueError("not today")

    with pytest.raises(rnn_ref.conformance.TargetError, match=r"(?s)rnn_forward_pass\(x, h, Wx, Wh, b\).*not today"):
        rnn_ref.check({"rnn_forward_pass": rnn_forward_pass})


def test_a_name_is_declared_with_as():
    def strange(one, two, A, B, c):
        states = []
        for x_t in one:
            two = np.tanh(x_t @ A.T + two @ B.T + c)
            states.append(two)
        return states

    report = rnn_ref.check({"strange": strange}, reads="rnn_forward=strange")
    assert report.functions["rnn_forward"].verdict == "conforms"
    with pytest.raises(rnn_ref.conformance.TargetError, match="cannot read nothing as rnn_forward"):
        rnn_ref.check({"strange": strange}, reads="rnn_forward=nothing")
    with pytest.raises(ValueError, match=r"reads \(--as\) is 'rnn=x', but no function is called 'rnn'"):
        rnn_ref.check({"strange": strange}, reads="rnn=x")


@pytest.mark.parametrize(
    ("claims", "without"), [("no dX", ("x_t",)), ("no dX, no dh0", ("x_t", "h_prev"))], ids=["dX", "both"]
)
def test_gradients_that_are_claimed_not_to_be_there_are_not_asked(claims, without):
    def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
        found = dict(rnn_ref.rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h)._asdict())
        for name in without:
            found[name] = 0 * found[name]
        return found

    assert not rnn_ref.check({"rnn_cell_backward": rnn_cell_backward}).ok
    assert rnn_ref.check({"rnn_cell_backward": rnn_cell_backward}, claims=claims).ok


def test_an_unknown_claim_is_refused():
    with pytest.raises(ValueError, match=r"claims has 'clop 5', expected some of no h0"):
        rnn_ref.check(claims="clop 5")
