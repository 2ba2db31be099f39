"""Which objects something may cover, and how few pictures show each of them on its own.

An object whose box no other box touches cannot be covered: it needs no picture.
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from unrealsynth_plugin.core.geometry import Box

_MARGIN_PX = 1.0
"""Boxes that come this near may share a pixel: boxes read back are rounded, and pixels are covered by their centre."""


def alone_groups(
    boxes: Sequence[Optional[Box]],
    others: Sequence[Optional[Box]],
    resolution: Tuple[int, int],
    batch: int,
    unknown_things: bool = False,
) -> Tuple[Tuple[int, ...], ...]:
    """Groups of objects to be shown without all others, one picture each.

    `boxes` are those of the labelled objects by index, `others` those of everything else that may cover them. Boxes of
    a group are disjoint, so no member covers another, and its indices are of one batch of `batch`. Objects outside the
    picture are in no group, nor are those that nothing touches unless there are `unknown_things`.
    """
    seen = [_visible_part(box, resolution) for box in boxes]
    obstacles = [part for part in (_visible_part(box, resolution) for box in others) if part is not None]
    groups: List[List[int]] = []
    for index, part in enumerate(seen):
        if part is None:
            continue
        rivals = [other for number, other in enumerate(seen) if number != index and other is not None]
        if not unknown_things and not any(meet(part, other) for other in (*rivals, *obstacles)):
            continue
        for group in groups:
            if group[0] // batch == index // batch and not any(_meets(part, seen[member]) for member in group):
                group.append(index)
                break
        else:
            groups.append([index])
    return tuple(tuple(group) for group in groups)


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes overlap, or come so near that they may share a pixel."""
    margin = _MARGIN_PX
    return a[0] < b[2] + margin and b[0] < a[2] + margin and a[1] < b[3] + margin and b[1] < a[3] + margin


def _meets(part: Box, other: Optional[Box]) -> bool:
    return other is not None and meet(part, other)


def _visible_part(box: Optional[Box], resolution: Tuple[int, int]) -> Optional[Box]:
    """The box clipped to the picture, or None when nothing of it is inside."""
    if box is None:
        return None
    width, height = resolution
    x0, y0, x1, y1 = max(box[0], 0.0), max(box[1], 0.0), min(box[2], width), min(box[3], height)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
