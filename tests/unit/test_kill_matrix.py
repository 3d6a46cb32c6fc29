"""Every mistake of the catalogue is killed, by at least two vectors and by far."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.mistakes import kill_matrix
from rnn_ref.conformance.mistakes.kill_matrix import KILLS, MARGIN, answerable, kills, margins, matrix, weakest
from rnn_ref.conformance.mistakes.make import source, wrong
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec import catalogue
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import MISTAKES, mistakes_in, words_in
from rnn_ref.conformance.spec.losses import base as base_of_losses
from rnn_ref.conformance.spec.mistake import Mistake, Words, form, mistake
from rnn_ref.conformance.spec.tolerance import largest_entry

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from drop_vectors import superfluous

CHECKS = all_questions(None, "vectors")
ASKED = {
    function: answerable(function, CHECKS) for function in {name for mistake in MISTAKES for name in mistake.functions}
}


def _told(mistake: Mistake) -> str:
    return " ".join(filter(None, (mistake.slug, mistake.variant)))


MADE = [(mistake, function) for mistake in MISTAKES for function in mistake.functions]
# The catalogue's slugs; those that name a layout, and no mistake, are left out.
SLUGS = """
no-tanh relu-for-tanh sigmoid-for-tanh tanh-twice tanh-of-part bias-missing bias-twice bias-outside-tanh
bias-first-step-only W_hh-transposed W_xh-transposed weights-swapped no-recurrence recurrence-twice input-ignored
h0-ignored h0-every-step states-aliased starts-with-h0 shifted-by-one last-state-only last-step-missing time-reversed
input-off-by-one batch-time-swapped batch-rows-mixed state-leaks chunk-reset not-repeatable low-precision all-zero
returns-none outer-broadcast mutates-input output-bias-missing output-bias-twice W_hy-transposed softmax-in-output
log-softmax-in-output tanh-in-output output-of-previous-state last-logits-only mean-over-steps base-2-log
double-softmax softmax-wrong-axis unstable-softmax log-epsilon unnormalised sign targets-shifted target-columns
last-step-only first-step-only probability-not-log ignores-loss-fn no-dh-next only-dh-next last-gradient-every-step
no-slope slope-of-tanh-h slope-plus slope-of-preactivation dW_hh-from-h_t dW_hh-wraps dW_hh-transposed
dW_xh-transposed dh-next-untransposed forward-order assigned-not-accumulated db-twice db-first-step-only dh0-missing
dh0-is-dz0 averaged-over-steps averaged-over-batch batch-mean-state upstream-mutated grads-pile-up onehot-missing
dlogits-averaged truncated

tanh-for-relu leaky-relu relu-bounded smooth-for-relu tanh-slope-for-relu
slope-of-relu-missing

dh-not-through-tanh dX-not-through-tanh dX-untransposed dW_hy-transposed dW_hy-from-h_prev gradients-clipped
slope-not-squared slope-of-h_prev slope-floored dX-without-dh-next db-without-first-step dW_hh-from-zero-start
dh-added-not-carried loop-misses-first-step loop-misses-last-step tanh-of-exponentials state-updated-in-place
log-of-softmax softmax-epsilon plus-one-hot constant-factor constant-shift scaled-argument scaled-term leaky-state
dloss-ignored option-ignored ignored-targets-counted weight-not-in-mean weight-not-in-smoothing
smoothing-by-target-weight smoothing-over-others smoothing-added probabilities-as-classes averaged-by-weight
averaged-over-classes

state-of-one-sequence targets-transposed maximum-of-columns maximum-of-all log-base-mixed base-10-log
loss-averaged-over-classes gradient-at-target-only softmax-slope-twice steps-left-out rows-left-out steps-weighted
averaged-over-all-rows mean-of-one-axis mean-at-every-step loss-as-upstream averaged-over-one-step nothing-kept
exponential-for-score
divisor-at-least-one loss-fn-called-once loss-fn-per-row smoothing-shares-off smoothing-inverted weight-misplaced
slope-of-sigmoid slope-of-relu slope-twice slope-squared-outside slope-negative slope-is-square slope-subtracted
slope-of-gradient slope-of-one-state dh-next-after-slope slope-on-dh-next-only db-not-through-tanh dW-not-through-tanh
dX-is-dz sum-misses-last-step sum-over-some-steps db-one-row db-summed-over-units dW_xh-from-another-input
dW_hh-from-one-state upstream-of-another-step gradients-reversed dh-next-piles-up last-gradient-twice
dh0-carried-too-far product-of-sums rows-aliased activation-before-output output-of-one-state output-reversed
output-bias-once slope-in-output-backward dh_states-without-W_hy h_T-of-another-step

scaled-tanh hard-tanh softsign arctan-for-tanh leaky-relu-for-tanh smooth-relu-for-tanh tanh-approximated
bias-at-some-steps states-reversed state-of-another-step preactivation-carried unit-left-out sequence-left-out
first-step-missing remainder-left-out joined-cut-wrongly reshaped-not-transposed dh-next-scaled dh-past-the-step
weight-decay logits-shifted targets-as-rows perplexity-for-loss

