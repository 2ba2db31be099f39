"""The queue that writes pictures: another way from a render target to a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unrealsynth.embedded.unreal import _pictures, _runtime
from unrealsynth.embedded.unreal._enum import EnumBase, Member, enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, INT32, STR
from unrealsynth.embedded.unreal._object import Property
from unrealsynth.embedded.unreal._struct_base import StructBase
from unrealsynth.embedded.unreal.render_targets import BlueprintFunctionLibrary, TextureRenderTarget2D
from unrealsynth.embedded.unreal.textures import TEXTURE, Texture

_BYTES = ("RTF_RGBA8", "RTF_RGBA8_SRGB")
_FLOATS = ("RTF_RGBA16F", "RTF_RGBA32F")
_UNCOMPRESSED = 1


class DesiredImageFormat(EnumBase):
    PNG = Member(0)
    JPG = Member(1)
    BMP = Member(2)
    EXR = Member(3)


class ImageWriteOptions(StructBase):
    """Begins with C++'s values, in which writing goes on in the background."""

    _arguments = ("format",)
    format = Property(enum_kind(DesiredImageFormat), DesiredImageFormat.EXR)
    compression_quality = Property(INT32)
    overwrite_file = Property(BOOL, default=True)
    async_ = Property(BOOL, default=True)


class ImageWriteBlueprintLibrary(BlueprintFunctionLibrary):
    @classmethod
    def export_to_disk(cls, texture: Texture | None, filename: str, options: ImageWriteOptions) -> None:
        """Raises for what it cannot read; of what cannot be written only the log tells."""
        engine = _runtime.engine()
        engine.activity += 1
        chosen = ImageWriteOptions.cast(options)
        target = TEXTURE.nativize(texture)
        if not isinstance(target, TextureRenderTarget2D) or target._released:
            raise Exception("ImageWriteBlueprintLibrary: Invalid texture supplied.")
        as_exr = ImageWriteOptions.format.read(chosen) == DesiredImageFormat.EXR
        is_float = target._format() in _FLOATS
        if target._format() not in (*_BYTES, *(_FLOATS if engine.switches.image_writer else ())):
            raise Exception("ImageWriteBlueprintLibrary: Unsupported texture format.")
        if is_float and not as_exr:
            raise Exception(
                "ImageWriteBlueprintLibrary: Only EXR export is currently supported for PF_FloatRGBA and "
                "PF_A32B32G32R32F formats."
            )
        path = Path(STR.nativize(filename)).with_suffix(".exr" if as_exr else ".png")
        pixels = np.array(target._read_back(), np.float32 if is_float else np.uint8)

        def write(_delta_s: float = 0.0) -> bool:
            if path.exists() and not ImageWriteOptions.overwrite_file.read(chosen):
                engine.log.write("LogImageWriteQueue", "Error", f"Failed to write image to '{path}'. It exists.")
                return False
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                if as_exr:
                    floats = pixels.astype(np.float32) * np.float32(1.0 if is_float else 1 / 255)
                    packed = ImageWriteOptions.compression_quality.read(chosen) != _UNCOMPRESSED
                    _pictures.write_exr(path, floats, target._format() != "RTF_RGBA32F", packed=packed)
                else:
                    path.write_bytes(_pictures.png(pixels.astype(np.uint8)))
            except OSError as error:
                engine.log.write("LogImageWriteQueue", "Error", f"Failed to write image to '{path}': {error}.")
            return False

        if ImageWriteOptions.async_.read(chosen):
            engine.tickers.add(write)
        else:
            write()
