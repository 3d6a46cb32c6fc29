"""What a target does not claim is not held against it, and is said."""

from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge.claims import ONLY, unclaimed
from rnn_ref.conformance.reports.text import rendered
from rnn_ref.conformance.spec import claims, loss_claims
from rnn_ref.conformance.spec.claims import CROSS, SQUARED, narrowed
from rnn_ref.conformance.targets.claimed import Claimed


def single_only(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    return np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)


def batch_only(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    return np.tanh(np.einsum("bd,hd->bh", x_t, W_xh) + np.einsum("bk,hk->bh", h_prev, W_hh) + b_h)


def reasons(report: Any) -> set[str]:
    return {result.message.partition(" (")[0] for result in report.results if result.status == "skipped"}


def told(report: Any) -> list[tuple[str, str, str, int | None]]:
    """Return what was left out because it raises: of which function what, and the exception with its line."""
    every = [(name, one) for name, function in report.functions.items() for one in function.left_out]
    assert all(one.raised.file.endswith("test_check_claims.py") for _, one in every)
    return [(name, one.what, one.raised.type, one.raised.line) for name, one in every]


def test_one_sequence_only_is_found_out_square_cases_included() -> None:
    report = rnn_ref.check({"rnn_cell_step": single_only})
    assert report.ok
    assert told(report) == [("rnn_cell_step", "batches", "ValueError", single_only.__code__.co_firstlineno + 1)]
    assert f"  {next(iter(reasons(report)))}\n" in rendered(report)
    count = sum(result.status == "skipped" for result in report.results)
    assert f"{count} not asked because they raise, as the table says (--rank both insists)" in rendered(report)
    skipped = {result.id for result in report.results if result.status == "skipped"}
    assert "rnn_cell_step/square-float64" in skipped
    assert "rnn_cell_step/square-single-float64" not in skipped


def test_batches_only_is_found_out() -> None:
    report = rnn_ref.check({"rnn_cell_step": batch_only})
    assert report.ok
    assert told(report) == [("rnn_cell_step", "single sequences", "ValueError", batch_only.__code__.co_firstlineno + 1)]


def test_a_batch_that_only_gives_other_shapes_is_not_claimed_where_one_sequence_is_right() -> None:
    def flattening(dh_t: Any, h_t: Any, x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        dz = dh_t * (1 - h_t**2)
        return dz @ W_xh, dz @ W_hh, np.outer(dz, x_t), np.outer(dz, h_prev), dz

    report = rnn_ref.check({"rnn_cell_backward": flattening})
    assert report.ok
    assert "one sequence only (a batch gave other shapes; --rank both insists)" in str(report)
    forgetful = {"rnn_cell_backward": lambda *a: (*flattening(*a)[:4], 0 * a[6])}
    assert not rnn_ref.check(forgetful).ok


def test_an_axis_that_is_left_over_is_wrong_and_no_sign_of_a_rank_that_is_not_taken() -> None:
    def as_a_batch(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        return (h_states if h_states.ndim == 3 else h_states[:, None]) @ W_hy.T + b_y

    def one_lost(x_t: Any, h_prev: Any, *weights: Any) -> Any:
        return rnn_ref.rnn_cell_step(np.atleast_2d(x_t), np.atleast_2d(h_prev), *weights)

    for function, candidate in (("rnn_output_layer", as_a_batch), ("rnn_cell_step", one_lost)):
        found = rnn_ref.check({function: candidate}).functions[function]
        assert found.verdict == "wrong"
        assert "has shape" in found.explanation


def test_a_claim_is_taken_at_its_word() -> None:
    assert rnn_ref.check({"rnn_cell_step": single_only}, rank="single").ok
    assert not rnn_ref.check({"rnn_cell_step": single_only}, rank="both").ok
    assert not rnn_ref.check({"rnn_cell_step": single_only}, rank="batch").ok


def test_a_single_check_of_what_is_not_claimed_is_nothing_to_check() -> None:
    with pytest.raises(TargetError, match="nothing to check: batches: not asked, they raise ValueError"):
        rnn_ref.check({"rnn_cell_step": single_only}, only="rnn_cell_step/generic-float64")


def test_a_fault_that_has_nothing_to_do_with_shapes_is_no_excuse() -> None:
    def misspelt(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return single_only(x_t, h_prev, W_xh, W_hh, b_h) if x_t.ndim == 1 else x_t.reshpe(-1)

    report = rnn_ref.check({"rnn_cell_step": misspelt})
    assert report.functions["rnn_cell_step"].verdict == "crashed"
    assert "AttributeError" in report.functions["rnn_cell_step"].explanation


def test_what_crashes_everywhere_is_told_by_the_simplest_case() -> None:
    def misspelt(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return np.tanh(W_xh @ x_t + W_hh @ h_prev + b_hh)  # type: ignore[name-defined]  # noqa: F821

    explanation = rnn_ref.check({"rnn_cell_step": misspelt}).functions["rnn_cell_step"].explanation
    assert explanation.startswith("rnn_cell_step/single-float64: raised NameError: name 'b_hh' is not defined")


def test_a_function_of_which_nothing_is_asked_is_not_called_right() -> None:
    wrong = {"rnn_forward": rnn_ref.rnn_forward, "cross_entropy": lambda logits, targets: 0.0}
    report = rnn_ref.check(wrong, rank="batch", only="*e*-float64", dtype="float64")
    assert not report.ok
    only_steps = rnn_ref.check({**wrong, "cross_entropy": one_prediction}, rank="step", only="*/s*e*-float64")
    assert set(only_steps.functions) - {"cross_entropy"} == {
        name for name, one in only_steps.functions.items() if one.verdict == "missing"
    }


def test_wrong_numbers_for_a_batch_are_no_excuse() -> None:
    def flattened(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        right = rnn_ref.rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h)
        return right if right.ndim == 1 else right[::-1]

    report = rnn_ref.check({"rnn_cell_step": flattened})
    assert not report.ok
    assert report.skipped == 0


def one_prediction(logits: Any, target: Any) -> Any:
    shifted = np.exp(logits - logits.max())
    return -np.log((shifted / shifted.sum())[target])


def one_sequence(logits: Any, targets: Any) -> Any:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -np.log((shifted / shifted.sum(axis=1, keepdims=True))[np.arange(len(targets)), targets]).mean()


@pytest.mark.parametrize(
    ("loss", "said"),
    [(one_prediction, {"single sequences", "batches"}), (one_sequence, {"single predictions", "batches"})],
)
def test_a_learners_cross_entropy_is_judged_on_what_it_takes(loss: Any, said: set[str]) -> None:
    report = rnn_ref.check({"cross_entropy": loss}, only="cross_entropy/*")
    generic = [result for result in report.results if "large" not in result.id and "surprised" not in result.id]
    assert {result.status for result in generic} == {"passed", "skipped"}
    assert {one.what for one in report.functions["cross_entropy"].left_out} == said | {"class probabilities"}
    assert "options not among its arguments" in reasons(report)


def test_class_probabilities_are_not_demanded_of_indices_only() -> None:
    def indices_only(logits: Any, targets: Any) -> Any:
        if np.asarray(targets).dtype.kind == "f":
            raise TypeError("class indices, please")
        return rnn_ref.cross_entropy(logits, targets)

    report = rnn_ref.check({"cross_entropy": indices_only}, only="cross_entropy/*")
    assert report.ok
    line = indices_only.__code__.co_firstlineno + 2
    assert told(report) == [("cross_entropy", "class probabilities", "TypeError", line)]


def test_what_is_claimed_for_any_keyword_is_checked_for_all() -> None:
    def ignores_options(logits: Any, targets: Any, **options: Any) -> Any:
        return rnn_ref.cross_entropy(logits, targets)

    report = rnn_ref.check({"cross_entropy": ignores_options}, only="cross_entropy/*")
    failed = {result.id.removesuffix("-float64") for result in report.results if result.status != "passed"}
    assert {"cross_entropy/weight", "cross_entropy/smoothing", "cross_entropy/none-batch"} <= failed


def test_required_functions_must_be_there() -> None:
    target = {"rnn_cell_step": rnn_ref.rnn_cell_step}
    assert rnn_ref.check(target, require=["rnn_cell_step"]).ok
    assert not rnn_ref.check(target, require=["rnn_cell_step", "rnn_bptt"]).ok
    assert rnn_ref.check({**target, "rnn_bptt": rnn_ref.rnn_bptt}, require="rnn_bptt", only="rnn_cell_step/").ok
    with pytest.raises(ValueError, match="check: require names rnn_fwd, did you mean rnn_forward"):
        rnn_ref.check(target, require=["rnn_fwd"])


@pytest.mark.parametrize("claim", [SQUARED, CROSS])
def test_a_loss_of_its_own_is_not_asked_where_nothing_comes_from_above(claim: str) -> None:
    known = {check.id: check for check in frozen.load()[0]}
    silent = known["rnn_backward/zeros-float64"]
    assert not silent.arguments["dh_states"].all()
    assert narrowed(silent, [claim]) == claim
    assert not isinstance(narrowed(known["rnn_backward/generic-float64"], [claim]), str)


def test_what_has_no_targets_is_asked_all_of_it_where_one_of_them_is_padding() -> None:
    check = next(one for one in frozen.load()[0] if one.id == "rnn_forward/generic-float64")
    asked = narrowed(check, ["target 0 is padding"])
    assert not isinstance(asked, str)
    assert asked.expected.keys() == check.expected.keys()


def test_no_input_is_of_the_class_that_is_padding_and_one_class_alone_is_not_asked() -> None:
    known = {check.id: check for check in frozen.load()[0]}
    claimed = ["class indices for inputs", "input 0 is padding"]
    plain, asked = (narrowed(known["rnn_forward/generic-float64"], claimed[:n]) for n in (1, 2))
    assert not isinstance(plain, str)
    assert not isinstance(asked, str)
    assert plain.arguments["X_seq"][..., 0].any()
    assert not asked.arguments["X_seq"][..., 0].any()
    assert (asked.arguments["X_seq"].sum(-1) == 1).all()
    assert isinstance(narrowed(known["rnn_forward/one-input-single-float64"], claimed), str)


@pytest.mark.parametrize("rank", ["single", "batch"])
def test_a_rank_that_is_taken_alone_is_told_in_the_same_words_by_all(rank: str) -> None:
    assert loss_claims.only([rank]) == ONLY[rank]
    assert claims.ONLY[ONLY[rank]] == rank


def test_what_is_handed_a_function_is_not_asked_of_what_takes_none() -> None:
    every = {one.operation.name: one for one in all_questions(None, "vectors")}
    told = {name: unclaimed(one, None, None, claimed=Claimed(callables=False)) for name, one in every.items()}
    assert told["rnn_sequence_loss"] == "loss_fn is a function, which cannot be handed to a program"
    assert told["stack_backward"] == "run_back is a function, which cannot be handed to a program"
    assert told["rnn_forward"] is None
    assert {unclaimed(one, None, None) for one in every.values()} == {None}


def test_what_is_asked_with_the_same_claims_is_worked_out_once() -> None:
    check = next(one for one in all_questions(None, None) if one.id == "rnn_bptt/generic-float64")
    assert narrowed(check, ["h0 = 0", "no dX_seq"]) is narrowed(check, ("h0 = 0", "no dX_seq"))
    assert narrowed(check, ["h0 = 0"]) is not narrowed(check, ["no dX_seq"])
