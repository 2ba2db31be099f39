"""Outlines of masks: shapes worked out by hand, and every mask filled again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from drawn_masks import disk, fill, masks
from unrealsynth.polygons import AREA_TOLERANCE, outline, signed_area

Mask = NDArray[np.bool_]


def bitmap(*rows: str) -> Mask:
    return np.array([[letter == "#" for letter in row] for row in rows])


RING = bitmap("#####", "#...#", "#...#", "#####")
BIG_RING = disk(20, 42) & ~disk(12, 42)


@pytest.mark.parametrize(
    ("mask", "parts", "holes"),
    [
        (bitmap("#"), 1, 0),  # one pixel
        (bitmap("##", "##"), 1, 0),
        (RING, 1, 1),
        (bitmap("#.#"), 2, 0),
        (bitmap("#.", ".#"), 1, 0),  # touching at a corner is one part
        (bitmap("##.", "#.#", "###"), 1, 1),  # a hole whose corner touches the outside is still one
        (bitmap("###", "#.#", "##."), 1, 1),
        (bitmap("#######", "#.....#", "#.###.#", "#.#.#.#", "#.###.#", "#.....#", "#######"), 2, 2),  # ring in ring
    ],
)
def test_parts_and_holes(mask: Mask, parts: int, holes: int) -> None:
    found = outline(mask)
    assert (len(found.parts), len(found.holes)) == (parts, holes)
    assert all(signed_area(part) > 0 for part in found.parts)
    assert all(signed_area(hole) < 0 for hole in found.holes)


def test_a_rectangle_is_its_four_edges() -> None:
    (part,) = outline(np.ones((30, 40), np.bool_), (100, 200)).parts
    assert part.min(axis=0) == pytest.approx([200, 100], abs=0.01)
    assert part.max(axis=0) == pytest.approx([240, 130], abs=0.01)
    assert signed_area(part) == pytest.approx(1200, rel=0.01)


def test_a_circle_is_round_again() -> None:
    """Its outline keeps to the true circle, with fewer points than the stairs have."""
    (part,) = outline(disk(50, 104)).parts
    distances = np.hypot(*(part - 52).T)
    assert np.abs(distances - 50).max() < 0.9
    assert len(part) < 200
    assert signed_area(part) == pytest.approx(np.pi * 50**2, rel=0.01)


@given(masks())
def test_the_polygon_is_the_mask(mask: Mask) -> None:
    found = outline(mask, (3, 2))
    points = found.joined()
    height, width = mask.shape
    pixels = int(mask.sum())
    assert len(points) >= 3
    assert found.area == pytest.approx(pixels, rel=AREA_TOLERANCE)
    # The ways between loops there and back have no area.
    assert signed_area(points) == pytest.approx(found.area, abs=1e-6)
    # The box is that of the mask.
    assert [*points.min(axis=0), *points.max(axis=0)] == pytest.approx([2, 3, width + 2, height + 3], abs=0.011)
    # Filled again nothing is farther off than a pixel of the border.
    full = np.zeros((height + 6, width + 6), np.bool_)
    full[3 : 3 + height, 2 : 2 + width] = mask
    filled = fill(points, full.shape)
    assert np.count_nonzero(filled != full) <= max(0.02 * pixels, 0.08 * _border(full))


def _border(mask: Mask) -> int:
    return int(np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1]))


@pytest.mark.parametrize("mask", [RING, BIG_RING, disk(30, 64) & (np.indices((64, 64)).sum(axis=0) % 23 != 0)])
def test_holes_and_parts_are_joined_into_one(mask: Mask) -> None:
    filled = fill(outline(mask).joined(), mask.shape)
    assert np.count_nonzero(filled != mask) <= 0.02 * mask.sum()


def test_lines_between_parts_are_the_shortest() -> None:
    """Three squares in a row: the middle one is joined to both, so that no line crosses it."""
    mask = np.zeros((9, 60), np.bool_)
    for left in (0, 25, 50):
        mask[:, left : left + 9] = True
    points = outline(mask).joined()
    steps = np.abs(np.diff(np.vstack([points, points[:1]]), axis=0)).sum(axis=1)
    assert sorted(steps)[-4:] == pytest.approx([16.0] * 4, abs=0.1)
    assert sorted(steps)[-5] < 10


def test_many_specks_do_not_take_long() -> None:
    mask = np.zeros((200, 200), np.bool_)
    mask[::4, ::4] = True
    mask[-1, -1] = True
    points = outline(mask).joined()
    assert signed_area(points) == pytest.approx(mask.sum(), rel=AREA_TOLERANCE)
