"""The smallest rotated rectangle around an object's visible pixels, inside the picture."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_SLACK_PX = 1e-6


def oriented_box(mask: NDArray[np.bool_], corner: tuple[int, int], resolution: tuple[int, int]) -> NDArray[np.float64]:
    """The corners (4, 2), x and y in pixel edges, of the rectangle of least area around a mask (h, w) at `corner`.

    A rectangle of least area shares a side's direction with the convex hull (Freeman and Shapira 1975), so those
    directions are tried, and the picture's own. Rectangles that leave the picture of `resolution` (width, height) do
    not count: rows with points outside are refused by Ultralytics. The corners go clockwise as seen in the picture,
    the first is the one nearest to its upper left corner.
    """
    hull = _hull(mask) + np.array([corner[1], corner[0]])
    sides = np.roll(hull, -1, axis=0) - hull
    along = np.concatenate([[[1.0, 0.0]], sides / np.hypot(sides[:, 0], sides[:, 1])[:, None]])
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    u, v = along @ hull.T, across @ hull.T
    u0, u1, v0, v1 = u.min(axis=1), u.max(axis=1), v.min(axis=1), v.max(axis=1)
    ends = np.stack([np.stack(pair, axis=1) for pair in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))], axis=1)
    boxes = ends[..., :1] * along[:, None, :] + ends[..., 1:] * across[:, None, :]
    inside = ((boxes >= -_SLACK_PX) & (boxes <= np.array(resolution) + _SLACK_PX)).all(axis=(1, 2))
    areas = np.where(inside, (u1 - u0) * (v1 - v0), np.inf)
    # The picture's own directions come first, and win where another is smaller by rounding alone.
    best = boxes[int((areas * (1 - 1e-9 * (np.arange(len(areas)) == 0))).argmin())]
    first = int(np.lexsort((best[:, 1], np.round(best.sum(axis=1), 6)))[0])
    corners: NDArray[np.float64] = np.roll(best, -first, axis=0).clip(0.0, np.array(resolution, np.float64))
    return corners


def _hull(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The convex hull of the pixels' corners (Andrew's monotone chain), clockwise as seen in the picture."""
    width = mask.shape[1]
    filled = mask.any(axis=1)
    left = np.where(filled, mask.argmax(axis=1), width)
    right = np.where(filled, width - mask[:, ::-1].argmax(axis=1), 0)
    # On every line between two rows, the outermost corner of either.
    leftmost = np.minimum(np.append(left, width), np.append(width, left))
    rightmost = np.maximum(np.append(right, 0), np.append(0, right))
    lines = np.flatnonzero(rightmost > leftmost)
    down = zip(rightmost[lines].tolist(), lines.tolist(), strict=True)
    up = zip(leftmost[lines[::-1]].tolist(), lines[::-1].tolist(), strict=True)
    return np.array([*_chain(down), *_chain(up)], np.float64)


def _chain(points: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of points in order along y, those where the line that holds them all turns right."""
    chain: list[tuple[int, int]] = []
    for x, y in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain
