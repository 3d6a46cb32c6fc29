"""The arithmetic under the softmax, against exact fractions."""

from fractions import Fraction
from math import fsum

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from unit_problems import U

from rnn_ref.loss.softmax import two_diff
from rnn_ref.loss.sums import precise_sum, sums_of_others

finite = st.floats(-1e300, 1e300)
lists = st.lists(finite, min_size=1, max_size=40)
shares = st.lists(st.floats(1e-30, 1), min_size=2, max_size=20)


def exactly(*values):
    return sum(map(Fraction, values))


@given(finite, finite)
def test_a_difference_and_what_its_rounding_cut_off_are_exact(a, b):
    difference, lost = two_diff(np.float64(a), np.float64(b))
    assert difference == a - b
    assert exactly(difference, lost) == exactly(a, -b)


def test_what_is_cut_off_from_no_number_is_nothing():
    with np.errstate(invalid="ignore"):
        differences, lost = two_diff(np.array([np.inf, -np.inf, np.inf, np.nan]), np.array([0, 0, np.inf, 0]))
    np.testing.assert_array_equal(differences, [np.inf, -np.inf, np.nan, np.nan])
    np.testing.assert_array_equal(lost, 0)


@given(lists)
def test_a_sum_loses_the_last_rounding_and_what_is_too_small_to_matter(terms):
    """One rounding at the end, and n roundings of parts below 4 n u max|term|: 4 n² u² max|term|, doubled."""
    total, expected = precise_sum(np.array(terms)), exactly(*terms)
    negligible = 8 * len(terms) ** 2 * U**2 * max(map(abs, terms))
    assert abs(Fraction(float(total)) - expected) <= Fraction(2 * U) * abs(expected) + Fraction(negligible)


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=40))
def test_a_sum_of_nothing_negative_is_the_rounded_one_or_its_neighbour(terms):
    expected = fsum(terms)
    assert abs(float(precise_sum(np.array(terms))) - expected) <= np.spacing(expected)


@given(lists, st.randoms(use_true_random=False))
def test_a_sum_does_not_care_for_order(terms, random):
    shuffled = random.sample(terms, len(terms))
    first, second = precise_sum(np.array(terms)), precise_sum(np.array(shuffled))
    allowed = 4 * U * abs(fsum(terms)) + 16 * len(terms) ** 2 * U**2 * max(map(abs, terms))
    assert abs(first - second) <= allowed


def test_a_sum_that_cancels_keeps_what_is_left():
    assert precise_sum(np.array([1.0, 1e-17, -1.0])) == 1e-17
    assert precise_sum(np.array([1e16, 1.0, 1.0, -1e16])) == 2


def test_corrections_are_added_before_they_are_lost():
    terms, lost = np.array([1.0, 2.0**-53]), np.array([0.0, 2.0**-54])
    assert precise_sum(terms) == 1.0
    assert precise_sum(terms, lost) == 1 + 2.0**-52


def test_sums_go_along_the_last_axis():
    terms = np.array([[1.0, 1e-16, 1e-16], [4.0, 5.0, 6.0]])
    np.testing.assert_array_equal(precise_sum(terms), [1.0000000000000002, 15.0])


def test_infinities_and_nans_add_up_as_they_do():
    rows = np.array([[1.0, np.inf], [1.0, -np.inf], [np.inf, -np.inf], [np.nan, 1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(precise_sum(rows), [np.inf, -np.inf, np.nan, np.nan, 0.0])


@given(shares)
def test_the_sum_of_the_others_keeps_its_digits_beside_a_large_share(row):
    """Additions of nothing negative alone: n roundings, relative."""
    others = sums_of_others(np.array([row]))[0]
    for j, other in enumerate(others):
        expected = exactly(*row[:j], *row[j + 1 :])
        assert abs(Fraction(float(other)) - expected) <= Fraction((len(row) + 1) * U) * expected
