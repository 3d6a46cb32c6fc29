"""Programs that round as kernels of few bits do, run by run, against the same dice thrown by hand."""

from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.numbers.formats import Format
from rnn_ref.conformance.numbers.kernels.emulated import emulated

OPERANDS, BETWEEN, SUMS, EDGE, FINE = (Format(str(bits), bits, -60, 1e9) for bits in (4, 6, 9, 12, 13))
RUNS, SEED = 5, 3
RNG = np.random.default_rng(0)
X, Y, W = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2)), RNG.normal(size=(2, 3))


def dice() -> np.random.Generator:
    return np.random.default_rng(SEED)


def kept(a: Any, to: Format, rng: np.random.Generator, times: int = 1) -> Any:
    """Round two runs to the nearest, and have the others off at random."""
    near = to.rounded(a[:2])
    return np.concatenate([near, a[2:] * (1 + rng.uniform(-times * to.u, times * to.u, a[2:].shape))])


def side_by_side(a: Any) -> Any:
    return np.broadcast_to(BETWEEN.rounded(a), (RUNS, *a.shape))


def same(found: Any, due: Any) -> None:
    np.testing.assert_allclose(found.a, due, rtol=1e-13, atol=1e-15)


def test_what_is_taken_is_rounded_to_what_is_kept_and_weights_to_the_coarser_one() -> None:
    kind = emulated(OPERANDS, BETWEEN, FINE)(RUNS)
    same(kind.lift(X), side_by_side(X))
    np.testing.assert_array_equal(kind.weights(W), OPERANDS.rounded(W))
    np.testing.assert_array_equal(emulated(SUMS, BETWEEN, FINE)(RUNS).weights(W), BETWEEN.rounded(W))


def test_every_result_is_rounded_and_a_function_by_twice_as_much() -> None:
    kind, a, b = emulated(OPERANDS, BETWEEN, FINE), side_by_side(X), side_by_side(X + 1)
    for made, due in ((lambda x, y: x + y, a + b), (lambda x, y: x - y, a - b), (lambda x, y: x * y, a * b)):
        one = kind(RUNS, seed=SEED)
        same(made(one.lift(X), one.lift(X + 1)), kept(due, BETWEEN, dice()))
    one = kind(RUNS, seed=SEED)
    same(one.lift(X) + b[0], kept(a + b, BETWEEN, dice()))
    same(kind(RUNS, seed=SEED).lift(X).one_minus(), kept(1 - a, BETWEEN, dice()))
    same(kind(RUNS, seed=SEED).lift(X).tanh(), kept(np.tanh(a), BETWEEN, dice(), 2))
    same(kind(RUNS, seed=SEED).lift(X).sigmoid(), kept(1 / (1 + np.exp(-a)), BETWEEN, dice(), 2))
    same(kind(RUNS).lift(X) * kind(RUNS).lift(X), kept(a * a, BETWEEN, np.random.default_rng(0)))


def operands(a: Any, rng: np.random.Generator) -> Any:
    """Round operands in the first run, cut them off in the second; the other side's share of that is a factor."""
    found = kept(a, OPERANDS, rng)
    found[1] = OPERANDS.cut(a[1])
    return found


CUT_OFF = np.array([1, 1 - OPERANDS.u, 1, 1, 1])[:, None, None]


def test_products_of_matrices_whose_sums_are_fine_lose_by_their_operands() -> None:
    weights, rng = OPERANDS.rounded(W), dice()
    found = emulated(OPERANDS, BETWEEN, FINE)(RUNS, seed=SEED).lift(X).dot(weights)
    same(found, kept(operands(side_by_side(X), rng) @ weights.T * CUT_OFF, BETWEEN, rng))
    rng, kind = dice(), emulated(OPERANDS, BETWEEN, FINE)(RUNS, seed=SEED)
    a, b = operands(side_by_side(X), rng), operands(side_by_side(Y), rng)
    same(kind.lift(X).outer(kind.lift(Y)), a.swapaxes(1, 2) @ b * CUT_OFF)
    same(kind.lift(X).total(), side_by_side(X).sum(1))


def test_every_run_has_operands_of_its_own_and_two_are_enough_for_one_that_cuts_off() -> None:
    a = BETWEEN.rounded(np.random.default_rng(1).normal(size=(2, 4, 3)))
    found = emulated(OPERANDS, BETWEEN, FINE)(2, seed=SEED)(a).dot(W)
    cut = OPERANDS.cut(a[1]) @ W.T * (1 - OPERANDS.u)
    same(found, BETWEEN.rounded(np.stack([OPERANDS.rounded(a[0]) @ W.T, cut])))


def test_one_run_alone_is_rounded_to_the_nearest() -> None:
    kind = emulated(OPERANDS, BETWEEN, FINE)(1, seed=SEED)
    same(kind.lift(X).dot(W), BETWEEN.rounded(OPERANDS.rounded(BETWEEN.rounded(X)) @ W.T)[None])


@pytest.mark.parametrize("sums", [SUMS, EDGE])
def test_coarse_sums_are_off_by_each_of_their_partial_sums(sums: Format) -> None:
    def summed(a: Any, terms: Any, n: int, rng: np.random.Generator) -> Any:
        return a + rng.standard_normal(a.shape) * sums.u * (np.sqrt(n / 2 * terms) + np.sqrt(n / 3) * np.abs(a))

    a, b, kind = side_by_side(X), side_by_side(Y), emulated(BETWEEN, BETWEEN, sums)
    rng = dice()
    same(kind(RUNS, seed=SEED).lift(X).dot(W), kept(summed(a @ W.T, a**2 @ W.T**2, 3, rng), BETWEEN, rng))
    rng, one = dice(), kind(RUNS, seed=SEED)
    outer = summed(a.swapaxes(1, 2) @ b, (a**2).swapaxes(1, 2) @ b**2, 4, rng)
    same(made := one.lift(X).outer(one.lift(Y)), outer)
    same(made + made, kept(2 * outer, sums, rng))  # a sum that goes on is kept as finely as it is made
    rng, one = dice(), kind(RUNS, seed=SEED)
    total = summed(a.sum(1), (a**2).sum(1), 4, rng)
    same(made := one.lift(X).total(), total)
    same(made - made.negative(), kept(2 * total, sums, rng))


def test_sums_that_are_fine_go_on_without_a_loss() -> None:
    kind = emulated(BETWEEN, BETWEEN, FINE)(RUNS, seed=SEED)
    total = side_by_side(X).sum(1)
    np.testing.assert_array_equal((kind.lift(X).total() + kind.lift(X).total()).a, 2 * total)
    same(kind.lift(X).outer(kind.lift(Y)), side_by_side(X).swapaxes(1, 2) @ side_by_side(Y))
