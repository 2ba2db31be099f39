"""Smallest rotated rectangles, against true rectangles and a plain search over all angles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drawn_masks import fill, masks
from unrealsynth.oriented_boxes import oriented_box

Points = NDArray[np.float64]


def area(corners: Points) -> float:
    x, y = corners.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def turned_rectangle(width: float, height: float, angle_deg: float, centre: tuple[float, float]) -> Points:
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    corners = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    return np.asarray(corners @ np.array([[c, s], [-s, c]]) + centre)


@pytest.mark.parametrize("angle_deg", [0, 7, 30, 45, 63, 90, 121])
def test_a_drawn_rectangle_is_found_again(angle_deg: float) -> None:
    drawn = turned_rectangle(120, 50, angle_deg, (110.3, 90.7))
    found = oriented_box(fill(drawn, (180, 220)), (0, 0), (220, 180))
    # Pixels reach at most a pixel beyond the true edge.
    assert area(found) == pytest.approx(120 * 50, abs=2 * 170)
    for corner in found:
        assert np.hypot(*(drawn - corner).T).min() < 2.0


@given(masks(30), st.integers(0, 20), st.integers(0, 20))
def test_it_holds_the_mask_is_small_inside_and_in_order(mask: NDArray[np.bool_], top: int, left: int) -> None:
    height, width = mask.shape
    resolution = (left + width + 5, top + height + 3)
    corners = oriented_box(mask, (top, left), resolution)
    # Inside the picture.
    assert (corners >= 0).all() and (corners <= resolution).all()
    # Clockwise (y down), right angles, beginning nearest to the upper left corner.
    sides = np.roll(corners, -1, axis=0) - corners
    assert area(corners) > 0
    for a, b in zip(sides, np.roll(sides, -1, axis=0), strict=True):
        assert abs(np.dot(a, b)) <= 1e-6 * np.hypot(*a) * np.hypot(*b) + 1e-9
    assert corners.sum(axis=1).argmin() == 0 or corners.sum(axis=1)[0] == pytest.approx(corners.sum(axis=1).min())
    # Around every corner of every pixel.
    rows, columns = np.nonzero(mask)
    points = np.array(
        [(x + dx + left, y + dy + top) for x, y in zip(columns, rows, strict=True) for dx in (0, 1) for dy in (0, 1)]
    )
    for corner, side in zip(corners, sides, strict=True):
        inward = np.array([-side[1], side[0]]) / np.hypot(*side)
        assert ((points - corner) @ inward).min() > -1e-6
    # Never larger than the upright box, which always stays inside.
    assert area(corners) <= np.prod(points.max(axis=0) - points.min(axis=0)) + 1e-6
    # Where the picture is no limit, no larger than the best of many angles.
    free = oriented_box(mask, (100, 100), (300, 300))
    best = math.inf
    for angle in np.radians(np.arange(0, 90, 0.5)):
        u = np.array([math.cos(angle), math.sin(angle)])
        v = np.array([-u[1], u[0]])
        best = min(best, float(np.prod([np.ptp(points @ axis) for axis in (u, v)])))
    assert area(free) <= best + 1e-6


def test_at_the_edge_the_rectangle_stays_in_the_picture() -> None:
    """A triangle in the corner: its smallest rectangle would reach outside."""
    mask = np.tri(40, dtype=np.bool_)
    corners = oriented_box(mask, (0, 0), (40, 40))
    assert corners.tolist() == [[0, 0], [40, 0], [40, 40], [0, 40]]
