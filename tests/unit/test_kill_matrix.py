"""Every mistake of the catalogue is killed, by at least two vectors and by far."""

import re
from pathlib import Path

import pytest

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import vectors
from rnn_ref.conformance.catalogue.build import right, wrong
from rnn_ref.conformance.catalogue.edits import MISTAKES, Mistake
from rnn_ref.conformance.kill_matrix import KILLS, answerable, kills, margins

CHECKS = vectors.load()[0]
ASKED = {
    function: answerable(function, CHECKS) for function in {name for mistake in MISTAKES for name in mistake.functions}
}
MADE = [(mistake, function) for mistake in MISTAKES for function in mistake.functions]
# The catalogue's slugs, those left out that are a layout or a verdict of their own.
SLUGS = """
no-tanh relu-for-tanh sigmoid-for-tanh tanh-twice tanh-of-part bias-missing bias-twice bias-outside-tanh
bias-first-step-only W_hh-transposed W_xh-transposed weights-swapped no-recurrence recurrence-twice input-ignored
h0-ignored h0-every-step states-aliased starts-with-h0 shifted-by-one last-state-only last-step-missing time-reversed
input-off-by-one batch-time-swapped batch-rows-mixed state-leaks chunk-reset low-precision all-zero returns-none
outer-broadcast mutates-input output-bias-missing output-bias-twice W_hy-transposed softmax-in-output
log-softmax-in-output tanh-in-output output-of-previous-state last-logits-only mean-over-steps base-2-log
double-softmax softmax-wrong-axis unstable-softmax log-epsilon unnormalised sign targets-shifted target-columns
last-step-only first-step-only probability-not-log ignores-loss-fn no-dh-next only-dh-next last-gradient-every-step
no-slope slope-of-tanh-h slope-plus slope-of-preactivation dW_hh-from-h_t dW_hh-wraps dW_hh-transposed
dW_xh-transposed dh-next-untransposed forward-order assigned-not-accumulated db-twice db-first-step-only dh0-missing
dh0-is-dz0 averaged-over-steps averaged-over-batch batch-mean-state upstream-mutated grads-pile-up onehot-missing
dlogits-averaged truncated
"""


def test_the_whole_catalogue_is_there_and_nothing_else() -> None:
    assert sorted({mistake.slug for mistake in MISTAKES}) == sorted(SLUGS.split())


@pytest.mark.parametrize("function", sorted({function for _, function in MADE}))
def test_the_base_without_a_mistake_conforms(function: str) -> None:
    assert rnn_ref.check({function: right(function)}).ok


@pytest.mark.parametrize(("mistake", "function"), MADE, ids=lambda one: getattr(one, "slug", one))
def test_every_mistake_is_killed_by_two_vectors_with_a_margin_of_ten(mistake: Mistake, function: str) -> None:
    assert kills(margins(mistake, function, ASKED[function])) >= KILLS


@pytest.mark.parametrize("function", sorted(ASKED))
def test_what_is_no_mistake_is_killed_by_nothing(function: str) -> None:
    found = margins(Mistake("none", (function,), ()), function, ASKED[function])
    assert len(found) >= 12
    assert max(found.values()) <= 1


def test_a_check_that_the_base_cannot_answer_kills_nothing() -> None:
    asked = {check.id for check in ASKED["cross_entropy"]}
    assert "cross_entropy/generic-float64" in asked
    assert not asked & {"cross_entropy/ignored-by-default-float64", "cross_entropy/weight-float64"}


def test_an_edit_of_what_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing: rnn_forward of the base does not contain 'no such text'"):
        wrong(Mistake("nothing", ("rnn_forward",), (("no such text", ""),)), "rnn_forward")


def test_a_margin_tells_how_far(capsys: pytest.CaptureFixture[str]) -> None:
    small = Mistake("small", ("rnn_output_layer",), ((" + b_y", " + b_y * (1 + 1e-13)"),))
    found = margins(small, "rnn_output_layer", ASKED["rnn_output_layer"])
    assert 1 < found["rnn_output_layer/generic-float64"] < 1e4
    assert found["rnn_output_layer/generic-float32"] < 1


def test_the_command_prints_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kill-matrix"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(MADE) + 2
    assert max(map(len, lines)) <= 80
    assert re.fullmatch(rf"{len(MADE)} mistakes, {len(CHECKS)} vectors: every mistake is killed .*", lines[-1])


def test_the_base_is_read_where_it_is_installed() -> None:
    assert (Path(rnn_ref.__file__).parent / "conformance" / "catalogue" / "base.py").is_file()