gate-order gates-interleaved update-inverted update-not-convex past-dropped update-ignored gates-tied reset-before
reset-misses-bias reset-takes-both-biases reset-ignored reset-inverted update-for-reset reset-both reset-of-input
reset-of-all reset-outside-tanh candidate-sigmoid candidate-no-tanh candidate-relu gate-tanh gate-hard-sigmoid
gate-sigmoid-twice gate-without-state biases-swapped bias-of-another-gate b_hn-missing-at-start gate-state-stale

gate-order-ifog gate-order-iofg gate-order-figo gate-order-igfo gate-of-another-gate
forget-bias-added forget-missing forget-inverted forget-of-h memory-dropped gates-coupled input-gate-missing
input-gate-added memory-clipped memory-squashed no-tanh-of-c tanh-after-gate output-gate-missing shows-old-memory
sigmoid-of-c peepholes memory-for-state states-swapped memory-is-state c0-ignored c0-from-h0 memory-not-carried
state-not-carried only-dc-next dc-not-through-tanh slope-of-c slope-of-h dc-misses-output-gate do-from-c do-from-dc
df-from-c_t df-from-h di-dg-swapped sigmoid-slope-missing tanh-slope-missing tanh-slope-for-sigmoid
sigmoid-slope-for-tanh sigmoid-slope-of-argument dW_hh-from-c no-dc-next dc-next-misses-forget dc-next-wrong-gate
memory-detached dc_T-ignored dh0-dc0-swapped dc0-missing dc-next-misses-state option-inverted
no-straight-path only-straight-path straight-path-inverted reset-path-missing update-path-missing candidate-path-missing
backward-of-reset-before gate-clipped gate-gradients-reordered dn-misses-gate dz-sign dz-forgets-n dr-from-h_prev
dr-misses-bias dr-not-through-tanh reset-missing-in-state-side reset-in-input-side bias-gradients-equal slopes-swapped

