"""What the check cells say: each mistake that a learner can make in a scaffold gets its name and its hint."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref import lesson
from rnn_ref.conformance.mistakes.find import module
from rnn_ref.conformance.spec.catalogue import MISTAKES, WORDS, of
from rnn_ref.lesson import notebooks
from rnn_ref.lesson.formulas import FORMULAS, typeset

FUNCTIONS = (
    *("gru_cell_step", "gru_cell_backward", "lstm_cell_step", "lstm_cell_backward"),
    *("rnn_cell_step", "rnn_forward", "rnn_output_layer", "rnn_sequence_loss", "rnn_cell_backward", "rnn_backward"),
    *("rnn_output_backward", "cross_entropy_backward", "rnn_sequence_loss_backward", "rnn_bptt"),
)
OWN_VERDICT = {"low-precision": "low-precision", "mutates-input": "mutates-input"}  # named by the verdict itself


def learners() -> Iterator[tuple[str, str]]:
    """Every mistake in every function of the notebooks, in its first form."""
    yield from dict.fromkeys((m.slug, name) for m in MISTAKES for name in m.functions if name in FUNCTIONS)


def filled_in() -> dict[str, Any]:
    """The names of the notebooks, filled in."""
    names: dict[str, Any] = {}
    for name in notebooks.NAMES:
        for cell in notebooks.cells(notebooks.text_of(name), solved=True):
            if cell.kind == "code" and re.match(r"import|from|def (?:rnn|cross|gru|lstm)", cell.source):
                exec(cell.source, names)
    return names


SOLVED = filled_in()


@pytest.mark.parametrize(("slug", "function"), some(list(learners()), 25))
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
    assert f"<code>{slug}</code>" in shown
    assert " ".join(of(slug, function).look.split())[:60] in told
    assert "hint 1: where to look</summary>" in shown
    assert "hint 2: the formula</summary>" in shown
    assert ">Right<" not in shown  # it is not told unasked
    assert found.hints[-1].lines == tuple(dict.fromkeys(of(one, function).right for one in verdict.mistakes))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_filled_in_conforms(function: str) -> None:
    found = lesson.check(function, SOLVED)
    assert found.ok
    assert "✓ conforms" in str(found)
    assert found._repr_html_().startswith("<p>")


def test_what_it_does_not_take_is_no_exception_behind_a_right_answer() -> None:
    found = lesson.check("rnn_cell_step", step("np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)"))
    assert found.ok
    assert str(found).endswith(". Judged without batches: it does not take them.")


def test_the_notebook_around_it_is_looked_at() -> None:
    around = {"lesson": lesson, "rnn_cell_step": rnn_ref.rnn_cell_step}
    assert eval('lesson.check("rnn_cell_step")', around).ok
    assert eval("lesson.check(rnn_cell_step)", around).ok
    assert "not there yet" in str(eval('lesson.check("rnn_forward")', around))
    assert eval('lesson.check("rnn_forward")', around).mistake is None


def test_what_does_not_exist_is_said() -> None:
    for call in (lesson.check, lesson.error_map):
        with pytest.raises(ValueError, match=r"name is 'rnn_forwrd', did you mean rnn_forward\?"):
            call("rnn_forwrd")
        with pytest.raises(ValueError, match=r"name is 'qqqq', expected one of rnn_"):
            call("qqqq")
    with pytest.raises(ValueError, match=r"overlooked: function is 'rnn_cell', did you mean rnn_cell_step\?"):
        lesson.overlooked("rnn_cell")


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


def step(line: str) -> dict[str, Any]:
    """A cell's step whose last line is this, with names around it."""
    names: dict[str, Any] = {"np": np}
    exec(f"def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return {line}\n", names)
    return names


