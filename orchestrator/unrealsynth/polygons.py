"""Outlines of masks: parts and holes as loops, and all of them joined into the one polygon a YOLO row can hold.

Points are x, y in pixel edges. A loop has the mask on its right as seen in the picture (y down), so parts go clockwise
and holes counter-clockwise, and the signed areas of all loops add up to the mask's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Points = NDArray[np.float64]
_N = TypeVar("_N", bound=np.generic)

AREA_TOLERANCE = 0.02
"""Largest share by which the area of an outline may differ from the mask's."""
_INSET_PX = 0.004
"""Outlines lie this far inside the mask: filled with their border, as OpenCV does, they cover no pixel more."""
_THINNING_PX = 0.2
_THINNING_PASSES = 4
_SMOOTH_TOLERANCE = 0.5 * AREA_TOLERANCE
_INTERIOR = np.array([(0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0)])
"""Where the mask lies, by an edge's direction: right, down, left, up."""
_STEP = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])


@dataclass(frozen=True)
class Outline:
    """The loops around a mask."""

    parts: tuple[Points, ...]
    """(n, 2) each, largest first. Parts that touch at a corner are one."""
    holes: tuple[Points, ...]

    @property
    def area(self) -> float:
        return sum(map(signed_area, (*self.parts, *self.holes)))

    def joined(self) -> Points:
        """All loops as one polygon (n, 2): from one to the next there and back along the same line, which has no area.

        Lines lead between nearest points, so that what they cover when drawn is little.
        """
        return _join((*self.parts, *self.holes))


def outline(mask: NDArray[np.bool_], corner: tuple[int, int] = (0, 0)) -> Outline:
    """The outline of a mask (h, w) whose first pixel is at `corner` (y, x) of the picture.

    Stairs become slopes where the area stays within 2 % of the mask's; its extreme edges stay where they are.
    """
    loops = _loops(mask)
    points = [_thinned(_middles(*loop)) for loop in loops]
    areas = [signed_area(loop) for loop in points]
    pixels = int(np.count_nonzero(mask))
    if abs(sum(areas) - pixels) > _SMOOTH_TOLERANCE * pixels:
        points = [_corners(*loop) for loop in loops]
        areas = [signed_area(loop) for loop in points]
    shift = np.array([corner[1], corner[0]], np.float64)
    order = sorted(range(len(areas)), key=lambda number: -areas[number])
    return Outline(
        tuple(points[number] + shift for number in order if areas[number] > 0),
        tuple(points[number] + shift for number in order if areas[number] <= 0),
    )


def signed_area(points: Points) -> float:
    """Area of a loop (n, 2), positive when it goes clockwise as seen in the picture (shoelace formula)."""
    after = _ahead(points)
    return float(np.dot(points[:, 0], after[:, 1]) - np.dot(points[:, 1], after[:, 0])) / 2


def _ahead(values: NDArray[_N]) -> NDArray[_N]:
    """Of each value the one that follows; `numpy.roll` takes five times as long for so few."""
    return np.concatenate([values[1:], values[:1]])


def _behind(values: NDArray[_N]) -> NDArray[_N]:
    return np.concatenate([values[-1:], values[:-1]])


