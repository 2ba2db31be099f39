"""Axes, projection and boxes against numbers worked out by hand, scipy's rotations and scipy's polytopes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection
from scipy.spatial.transform import Rotation

from unrealsynth_plugin.core.geometry import (
    Box,
    CameraPose,
    Vec2,
    Vec3,
    axes,
    combine,
    corners,
    focal_length_px,
    full_box,
    place,
    project,
)

ORIGIN = (0.0, 0.0, 0.0)
ANGLE = st.floats(-360, 360)
ROTATION = st.tuples(ANGLE, ANGLE, ANGLE)
CUBE = corners(((-50.0, -50.0, -50.0), (50.0, 50.0, 50.0)))


def points(size: float) -> st.SearchStrategy[list[Vec3]]:
    coordinate = st.integers(-100_000, 100_000).map(lambda share: size * share / 100_000)
    return st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=5, max_size=14, unique=True)


def axes_by_scipy(rotation: Vec3) -> NDArray[np.float64]:
    """Rows forward, right, up. Worked out in a right-handed frame (X forward, Y left, Z up), then mirrored back.

    There, yaw to the right and nose up turn against the mathematical sense, right side down turns with it.
    """
    roll, pitch, yaw = rotation
    turn = Rotation.from_euler("ZYX", [-yaw, -pitch, roll], degrees=True).as_matrix()
    return np.array([turn[:, 0], -turn[:, 1], turn[:, 2]]) * [1, -1, 1]


@pytest.mark.parametrize(
    ("rotation", "forward", "right", "up"),
    [
        ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0, 0, 90), (0, 1, 0), (-1, 0, 0), (0, 0, 1)),  # yaw turns from X to Y
        ((0, 90, 0), (0, 0, 1), (0, 1, 0), (-1, 0, 0)),  # pitch looks up
        ((90, 0, 0), (1, 0, 0), (0, 0, -1), (0, 1, 0)),  # roll tips the right side down
        ((0, -90, 0), (0, 0, -1), (0, 1, 0), (1, 0, 0)),  # a camera looking straight down has its top ahead
        ((0, 90, 90), (0, 0, 1), (-1, 0, 0), (0, -1, 0)),  # pitch is about the turned axis
        ((90, 0, 90), (0, 1, 0), (0, 0, -1), (-1, 0, 0)),
        ((180, 0, 0), (1, 0, 0), (0, -1, 0), (0, 0, -1)),  # upside down
    ],
)
def test_quarter_turns(rotation: Vec3, forward: Vec3, right: Vec3, up: Vec3) -> None:
    assert np.allclose(axes(rotation), (forward, right, up), atol=1e-12)


def test_a_turn_about_all_three_axes() -> None:
    # roll 30, pitch 45, yaw 60: each product of sines and cosines multiplied out by hand.
    r2, r3, r6 = math.sqrt(2), math.sqrt(3), math.sqrt(6)
    forward = (r2 / 4, r6 / 4, r2 / 2)
    right = (r2 / 8 - 3 / 4, r6 / 8 + r3 / 4, -r2 / 4)
    up = (-(r6 / 8 + r3 / 4), 1 / 4 - 3 * r2 / 8, r6 / 4)
    assert np.allclose(axes((30, 45, 60)), (forward, right, up), atol=1e-12)


@given(ROTATION)
def test_any_rotation_agrees_with_scipy(rotation: Vec3) -> None:
    assert np.allclose(axes(rotation), axes_by_scipy(rotation), atol=1e-9)


def test_models_are_scaled_turned_and_moved() -> None:
    # Nose (x) to the world's Y, right side (y) to -X, doubled, then moved.
    placed = place([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)], (10.0, 20.0, 30.0), (0.0, 0.0, 90.0), 2.0)
    assert np.allclose(placed, [(10, 22, 30), (8, 20, 30), (10, 20, 32)])


@given(ROTATION, points(100), st.floats(0.1, 10))
def test_placing_keeps_the_shape(rotation: Vec3, hull: list[Vec3], scale: float) -> None:
    placed = np.array(place(hull, (5.0, -3.0, 8.0), rotation, scale))
    expected = scale * np.array(hull) @ axes_by_scipy(rotation) + (5.0, -3.0, 8.0)
    assert np.allclose(placed, expected, atol=1e-7)


def test_the_corners_of_a_box() -> None:
    expected = set(itertools.product((1.0, 4.0), (2.0, 5.0), (3.0, 6.0)))
    assert set(corners(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))) == expected


@pytest.mark.parametrize(
    ("fov", "width", "expected"),
    [
        (90.0, 640, 320.0),  # tan 45 = 1
        (60.0, 640, 554.2562584220407),  # 320 * sqrt 3
        (120.0, 300, 86.60254037844386),  # 150 / sqrt 3
    ],
)
def test_focal_length(fov: float, width: int, expected: float) -> None:
    assert focal_length_px(fov, width) == pytest.approx(expected, rel=1e-12)


LANDSCAPE, PORTRAIT = (640, 480), (480, 640)


@pytest.mark.parametrize(
    ("resolution", "location", "rotation", "point", "pixel"),
    [
        (LANDSCAPE, ORIGIN, ORIGIN, (100, 0, 0), (320, 240)),  # the axis meets the middle of the picture
        (LANDSCAPE, ORIGIN, ORIGIN, (100, 50, 25), (480, 160)),  # f = 320: right is right, up is a smaller y
        (LANDSCAPE, ORIGIN, ORIGIN, (200, 50, 25), (400, 200)),  # twice as far, half as far from the middle
        (PORTRAIT, ORIGIN, ORIGIN, (100, 50, 25), (360, 260)),  # f = 240: the angle is horizontal in portrait too
        (LANDSCAPE, ORIGIN, ORIGIN, (100, -100, 75), (0, 0)),  # the corner is the pixel's corner, not its centre
        (LANDSCAPE, ORIGIN, ORIGIN, (320, -319.5, 239.5), (0.5, 0.5)),  # the centre of the first pixel
        (LANDSCAPE, ORIGIN, ORIGIN, (100, 100, -75), (640, 480)),  # the far corner is the size
        (LANDSCAPE, ORIGIN, (90, 0, 0), (100, 0, 25), (240, 240)),  # right side down: what was above is left
        (LANDSCAPE, ORIGIN, (90, 0, 0), (100, 25, 0), (320, 160)),  # and what was right is above
        (LANDSCAPE, ORIGIN, (0, 0, 90), (-50, 100, 0), (480, 240)),  # looking along Y, -X is right
        (LANDSCAPE, (0, 0, 100), (0, -45, 0), (100, 0, 0), (320, 240)),  # looking down at the ground
        (LANDSCAPE, (0, 0, 100), (0, -45, 0), (200, 0, 0), (320, 240 - 320 / 3)),  # farther ground is higher
        (LANDSCAPE, (10, 20, 30), ORIGIN, (110, 70, 55), (480, 160)),  # only the difference counts
        (PORTRAIT, (0, 0, 100), (180, -45, 0), (200, 0, 0), (240, 320 + 240 / 3)),  # upside down
    ],
)
def test_projection_by_hand(
    resolution: tuple[int, int], location: Vec3, rotation: Vec3, point: Vec3, pixel: Vec2
) -> None:
    camera = CameraPose(location, rotation, 90.0)
    assert project(point, camera, resolution) == pytest.approx(pixel, abs=1e-9)


def test_only_what_is_beyond_the_near_plane_is_projected() -> None:
    camera = CameraPose(ORIGIN, ORIGIN, 90.0, near_cm=10.0)
    assert project((10.0, 0.0, 0.0), camera, LANDSCAPE) is None
    assert project((-100.0, 0.0, 0.0), camera, LANDSCAPE) is None
    assert project((10.001, 0.0, 0.0), camera, LANDSCAPE) == pytest.approx((320, 240))


def test_the_box_of_a_cube_by_hand() -> None:
    # The near face is 150 cm away, so 50 / 150 * 320 px to each side; the far face is smaller.
    box = full_box(CUBE, (200.0, 0.0, 0.0), ORIGIN, 1.0, CameraPose(ORIGIN, ORIGIN, 90.0), LANDSCAPE)
    assert box == pytest.approx((320 - 320 / 3, 240 - 320 / 3, 320 + 320 / 3, 240 + 320 / 3))


def test_the_box_of_a_cube_turned_and_scaled_by_hand() -> None:
    # Half as large, turned by 45 degrees: two edges stand 25 sqrt 2 to the sides, one as much nearer.
    box = full_box(CUBE, (200.0, 0.0, 0.0), (0.0, 0.0, 45.0), 0.5, CameraPose(ORIGIN, ORIGIN, 90.0), LANDSCAPE)
    side = 25 * math.sqrt(2)
    x, y = 320 * side / 200, 320 * 25 / (200 - side)
    assert box == pytest.approx((320 - x, 240 - y, 320 + x, 240 + y))


def test_the_box_of_a_cube_cut_by_the_near_plane_by_hand() -> None:
    # The near face is behind the camera; the cut at 10 cm is the widest part in front: 50 / 10 * 320 px.
    box = full_box(CUBE, (30.0, 0.0, 0.0), ORIGIN, 1.0, CameraPose(ORIGIN, ORIGIN, 90.0), LANDSCAPE)
    assert box == pytest.approx((320 - 1600, 240 - 1600, 320 + 1600, 240 + 1600))


@pytest.mark.parametrize(
    ("x", "seen"),
    [
        (-200.0, False),  # behind
        (-39.999, True),  # the far face is a hair beyond the near plane
        (-40.0, False),  # the far face lies in the near plane
        (1e5, True),
    ],
)
def test_there_is_no_box_behind_the_near_plane(x: float, seen: bool) -> None:
    box = full_box(CUBE, (x, 0.0, 0.0), ORIGIN, 1.0, CameraPose(ORIGIN, ORIGIN, 90.0), LANDSCAPE)
    assert (box is not None) == seen


def view_of(hull: list[Vec3], location: Vec3, rotation: Vec3, scale: float, camera: CameraPose) -> NDArray[np.float64]:
    """(depth, right, up) of every point, by matrices."""
    world = scale * np.array(hull) @ axes_by_scipy(rotation) + location
    return np.asarray((world - camera.location_cm) @ axes_by_scipy(camera.rotation_deg).T)


def box_of(view: NDArray[np.float64], fov: float, resolution: tuple[int, int]) -> Box:
    """Box of the points' pixels, by the projection matrix."""
    width, height = resolution
    half = math.tan(math.radians(fov / 2))
    x = (1 + view[:, 1] / view[:, 0] / half) * width / 2
    y = (1 - view[:, 2] / view[:, 0] / half * width / height) * height / 2
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


