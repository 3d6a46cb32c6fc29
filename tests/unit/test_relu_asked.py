"""max(0, ·) in the place of tanh, asked by the instrument: of whom, with which probes, and what is wrong with it."""

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.cases.held import held_checks
from rnn_ref.conformance.numbers.bounded import bounded
from rnn_ref.conformance.numbers.exact import Exact, in_use
from rnn_ref.conformance.numbers.gradients import Asked, plain
from rnn_ref.conformance.spec import OPERATIONS, recurrent
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.inputs.kinks import GAP, gap
from rnn_ref.conformance.spec.stack.allowance.gradients import moved
from rnn_ref.conformance.spec.stack.going_back import asked_back

RELU = {"activation": "relu"}
CHECKS = all_questions(None, "vectors", ["relu-1"])
FUNCTIONS = ("rnn_cell_step", "rnn_forward", "rnn_cell_backward", "rnn_backward", "rnn_bptt")
READ = """
    import numpy as np

    def rnn_step_forward(x, prev_h, Wx, Wh, b):
        next_h = {f}
        return next_h, (x, prev_h, Wx, Wh, next_h)

    def rnn_step_backward(dnext_h, cache):
        x, prev_h, Wx, Wh, next_h = cache
        dz = dnext_h * ({slope})
        return dz @ Wx.T, dz @ Wh.T, x.T @ dz, prev_h.T @ dz, dz.sum(0)
"""
SUM = "x @ Wx + prev_h @ Wh + b"


def test_probes_keep_away_from_where_the_slope_jumps_and_have_units_that_are_off() -> None:
    assert {check.function for check in CHECKS} == {*FUNCTIONS}
    for check in CHECKS:
        assert check.options["activation"] == "relu"
        if check.function == "rnn_forward":
            cell, asked = recurrent.asked_of(check.operation, check.arguments, check.options)
            assert gap(cell, asked.X_seq, asked.states0, asked.weights) > GAP
            assert (check.expected["h_states"] > 0).any()
            assert (check.expected["h_states"] == 0).any() or "long" in check.case


def test_a_network_with_weights_of_its_own_is_asked_apart_from_the_jump() -> None:
    rng = np.random.default_rng(0)
    weights = {"W_xh": rng.normal(size=(6, 4)), "W_hh": rng.normal(size=(6, 6)) / 3, "b_h": rng.normal(size=6)}
    for check in held_checks(["rnn_backward"], weights, RELU):
        cell, asked = recurrent.asked_of(check.operation, check.arguments, check.options)
        assert gap(cell, asked.X_seq, asked.states0, asked.weights) > GAP


def test_a_bounded_number_near_the_jump_may_be_on_either_side() -> None:
    kind = bounded("float32")
    made = kind(np.array([[1.0, -1.0, 1e-9, -1e-9]]), e=1e-8).relu()
    np.testing.assert_array_equal(made.v, [[1.0, 0.0, 1e-9, 0.0]])
    np.testing.assert_allclose(made.error(), [[1e-8, 0.0, 1e-8, 1e-8 - 1e-9]], rtol=1e-9)


def test_exact_numbers_are_cut_off_exactly() -> None:
    with in_use("decimal", 50):
        made = Exact.lift([[-0.5, 0.0, 0.25]]).relu()
        assert [float(one) for one in made.a[0]] == [0.0, 0.0, 0.25]


def test_who_does_not_declare_the_option_hears_nothing_of_it() -> None:
    plain = {"rnn_cell_step": lambda x_t, h_prev, W_xh, W_hh, b_h: np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)}
    report = rnn_ref.check(plain)
    assert report.ok
    assert not any("relu" in result.id for result in report.results)


def test_an_option_that_takes_functions_is_another() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any, activation: Any = np.tanh) -> Any:
        return activation(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)

    report = rnn_ref.check(rnn_cell_step)
    assert report.ok
    assert not any("relu" in result.id for result in report.results)


def test_who_raises_at_relu_does_not_take_it() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any, activation: str = "tanh") -> Any:
        if activation != "tanh":
            raise ValueError(activation)
        return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)

    report = rnn_ref.check(rnn_cell_step)
    assert report.functions["rnn_cell_step"].verdict == "conforms"
    assert "activation='relu': not asked, they raise ValueError" in str(report)


def test_the_reference_is_asked_and_the_report_names_the_suite() -> None:
    report = rnn_ref.check(only="rnn_cell_step")
    assert report.ok
    assert sum("relu" in result.id for result in report.results) == 8
    assert report.to_dict()["suites"] == ["1", "relu-1"]


def _without_effect(function: str) -> Any:
    def candidate(*arguments: Any, activation: str = "tanh") -> Any:
        return right(function)(*arguments)

    return candidate


