"""Kernels that multiply in one format and add up in another, by hand: what is rounded where, and what it may do."""

from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.numbers.formats import Format
from rnn_ref.conformance.numbers.kernels.mixed import Mixed, mixed

OPERANDS, BETWEEN, SUMS = (Format(name, bits, -40, 1e9) for name, bits in (("four", 4), ("six", 6), ("nine", 9)))
KIND = mixed(OPERANDS, BETWEEN, SUMS)
U, U_SUMS, LAMBDA = 2.0**-6, 2.0**-9, 8
FIELDS = ("v", "S", "n", "e", "P", "m", "i", "q")


def number(v: Any, **fields: Any) -> Mixed:
    return KIND(np.array(v), **{name: np.array(one) if np.ndim(one) else one for name, one in fields.items()})


A = number([[2.0, -3.0]], S=[[4.0, 5.0]], n=2, e=[[0.5, 0.25]], P=[[3.0, 6.0]], m=3, i=[[1.0, 0.125]], q=[[0.01, 1.0]])
B = number([[-1.0, 8.0]], S=[[3.0, 9.0]], n=1, e=0.125, P=[[2.0, 8.0]], m=1, i=0.5, q=0.25)


def same(found: Mixed, **due: Any) -> None:
    for name, one in due.items():
        given = np.broadcast_to(getattr(found, name), np.shape(one)) if np.ndim(one) else getattr(found, name)
        np.testing.assert_allclose(given, one, rtol=1e-12, err_msg=name)


def rounding(one: Mixed) -> Any:
    return min(one.n, LAMBDA * one.n**0.5) * U_SUMS * one.S + one.m * U * one.P


def brought(one: Mixed) -> tuple[Any, Any, Any]:
    """Return what goes on from a number once it is rounded: e, i, q."""
    q = one.q + one.n * (U_SUMS * one.S) ** 2 + one.m * (U * one.P) ** 2
    return tuple(np.broadcast_to(each, one.v.shape) for each in (one.e, one.i + rounding(one), q))  # type: ignore[return-value]


def off(one: Mixed) -> Any:
    return rounding(one) + one.e + np.minimum(one.i, LAMBDA * np.sqrt(one.q))


def test_what_is_taken_may_be_rounded_to_what_is_kept() -> None:
    v, near = [1.0, 1 + 2.0**-6, -1 - 3 * 2.0**-7], [0, 2.0**-6, 2.0**-7]
    same(KIND.lift(v), v=v, S=np.abs(v), n=0, e=0, P=np.abs(v), m=0, i=near, q=np.square(near))
    same(KIND.stored([-4.0], [0.5]), v=[-4], e=0, i=[4 * U + 0.5], q=[(4 * U) ** 2 + (0.5 / LAMBDA) ** 2])
    same(KIND.stored([-4.0]), v=[-4], i=[4 * U], q=[(4 * U) ** 2])


def test_independent_errors_are_never_more_than_their_sum() -> None:
    np.testing.assert_allclose(A.error(), [[2 * U_SUMS * 4 + 9 * U + 0.5 + 0.8, 10 * U_SUMS + 18 * U + 0.25 + 0.125]])
    many = number([1.0], n=100)
    np.testing.assert_allclose(many.error(), [80 * U_SUMS])
    same(number([3.0]) * number([2.0]), v=[6], e=[0], i=[0], q=[0])  # what is exact brings nothing


def test_sums_and_products_by_their_parts() -> None:
    parts = {"S": [[7, 14]], "n": 4, "e": [[0.625, 0.375]], "P": [[5, 14]], "m": 4, "i": [[1.5, 0.625]]}
    same(A + B, v=[[1, 5]], q=[[0.26, 1.25]], **parts)
    same(A - B, v=[[3, -11]], q=[[0.26, 1.25]], **parts)
    same(B + A, v=[[1, 5]], q=[[0.26, 1.25]], **parts)
    same(A + (1 + 2.0**-6), v=A.v + 1 + 2.0**-6, i=A.i + 2.0**-6, q=A.q + 2.0**-12, m=4, n=3)
    same(A.one_minus(), v=[[-1, 4]], S=[[5, 6]], n=3, e=A.e, P=[[4, 7]], m=4, i=A.i, q=A.q)
    (e, i, q), (b_e, b_i, b_q), both = brought(A), brought(B), off(A) * off(B)
    a, b = np.abs(A.v), np.abs(B.v)
    same(A * B, v=[[-2, -24]], S=[[2, 24]], n=1, e=a * b_e + b * e, P=[[2, 24]], m=1, i=a * b_i + b * i + both,
         q=a**2 * b_q + b**2 * q + both**2)  # fmt: skip


def test_what_only_moves_keeps_sizes_as_sizes_and_the_larger_counts() -> None:
    same(A.negative(), v=-A.v, **{name: getattr(A, name) for name in FIELDS[1:]})
    wide = {name: np.broadcast_to(getattr(B, name), B.v.shape) for name in ("v", "S", "e", "P", "i", "q")}
    due = {name: np.concatenate([one, getattr(A, name)], -1) for name, one in wide.items()}
    same(B.joined([A]), n=2, m=3, **due)
    same(A.joined([B]), n=2, m=3)


