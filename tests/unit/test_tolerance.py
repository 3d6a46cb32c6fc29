"""The derived tolerances: what rounding does is allowed, what a mistake does is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.numbers.bounded import LAMBDA, gamma
from rnn_ref.conformance.numbers.states import one_step
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import Outcome
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.rnn.operations import TANH
from rnn_ref.conformance.spec.tolerance import allowed_errors

CHECKS = [check for check in frozen.load()[0] if "corner" not in check.flags]
PLANTED = {"float64": 1e-9, "float32": 1e-4}  # of the largest entry: what must always be caught


def forward_check(dtype: str, T: int, gain: float, H: int = 16, D: int = 5, seed: int = 0) -> Check:
    """Return a check of rnn_forward that has no truth: states are judged by their steps."""
    rng = np.random.default_rng(seed)
    arguments = {
        "X_seq": rng.normal(size=(T, D)),
        "h0": np.tanh(rng.normal(size=H)),
        "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
        "W_hh": gain * rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
    }
    arguments = {name: value.astype(dtype) for name, value in arguments.items()}
    zeros = np.zeros((T, H))
    same = {"h_states": zeros}
    return Check(
        OPERATIONS["rnn_forward"],
        "random",
        "single",
        dtype,
        (),
        arguments,
        {},
        expected=same,
        remainder=same,
        pytorch=same,
    )


def judged(check: Check, answers: Any) -> Any:
    return judge(check, [Outcome(answers={name: np.asarray(value, np.float64) for name, value in answers.items()})])


def test_one_step_is_exact_to_the_last_place_whatever_the_scale() -> None:
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1.0, 30.0):
        X, h0, W, U, b = (scale * rng.normal(size=s) for s in ((3, 4), (5,), (5, 4), (5, 5), (5,)))
        h_states = np.tanh(rng.normal(size=(3, 5)))
        weights = {"W_xh": W, "W_hh": U, "b_h": b}
        steps = one_step(TANH, "float64", [h_states], X, [h0], weights)[0].exact
        previous = [h0, *h_states[:-1]]
        for t in range(3):
            for i in range(5):
                with mpmath.workdps(50):
                    terms = [*zip(W[i], X[t], strict=True), *zip(U[i], previous[t], strict=True), (b[i], 1.0)]
                    truth = mpmath.tanh(mpmath.fsum(mpmath.mpf(float(w)) * mpmath.mpf(float(x)) for w, x in terms))
                assert abs(steps[t, i] - float(truth)) <= 2 * np.spacing(abs(float(truth)))


@pytest.mark.parametrize("dtype", PLANTED)
@pytest.mark.parametrize("gain", [0.5, 1.0, 4.0])
def test_ten_thousand_steps_and_chaotic_weights_are_judged_as_sharply_as_one(dtype: str, gain: float) -> None:
    check = forward_check(dtype, 10_000, gain)
    states = np.stack(rnn_ref.rnn_forward(*check.arguments.values()))
    assert judged(check, {"h_states": states}).status == "passed"
    for t, unit in ((0, 3), (5_000, 0), (9_999, 15)):
        planted = states.astype(np.float64)
        planted[t, unit] += PLANTED[dtype] * (-1 if planted[t, unit] > 0 else 1)
        result = judged(check, {"h_states": planted})
        assert (result.status, result.first_wrong_step) == ("failed", t)


@pytest.mark.parametrize("dtype", PLANTED)
def test_states_in_another_order_of_summation_pass_where_they_part_by_100_per_cent(dtype: str) -> None:
    check = forward_check(dtype, 400, 4.0)
    X, h0, W, U, b = check.arguments.values()
    ours, h, other = np.stack(rnn_ref.rnn_forward(X, h0, W, U, b)), h0, []
    for x in X:
        h = np.tanh(b + (U[:, ::-1] * h[::-1]).sum(1) + (W * x).sum(1))
        other.append(h)
    assert np.abs(ours - other).max() > 1
    assert judged(check, {"h_states": other}).status == "passed"


@pytest.mark.parametrize("check", [c for c in CHECKS if "large" not in c.flags], ids=lambda check: check.id)
def test_a_planted_error_is_caught_in_every_largest_entry(check: Check) -> None:
    right: dict[str, Any] = {name: value.copy() for name, value in check.expected.items()}
    assert judged(check, right).status == "passed"
    for name, value in right.items():
        largest = np.abs(value).max()
        if largest > 0:
            wrong = right | {name: value.copy()}
            wrong[name].flat[np.abs(value).argmax()] *= 1 + PLANTED[check.dtype]
            assert judged(check, wrong).status == "failed", name


def test_the_reference_and_pytorch_are_within_half_of_what_is_allowed() -> None:
    for check in CHECKS:
        if check.function != "rnn_forward" and check.pytorch:
            for name, allowed in allowed_errors(check).items():
                assert np.all(check.errors(name, check.pytorch[name]) <= 0.5 * allowed), (check.id, name)


def test_what_is_allowed_is_relative_to_the_terms_and_not_to_what_cancels() -> None:
    check = next(check for check in CHECKS if check.id == "rnn_output_layer/single-float64")
    W_hy, h_states = check.arguments["W_hy"], check.arguments["h_states"]
    cancelling = check.asking({**check.arguments, "b_y": -(h_states[0] @ W_hy.T)})
    allowed = allowed_errors(cancelling)["logits"][0]
    assert np.all(allowed > 1e-16)
    assert np.all(allowed < 1e-13)


ROUNDINGS: dict[str, Callable[[Any], Any]] = {
    "float16": lambda a: a.astype(np.float16).astype(np.float64),
    "10-bit mantissa": lambda a: np.ldexp(np.round(np.ldexp(np.frexp(a)[0], 11)), np.frexp(a)[1] - 11),
}


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("dtype", PLANTED)
def test_products_of_fewer_bits_never_conform(rounding: str, dtype: str) -> None:
    squeeze = ROUNDINGS[rounding]

    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        h, states = h0, []
        for x_t in X_seq:
            h = np.tanh(squeeze(x_t) @ squeeze(W_xh).T + squeeze(h) @ squeeze(W_hh).T + b_h).astype(X_seq.dtype)
            states.append(h)
        return states

    report = rnn_ref.check({"rnn_forward": rnn_forward}, dtype=dtype)
    assert report.functions["rnn_forward"].passed <= 2  # far from zero every state is 1, whatever the products


def test_gamma_is_the_worst_case_for_few_and_probable_for_many() -> None:
    assert [gamma(n) for n in (1, 64)] == [1, 64]
    assert gamma(10_000) == LAMBDA * 100


def made_of_exp(z: Any) -> Any:
    """tanh as onnxruntime's RNN has it: right absolutely, not relatively."""
    return 2 / (1 + np.exp(-2 * z)) - 1


