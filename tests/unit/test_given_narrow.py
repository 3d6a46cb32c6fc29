"""Kernels of few bits: right ones pass in the precision that is said, and in no finer one; wrong ones do not."""

import numpy as np
import pytest
from unit_narrow import BITS, FORMS, Kernel, form, problem, rounded

import rnn_ref
from rnn_ref.conformance.numbers.formats import FORMATS
from rnn_ref.conformance.spec import OPERATIONS

FUNCTIONS = [name for name in OPERATIONS if hasattr(Kernel, name)]


def asked(name, seed, low=1, high=24, size=None, change=None):
    """Return random inputs of a function, and the same in float64; ``change`` is made to every array of floats."""
    rng = np.random.default_rng([seed, len(name)])
    T, B, D, H, V = size or (int(rng.integers(low, high)) for _ in range(5))
    p = problem(rng, T, B, D, H, V + 1, k=3 if name.startswith("gru") else 1)
    if change:
        p |= {one: change(one, a) for one, a in p.items() if getattr(a, "dtype", None) == np.float32}
    if not name.startswith("gru"):
        p["h_states"] = np.array(rnn_ref.rnn_forward(*(p[one] for one in ("X_seq", "h0", "W_xh", "W_hh", "b_h"))))
        p["h_t"] = p["h_states"][0]
    p |= {"x_t": p["X_seq"][0], "h_prev": p["h0"], "dh_t": p["dh_states"][0]}
    inputs = {one: p[one] for one in OPERATIONS[name].arguments}
    return inputs, {one: a.astype(float) if getattr(a, "dtype", None) == np.float32 else a for one, a in inputs.items()}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", FORMS)
def test_a_right_kernel_passes_in_its_precision(kind, name):
    precision, accumulate, kernel = FORMS[kind]
    for seed in range(4):
        inputs, exact = asked(name, seed)
        got = getattr(kernel, name)(*exact.values())
        measured = rnn_ref.measure(name, inputs, got, precision=precision, accumulate=accumulate)
        assert measured.ok, (seed, str(measured))


CUT = 1 + 0.99 * 2.0**-10  # of which TF32 keeps 1
CHANGES = {
    "all weights are equal, and so is what is cut off": lambda name, a: np.full_like(
        a, CUT / (8 if name[0] == "W" else 4)
    ),
    "nothing is lost but what a kernel keeps": lambda _, a: rounded(a, "bfloat16").astype(np.float32),
    "terms of one sign": lambda _, a: np.abs(a),
}


