"""Holes and ties in tables of counts, against numbers worked out by hand or by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import contingency

from unrealsynth.report.coverage import association, table


def test_a_hole_is_empty_where_something_was_to_be_expected() -> None:
    found = table("class × place", ["cone", "sign"], ["left", "right"], [[40, 40], [20, 0]])
    # sign: 20 of 100, right: 40 of 100.
    assert found.expected[1, 1] == pytest.approx(8.0)
    assert found.empty == [("sign", "right", pytest.approx(8.0))]
    assert (found.judged, found.unjudged) == (4, 0)


def test_an_empty_cell_of_a_rare_thing_says_nothing() -> None:
    found = table("class × place", ["cone", "sign"], ["left", "right"], [[40, 40], [4, 0]])
    assert found.empty == []
    assert found.unjudged == 1


def test_even_columns_show_a_side_that_nobody_saw() -> None:
    counts = [[30, 30, 0, 0]]
    assert table("side", ["cone"], "abcd", counts).empty == []
    assert [column for _, column, _ in table("side", ["cone"], "abcd", counts, even=True).empty] == ["c", "d"]


def test_a_table_without_anything() -> None:
    found = table("side", ["cone", "sign"], ["a", "b"], np.zeros((2, 2)))
    assert found.empty == []
    assert found.association() is None


@pytest.mark.parametrize(
    ("counts", "strength"),
    [
        ([[500, 0], [0, 500]], 1.0),  # each class in its own place
        ([[500, 500], [500, 500]], 0.0),
        ([[500, 500], [500, 500], [0, 0]], 0.0),  # a class that never occurs
    ],
)
def test_ties_by_hand(counts: list[list[int]], strength: float) -> None:
    found = association(np.array(counts))
    assert found is not None
    assert found.strength == pytest.approx(strength, abs=0.002)


def test_a_strong_tie_is_scipys_cramers_v_for_large_tables() -> None:
    counts = np.array([[900, 300, 200], [100, 800, 300], [50, 100, 700]])
    found = association(counts)
    assert found is not None
    assert found.strength == pytest.approx(contingency.association(counts, method="cramer"), abs=0.002)
    assert found.p < 1e-9


def test_chance_is_no_tie() -> None:
    rng = np.random.default_rng(7)
    strengths = []
    for _ in range(100):
        counts = np.zeros((5, 6), np.int64)
        np.add.at(counts, (rng.integers(0, 5, 200), rng.integers(0, 6, 200)), 1)
        found = association(counts)
        assert found is not None
        strengths.append(found.strength if found.p < 0.001 else 0.0)
    # Uncorrected, the mean would be about 0.16.
    assert np.mean(strengths) < 0.01


def test_a_thin_table_is_not_judged() -> None:
    assert association(np.array([[3, 0], [0, 3]])) is None