@pytest.mark.parametrize("dtype", PLANTED)
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 0.1, 1.0])
def test_a_tanh_made_of_exp_is_rounding_also_where_the_states_are_small(dtype: str, scale: float) -> None:
    check = forward_check(dtype, 300, 0.9, H=2, D=1)
    X, h0, W, U, b = (value * value.dtype.type(scale) for value in check.arguments.values())
    check = check.asking({"X_seq": X, "h0": h0, "W_xh": W, "W_hh": U / U.dtype.type(scale), "b_h": b})
    X, h, W, U, b = check.arguments.values()
    states = []
    for x in X:
        h = made_of_exp(W @ x + U @ h + b)
        states.append(h)
    assert judged(check, {"h_states": states}).status == "passed"


@pytest.mark.parametrize(("seed", "number", "who"), [(7, 126, "rnn_ref"), (11, 1190, "loop of dot")])
def test_cases_that_once_raised_a_false_alarm_do_not(
    seed: int, number: int, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """7, 126: expanding weights, where one run of plain arithmetic had been lucky; 11, 1190: four had, in the loss."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")
    import hand_written  # noqa: PLC0415 - as scripts/false_alarms.py uses them
    import random_cases  # noqa: PLC0415

    functions = hand_written.WAYS.get(who) or {name: getattr(rnn_ref, name) for name in hand_written.WAYS["einsum"]}
    asked = list(random_cases.questions(random_cases.draw(np.random.default_rng([seed, number]))))
    assert len(asked) == 3
    for question in asked:
        returned = functions[question.check.function](*question.check.arguments.values())
        assert random_cases.answer(question, returned).ratio <= 1
