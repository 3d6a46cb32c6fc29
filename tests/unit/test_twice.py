"""Twice the precision, against 50 digits."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.numbers.twice import Twice

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import random_truth
import twice_functions

CHECKS = [
    check
    for check in frozen.load()[0]
    if check.function in {"rnn_backward", "rnn_bptt"} and check.dtype == "float64" and not check.options
    # what random cases never have: rows that are ignored, and states of which nothing is left of the slope
    if not {"ignores", "list"} & set(check.flags) and "far" not in check.case
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_network_in_twice_the_precision_is_right_beyond_float64(check) -> None:
    answers = getattr(random_truth, check.function)(*check.arguments.values())
    assert list(answers) == list(check.expected)
    for name, (high, low) in answers.items():
        assert high.shape == check.expected[name].shape
        ulp = np.spacing(np.abs(check.expected[name]))
        error = ((high - check.expected[name]) + (low - check.remainder[name] * ulp)) / np.spacing(
            np.abs(check.expected[name]).max()
        )
        assert np.abs(error).max() < 2.0**-12, name


POINTS = np.array([-800.0, -300.5, -20.25, -3.0, -0.7, -0.1, -1e-9, 0.0, 1e-9, 0.3, 1.0, 7.5, 40.0])
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "exp": (twice_functions.exp, mpmath.exp, POINTS),
    "tanh": (twice_functions.tanh, mpmath.tanh, POINTS),
    "log": (twice_functions.log, mpmath.log, np.array([1e-9, 0.5, 1.0, 1.0 + 1e-9, 3.0, 1e9])),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_pairs_are_right_to_95_bits(name: str) -> None:
    function, exact, points = FUNCTIONS[name]
    low = np.ldexp(points, -60) / 3
    found = function((points, low))
    with mpmath.workdps(60):
        for i in range(len(points)):
            truth = exact(mpmath.mpf(float(points[i])) + mpmath.mpf(float(low[i])))
            error = abs(mpmath.mpf(float(found[0][i])) + mpmath.mpf(float(found[1][i])) - truth)
            assert error <= mpmath.mpf(2) ** -95 * max(1, abs(truth))


def test_a_sigmoid_follows_what_a_pair_has_beyond_float64() -> None:
    values, low = np.array([-900.0, -2.0, 0.0, 0.5, 30.0]), np.array([0.0, 1e-17, 1e-17, -1e-17, 1e-15])
    s = 1 / (1 + np.exp(-np.maximum(values, -700)))
    high, rest = Twice((values, low)).sigmoid().p
    np.testing.assert_allclose(high, s, rtol=4e-16, atol=1e-300)
    np.testing.assert_allclose((high - s) + rest, s * (1 - s) * low, rtol=1e-9, atol=1e-40)
    assert Twice((np.array([0.0, 1.0, -1.0]), np.zeros(3))).positive().tolist() == [False, True, False]
