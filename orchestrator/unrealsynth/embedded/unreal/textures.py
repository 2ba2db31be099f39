"""Textures as assets, and what the renderer gets of them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal._enum import EnumBase, Member, enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, object_kind
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal.enums import TextureAddress, TextureCompressionSettings, TextureFilter

_WRAPS: dict[int, Literal["repeat", "clamp", "mirror"]] = {0: "repeat", 1: "clamp", 2: "mirror"}


CUBE_YAW_DEG = -90.0
"""Where the middle of a long-lat picture lies in a cube map; for the renderer it lies at 0."""


class TextureMipGenSettings(EnumBase):
    TMGS_FROM_TEXTURE_GROUP = Member(0)
    TMGS_SIMPLE_AVERAGE = Member(1)
    TMGS_NO_MIPMAPS = Member(13)


class StreamableRenderAsset(Object):
    _abstract = True


class Texture(StreamableRenderAsset):
    _abstract = True
    srgb = Property(BOOL, default=True)
    compression_settings = Property(enum_kind(TextureCompressionSettings))
    filter = Property(enum_kind(TextureFilter), TextureFilter.TF_DEFAULT)
    flip_green_channel = Property(BOOL)
    lod_bias = Property(INT32)
    max_texture_size = Property(INT32)
    mip_gen_settings = Property(enum_kind(TextureMipGenSettings))
    adjust_brightness = Property(FLOAT, 1.0)
    never_stream = Property(BOOL)
    virtual_texture_streaming = Property(BOOL, attribute="r")


class Texture2D(Texture):
    """`_pixels` is (height, width, 4) uint8, first row on top."""

    __slots__ = ("_drawn", "_pixels")
    _pixels: NDArray[np.uint8]
    _drawn: tuple[object, scene.Texture] | None
    address_x = Property(enum_kind(TextureAddress))
    address_y = Property(enum_kind(TextureAddress))

    def _post_init(self) -> None:
        self._drawn = None
        self._pixels = np.full((1, 1, 4), 255, np.uint8)

    def blueprint_get_size_x(self) -> int:
        return int(self._pixels.shape[1])

    def blueprint_get_size_y(self) -> int:
        return int(self._pixels.shape[0])

    def _is_normal_map(self) -> bool:
        return Texture.compression_settings.read(self) == TextureCompressionSettings.TC_NORMALMAP

    def _scene_texture(self) -> scene.Texture:
        """For the renderer, whose normal maps have green up (OpenGL), where Unreal's have it down (DirectX)."""
        flips = self._is_normal_map() != Texture.flip_green_channel.read(self)
        mips = Texture.mip_gen_settings.read(self) != TextureMipGenSettings.TMGS_NO_MIPMAPS
        state = (Texture.srgb.read(self), flips, Texture2D.address_x.read(self).value, mips)
        if self._drawn is None or self._drawn[0] != state:
            pixels = self._pixels
            if flips:
                pixels = pixels.copy()
                pixels[..., 1] = 255 - pixels[..., 1]
            self._drawn = state, scene.Texture(pixels, state[0], _WRAPS[state[2]], mips)
        return self._drawn[1]


class TextureCube(Texture):
    """A long-lat picture of radiance, as imported from an .hdr file: its middle at -Y, its right half towards +X."""

    __slots__ = ("_panorama", "_turned")
    _panorama: scene.Panorama
    _turned: tuple[int, scene.Panorama] | None

    def _post_init(self) -> None:
        self._turned = None
        self._panorama = scene.Panorama(np.zeros((2, 4, 3), np.float32))

    def _turned_by(self, yaw_deg: float) -> scene.Panorama:
        """The picture as the renderer takes it, in axes turned about the vertical, to the nearest column."""
        width = self._panorama.pixels.shape[1]
        columns = round((yaw_deg + CUBE_YAW_DEG) / 360.0 * width) % width
        if columns == 0:
            return self._panorama
        if self._turned is None or self._turned[0] != columns:
            self._turned = columns, scene.Panorama(np.roll(self._panorama.pixels, columns, axis=1))
        return self._turned[1]


TEXTURE = object_kind("Texture", Texture)
TEXTURE_CUBE = object_kind("TextureCube", TextureCube)
