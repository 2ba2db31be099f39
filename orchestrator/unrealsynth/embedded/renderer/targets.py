"""Framebuffers of one picture size; made again when the size changes."""

from __future__ import annotations

import moderngl


class Targets:
    """Where a picture of `size` (width, height) is drawn."""

    def __init__(self, context: moderngl.Context, size: tuple[int, int]) -> None:
        self.size = size
        self.radiance = context.texture(size, 4, dtype="f2")
        self.encoded = context.texture(size, 4)
        self.depth = context.depth_texture(size)
        half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
        self.openness = context.texture(half, 1)
        self.smooth_openness = context.texture(half, 1)
        self.openness_target = context.framebuffer([self.openness])
        self.smooth_openness_target = context.framebuffer([self.smooth_openness])
        self._linear = context.texture(size, 4, dtype="f4")
        self.linear_target = context.framebuffer([self._linear])
        self._stencil = context.texture(size, 1)
        self._depth_cm = context.texture(size, 1, dtype="f4")
        self._final = context.texture(size, 4)
        self.radiance_target = context.framebuffer([self.radiance], self.depth)
        self.encoded_target = context.framebuffer([self.encoded])
        self.final_target = context.framebuffer([self._final])
        self.stencil_target = context.framebuffer([self._stencil], self.depth)
        self.depth_target = context.framebuffer([self._depth_cm], self.depth)
        self._targets = (
            self.radiance_target, self.encoded_target, self.final_target, self.stencil_target, self.depth_target,
            self.openness_target, self.smooth_openness_target, self.linear_target,
        )  # fmt: skip
        self._textures = (
            self.radiance, self.encoded, self.depth, self.openness, self.smooth_openness, self._linear, self._stencil,
            self._depth_cm, self._final,
        )  # fmt: skip
        for texture in (self.radiance, self.depth):
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.depth.compare_func = ""
        for texture in (self.encoded, self.openness, self.smooth_openness):
            texture.repeat_x = texture.repeat_y = False

    def release(self) -> None:
        """Frees the GPU objects."""
        for target in self._targets:
            target.release()
        for texture in self._textures:
            texture.release()
