"""What is told of a mistake without a name: each fact of the mistake that it tells, and of none that looks like it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.diagnose.facts.told import facts
from rnn_ref.conformance.judge.probe import Probe
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.mistakes.find import find
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec import family_of

WHERE = "where it is wrong, "


def told(function: str, candidate: Callable[..., Any], dtypes: str = "float32 float64") -> list[str]:
    """Return what is known of a candidate, asked every frozen check."""
    probes = []
    for check in frozen.load(suite=family_of(function).suite)[0]:
        if check.function == function and check.dtype in dtypes:
            outcome = perform(candidate, check, ours=True)
            probes.append(Probe(check, outcome, judge(check, [outcome]).status != "passed"))
    return facts(probes)


def spoilt(function: str, spoil: Callable[..., Any]) -> list[str]:
    """Return what is known of the right function, if its answer is spoilt; arguments and options are seen."""
    right = getattr(rnn_ref, function)
    return told(function, lambda *given, **options: spoil(right(*given, **options), *given, **options))


def stepping(step: Callable[..., Any]) -> list[str]:
    """Return what is known of an rnn_forward with another step; it sees the states so far."""

    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        states = [h0]
        for x in X_seq:
            states.append(step(x, states, W_xh, W_hh, b_h))
        return states[1:]

    return told("rnn_forward", rnn_forward)


def total(x: Any, h: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    return x @ W_xh.T + h @ W_hh.T + b_h


def placed(array: Any, index: Any, change: Callable[[Any], Any]) -> Any:
    changed = np.array(array)
    changed[index] = change(changed[index])
    return changed


def as_kept(array: Any, bits: int) -> Any:
    """Round to so many bits."""
    mantissa, exponent = np.frexp(array)
    return np.ldexp(np.round(mantissa * 2.0**bits) / 2.0**bits, exponent).astype(array.dtype)


def test_of_what_is_right_nothing_is_told() -> None:
    assert spoilt("rnn_cell_step", lambda h, *_: h) == []


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"W_hh": 0.5}, "every entry of dW_hh is 1/2 times what is due"),
        ({"W_hh": 0.7, "b_h": 0.7}, "every entry of dW_hh and db_h is 0.7 times what is due"),
        ({"b_h": 1.0001}, "every entry of db_h is 1.0001 times what is due"),
    ],
)
def test_a_factor_is_told_with_the_gradients_that_have_it_and_those_that_are_right(
    changes: dict[str, float], fact: str
) -> None:
    def spoil(grads: Any, *_: Any) -> Any:
        return grads._replace(
            **{name: (getattr(grads, name) * c).astype(grads.b_h.dtype) for name, c in changes.items()}
        )

    found = spoilt("rnn_cell_backward", spoil)
    assert found[0] == fact
    assert found[1].endswith("dx_t, dh_prev, dW_xh and db_h are right" if len(changes) == 1 and "W_hh" in changes
                             else "are right")  # fmt: skip


def test_a_factor_of_one_row_is_none_of_all() -> None:
    found = spoilt("rnn_cell_backward", lambda g, *_: g._replace(W_hh=placed(g.W_hh, -1, lambda row: 2 * row)))
    assert found[0] == "dW_hh: only the last row is wrong"
    assert not any("times what is due" in fact for fact in found)


def test_gradients_in_another_order_are_told_by_their_numbers_also_where_all_shapes_are_alike() -> None:
    found = spoilt("rnn_cell_backward", lambda g, *_: (g[2], g[3], g[4], g[0], g[1]))
    assert found[0].startswith("the outputs are right, in another order: dW_xh where dx_t is due, ")
    assert not any("order" in fact for fact in spoilt("rnn_cell_backward", lambda g, *_: (g[0], g[0], *g[2:])))


@pytest.mark.parametrize(
    ("spoil", "fact"),
    [
        (lambda y, *_, label_smoothing=0.0, **__: y * (1.1 if label_smoothing else 1), "with label_smoothing"),
        (
            lambda y, *_, label_smoothing=0.0, weight=None, **__: (
                y * (1.1 if label_smoothing and weight is not None else 1)
            ),
            "with weight and with label_smoothing",
        ),
        (lambda y, logits, *_, **__: y * (1.1 if logits.ndim > 1 else 1), "of more than a single prediction"),
        (lambda y, *_, reduction="mean", **__: y * (1.1 if reduction == "none" else 1), "with reduction='none'"),
        (lambda y, logits, *_, **__: y * (1.1 if logits.dtype == np.float32 else 1), "in float32"),
        (
            lambda y, logits, *_, **__: y * (1.1 if np.abs(logits).max() > 100 else 1),
            "in which max |logits| is above 500",
        ),
    ],
)
def test_a_condition_of_failure_holds_both_ways(spoil: Callable[..., Any], fact: str) -> None:
    found = [
        one for one in spoilt("cross_entropy", lambda *a, **o: np.asarray(spoil(*a, **o), a[1].dtype)) if fact in one
    ]
    assert len(found) == 1
    assert "right in all " in found[0]


def test_where_a_size_and_an_entry_fail_at_the_same_checks_both_are_told() -> None:
    found = spoilt("rnn_forward", lambda h, X, h0, *_: [h_t * (1.1 if np.abs(h0).max() > 2 else 1) for h_t in h])
    assert any("with 1 steps or fewer" in fact for fact in found)
    assert any("in which max |h0| is above 2" in fact for fact in found)


def test_a_condition_is_not_told_where_one_answer_speaks_against_it() -> None:
    seen: list[int] = []

    def spoil(y: Any, logits: Any, *_: Any, label_smoothing: float = 0.0, **__: Any) -> Any:
        seen.append(1)
        return y * np.asarray(1.1 if label_smoothing and len(seen) % 10 else 1, logits.dtype)

    assert not any("label_smoothing" in fact for fact in spoilt("cross_entropy", spoil))


def test_only_where_there_are_many_steps() -> None:
    found = stepping(lambda x, h, *w: np.tanh(total(x, h[-1], *w)) * x.dtype.type(0.9 if len(h) > 20 else 1))
    assert f"{WHERE}h_states: right before step 20 (counted from 0), wrong from there on" in found
    assert any("with 42 steps or more (T), right in all 38 others (with 6 or fewer)" in fact for fact in found)


@pytest.mark.parametrize(
    ("index", "fact"),
    [
        ((..., -1), "h_states: only the last unit is wrong"),
        ((..., slice(0, -1)), "h_states: only the last unit is right"),
        ((..., slice(1, None, 2)), "h_states: every second unit is wrong (1, 3, ...)"),
    ],
)
def test_places_are_told_by_a_rule_that_holds_at_every_size(index: Any, fact: str) -> None:
    found = stepping(lambda x, h, *w: placed(np.tanh(total(x, h[-1], *w)), index, lambda part: part * 0.98))
    assert found[0].removeprefix(WHERE) == fact
    assert not any("bits" in one for one in found)  # though all are right to six


def test_another_function_of_the_right_sum_is_told_in_points() -> None:
    found = stepping(lambda x, h, *w: (z := total(x, h[-1], *w)) / (1 + np.abs(z)))
    assert found[0].startswith(
        "h_states is another function of the right sum than is due: -1.99 gives -0.665 (due -0.963)"
    )


def test_a_function_that_differs_from_unit_to_unit_is_not_taken_for_one() -> None:
    found = stepping(
        lambda x, h, *w: np.tanh(total(x, h[-1], *w)) * (1 - np.arange(h[0].shape[-1], dtype=x.dtype) / 99)
    )
    assert not any("function" in fact or "bits" in fact for fact in found)


def test_what_is_added_everywhere_is_told() -> None:
    found = spoilt("rnn_output_layer", lambda y, h, *_: y + np.asarray(0.5, y.dtype))
    assert found == ["0.5 is added to every entry of logits"]


def test_entries_beyond_a_value_are_told_with_it() -> None:
    found = spoilt("rnn_cell_step", lambda h, *_: np.clip(h, -0.9, 0.9))
    assert any(fact.startswith("wrong where |h_t| is above 0.9: ") for fact in found)


@pytest.mark.parametrize(("bits", "kept"), [(8, "bfloat16"), (11, "float16 or TF32")])
def test_so_many_bits_are_told_whatever_the_dtype(bits: int, kept: str) -> None:
    found = stepping(lambda x, h, *w: np.tanh(total(*(as_kept(one, bits) for one in (x, h[-1], *w)))))
    (said,) = (fact for fact in found if "bits" in fact)
    assert said.startswith(f"about {bits} bits are right in every check, with errors up and down: as after rounding to")
    assert f"to {kept}, or with a number that is off by " in said


def test_a_small_mistake_of_one_sign_is_no_rounding() -> None:
    found = stepping(lambda x, h, *w: np.tanh(total(x, h[-1], *w)) * (1 + np.abs(h[-1]) * x.dtype.type(1e-3)))
    assert not any("bits" in fact for fact in found)


@pytest.mark.parametrize(
    ("order", "fact"),
    [
        (lambda t, T: (t + 1) % T, "row t is a right step with the input of step t+1 (of 0 for t = T-1) (X_seq)"),
        (lambda t, T: 0 * t, "row t is a right step with the input of step 0 (X_seq)"),
        (lambda t, T: np.minimum(t ^ 1, T - 1), "every row is a right step, from: 0: X_seq[1] and h0, 1: X_seq[0]"),
    ],
)
def test_a_step_with_another_input_is_told_with_the_order(order: Callable[..., Any], fact: str) -> None:
    def rnn_forward(X_seq: Any, *others: Any) -> Any:
        return rnn_ref.rnn_forward(X_seq[order(np.arange(len(X_seq)), len(X_seq))], *others)

    assert fact in told("rnn_forward", rnn_forward)[0]


def test_a_step_from_another_state_is_told() -> None:
    found = stepping(lambda x, h, *w: np.tanh(total(x, h[-2] if len(h) > 1 else h[0], *w)))
    assert found[0].startswith("row t is a right step from the state of row t-2")


def test_a_row_that_is_no_step_at_all_is_none_with_another_input() -> None:
    assert not any("right step" in fact for fact in stepping(lambda x, h, *w: np.tanh(total(x, h[-1], *w) * 1.5)))


@pytest.mark.parametrize(
    ("which", "fact"),
    [
        (lambda y, V: y == V - 1, "whose target is the last class"),
        (
            lambda y, V: [c in [*y.ravel()[:i]] for i, c in enumerate(y.ravel())],
            "whose target was due in an earlier row",
        ),
    ],
)
def test_rows_that_are_wrong_for_their_target_are_told(which: Callable[..., Any], fact: str) -> None:
    def spoil(grad: Any, _: Any, logits: Any, targets: Any, **options: Any) -> Any:
        y = np.asarray(targets)
        if y.dtype.kind == "f":
            return grad
        return grad + np.reshape(which(y, logits.shape[-1]), (*y.shape, 1)).astype(grad.dtype)

    found = spoilt("cross_entropy_backward", spoil)
    assert found[0].removeprefix("where it is wrong, ").startswith(f"dlogits is wrong in the rows {fact}")


def test_states_right_and_the_rest_wrong_puts_it_at_the_logits() -> None:
    def rnn_bptt(*given: Any, **options: Any) -> Any:
        *others, W_hy, b_y = given
        return rnn_ref.rnn_bptt(
            *others, W_hy, b_y + b_y.dtype.type(1) * np.arange(len(b_y), dtype=b_y.dtype), **options
        )

    assert "the states are right (h_T is): it goes wrong from the logits on" in told("rnn_bptt", rnn_bptt, "float64")


def test_no_more_than_three_are_told() -> None:
    found = spoilt("rnn_backward", lambda g, *_: [placed(one, (..., -1), lambda part: 0 * part) for one in g])
    assert len(found) == 3


def test_a_term_is_no_lead_where_smaller_numbers_are_right_as_well() -> None:
    def rnn_cell_step(*given: Any) -> Any:
        h, odd = rnn_ref.rnn_cell_step(*given), np.arange(len(given[-1]), dtype=given[0].dtype) / 99
        return np.where(np.abs(h) > 0.9, h * (1 - odd), h)  # and all are smaller without the bias, say

    report = rnn_ref.check({"rnn_cell_step": rnn_cell_step}, only="rnn_cell_step/single-2-float64")
    function = report.functions["rnn_cell_step"]
    assert (function.verdict, function.mistake) == ("wrong", None)
    assert not any(fact.startswith("right when") for fact in function.facts)


def test_what_was_returned_in_the_place_of_gradients_is_told() -> None:
    right = rnn_ref.rnn_cell_backward
    named = {"rnn_cell_backward": lambda *given: {"dWx": right(*given).W_xh, "dx": right(*given).x_t}}
    three = {"rnn_cell_backward": lambda *given: right(*given)[2:]}
    told = [rnn_ref.check(one, only="rnn_cell_backward/single-float64") for one in (named, three)]
    keys, shapes = (one.functions["rnn_cell_backward"].explanation for one in told)
    assert keys.endswith("; there is dWx, dx")
    assert shapes.endswith("they have the shapes (5, 4), (5, 5), (5,)")


def test_a_multiple_of_an_argument_that_is_added_is_told() -> None:
    def decayed(grads: Any, *given: Any) -> Any:
        W_hh = given[5]
        return grads._replace(W_hh=grads.W_hh + W_hh * W_hh.dtype.type(0.01))

    assert spoilt("rnn_cell_backward", decayed)[0] == "dW_hh is what is due with 0.01 times W_hh added"
    noise = spoilt("rnn_cell_backward", lambda g, *given: g._replace(W_hh=g.W_hh + np.tril(given[5])))
    assert not any("added" in fact for fact in noise)


def test_an_argument_whose_steps_are_taken_in_another_order_is_told() -> None:
    def rnn_sequence_loss(logits_seq: Any, targets_seq: Any, loss_fn: Any) -> Any:
        T = len(logits_seq)
        return sum(loss_fn(logits_seq[t], targets_seq[min(t + 1, T - 1)]) for t in range(T))

    found = told("rnn_sequence_loss", rnn_sequence_loss, "float64")[0]
    assert "it is right if step t takes targets_seq of step t+1 (of T-1 for t = T-1): so in all " in found


def test_two_options_are_told_with_the_counts_where_some_answers_with_both_are_right() -> None:
    def spoil(
        y: Any, *_: Any, weight: Any = None, label_smoothing: float = 0.0, reduction: str = "mean", **__: Any
    ) -> Any:
        odd = label_smoothing and weight is not None and (reduction != "mean" or y > 1.5)
        return y + np.asarray(y * 0.1 * np.arange(1, 1 + np.size(y)).reshape(np.shape(y)), y.dtype) if odd else y

    found = [fact for fact in spoilt("cross_entropy", spoil) if "with weight and with label_smoothing" in fact]
    assert len(found) == 1
    assert found[0].endswith("right in all 151 others")


def test_a_gradient_that_is_spoilt_is_not_taken_for_that_of_other_steps() -> None:
    found = spoilt("rnn_backward", lambda g, *_: g._replace(b_h=placed(g.b_h, -1, lambda entry: 0 * entry)))
    assert found[0] == "db_h: only the last unit is wrong"


@pytest.mark.parametrize(("function", "slug"), [("lstm_cell_backward", "slope-squared-outside"),
                                                ("lstm_cell_step", "weights-swapped")])  # fmt: skip
def test_no_curve_is_told_where_entries_of_small_checks_lie_on_none(function: str, slug: str) -> None:
    """In all checks together, many entries that are nearly alike lie on one."""
    probes = []
    for one in all_questions(None, "vectors", (family_of(function).suite,)):
        if one.function == function:
            outcome = perform(wrong(find(slug, function)[0][0], function), one, ours=True)
            probes.append(Probe(one, outcome, judge(one, [outcome]).status != "passed"))
    assert not any("another function" in fact for fact in facts(probes))


def test_a_factor_that_is_not_exact_is_told_as_that() -> None:
    found = spoilt("rnn_output_layer", lambda logits, *_: logits * (2 + 1e-8 * np.cos(1e3 * logits)))
    assert "every entry of logits is about 2 times what is due, to 9e-09" in found[0]


def test_what_is_right_at_problems_made_for_their_size_alone_is_not_laid_to_being_small() -> None:
    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, *weights: Any) -> Any:
        due = rnn_ref.rnn_backward(dh_states, h_states, X_seq, h0, *weights)
        small = len(weights[1]) <= 6 and len(X_seq) > 1
        return due._replace(b_h=2 * due.b_h + due.b_h**2) if small else due

    facts = rnn_ref.check({"rnn_backward": rnn_backward}).functions["rnn_backward"].facts
    assert facts
    assert not any("fewer" in fact or "|W_hh|" in fact for fact in facts)
