"""Given arrays: what is right passes at any size, what is off by four times what is allowed does not."""

import numpy as np
import pytest
from sampled import some
from unit_given import CASES, IDS, answered, drawn, sizes, wide

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.losses.callables import CALLABLES
from rnn_ref.conformance.spec.tolerance import allowed_errors

DTYPES = ("float32", "float64")


def question(case, dtype, seed):
    name, options = CASES[case]
    rng = np.random.default_rng([seed, case, len(dtype)])
    return name, drawn(name, dtype, rng, sizes(rng), options), options


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", range(len(CASES)), ids=IDS)
def test_the_reference_conforms_at_random_sizes(case, dtype):
    for seed in range(8):
        name, inputs, options = question(case, dtype, seed)
        measured = rnn_ref.measure(name, inputs, answered(name, inputs, options), **options)
        assert measured.ok, (seed, str(measured))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", range(len(CASES)), ids=IDS)
def test_so_does_the_base_whose_sums_are_in_another_order_and_what_is_rounded_from_float64(case, dtype):
    for seed in range(4):
        name, inputs, options = question(case, dtype, seed)
        given = {one: CALLABLES[value] if isinstance(value, str) else value for one, value in inputs.items()}
        rnn_ref.assert_conforms(name, inputs, right(name)(**given, **options), **options)
        if not OPERATIONS[name].states:  # states are judged from the rounded ones before them
            exact = {output: a.astype(dtype) for output, a in answered(name, wide(inputs), options).items()}
            rnn_ref.assert_conforms(name, inputs, exact, **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", some(range(len(CASES)), 3), ids=IDS)
def test_four_times_what_is_allowed_is_wrong_in_any_entry(case, dtype):
    for seed in range(3):
        name, inputs, options = question(case, dtype, seed)
        answers = {output: a.astype(np.float64) for output, a in answered(name, inputs, options).items()}
        allowed = rnn_ref.allowed_error(name, inputs, **options)
        assert allowed.keys() == answers.keys()
        rng = np.random.default_rng(seed)
        for output, answer in answers.items():
            assert allowed[output].shape == answer.shape
            place = tuple(int(rng.integers(size)) for size in answer.shape)
            for sign in (-4, 4):
                planted = answer.copy()
                planted[place] += sign * allowed[output][place]
                measured = rnn_ref.measure(name, inputs, answers | {output: planted}, **options)
                wrong = next(one for one in measured.outputs if one.output == output)
                assert not wrong.ok
                assert wrong.ratio > 2
                assert OPERATIONS[name].states or (wrong.index, wrong.wrong) == (place, 1)
                with pytest.raises(AssertionError, match=f"{output}: off by "):
                    rnn_ref.assert_conforms(name, inputs, answers | {output: planted}, **options)


REFUSED = "nan-batch-float32"  # given arrays take finite numbers alone
CHECKS = [check for check in frozen.load()[0] if not check.forms and check.case != REFUSED][::7]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_what_is_allowed_is_what_a_check_of_the_suite_allows(check):
    inputs = {**check.arguments, **check.options}
    found, frozen_ones = rnn_ref.allowed_error(check.function, inputs), allowed_errors(check)
    here = allowed_errors(check.asking(check.arguments))  # plain arithmetic rounds in another order on another machine
    for output in check.expected:
        tiny = 2 * float(np.finfo("f").tiny)
        np.testing.assert_allclose(found[output], here[output], rtol=1e-6, atol=tiny)
        np.testing.assert_array_less(found[output], 4 * frozen_ones[output] + tiny)
        np.testing.assert_array_less(frozen_ones[output], 4 * found[output] + tiny)


def test_states_are_compared_with_one_exact_step_so_one_wrong_state_is_one_wrong_step():
    _, inputs, _ = question(IDS.index("rnn_forward"), "float64", 1)
    states = answered("rnn_forward", inputs)["h_states"]
    assert len(states) > 3
    states[2] = np.tanh(states[2] + 0.1)
    for t in range(3, len(states)):
        step = {"x_t": inputs["X_seq"][t], "h_prev": states[t - 1]}
        states[t] = rnn_ref.rnn_cell_step(**step, **{name: inputs[name] for name in ("W_xh", "W_hh", "b_h")})
    measured = rnn_ref.measure("rnn_forward", inputs, states)
    assert measured.index[0] == measured.first_wrong_step == 2
    assert measured.outputs[0].wrong == states[2].size


def test_a_gradient_that_is_computed_from_the_end_is_wrong_from_its_last_wrong_step_on():
    name = "rnn_backward"
    inputs = drawn(name, "float32", np.random.default_rng(0), {"T": 6, "B": 0, "D": 4, "H": 5, "V": 2})
    answers = answered(name, inputs)
    answers["X_seq"][:3] *= 1.01
    assert rnn_ref.measure(name, inputs, answers).first_wrong_step == 2


def test_the_last_state_alone_is_judged_beside_all_and_without_them():
    _, inputs, _ = question(IDS.index("gru_forward"), "float32", 0)
    states = answered("gru_forward", inputs)["h_states"]
    rnn_ref.assert_conforms("gru_forward", inputs, {"h_states": states, "h_T": states[-1]})
    rnn_ref.assert_conforms("gru_forward", inputs, {"h_T": states[-1]})
    for got in ({"h_T": states[-1] + 1e-4}, {"h_states": states, "h_T": states[-1] + 1e-4}):
        with pytest.raises(AssertionError, match=r"h_T: off by 0\.0001"):
            rnn_ref.assert_conforms("gru_forward", inputs, got)


def test_states_without_the_memories_beside_them_are_refused_with_what_can_be_judged():
    _, inputs, _ = question(IDS.index("lstm_forward"), "float32", 0)
    answers = answered("lstm_forward", inputs)
    for name, other in (("h_states", "c_states"), ("c_states", "h_states")):
        with pytest.raises(ValueError, match=f"lstm_forward: got has no {other}, .*; h_T, the last state, is judged"):
            rnn_ref.assert_conforms("lstm_forward", inputs, {name: answers[name]})
    rnn_ref.assert_conforms("lstm_forward", inputs, {"h_T": answers["h_states"][-1]})


MISTAKES = {
    "no bias": lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T),
    "W_hh transposed": lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U + b),
    "1e-3 off": lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T + b) * np.float32(1.001),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("size", [1, 3, 17, 64])
