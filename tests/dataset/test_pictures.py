"""Reading the editor's pictures, and encoding them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from unrealsynth.dataset import pictures
from unrealsynth.errors import DataSetError

images = arrays.arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30), st.just(3)))


@given(images)
def test_png_is_lossless_and_valid(picture: np.ndarray) -> None:
    data = pictures.encode_png(picture)
    with Image.open(io.BytesIO(data)) as image:
        image.verify()
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert np.array_equal(np.asarray(image), picture)


def smooth(width: int = 320, height: int = 240) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], axis=2).astype(np.uint8)


def test_png_is_packed() -> None:
    assert len(pictures.encode_png(smooth())) < 320 * 240 * 3 / 4


def test_jpeg_keeps_full_colour_resolution_and_is_near() -> None:
    with Image.open(io.BytesIO(pictures.encode(smooth(), "jpg"))) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3
        assert np.abs(np.asarray(image).astype(int) - smooth()).mean() < 2


@pytest.mark.parametrize("image_format", ["png", "jpg"])
def test_the_same_picture_gives_the_same_bytes(image_format: pictures.ImageFormat) -> None:
    assert pictures.encode(smooth(), image_format) == pictures.encode(smooth().copy(), image_format)


@pytest.mark.parametrize("channels", [3, 4])
def test_alpha_is_dropped_not_composited(tmp_path: Path, channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (6, 9, channels), np.uint8)
    if channels == 4:
        pixels[..., 3] = 0
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert np.array_equal(pictures.read_rgb(tmp_path / "a.png", (9, 6)), pixels[..., :3])
    assert np.array_equal(pictures.read_ids(tmp_path / "a.png", (9, 6)), pixels[..., 0])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read: it is no PNG picture"),  # an export that failed leaves an empty file
        (pictures.encode_png(smooth(9, 6))[:-30], "cannot be read"),  # cut off
        (pictures.encode(smooth(9, 6), "jpg"), "cannot be read"),  # not a PNG
        (pictures.encode_png(smooth(6, 9)), "is 6 x 9 RGB; 9 x 6 RGB or RGBA was wanted"),
    ],
)
def test_bad_pictures_are_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "rgb.png"
    path.write_bytes(data)
    with pytest.raises(DataSetError, match=message) as caught:
        pictures.read_rgb(path, (9, 6))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("picture", "blank"),
    [
        (np.full((60, 80, 3), 97, np.uint8), True),
        (np.full((60, 80, 3), (200, 10, 30), np.uint8), True),  # a colour is as blank as grey
        (smooth(80, 60), False),
        (np.full((60, 80, 3), 97, np.uint8) + (smooth(80, 60) > 128) * np.uint8(4), False),  # faint, but something
    ],
)
def test_blank_pictures(picture: np.ndarray, blank: bool) -> None:
    assert pictures.is_blank(picture) is blank


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (72, 96)])
def test_grey_pictures_come_back(kind: type[np.uint8] | type[np.uint16], shape: tuple[int, int]) -> None:
    values = np.random.default_rng(3).integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)
    with Image.open(io.BytesIO(pictures.encode_grey(values))) as image:
        assert image.mode == ("L" if kind is np.uint8 else "I;16")
        assert np.array_equal(np.asarray(image), values)