@given(points(100), ROTATION, ROTATION, st.floats(0.2, 3), st.floats(20, 120), st.sampled_from([LANDSCAPE, PORTRAIT]))
def test_the_box_in_front_is_the_box_of_all_points(
    hull: list[Vec3], rotation: Vec3, look: Vec3, scale: float, fov: float, resolution: tuple[int, int]
) -> None:
    # The farthest point of any of these is 520 cm from the middle.
    location = combine((7.0, -20.0, 90.0), axes(look), (600.0, 30.0, -40.0))
    camera = CameraPose((7.0, -20.0, 90.0), look, fov)
    box = full_box(hull, location, rotation, scale, camera, resolution)
    assert box == pytest.approx(box_of(view_of(hull, location, rotation, scale, camera), fov, resolution), abs=1e-6)


def beyond(view: NDArray[np.float64], near: float) -> NDArray[np.float64] | None:
    """Corners of the hull of `view` cut off at depth `near`, by half-spaces; None when it is thin."""
    spaces = np.vstack([ConvexHull(view, qhull_options="QJ").equations, [-1.0, 0.0, 0.0, near]])
    # The centre of the largest ball inside, to start from.
    lengths = np.linalg.norm(spaces[:, :3], axis=1, keepdims=True)
    ball = linprog([0, 0, 0, -1], np.hstack([spaces[:, :3], lengths]), -spaces[:, 3], bounds=(None, None))
    if ball.status != 0 or ball.x[3] < 0.1:
        return None
    return np.asarray(HalfspaceIntersection(spaces, ball.x[:3]).intersections)


