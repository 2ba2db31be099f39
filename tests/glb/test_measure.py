"""Convex hulls: the vertices that span a shape, no fewer, also of shapes without volume."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from unrealsynth.glb.measure import MAX_HULL_POINTS, hull_vertices, thin, unreal_axes

_CUBE = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)])


def _sphere(count: int) -> np.ndarray:
    points = np.random.default_rng(1).normal(size=(count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_axes_are_unreals_in_centimetres() -> None:
    assert unreal_axes(np.array([[1.0, 2.0, 3.0]])).tolist() == [[100.0, 300.0, 200.0]]


@pytest.mark.parametrize(
    ("points", "corners"),
    [
        (np.concatenate([_CUBE, _CUBE * 0.5 + 0.25]), 8),  # points inside do not count
        (np.concatenate([_CUBE] * 100), 8),  # nor do repeated ones
        (_CUBE * (1, 1, 0), 4),  # flat
        (_CUBE * (1, 1, 1e-12), 8),  # all but flat: its bounds stay exact
        (_CUBE @ np.array([[1, 2, 3], [0, 1, 1], [0, 0, 0.0]]), 4),  # flat and askew
        (np.linspace(0, 1, 50)[:, None] * (1.0, 2.0, 3.0), 2),  # straight
        (np.linspace(0, 1, 50)[:, None] * (0.0, 0.0, 3.0), 2),  # straight along an axis
        (np.ones((9, 3)), 1),  # a single point
        (_CUBE[:3], 3),  # one triangle
        (_CUBE * 1e-7, 8),  # tiny
        (_CUBE * 1e7 + 1e8, 8),  # large and far away
    ],
)  # fmt: skip
def test_hull_of_simple_shapes(points: np.ndarray, corners: int) -> None:
    hull = hull_vertices(points)
    assert len(hull) <= corners
    assert np.array_equal(hull.min(axis=0), points.min(axis=0))
    assert np.array_equal(hull.max(axis=0), points.max(axis=0))
    if np.ptp(points, axis=0).min() > 1e-9:
        assert len(hull) == corners


_COORDINATES = st.floats(-100, 100, width=32)


@given(st.lists(st.tuples(_COORDINATES, _COORDINATES, _COORDINATES), min_size=1, max_size=60))
@settings(deadline=None, max_examples=150)
def test_no_direction_sees_anything_beyond_the_hull(corners: list[tuple[float, float, float]]) -> None:
    points = np.array(corners)
    hull = hull_vertices(points)
    directions = np.concatenate([_sphere(50), np.eye(3), -np.eye(3)])
    reach = np.abs(points).max()
    assert np.allclose(
        (hull @ directions.T).max(axis=0), (points @ directions.T).max(axis=0), atol=1e-6 * reach, rtol=0
    )
    assert {tuple(point) for point in hull} <= {tuple(point) for point in points}


def test_a_hull_of_few_vertices_is_kept_whole() -> None:
    vertices = _sphere(MAX_HULL_POINTS)
    assert np.array_equal(thin(vertices).points, vertices)
    assert thin(vertices).deviation == 0.0


@pytest.mark.parametrize(
    ("vertices", "share"),
    [
        # Of a net as even as this one, no vertex can be left out without a hole.
        (trimesh.creation.icosphere(subdivisions=4).vertices, 1.5e-3),
        (trimesh.creation.uv_sphere(count=(80, 80)).vertices, 1e-3),
        (trimesh.creation.capsule(height=5, radius=1, count=(80, 80)).vertices, 1e-3),
        (_sphere(5000) * (1, 1, 0.1), 1e-3),
        (_sphere(5000) * (20, 1, 1), 1e-3),
    ],
    ids=["even ball", "ball", "capsule", "disc", "needle"],
)  # fmt: skip
def test_a_thinned_hull_loses_about_a_thousandth_of_the_size(vertices: np.ndarray, share: float) -> None:
    assert len(hull_vertices(vertices)) > MAX_HULL_POINTS
    hull = thin(vertices)
    assert len(hull.points) <= MAX_HULL_POINTS
    size = np.ptp(vertices, axis=0).max()
    assert 0 < hull.deviation < share * size
    directions = _sphere(3000)
    lost = (vertices @ directions.T).max(axis=0) - (hull.points @ directions.T).max(axis=0)
    assert lost.max() <= hull.deviation + 1e-9
    assert np.array_equal(hull.points.max(axis=0), vertices.max(axis=0))


def test_a_thinned_disc_states_how_much_it_loses() -> None:
    angles = np.linspace(0, 2 * np.pi, 9000, endpoint=False)
    disc = np.stack([np.cos(angles), np.sin(angles), np.zeros(9000)], axis=1)
    hull = thin(disc)
    assert len(hull.points) <= MAX_HULL_POINTS
    lost = (disc @ disc.T[:, ::7]).max(axis=0) - (hull.points @ disc.T[:, ::7]).max(axis=0)
    assert lost.max() <= hull.deviation + 1e-12 < 1e-4
