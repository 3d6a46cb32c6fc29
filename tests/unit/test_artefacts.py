"""Networks with weights of their own, without any framework: how they are asked, judged, told, and compared."""

import json
import re

import jsonschema
import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance import TargetError, schema
from rnn_ref.conformance.cases.held import held_checks, truth
from rnn_ref.conformance.options import Options
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.truth import ask_decimal
from rnn_ref.conformance.targets.artefacts.against import differences
from rnn_ref.conformance.targets.artefacts.held import Held, Holding, forms, through_time
from rnn_ref.interop import from_onnx, to_onnx

D, H = 3, 4
TANH = {"W_xh": (H, D), "W_hh": (H, H), "b_h": (H,)}
GATED = {"W_xh": (3 * H, D), "W_hh": (3 * H, H), "b_xh": (3 * H,), "b_hh": (3 * H,)}
FOUR = {"W_xh": (4 * H, D), "W_hh": (4 * H, H), "b_h": (4 * H,)}


def drawn(shapes, dtype="float32"):
    rng = np.random.default_rng(0)
    return {name: rng.uniform(-0.5, 0.5, shape).astype(dtype) for name, shape in shapes.items()}


def held(weights, own=None, *, all_states=True, last=True, reverse=False, **more):
    """Return a network that is asked with these weights, and computes with its own."""
    sequence = forms(weights).sequence
    name, count = sequence.name, len(sequence.ends)

    def run(X_seq, before):
        before = before or (np.zeros((X_seq.shape[1], H), X_seq.dtype),) * count
        X_seq = X_seq[::-1] if reverse else X_seq
        found = getattr(rnn_ref, name)(X_seq, *before, **(own or weights))
        shown, *others = (np.stack(one) for one in (found if count > 1 else (found,)))
        aligned = shown[::-1] if reverse else shown
        return aligned if all_states else None, tuple(one[-1] for one in (shown, *others)) if last else ()

    call = through_time(run, "a network of arrays", sequence, reverse=reverse)
    return Held("", weights, reverse=reverse, reading="a network of arrays", calls={name: call}, **more)


def verdict(*networks, **options):
    report = rnn_ref.check(Holding(list(networks), []), **options)
    (found,) = report.functions.values()
    return found.verdict, found.mistake


