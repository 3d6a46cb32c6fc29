"""A value and its change beside it: every operation's change is the complex step's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.numbers.refined import Tangent

STEP = 2.0**-100
RNG = np.random.default_rng(0)
A, DA, B, DB = RNG.normal(size=(4, 3, 5))
W = RNG.normal(size=(2, 5))
WHERE = B > 0
OPERATIONS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "+": (lambda a, b: a + b, lambda a, b: a + b),
    "-": (lambda a, b: a - b, lambda a, b: a - b),
    "*": (lambda a, b: a * b, lambda a, b: a * b),
    "+ array": (lambda a, _: a + W[0], lambda a, _: a + W[0]),
    "- array": (lambda a, _: a - W[0], lambda a, _: a - W[0]),
    "* array": (lambda a, _: a * W[0], lambda a, _: a * W[0]),
    "1 -": (lambda a, _: a.one_minus(), lambda a, _: 1 - a),
    "dot": (lambda a, _: a.dot(W), lambda a, _: a @ W.T),
    "outer": (lambda a, b: a.outer(b), lambda a, b: a.T @ b),
    "total": (lambda a, _: a.total(), lambda a, _: a.sum(0)),
    "tanh": (lambda a, _: a.tanh(), lambda a, _: np.tanh(a)),
    "sigmoid": (lambda a, _: a.sigmoid(), lambda a, _: 1 / (1 + np.exp(-a))),
    "slope": (lambda a, _: a.slope_of_tanh(), lambda a, _: 1 - a * a),
    "masked": (lambda a, _: a.masked(WHERE), lambda a, _: np.where(WHERE, a, 0)),
    "joined": (lambda a, b: a.joined([b]), lambda a, b: np.concatenate([a, b], -1)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_change_is_the_derivative_along_it(name: str) -> None:
    ours, theirs = OPERATIONS[name]
    found = ours(Tangent(A, DA), Tangent(B, DB))
    stepped = theirs(A + 1j * STEP * DA, B + 1j * STEP * DB)
    np.testing.assert_allclose(found.v, stepped.real, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(found.d, stepped.imag / STEP, rtol=1e-13, atol=1e-14)


def test_what_is_given_exactly_does_not_change() -> None:
    given = Tangent.lift([[1, -2, 0]])
    assert given.v.dtype == Tangent.weights([1]).dtype == np.float64
    assert not given.d.any()
    assert given.positive().tolist() == [[True, False, False]]
    with np.errstate(over="raise", under="ignore"):
        assert Tangent.lift([[-1000.0]]).sigmoid().d.item() == 0
