"""What the instrument says of right, wrong, unfinished and ill-behaved implementations."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sampled import some
from unit_learner import LEARNER, STUB, edited, write

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.spec import OPERATIONS

CELL = "tanh(W_xh @ x_t + W_hh @ h_prev + b_h)"
STEP = "h = rnn_cell_step(x_t, h, W_xh, W_hh, b_h)"
MISTAKES = {
    "no-tanh": ("rnn_cell_step", (CELL, CELL.removeprefix("tanh"))),
    "sigmoid-for-tanh": ("rnn_cell_step", (CELL, f"1 / (1 + np.exp(-{CELL.removeprefix('tanh')}))")),
    "tanh-twice": ("rnn_cell_step", (CELL, f"tanh({CELL})")),
    "tanh-of-part": ("rnn_cell_step", (CELL, "tanh(W_xh @ x_t + b_h) + W_hh @ h_prev")),
    "bias-missing": ("rnn_cell_step", (" + b_h)", ")")),
    "bias-twice": ("rnn_cell_step", (" + b_h)", " + 2 * b_h)")),
    "bias-outside-tanh": ("rnn_cell_step", (" + b_h)", ") + b_h")),
    "W_hh-transposed": ("rnn_cell_step", ("W_hh @ h_prev", "W_hh.T @ h_prev")),
    "W_xh-transposed": ("rnn_cell_step", ("W_xh @ x_t", "W_xh.T @ x_t")),
    "weights-swapped": ("rnn_cell_step", ("W_xh @ x_t + W_hh @ h_prev", "W_hh @ x_t + W_xh @ h_prev")),
    "no-recurrence": ("rnn_cell_step", (" + W_hh @ h_prev", "")),
    "input-ignored": ("rnn_cell_step", ("W_xh @ x_t + ", "")),
    "outer-broadcast": ("rnn_cell_step", (" + b_h)", " + b_h[:, None])")),
    "h0-ignored": ("rnn_forward", ("h, h_states = h0, []", "h, h_states = 0 * h0, []")),
    "h0-every-step": ("rnn_forward", (STEP, STEP.replace("x_t, h,", "x_t, h0,"))),
    "starts-with-h0": ("rnn_forward", ("h, h_states = h0, []", "h, h_states = h0, [h0]")),
    "shifted-by-one": ("rnn_forward", (f"{STEP}\n        h_states.append(h)", f"h_states.append(h)\n        {STEP}")),
    "last-state-only": ("rnn_forward", ("return h_states\n", "return h\n")),
    "last-step-missing": ("rnn_forward", ("in X_seq:", "in X_seq[:-1]:")),
    "time-reversed": ("rnn_forward", ("in X_seq:", "in X_seq[::-1]:")),
    "all-zero": ("rnn_forward", ("h_states.append(h)", "h_states.append(0 * h)")),
    "returns-none": ("rnn_forward", ("return h_states\n", "h_states\n")),
    "output-bias-missing": ("rnn_output_layer", (" + b_y", "")),
    "tanh-in-output": ("rnn_output_layer", ("W_hy @ h + b_y", "tanh(W_hy @ h + b_y)")),
    "last-logits-only": ("rnn_output_layer", ("in h_states])", "in h_states[-1:]])")),
    "mean-over-steps": ("rnn_sequence_loss", ("return total", "return total / len(targets_seq)")),
    "targets-shifted": ("rnn_sequence_loss", ("(logits_seq, targets_seq):", "(logits_seq, np.roll(targets_seq, 1)):")),
    "sign": ("rnn_sequence_loss", ("return total", "return -total")),
    "last-step-only": ("rnn_sequence_loss", ("total += loss_fn", "total = loss_fn")),
    "ignores-loss-fn": (
        "rnn_sequence_loss",
        ("loss_fn(logits, target)", "np.log(np.exp(logits - logits[target]).sum())"),
    ),
}


def test_the_reference_conforms_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert f"ok: {len(OPERATIONS)} conforms" in capsys.readouterr().out


def test_a_learners_file_conforms_in_what_it_claims(tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, LEARNER))
    assert report.ok
    verdicts = {name: function.verdict for name, function in report.functions.items()}
    assert [name for name, verdict in verdicts.items() if verdict == "conforms"] == [
        "rnn_cell_step",
        "rnn_forward",
        "rnn_output_layer",
        "rnn_sequence_loss",
    ]
    assert set(verdicts.values()) == {"conforms", "missing"}


RIGHT_BUT = {"starts-with-h0", "mean-over-steps"}


@pytest.mark.parametrize("slug", some(MISTAKES, 1))
def test_a_mistake_of_the_catalogue_is_called_wrong(slug: str) -> None:
    function, edit = MISTAKES[slug]
    namespace: dict[str, Any] = {}
    exec(edited(edit), namespace)
    report = rnn_ref.check(namespace)
    found = report.functions[function]
    assert found.verdict == ("right-but" if slug in RIGHT_BUT else "wrong")
    assert (found.mistake, found.mistakes, found.only_mistake) == (slug, [slug], True)
    assert not report.ok


@pytest.mark.parametrize("slug", some(list(MISTAKES)[::3], 3))
def test_in_a_file_it_is_called_wrong_with_exit_code_1(
    slug: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    function, edit = MISTAKES[slug]
    assert main(["check", write(tmp_path, edited(edit))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:1] == [function] and line.split()[1] in {"wrong", "right-but"} for line in lines)
    assert any(f"({slug})" in line for line in lines)


def test_an_untouched_stub_is_not_implemented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, STUB)
    assert main(["check", path]) == 1
    report = rnn_ref.check(path)
    assert [function.verdict for function in report.functions.values() if function.verdict != "missing"] == [
        "not-implemented"
    ] * 4
    assert (report.planned, report.ran) == (report.skipped, 0)


def test_a_stub_beside_right_functions_still_fails(tmp_path: Path) -> None:
    report = rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step, "rnn_forward": _stub})
    assert not report.ok
    assert report.functions["rnn_forward"].verdict == "not-implemented"
    assert report.functions["rnn_cell_step"].verdict == "conforms"


def test_writing_into_an_input_is_blamed_before_the_numbers() -> None:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        states = rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
        h0[...] = states[-1]
        return states

    function = rnn_ref.check({"rnn_forward": rnn_forward}).functions["rnn_forward"]
    assert function.verdict == "mutates-input"
    assert function.explanation.endswith("writes into its argument h0; the numbers are right")


def test_float32_inside_is_low_precision_unless_claimed() -> None:
    def rnn_forward(*arguments: Any) -> Any:
        return rnn_ref.rnn_forward(*(a.astype(np.float32) for a in arguments))

    report = rnn_ref.check({"rnn_forward": rnn_forward})
    assert report.functions["rnn_forward"].verdict == "low-precision"
    assert report.functions["rnn_forward"].explanation.endswith("--dtype float32")
    assert not report.ok
    assert rnn_ref.check({"rnn_forward": rnn_forward}, dtype="float32").ok


def test_a_small_error_in_one_entry_is_wrong_and_not_low_precision() -> None:
    def rnn_forward(*arguments: Any) -> Any:
        states = rnn_ref.rnn_forward(*arguments)
        if len(states) > 1:
            states[1].flat[0] += 1e-9
        return states

    function = rnn_ref.check({"rnn_forward": rnn_forward}, dtype="float64").functions["rnn_forward"]
    found = (function.verdict, function.first_wrong_step, function.passed)
    assert found == ("wrong", 1, 2)  # those of one step are right


@pytest.mark.parametrize("factor", [1 + 1e-13, 1 + 1e-10])
def test_an_error_far_below_an_ulp_of_float32_is_wrong_and_not_low_precision(factor: float) -> None:
    def rnn_cell_step(*arguments: Any) -> Any:
        return rnn_ref.rnn_cell_step(*arguments) * arguments[0].dtype.type(factor)

    assert rnn_ref.check({"rnn_cell_step": rnn_cell_step}).functions["rnn_cell_step"].verdict == "wrong"


def test_float32_inside_a_loss_gradient_is_low_precision_though_most_entries_are_zero() -> None:
    def cross_entropy_backward(dloss: Any, logits: Any, targets: Any) -> Any:
        targets = targets.astype(np.float32) if np.asarray(targets).dtype.kind == "f" else targets
        return rnn_ref.cross_entropy_backward(dloss, logits.astype(np.float32), targets).astype(np.float64)

    report = rnn_ref.check({"cross_entropy_backward": cross_entropy_backward})
    assert report.functions["cross_entropy_backward"].verdict == "low-precision"


def test_one_maximum_for_all_rows_is_found_out() -> None:
    def cross_entropy(logits: Any, targets: Any) -> Any:
        shifted = logits - logits.max()
        picked = np.take_along_axis(shifted, np.asarray(targets)[..., None], -1)[..., 0]
        return np.mean(np.log(np.exp(shifted).sum(-1)) - picked)

    report = rnn_ref.check({"cross_entropy": cross_entropy}, only="cross_entropy/")
    assert {result.id for result in report.results if result.status == "failed"} >= {
        "cross_entropy/large-float64",
        "cross_entropy/batch-large-float64",
    }


def test_a_tensor_that_is_detached_first_is_an_array() -> None:
    class Tensor:
        def __init__(self, value: Any) -> None:
            self.value = value

        def detach(self) -> Any:
            return self.value

    def rnn_forward(*arguments: Any) -> Any:
        return [Tensor(h) for h in rnn_ref.rnn_forward(*arguments)]

    assert rnn_ref.check({"rnn_forward": rnn_forward}).ok


def test_half_precision_never_conforms() -> None:
    def rnn_forward(*arguments: Any) -> Any:
        states = rnn_ref.rnn_forward(*arguments)
        return [h.astype(np.float16).astype(h.dtype) for h in states]

    for dtype in ("float32", "float64"):
        found = rnn_ref.check({"rnn_forward": rnn_forward}, dtype=dtype).functions["rnn_forward"]
        assert found.verdict == "low-precision"
        assert "float16" in found.explanation


def test_a_higher_precision_answer_conforms() -> None:
    def rnn_forward(*arguments: Any) -> Any:
        return rnn_ref.rnn_forward(*(a.astype(np.float64) for a in arguments))

    assert rnn_ref.check({"rnn_forward": rnn_forward}).ok


def test_what_raises_everywhere_crashed_and_the_others_are_still_checked() -> None:
    def rnn_forward(*arguments: Any) -> Any:
        raise SystemExit(0)

    report = rnn_ref.check({"rnn_forward": rnn_forward, "rnn_cell_step": rnn_ref.rnn_cell_step})
    assert report.functions["rnn_forward"].verdict == "crashed"
    assert "SystemExit: 0" in report.functions["rnn_forward"].explanation
    assert report.functions["rnn_cell_step"].verdict == "conforms"


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        ("text", "has dtype <U4, expected floating-point numbers"),
        ([[1.0], [1.0, 2.0]], "is a ragged list: item 0 has shape (1,), item 1 has shape (2,)"),
        ((x for x in [1.0]), "is of type generator, expected an array of numbers or a list of them"),
        ([1.0, None], "is None: a forgotten return?"),
        (1j, "has dtype complex128"),
        (np.array([None, 1.0]), "is an array of objects, expected an array of numbers"),
    ],
)
def test_what_is_no_array_of_numbers_is_told_in_a_sentence(returned: Any, sentence: str) -> None:
    report = rnn_ref.check({"rnn_cell_step": lambda *arguments: returned})
    assert report.functions["rnn_cell_step"].verdict == "wrong"
    assert sentence in report.functions["rnn_cell_step"].explanation


def test_gradients_may_come_as_tuple_or_dict() -> None:
    def rnn_bptt(*arguments: Any, **options: Any) -> Any:
        loss, grads, h_T = rnn_ref.rnn_bptt(*arguments, **options)
        return {"loss": loss, "grads": grads._asdict(), "h_T": h_T}

    as_dict = {"rnn_bptt": rnn_bptt}
    as_tuple = {"rnn_backward": lambda *a: tuple(rnn_ref.rnn_backward(*a))}
    assert rnn_ref.check(as_dict).ok
    assert rnn_ref.check(as_tuple).ok


def test_swapped_gradients_and_missing_ones_are_told() -> None:
    swapped = {"rnn_cell_backward": lambda *a: rnn_ref.rnn_cell_backward(*a)[::-1]}
    fewer = {"rnn_cell_backward": lambda *a: rnn_ref.rnn_cell_backward(*a)[:4]}
    assert not rnn_ref.check(swapped).ok
    explanation = rnn_ref.check(fewer).functions["rnn_cell_backward"].explanation
    assert "returned 4 values, expected 5: x_t, h_prev, W_xh, W_hh, b_h; they have the shapes" in explanation


def test_stubs_are_known_in_every_form_and_decorated_functions_are_called() -> None:
    async def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any: ...

    @functools.singledispatch
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        raise NotImplementedError

    rnn_forward.register(np.ndarray)(rnn_ref.rnn_forward)
    report = rnn_ref.check({"rnn_cell_step": rnn_cell_step, "rnn_forward": rnn_forward, "rnn_backward": partial_stub})
    verdicts = {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}
    assert verdicts == {
        "rnn_cell_step": "not-implemented",
        "rnn_forward": "conforms",
        "rnn_backward": "not-implemented",
    }


def test_a_value_under_a_functions_name_is_told() -> None:
    report = rnn_ref.check({"rnn_forward": 5, "rnn_cell_step": rnn_ref.rnn_cell_step})
    assert report.functions["rnn_forward"].explanation.partition(" (")[0].endswith("of type int, expected a function")


def _stub(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """Nothing yet."""


partial_stub = functools.partial(_stub)


@pytest.mark.parametrize("others", [["dh-next-untransposed"], []])
def test_what_is_wrong_with_the_numbers_is_named_beside_an_argument_that_is_written_to(others: list[str]) -> None:
    def rnn_backward(
        dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any
    ) -> dict[str, Any]:
        grads = rnn_ref.rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh.T if others else W_hh, b_h)._asdict()
        for gradient in dh_states:
            np.multiply(gradient, 0.5, out=gradient)
        return grads

    found = rnn_ref.check({"rnn_backward": rnn_backward}).functions["rnn_backward"]
    assert (found.verdict, found.mistakes) == ("mutates-input", ["upstream-mutated", *others])
    assert found.only_mistake is not bool(others)
