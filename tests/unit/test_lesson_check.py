"""What the check cells say: each mistake that a learner can make in a scaffold gets its name and its hint."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref import lesson
from rnn_ref.conformance.mistakes.find import module
from rnn_ref.conformance.spec.catalogue import MISTAKES, of
from rnn_ref.lesson import notebooks

FUNCTIONS = (
    *("rnn_cell_step", "rnn_forward", "rnn_output_layer", "rnn_sequence_loss", "rnn_cell_backward", "rnn_backward"),
    *("rnn_output_backward", "cross_entropy_backward", "rnn_sequence_loss_backward", "rnn_bptt"),
)
OWN_VERDICT = {"low-precision": "low-precision", "mutates-input": "mutates-input"}  # named by the verdict itself


def learners() -> Iterator[tuple[str, str]]:
    """Every mistake in every function of the notebooks, in its first form."""
    yield from dict.fromkeys((m.slug, name) for m in MISTAKES for name in m.functions if name in FUNCTIONS)


def filled_in() -> dict[str, Any]:
    """The names of both notebooks, filled in."""
    names: dict[str, Any] = {}
    for name in notebooks.NAMES:
        for cell in notebooks.cells(notebooks.text_of(name), solved=True):
            if cell.kind == "code" and re.match(r"import|from|def rnn|def cross", cell.source):
                exec(cell.source, names)
    return names


SOLVED = filled_in()


@pytest.mark.parametrize(("slug", "function"), some(list(learners()), 4))
def test_the_mistake_is_named_and_hinted_at(slug: str, function: str) -> None:
    names = dict(SOLVED)
    exec(module(slug, function), names)
    found = lesson.check(function, names)
    told, shown = " ".join(str(found).split()), found._repr_html_()
    assert not found.ok
    assert found.report is not None
    verdict = found.report.functions[function]
    if slug in OWN_VERDICT:
        assert verdict.verdict == OWN_VERDICT[slug]
        return
    assert slug in verdict.mistakes
    if verdict.verdict == "right-but":
        return
    assert slug in told
    assert slug in shown
    assert " ".join(of(slug, function).look.split())[:60] in told
    assert "Where to look" in shown
    assert ">Right<" not in shown  # the formula is the learner's to find


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_filled_in_conforms(function: str) -> None:
    found = lesson.check(function, SOLVED)
    assert found.ok
    assert "✓ conforms" in str(found)
    assert found._repr_html_().startswith("<p>")


def test_the_notebook_around_it_is_looked_at() -> None:
    around = {"lesson": lesson, "rnn_cell_step": rnn_ref.rnn_cell_step}
    assert eval('lesson.check("rnn_cell_step")', around).ok
    assert eval("lesson.check(rnn_cell_step)", around).ok
    assert "not there yet" in str(eval('lesson.check("rnn_forward")', around))
    assert eval('lesson.check("rnn_forward")', around).mistake is None


def test_what_does_not_exist_is_said() -> None:
    with pytest.raises(ValueError, match=r"lesson.check: name is 'rnn_cell', expected one of rnn_cell_step, "):
        lesson.check("rnn_cell")


def test_a_fault_in_a_helper_is_blamed_on_the_helper() -> None:
    names = {"np": np}
    exec("def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return np.tanh(W_xh @ x_t + W_hh @ h_prev)\n", names)
    forward = "\n".join(cell.source for cell in notebooks.cells(notebooks.text_of("09_rnn_from_scratch"), solved=True)
                        if cell.source.startswith("def rnn_forward"))  # fmt: skip
    exec(forward, names)
    assert lesson.check("rnn_cell_step", names).mistake == "bias-missing"
    assert "it relies on rnn_cell_step, which is wrong" in str(lesson.check("rnn_forward", names))


def test_crashes_and_prints_are_kept_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    def rnn_cell_step(*_: Any) -> Any:
        print("noise")
        raise SystemExit("<b>gone</b>")

    found = lesson.check("rnn_cell_step", {"rnn_cell_step": rnn_cell_step})
    assert capsys.readouterr().out == ""
    assert "crashed" in str(found)
    assert "<b>gone" not in found._repr_html_()
