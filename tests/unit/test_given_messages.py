"""What is given wrongly is told with function, argument, actual and expected; what cannot be judged with the reason."""

import re

import numpy as np
import pytest
from unit_given import answered, drawn

import rnn_ref
from rnn_ref.conformance import Measured, UndecidedError
from rnn_ref.conformance.spec.losses.callables import total_cross_entropy

SIZE = {"T": 5, "B": 2, "D": 3, "H": 4, "V": 6}


def given(name, size=SIZE, dtype="float32", seed=0):
    inputs = drawn(name, dtype, np.random.default_rng(seed), size)
    return inputs, answered(name, inputs)


STEP, H_T = given("rnn_cell_step")
LOSS, NATS = given("cross_entropy")
BACK, GRADIENTS = given("rnn_backward")
REFUSED = {
    "an unknown function": (
        ValueError, ("rnn_foward", STEP, H_T), {}, "measure: function is 'rnn_foward', did you mean rnn_forward?"
    ),
    "a function like no other": (
        ValueError, ("qqqq", STEP, H_T), {}, "measure: function is 'qqqq', expected one of rnn_"
    ),
    "an argument under another name": (
        ValueError, ("rnn_cell_step", {"Wxh" if one == "W_xh" else one: a for one, a in STEP.items()}, H_T), {},
        "measure: inputs has no W_xh, but Wxh, expected rnn_cell_step's arguments: x_t, h_prev, W_xh, W_hh, b_h",
    ),
    "a misspelt option": (
        TypeError, ("cross_entropy", LOSS, NATS), {"weigth": None}, "label_smoothing, did you mean weight?"
    ),
    "a misspelt output": (
        ValueError, ("rnn_cell_step", STEP, {"ht": H_T}), {}, "got has ht, expected some of h_t, did you mean h_t?"
    ),
    "a stack": (
        NotImplementedError, ("stack_forward", (), None), {},
        "measure: stack_forward is judged by the checks of its suite alone, for lists and tuples of arrays are not ",
    ),
    "a missing argument": (
        ValueError, ("rnn_cell_step", {"x_t": STEP["x_t"]}, H_T), {},
        "measure: inputs has no h_prev, W_xh, W_hh, b_h, expected rnn_cell_step's arguments: x_t, h_prev, W_xh, W",
    ),
    "too few": (
        ValueError, ("rnn_cell_step", tuple(STEP.values())[:3], H_T), {},
        "measure: inputs has 3 values, expected 5, rnn_cell_step's arguments: x_t, h_prev, W_xh, W_hh, b_h",
    ),
    "no inputs": (
        TypeError, ("rnn_cell_step", 3, H_T), {}, "measure: inputs is of type int, expected a dict or a tuple of "
    ),
    "an unknown option": (
        TypeError, ("cross_entropy", LOSS, NATS), {"weigth": None},
        "measure: weigth is no argument and no option of cross_entropy, expected its options weight, ignore_index, ",
    ),
    "an option of a function without": (
        TypeError, ("rnn_output_layer", given("rnn_output_layer")[0], H_T), {"bias": False},
        "measure: bias is no argument and no option of rnn_output_layer, expected none, for it has no options",
    ),
    "an option's value": (
        ValueError, ("cross_entropy", LOSS | {"reduction": "average"}, NATS), {},
        "cross_entropy: reduction is 'average', expected one of none, mean, sum",
    ),
    "a shape": (
        ValueError, ("rnn_cell_step", STEP | {"W_hh": STEP["W_xh"]}, H_T), {},
        "rnn_cell_step: W_hh has shape (4, 3), expected (H, H); both axes equal",
    ),
    "integers": (
        TypeError, ("rnn_cell_step", STEP | {"x_t": np.ones((2, 3), int)}, H_T), {},
        "rnn_cell_step: x_t has dtype int64, expected floating-point numbers; x_t.astype(np.float32) converts",
    ),
    "no numbers": (
        TypeError, ("rnn_cell_step", STEP | {"x_t": "abc"}, H_T), {},
        "rnn_cell_step: x_t is an array of dtype <U3, expected numbers of dtype float64, float32, bfloat16, float16",
    ),
    "complex ones": (
        TypeError, ("rnn_cell_step", STEP | {"b_h": 1j * STEP["b_h"]}, H_T), {},
        "rnn_cell_step: b_h is an array of dtype complex",
    ),
    "None": (TypeError, ("rnn_cell_step", STEP | {"h_prev": None}, H_T), {}, "rnn_cell_step: h_prev is None"),
    "ragged rows": (
        TypeError, ("rnn_forward", given("rnn_forward")[0] | {"X_seq": [np.ones(2), np.ones(3)]}, H_T), {},
        "rnn_forward: X_seq is a ragged list: item 0 has shape (2,), item 1 has shape (3,)",
    ),
    "nan": (
        ValueError, ("rnn_cell_step", STEP | {"b_h": np.array([0, np.nan, 0, 0], "f")}, H_T), {},
        "rnn_cell_step: b_h is nan at [1], expected finite numbers up to 3.4028e+38, the largest of float32",
    ),
    "more than the format holds": (
        ValueError, ("rnn_cell_step", STEP | {"b_h": np.full(4, 7e4, "f")}, H_T), {"precision": "float16"},
        "rnn_cell_step: b_h is 70000.0 at [0], expected finite numbers up to 65504, the largest of float16",
    ),
    "an unknown precision": (
        ValueError, ("rnn_cell_step", STEP, H_T), {"precision": "fp16"},
        "measure: precision is 'fp16', expected one of float64, float32, tf32, bfloat16, float16",
    ),
    "sums coarser than terms": (
        ValueError, ("rnn_cell_step", STEP, H_T), {"precision": "float32", "accumulate": "bfloat16"},
        "measure: accumulate is 'bfloat16', coarser than precision 'float32', expected sums that are at least as fine",
    ),
    "a loss of one's own": (
        ValueError, ("rnn_sequence_loss", given("rnn_sequence_loss")[0] | {"loss_fn": len}, 1.0), {},
        "rnn_sequence_loss: loss_fn is len, expected rnn_ref.cross_entropy, its backward, or one of total_cro",
    ),
    "a target beyond": (
        ValueError, ("cross_entropy", LOSS | {"targets": LOSS["targets"] + 6}, NATS), {},
        "expected 0 to 5 or ignore_index=-100",
    ),
    "an unknown output": (
        ValueError, ("rnn_backward", BACK, {"W_hx": 1}), {},
        "rnn_backward: got has W_hx, expected some of X_seq, h0, W_xh, W_hh, b_h",
    ),
    "no output": (ValueError, ("rnn_backward", BACK, {}), {}, "rnn_backward: got is empty, expected some of X_seq"),
    "one for many": (
        ValueError, ("rnn_backward", BACK, np.ones(3)), {}, "rnn_backward: got returned a ndarray, expected 5: X_seq, ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_given_wrongly_is_told(case):
    error, arguments, options, text = REFUSED[case]
    with pytest.raises(error, match=re.escape(text)):
        rnn_ref.measure(*arguments, **options)


def test_the_function_that_was_called_is_named():
    for function, arguments in ((rnn_ref.assert_conforms, (STEP, H_T)), (rnn_ref.allowed_error, (STEP,))):
        with pytest.raises(ValueError, match=f"^{function.__name__}: precision is 'half'"):
            function("rnn_cell_step", *arguments, precision="half")


def test_the_sentences_say_where_how_far_and_what_was_right():
    wrong = GRADIENTS | {"W_hh": GRADIENTS["W_hh"].copy(), "X_seq": GRADIENTS["X_seq"].copy()}
    wrong["W_hh"][3, 1] += 1
    wrong["X_seq"][:2] *= 1.01
    measured = rnn_ref.measure("rnn_backward", BACK, wrong)
    lines = str(measured).splitlines()
    assert lines[0] == "rnn_backward does not conform in float32"
    assert re.fullmatch(
        r"  W_hh: off by 1(\.0)? at \[3, 1\], allowed \d\.\de-\d\d; 1 of 16 entries; returned \S+, due \S+", lines[1]
    )
    assert re.fullmatch(r"  X_seq: off by .* at \[[01], \d, \d\], .* entries; first wrong step 1; .*", lines[2])
    assert lines[3] == "  right: h0, W_xh, b_h"
    assert isinstance(measured, Measured)
    assert (measured.output, measured.index, measured.first_wrong_step) == ("W_hh", (3, 1), 1)
    assert measured.ratio == measured.error / measured.allowed == measured.worst.ratio
    with pytest.raises(AssertionError, match=re.escape(lines[1].strip())):
        rnn_ref.assert_conforms("rnn_backward", BACK, wrong)


def test_a_last_state_alone_is_told_how_it_is_given():
    inputs, h_states = given("rnn_forward")
    with pytest.raises(AssertionError, match=re.escape("; the last state alone is given as {'h_T': ...}")):
        rnn_ref.assert_conforms("rnn_forward", inputs, np.asarray(h_states["h_states"])[-1])
    rnn_ref.assert_conforms("rnn_forward", inputs, {"h_T": np.asarray(h_states["h_states"])[-1]})


def test_sums_are_named_where_they_are_finer():
    told = str(rnn_ref.measure("rnn_cell_step", STEP, H_T, precision="bfloat16"))
    assert told.splitlines()[0] == "rnn_cell_step conforms in bfloat16 with sums in float32"
    assert re.search(r"h_t: off by at most \S+ at \[\d, \d\], allowed \S+$", told)


@pytest.mark.parametrize(
    ("got", "told"),
    [
        (np.ones((4, 2), "f"), "h_t has shape (4, 2), expected (2, 4)"),
        ({"h_t": None}, "h_t is None"),
        (np.full((2, 4), np.nan, "f"), "h_t: off by inf at [0, 0], allowed "),
        (np.array(["a"]), "h_t is an array of dtype <U1, expected numbers"),
    ],
)
def test_what_is_no_answer_does_not_conform(got, told):
    with pytest.raises(AssertionError, match=re.escape(told)):
        rnn_ref.assert_conforms("rnn_cell_step", STEP, got)


def test_a_single_number_may_be_an_array_of_one():
    rnn_ref.assert_conforms("cross_entropy", LOSS, NATS["loss"].reshape(1))


def test_outputs_may_be_left_out_and_gradients_named_with_d():
    measured = rnn_ref.measure("rnn_backward", BACK, {"dW_hh": GRADIENTS["W_hh"], "b_h": GRADIENTS["b_h"]})
    assert (measured.ok, [one.output for one in measured.outputs]) == (True, ["W_hh", "b_h"])
    inputs, answers = given("rnn_bptt")
    grads = {f"d{name}": a for name, a in answers.items() if name not in ("loss", "h_T")}
    rnn_ref.assert_conforms("rnn_bptt", inputs, {"loss": answers["loss"], "grads": grads})
    rnn_ref.assert_conforms("rnn_bptt", inputs, rnn_ref.rnn_bptt(**inputs))
    rnn_ref.assert_conforms("rnn_bptt", inputs, {"grads": tuple(grads.values())})


def test_inputs_may_come_in_order_states_as_a_list_and_options_as_keywords():
    inputs, answers = given("rnn_forward")
    rnn_ref.assert_conforms("rnn_forward", tuple(inputs.values()), list(answers["h_states"]))
    rnn_ref.assert_conforms("rnn_backward", BACK | {"h_states": list(BACK["h_states"])}, GRADIENTS)
    loss = rnn_ref.cross_entropy(**LOSS, reduction="sum")
    rnn_ref.assert_conforms("cross_entropy", LOSS | {"reduction": "sum"}, loss)
    rnn_ref.assert_conforms("cross_entropy", LOSS, loss, reduction="sum", weight=None)
    with pytest.raises(AssertionError, match="loss: off by"):
        rnn_ref.assert_conforms("cross_entropy", LOSS, loss)
    kept = rnn_ref.cross_entropy(**LOSS, ignore_index=int(LOSS["targets"][0, 0]))
    rnn_ref.assert_conforms("cross_entropy", LOSS, kept, ignore_index=LOSS["targets"][0, 0])


def test_a_loss_is_known_by_its_name_and_as_the_function_itself():
    inputs, _ = given("rnn_sequence_loss")
    for loss_fn in (rnn_ref.cross_entropy, total_cross_entropy):
        loss = rnn_ref.rnn_sequence_loss(**inputs | {"loss_fn": loss_fn})
        rnn_ref.assert_conforms("rnn_sequence_loss", inputs | {"loss_fn": loss_fn}, loss)


class Tensor:
    """What brings a tensor's methods along, of a framework that is not there."""

    def __init__(self, array):
        self.array, self.dtype = array, f"torch.{array.dtype}"

    def detach(self):
        return self

    def cpu(self):
        return Tensor(self.array)

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_tensors_are_taken_out_by_their_own_methods():
    tensors = {name: Tensor(a) for name, a in STEP.items()}
    measured = rnn_ref.measure("rnn_cell_step", tensors, Tensor(H_T["h_t"]))
    assert (measured.ok, measured.precision) == (True, "float32")


def chaotic(T=200, dtype="float32"):
    inputs, _ = given("rnn_forward", {"T": T, "B": 0, "D": 5, "H": 16, "V": 2}, dtype)
    return inputs | {"W_hh": inputs["W_hh"] * np.asarray(4, dtype)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_states_of_a_chaotic_network_are_judged_and_its_gradients_refused_with_the_figure(dtype):
    T = {"float32": 200, "float64": 600}[dtype]
    inputs = chaotic(T, dtype)
    states = np.array(rnn_ref.rnn_forward(**inputs))
    rnn_ref.assert_conforms("rnn_forward", inputs, states)
    states[77, 3] += 1e-3
    assert rnn_ref.measure("rnn_forward", inputs, states).first_wrong_step == 77
    states = np.array(rnn_ref.rnn_forward(**inputs))
    back = {"dh_states": np.ones_like(states), "h_states": states} | inputs
    reason = (
        rf"X_seq cannot be judged in {dtype}: the network is chaotic, the states of two right programs part by \d+%"
    )
    with pytest.raises(UndecidedError, match=f"^rnn_backward: {reason} of the largest; all states can be judged"):
        rnn_ref.measure("rnn_backward", back, rnn_ref.rnn_backward(**back))
    with pytest.raises(UndecidedError, match="h_T cannot be judged"):
        rnn_ref.assert_conforms("rnn_forward", inputs, {"h_T": states[-1]})
    bptt = inputs | {"targets_seq": np.zeros(T, int), "W_hy": np.ones((3, 16), dtype), "b_y": np.zeros(3, dtype)}
    with pytest.raises(UndecidedError, match="the network is chaotic"):
        rnn_ref.allowed_error("rnn_bptt", bptt)


def test_a_few_steps_of_it_are_not_refused():
    inputs = chaotic(T=4)
    states = np.array(rnn_ref.rnn_forward(**inputs))
    back = {"dh_states": np.ones_like(states), "h_states": states} | inputs
    rnn_ref.assert_conforms("rnn_backward", back, rnn_ref.rnn_backward(**back))


def test_states_that_are_not_the_networks_own_are_taken_as_they_are_given():
    back = BACK | {"h_states": np.tanh(np.random.default_rng(0).normal(size=BACK["h_states"].shape)).astype("f")}
    rnn_ref.assert_conforms("rnn_backward", back, rnn_ref.rnn_backward(**back))
    with pytest.raises(AssertionError, match="W_hh: off by"):
        rnn_ref.assert_conforms("rnn_backward", back, GRADIENTS)


def test_what_overflows_is_refused():
    back = BACK | {"dh_states": np.full_like(BACK["dh_states"], 6e4)}
    with pytest.raises(UndecidedError, match=r"grows to \d\.\de\+0\d, more than float16 holds"):
        rnn_ref.allowed_error("rnn_backward", back, precision="float16")
