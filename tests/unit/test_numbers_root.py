"""Where a function is zero: between which points, how near, and after how many looks."""

import math
from collections.abc import Callable

import pytest

from rnn_ref.conformance.numbers.root import MOST, Bracket, Near, between, brackets


def counted(function: Callable[[float], float]) -> tuple[Callable[[float], float], list[float]]:
    seen: list[float] = []

    def called(x: float) -> float:
        seen.append(x)
        return function(x)

    return called, seen


def around(function: Callable[[float], float], a: float, b: float) -> Bracket:
    return (a, function(a)), (b, function(b))


def test_signs_change_between_neighbours_also_at_a_zero_but_not_where_it_is_no_number() -> None:
    def cubic(x: float) -> float:
        return math.nan if x == 5 else x * (x - 2)

    found = [(a[0], b[0]) for a, b in brackets(cubic, [-1, 0, 1, 3, 4, 5, 6])]
    assert found == [(-1, 0), (0, 1), (1, 3)]
    assert [*brackets(lambda _: 0.0, [0, 1, 2])] == [*brackets(lambda x: 0.1 + x / 10, [0, 1, 2])] == []
    ((low, high),) = brackets(lambda x: x - 0.5, [0, 1])
    assert (low, high) == ((0.0, -0.5), (1.0, 0.5))


@pytest.mark.parametrize(
    ("function", "a", "b", "root"),
    [
        (lambda x: x * x - 2, 1.0, 3.0, math.sqrt(2)),
        (lambda x: 2 - x * x, 1.0, 3.0, math.sqrt(2)),
        (lambda x: x**9 - 1e-3, 0.0, 2.0, 1e-3 ** (1 / 9)),
        (lambda x: math.exp(x) - 1e6, 0.0, 20.0, math.log(1e6)),
    ],
    ids=["up", "down", "flat", "steep"],
)
def test_a_zero_is_found_to_the_last_bits_in_a_dozen_looks(
    function: Callable[[float], float], a: float, b: float, root: float
) -> None:
    called, seen = counted(function)
    for bracket in (around(function, a, b), around(function, b, a)):
        seen.clear()
        found = between(called, bracket, 0.0)
        assert abs(found.root - root) <= 4 * math.ulp(root)
        assert len(seen) <= 30
        (x, at_x), (y, at_y) = found.bracket
        assert at_x * at_y <= 0
        assert min(x, y) <= found.root <= max(x, y)
        assert found.root in (x, y)


def test_the_search_is_over_when_it_is_near_enough() -> None:
    called, seen = counted(lambda x: x * x - 2)
    found = between(called, ((1.0, -1.0), (3.0, 7.0)), 0.0625)  # of the larger: 0.4375
    assert seen == [1.25]
    assert found == Near(1.25, ((3.0, 7.0), (1.25, -0.4375)))
    called, seen = counted(lambda x: x - 1.5)
    assert between(called, ((1.0, -0.5), (2.0, 0.5)), 0.0) == Near(1.5, ((1.0, -0.25), (1.5, 0.0)))
    assert seen == [1.5]


def test_a_point_that_stays_counts_half_so_that_the_other_side_is_reached() -> None:
    """Illinois: after a step on one side twice, the value on the other is halved."""
    called, seen = counted(lambda x: x * x - 2)
    between(called, ((1.0, -1.0), (3.0, 7.0)), 0.0)
    second = (3.0 * -0.4375 - 1.25 * 7.0) / (-0.4375 - 7.0)
    at_second = second**2 - 2
    third = (3.0 * at_second - second * 3.5) / (at_second - 3.5)
    assert seen[:3] == pytest.approx([1.25, second, third], rel=1e-15)


@pytest.mark.parametrize("ends", [((1.0, 0.0), (3.0, 7.0)), ((3.0, 7.0), (1.0, 0.0))])
def test_an_end_that_is_a_zero_is_it(ends: Bracket) -> None:
    called, seen = counted(lambda x: x)
    assert between(called, ends, 0.0).root == 1.0
    assert not seen


def test_a_search_ends_where_there_is_no_number_and_after_so_many_points() -> None:
    assert between(lambda _: math.nan, ((0.0, -1.0), (1.0, 1.0)), 0.0) == Near(1.0, ((0.0, -1.0), (1.0, 1.0)))
    called, seen = counted(lambda x: math.copysign(1.0, x - 1 / 3))
    between(called, ((0.0, -1.0), (2.0**70, 1.0)), 0.0)
    assert MOST == 60
    next_one = math.nextafter(1.0, 2.0)
    for ends in (((1.0, -1.0), (next_one, 1.0)), ((next_one, 1.0), (1.0, -1.0))):
        called, looks = counted(lambda x: -1.0 if x <= 1 else 1.0)
        assert between(called, ends, 0.0).bracket == ends
        assert looks == [1.0]  # between two neighbours there is none
    assert len(seen) == 60
