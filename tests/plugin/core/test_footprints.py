"""Prisms: overlap against linear programming, lines against dense samples."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from unrealsynth_plugin.core.footprints import Footprint, blocks, contains, footprint, overlap
from unrealsynth_plugin.core.geometry import Vec2, Vec3, corners, place

COORDINATE = st.integers(-60_000, 60_000).map(lambda thousandths: thousandths / 1000)
POINT = st.tuples(COORDINATE, COORDINATE, COORDINATE)


def box(low: Vec3, high: Vec3) -> Footprint:
    return footprint(corners((low, high)))


@st.composite
def prisms(draw: st.DrawFn) -> Footprint:
    """The prism of a box turned about all axes, as placed models have it."""
    half = st.floats(1, 30)
    x, y, z = draw(st.tuples(half, half, half))
    rotation = draw(st.tuples(*[st.floats(0, 360)] * 3))
    return footprint(place(corners(((-x, -y, -z), (x, y, z))), draw(POINT), rotation, 1.0))


def common_point(a: Footprint, b: Footprint) -> bool:
    """Whether the outlines have a point in common: one point as two convex combinations of corners."""
    first, second = np.array(a.outline), np.array(b.outline)
    same = np.hstack([first.T, -second.T])
    sums = np.array([[1.0] * len(first) + [0.0] * len(second), [0.0] * len(first) + [1.0] * len(second)])
    return bool(linprog(np.zeros(same.shape[1]), A_eq=np.vstack([same, sums]), b_eq=[0, 0, 1, 1]).status == 0)


def grown(prism: Footprint, share: float) -> Footprint:
    """The same prism with its outline larger by a factor about its middle."""
    x, y = np.mean(prism.outline, axis=0)
    outline = tuple((x + share * (px - x), y + share * (py - y)) for px, py in prism.outline)
    return Footprint(outline, prism.low_cm, prism.high_cm)


def sides(prism: Footprint) -> NDArray[np.float64]:
    """Dense points on the outline."""
    outline = np.array(prism.outline)
    along = np.linspace(0, 1, 80)[:, None, None]
    return np.asarray((outline + along * (np.roll(outline, -1, axis=0) - outline)).reshape(-1, 2))


def test_the_prism_of_a_turned_box_by_hand() -> None:
    # A cube standing on an edge is sqrt 2 wide and high; seen from above it is a rectangle.
    cube = corners(((-10.0, -10.0, -10.0), (10.0, 10.0, 10.0)))
    prism = footprint(place(cube, (100.0, 0.0, 50.0), (45.0, 0.0, 0.0), 1.0))
    wide = 10 * math.sqrt(2)
    assert (prism.low_cm, prism.high_cm) == pytest.approx((50 - wide, 50 + wide))
    expected = [(90, -wide), (110, -wide), (110, wide), (90, wide)]
    assert sorted(np.round(prism.outline, 9).tolist()) == sorted(np.round(expected, 9).tolist())


@given(st.lists(POINT, min_size=3, max_size=20))
def test_the_outline_turns_left_and_holds_every_point(points: list[Vec3]) -> None:
    prism = footprint(points)
    outline = np.array(prism.outline)
    assume(len(outline) >= 3)
    ahead, after = np.roll(outline, -1, axis=0) - outline, np.roll(outline, -2, axis=0) - np.roll(outline, -1, axis=0)
    assert (ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0] > -1e-9).all()
    for x, y, z in points:
        away = np.array([x, y]) - outline
        assert (ahead[:, 0] * away[:, 1] - ahead[:, 1] * away[:, 0] >= -1e-6).all()
        assert prism.low_cm <= z <= prism.high_cm
    assert set(prism.outline) <= {(x, y) for x, y, _ in points}


@pytest.mark.parametrize(
    ("low", "high", "gap", "expected"),
    [
        ((5, 5, 5), (15, 15, 15), 0.0, True),  # a corner inside
        ((2, 2, 2), (8, 8, 8), 0.0, True),  # one in the other
        ((-5, 4, 4), (15, 6, 6), 0.0, True),  # a cross without a corner inside
        ((10, 0, 0), (20, 10, 10), 0.0, False),  # touching
        ((11, 0, 0), (20, 10, 10), 0.9, False),  # apart by more than the gap
        ((11, 0, 0), (20, 10, 10), 1.1, True),  # by less
        ((0, 0, 10), (10, 10, 20), 0.0, False),  # stacked
        ((0, 0, 12), (10, 10, 20), 2.5, True),  # stacked too near
        ((0, 0, 12), (10, 10, 20), 1.5, False),
        ((11, 11, 0), (20, 20, 10), 0.9, False),  # corner to corner
        ((-20, -20, 0), (-1, -1, 10), 0.9, False),
    ],
)
def test_overlap_of_upright_boxes(low: Vec3, high: Vec3, gap: float, expected: bool) -> None:
    fixed, other = box((0, 0, 0), (10, 10, 10)), box(low, high)
    assert overlap(fixed, other, gap) is expected
    assert overlap(other, fixed, gap) is expected


def test_a_turned_box_reaches_into_a_corner_that_its_bounds_do_not_tell() -> None:
    # The diamond's corner (0, 14.1) is far from the point (10, 10), though bounding boxes overlap.
    diamond = footprint(place(corners(((-10, -10, 0), (10, 10, 10))), (0, 0, 0), (0, 0, 45), 1.0))
    assert not overlap(diamond, box((9, 9, 0), (14, 14, 10)))
    assert overlap(diamond, box((6, 6, 0), (14, 14, 10)))


@settings(max_examples=80)
@given(prisms(), prisms())
def test_prisms_overlap_where_a_common_point_exists(a: Footprint, b: Footprint) -> None:
    # Left out: pairs that touch within a rounding error.
    assume(common_point(grown(a, 0.999), b) == common_point(grown(a, 1.001), b))
    assume(min(abs(a.high_cm - b.low_cm), abs(b.high_cm - a.low_cm)) > 1e-6)
    heights_meet = a.low_cm < b.high_cm and b.low_cm < a.high_cm
    assert overlap(a, b) == (heights_meet and common_point(a, b))
    assert overlap(a, b) == overlap(b, a)


@given(prisms(), prisms(), st.floats(0, 30))
def test_prisms_that_do_not_overlap_are_a_gap_apart(a: Footprint, b: Footprint, gap: float) -> None:
    assert overlap(a, b, gap) == overlap(b, a, gap)
    assert overlap(a, b, gap) or not overlap(a, b)
    if not overlap(a, b, gap) and a.low_cm < b.high_cm and b.low_cm < a.high_cm:
        distances = np.linalg.norm(sides(a)[:, None] - sides(b)[None], axis=2)
        assert distances.min() >= gap - 1e-6


@given(prisms(), prisms(), POINT)
def test_moving_both_changes_nothing(a: Footprint, b: Footprint, offset: Vec3) -> None:
    # Left out: pairs that touch within a rounding error.
    assume(overlap(a, b, 1e-6) == overlap(a, b, -1e-6))
    assert overlap(a.moved(offset), b.moved(offset)) == overlap(a, b)


@given(prisms(), POINT, st.floats(0, 20))
def test_a_point_is_inside_between_all_sides_and_heights(prism: Footprint, point: Vec3, margin: float) -> None:
    x, y, z = point
    inside = prism.low_cm - margin <= z <= prism.high_cm + margin
    outline = prism.outline
    for i, (x0, y0) in enumerate(outline):
        x1, y1 = outline[(i + 1) % len(outline)]
        # Distance to the left of the side; short sides of a projected box have no direction to speak of.
        length = math.hypot(x1 - x0, y1 - y0)
        if length > 1e-9:
            left = ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length
            assume(abs(left + margin) > 1e-6)
            inside = inside and left > -margin
    assert contains(prism, point, margin) == inside


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((-5, 5, 5), (15, 5, 5), True),  # straight through
        ((-5, 5, 5), (5, 5, 5), True),  # ends inside
        ((5, 5, 5), (5, 5, 5.5), True),  # wholly inside
        ((-5, 5, 5), (-1, 5, 5), False),  # ends before it
        ((15, 5, 5), (11, 5, 5), False),
        ((-5, 5, 12), (15, 5, 12), False),  # above
        ((-5, 5, 12), (15, 5, -2), True),  # slanting down through it
        ((-5, 12, 5), (15, 12, 5), False),  # beside, parallel to a side
        ((5, 5, -5), (5, 5, 15), True),  # upright
        ((12, 5, -5), (12, 5, 15), False),
        ((-5, 14, 5), (6, -2, 5), True),  # cuts a corner
        ((-5, 4, 5), (4, -5, 5), False),  # misses it
    ],
)
def test_lines_through_a_box(start: Vec3, end: Vec3, expected: bool) -> None:
    assert blocks(box((0, 0, 0), (10, 10, 10)), start, end) is expected
    assert blocks(box((0, 0, 0), (10, 10, 10)), end, start) is expected


@given(prisms(), POINT, POINT)
def test_a_line_is_blocked_where_a_sample_of_it_is_inside(prism: Footprint, start: Vec3, end: Vec3) -> None:
    samples = np.linspace(start, end, 800)
    hit = any(contains(prism, (float(x), float(y), float(z)), -1e-3) for x, y, z in samples)
    near = any(contains(prism, (float(x), float(y), float(z)), 0.3) for x, y, z in samples)
    # Samples are at most 0.26 cm apart.
    assert hit <= blocks(prism, start, end) <= near


@pytest.mark.parametrize(
    "points",
    [
        [(0.0, 0.0, 0.0), (0.0, 0.0, 9.0)],  # a pole without thickness
        [(0.0, 0.0, 0.0), (0.0, 5.0, 9.0), (0.0, 9.0, 0.0)],  # an upright sheet
        [(1.0, 1.0, 1.0)] * 4,
    ],
)
def test_flat_models_are_no_trouble(points: list[Vec3]) -> None:
    flat = footprint(points)
    around: Vec2 = (points[0][0], points[0][1])
    assert overlap(flat, box((around[0] - 5, around[1] - 5, 0), (around[0] + 5, around[1] + 5, 9)))
    assert not overlap(flat, box((20, 20, 0), (30, 30, 9)))