@pytest.mark.parametrize("shapes", [TANH, GATED, FOUR], ids=["tanh", "gated", "four"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "offers",
    [{}, {"last": False}, {"all_states": False}, {"reverse": True}],
    ids=["both", "all states", "last state", "reverse"],
)
def test_a_right_one_conforms_at_its_sizes_and_in_its_precision(offers, dtype, shapes):
    assert verdict(held(drawn(shapes, dtype), **offers)) == ("conforms", None)


def test_a_wrong_one_is_wrong_with_all_states_as_with_the_last_alone():
    weights = drawn(TANH)
    turned = weights | {"W_hh": weights["W_hh"].T.copy()}
    assert verdict(held(weights, turned)) == ("wrong", "W_hh-transposed")
    assert verdict(held(weights, turned, all_states=False))[0] == "wrong"


def test_rounded_weights_are_seen_in_the_last_state_alone_too():
    weights = drawn(TANH)
    rounded = {name: array.astype("float16").astype("float32") for name, array in weights.items()}
    assert verdict(held(weights, rounded, all_states=False))[0] == "wrong"


def test_a_bias_that_is_left_out_of_a_sum_is_named_and_no_other():
    weights, share = drawn(TANH), np.linspace(0.125, 0.5, H, dtype=np.float32)
    without = weights | {"b_h": weights["b_h"] - share}
    asked = {"shares": {"bias_hh": share}, "suspected": ("bias_hh",)}
    assert verdict(held(weights, without, **asked)) == ("wrong", "bias-missing")
    other = weights | {"b_h": weights["b_h"] - 2 * share}
    assert verdict(held(weights, other, **asked)) == ("wrong", None)


def test_an_export_is_asked_with_the_weights_of_its_source():
    weights = drawn(GATED)
    lacking = weights | {"b_hh": np.zeros(3 * H, np.float32)}
    export, source = Holding([held(lacking)], []), Holding([held(weights)], [])
    assert rnn_ref.check(export).ok
    report = rnn_ref.check(export, against=source)
    assert report.functions["gru_forward"].mistake == "bias-missing"
    assert report.notes == ["lost on the way: b_hh: it is zero"]
    assert "the weights of Holding" in str(report)


def test_a_direction_that_is_lost_is_told_and_wrong():
    weights = drawn(TANH)
    export, source = Holding([held(weights, reverse=True)], []), Holding([held(weights)], [])
    report = rnn_ref.check(export, against=source)
    assert (report.ok, "the other way round" in report.notes[0]) == (False, True)


def test_a_network_that_is_lost_is_missing_and_what_is_more_is_told():
    export, source = Holding([held(drawn(GATED))], []), Holding([held(drawn(TANH))], [])
    report = rnn_ref.check(export, against=source)
    assert (report.ok, report.required_missing) == (False, ("rnn_forward",))
    assert report.notes[0].startswith(
        "lost on the way: the layer, W_xh (4, 3); the export holds one network, W_xh (12,"
    )
    assert report.notes[1] == "the export holds more: a network of arrays"


def test_what_a_weight_became_is_told_in_words():
    W = np.arange(12.0).reshape(6, 2) - 5.3
    square = np.arange(9.0).reshape(3, 3)
    changes = {
        "it is zero": (W, 0 * W),
        "it is transposed": (square, square.T),
        "its sign is changed": (W, -W),
        "the gates lie z r n where r z n are due": (W, W[[2, 3, 0, 1, 4, 5]]),
        "it is zero in gate n": (W, W * (np.arange(6) < 4)[:, None]),
        "it is rounded, as far as float16 is": (W, W.astype("float16").astype(float)),
        "1 of its 12 numbers differ, by up to 0.001": (W, W + np.eye(6, 2, -4) * [0.001, 0]),
        "it differs by up to 1": (W, W + np.linspace(0, 1, 12).reshape(6, 2)),
    }
    for told, (due, found) in changes.items():
        assert differences({"W": due}, {"W": found}, "rzn") == [f"W: {told}"]
    assert differences({"W": W}, {"W": W.copy()}) == []


def test_what_a_weight_became_is_told_by_the_gates_of_an_lstm():
    b, square = np.arange(8.0) - 3.3, np.arange(16.0).reshape(8, 2) - 5.3
    turned = np.concatenate([one.T for one in np.split(square, 4)])
    changes = {
        "the gates lie i f o g where i f g o are due": (b, b[[0, 1, 2, 3, 6, 7, 4, 5]]),
        "it is zero in gate f": (b, b * (np.arange(8) // 2 != 1)),
        "1 is added in gate f": (b, b + (np.arange(8) // 2 == 1)),
        "it is transposed in gate i, f, g, o": (square, turned),
    }
    for told, (due, found) in changes.items():
        assert differences({"b": due}, {"b": found}, "ifgo") == [f"b: {told}"]


FAULTS = {  # in the weights that it computes with: the name
    "gates permuted": (lambda name, one: one.reshape(4, H, -1)[[0, 1, 3, 2]].reshape(one.shape), "gate-order-ifog"),
    "recurrence transposed": (
        lambda name, one: one.reshape(4, H, H).swapaxes(1, 2).reshape(one.shape) if name == "W_hh" else one,
        "W_hh-transposed",
    ),
    "forget bias": (
        lambda name, one: one + (np.arange(4 * H) // H == 1) if name == "b_h" else one,
        "forget-bias-added",
    ),
    "no bias": (lambda name, one: 0 * one if name == "b_h" else one, "bias-missing"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_lost_of_an_lstm_is_named(fault):
    weights, (change, slug) = drawn(FOUR), FAULTS[fault]
    changed = {name: change(name, one).astype(np.float32) for name, one in weights.items()}
    assert verdict(held(weights, changed)) == ("wrong", slug)


def test_functions_have_no_weights_to_compare_and_objects_are_not_for_children():
    with pytest.raises(
        TargetError, match=r"holds no weights of its own, expected a model beside another \(--against\)"
    ):
        rnn_ref.check({"rnn_forward": rnn_ref.rnn_forward}, against=Holding([held(drawn(TANH))], []))
    with pytest.raises(ValueError, match="against is an object, which a target given by name cannot be handed"):
        rnn_ref.check("my_rnn.py", against=Holding([], []))


def test_the_reading_and_whose_weights_stand_in_every_report():
    report = rnn_ref.check(Holding([held(drawn(TANH))], ["/x: with clip 2.0, expected none"]))
    told = json.loads(report.to_json())
    jsonschema.validate(told, schema())
    assert told["functions"]["rnn_forward"]["reading"] == "a network of arrays"
    assert told["environment"]["oracle"] == "the weights it holds"
    for text in (str(report), report.to_markdown(), report.to_html()):
        assert "read as: a network of arrays" in text
        assert "not judged: /x: with clip 2.0, expected none" in text.replace("\\", "")


@pytest.mark.parametrize("function", ["rnn_forward", "rnn_backward", "rnn_cell_step", "rnn_cell_backward"])
def test_the_truth_in_twice_the_precision_is_that_of_fifty_digits(function):
    for check in held_checks([function], drawn(TANH, "float64"), {}):
        due = ask_decimal(function, check.arguments, check.options)
        found = truth(OPERATIONS[function], check.arguments, check.options)
        for name, (nearest, rest) in due.items():
            assert found[name][0].shape == nearest.shape
            scale = np.spacing(np.abs(nearest).max())
            off = (found[name][0] - nearest) + (found[name][1] - rest) * np.spacing(np.abs(nearest))
            assert np.abs(off).max() <= 2 * scale, (check.id, name)  # tanh is NumPy's: right to an ulp


def test_options_and_lengths_follow_from_what_is_held():
    weights = drawn(GATED)
    before, after = (list(held_checks(["gru_forward"], weights, options))
                     for options in ({"reset_after": False}, {}))  # fmt: skip
    assert not np.allclose(before[0].expected["h_states"], after[0].expected["h_states"])
    assert {one.arguments["X_seq"].shape[1] for one in held_checks(["gru_forward"], weights, {}, batch=5)} == {5}
    zeros = list(held_checks(["gru_forward"], weights, {}, takes_state=False))
    assert not any(one.arguments["h0"].any() for one in zeros)
    seeded = [one.id for one in held_checks(["gru_forward"], weights, {}, seed=7)]
    assert seeded[:4] == [one.id for one in after]
    assert seeded[4] == "gru_forward/held-one-seed-7-float32"


def test_the_command_that_repeats_it_names_the_source():
    assert Options(against="a.py:net").command("b.onnx") == "rnn-ref check b.onnx --against a.py:net"
    assert Options(against=object()).command("b.onnx") == ""


@pytest.mark.parametrize("shapes", [TANH, GATED, FOUR], ids=["tanh", "gated", "four"])
def test_weights_come_back_from_onnx_as_they_were(shapes):
    weights = drawn(shapes)
    other = {name: -array for name, array in weights.items()}
    assert to_onnx(weights)["W"].shape == (1, *shapes["W_xh"])
    assert to_onnx([weights, other])["R"].shape == (2, *shapes["W_hh"])
    pairs = [(weights, from_onnx(to_onnx(weights)))]
    pairs += zip((weights, other), from_onnx(to_onnx([weights, other])), strict=True)
    for due, back in pairs:
        assert list(back) == list(due)
        assert all(np.array_equal(back[name], array) for name, array in due.items())


def test_arrays_that_are_no_networks_are_refused():
    arrays = to_onnx(drawn(TANH))
    with pytest.raises(ValueError, match=r"from_onnx: source has \['B', 'W'\], expected also \['R'\]"):
        from_onnx({name: arrays[name] for name in "WB"})
    expected = r"expected \(K, H, H\), \(K, 3H, H\) or \(K, 4H, H\) with K 1 or 2"
    for shape in ((1, 8, 4), (3, 4, 4), (4, 4)):
        with pytest.raises(ValueError, match=rf"R has shape {re.escape(str(shape))}, {expected}"):
            from_onnx({"W": np.ones((1, 8, 3)), "R": np.ones(shape)})
    with pytest.raises(ValueError, match=r"W has shape \(1, 8, 3\), expected \(1, 4, 3\); from R"):
        from_onnx(arrays | {"W": np.ones((1, 8, 3))})
    with pytest.raises(ValueError, match=r"W has shape \(1, 4\), expected \(1, 4, 4\); from R"):
        from_onnx(arrays | {"W": np.ones((1, 4))})
    with pytest.raises(ValueError, match=r"B has shape \(8,\), expected \(1, 8\); from R"):
        from_onnx(arrays | {"B": np.ones(8)})
    with pytest.raises(NotImplementedError, match="from_onnx: source has peepholes P, expected none; gates that look"):
        from_onnx(to_onnx(drawn(FOUR)) | {"P": np.ones((1, 12))})
    with pytest.raises(ValueError, match=r"to_onnx: weights has \['W_hh'\], expected also \['W_xh', 'b_h'\]"):
        to_onnx({"W_hh": np.ones((4, 4))})
    with pytest.raises(ValueError, match="to_onnx: W_xh has shape"):
        to_onnx(drawn(GATED) | {"W_xh": np.ones((5, 3), np.float32)})


@pytest.mark.parametrize(
    ("second", "error", "reason"),
    [
        ({"b_h": np.ones(5, np.float32)}, ValueError, r'weights\[1\]\["b_h"\] has shape \(5,\), expected \(H=4,\)'),
        (
            {"W_xh": np.ones((4, 2), np.float32)},
            ValueError,
            r'weights\[1\]\["W_xh"\] has shape .*2\), expected \(4, 3\)',
        ),
        (
            {name: np.ones(shape) for name, shape in TANH.items()},
            TypeError,
            r'\["W_xh"\] has dtype .*64, expected .*32',
        ),
    ],
    ids=["shape", "size", "dtype"],
)
def test_two_directions_that_disagree_are_refused(second, error, reason):
    weights = drawn(TANH)
    with pytest.raises(error, match=f"^to_onnx: .*{reason}"):
        to_onnx([weights, weights | second])


def test_other_numbers_of_directions_are_refused():
    with pytest.raises(
        ValueError, match=r"^to_onnx: weights has 3 entries, expected a dict .* a list of 1 or 2 dicts; a"
    ):
        to_onnx([drawn(TANH)] * 3)
    with pytest.raises(TypeError, match=r"^to_onnx: weights\[1\] is of type str, expected a dict of arrays by name"):
        to_onnx([drawn(TANH), "b_h"])
    with pytest.raises(TypeError, match=r"^to_onnx: weights is of type ndarray, expected a dict"):
        to_onnx(np.ones(3))


def test_any_function_may_bear_how_it_was_read():
    def read(*arguments):
        return rnn_ref.rnn_cell_step(*arguments)

    read.__reading__ = "step(x, h): rows"
    report = rnn_ref.check({"rnn_cell_step": read})
    assert report.functions["rnn_cell_step"].reading == "step(x, h): rows"
    assert "read as: step(x, h): rows" in str(report)
    assert (
        "reading" not in rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step}).to_dict()["functions"]["rnn_cell_step"]
    )


def test_a_part_of_what_holds_no_network_is_told_how_to_be_asked(tmp_path):
    (tmp_path / "mine.py").write_text("from rnn_ref import rnn_forward\n")
    with pytest.raises(TargetError, match="holds no network 'dec', expected MODULE:NAME"):
        rnn_ref.check(f"{tmp_path / 'mine.py'}#dec")
