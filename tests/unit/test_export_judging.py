"""Judging by what is exported, as its README says, tells right from wrong."""

from typing import Any

import numpy as np
import pytest
from sampled import some
from unit_export import CHECKS, PLANES, calls, read

import rnn_ref
from rnn_ref.conformance.mistakes.kill_matrix import KILLS, answerable
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import MISTAKES
from rnn_ref.conformance.spec.recurrent import chained_errors
from rnn_ref.conformance.spec.recurrent import judged as judged_states
from rnn_ref.conformance.spec.rnn.mistakes.relu import of_the_option
from rnn_ref.conformance.spec.tolerance import allowed_errors

STATES = [check for check in CHECKS.values() if check.function == "rnn_forward"]


def fits(call: Any, answers: dict[str, Any]) -> bool:
    """Judge as the folder's README says."""
    for output in call["outputs"]:
        expected, remainder, _, allowed = (read(output["shape"], output[plane]) for plane in PLANES)
        answer = np.asarray(answers[output["name"]])
        with np.errstate(invalid="ignore"):
            within = abs((answer - expected) - remainder) <= allowed
        if not np.all(within | (np.isnan(answer) & np.isnan(expected)) | (np.isinf(answer) & (answer == expected))):
            return False
    return True


def judged(candidate: Any, check: Check, call: Any) -> bool:
    answers = perform(candidate, check).answers
    shapes = {name: getattr(answer, "shape", None) for name, answer in answers.items()}
    return shapes == {name: value.shape for name, value in check.expected.items()} and fits(call, answers)


def test_what_is_allowed_is_what_the_check_allows() -> None:
    for id_, call in calls().items():
        if CHECKS[id_].function == "rnn_forward":
            continue
        allowed = allowed_errors(CHECKS[id_])
        for output in call["outputs"]:
            exported = read(output["shape"], output["allowed"])
            np.testing.assert_array_equal(exported, np.broadcast_to(allowed[output["name"]], exported.shape))


@pytest.mark.parametrize("function", some(sorted({check.function for check in CHECKS.values()}, reverse=True), 6))
def test_judging_by_it_tells_right_from_wrong(function: str) -> None:
    mine = [check for check in CHECKS.values() if check.function == function]
    assert all(judged(getattr(rnn_ref, function), check, calls()[check.id]) for check in mine)
    mistakes = [one for one in MISTAKES if function in one.functions and not of_the_option(one)]  # suite 1
    askable = answerable(function, mine) if mistakes else []
    assert all(judged(right(function), check, calls()[check.id]) for check in askable)
    for mistake in mistakes:
        candidate = wrong(mistake, function)  # one for all calls: what it keeps between them shows
        mutates = any(perform(wrong(mistake, function), check).mutated for check in askable)
        assert mutates or sum(not judged(candidate, check, calls()[check.id]) for check in askable) >= KILLS, (
            mistake.slug
        )


@pytest.mark.parametrize("check", STATES, ids=lambda check: check.id)
def test_right_steps_never_add_up_to_more_than_is_allowed_of_the_states(check: Check) -> None:
    X_seq, h0, W_xh, W_hh, b_h = (value.astype(np.float64) for value in check.arguments.values())
    allowed, due = chained_errors(check)["h_states"], check.expected["h_states"]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        h, signs = h0, rng.choice([-1.0, 1.0], size=allowed.shape) if seed else np.ones(allowed.shape)
        for t, (x_t, sign) in enumerate(zip(X_seq, signs, strict=True)):
            one = {"X_seq": x_t[np.newaxis], "h0": h, "W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}
            h = np.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)  # a step as wrong as a step may be
            step = judged_states(check.asking(one), {"h_states": h[np.newaxis]})["h_states"]
            h = h + sign * step.allowed[0] * 0.8  # the rest is this loop's own
            assert np.all(np.where(np.isnan(due[t]), np.isnan(h), abs(h - due[t]) <= allowed[t]))