def _loops(mask: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Start points (n, 2) and directions (n,) of the pixel edges around the mask, loop by loop."""
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), np.bool_)
    padded[1:-1, 1:-1] = mask
    inside, above, left = padded[1:, 1:], padded[:-1, 1:], padded[1:, :-1]
    # Edges by direction, named by the vertex they start from; vertex (y, x) is the pixel's upper left corner.
    starts = (
        np.argwhere(inside & ~above),
        np.argwhere(left & ~inside),
        np.argwhere(above & ~inside) + np.array([0, 1]),
        np.argwhere(inside & ~left) + np.array([1, 0]),
    )
    points = np.concatenate(starts)[:, ::-1]
    directions = np.repeat(np.arange(4), [len(item) for item in starts])
    columns = width + 2
    vertices = points[:, 1] * columns + points[:, 0]
    edge_at = np.full((4, (height + 2) * columns), -1, np.int64)
    edge_at[directions, vertices] = np.arange(len(points))
    ends = vertices + _STEP[directions] @ np.array([1, columns])
    # Where two pixels touch at a corner there are two ways on; the left turn joins them.
    turns = np.stack([edge_at[(directions + turn) % 4, ends] for turn in (-1, 0, 1)])
    following = np.where(turns[0] >= 0, turns[0], np.where(turns[1] >= 0, turns[1], turns[2])).tolist()
    loops = []
    todo = set(range(len(points)))
    for first in range(len(points)):
        if first not in todo:
            continue
        order = [first]
        edge = following[first]
        while edge != first:
            order.append(edge)
            edge = following[edge]
        todo.difference_update(order)
        loops.append((points[order], directions[order]))
    return loops


def _corners(points: NDArray[np.int64], directions: NDArray[np.int64]) -> Points:
    """The loop through the pixels' corners, without points on straight lines."""
    before = _behind(directions)
    turning = directions != before
    inset = _INTERIOR[directions[turning]] + _INTERIOR[before[turning]]
    corners: Points = points[turning] + _INSET_PX * inset
    return corners


def _middles(points: NDArray[np.int64], directions: NDArray[np.int64]) -> Points:
    """The loop through the middles of the pixels' edges, without points on straight lines."""
    middles: Points = points + 0.5 * _STEP[directions] + _INSET_PX * _INTERIOR[directions]
    straight = (directions == _behind(directions)) & (directions == _ahead(directions))
    kept: Points = middles[~straight]
    return kept


def _thinned(points: Points) -> Points:
    """The loop without points that lie all but on the line between their neighbours; those farthest out stay."""
    low, high = points.min(axis=0), points.max(axis=0)
    for _ in range(_THINNING_PASSES):
        if len(points) <= 8:
            break
        before, after = _behind(points), _ahead(points)
        chord = after - before
        length = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-9)
        offset = points - before
        distance = np.abs(chord[:, 0] * offset[:, 1] - chord[:, 1] * offset[:, 0]) / length
        needless = (distance < _THINNING_PX) & ~((points == low) | (points == high)).any(axis=1)
        # Of neighbours only every other one, so that each goes by where the line then is.
        odd = np.arange(len(points)) % 2 == 1
        needless &= ~(_behind(needless) & odd)
        needless &= ~_behind(needless)
        if not needless.any():
            break
        points = points[~needless]
    return points


def _join(loops: Sequence[Points]) -> Points:
    """One polygon through all loops, by the shortest lines between them (Prim's algorithm)."""
    if len(loops) == 1:
        return loops[0]
    points = np.concatenate(loops)
    lengths = [len(loop) for loop in loops]
    firsts = np.cumsum([0, *lengths[:-1]])
    owner = np.repeat(np.arange(len(loops)), lengths)
    chain = _Chain(lengths)
    distance = np.full(len(points), np.inf)
    partner = np.zeros(len(points), np.int64)
    waiting = owner > 0
    newest = 0
    while waiting.any():
        found, nearest = cKDTree(points[owner == newest]).query(points[waiting])
        closer = found < distance[waiting]
        changed = np.flatnonzero(waiting)[closer]
        distance[changed] = found[closer]
        partner[changed] = firsts[newest] + nearest[closer]
        best = int(np.where(waiting, distance, np.inf).argmin())
        chain.splice(int(partner[best]), best)
        newest = int(owner[best])
        waiting &= owner != newest
    joined: Points = points[chain.walk()]
    return joined


class _Chain:
    """Point numbers in the order in which a pen draws them."""

    def __init__(self, lengths: Sequence[int]) -> None:
        """Closed loops of these lengths, numbered one after the other."""
        self._point = list(range(sum(lengths)))
        self._next = [number + 1 for number in self._point]
        end = 0
        for length in lengths:
            end += length
            self._next[end - 1] = end - length

    def splice(self, here: int, there: int) -> None:
        """The pen goes from point `here` to `there`, round that loop, and back before it goes on."""
        arrived, returned = len(self._point), len(self._point) + 1
        self._point += [there, here]
        self._next += [self._next[there], self._next[here]]
        self._next[there] = returned
        self._next[here] = arrived

    def walk(self) -> list[int]:
        """All points from the first on."""
        order = [0]
        node = self._next[0]
        while node != 0:
            order.append(self._point[node])
            node = self._next[node]
        return order
