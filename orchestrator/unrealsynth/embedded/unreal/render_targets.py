"""Render targets, and the library that makes, reads and exports them.

What a capture leaves in a target is rendered when somebody looks: a capture that another one overwrites costs nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.unreal import _pictures, _runtime
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, STR, object_kind
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import Array
from unrealsynth.embedded.unreal.enums import TextureAddress, TextureRenderTargetFormat
from unrealsynth.embedded.unreal.structs import Color, LinearColor
from unrealsynth.embedded.unreal.textures import Texture

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Shot

_BYTES = ("RTF_RGBA8", "RTF_RGBA8_SRGB")
_FLOATS = ("RTF_RGBA16F", "RTF_RGBA32F")
_LARGEST_UNATTENDED = 2048


class TextureRenderTarget(Texture):
    _abstract = True
    target_gamma = Property(FLOAT)


class TextureRenderTarget2D(TextureRenderTarget):
    __slots__ = ("_linear_gamma", "_pixels", "_released", "_shot")
    _linear_gamma: bool
    """bForceLinearGamma: on until the format is edited."""
    _released: bool
    _shot: Shot | None
    """What still has to be rendered into it."""
    _pixels: NDArray[np.float32] | NDArray[np.uint8] | None

    size_x = Property(INT32, 1, attribute="r")
    size_y = Property(INT32, 1, attribute="r")
    clear_color = Property(struct_kind(LinearColor), (0.0, 1.0, 0.0, 1.0), attribute="r")
    render_target_format = Property(
        enum_kind(TextureRenderTargetFormat), TextureRenderTargetFormat.RTF_RGBA16F, attribute="r"
    )
    auto_generate_mips = Property(BOOL, attribute="r")
    address_x = Property(enum_kind(TextureAddress))
    address_y = Property(enum_kind(TextureAddress))

    def _post_init(self) -> None:
        self._linear_gamma = True
        self._released = False
        self._shot = None
        self._pixels = None

    def _post_edit(self, name: str) -> None:
        """The editor's hook: it resets the target, and clamps its size where it cannot ask."""
        cls = TextureRenderTarget2D
        if name == "render_target_format":
            self._linear_gamma = False
        for side in (cls.size_x, cls.size_y):
            if side.read(self) > _LARGEST_UNATTENDED:
                side.store(self, _LARGEST_UNATTENDED)
        self._shot, self._pixels = None, None

    def _format(self) -> str:
        return TextureRenderTarget2D.render_target_format.read(self).name

    def _display_gamma(self) -> float:
        own = TextureRenderTarget.target_gamma.read(self)
        if own > 0.0 and _runtime.engine().switches.target_gamma_counts:
            return own
        return 1.0 if self._linear_gamma or self._format() not in _BYTES else 2.2

    def _resize(self, width: int, height: int) -> None:
        TextureRenderTarget2D.size_x.store(self, width)
        TextureRenderTarget2D.size_y.store(self, height)
        self._shot, self._pixels = None, None

    def _read(self) -> NDArray[np.float32] | NDArray[np.uint8]:
        """The pixels, (height, width, 4): bytes or floats after the format."""
        if self._shot is not None:
            self._pixels, self._shot = self._shot.render(), None
        if self._pixels is None:
            shape = (TextureRenderTarget2D.size_y.read(self), TextureRenderTarget2D.size_x.read(self), 4)
            clear = TextureRenderTarget2D.clear_color.read(self)
            if self._format() in _BYTES:
                color = clear.to_color(self._format() == "RTF_RGBA8_SRGB")
                self._pixels = np.full(shape, (color.r, color.g, color.b, color.a), np.uint8)
            else:
                self._pixels = np.full(shape, clear._tuple(), np.float32)
        return self._pixels

    def _read_back(self) -> NDArray[np.float32] | NDArray[np.uint8]:
        """The pixels as they come from the graphics card."""
        pixels = self._read()
        if self._format() != "RTF_RGBA32F" or _runtime.engine().switches.float_read_back == "exact":
            return pixels
        low, high = pixels.min((0, 1)), pixels.max((0, 1))
        shares = (pixels - low) / np.maximum(high - low, 1e-6)
        return np.asarray(np.rint(255.0 * shares) / 255.0, np.float32)


