"""The diagnosis names what it should, and nothing else: a sample of scripts/diagnosis_table.py, which asks for all.

The material was written without the catalogue (``scripts/diagnosis``): every mistake in three styles or more, pairs of
mistakes, mistakes that no catalogue has, and modules in which one wrong function is called by others.
"""

import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.diagnose import pair
from rnn_ref.conformance.diagnose.again import right_without
from rnn_ref.conformance.mistakes.answers import answered

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from diagnosis import blame, implementations, outside, pairs
from diagnosis.asked import Asked, blamed, of_outside, of_pair, of_single

ASKED = Asked(77, "float64")
ONE, TWO, NONE, CALLED = list(implementations())[::23], list(pairs())[::5], list(outside())[::4], list(blame())[::6]


@pytest.mark.parametrize("one", some(ONE, 2), ids=lambda one: f"{one.function}-{one.slug}-{one.style}")
def test_one_mistake_gets_its_name(one: Any) -> None:
    """That it is the only one may be left unsaid, where a corner of the options is not explained by it."""
    assert {said.outcome for said in of_single(one, ASKED)} <= {"right", "wrong only_mistake"}


@pytest.mark.parametrize("one", TWO, ids=lambda one: f"{one.function}-{'-and-'.join(one.slugs)}-{one.style}")
def test_two_mistakes_get_both_names(one: Any) -> None:
    assert {said.outcome for said in of_pair(one, ASKED)} == {"both"}


@pytest.mark.parametrize("one", NONE, ids=lambda one: f"{one.function}-{one.name}")
def test_a_mistake_of_no_catalogue_gets_no_name_and_one_with_a_constant_its_own(one: Any) -> None:
    assert {said.outcome for said in of_outside(one, ASKED)} == {"right" if one.slugs else "null"}


@pytest.mark.parametrize("one", CALLED, ids=lambda one: f"{one.guilty}-{one.slug}-{one.name}")
def test_who_only_passes_a_mistake_on_is_not_blamed(one: Any) -> None:
    assert {said.outcome for said in blamed(one, ASKED)} == {"right", "passed on"}


FORGETFUL = """
import numpy as np
def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    h_states = []
    for x_t in X_seq:
        h_states.append(rnn_cell_step(x_t, h0, W_xh, W_hh, b_h))
    return h_states
"""


def test_a_mistake_of_its_own_is_told_from_the_one_it_passes_on(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(FORGETFUL)
    report = rnn_ref.check(str(tmp_path / "mine.py"))
    step, forward = report.functions["rnn_cell_step"], report.functions["rnn_forward"]
    assert (step.mistake, step.only_mistake) == ("bias-missing", True)
    assert (forward.mistake, forward.only_mistake) == ("h0-every-step", False)
    assert "rnn_cell_step, which is wrong too" in forward.explanation
    alone = rnn_ref.check(str(tmp_path / "mine.py"), only="rnn_forward/").functions["rnn_forward"]
    assert alone.mistakes == ["h0-every-step"]


def test_the_evidence_is_told_in_figures() -> None:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return [np.tanh(x_t @ W_xh.T + h0 @ W_hh.T + b_h) for x_t in X_seq]

    found = rnn_ref.check({"rnn_forward": rnn_forward}).functions["rnn_forward"]
    assert found.evidence.startswith("agrees with this mistake to ")
    assert "on 30 of 30 probes; differs from the right answer by up to 1." in found.evidence
    assert found.evidence.endswith("first at t = 1")
    assert found.error_map is not None
    assert all(ratio <= 1 for ratio in found.error_map.ratios[0])
    assert all(max(step) > 1 for step in found.error_map.ratios[1:])
    assert found.hint
    assert found.facts


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda h: h[..., ::-1], "logits: the units are in another order"),
        (
            lambda h: np.where(np.arange(h.shape[-1]) == 2, 0, h),
            "logits: only output 2 is wrong (counted from 0)",
        ),
    ],
)
def test_what_has_no_name_is_at_least_told_where_it_is(change: Any, fact: str) -> None:
    def rnn_output_layer(*arguments: Any) -> Any:
        return change(rnn_ref.rnn_output_layer(*arguments))

    found = rnn_ref.check({"rnn_output_layer": rnn_output_layer}).functions["rnn_output_layer"]
    assert (found.verdict, found.mistake, found.mistakes) == ("wrong", None, [])
    assert fact in [one.removeprefix("where it is wrong, ") for one in found.facts]


