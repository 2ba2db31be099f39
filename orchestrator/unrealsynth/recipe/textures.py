"""Ground textures and skies: image files or the built-in library's, as files to ship to an editor.

Unreal makes no smaller versions of a texture whose sides are no powers of two, so that it flickers in the distance, and
takes one of 16 bits a channel for linear. Such a picture is shipped as one that every editor takes alike.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from unrealsynth.errors import ModelError
from unrealsynth.glb import check_picture
from unrealsynth.glb.pictures import as_png, decoded, has_16_bits
from unrealsynth.recipe.cache import Cache
from unrealsynth.recipe.catalog import code_version, library_version
from unrealsynth.recipe.radiance import is_whole
from unrealsynth.recipe.sources import BUILTIN, local_path, missing_file

_MAX_FILE_BYTES = 256 << 20
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}
_PLAIN_MODES = ("RGB", "RGBA", "L")
_MARGIN_PX = 8
"""More than the resampling reaches beyond a picture's edge, where the next tile begins."""
_HDR_SIZE = re.compile(rb"\n([-+][XY]) (\d{1,6}) ([-+][XY]) (\d{1,6})\n")
_MAX_HDR_SIDE_PX = 16_384


@dataclass
class Textures:
    """Reads textures and collects them under the names they are shipped by, `textures/<sha256>.png`."""

    cache: Cache
    files: dict[str, bytes | Path] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """Where each comes from: a `builtin:` name or a file's name, by the name it is shipped by."""

    def color(self, reference: str, folder: Path) -> str:
        """Shipped name of a colour map. Raises ModelError."""
        return self._builtin(reference, "color") if reference.startswith(BUILTIN) else self._picture(reference, folder)

    def normal(self, reference: str, folder: Path) -> str:
        """Shipped name of a normal map. Raises ModelError."""
        return self._builtin(reference, "normal") if reference.startswith(BUILTIN) else self._picture(reference, folder)

    def sky(self, reference: str, folder: Path) -> str:
        """Shipped name of an equirectangular `.hdr` picture. Raises ModelError."""
        path, data = _read(reference, folder, (".hdr",))
        if path.suffix.lower() != ".hdr" or not data.startswith((b"#?RADIANCE", b"#?RGBE")):
            raise ModelError(f"{path} is not a Radiance .hdr picture; convert the sky to .hdr.")
        size = _HDR_SIZE.search(data[:65536])
        if size is None or size[1] != b"-Y" or size[3] != b"+X":
            raise ModelError(f"{path} does not give its size as other .hdr pictures do; save it again.")
        height, width = int(size[2]), int(size[4])
        if not (0 < width <= _MAX_HDR_SIDE_PX and 0 < height <= _MAX_HDR_SIDE_PX // 2):
            raise ModelError(f"{path} has {width}×{height} pixels; scale it down to 16384×8192 or less.")
        if len(data) < width * height // 32:
            raise ModelError(f"{path} is cut off: {len(data):,} bytes cannot hold {width}×{height} pixels.")
        if not is_whole(data, size.end(), width, height):
            raise ModelError(f"{path} is damaged or cut off: it does not hold {width}×{height} pixels; copy it again.")
        return self._ship(data, ".hdr", path, path.name)

    def _builtin(self, reference: str, kind: str) -> str:
        name = reference.removeprefix(BUILTIN)
        key = f"texture/{kind}/{name}/{library_version()}"
        data = self.cache.record(key)
        if data is None:
            from unrealsynth.library import textures

            data = textures.png(name) if kind == "color" else textures.normal_png(name)
            self.cache.put_record(key, data)
        return self._ship(data, ".png", None, reference)

    def _picture(self, reference: str, folder: Path) -> str:
        path, data = _read(reference, folder, (".png", ".jpg", ".jpeg"))
        try:
            suffix = _SUFFIXES[check_picture(data, "the picture")]
            plain = self._plain(data)
        except ModelError as error:
            raise ModelError(f"{path}: {error}.") from None
        if plain is None:
            return self._ship(data, suffix, path, path.name)
        return self._ship(plain, ".png", None, path.name)

    def _plain(self, data: bytes) -> bytes | None:
        """The picture as every editor takes it; None where it is one already."""
        from unrealsynth import glb, recipe

        with Image.open(io.BytesIO(data)) as image:
            wanted = (_power_of_two(image.width), _power_of_two(image.height))
            if image.mode in _PLAIN_MODES and image.size == wanted and not has_16_bits(data):
                return None
        key = f"texture/plain/{hashlib.sha256(data).hexdigest()}/{code_version(recipe)}/{code_version(glb)}"
        plain = self.cache.record(key)
        if plain is None:
            picture = decoded(data)
            if picture.mode not in _PLAIN_MODES:
                picture = picture.convert("RGB")
            plain = as_png(picture if picture.size == wanted else _resized(picture, wanted))
            self.cache.put_record(key, plain)
        return plain

    def _ship(self, data: bytes, suffix: str, path: Path | None, source: str) -> str:
        name = f"textures/{hashlib.sha256(data).hexdigest()}{suffix}"
        self.files[name] = path or data
        self.sources.setdefault(name, source)
        return name


def _power_of_two(side_px: int) -> int:
    """The nearest, by ratio."""
    return 1 << round(math.log2(side_px))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in another size, without a seam where its edges meet on the ground."""
    pixels = np.asarray(picture)
    margins = ((_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX), (0, 0))
    tiled = Image.fromarray(np.pad(pixels, margins[: pixels.ndim], mode="wrap"))
    box = (_MARGIN_PX, _MARGIN_PX, _MARGIN_PX + picture.width, _MARGIN_PX + picture.height)
    return tiled.resize(size, Image.Resampling.LANCZOS, box)


def _read(reference: str, folder: Path, suffixes: tuple[str, ...]) -> tuple[Path, bytes]:
    path = local_path(reference, folder)
    if not path.is_file():
        raise ModelError(f"Texture: {missing_file(reference, path, suffixes)}")
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise ModelError(f"{path} has more than {_MAX_FILE_BYTES >> 20} MB; scale it down.")
        return path, path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from None
