"""Plain arithmetic in several runs: the first as it is, the others off as the same dice say, thrown by hand."""

import numpy as np
import pytest

from rnn_ref.conformance.numbers.shaken import products, shaken

RUNS, SEED = 4, 3
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def dice() -> np.random.Generator:
    return np.random.default_rng(SEED)


@DTYPES
def test_terms_that_cancel_leave_what_each_is_off_at_random(dtype: str) -> None:
    rng, kind = np.random.default_rng(0), shaken(RUNS, seed=SEED)
    half, w = (2.0 ** rng.integers(-4, 4, size).astype(dtype) for size in ((5, 3), (2, 3)))
    a, W = np.concatenate([half, half], -1), np.concatenate([w, -w], -1)
    found = kind.lift(a).dot(W)
    assert found.a.dtype == dtype
    off = np.finfo(dtype).eps / 2 * np.sqrt(a**2 @ W.T**2) * dice().standard_normal((RUNS, 5, 2))
    off[0] = 0
    np.testing.assert_allclose(found.a, off, rtol=1e-5)
    assert not shaken(RUNS, seed=None).lift(a).dot(W).a.any()


@DTYPES
@pytest.mark.parametrize(("name", "function"), [("tanh", np.tanh), ("sigmoid", lambda a: 1 / (1 + np.exp(-a)))])
def test_a_librarys_functions_are_off_by_up_to_an_ulp(name, function, dtype: str) -> None:
    a = np.random.default_rng(0).normal(size=(5, 3)).astype(dtype)
    values, luck = function(a), dice().integers(-1, 2, (RUNS, 5, 3))
    luck[0] = 0
    found = getattr(shaken(RUNS, seed=SEED).lift(a), name)().a
    assert found.dtype == dtype
    np.testing.assert_array_equal((found - values) / np.spacing(values), luck)
    np.testing.assert_array_equal(getattr(shaken(RUNS, seed=None).lift(a), name)().a, [values] * RUNS)
    np.testing.assert_array_equal(getattr(shaken(1, seed=SEED).lift(a), name)().a, [values])


def test_sums_of_rows_are_a_librarys_and_in_the_last_run_a_loops() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((RUNS, 1500, 8), np.float32), rng.random((RUNS, 1500, 16), np.float32)
    found, due = products(a, b), a.swapaxes(1, 2) @ b
    loop = np.zeros((8, 16), np.float32)
    for one, other in zip(a[-1], b[-1], strict=True):
        loop += one[:, None] * other
    np.testing.assert_array_equal(found[:-1], due[:-1])
    np.testing.assert_array_equal(found[-1], loop)
    assert (found[-1] != due[-1]).any()
    np.testing.assert_array_equal(products(a[:1], b[:1]), due[:1])
    two = products(a[-2:], b[-2:])
    np.testing.assert_array_equal(two, [due[-2], loop])
    kind = shaken(RUNS, seed=SEED)
    np.testing.assert_array_equal(kind(a).outer(kind(b)).a, found)
    np.testing.assert_array_equal(kind(a).total().a, a.sum(1))


def test_what_is_lifted_stands_in_every_run() -> None:
    a = np.array([[1.0, -2.0, 0.0]])
    np.testing.assert_array_equal(shaken(RUNS).lift(a).a, [a] * RUNS)
    np.testing.assert_array_equal(shaken(2).lift(a).a, [a, a])
    np.testing.assert_array_equal(shaken(1).lift(a).a, [a])
    assert shaken(1).lift(a).positive().tolist() == [[[True, False, False]]]
