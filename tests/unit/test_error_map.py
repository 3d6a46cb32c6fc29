"""The picture of errors over time and unit: which numbers are kept of it, and where one shade ends."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.judge.error_map import LEGEND, SHADES, ErrorMap, _map_of, drawn, shade

EDGES = [(0.0, "."), (1.0, "."), (1.01, "x"), (1e3, "x"), (1000.5, "X"), (1e9, "X"), (1e9 + 0.5, "#"), (np.inf, "#")]


def test_a_shade_ends_where_the_legend_says() -> None:
    assert [SHADES[shade(ratio)][1] for ratio, _ in EDGES] == [letter for _, letter in EDGES]
    assert shade(np.nan) == 3
    assert LEGEND.startswith(". right, x X # wrong: up to 1e3, up to 1e9, more")


@pytest.mark.parametrize("batch", [None, 3])
def test_sixty_steps_and_eight_units_are_kept_of_the_row_that_is_worst(batch: int | None) -> None:
    ratios = np.random.default_rng(0).uniform(1, 2, (70, *([batch] if batch else []), 9))
    if batch:
        ratios[5, 1, 8] = 99.0  # in a unit that has no room
    comparison: Any = SimpleNamespace(name="h_states", ratios=ratios)
    found = _map_of("id", comparison)
    kept = ratios[:, 1] if batch else ratios
    assert (found.check, found.output, found.batch_row) == ("id", "h_states", 1 if batch else None)
    np.testing.assert_allclose(found.ratios, kept[:60, :8], atol=0.05, rtol=0, strict=True)
    assert all(len(f"{one:g}") <= 3 for row in found.ratios for one in row)


def test_one_unit_and_many_rows_are_not_taken_for_one_another() -> None:
    ratios = np.ones((2, 9, 1))
    ratios[1, 8, 0] = 7.0
    comparison: Any = SimpleNamespace(name="h_states", ratios=ratios)
    assert _map_of("id", comparison).ratios == [[1.0], [7.0]]
    assert _map_of("id", comparison).batch_row == 8


def test_it_is_drawn_with_a_line_for_each_unit_and_a_column_for_each_step() -> None:
    found = ErrorMap("rnn_forward/generic-float64", "h_states", 2, [[0.5, 2.0], [1e4, 1e10]])
    head, *lines, _ = drawn(found)
    assert head == "rnn_forward/generic-float64: h_states, batch row 2, a column for each step"
    assert lines == ["  unit 0 .X", "  unit 1 x#"]
