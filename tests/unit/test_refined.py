"""The truth of many steps at once: equal to 50 digits, functions of pairs included."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from unit_given import drawn

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.numbers import refined, sharp
from rnn_ref.conformance.numbers.sharp import Sharp
from rnn_ref.conformance.numbers.through import as_arrays
from rnn_ref.conformance.numbers.twice import pair
from rnn_ref.conformance.spec import OPERATIONS, family_of
from rnn_ref.conformance.spec.recurrent import asked_of
from rnn_ref.conformance.spec.truth import ask_decimal

FUNCTIONS = {
    "exp": (sharp.exp, mpmath.exp),
    "expm1": (sharp.expm1, mpmath.expm1),
    "tanh": (lambda a: Sharp(a).tanh().p, mpmath.tanh),
    "sigmoid": (lambda a: Sharp(a).sigmoid().p, lambda z: 1 / (1 + mpmath.exp(-z))),
    "divided": (lambda a: sharp.divided(pair(np.ones_like(a[0])), a), lambda z: 1 / z),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 10.0, 100.0])
def test_functions_of_pairs_are_right_to_75_bits(name, scale):
    ours, theirs = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    high = scale * rng.normal(size=100)
    low = high * rng.uniform(-1, 1, 100) * 2.0**-55
    found = ours((high, low))
    with mpmath.workdps(60):
        for a, b, first, second in zip(high, low, *found, strict=True):
            due = theirs(mpmath.mpf(float(a)) + mpmath.mpf(float(b)))
            assert abs(mpmath.mpf(float(first)) + mpmath.mpf(float(second)) - due) <= abs(due) * 2.0**-75


def off(first, missing, nearest, rest):
    """Return how far two answers are apart, each as the nearest float64 and what is missing in ulp of it, in ulp."""
    ulp = Fraction(float(np.spacing(abs(nearest)) or 1))
    ours = Fraction(float(first)) + Fraction(float(missing)) * Fraction(float(np.spacing(abs(first))))
    return abs(float((ours - Fraction(float(nearest))) / ulp) - float(rest))


THROUGH_TIME = [name for name, one in OPERATIONS.items() if one.cell and one.cell.states and one.timed]


@pytest.mark.parametrize("name", THROUGH_TIME)
@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_what_goes_through_time_is_what_50_digits_give(name, gain):
    rng = np.random.default_rng(3)
    inputs = drawn(name, "float64", rng, {"T": 25, "B": 2, "D": 3, "H": 4, "V": 2})
    inputs["W_hh"] *= gain
    operation = OPERATIONS[name]
    cell, asked = asked_of(operation, inputs, {})
    due = ask_decimal(name, inputs, {})
    if operation.states:
        every = refined.states(cell, asked.X_seq, asked.states0, asked.weights)
        found = {output: Sharp(one).rest() for output, one in zip(operation.ends, every, strict=True)}
    else:
        back = refined.gradients(cell, asked, asked.upstream, asked.states)
        parts = [
            as_arrays(cell, back, lambda one, part=part: one.p[part], asked.X_seq, asked.states0) for part in (0, 1)
        ]
        found = {output: Sharp(both).rest() for output, both in zip(due, zip(*parts, strict=True), strict=True)}
    for output, (nearest, rest) in due.items():
        pairs = zip(*(np.ravel(one) for one in (*found[output], nearest, rest)), strict=True)
        assert max(off(*one) for one in pairs) < 1e-4, output


def test_a_float64_run_alone_is_not():
    inputs = drawn("rnn_forward", "float64", np.random.default_rng(3), {"T": 25, "B": 2, "D": 3, "H": 4, "V": 2})
    cell, asked = asked_of(OPERATIONS["rnn_forward"], inputs, {})
    near = refined.near(cell, asked.X_seq, asked.states0, asked.weights)[0]
    nearest, rest = ask_decimal("rnn_forward", inputs, {})["h_states"]
    assert max(off(a, 0, b, c) for a, b, c in zip(near.ravel(), nearest.ravel(), rest.ravel(), strict=True)) > 1


CHECKS = [one for one in frozen.load()[0] if one.dtype == "float64" and not one.operation.cell and not one.forms]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_losses_in_pairs_are_what_50_digits_give(check):
    theirs = family_of(check.function).part("truth").IN_PAIRS[check.function]
    with np.errstate(all="ignore"):
        found = theirs(*check.arguments.values(), **check.options)
        for output, expected in check.expected.items():
            nearest, rest = Sharp((np.asarray(found[output][0]), np.asarray(found[output][1]))).rest()
            error = np.abs((nearest - expected) / np.spacing(np.abs(expected)) + rest - check.remainder[output])
            same = (nearest == expected) | np.isnan(nearest) & np.isnan(expected) | (np.abs(expected) < 1e-300)
            assert nearest.shape == expected.shape
            wanted = np.where(np.abs(expected) < 2.0**-106, 2.0, 1e-3)  # a slope below the last bit of 1 is a float64
            assert np.all(np.where(same & ~np.isfinite(error) | (np.abs(expected) < 1e-300), 0, error) < wanted)
            assert np.all(np.abs(nearest[np.abs(expected) < 1e-300]) < 1e-25)  # of slopes that are 0 to 106 bits
