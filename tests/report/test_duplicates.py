"""Look-alikes: found without comparing all with all, and nothing missed that a comparison of all with all finds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.report.duplicates import MOST_BITS, MOST_DIFFERENCE, find_twins, perceptual_hash
from unrealsynth.report.pictures import look_into


def picture(seed: int, side: int = 160) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))


def hash_of(pixels: NDArray[np.uint8]) -> int:
    gray = Image.fromarray(pixels).convert("L").resize((32, 32), Image.Resampling.BOX)
    return perceptual_hash(np.asarray(gray, np.float64))


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda p: p, 0),
        (lambda p: np.asarray(Image.fromarray(p).resize((90, 90), Image.Resampling.BOX)), 4),  # another size
        (lambda p: np.clip(p.astype(int) * 0.8 + 10, 0, 255).astype(np.uint8), 2),  # darker, flatter
        (lambda p: np.roll(p, 1, axis=1), 6),  # one pixel to the side
    ],
)
def test_the_hash_stays_while_the_content_does(
    change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], most: int
) -> None:
    for seed in range(10):
        changed = change(picture(seed))
        assert (hash_of(picture(seed)) ^ hash_of(changed)).bit_count() <= most


def test_other_pictures_have_other_hashes() -> None:
    hashes = [hash_of(picture(seed)) for seed in range(30)]
    assert min((a ^ b).bit_count() for a, b in itertools.combinations(hashes, 2)) > MOST_BITS


def test_a_plain_picture_has_a_hash() -> None:
    assert perceptual_hash(np.full((32, 32), 7.0)) == 0


def test_nothing_is_missed_that_comparing_all_with_all_finds() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, 300, np.uint64)
    thumbnails = rng.integers(0, 255, (300, 16, 16, 3), np.uint8)
    splits = rng.choice(["train", "val", "test"], 300).tolist()
    # Neighbours at every distance up to just beyond the limit, with bits anywhere.
    for i in range(0, 120, 2):
        bits = rng.choice(64, i // 2 % (MOST_BITS + 3), replace=False)
        hashes[i + 1] = hashes[i] ^ np.bitwise_xor.reduce(
            np.append(np.uint64(1) << bits.astype(np.uint64), np.uint64(0))
        )
        noise = rng.integers(-3, 4, thumbnails[i].shape) * (i % 3)
        thumbnails[i + 1] = np.clip(thumbnails[i].astype(int) + noise, 0, 255)
    within, across = set(), set()
    for i, j in itertools.combinations(range(300), 2):
        near = abs(thumbnails[i].astype(int) - thumbnails[j].astype(int)).mean() <= MOST_DIFFERENCE
        if near and (int(hashes[i]) ^ int(hashes[j])).bit_count() <= MOST_BITS:
            (within if splits[i] == splits[j] else across).update((i, j))
    assert len(within) > 5 and len(across) > 20
    found = find_twins(hashes, thumbnails, splits)
    assert (found.within, found.across) == (len(within), len(across))
    assert all(splits[pair.first] != splits[pair.second] for pair in found.closest)


def test_many_equal_pictures_are_counted_and_a_few_named() -> None:
    found = find_twins(np.full(300, 5, np.uint64), np.zeros((300, 16, 16, 3), np.uint8), ["train"] * 299 + ["val"])
    assert (found.within, found.across, len(found.closest)) == (299, 300, 12)


def test_without_pictures_there_are_no_twins() -> None:
    found = find_twins(np.empty(0, np.uint64), np.empty((0, 16, 16, 3), np.uint8), [])
    assert (found.pictures, found.within, found.across, found.closest) == (0, 0, 0, ())


def test_brightness_is_that_of_the_picture_and_broken_files_are_counted(tmp_path: Path) -> None:
    folder = tmp_path
    halves = np.zeros((64, 96, 3), np.uint8)
    halves[:32] = 200
    Image.fromarray(halves).save(folder / "a.png")
    Image.fromarray(np.full((64, 96, 3), (255, 0, 0), np.uint8)).save(folder / "b.png")
    (folder / "c.png").write_bytes(b"no picture")
    looks = look_into([folder / "c.png", folder / "a.png", folder / "missing.png", folder / "b.png"])
    assert looks.places == (1, 3)
    assert looks.unreadable == 2
    # Luma of pure red is 0.299 of full.
    assert looks.brightness == pytest.approx([100.0, 76.2], abs=0.5)
    assert looks.contrast == pytest.approx([100.0, 0.0], abs=0.5)