layer-reads-input layers-share-weights directions-share-weights layers-reversed residual activation-between-layers
last-layer-only last-states-swapped state-of-first-layer state-of-forward-direction states-ordered-by-direction
state-carried-between-layers state-carried-between-directions h0-batch-first not-turned not-turned-back
turned-back-only directions-swapped directions-summed directions-averaged directions-interleaved directions-kept-apart
backward-state-at-end last-state-from-outputs padding-computed padding-turned-too padding-in-last-state
padding-in-last-memory padding-resets-state outputs-repeated outputs-not-masked length-off-by-one order-not-restored
states-not-sorted lengths-sorted-only input-batch-first gradient-stops-between-layers upstream-at-every-layer
one-direction-back dX-averaged-over-directions dh-not-turned shown-in-reading-order dstates0-missing dstates_T-ignored
dstates_T-at-T dstates_T-swapped padding-gradients-counted padding-in-gradients mask-multiplied
padding-in-loss padding-in-mean mean-by-sequence output-of-one-direction layer-gradient-missing averaged-over-layers
bias-of-one-unit connections-missing gate-without-input h0-of-one-sequence maximum-not-added-back mean-of-means
one-in-softmax padding-ends-a-step row-length-of-another-matrix slope-of-step-before states-made-again-from-zero
tail-of-sum-left-out upstream-of-ones zero-times-infinity
"""


def test_the_whole_catalogue_is_there_and_nothing_else() -> None:
    assert sorted({mistake.slug for mistake in MISTAKES}) == sorted(SLUGS.split())


@pytest.mark.parametrize("function", sorted({function for _, function in MADE}))
def test_the_base_without_a_mistake_conforms(function: str) -> None:
    assert rnn_ref.check({function: right(function)}).ok


@pytest.mark.parametrize(
    "number", some(range(len(MADE)), 5), ids=[f"{function} {_told(mistake)}" for mistake, function in MADE]
)
def test_every_mistake_is_killed_by_two_vectors_with_a_margin_of_ten(number: int) -> None:
    mistake, function = MADE[number]
    found = margins(mistake, function, ASKED[function])
    assert kills(found) >= KILLS
    assert weakest(found) >= MARGIN


@pytest.mark.slow
def test_no_vector_is_superfluous() -> None:
    assert superfluous(CHECKS, [found for _, _, found in matrix(CHECKS)]) == []


def test_a_vector_asked_twice_is_superfluous_and_one_that_alone_kills_is_not() -> None:
    twice = [replace(check, case=f"again-{check.case}") for check in CHECKS if "/long-" in check.id]
    every = [*CHECKS, *twice]
    found = [{check.id: 100.0 for check in every}, {check.id: 100.0 for check in twice[:2]}]
    gone = superfluous(every, found)
    assert not {check.id for check in twice[:2]} & set(gone)
    assert {check.id for check in twice[2:]} <= set(gone)


@pytest.mark.parametrize("function", sorted(ASKED))
def test_what_is_no_mistake_is_killed_by_nothing(function: str) -> None:
    found = margins(Mistake("none", (function,), ()), function, ASKED[function])
    assert len(found) >= 12
    assert max(found.values()) <= 1


def test_the_base_answers_every_check() -> None:
    assert {check.id for asked in ASKED.values() for check in asked} == {check.id for check in CHECKS}


def test_a_check_that_the_base_cannot_answer_kills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_of_losses, "cross_entropy", lambda logits, targets: float("nan"))
    asked = {check.id for check in answerable("cross_entropy", CHECKS)}
    assert not asked & {"cross_entropy/generic-float64", "cross_entropy/weight-float64"}


@pytest.mark.parametrize(
    "function", [pytest.param(one, marks=[pytest.mark.slow] * (one == "rnn_bptt")) for one in sorted(ASKED)]
)
def test_no_two_mistakes_look_the_same(function: str) -> None:
    """Else a diagnosis could not tell which it is; sameness is to nine digits of the largest entry."""
    mine = [mistake for mistake in MISTAKES if function in mistake.functions]
    slugs: dict[Any, set[str]] = {}  # forms of one mistake may differ at later calls alone
    for one in mine:
        slugs.setdefault(_pattern(one, function), set()).add(one.slug)
    assert all(len(alike) == 1 for alike in slugs.values())


def _pattern(mistake: Mistake, function: str) -> tuple[Any, ...]:
    seen: list[Any] = []
    for check in ASKED[function]:
        if check.dtype == "float64":
            outcome = perform(wrong(mistake, function), check)
            seen += [outcome.mutated, bool(outcome.error), outcome.unusable]
            for answer in outcome.answers.values():
                size = largest_entry(np.asarray(answer)) or 1.0
                with np.errstate(invalid="ignore"):
                    seen += [np.shape(answer), f"{size:.9g}", (np.round(answer / size, 9) + 0.0).tobytes()]
    return tuple(seen)


def test_an_edit_of_what_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing: rnn_forward of the base does not contain 'no such text'"):
        wrong(Mistake("nothing", ("rnn_forward",), (("no such text", ""),)), "rnn_forward")


def test_an_edit_that_fits_in_several_places_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"twice: rnn_forward of the base contains 'h_t' \d+ times, expected 1"):
        wrong(Mistake("twice", ("rnn_forward",), (("h_t", "z_t"),)), "rnn_forward")


def test_a_second_mistake_is_made_wherever_the_first_has_repeated_the_text() -> None:
    twice, missing = (next(one for one in MISTAKES if one.slug == slug) for slug in ("bias-twice", "bias-missing"))
    assert source((twice,), "rnn_forward").count("b_h") == source((twice, missing), "rnn_forward").count("b_h") + 2


def test_one_call_adds_a_mistake_to_the_list_the_explanation_and_the_kill_matrix(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Words("the sum is halved", "Toys break.", "Is one half enough?", "h_t = tanh(z_t)", "h_t = tanh(z_t / 2)")
    toy = mistake("toy-half", words, form(("rnn_cell_step",), ("np.tanh(z_t)", "np.tanh(z_t / 2)")))
    monkeypatch.setattr(catalogue, "MISTAKES", mistakes_in([*catalogue.ENTRIES, toy]))
    monkeypatch.setattr(catalogue, "WORDS", words_in([*catalogue.ENTRIES, toy]))
    assert main(["mistakes"]) == main(["mistakes", "toy-half"]) == 0
    printed = capsys.readouterr().out
    assert "toy-half                    rnn_cell_step\n  the sum is halved\n" in printed
    assert "Is one half enough?" in printed
    asked = [check for check in CHECKS if check.function == "rnn_cell_step"]
    monkeypatch.setattr(catalogue, "MISTAKES", catalogue.MISTAKES[-1:])
    killed = [(mistake.slug, kills(found) >= KILLS) for mistake, _, found in matrix(asked)]
    assert killed == [("toy-half", True)]


def test_a_margin_tells_how_far(capsys: pytest.CaptureFixture[str]) -> None:
    small = Mistake("small", ("rnn_output_layer",), ((" + b_y", " + b_y * (1 + 1e-13)"),))
    found = margins(small, "rnn_output_layer", ASKED["rnn_output_layer"])
    assert 1 < found["rnn_output_layer/generic-float64"] < 1e4
    assert found["rnn_output_layer/generic-float32"] < 1


@pytest.mark.parametrize("every", some([40, 1], 2))
def test_the_command_prints_a_line_for_each(
    every: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MADE[::every]
    found = [(mistake, function, margins(mistake, function, ASKED[function])) for mistake, function in made]
    monkeypatch.setattr(kill_matrix, "matrix", lambda checks: found)
    assert main(["kill-matrix"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len({(mistake.slug, function) for mistake, function in made}) + 2
    assert max(map(len, lines)) <= 80
    slugs = {mistake.slug for mistake, _ in made}
    told = f"{len(slugs)} mistakes made in {len(made)} ways, {len(CHECKS)} vectors: all are killed "
    assert lines[-1] == f"{told}2 times or more"


def test_the_base_is_read_where_it_is_installed() -> None:
    assert (Path(rnn_ref.__file__).parent / "conformance" / "spec" / "rnn" / "base.py").is_file()