def test_a_term_is_found_by_leaving_it_out() -> None:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        every_second = np.where(np.indices(W_hh.shape).sum(0) % 2, W_hh, 0)
        return rnn_ref.rnn_forward(X_seq, h0, W_xh, every_second, b_h)

    found = rnn_ref.check({"rnn_forward": rnn_forward}).functions["rnn_forward"]
    assert found.mistake is None
    assert found.facts[0] == "right when W_hh = 0: look at the recurrent term"


def test_logits_of_thousands_are_not_asked_for_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their truth takes thousands of digits, and minutes."""
    asked: list[Any] = []
    monkeypatch.setattr(right_without, "without_terms", lambda check: asked.append(check) or [])

    def rnn_bptt(*arguments: Any) -> Any:
        loss, grads, h_T = rnn_ref.rnn_bptt(*arguments)
        return loss, grads._replace(W_hh=np.concatenate([grads.W_hh[:-1], 2 * grads.W_hh[-1:]])), h_T

    assert rnn_ref.check({"rnn_bptt": rnn_bptt}).functions["rnn_bptt"].mistake is None
    assert len(asked) == 1
    assert "large" not in asked[0].flags


@pytest.mark.slow
def test_what_is_nearly_right_is_not_called_by_the_name_of_what_is_right_there_too() -> None:
    def cross_entropy_backward(dloss: Any, logits: Any, targets: Any, reduction: str = "mean") -> Any:
        d = logits - logits.max(-1, keepdims=True)
        p = np.maximum(np.exp(d) / np.exp(d).sum(-1, keepdims=True), 1e-30)
        t = np.asarray(targets)[..., None]
        np.put_along_axis(p, t, np.take_along_axis(p, t, -1) - 1, -1)
        if reduction == "none":
            return p * np.asarray(dloss)[..., None]
        return p * dloss / (np.size(targets) if reduction == "mean" else 1)

    found = rnn_ref.check({"cross_entropy_backward": cross_entropy_backward}).functions["cross_entropy_backward"]
    assert (found.verdict, found.mistake) == ("wrong", None)


@pytest.mark.parametrize(("name", "gradient"), [("rnn_output_backward", "W_hy"), ("rnn_cell_backward", "W_xh")])
def test_a_gradient_that_lies_the_wrong_way_round_has_a_name_where_it_is_not_square(name: str, gradient: str) -> None:
    def backward(*arguments: Any) -> Any:
        grads = getattr(rnn_ref, name)(*(np.asarray(one) for one in arguments))
        return grads._replace(**{gradient: getattr(grads, gradient).T})

    for rank in ("single", "batch"):
        found = rnn_ref.check({name: backward}, rank=rank, only="generic" if rank == "batch" else "single").functions
        assert (found[name].mistake, found[name].only_mistake) == (f"d{gradient}-transposed", True)


ONE_SEQUENCE = {
    "rnn_cell_step": "return np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)",
    "rnn_forward": "h, kept = h0, []\n    for x_t in X_seq:\n        h = rnn_cell_step(x_t, h0, W_xh, W_hh, b_h)\n"
    "        kept.append(h)\n    return kept",
    "rnn_cell_backward": "...",
    "rnn_backward": "dh, dX, rest = 0 * h0, [], [0, 0, 0]\n    for t in reversed(range(len(X_seq))):\n"
    "        h_prev = h_states[t - 1] if t else h0\n"
    "        g = rnn_cell_backward(dh_states[t] + dh, h_states[t], X_seq[t], h_prev, W_xh, W_hh, b_h)\n"
    "        dX.append(g.x_t)\n        dh = g.h_prev\n        rest = [a + b for a, b in zip(rest, g[2:])]\n"
    "    return np.array(dX[::-1]), dh, *rest",
}


@pytest.fixture
def one_sequence(tmp_path: Path) -> str:
    """A learner's file that takes one sequence: a wrong loop over a right step, and a loop over nothing yet."""
    lines = ["import numpy as np", ""]
    for name, body in ONE_SEQUENCE.items():
        every = inspect.signature(getattr(rnn_ref, name)).parameters.values()
        parameters = ", ".join(one.name for one in every if one.kind is not one.KEYWORD_ONLY)
        lines += [f"def {name}({parameters}):", f"    {body}", ""]
    path = tmp_path / "mine.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("only", [None, "rnn_forward", "rnn_forward/single-float64"])
