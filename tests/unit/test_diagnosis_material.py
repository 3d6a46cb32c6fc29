"""The test bed of the diagnosis: its styles are right, its mistakes are mistakes, and there are enough of them."""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from sampled import some

from rnn_ref import check
from rnn_ref.conformance.cases.fresh import fresh_checks
from rnn_ref.conformance.cases.frozen import load
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.mistakes.make import wrong as catalogued
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec.catalogue import MISTAKES

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from diagnosis import STYLES, blame, implementations, outside, pairs
from diagnosis.asked import loaded
from diagnosis.blame import FORMS, module
from diagnosis.pairs import MADE
from diagnosis.written import SLUGS, PassedOn

sys.path.pop(0)
CHECKS = [*fresh_checks(8, "1"), *load()[0]]  # those of a seed come first: most mistakes show there


def is_wrong(candidate, function, rank=None, dtypes=("float32", "float64")):
    """Return whether a check that is no matter of what is claimed shows the mistake, in every precision."""
    return all(any(wrong(candidate, one, rank) for one in CHECKS if one.function == function and one.dtype == dtype)
               for dtype in dtypes)  # fmt: skip


def wrong(candidate, one, rank):
    result = judge(one, [perform(candidate, one)])
    if result.status == "passed":  # it may be wrong at the second call
        result = judge(one, [perform(candidate, one)])
    return result.status == "failed" or (result.status == "error" and rank == "both")


@pytest.mark.parametrize("style", some(STYLES, 5), ids=[f"{one.function}, {one.name}" for one in STYLES])
def test_a_style_is_right_when_no_mistake_is_made(style):
    check({style.function: style.factory(frozenset())}, seed=8).raise_if_failed()


@pytest.mark.parametrize("function", SLUGS)
def test_every_mistake_is_one_in_every_style(function):
    mine = [one for one in implementations() if one.function == function]
    right = [(one.slug, one.style) for one in mine if not is_wrong(one.candidate, function, one.rank, one.dtypes)]
    assert not right


# What is newer than the material: asked as the catalogue makes it (``test_solved.py``, ``test_diagnosis.py``) and on
# programs that were written blind (docs/why/diagnosis.md), but not yet in three styles of its own.
WITHOUT_STYLES = {
    *("constant-factor", "constant-shift", "scaled-argument", "scaled-term", "leaky-state", "slope-floored"),
    *("softmax-epsilon", "log-of-softmax", "tanh-of-exponentials", "state-updated-in-place", "plus-one-hot"),
    *("slope-not-squared", "slope-of-h_prev", "dX-without-dh-next", "db-without-first-step", "dW_hh-from-zero-start"),
    *("dh-added-not-carried", "loop-misses-first-step", "loop-misses-last-step", "gradients-clipped"),
    *("probability-not-log", "unnormalised"),
    # and what came with the programs that were written blind (docs/why/diagnosis.md)
    *("state-of-one-sequence", "targets-transposed", "maximum-of-columns", "maximum-of-all", "log-base-mixed"),
    *("base-10-log", "loss-averaged-over-classes", "gradient-at-target-only", "softmax-slope-twice", "steps-left-out"),
    *("rows-left-out", "steps-weighted", "averaged-over-all-rows", "mean-of-one-axis", "mean-at-every-step"),
    *("loss-as-upstream", "averaged-over-one-step", "nothing-kept", "divisor-at-least-one", "loss-fn-called-once"),
    *("loss-fn-per-row", "smoothing-shares-off", "smoothing-inverted", "weight-misplaced", "slope-of-sigmoid"),
    *("slope-of-relu", "slope-twice", "slope-squared-outside", "slope-negative", "slope-is-square"),
    *("slope-subtracted", "slope-of-gradient", "slope-of-one-state", "dh-next-after-slope", "slope-on-dh-next-only"),
    *("db-not-through-tanh", "dW-not-through-tanh", "dX-is-dz", "sum-misses-last-step", "sum-over-some-steps"),
    *("db-one-row", "db-summed-over-units", "dW_xh-from-another-input", "dW_hh-from-one-state"),
    *("upstream-of-another-step", "gradients-reversed", "dh-next-piles-up", "last-gradient-twice"),
    *("dh0-carried-too-far", "product-of-sums", "rows-aliased", "activation-before-output", "output-of-one-state"),
    *("output-reversed", "output-bias-once", "slope-in-output-backward", "dh_states-without-W_hy"),
    *("h_T-of-another-step", "exponential-for-score"),
    *("scaled-tanh", "hard-tanh", "softsign", "arctan-for-tanh", "leaky-relu-for-tanh", "smooth-relu-for-tanh"),
    *("tanh-approximated", "bias-at-some-steps", "states-reversed", "state-of-another-step", "preactivation-carried"),
    *("unit-left-out", "sequence-left-out", "first-step-missing", "remainder-left-out", "joined-cut-wrongly"),
    *("reshaped-not-transposed", "dh-next-scaled", "dh-past-the-step", "weight-decay", "logits-shifted"),
    *("targets-as-rows", "perplexity-for-loss"),
    *("mean-of-means", "padding-ends-a-step", "one-in-softmax", "maximum-not-added-back", "zero-times-infinity"),
    *("connections-missing", "row-length-of-another-matrix", "tail-of-sum-left-out", "bias-of-one-unit"),
    *("h0-of-one-sequence", "slope-of-step-before", "upstream-of-ones"),
    # and those that show where relu is asked for
    *("tanh-for-relu", "leaky-relu", "relu-bounded", "smooth-for-relu", "tanh-slope-for-relu", "slope-of-relu-missing"),
}
NOT_IN = {  # functions in which an older mistake can be made since then
    "batch-rows-mixed": ("rnn_output_layer", "rnn_cell_backward", "rnn_backward", "rnn_output_backward"),
    "log-epsilon": ("cross_entropy_backward",),
    "states-aliased": ("rnn_backward",),
    "ignored-targets-counted": ("rnn_sequence_loss", "rnn_sequence_loss_backward"),
}
# outside of the lists when it was written, and named since then, or by solving for a number
NAMED_SINCE = {"residual", "one and a half times", "discounted", "every other step"}
NAMED_SINCE |= {"softsign", "Padé tanh", "hard tanh", "arctan", "leaky relu", "cubic series", "scaled tanh"}
NAMED_SINCE |= {"W_hh diagonal"}


