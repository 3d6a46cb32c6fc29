"""The GRU by itself: the step folded over time, 50 digits, what the gates do, and what is refused."""

from typing import Any

import mpmath
import numpy as np
import pytest

from rnn_ref import gru_cell_step, gru_forward

T, B, D, H = 6, 3, 4, 5
RESETS = pytest.mark.parametrize("reset_after", [True, False])


def problem(batch: int | None = B, dtype: str = "float64", seed: int = 0) -> dict[str, Any]:
    rng, lead = np.random.default_rng(seed), () if batch is None else (batch,)
    floats = {
        "X_seq": rng.normal(size=(T, *lead, D)),
        "h0": np.tanh(rng.normal(size=(*lead, H))),
        "W_xh": rng.normal(size=(3 * H, D)) / 2,
        "W_hh": rng.normal(size=(3 * H, H)) / 2,
        "b_xh": rng.normal(size=3 * H),
        "b_hh": rng.normal(size=3 * H),
    }
    return {name: array.astype(dtype) for name, array in floats.items()}


def step_arguments(a: dict[str, Any]) -> list[Any]:
    return [a["X_seq"][0], a["h0"], *list(a.values())[2:]]


@RESETS
@pytest.mark.parametrize("batch", [None, B])
def test_the_sequence_is_the_step_folded_over_time(batch: int | None, reset_after: bool) -> None:
    X_seq, h_t, *weights = problem(batch).values()
    found = gru_forward(X_seq, h_t, *weights, reset_after=reset_after)
    assert len(found) == T
    for x_t, h_found in zip(X_seq, found, strict=True):
        h_t = gru_cell_step(x_t, h_t, *weights, reset_after=reset_after)
        np.testing.assert_allclose(h_found, h_t, rtol=0, atol=1e-15)


def by_hand(x: Any, h: Any, W: Any, U: Any, b: Any, c: Any, reset_after: bool) -> list[Any]:
    """Return one step in 50 digits, unit by unit, by the equations as they stand in the paper."""

    def side(M: Any, v: list[Any], row: int) -> Any:
        return mpmath.fsum(mpmath.mpf(float(m)) * n for m, n in zip(M[row], v, strict=True))

    size, x, h = len(h), [mpmath.mpf(float(one)) for one in x], [mpmath.mpf(float(one)) for one in h]
    gate = [1 / (1 + mpmath.exp(-(side(W, x, k) + b[k] + side(U, h, k) + c[k]))) for k in range(2 * size)]
    r, z, new = gate[:size], gate[size:], []
    for j in range(size):
        row = 2 * size + j
        past = (
            r[j] * (side(U, h, row) + c[row])
            if reset_after
            else side(U, [a * d for a, d in zip(r, h, strict=True)], row) + c[row]
        )
        n = mpmath.tanh(side(W, x, row) + b[row] + past)
        new.append((1 - z[j]) * n + z[j] * h[j])
    return new


@RESETS
def test_a_step_is_the_papers_to_the_last_place(reset_after: bool) -> None:
    for seed in range(5):
        arguments = step_arguments(problem(None, seed=seed))
        with mpmath.workdps(50):
            truth = [float(one) for one in by_hand(*arguments, reset_after)]
        np.testing.assert_allclose(gru_cell_step(*arguments, reset_after=reset_after), truth, rtol=0, atol=4e-16)


def test_where_the_reset_gate_stands_matters_and_only_in_the_candidate() -> None:
    arguments = step_arguments(problem())
    after, before = (gru_cell_step(*arguments, reset_after=one) for one in (True, False))
    assert np.abs(after - before).max() > 0.01
    arguments[3][2 * H :] = 0  # W_hn
    arguments[5][2 * H :] = 0  # b_hn
    np.testing.assert_array_equal(*(gru_cell_step(*arguments, reset_after=one) for one in (True, False)))


