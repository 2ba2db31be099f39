"""Volumes, triangulations and noise against values worked out otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth.library.mesh import Solid, rotation, translation, vertices
from unrealsynth.library.noise import cells, spectral
from unrealsynth.library.pixels import encode_srgb, normals_of
from unrealsynth.library.polygons import circle, inset, rounded, triangulated
from unrealsynth.library.solids import box, extrusion, lathe, loft, tube
from unrealsynth.library.surfaces import rgb, smooth

PAINT = smooth((0.5, 0.5, 0.5))
L_SHAPE = [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0)]


def volume(solid: Solid) -> float:
    """By the divergence theorem: right only for a closed surface wound outward."""
    total = 0.0
    for patch in solid.patches:
        positions, _, _, triangles = vertices(patch)
        corners = positions.reshape(-1, 3)[triangles.reshape(-1, 3)]
        total += float(np.einsum("ni,ni->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))) / 6.0
    return total


def prism(sides: int) -> float:
    """Area of a regular polygon in the unit circle."""
    return 0.5 * sides * math.sin(2.0 * math.pi / sides)


RING = np.column_stack([np.zeros(16), circle(1.0, 16)])


@pytest.mark.parametrize(
    ("solid", "wanted", "tolerance"),
    [
        (box((2.0, 3.0, 4.0), PAINT), 24.0, 1e-9),
        # A cube rounded to a sphere of radius 1, from below.
        (box((2.0, 2.0, 2.0), PAINT, 0.9999, 8), 4.0 / 3.0 * math.pi, 0.1),
        (lathe([(0.0, 0.0), (1.0, 0.0), (1.0, 2.0), (0.0, 2.0)], PAINT, 24), 2.0 * prism(24), 1e-9),
        # A pipe: the profile goes down its inside.
        (lathe([(0.5, 0), (1.0, 0), (1.0, 1.0), (0.5, 1.0), (0.5, 0)], PAINT, 24), 0.75 * prism(24), 1e-9),
        (extrusion(L_SHAPE, 0.5, PAINT), 3.0 * 0.5, 1e-9),
        (extrusion(L_SHAPE, 0.5, PAINT, 0.01), 3.0 * 0.5, 0.01),
        (extrusion(circle(1.0, 20), 1.0, PAINT), prism(20), 1e-9),
        (tube([(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 3.0, 0.0)], 1.0, PAINT, 16), 3.0 * prism(16), 1e-9),
        (loft(np.stack([RING, RING + np.array([2.0, 0.0, 0.0])]), PAINT), 2.0 * prism(16), 1e-9),
        (box((1.0, 1.0, 1.0), PAINT).scaled(1.0, 2.0, -3.0), 6.0, 1e-9),  # mirrored, still outward
        (box((1.0, 1.0, 1.0), PAINT).repeated([translation(2.0 * k, 0.0, 0.0) for k in range(3)]), 3.0, 1e-9),
        # A shear keeps the volume.
        (box((1.0, 1.0, 1.0), PAINT).deformed(lambda p: p + np.outer(p[:, 1], [0.5, 0.0, 0.0])), 1.0, 1e-9),
    ],
)
def test_volume(solid: Solid, wanted: float, tolerance: float) -> None:
    assert volume(solid) == pytest.approx(wanted, abs=tolerance)


def test_rotation_is_right_handed() -> None:
    # By hand: a quarter turn about Y brings Z to X.
    assert rotation("y", 90.0)[:3, :3] @ [0.0, 0.0, 1.0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)
    assert rotation("x", 90.0)[:3, :3] @ [0.0, 1.0, 0.0] == pytest.approx([0.0, 0.0, 1.0], abs=1e-12)


@given(st.lists(st.floats(0.3, 2.0), min_size=3, max_size=24))
def test_triangles_cover_a_star_exactly(radii: list[float]) -> None:
    turns = np.arange(len(radii)) * (2.0 * math.pi / len(radii))
    polygon = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * np.array(radii)[:, None]
    corners = polygon[triangulated(polygon)]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = 0.5 * (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    x, y = polygon.T
    shoelace = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    assert len(areas) == len(radii) - 2
    assert areas.min() > -1e-9
    assert areas.sum() == pytest.approx(shoelace, rel=1e-9)


def test_rounding_and_inset_of_a_square() -> None:
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    soft = rounded(square, 0.2, 16)
    x, y = soft.T
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    # Each corner is a square of r² that keeps 16 triangles about its arc's centre.
    assert area == pytest.approx(1.0 - 4.0 * 0.04 + 64 * 0.5 * 0.04 * math.sin(math.pi / 32.0))
    assert inset(np.array(square), 0.1) == pytest.approx(np.array([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)]))


def test_spectral_noise_is_even_and_periodic() -> None:
    field = spectral(128, 32, 2, 1.0, seed=3)
    assert np.quantile(field, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.05)
    steps = np.abs(np.diff(field, axis=0)).mean(axis=1)
    assert np.abs(field[0] - field[-1]).mean() < steps.max()


def test_cells_find_the_nearest_point() -> None:
    """Against brute force over all points and their copies on the torus."""
    side, count = 32, 4
    found = cells(side, count, seed=5)
    jitter = (np.random.default_rng(5).random((count, count, 2), dtype=np.float32) - 0.5) * 0.85 + 0.5
    points = (jitter + np.stack(np.meshgrid(range(count), range(count), indexing="ij"), axis=-1)).reshape(-1, 2)
    texels = np.stack(np.meshgrid(range(side), range(side), indexing="ij"), axis=-1) * (count / side)
    offset = np.abs(texels[:, :, None] - points)
    distance = np.linalg.norm(np.minimum(offset, count - offset), axis=-1)
    assert np.array_equal(found.number, distance.argmin(axis=2))
    ordered = np.sort(distance, axis=2)
    assert found.centre == pytest.approx(ordered[..., 0], abs=1e-5)
    assert found.border == pytest.approx((ordered[..., 1] - ordered[..., 0]) / 2.0, abs=1e-5)


def test_colours_and_normals_by_hand() -> None:
    assert encode_srgb(np.array([0.0, 0.5, 1.0])).tolist() == [0, 188, 255]
    assert rgb("#80ff00") == pytest.approx((0.2158605, 1.0, 0.0))
    # A slope that rises to the right by one texel a texel leans to the left; one that rises upwards leans down.
    ramp = np.tile(np.arange(4.0), (4, 1))
    assert normals_of(ramp, wrap=False)[1, 1] == pytest.approx(np.array([-1.0, 0.0, 1.0]) / math.sqrt(2.0))
    assert normals_of(ramp.T[::-1], wrap=False)[1, 1] == pytest.approx(np.array([0.0, -1.0, 1.0]) / math.sqrt(2.0))
