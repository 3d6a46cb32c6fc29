"""The figures of a result: they count, they place, and they are written with the digits it takes."""

import dataclasses

import numpy as np
import pytest
from unit_judged import CHECKS, FORWARD, LOGITS, judged, with_errors

import rnn_ref
from rnn_ref._shapes import Array
from rnn_ref.conformance.judge.compare import Comparison
from rnn_ref.conformance.judge.figures import _mismatched, beyond, distinct, distinct_texts


def test_the_figures_count_and_place_what_is_wrong() -> None:
    truth = LOGITS.expected["logits"]
    small, large = (4, 2, 7), (1, 0, 3)
    found = with_errors(LOGITS, "logits", (small, 1e-9), (large, -0.5)).figures
    assert found is not None
    assert (found.output, found.dtype, found.shape) == ("logits", "float64", truth.shape)
    assert (found.mismatched, found.entries) == (2, truth.size)
    assert found.greatest_abs.index == found.greatest_ulp.index == large
    assert found.greatest_abs.value == pytest.approx(0.5) == found.needed_abs
    assert found.greatest_ulp.value == pytest.approx(0.5 / np.spacing(np.abs(truth).max()))
    assert found.greatest_rel is not None
    assert found.greatest_rel.value == pytest.approx(0.5 / abs(truth[large]))
    assert found.also == {}


def test_the_relative_error_has_a_place_of_its_own() -> None:
    truth = LOGITS.expected["logits"]
    least = tuple(int(i) for i in np.unravel_index(np.abs(truth).argmin(), truth.shape))
    most = tuple(int(i) for i in np.unravel_index(np.abs(truth).argmax(), truth.shape))
    found = with_errors(LOGITS, "logits", (least, 0.4), (most, 0.5)).figures
    assert found is not None
    assert found.greatest_rel is not None
    assert (found.greatest_abs.index, found.greatest_rel.index) == (most, least)


def test_with_the_tolerance_that_is_needed_it_would_pass_and_with_less_it_would_not() -> None:
    result = with_errors(LOGITS, "logits", ((0, 0, 0), 1e-13), ((3, 1, 2), 3e-13))
    assert result.figures is not None
    assert result.allowed is not None
    assert result.max_abs_error == pytest.approx(result.figures.needed_times * result.allowed)
    assert result.figures.needed_times == result.ratio > 1


def test_the_other_outputs_that_are_wrong_are_counted() -> None:
    check = CHECKS["rnn_output_backward/generic-float64"]
    wrong = {"b_y": check.expected["b_y"] * 3, "W_hy": np.zeros(2)}
    result = judged(check, h_states=check.expected["h_states"] + 1.0, **wrong)
    assert result.figures is None  # a shape is worse than any number
    del wrong["W_hy"]
    result = judged(check, h_states=check.expected["h_states"] + 1e-9, **wrong)
    assert result.figures is not None
    size = check.expected["h_states"].size
    assert (result.figures.output, result.figures.also) == ("b_y", {"h_states": f"{size} of {size}"})


def test_relative_errors_are_measured_where_the_truth_is_not_zero() -> None:
    truth = LOGITS.expected["logits"].copy()
    truth[0, 0, :2] = 0
    answer = truth + np.where(truth == 0, 1.0, 1e-3 * np.abs(truth))
    found = judged(dataclasses.replace(LOGITS, expected={"logits": truth}), logits=answer).figures
    assert found is not None
    assert found.greatest_rel is not None
    assert found.greatest_rel.value == pytest.approx(1e-3)
    found = judged(dataclasses.replace(LOGITS, expected={"logits": 0 * truth}), logits=answer).figures
    assert found is not None
    assert found.greatest_rel is None


def after(first_error: float) -> Array:
    """Return the states of rnn_forward/single-float64, wrong in the first and right from there on."""
    X_seq, _, *weights = FORWARD.arguments.values()
    first = FORWARD.expected["h_states"][0] + first_error
    return np.array([first, *rnn_ref.rnn_forward(X_seq[1:], first, *weights)])


