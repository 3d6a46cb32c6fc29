"""Right numbers in another layout, or returned in another form: declared they conform, found out they are told."""

from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.judge.compare import compared
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.targets import layouts
from rnn_ref.conformance.targets.convention import Convention

CHECKS = frozen.load()[0]


def reversed_rows(a: Any) -> Any:
    return a[::-1] if a.ndim > 1 else a


def first_row_missing(a: Any) -> Any:
    return np.concatenate([0 * a[:1], a[1:]]) if a.ndim > 1 and len(a) > 1 else a


class InKeras:
    """Weights multiplied from the left, batches before time."""

    def rnn_cell_step(self, x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        return np.tanh(x @ kernel + h @ recurrent + bias)

    def rnn_forward(self, X: Any, h: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        states = []
        for t in range(X.shape[-2]):
            h = self.rnn_cell_step(X[..., t, :], h, kernel, recurrent, bias)
            states.append(h)
        return np.stack(states, axis=-2)

    def rnn_output_layer(self, states: Any, kernel: Any, bias: Any) -> Any:
        return np.asarray(states) @ kernel + bias


class InOnnx:
    """W (1, H, D), R (1, H, H), B (1, 2H), initial_h (1, B, H); Y (T, 1, B, H) and Y_h (1, B, H)."""

    def rnn_forward(self, X: Any, initial_h: Any, W: Any, R: Any, B: Any) -> Any:
        H = R.shape[-1]
        h, Y = initial_h[0], []
        for x in X:
            h = np.tanh(x @ W[0].T + h @ R[0].T + B[0, :H] + B[0, H:])
            Y.append(h)
        return np.stack(Y)[:, None], h[None]


class InTorch:
    """h0 (1, B, H), a pair as the result; the classes of a loss on axis 1."""

    def rnn_forward(self, X: Any, h0: Any, W: Any, U: Any, b: Any) -> Any:
        states = np.stack(rnn_ref.rnn_forward(X, h0[0], W, U, b))
        return states, states[-1:]

    def rnn_backward(self, dh: Any, h: Any, X: Any, h0: Any, W: Any, U: Any, b: Any) -> Any:
        grads = rnn_ref.rnn_backward(dh, h, X, h0[0], W, U, b)
        return {**grads._asdict(), "h0": grads.h0[None]}

    def cross_entropy(self, logits: Any, targets: Any, *, reduction: str = "mean") -> Any:
        z = np.moveaxis(logits, 1, -1) if logits.ndim > 2 else logits
        y = np.moveaxis(targets, 1, -1) if np.ndim(targets) > 2 else targets
        return rnn_ref.cross_entropy(z, y, reduction=reduction)


class BatchFirst:
    def rnn_forward(self, X: Any, h0: Any, W: Any, U: Any, b: Any) -> Any:
        if h0.ndim == 1:
            raise ValueError("batches only")
        return np.stack(rnn_ref.rnn_forward(X.swapaxes(0, 1), h0, W, U, b), axis=1)


OURS = {"keras": InKeras, "onnx": InOnnx, "torch": InTorch, "batch-first": BatchFirst}


@pytest.mark.parametrize("name", OURS)
def test_a_declared_layout_conforms(name: str) -> None:
    report = rnn_ref.check(OURS[name](), layout=name)
    assert report.ok, str(report)
    assert report.ran > report.skipped / 4


@pytest.mark.parametrize("name", OURS)
def test_an_undeclared_layout_is_found_out_and_named(name: str) -> None:
    report = rnn_ref.check(OURS[name]())
    assert not report.ok
    for function in report.functions.values():
        if function.verdict not in {"missing", "conforms"}:
            assert (function.verdict, function.mistake) == ("right-but", f"layout-{name}")
            assert f"--layout {name}" in function.explanation
    assert report.functions["rnn_forward"].verdict == "right-but"


@pytest.mark.parametrize("name", OURS)
def test_a_mistake_in_a_layout_is_a_mistake(name: str) -> None:
    class Without(OURS[name]):  # type: ignore[misc]
        def rnn_forward(self, X: Any, h0: Any, W: Any, U: Any, b: Any) -> Any:
            return super().rnn_forward(X, 0 * h0, W, U, b)

    assert rnn_ref.check(Without(), layout=name).functions["rnn_forward"].verdict == "wrong"
    assert rnn_ref.check(Without()).functions["rnn_forward"].verdict in {"wrong", "crashed"}


def test_one_transposed_weight_is_no_layout() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return np.tanh(x_t @ W_xh.T + h_prev @ W_hh + b_h)

    def rnn_output_layer(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        return np.asarray(h_states) @ W_hy + b_y

    report = rnn_ref.check({"rnn_cell_step": rnn_cell_step, "rnn_output_layer": rnn_output_layer})
    assert report.functions["rnn_cell_step"].verdict == "wrong"
    assert report.functions["rnn_output_layer"].verdict in {"wrong", "crashed"}


def test_both_halves_of_the_bias_count() -> None:
    class OneHalf(InOnnx):
        def rnn_forward(self, X: Any, initial_h: Any, W: Any, R: Any, B: Any) -> Any:
            return super().rnn_forward(X, initial_h, W, R, np.tile(B[:, : R.shape[-1]], 2))

    assert not rnn_ref.check(OneHalf(), layout="onnx").ok


@pytest.mark.parametrize("layout", layouts.LAYOUTS)
def test_there_and_back_is_where_it_began(layout: str) -> None:
    for check in CHECKS:
        for name, value in check.arguments.items():
            if isinstance(value, np.ndarray) and value.ndim and name != "b_h":
                spoken = layouts.there(layout, check, name, value)
                again = layouts.back(layout, check, name, spoken)
                assert np.array_equal(again, value, equal_nan=value.dtype.kind == "f"), (check.id, name)


def test_class_probabilities_have_their_classes_where_the_logits_have_them() -> None:
    batches = [check for check in CHECKS if "probabilities" in check.flags and check.rank == "batch"]
    assert batches
    for check in batches:
        spoken = [layouts.there("torch", check, name, check.arguments[name]).shape for name in ("logits", "targets")]
        assert spoken[0] == spoken[1] != check.arguments["logits"].shape


def test_writing_into_a_transposed_copy_is_seen() -> None:
    class Careless(InKeras):
        def rnn_forward(self, X: Any, h: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
            states = super().rnn_forward(X, h, kernel, recurrent, bias)
            recurrent *= 0.5
            return states

    report = rnn_ref.check(Careless(), layout="keras").functions["rnn_forward"]
    assert report.verdict == "mutates-input"
    assert "W_hh" in report.explanation


def my_layout(name: str, candidate: Any) -> Any:
    """Translate a function that takes its weights first."""

    def translated(x_t: Any, h_prev: Any, *weights: Any) -> Any:
        return candidate(*weights, x_t, h_prev)

    return translated


def weights_first(one: Any, two: Any, three: Any, *others: Any) -> Any:
    return rnn_ref.rnn_cell_step(*others, one, two, three)


def test_a_translation_of_ones_own() -> None:
    assert not rnn_ref.check({"rnn_cell_step": weights_first}).ok
    assert rnn_ref.check({"rnn_cell_step": weights_first}, layout=my_layout).ok


def test_a_translation_named_on_the_command_line(tmp_path: Any) -> None:
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "def rnn_cell_step(W_xh, W_hh, b_h, x_t, h_prev):\n    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)\n"
        "def layout(name, candidate):\n    return lambda x, h, *weights: candidate(*weights, x, h)\n"
    )
    target = str(tmp_path / "mine.py")
    assert rnn_ref.check(target, layout=f"{target}:layout").ok
    for lost in (f"{target}:nothing", "no_such_module:layout"):
        with pytest.raises(rnn_ref.conformance.TargetError, match="layout"):
            rnn_ref.check(target, layout=lost)


def last(*arguments: Any) -> Any:
    return rnn_ref.rnn_forward(*arguments)[-1]


def pair(*arguments: Any) -> Any:
    states = np.stack(rnn_ref.rnn_forward(*arguments))
    return states, states[-1:]


def test_the_last_state_alone_conforms_where_it_is_declared() -> None:
    assert rnn_ref.check({"rnn_forward": last}, returns="last").ok
    assert rnn_ref.check({"rnn_forward": last}).functions["rnn_forward"].verdict == "wrong"
    assert not rnn_ref.check({"rnn_forward": lambda *a: last(*a) * (1 + 1e-5)}, returns="last").ok
    assert not rnn_ref.check({"rnn_forward": rnn_ref.rnn_forward}, returns="last").ok


def test_a_pair_conforms_where_it_is_declared_and_is_told_where_not() -> None:
    assert rnn_ref.check({"rnn_forward": pair}, returns="pair").ok
    found = rnn_ref.check({"rnn_forward": pair}).functions["rnn_forward"]
    assert (found.verdict, found.mistake) == ("right-but", "returns-pair")
    assert not rnn_ref.check({"rnn_forward": lambda *a: (pair(*a)[0], a[1])}, returns="pair").ok
    assert not rnn_ref.check({"rnn_forward": lambda *a: (pair(*a)[0] * 1.001, pair(*a)[1])}, returns="pair").ok
    assert "declared was a pair" in str(rnn_ref.check({"rnn_forward": last}, returns="pair"))


def test_answers_without_the_layouts_axes_are_misshapen_not_a_crash() -> None:
    check = next(check for check in CHECKS if check.id == "rnn_forward/generic-float64")
    outcome = perform(lambda *a: np.float64(1), check, Convention("onnx"))
    assert outcome.error is None
    assert np.shape(outcome.answers["h_states"]) == ()


def test_a_vector_without_the_layouts_axis_stays_an_array() -> None:
    check = next(check for check in CHECKS if check.id == "rnn_backward/single-float32")
    answers = {name: layouts.back("onnx", check, name, array) for name, array in check.expected.items()}
    assert {type(answer) for answer in answers.values()} == {np.ndarray}  # a float would not come through
    assert {one.name for one in compared(check, answers) if one.problem} >= {"h0"}


@pytest.mark.parametrize(
    ("option", "value"), [("layout", "tensorflow"), ("returns", "first"), ("oracle", "jax"), ("seed", -1)]
)
def test_options_that_do_not_exist(option: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"check: {option} is"):
        rnn_ref.check(**{option: value})


@pytest.mark.parametrize("spoilt", [reversed_rows, first_row_missing, lambda a: a.mean(0) + 0 * a if a.ndim > 1 else a])
def test_what_is_wrong_in_batches_alone_is_no_layout_in_which_batches_raise(spoilt: Any) -> None:
    def rnn_backward(*arguments: Any) -> Any:
        grads = right("rnn_backward")(*map(np.asarray, arguments))
        return (grads[0], spoilt(grads[1]), *grads[2:])

    found = rnn_ref.check({"rnn_backward": rnn_backward}).functions["rnn_backward"]
    assert (found.verdict, (found.mistake or "").startswith("layout")) == ("wrong", False)


def test_a_layout_is_tried_on_small_checks_first() -> None:
    """Arrays in a layout that is not meant can lead to answers that grow with every step."""
    lengths = []

    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        lengths.append(len(X_seq))
        return np.asarray(rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)) * 0.9 + 0.1 * W_hh.sum() ** 2

    assert rnn_ref.check({"rnn_forward": rnn_forward}).functions["rnn_forward"].mistake is None
    planned = [len(check.arguments["X_seq"]) for check in CHECKS if check.function == "rnn_forward"]
    assert sum(length > 100 for length in lengths) == 2 * sum(length > 100 for length in planned)
