from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth.dataset.splits import share, split_of


@pytest.mark.parametrize(
    ("val", "validation"),
    [
        (0.5, {1, 3, 5, 7, 9}),
        (0.2, {4, 9}),
        (0.1, {9}),  # 0.1 as a float would lose frame 9 to rounding in places
        (0.3, {3, 6, 9}),
        (1, set(range(10))),
        (0, set()),
    ],
)
def test_frames_for_validation(val: float, validation: set[int]) -> None:
    assert {k for k in range(10) if split_of(k, share(val)) == "val"} == validation


@given(st.integers(1, 5000), st.integers(0, 100))
def test_every_stretch_has_its_share(images: int, percent: int) -> None:
    val = share(percent / 100)
    count = sum(split_of(k, val) == "val" for k in range(images))
    assert count == images * percent // 100


def test_shares_are_what_was_written() -> None:
    assert share(0.7) == Fraction(7, 10)
    assert share("0.25") == Fraction(1, 4)
