"""Picture files, read by other programs."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from unrealsynth.embedded.unreal import _pictures


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4))))
def test_png_of_noise_and_of_nothing(pixels: np.ndarray) -> None:
    for picture in (pixels, np.zeros_like(pixels), pixels[:, ::-1], np.broadcast_to(pixels[:1], pixels.shape)):
        with Image.open(io.BytesIO(_pictures.png(picture))) as image:
            assert image.mode == "RGBA"
            assert np.array_equal(np.asarray(image), picture)


def test_pictures_of_ids_are_small_and_both_kinds_quick() -> None:
    ids = np.zeros((640, 640, 4), np.uint8)
    ids[100:300, 200:500, :3] = 3
    noise = np.random.default_rng(0).integers(0, 256, (640, 640, 4), dtype=np.uint8)
    assert len(_pictures.png(ids)) < 20_000
    assert len(_pictures.png(noise)) < 640 * 640 * 4 * 1.01
    started = time.process_time()
    for _ in range(5):
        _pictures.png(ids)
        _pictures.png(noise)
    assert (time.process_time() - started) / 5 < 0.060  # 5 ms on the machine it was written on


@pytest.mark.parametrize(("half", "dtype"), [(False, np.float32), (True, np.float16)])
def test_exr(half: bool, dtype: type, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).normal(0, 1e3, (5, 7, 4)).astype(np.float32)
    pixels[0, 0] = 1e30
    path = tmp_path / "a.exr"
    _pictures.write_exr(path, pixels, half)
    with OpenEXR.File(str(path)) as file:
        read = file.channels()["RGBA"].pixels
    assert read.dtype == dtype
    assert np.array_equal(read, np.clip(pixels, -65504, 65504).astype(np.float16) if half else pixels)
