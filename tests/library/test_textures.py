"""The built-in ground textures: tiling, even, with the albedo of the real material."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from unrealsynth.errors import ModelError
from unrealsynth.library import textures

# Mean linear albedo of red, green and blue, lowest and highest.
ALBEDO = {
    "asphalt": ((0.07, 0.07, 0.07), (0.12, 0.12, 0.12)),
    "concrete": ((0.30, 0.30, 0.27), (0.45, 0.45, 0.45)),
    "grass": ((0.05, 0.09, 0.02), (0.14, 0.20, 0.07)),
    "gravel": ((0.18, 0.18, 0.16), (0.30, 0.30, 0.30)),
    "paving": ((0.18, 0.18, 0.16), (0.32, 0.30, 0.28)),
    "soil": ((0.10, 0.08, 0.05), (0.20, 0.15, 0.11)),
}


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)), dtype=np.float64) / 255.0


def linear(values: np.ndarray) -> np.ndarray:
    """sRGB decoded after IEC 61966-2-1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def test_names_are_sorted() -> None:
    assert textures.names() == tuple(sorted(ALBEDO))


@pytest.mark.parametrize("name", sorted(ALBEDO))
@pytest.mark.parametrize("kind", ["colour", "normal"])
def test_tiles_without_a_seam(name: str, kind: str, maps: dict[str, tuple[bytes, bytes]]) -> None:
    image = pixels(maps[name][kind == "normal"])
    assert image.shape == (1024, 1024, 3)
    for axis in (0, 1):
        steps = np.abs(np.diff(image, axis=axis)).mean(axis=(1 - axis, 2))
        seam = np.abs(np.take(image, 0, axis) - np.take(image, -1, axis)).mean()
        # The step across the rim is one like those inside.
        assert seam <= steps.max() * 1.02
        assert seam <= steps.mean() * 1.5


@pytest.mark.parametrize("name", sorted(ALBEDO))
def test_albedo_is_that_of_the_material(name: str, maps: dict[str, tuple[bytes, bytes]]) -> None:
    mean = linear(pixels(maps[name][0])).mean(axis=(0, 1))
    low, high = ALBEDO[name]
    assert (mean >= low).all(), mean
    assert (mean <= high).all(), mean


@pytest.mark.parametrize("name", sorted(ALBEDO))
def test_no_blotch_would_show_as_a_pattern(name: str, maps: dict[str, tuple[bytes, bytes]]) -> None:
    luminance = linear(pixels(maps[name][0])) @ [0.2126, 0.7152, 0.0722]
    blocks = luminance.reshape(8, 128, 8, 128).mean(axis=(1, 3))
    assert np.abs(blocks / blocks.mean() - 1.0).max() < 0.16
    # Seen closely there is something to see.
    assert luminance.std() / luminance.mean() > 0.1


@pytest.mark.parametrize("name", sorted(ALBEDO))
def test_normals_are_unit_vectors_that_look_up(name: str, maps: dict[str, tuple[bytes, bytes]]) -> None:
    normals = pixels(maps[name][1]) * 2.0 - 1.0
    assert np.abs(np.linalg.norm(normals, axis=2) - 1.0).max() < 0.012
    assert normals[..., 2].min() > 0.0
    assert normals[..., :2].mean(axis=(0, 1)) == pytest.approx(0.0, abs=0.01)


def test_same_bytes_again(maps: dict[str, tuple[bytes, bytes]]) -> None:
    assert textures.png("paving") == maps["paving"][0]


@pytest.mark.parametrize("make", [textures.png, textures.normal_png])
def test_unknown_name_is_a_sentence(make: object) -> None:
    with pytest.raises(ModelError, match=r"builtin:asfalt. Did you mean builtin:asphalt\?"):
        make("asfalt")  # type: ignore[operator]