@pytest.mark.parametrize("name", ["rnn_cell_step", "gru_forward", "rnn_output_layer", "rnn_output_backward"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", FORMS)
def test_also_where_roundings_are_not_independent(kind, change, name):
    precision, accumulate, kernel = FORMS[kind]
    inputs, exact = asked(name, 0, size=(4, 3, 5, 200, 10), change=CHANGES[change])
    got = getattr(kernel, name)(*exact.values())
    measured = rnn_ref.measure(name, inputs, got, precision=precision, accumulate=accumulate)
    assert measured.ok, str(measured)


@pytest.mark.parametrize("kind", ["tf32, sums in float32", "tf32, operands cut off", "bfloat16, sums in float32"])
def test_nor_in_a_gradient_whose_terms_cancel(kind):
    precision, accumulate, kernel = FORMS[kind]
    equal = lambda name, a: np.full_like(a, 0.1 if name[0] == "W" else 0.3)  # noqa: E731
    inputs, exact = asked("rnn_bptt", 0, size=(12, 40, 3, 6, 299), change=equal)
    loss, grads, h_T = kernel.rnn_bptt(*exact.values())
    got = {"loss": loss, "grads": grads, "h_T": h_T}
    measured = rnn_ref.measure("rnn_bptt", inputs, got, precision=precision, accumulate=accumulate)
    assert measured.ok, str(measured)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_sums_of_many_terms_stop_growing_in_a_coarse_format(precision):
    small = lambda name, a: a * np.float32(1e-4) if name in ("X_seq", "h0", "b_h") else a  # noqa: E731
    inputs, exact = asked("rnn_bptt", 0, size=(12, 40, 3, 6, 299), change=small)
    loss, grads, _ = form(precision, precision).rnn_bptt(*exact.values())
    got = {"loss": loss, "W_hy": grads[5], "b_y": grads[6]}
    assert rnn_ref.measure("rnn_bptt", inputs, got, precision=precision, accumulate=precision).ok
    assert not rnn_ref.measure("rnn_bptt", inputs, got, precision=precision).ok


PRODUCTS = [name for name in FUNCTIONS if not name.startswith("cross_entropy")]  # of matrices, as TF32 is for
PAIRS = [("tf32", name) for name in PRODUCTS]
PAIRS += [(precision, name) for precision in ("bfloat16", "float16") for name in FUNCTIONS]


@pytest.mark.parametrize(("precision", "name"), PAIRS)
def test_and_not_in_float32(precision, name):
    inputs, exact = asked(name, 5, low=4)
    got = getattr(form(precision, "float32"), name)(*exact.values())
    measured = rnn_ref.measure(name, inputs, got)
    assert not measured.ok
    assert measured.ratio > 4


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_kernel_of_8_bits_does_not_pass_where_11_are_said(dtype):
    inputs, exact = asked("rnn_output_layer", 0, low=4)
    got = form("bfloat16", "float32").rnn_output_layer(*exact.values())
    assert rnn_ref.measure("rnn_output_layer", inputs, got, precision=dtype).ok == (dtype == "bfloat16")


@pytest.mark.parametrize("precision", ["tf32", "bfloat16", "float16"])
@pytest.mark.parametrize("H", [8, 64, 256])
def test_a_dropped_bias_a_transposed_weight_and_a_wrong_slope_are_seen_with_few_bits_too(H, precision):
    p = problem(np.random.default_rng(H), 12, 3, 5, H, 4)
    inputs = {one: p[one] for one in OPERATIONS["rnn_forward"].arguments}
    exact = {one: a.astype(float) for one, a in inputs.items()}
    kernel = form(precision, "float32")
    for wrong in ({"b_h": 0 * exact["b_h"]}, {"W_hh": exact["W_hh"].T}):
        got = kernel.rnn_forward(**exact | wrong)
        assert not rnn_ref.measure("rnn_forward", inputs, got, precision=precision).ok
    inputs = {"dh_states": p["dh_states"], "h_states": np.array(rnn_ref.rnn_forward(**inputs)), **inputs}
    exact = {one: a.astype(float) for one, a in inputs.items()}
    slopes = exact | {"h_states": np.sqrt(np.abs(exact["h_states"])) * np.sign(exact["h_states"])}  # 1 − |h|
    got = dict(zip(("X_seq", "h0", "W_xh", "W_hh", "b_h"), kernel.rnn_backward(**slopes), strict=True))
    for one, answer in got.items():
        assert not rnn_ref.measure("rnn_backward", inputs, {one: answer}, precision=precision).ok, one


def test_arrays_of_float16_are_judged_as_float16():
    inputs, exact = asked("rnn_cell_step", 1, low=4)
    inputs = {one: a.astype(np.float16) for one, a in inputs.items()}
    exact = {one: a.astype(np.float64) for one, a in inputs.items()}
    h_t = form("float16", "float32").rnn_cell_step(*exact.values()).astype(np.float16)
    measured = rnn_ref.measure("rnn_cell_step", inputs, h_t)
    assert (measured.ok, measured.precision, measured.accumulate) == (True, "float16", "float32")
    assert not rnn_ref.measure("rnn_cell_step", exact, h_t, precision="float32").ok


@pytest.mark.parametrize("name", ["rnn_cell_step", "rnn_output_layer", "rnn_cell_backward"])
def test_more_is_allowed_with_fewer_bits_and_with_coarser_sums(name):
    inputs, _ = asked(name, 2, low=6)
    ways = (
        ("float64", "float64"), ("float32", "float64"), ("float32", "float32"), ("tf32", "float32"),
        ("bfloat16", "float32"), ("bfloat16", "bfloat16"),
    )  # fmt: skip
    inputs = {one: a.astype(np.float64) for one, a in inputs.items()}
    every = [rnn_ref.allowed_error(name, inputs, precision=p, accumulate=a) for p, a in ways]
    for output in every[0]:
        largest = [float(one[output].max()) for one in every]
        assert largest == sorted(largest)


@pytest.mark.parametrize("name", [one for one in FORMATS if one != "float64"])
def test_formats_round_as_the_emulated_kernels_do_and_as_numpy_does(name):
    rng = np.random.default_rng(0)
    a = rng.normal(size=1000) * 2.0 ** rng.integers(-12, 12, 1000)
    np.testing.assert_array_equal(FORMATS[name].rounded(a), rounded(a, name))
    cut = FORMATS[name].cut(a)
    assert np.all(np.abs(cut) <= np.abs(a))
    assert np.all(np.abs(a - cut) < 2 * FORMATS[name].u * np.maximum(np.abs(a), FORMATS[name].tiny))
    assert FORMATS[name].bits == BITS[name]
    if name in ("float16", "float32"):
        info = np.finfo(name)
        assert (FORMATS[name].u, FORMATS[name].tiny, FORMATS[name].largest) == (info.eps / 2, info.tiny, info.max)
        far = np.concatenate([a * 2.0**-20, [1e300, -1e5, 65519.0, 65520.0, 5e-8, 2.0**-25]])
        with np.errstate(over="ignore", under="ignore"):
            np.testing.assert_array_equal(FORMATS[name].rounded(far), far.astype(name).astype(np.float64))