@pytest.mark.parametrize(
    ("function", "slug"),
    [("rnn_cell_step", "tanh-for-relu"), ("rnn_forward", "tanh-for-relu"), ("rnn_backward", "tanh-slope-for-relu")],
)
def test_an_option_without_effect_has_a_name(function: str, slug: str) -> None:
    report = rnn_ref.check({function: _without_effect(function)}, only="relu")
    assert report.functions[function].mistake == slug


def test_a_leak_is_solved_for() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any, *, activation: str = "tanh") -> Any:
        z_t = x_t @ W_xh.T + h_prev @ W_hh.T + b_h
        return np.tanh(z_t) if activation == "tanh" else np.where(z_t > 0, z_t, z_t / 20)

    found = rnn_ref.check(rnn_cell_step).functions["rnn_cell_step"]
    assert (found.mistake, found.only_mistake) == ("leaky-relu", True)
    assert "1/20" in found.explanation


def _read(tmp_path: Path, f: str, slope: str) -> Any:
    target = tmp_path / "dialect.py"
    target.write_text(textwrap.dedent(READ.format(f=f, slope=slope)), encoding="utf-8")
    return rnn_ref.check(str(target))


@pytest.mark.parametrize("f", [f"np.maximum(0, {SUM})", f"({SUM}).clip(0)", f"({SUM}) * (({SUM}) > 0)"])
def test_foreign_code_with_relu_is_read_as_that(tmp_path: Path, f: str) -> None:
    report = _read(tmp_path, f, "next_h > 0")
    assert report.ok
    assert "rnn_cell_backward" in report.functions
    assert report.functions["rnn_cell_step"].reading.endswith(", relu")


@pytest.mark.parametrize(
    ("f", "slope", "function", "slug"),
    [
        (f"np.maximum(0, {SUM} + b)", "next_h > 0", "rnn_cell_step", "bias-twice"),
        (f"np.maximum(0, {SUM})", "1 - next_h**2", "rnn_cell_backward", "tanh-slope-for-relu"),
        (f"np.maximum(0, {SUM})", "1", "rnn_cell_backward", "no-slope"),
        (f"np.tanh({SUM})", "next_h > 0", "rnn_cell_backward", "slope-of-relu"),
    ],
)
def test_what_is_wrong_in_foreign_code_with_relu_has_its_name(
    tmp_path: Path, f: str, slope: str, function: str, slug: str
) -> None:
    assert _read(tmp_path, f, slope).functions[function].mistake == slug


def test_given_arrays_of_relu_are_judged() -> None:
    rng = np.random.default_rng(1)
    inputs = {
        "X_seq": rng.normal(size=(20, 3, 9)),
        "h0": rng.random((3, 12)),
        "W_xh": rng.normal(size=(12, 9)) / 3,
        "W_hh": rng.normal(size=(12, 12)) / 4,
        "b_h": rng.normal(size=12),
    }
    states = np.stack(rnn_ref.rnn_forward(*inputs.values(), activation="relu"))
    rnn_ref.assert_conforms("rnn_forward", inputs, states, activation="relu")
    with pytest.raises(AssertionError):
        rnn_ref.assert_conforms("rnn_forward", inputs, states + 1e-9 * (states > 0), activation="relu")


@pytest.mark.parametrize(("activation", "moves"), [("relu", True), ("tanh", False)])
def test_a_way_back_whose_slopes_do_not_move_with_the_states_is_rounded_at_random_itself(
    activation: str, *, moves: bool
) -> None:
    rng, cell = np.random.default_rng(3), OPERATIONS["rnn_backward"].equation({"activation": activation})
    shapes = {"W_xh": (6, 4), "W_hh": (6, 6), "b_h": (6,)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    X_seq, h0, above, h_states = (rng.normal(size=shape) for shape in ((5, 3, 4), (3, 6), (5, 3, 6), (5, 3, 6)))
    given = np.stack([np.abs(h_states) / 4] * 4)  # the same states in every run
    found = plain(cell, Asked([above], [given], X_seq, [h0], weights))
    assert all(len({one.tobytes() for one in every[: len(given)]}) > 1 for every in found) is moves


@pytest.mark.parametrize(("case", "moves"), [("two-relu-float64", True), ("two-float64", False)])
def test_so_is_that_of_a_stack(case: str, *, moves: bool) -> None:
    check = next(one for one in all_questions(None, "vectors", ["stack-1"]) if one.id == f"stack_backward/{case}")
    asked, _ = asked_back(check.options, *check.operation.handed(check.arguments))
    assert (moved(asked, 4).rng is not None) is moves
