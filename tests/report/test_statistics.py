"""Counts over frames whose every number is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from made_sets import frame, labelled, square

from unrealsynth.report.samples import Sample
from unrealsynth.report.statistics import Statistics


def of(*frames: object, names: tuple[str, ...] = ("cone", "sign")) -> Statistics:
    statistics = Statistics.of(names)
    for item in frames:
        statistics.add(item)  # type: ignore[arg-type]
    return statistics


def test_images_and_labels_are_counted_by_split() -> None:
    found = of(
        frame(square(0, 100, 100, 50), square(0, 300, 100, 50)),
        frame(square(1, 100, 100, 50), split="val"),
        frame(split="val"),
    )
    assert (found.images, found.labels) == (3, 3)
    assert dict(found.frames) == {"train": 1, "val": 2}
    assert found.empty.total() == 1
    assert dict(found.per_image) == {2: 1, 1: 1, 0: 1}
    cone = found.classes[0]
    assert (cone.labels["train"], cone.labels["val"], cone.images["train"]) == (2, 0, 1)
    assert found.splits == ["train", "val"]


@pytest.mark.parametrize(
    ("box", "band"),
    [
        ((0, 0, 31.9, 32), 0),  # just under 32²
        ((0, 0, 32, 32), 1),
        ((0, 0, 8, 128), 1),  # the area counts, not the side
        ((0, 0, 95.9, 96), 1),
        ((0, 0, 96, 96), 2),
    ],
)
def test_sizes_are_cocos(box: tuple[float, float, float, float], band: int) -> None:
    found = of(frame(labelled(0, box)))
    assert np.flatnonzero(found.bands).tolist() == [band]
    assert found.sizes_px.items == [pytest.approx((box[2] * box[3]) ** 0.5)]


@pytest.mark.parametrize(
    ("cx", "cy", "row", "column"),
    [(10, 10, 0, 0), (320, 240, 1, 1), (630, 10, 0, 2), (214, 470, 2, 1), (639.9, 479.9, 2, 2)],
)
def test_places_are_thirds_of_the_picture(cx: float, cy: float, row: int, column: int) -> None:
    found = of(frame(square(0, cx, cy, 4)))
    assert np.argwhere(found.classes[0].places).tolist() == [[row, column]]
    assert np.argwhere(found.centres).tolist() == [[int(cy / 480 * 16), int(cx / 640 * 16)]]


@pytest.mark.parametrize(
    ("box", "touches"),
    [((0, 50, 20, 90), True), ((1, 1, 20, 20), False), ((600, 100, 640, 140), True), ((5, 430, 25, 480), True)],
)
def test_a_box_at_the_edge_touches_it(box: tuple[float, float, float, float], touches: bool) -> None:
    assert of(frame(labelled(0, box))).touching == touches


@pytest.mark.parametrize(
    ("direction", "row", "column"),
    [((0.0, 0.0), 6, 0), ((359.9, 89.9), 11, 11), ((95.0, -3.0), 5, 3), ((30.0, 90.0), 11, 1)],
)
def test_directions_are_counted_in_cells(direction: tuple[float, float], row: int, column: int) -> None:
    found = of(frame(square(0, 100, 100, 50, direction_deg=direction)))
    assert np.argwhere(found.classes[0].directions).tolist() == [[row, column]]


def test_the_self_check_compares_free_views_only() -> None:
    full = (100.0, 100.0, 200.0, 180.0)
    free = labelled(0, full, visible_px=(101, 100, 200, 180), full_px=full)
    beside = labelled(1, full, visible_px=(400, 100, 450, 180), full_px=(400.0, 100.0, 500.0, 180.0))
    before = labelled(1, full, visible_px=(190, 90, 300, 170), full_px=(190.0, 90.0, 300.0, 170.0))
    outside = labelled(1, full, visible_px=(600, 100, 640, 180), full_px=(600.0, 100.0, 700.0, 180.0))
    tiny = labelled(1, full, visible_px=(10, 10, 30, 30), full_px=(10.0, 10.0, 30.0, 30.0))
    cone, sign = of(frame(free, beside)).classes
    assert (cone.views, sign.views) == (1, 1)
    assert cone.ious.items == [pytest.approx(0.99)]
    assert (cone.edges_px.items, sign.edges_px.items) == ([1.0], [50.0])
    assert [entry.views for entry in of(frame(free, before)).classes] == [0, 0]
    assert [entry.views for entry in of(frame(outside, tiny)).classes] == [0, 0]


@pytest.mark.parametrize(("visible", "views"), [(None, 1), (1.0, 1), (0.97, 0)])
def test_where_visibility_was_measured_it_decides(visible: float | None, views: int) -> None:
    full = (100.0, 100.0, 200.0, 180.0)
    found = of(frame(labelled(0, full, visible_px=full, full_px=full, visible=visible)))
    assert found.classes[0].views == views


@pytest.mark.parametrize(
    ("visible", "outside"),
    [((99, 100, 200, 180), 0), ((98, 100, 200, 180), 1), ((100, 100, 200, 182), 1), ((150, 150, 160, 160), 0)],
)
def test_a_visible_box_that_leaves_its_projected_one_is_counted(
    visible: tuple[float, float, float, float], outside: int
) -> None:
    full = (100.0, 100.0, 200.0, 180.0)
    assert of(frame(labelled(0, full, visible_px=visible, full_px=full))).classes[0].outside == outside


def test_equal_files_are_counted_by_their_hash() -> None:
    found = of(*(frame(sha256=digest * 64) for digest in "abcab"))
    assert found.same_pictures == 2
    assert of(frame(), frame()).same_pictures == 0


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 40, 1000, 12_345])
def test_a_sample_is_bounded_even_and_starts_at_the_first(count: int) -> None:
    sample: Sample[int] = Sample(10)
    for number in range(count):
        sample.add(number)
    assert sample.seen == count
    assert len(sample.items) == count if count <= 10 else 5 <= len(sample.items) <= 10
    assert sample.items == list(range(0, count, sample.stride))