WAYS = {1.0: (0, 0), 1.09375: (1 / 32, -3 / 32), -1.6875: (-1 / 16, 1 / 16), -3.0: (0, 0), 2.125: (-1 / 8, -1 / 8)}


def product(a: Any, a_off: Any, b: Any, b_off: Any) -> dict[str, Any]:
    """Return the fields of Σ_k a_k b_k, with what is known of operands that are rounded or cut off, and what is not."""
    a_ways, b_ways = ([WAYS[one] for one in each] for each in (a, b))
    shift = max(abs(sum(way[w] * y for way, y in zip(a_ways, b, strict=True))) for w in (0, 1))
    shift += max(abs(sum(x * way[w] for x, way in zip(a, b_ways, strict=True))) for w in (0, 1))
    found = {"v": sum(a * b), "S": sum(abs(a * b)), "n": len(a), "e": shift, "P": abs(sum(a * b)), "m": 1}
    i = q = both = 0.0
    for x, y, (x_e, x_i, x_q), (y_e, y_i, y_q) in zip(a, b, a_off, b_off, strict=True):
        loose, y_loose = (2.0**-4 * abs(one) if any(WAYS[one]) else 0.0 for one in (x, y))
        found["e"] += x_e * abs(y) + abs(x) * y_e
        both += (x_e + x_i + loose) * (y_e + y_i + y_loose)
        i += (x_i + loose) * abs(y) + abs(x) * (y_i + y_loose)
        q += (x_q + loose**2) * y**2 + x**2 * (y_q + y_loose**2)
    return found | {"i": i + both, "q": q + both**2}


def test_operands_of_products_are_rounded_or_cut_off() -> None:
    a = number([[1.09375, -3.0]], n=2, e=[[0.5, 0.25]], m=1, i=[[1.0, 0.125]], q=[[0.01, 1.0]])
    x = number([[2.125, -1.6875]], n=1, e=[[0.125, 0.75]], m=2, i=[[0.5, 2.0]], q=[[2.0, 0.5]])
    of_a, of_x = ([[one[0, k] for one in brought(each)] for k in (0, 1)] for each in (a, x))
    W, none = np.array([[1.0, 2.125], [-1.6875, 1.09375], [1.0, 1.0]]), [[0, 0, 0]] * 2
    found = a.dot(W)
    for j, row in enumerate(W):
        due = product(a.v[0], of_a, row, none)
        same(found.mapped(lambda one, j=j: one[:, j]), **{k: one if k in "nm" else [one] for k, one in due.items()})
    turned, other = (KIND(one.v.T, one.S.T, one.n, one.e.T, one.P.T, one.m, one.i.T, one.q.T) for one in (a, x))
    due = product(a.v[0], of_a, x.v[0], of_x)
    same(turned.outer(other), **{k: one if k in "nm" else [[one]] for k, one in due.items()})
    (e, i, q), rows = (one.sum(0) for one in brought(turned)), turned.v
    same(turned.total(), v=rows.sum(0), S=abs(rows).sum(0), n=2, e=e, P=abs(rows.sum(0)), m=1, i=i, q=q)


@pytest.mark.parametrize("sums", [SUMS, BETWEEN])
@pytest.mark.parametrize("v", [0.0, 0.4, -0.375, -0.55, 0.75, -1.2, 3.0, -30.0])
@pytest.mark.parametrize("by", [1e-3, 1.0])
def test_curves_are_made_as_finely_as_sums_and_kept_less_finely(v: float, sums: Format, by: float) -> None:
    kind = mixed(OPERANDS, BETWEEN, sums)
    before = kind(np.array([v]), e=0.125 * by, i=np.array([0.25 * by]), q=np.array([0.0625 * by**2]))
    d = 0.375 * by
    t, s, slope, kept = abs(np.tanh(v)), 1 / (1 + np.exp(-v)), 1 / np.cosh(v) ** 2, 2 * U * (sums is SUMS)
    budget = sums.u * max(12 * t, 4 * slope + 2 + 3 * t, 8 * slope + 3 * t) + kept * t
    steep = min(1, slope + 2 * d)
    same(before.tanh(), v=[np.tanh(v)], n=0, m=0, e=[steep * 0.125 * by], i=[steep * 0.25 * by + budget],
         q=[(steep * 0.25 * by) ** 2 + budget**2])  # fmt: skip
    steep, budget = min(0.25, s * (1 - s) + d), 12 * sums.u + kept * s
    same(before.sigmoid(), v=[s], e=[steep * 0.125 * by], i=[steep * 0.25 * by + budget],
         q=[(steep * 0.25 * by) ** 2 + budget**2])  # fmt: skip
    open_ = float(v + d > 0)
    same(before.relu(), v=[max(v, 0)], e=[open_ * 0.125 * by], i=[open_ * 0.25 * by], q=[open_ * 0.0625 * by**2])