def test_an_exception_is_told_with_its_line_of_source(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import numpy as np\n\ndef rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return np.tanh(z_t)\n")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    found = lesson.check("rnn_cell_step", names)
    assert "mine.py:4: return np.tanh(z_t)" in str(found)
    assert "mine.py:4: return np.tanh(z_t)" in found._repr_html_()
    first, second = found.hints
    assert str(first).startswith("At mine.py:4: print the shapes of everything that stands in that line")
    assert "look: At mine.py:4" in str(found)
    assert str(second) == "h_t = tanh(W_xh x_t + W_hh h_prev + b_h)"


@pytest.mark.slow
def test_a_mistake_without_a_name_has_hints_too() -> None:
    found = lesson.check("rnn_cell_step", step("np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h) ** 3 + x_t[0] * h_prev[0]"))
    assert found.mistake is None
    told = " ".join(str(found).split())
    assert "At what makes h_t: compare it term by term with the formula" in told
    assert "`lesson.compare()`" in told
    forward = {"rnn_forward": lambda X_seq, h0, *weights: [h0 + t for t in range(len(X_seq))]}
    assert '`lesson.error_map("rnn_forward")` draws where it is off' in str(
        lesson.check("rnn_forward", forward).hints[0]
    )


def test_what_conforms_has_no_hints() -> None:
    found = lesson.check("rnn_cell_step", {"rnn_cell_step": rnn_ref.rnn_cell_step})
    assert (found.hints, found.right, found.right_sentence) == ([], [], "")


SHAPES = "every answer has the right shape"


@pytest.mark.parametrize(
    ("function", "wrong", "right"),
    [
        ("rnn_cell_backward", {"b_h": 2}, [SHAPES, "the gradients of x_t, h_prev, W_xh, W_hh"]),
        ("gru_cell_backward", {"h_prev": 2, "b_hh": 3}, [SHAPES, "the gradients of x_t, W_xh, W_hh, b_xh"]),
        ("lstm_cell_step", {"c_t": 2}, [SHAPES, "h_t"]),
    ],
)
def test_what_is_right_so_far_is_told(function: str, wrong: dict[str, float], right: list[str]) -> None:
    def candidate(*arguments: Any) -> Any:
        found = getattr(rnn_ref, function)(*arguments)
        return found._replace(**{name: factor * getattr(found, name) for name, factor in wrong.items()})

    found = lesson.check(function, {function: candidate})
    assert found.right == right
    assert f"Right so far: {'; '.join(right)}." in " ".join(str(found).split())
    assert "Right so far: " in found._repr_html_()


def test_kinds_and_steps_that_are_right_are_told() -> None:
    def rnn_forward(X_seq: Any, h0: Any, *weights: Any) -> Any:
        h_states = rnn_ref.rnn_forward(X_seq, h0, *weights)
        return h_states if h0.ndim == 1 else [*h_states[:1], *(h_t + 1e-3 for h_t in h_states[1:])]

    found = lesson.check("rnn_forward", {"rnn_forward": rnn_forward})
    assert re.match(rf"{SHAPES}; all \d+ checks of single sequences", "; ".join(found.right))
    assert found.right[-1] == "the first step"

    def raises(X_seq: Any, h0: Any, *weights: Any) -> Any:
        return rnn_forward(X_seq, h0, *weights) if len(X_seq) != 1 else rnn_forward(X_seq, h0)

    names = {"rnn_forward": raises}
    assert "the first step" not in lesson.check("rnn_forward", names).right  # of what raises nothing is known


def test_a_layout_and_claims_can_be_given() -> None:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        """Batches before time, and no h0."""
        swapped = X_seq.swapaxes(0, 1) if X_seq.ndim == 3 else X_seq
        h_states = np.array(rnn_ref.rnn_forward(swapped, 0 * h0, W_xh, W_hh, b_h))
        return h_states.swapaxes(0, 1) if X_seq.ndim == 3 else h_states

    names = {"rnn_forward": rnn_forward}
    assert not lesson.check("rnn_forward", names).ok
    found = lesson.check("rnn_forward", names, layout="batch-first", claims="no h0")
    assert found.ok
    assert str(found).endswith("As you said: layout batch-first; claims no h0.")
    last = {"rnn_forward": lambda *arguments: rnn_ref.rnn_forward(*arguments)[-1]}
    assert lesson.check("rnn_forward", last, returns="last").ok
    assert "conforms" in lesson.error_map("rnn_forward", names, layout="batch-first", claims="no h0").text
    with pytest.raises(ValueError, match="claims has 'no h_0'"):
        lesson.check("rnn_forward", names, claims="no h_0")


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_every_function_of_the_notebooks_has_a_formula(name: str) -> None:
    functions = re.findall(r"^```python scaffold\ndef (\w+)", notebooks.text_of(name), re.MULTILINE)
    assert set(functions) <= set(FUNCTIONS) & set(FORMULAS)


@pytest.mark.parametrize(
    ("formula", "html"),
    [
        ("h_t = tanh(z_t)", "<i>h</i><sub>t</sub> = tanh(<i>z</i><sub>t</sub>)"),
        ("dlogits_t = a < b", "dlogits<sub>t</sub> = <i>a</i> &lt; <i>b</i>"),
        ("h_t^2 * (1 - z)^2", "<i>h</i><sub>t</sub><sup>2</sup> ∘ (1 − <i>z</i>)<sup>2</sup>"),
        ("sigmoid(a) -> r", "σ(<i>a</i>) → <i>r</i>"),
        ("loss_backward(dloss)", "<code>loss_backward</code>(dloss)"),
    ],
)
def test_a_formula_is_set(formula: str, html: str) -> None:
    assert typeset(formula) == html


def test_all_formulas_can_be_set() -> None:
    for formula in [*(line for lines in FORMULAS.values() for line in lines), *(one.right for one in WORDS.values())]:
        text = re.sub(r"</?(?:i|sub|sup|code)>", "", typeset(formula))
        assert not re.search(r"[<>]", text)
        assert len(text) >= len(formula.split())