def test_a_state_is_due_by_one_exact_step_from_its_own_state_before() -> None:
    states = after(1e-3)
    states[2] += 0.5
    result = judged(FORWARD, h_states=states)
    assert result.figures is not None
    assert result.index is not None
    assert result.index[0] in {2, 3}
    X_seq, _, *weights = FORWARD.arguments.values()
    due = rnn_ref.rnn_forward(X_seq[result.index[0]][None], states[result.index[0] - 1], *weights)[0]
    assert result.figures.truth == pytest.approx(due[result.index[1:]], abs=1e-14)
    assert result.figures.truth != pytest.approx(FORWARD.expected["h_states"][result.index], abs=1e-6)


@pytest.mark.parametrize("factor", [1.3, 1.04, 1.0004, 1 + 1e-9, 1 + 2**-52])
@pytest.mark.parametrize("allowed", [2.14e-15, 9.99e-8, 0.5, 1.0])
def test_figures_are_written_with_enough_digits(factor: float, allowed: float) -> None:
    error, limit = distinct_texts(allowed * factor, allowed)
    assert float(error) > float(limit)
    answer, truth = distinct(allowed * factor, allowed)
    assert float(answer) != float(truth)


def test_a_state_of_pytorch_is_measured_as_the_candidates_are() -> None:
    check = dataclasses.replace(FORWARD, pytorch={"h_states": after(1e-3)}, pytorch_off=None)
    states = check.expected["h_states"].copy()
    states[-1] += 1.0
    result = judged(check, h_states=states)
    assert result.pytorch_beyond is not None
    assert result.pytorch_beyond.index[0] == 0
    assert result.index is not None
    assert result.index[0] == len(states) - 1
    assert result.figures is not None
    assert result.figures.pytorch_error is not None
    assert result.figures.pytorch_error < 1e-14 < abs(check.pytorch["h_states"] - check.expected["h_states"])[-1].max()
    assert judged(FORWARD).pytorch_beyond is None


def test_pytorch_itself_is_off_in_the_loss_of_a_confident_prediction_and_nowhere_else() -> None:
    report = rnn_ref.check()
    off = {result.id for result in report.results if result.pytorch_beyond is not None}
    assert {name.rpartition("-")[0] for name in off} == {"cross_entropy/confident", "cross_entropy_backward/confident"}
    assert len(report.notes) == 2
    assert "cross_entropy/confident-float32: loss: PyTorch is off by 2.5e-09 where 2.5e-09 is due" in report.notes[0]


def of_pytorch(error: float, allowed: float, truth: float = 1.0) -> Comparison:
    return Comparison("logits", np.array([0.0, error]), np.full(2, allowed), truth=np.full(2, truth))


def test_what_is_just_allowed_is_counted_nowhere() -> None:
    assert _mismatched(Comparison("logits", np.array([1.0, 2.0, 0.5]), np.ones(3))) == 1
    assert beyond([of_pytorch(2.0, 2.0)], "float64", cancels=True) is None
    assert beyond([of_pytorch(1e-310, 1.0, 0.0)], "float64", cancels=False) is None  # which may be flushed
    assert beyond([of_pytorch(1e-300, 1.0, 0.0)], "float64", cancels=False) is not None


def test_of_pytorchs_outputs_the_one_is_told_that_is_off_most_times_what_is_allowed() -> None:
    found = beyond([of_pytorch(30.0, 20.0), of_pytorch(2.0, 1.0), of_pytorch(50.0, 40.0)], "float64", cancels=True)
    assert found is not None
    assert (found.error, found.allowed, found.index) == (2.0, 1.0, (1,))


def test_as_many_digits_are_written_as_it_takes_and_no_more() -> None:
    assert distinct_texts(0.7412, 0.1) == ("0.74", "0.1")
    assert distinct_texts(1 / 3, 1 / 3) == ("0.33", "0.33")
    assert distinct_texts(1 + 2**-52, 1.0) == distinct(1 + 2**-52, 1.0) == ("1.0000000000000002", "1")
    assert distinct(1.23456, 9.87654) == ("1.235", "9.877")