def test_there_are_three_styles_for_every_mistake_in_every_function_of_the_tanh_network():
    names = defaultdict(set)
    for one in implementations():
        style = max((s.name for s in STYLES if s.function == one.function and one.style.startswith(s.name)), key=len)
        names[one.function, one.slug].add(style)
    every = [(f, slug) for f in MADE for slug in SLUGS[f] if f not in NOT_IN.get(slug, ())]
    lacking = {slug for f, slug in every if len(names[f, slug]) < 3}
    assert lacking == WITHOUT_STYLES


def answers(candidate, function):
    """Return what a function gives, None where it raises or gives no arrays."""
    mine = [one for one in CHECKS if one.function == function and one.dtype == "float64"]
    found = [perform(candidate, one).answers.values() for one in mine]
    return [list(one) if one and not any(isinstance(a, str) for a in one) else None for one in found]


def same(some, others):
    """Whether two functions gave the same numbers."""
    for a, b in zip(some, others, strict=True):
        if (a is None) != (b is None) or (a and [x.shape for x in a] != [x.shape for x in b]):
            return False
        if a and not all(np.allclose(x, y, rtol=1e-9, atol=1e-12, equal_nan=True) for x, y in zip(a, b, strict=True)):
            return False
    return True


@pytest.mark.parametrize("function", MADE)
def test_neither_of_two_mistakes_hides_the_other(function):
    mine, known = [one for one in pairs() if one.function == function], [s for s in STYLES if s.function == function]
    for pair, (number, *two) in zip(mine, MADE[function], strict=True):
        assert {*two} <= {*known[number].mistakes}
        both = answers(pair.candidate, function)
        assert any(both)
        for alone in ([], two[:1], two[1:]):
            assert not same(both, answers(known[number].factory(frozenset(alone)), function)), (pair, alone)


@pytest.mark.parametrize("function", some(SLUGS, 3))
def test_what_is_outside_is_wrong_and_is_no_mistake_of_the_catalogue(function):
    every = list(outside())
    assert len(every) >= 30
    known = [answers(catalogued(one, function), function) for one in MISTAKES if function in one.functions]
    for one in every:
        if one.function == function:
            mine = answers(one.candidate, function)
            assert any(mine), one.name
            assert is_wrong(one.candidate, function), one.name
            assert any(same(mine, each) for each in known) <= (one.name in NAMED_SINCE), one.name


@pytest.mark.parametrize("form", FORMS)
def test_the_module_without_a_mistake_is_right(form):
    right = PassedOn(form, module(form), "" if form == "functions" else "Network", "", "", ())
    check(loaded(right), seed=8, only="/seed8-").raise_if_failed()


@pytest.mark.slow  # tests of the diagnosis blame some of them each time
def test_a_mistake_is_passed_on_by_those_that_are_said_to():
    modules = list(blame())
    assert len(modules) >= 12
    for number, one in enumerate(modules):
        if number % len(FORMS) != number // len(FORMS) % len(FORMS) or number % 4:
            continue  # every fourth mistake, in one of the forms
        report = check(loaded(one), seed=8, only=None if one.slug == "log-epsilon" else "/seed8-")
        wrong = {name for name, found in report.functions.items() if found.verdict not in {"conforms", "missing"}}
        assert wrong == {one.guilty, *one.passing}, (one.name, one.guilty, one.slug)