@settings(max_examples=60)
@given(points(100), ROTATION, st.floats(-80, 80))
def test_the_box_is_cut_at_the_near_plane(hull: list[Vec3], look: Vec3, ahead: float) -> None:
    camera = CameraPose(ORIGIN, look, 70.0)
    location = combine(ORIGIN, axes(look), (ahead, 10.0, -5.0))
    view = view_of(hull, location, ORIGIN, 1.0, camera)
    assume(view[:, 0].min() < 10 < view[:, 0].max())
    assume(np.linalg.matrix_rank(view - view[0], tol=1.0) == 3)
    cut = beyond(view, 10.0)
    assume(cut is not None)
    assert cut is not None
    box = full_box(hull, location, ORIGIN, 1.0, camera, LANDSCAPE)
    # Qhull joggles its input a little, and the near plane magnifies.
    assert box == pytest.approx(box_of(cut, 70.0, LANDSCAPE), rel=1e-4, abs=0.05)


@settings(max_examples=30)
@given(points(100), ROTATION, st.floats(-80, 80))
def test_no_part_in_front_of_the_near_plane_is_outside_the_box(hull: list[Vec3], look: Vec3, ahead: float) -> None:
    camera = CameraPose(ORIGIN, look, 70.0)
    location = combine(ORIGIN, axes(look), (ahead, 10.0, -5.0))
    view = view_of(hull, location, ORIGIN, 1.0, camera)
    first, second = (view[list(side)] for side in np.triu_indices(len(view), 1))
    along = np.linspace(0, 1, 200)[:, None, None]
    inside = (first + along * (second - first)).reshape(-1, 3)
    inside = inside[inside[:, 0] > 10 + 1e-6]
    box = full_box(hull, location, ORIGIN, 1.0, camera, LANDSCAPE)
    assert (box is None) == (view[:, 0].max() <= 10)
    if box is not None and len(inside):
        sampled = box_of(inside, 70.0, LANDSCAPE)
        slack = 1e-6 * max(map(abs, box))
        assert box[0] <= sampled[0] + slack and box[1] <= sampled[1] + slack
        assert box[2] >= sampled[2] - slack and box[3] >= sampled[3] - slack