def test_a_right_neighbour_is_not_blamed_whether_it_was_asked_for_or_not(only: str | None, one_sequence: str) -> None:
    found = rnn_ref.check(one_sequence, only=only).functions["rnn_forward"]
    assert (found.mistake, found.only_mistake) == ("h0-every-step", True)
    assert "relies" not in found.explanation


@pytest.mark.parametrize("only", [None, "rnn_backward/*"])
@pytest.mark.parametrize(("body", "what"), [("...", "not written yet"), ("1 + 1", "wrong")])
def test_a_neighbour_that_returns_nothing_is_to_blame(
    only: str | None, body: str, what: str, one_sequence: str
) -> None:
    path = Path(one_sequence)
    path.write_text(path.read_text(encoding="utf-8").replace("    ...\n", f"    {body}\n"), encoding="utf-8")
    found = rnn_ref.check(one_sequence, only=only).functions["rnn_backward"]
    assert found.explanation == f"right in itself: it relies on rnn_cell_backward, which is {what}"
    assert found.passes_on == ["rnn_cell_backward"]


def test_of_what_is_nearly_right_hardly_any_pair_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes that are far off do not meet next to the truth."""
    run: list[Any] = []
    monkeypatch.setattr(pair, "answered", lambda *given: run.append(given) or answered(*given))

    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return np.tanh(np.round(x_t @ W_xh.T + b_h, 2) + h_prev @ W_hh.T)

    found = rnn_ref.check({"rnn_cell_step": rnn_cell_step}, dtype="float64").functions["rnn_cell_step"]
    assert (found.verdict, found.mistakes) == ("wrong", [])
    assert len(run) < 50


def test_noise_is_not_said_where_many_entries_are_right() -> None:
    def lstm_cell_step(x_t: Any, h_prev: Any, c_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return rnn_ref.lstm_cell_step(x_t, h_prev, np.where(c_prev < 0, c_prev / 2, c_prev), W_xh, W_hh, b_h)

    found = rnn_ref.check({"lstm_cell_step": lstm_cell_step}).functions["lstm_cell_step"]
    assert found.verdict == "wrong"
    assert not [fact for fact in found.facts if "noise" in fact]


@pytest.mark.slow
def test_few_pairs_are_run_together_of_what_is_not_in_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step alone, and no memory before it, exclude all but some hundreds of the 7,000 that were run."""
    run: list[Any] = []
    monkeypatch.setattr(pair, "answered", lambda *given: run.append(given) or answered(*given))

    def lstm_forward(X_seq: Any, h0: Any, c0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        h, c, h_states, c_states = h0, c0, [], []
        for x_t in X_seq:
            c = np.where(c < 0, c / 2, c)
            h, c = rnn_ref.lstm_cell_step(x_t, h, c, W_xh, W_hh, b_h)
            h_states.append(h)
            c_states.append(c)
        return np.stack(h_states), np.stack(c_states)

    found = rnn_ref.check({"lstm_forward": lstm_forward}, dtype="float64").functions["lstm_forward"]
    assert (found.verdict, found.mistakes) == ("wrong", [])
    assert 0 < len(run) < 1000