RENDER_TARGET = object_kind("TextureRenderTarget2D", TextureRenderTarget2D)


class BlueprintFunctionLibrary(Object):
    _abstract = True


class RenderingLibrary(BlueprintFunctionLibrary):
    @classmethod
    def create_render_target2d(
        cls,
        world_context_object: Object | None,
        width: int = 256,
        height: int = 256,
        format: TextureRenderTargetFormat = TextureRenderTargetFormat.RTF_RGBA16F,
        clear_color: LinearColor = LinearColor(0.0, 0.0, 0.0, 1.0),  # noqa: B008
        auto_generate_mip_maps: bool = False,
        support_ua_vs: bool = False,
    ) -> TextureRenderTarget2D | None:
        """A target whose outer is the world; None without a world or a size."""
        from unrealsynth.embedded.unreal.world import World

        world = None if world_context_object is None else world_context_object.get_world()
        if not isinstance(world, World) or INT32.nativize(width) <= 0 or INT32.nativize(height) <= 0:
            return None
        made = TextureRenderTarget2D._make(world)
        kind = TextureRenderTarget2D
        kind.render_target_format.store(made, format)
        kind.clear_color.store(made, clear_color)
        kind.auto_generate_mips.store(made, auto_generate_mip_maps)
        made._resize(width, height)
        world._objects.add(made)
        return made

    @classmethod
    def resize_render_target2d(
        cls, texture_render_target: TextureRenderTarget2D | None, width: int = 256, height: int = 256
    ) -> None:
        target = RENDER_TARGET.nativize(texture_render_target)
        if target is not None:
            target._resize(INT32.nativize(width), INT32.nativize(height))

    @classmethod
    def release_render_target2d(cls, texture_render_target: TextureRenderTarget2D | None) -> None:
        target = RENDER_TARGET.nativize(texture_render_target)
        if target is not None:
            target._released, target._shot, target._pixels = True, None, None

    @classmethod
    def clear_render_target2d(
        cls,
        world_context_object: Object | None,
        texture_render_target: TextureRenderTarget2D | None,
        clear_color: LinearColor = LinearColor(0.0, 0.0, 0.0, 1.0),  # noqa: B008
    ) -> None:
        target = RENDER_TARGET.nativize(texture_render_target)
        if target is not None:
            TextureRenderTarget2D.clear_color.store(target, clear_color)
            target._shot, target._pixels = None, None

    @classmethod
    def export_render_target(
        cls,
        world_context_object: Object | None,
        texture_render_target: TextureRenderTarget2D | None,
        file_path: str,
        file_name: str,
    ) -> None:
        """Returns and raises nothing: what cannot be exported leaves an empty file, what cannot be opened none."""
        engine = _runtime.engine()
        engine.activity += 1
        target = RENDER_TARGET.nativize(texture_render_target)
        path = Path(STR.nativize(file_path), STR.nativize(file_name))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
            cls._write(target, path)
        except OSError:
            engine.log.write("LogRendering", "Warning", f"ExportRenderTarget: FileWrite failed: {path}")

    @staticmethod
    def _write(target: TextureRenderTarget2D | None, path: Path) -> None:
        engine = _runtime.engine()
        if target is None or target._released:
            engine.log.write("LogRendering", "Warning", "ExportRenderTarget: TextureRenderTarget must be non-null.")
        elif target._format() in _BYTES:
            path.write_bytes(_pictures.png(np.asarray(target._read(), np.uint8)))
        elif target._format() in engine.switches.exportable_floats:
            pixels = np.asarray(target._read_back(), np.float32)
            _pictures.write_exr(path, pixels, target._format() == "RTF_RGBA16F")
        elif engine.switches.other_exports == "PNG":
            shown = np.clip(np.asarray(target._read(), np.float32), 0.0, 1.0) * 255.0 + 0.5
            path.write_bytes(_pictures.png(shown.astype(np.uint8)))
        else:
            engine.log.write("LogRendering", "Warning", f"ExportRenderTarget: {target._format()} is not supported.")

    @classmethod
    def read_render_target(
        cls,
        world_context_object: Object | None,
        texture_render_target: TextureRenderTarget2D | None,
        normalize: bool = True,
    ) -> Array[Color] | None:
        """All pixels as bytes, row by row; None for a format that cannot be read."""
        area = cls._area(texture_render_target, None)
        return None if area is None else _colors(area, BOOL.nativize(normalize))

    @classmethod
    def read_render_target_pixel(
        cls, world_context_object: Object | None, texture_render_target: TextureRenderTarget2D | None, x: int, y: int
    ) -> Color:
        """Red when it cannot be read."""
        area = cls._area(texture_render_target, (x, y, 1, 1))
        return Color(0, 0, 255, 255) if area is None else _colors(area, normalize=True)[0]

    @classmethod
    def read_render_target_raw(
        cls,
        world_context_object: Object | None,
        texture_render_target: TextureRenderTarget2D | None,
        normalize: bool = True,
    ) -> Array[LinearColor] | None:
        """All pixels as floats, row by row; None for a format that cannot be read."""
        area = cls._area(texture_render_target, None)
        return None if area is None else _linear_colors(area, BOOL.nativize(normalize))

    @classmethod
    def read_render_target_raw_pixel(
        cls,
        world_context_object: Object | None,
        texture_render_target: TextureRenderTarget2D | None,
        x: int,
        y: int,
        normalize: bool = True,
    ) -> LinearColor:
        area = cls._area(texture_render_target, (x, y, 1, 1))
        return LinearColor(1.0, 0.0, 0.0, 1.0) if area is None else _linear_colors(area, BOOL.nativize(normalize))[0]

    @classmethod
    def read_render_target_raw_pixel_area(
        cls,
        world_context_object: Object | None,
        texture_render_target: TextureRenderTarget2D | None,
        min_x: int,
        min_y: int,
        max_x: int,
        max_y: int,
        normalize: bool = True,
    ) -> Array[LinearColor] | None:
        """As in Unreal, `max_x` and `max_y` are taken for width and height."""
        area = cls._area(texture_render_target, (min_x, min_y, max_x, max_y))
        return None if area is None else _linear_colors(area, BOOL.nativize(normalize))

    @classmethod
    def _area(
        cls, texture_render_target: TextureRenderTarget2D | None, area: tuple[int, int, int, int] | None
    ) -> NDArray[np.float32] | NDArray[np.uint8] | None:
        target = RENDER_TARGET.nativize(texture_render_target)
        if target is None or target._released or target._format() not in ("RTF_RGBA8", *_FLOATS):
            return None
        _runtime.engine().activity += 1
        pixels = target._read_back()
        if area is None:
            return pixels.reshape(-1, 4)
        x, y, width, height = (INT32.nativize(part) for part in area)
        return pixels[y : y + height, x : x + width].reshape(-1, 4)


def _colors(pixels: NDArray[np.float32] | NDArray[np.uint8], normalize: bool) -> Array[Color]:
    if pixels.dtype != np.uint8:
        pixels = np.clip(_normalized(pixels, normalize) * 255.0 + 0.5, 0.0, 255.0).astype(np.uint8)
    made: Array[Color] = Array._of(struct_kind(Color))
    made._items = [Color(blue, green, red, alpha) for red, green, blue, alpha in pixels.tolist()]
    return made


def _linear_colors(pixels: NDArray[np.float32] | NDArray[np.uint8], normalize: bool) -> Array[LinearColor]:
    if pixels.dtype == np.uint8:
        values = pixels.astype(np.float32) / 255.0
    else:
        values = _normalized(pixels, normalize)
    made: Array[LinearColor] = Array._of(struct_kind(LinearColor))
    made._items = [LinearColor(*pixel) for pixel in values.tolist()]
    return made


def _normalized(pixels: NDArray[np.float32] | NDArray[np.uint8], normalize: bool) -> NDArray[np.float32]:
    values = pixels.astype(np.float32)
    if not normalize:
        return values
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else values
