"""Which objects are shown alone, and in how few pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth_plugin.core.geometry import Box
from unrealsynth_plugin.core.overlaps import alone_groups, meet

RESOLUTION = (100, 80)
A: Box = (10.0, 10.0, 30.0, 30.0)
OVER_A: Box = (20.0, 20.0, 40.0, 40.0)
B: Box = (60.0, 10.0, 70.0, 30.0)
OVER_B: Box = (65.0, 20.0, 80.0, 25.0)


@pytest.mark.parametrize(
    ("boxes", "others", "groups"),
    [
        ([], [], ()),
        ([A, B], [], ()),  # nothing touches them
        ([A, OVER_A], [], ((0,), (1,))),  # each may cover the other
        ([A, OVER_A, B, OVER_B], [], ((0, 2), (1, 3))),  # two pairs share two pictures
        ([A, B], [OVER_A], ((0,),)),  # a distractor before one of them
        ([A, B], [None, OVER_A, OVER_B], ((0, 1),)),
        ([A, None, OVER_A], [], ((0,), (2,))),  # the one behind the camera covers nothing
        ([A], [(30.5, 10.0, 50.0, 30.0)], ((0,),)),  # half a pixel apart: may share one
        ([A], [(31.5, 10.0, 50.0, 30.0)], ()),
        ([(-30.0, 10.0, -5.0, 30.0), (-20.0, 5.0, 50.0, 40.0)], [], ()),  # one is outside, so nothing covers the other
        ([(-30.0, 10.0, 20.0, 30.0), (-20.0, 50.0, -1.0, 70.0)], [], ()),
    ],
)
def test_groups(boxes: list[Box | None], others: list[Box | None], groups: tuple[tuple[int, ...], ...]) -> None:
    assert alone_groups(boxes, others, RESOLUTION, 255) == groups


def test_where_unknown_things_stand_every_object_is_shown() -> None:
    assert alone_groups([A, B, None], [], RESOLUTION, 255, unknown_things=True) == ((0, 1),)


def test_a_group_is_of_one_batch() -> None:
    """Their bytes are only told apart within one."""
    assert alone_groups([A, B, A, B], [], RESOLUTION, 2) == ((0, 1), (2, 3))
    assert alone_groups([A, OVER_A, B, OVER_B], [], RESOLUTION, 2) == ((0,), (1,), (2,), (3,))


edges = st.tuples(st.integers(-20, 110), st.integers(-20, 90), st.integers(1, 60), st.integers(1, 60))
some_boxes = st.lists(
    edges.map(lambda e: (float(e[0]), float(e[1]), float(e[0] + e[2]), float(e[1] + e[3]))), max_size=12
)


@given(some_boxes, some_boxes)
def test_members_of_a_group_never_touch_and_nothing_that_may_be_covered_is_forgotten(
    boxes: list[Box], others: list[Box]
) -> None:
    groups = alone_groups(boxes, others, RESOLUTION, 255)
    shown = [index for group in groups for index in group]
    assert len(shown) == len(set(shown))

    def inside(box: Box) -> Box:
        return max(box[0], 0.0), max(box[1], 0.0), min(box[2], 100.0), min(box[3], 80.0)

    def pixels(box: Box) -> set[tuple[int, int]]:
        x0, y0, x1, y1 = inside(box)
        return {(x, y) for x in range(int(x0), int(x1)) for y in range(int(y0), int(y1))}

    for group in groups:
        for first in group:
            assert not any(meet(inside(boxes[first]), inside(boxes[other])) for other in group if other != first)
    for index, box in enumerate(boxes):
        rivals = [other for number, other in enumerate(boxes) if number != index] + others
        if any(pixels(box) & pixels(other) for other in rivals):
            assert index in shown
