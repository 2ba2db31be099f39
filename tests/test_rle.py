"""COCO's run-length encoding, against worked examples, a plain reading of the format, and pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from unrealsynth import rle

masks = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40))


def counts_by_the_letter(mask: np.ndarray) -> str:
    """The format one pixel and one bit group at a time."""
    runs, previous = [0], False
    for value in mask.T.ravel().tolist():
        if value != previous:
            runs.append(0)
            previous = value
        runs[-1] += 1
    text = ""
    for i, run in enumerate(runs):
        number = run - runs[i - 2] if i > 2 else run
        more = True
        while more:
            group, number = number & 31, number >> 5
            more = number != -1 if group & 16 else number != 0
            text += chr(group + 32 * more + 48)
    return text


@pytest.mark.parametrize(
    ("runs", "counts"),
    [
        ([1, 3], "13"),  # small numbers are their digit
        ([640], "Pd0"),  # 640 = 20 * 32 + 0; 20 has its sign bit set, so a zero follows
        ([5, 40, 7, 3], "5X17kN"),  # 40 = 1 * 32 + 8; the fourth run is 3 - 40 = -37 = -2 * 32 + 27
        ([0, 9], "09"),  # a picture that begins with the object
        ([16], "`0"),  # one group would read as -16
    ],
)
def test_counts_string_worked_by_hand(runs: list[int], counts: str) -> None:
    assert rle.compress(np.array(runs)) == counts
    assert rle.decompress(counts).tolist() == runs


def test_columns_come_first_and_zeros_before_ones() -> None:
    mask = np.array([[0, 1, 1], [1, 1, 0]], np.bool_)
    assert rle.runs(mask, (2, 3)).tolist() == [1, 4, 1]


def test_a_crop_means_the_same_as_its_picture() -> None:
    mask = np.zeros((7, 9), np.bool_)
    mask[2:5, 3:6] = [[1, 0, 1], [1, 1, 1], [0, 1, 0]]
    assert rle.encode(mask[2:5, 3:6], (7, 9), (2, 3)) == rle.encode(mask, (7, 9))


def test_a_crop_beyond_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        rle.encode(np.ones((3, 3), np.bool_), (4, 4), (2, 0))


@given(masks)
def test_encoding_is_that_of_the_format(mask: np.ndarray) -> None:
    assert rle.encode(mask, mask.shape) == counts_by_the_letter(mask)


@given(masks)
def test_decoding_gives_the_mask_back(mask: np.ndarray) -> None:
    counts = rle.encode(mask, mask.shape)
    assert np.array_equal(rle.decode(counts, mask.shape), mask)
    assert rle.area(counts) == mask.sum()


@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=30))
def test_long_runs_come_back(runs: list[int]) -> None:
    assert rle.decompress(rle.compress(np.array(runs))).tolist() == runs


@pytest.mark.parametrize("counts", ["", "p", "!", "13é", "oooooooooooo1"])
def test_a_string_that_is_no_encoding_is_refused(counts: str) -> None:
    with pytest.raises(ValueError, match="no run-length encoding"):
        rle.decompress(counts)


def test_runs_that_do_not_fill_the_picture_are_refused() -> None:
    with pytest.raises(ValueError, match="cover 4 pixels of 3 x 3"):
        rle.decode("13", (3, 3))


@pytest.mark.interop
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own
def test_pycocotools_reads_and_writes_the_same() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(5)
    for shape in [(1, 1), (13, 1), (1, 13), (64, 48), (480, 640)]:
        for density in (0.0, 0.01, 0.5, 1.0):
            mask = rng.random(shape) < density
            theirs = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
            assert rle.encode(mask, shape) == theirs
            assert np.array_equal(coco.decode({"size": list(shape), "counts": theirs}), mask)


@given(masks, st.integers(1, 255))
def test_painting_is_decoding(mask: np.ndarray, value: int) -> None:
    flat = np.zeros(mask.size, np.uint8)
    rle.paint(flat, rle.encode(mask, mask.shape), value)
    assert np.array_equal(flat.reshape(mask.shape[::-1]).T, mask * np.uint8(value))


def test_painting_runs_of_another_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="cover 4 pixels of 9"):
        rle.paint(np.zeros(9, np.uint8), rle.encode(np.ones((2, 2), np.bool_), (2, 2)), 1)