def test_a_kernel_with_a_mistake_does_not_pass_in_float32(mistake, size):
    for seed in range(5):
        rng = np.random.default_rng([seed, size])
        inputs = drawn("rnn_cell_step", "float32", rng, {"T": 1, "B": 2, "D": 5, "H": size + 1, "V": 2})
        with pytest.raises(AssertionError, match="h_t: off by"):
            rnn_ref.assert_conforms("rnn_cell_step", inputs, MISTAKES[mistake](*inputs.values()))


SLOPES = {
    "1 - h": lambda h: 1 - h,
    "1 + h squared": lambda h: 1 + h * h,
    "1e-3 off": lambda h: (1 - h * h) * np.float32(1.001),
}


@pytest.mark.parametrize("slope", SLOPES)
def test_nor_do_gradients_with_a_wrong_slope(slope):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        inputs = drawn("rnn_backward", "float32", rng, {"T": 12, "B": 3, "D": 4, "H": 9, "V": 2})
        dh_states, h_states, X_seq, h0, W, U, _ = inputs.values()
        before, dh, dX = np.concatenate([h0[None], h_states[:-1]]), 0 * h0, 0 * X_seq
        dW, dU, db = 0 * W, 0 * U, 0 * W[:, 0]
        for t in reversed(range(len(X_seq))):
            dz = (dh_states[t] + dh) * SLOPES[slope](h_states[t])
            dW, dU, db = dW + dz.T @ X_seq[t], dU + dz.T @ before[t], db + dz.sum(0)
            dX[t], dh = dz @ W, dz @ U
        measured = rnn_ref.measure("rnn_backward", inputs, (dX, dh, dW, dU, db))
        assert not any(one.ok for one in measured.outputs)
        assert measured.first_wrong_step == 11