@pytest.mark.parametrize(("bias", "kept"), [(800.0, True), (-800.0, False)])
def test_an_update_gate_that_is_open_keeps_the_state_and_one_that_is_closed_replaces_it(
    bias: float, kept: bool
) -> None:
    a = problem()
    a["b_xh"][H : 2 * H] = bias  # exp overflows on the way, and the gate is exactly 1 or 0
    h_t = gru_cell_step(*step_arguments(a))
    a["h0"] = a["h0"].copy()
    if kept:
        np.testing.assert_array_equal(h_t, a["h0"])
    else:
        a["W_hh"][2 * H :] = a["b_hh"][2 * H :] = 0
        a["h0"] += 0.1  # of which the candidate sees nothing any more
        candidate = np.tanh(a["X_seq"][0] @ a["W_xh"][2 * H :].T + a["b_xh"][2 * H :])
        np.testing.assert_allclose(gru_cell_step(*step_arguments(a)), candidate, rtol=0, atol=1e-15)


def test_of_reset_and_update_gate_only_the_sum_of_the_biases_counts_and_of_the_candidate_both() -> None:
    a = problem()
    moved = {**a, "b_xh": a["b_xh"].copy(), "b_hh": a["b_hh"].copy()}
    moved["b_xh"][: 2 * H] += 0.5
    moved["b_hh"][: 2 * H] -= 0.5
    np.testing.assert_allclose(np.stack(gru_forward(**moved)), np.stack(gru_forward(**a)), rtol=0, atol=2e-15)
    moved["b_xh"][2 * H :] += 0.5
    moved["b_hh"][2 * H :] -= 0.5
    assert np.abs(np.stack(gru_forward(**moved)) - np.stack(gru_forward(**a))).max() > 0.01


@RESETS
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_the_dtype_stays_and_nothing_is_written_into_an_argument(dtype: str, reset_after: bool) -> None:
    a = problem(dtype=dtype)
    kept = {name: value.copy() for name, value in a.items()}
    for value in a.values():
        value.flags.writeable = False
    assert {h_t.dtype.name for h_t in gru_forward(**a, reset_after=reset_after)} == {dtype}
    assert all(np.array_equal(a[name], kept[name]) for name in a)


@RESETS
def test_it_is_analytic_so_that_a_complex_step_gives_its_slope(reset_after: bool) -> None:
    a, rng = problem(), np.random.default_rng(1)
    along = {name: rng.normal(size=value.shape) for name, value in a.items()}
    moved = {name: value + 1e-30j * along[name] for name, value in a.items()}
    slope = np.stack(gru_forward(**moved, reset_after=reset_after)).imag / 1e-30
    near = [{name: value + by * along[name] for name, value in a.items()} for by in (1e-6, -1e-6)]
    ahead, back = (np.stack(gru_forward(**one, reset_after=reset_after)) for one in near)
    np.testing.assert_allclose(slope, (ahead - back) / 2e-6, rtol=1e-6, atol=1e-8)


BLOCKS = "H=5 is from W_hh, and 3H is 3 blocks of it, one for each gate"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"W_hh": np.ones((14, 5))},
         f"W_hh has shape (14, 5), expected (3H=15, H=5); {BLOCKS}"),
        ({"b_hh": np.ones(5)},
         f"b_hh has shape (5,), expected (3H=15,); {BLOCKS}"),
        ({"W_xh": np.ones((15, 3))}, "X_seq has shape (6, 3, 4), expected (T, B, D=3); D=3 is from W_xh"),
        ({"h0": np.ones(5)}, "h0 has shape (5,), expected (B=3, H=5); B=3 is from X_seq; H=5 is from W_hh"),
        ({"b_xh": np.ones(15, np.float32)},
         "b_xh has dtype float32, expected float64; float64 is from W_hh; b_xh.astype(np.float64) converts"),
        ({"reset_after": 1}, "reset_after is of type int, expected bool: True or False"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_all_there_is_to_know(changes: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        gru_forward(**{**problem(), **changes})
    assert str(caught.value) == f"gru_forward: {said}"
