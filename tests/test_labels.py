"""Visible boxes, pixels and masks from id pictures, and rows of YOLO label files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth import rle
from unrealsynth.errors import SelfCheckError
from unrealsynth.labels import LabelSettings, MeasuredObject, labelled_box, measure, yolo_label, yolo_row
from unrealsynth_plugin.core.contract import ObjectRecord


def record(index: int, class_index: int = 0) -> ObjectRecord:
    return ObjectRecord(index, class_index, "cone", "m", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.0, (0.0, 0.0, 9.0, 9.0))


def seen(index: int, box: tuple[int, int, int, int] | None, pixels: int, class_index: int = 0) -> MeasuredObject:
    return MeasuredObject(index, class_index, box, pixels, "")


def test_each_object_is_measured_from_its_byte() -> None:
    ids = np.zeros((6, 8), np.uint8)
    ids[1:4, 2:7] = 1
    ids[2, 3] = 2  # stands before the first
    ids[5, 7] = 2  # a second part of it, in the corner
    first, second, third = measure([ids], [record(0), record(1, 4), record(2)])
    assert (first.box_px, first.pixels) == ((2, 1, 7, 4), 14)
    assert (second.box_px, second.pixels, second.class_index) == ((3, 2, 8, 6), 2, 4)
    assert (third.box_px, third.pixels, third.mask) == (None, 0, "")
    assert np.array_equal(rle.decode(first.mask, (6, 8)), ids == 1)
    assert np.array_equal(rle.decode(second.mask, (6, 8)), ids == 2)


def test_objects_beyond_255_are_in_the_next_picture() -> None:
    ids = [np.zeros((10, 12), np.uint8) for _ in range(3)]
    ids[0][0, 0] = 255
    ids[1][1:3, 1] = 1
    ids[2][9, 11] = 91
    measured = measure(ids, [record(index) for index in range(601)])
    boxes = {item.index: item.box_px for item in measured if item.box_px}
    assert boxes == {254: (0, 0, 1, 1), 255: (1, 1, 2, 3), 600: (11, 9, 12, 10)}


def test_a_few_stray_bytes_are_background() -> None:
    ids = np.zeros((100, 100), np.uint8)
    ids[50, 50:60] = 77
    (only,) = measure([ids], [record(0)])
    assert only.pixels == 0


def test_spoilt_ids_are_refused() -> None:
    ids = np.zeros((100, 100), np.uint8)
    ids[50, 50:61] = 77
    with pytest.raises(
        SelfCheckError, match=r"11 of 10000 pixels of the instance ids \(0.1%\) belong to none of the 1"
    ):
        measure([ids], [record(0)])


@pytest.mark.parametrize(
    ("box", "row"),
    [
        ((0, 0, 640, 480), "2 0.500000 0.500000 1.000000 1.000000"),  # the whole picture
        ((160, 120, 320, 360), "2 0.375000 0.500000 0.250000 0.500000"),  # worked by hand
        ((0, 0, 1, 1), "2 0.000781 0.001042 0.001562 0.002083"),  # one pixel: 1/1280 ties to even, w stays inside
        ((639, 479, 640, 480), "2 0.999219 0.998958 0.001562 0.002083"),  # the opposite corner
        ((-50.5, 100.0, 700.25, 220.0), "2 0.500000 0.333333 1.000000 0.250000"),  # clipped to the picture
    ],
)
def test_row_worked_by_hand(box: tuple[float, float, float, float], row: str) -> None:
    assert yolo_row(2, box, (640, 480)) == row


@st.composite
def boxes(draw: st.DrawFn) -> tuple[tuple[int, int, int, int], tuple[int, int]]:
    width, height = draw(st.integers(10, 9000)), draw(st.integers(10, 9000))
    x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return (x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))), (width, height)


@given(boxes())
def test_row_is_the_box_and_stays_inside(case: tuple[tuple[int, int, int, int], tuple[int, int]]) -> None:
    box, (width, height) = case
    # In millionths, so that nothing is rounded here.
    _, cx, cy, w, h = (int(word.replace(".", "")) for word in yolo_row(0, box, (width, height)).split())
    for centre, extent, low, high, size in ((cx, w, box[0], box[2], width), (cy, h, box[1], box[3], height)):
        assert 2 * centre - extent >= 0
        assert 2 * centre + extent <= 2_000_000
        assert abs((2 * centre - extent) * size - 2_000_000 * low) <= 3 * size
        assert abs((2 * centre + extent) * size - 2_000_000 * high) <= 3 * size
        assert extent > 0


def test_small_hidden_and_double_objects_have_no_row() -> None:
    measured = [
        seen(0, (0, 0, 4, 4), 15),  # one pixel short
        seen(1, (0, 0, 4, 4), 16, class_index=1),
        seen(2, None, 0),
        seen(3, (0, 0, 4, 4), 16, class_index=1),  # the same row as object 1
        seen(4, (0, 0, 4, 4), 16, class_index=0),  # the same box, another class
    ]
    label = yolo_label(measured, (16, 16), LabelSettings())
    assert label.text == "1 0.125000 0.125000 0.250000 0.250000\n0 0.125000 0.125000 0.250000 0.250000\n"
    assert label.labelled == (1, 4)
    assert label.left_out == {0: "small", 2: "hidden", 3: "duplicate"}


def test_a_frame_without_objects_has_an_empty_label() -> None:
    assert yolo_label([], (16, 16), LabelSettings()).text == ""


def partly(visible: float | None, truncated: float) -> MeasuredObject:
    return MeasuredObject(0, 0, (0, 0, 8, 8), 64, "", visible, truncated, (-8.0, 0.0, 8.0, 8.0))


@pytest.mark.parametrize(
    ("item", "settings", "reason"),
    [
        (partly(0.1, 0.9), LabelSettings(), None),  # no limit unless one is given
        (partly(0.3, 0.0), LabelSettings(min_visible=0.3), None),  # the limit itself is good enough
        (partly(0.29, 0.0), LabelSettings(min_visible=0.3), "covered"),
        (partly(None, 0.0), LabelSettings(min_visible=0.3), None),  # what was not measured is no reason
        (partly(1.0, 0.5), LabelSettings(max_truncated=0.5), None),
        (partly(1.0, 0.51), LabelSettings(max_truncated=0.5), "truncated"),
        (partly(0.1, 0.9), LabelSettings(min_pixels=65, min_visible=0.5, max_truncated=0.5), "small"),  # first reason
    ],
)
def test_limits(item: MeasuredObject, settings: LabelSettings, reason: str | None) -> None:
    label = yolo_label([item], (16, 16), settings)
    assert label.left_out == ({} if reason is None else {0: reason})
    assert bool(label.text) == (reason is None)


@pytest.mark.parametrize(
    ("visible", "full", "expected"),
    [
        ((4, 4, 8, 8), (2.5, 3.25, 9.75, 8.5), (2.5, 3.25, 9.75, 8.5)),  # inside the picture
        ((0, 4, 8, 16), (-5.0, 3.0, 9.0, 40.0), (0.0, 3.0, 9.0, 16.0)),  # cut off at two edges
        ((4, 4, 5, 5), (4.3, 4.4, 4.7, 4.6), (4.0, 4.0, 5.0, 5.0)),  # thinner than a pixel
        ((4, 4, 8, 8), None, (4, 4, 8, 8)),  # without a projection the pixels have to do
        (None, (2.0, 3.0, 9.0, 8.0), None),  # nothing of it shows
    ],
)
def test_full_box(
    visible: tuple[int, int, int, int] | None,
    full: tuple[float, float, float, float] | None,
    expected: tuple[float, ...] | None,
) -> None:
    assert labelled_box(visible, full, (16, 16), LabelSettings(box="full")) == expected
    assert labelled_box(visible, full, (16, 16), LabelSettings()) == visible
