"""The colour picture: linear radiance first, then exposure, tone curve, encoding and edge smoothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer import clouds, shadows
from unrealsynth.embedded.renderer.ambient import LAYERS
from unrealsynth.embedded.renderer.ambient import SIZE as AMBIENT_SIZE
from unrealsynth.embedded.renderer.atmosphere import AZIMUTHS, ELEVATIONS
from unrealsynth.embedded.renderer.camera import FAR_EPSILON, axes, column_major
from unrealsynth.embedded.renderer.lighting import FRAME_BYTES, Lighting
from unrealsynth.embedded.renderer.programs import Programs, write_uniform
from unrealsynth.embedded.renderer.scene import Atmosphere, Grading, Panorama, Scene, View
from unrealsynth.embedded.renderer.surfaces import UNITS, Placed, Surface, surfaces
from unrealsynth.embedded.renderer.targets import Targets
from unrealsynth.embedded.renderer.uploads import Uploads

FRAME_BINDING = 0


class ColorPass:
    """Draws radiance and grades it."""

    def __init__(self, context: moderngl.Context, programs: Programs, uploads: Uploads) -> None:
        self._context, self._programs, self._uploads = context, programs, uploads
        self._lighting = Lighting()
        self._shadow_maps = shadows.ShadowMaps(context, programs, uploads)
        self._frame = context.buffer(reserve=FRAME_BYTES)
        side = AMBIENT_SIZE + 2
        self._reflections = context.texture3d((side, side, LAYERS), 3, dtype="f2", alignment=1)
        self._sky = context.texture((AZIMUTHS, ELEVATIONS), 3, dtype="f4", alignment=1)
        for texture in (self._reflections, self._sky):
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.repeat_x = texture.repeat_y = False
        self._reflections.repeat_z = False
        self._occluded = False
        self._screens: dict[int, moderngl.VertexArray] = {}

    @cached_property
    def _cloud_noise(self) -> moderngl.Texture:
        texture = self._context.texture((clouds.SIZE, clouds.SIZE), 2, clouds.cloud_noise())
        texture.build_mipmaps()
        return texture

    def radiance(self, scene: Scene, view: View, placed: Sequence[Placed], targets: Targets) -> None:
        """Fills the radiance target in cd/m²."""
        maps: tuple[shadows.ShadowFit, ...] = ()
        if scene.sun is not None and scene.sun.cast_shadow:
            maps = shadows.fit(scene.sun, view, placed)
        if maps:
            self._shadow_maps.draw(maps)
        ambient = self._lighting.ambient(scene)
        if ambient is not None:
            self._reflections.write(ambient.reflections)
            self._reflections.use(UNITS["t_reflections"])
        self._frame.write(self._lighting.frame_block(scene, view, ambient, maps))
        self._frame.bind_to_uniform_block(FRAME_BINDING)

        common = {
            "SUN": scene.sun is not None,
            "SHADOW": bool(maps),
            "TWO_SHADOWS": len(maps) == 2,
            "AMBIENT": ambient is not None,
            "FOG": scene.fog is not None,
            "LAMPS": bool(scene.lamps),
        }
        features = frozenset(name for name, present in common.items() if present)
        targets.radiance_target.use()
        targets.radiance_target.clear(depth=1.0)
        self._context.enable_only(moderngl.DEPTH_TEST)
        parts = surfaces(placed)
        for surface in parts:
            if not surface.blends:
                self._draw(surface, features)
        self._draw_sky(scene, view, features)
        self._context.enable(moderngl.BLEND)
        blending: Any = self._context  # moderngl declares two of the four factors only
        blending.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA, moderngl.ZERO, moderngl.ONE
        targets.radiance_target.depth_mask = False
        for surface in parts:
            if surface.blends:
                self._draw(surface, features)
        targets.radiance_target.depth_mask = True
        self._occluded = ambient is not None
        if self._occluded:
            self._draw_occlusion(view, targets)

    def _draw(self, surface: Surface, common: frozenset[str]) -> None:
        own = surface.features()
        features = own | (common & {"FOG"} if surface.material.unlit else common)
        program = self._programs.get("surface.vert", "surface.frag", features)
        surface.bind(program, self._uploads, own)
        surface.draw(self._context, program)

    def _draw_sky(self, scene: Scene, view: View, common: frozenset[str]) -> None:
        features = set(common & {"FOG"})
        if isinstance(scene.sky, Atmosphere):
            features.add("SKY_ATMOSPHERE")
            self._sky.write(np.ascontiguousarray(self._lighting.sky_view(scene.sky).radiance))
            self._sky.use(UNITS["t_sky"])
            if scene.sky.clouds:
                features.add("CLOUDS")
                self._cloud_noise.use(UNITS["t_clouds"])
        elif isinstance(scene.sky, Panorama):
            features.add("SKY_PANORAMA")
            self._uploads.panoramas.get(scene.sky).use(UNITS["t_sky_panorama"])
        if not features:
            return
        program = self._programs.get("screen.vert", "sky.frag", frozenset(features))
        right, up, forward = axes(view)
        tangent = np.tan(np.radians(view.fov_deg) / 2)
        ray = np.stack([forward, right * tangent, -up * (tangent * view.height / view.width)], axis=1)
        write_uniform(program, "u_ray", column_major(ray))
        self._context.disable(moderngl.CULL_FACE)
        self._context.depth_func = "<="
        self._screen(program)
        self._context.depth_func = "<"

    def graded(self, grading: Grading, targets: Targets) -> NDArray[np.uint8]:
        """(height, width, 4) sRGB bytes of the radiance target; alpha is 255."""
        features = {"TONE_CURVE"} if grading.tone_curve else set()
        if not grading.fxaa:
            features.add("OPAQUE")
        self._resolve(targets.encoded_target, targets, grading.exposure_ev, 2.2 / grading.display_gamma, features)
        target = targets.encoded_target
        if grading.fxaa:
            target = targets.final_target
            target.use()
            targets.encoded.use(UNITS["t_image"])
            self._screen(self._programs.get("screen.vert", "fxaa.frag"))
        width, height = targets.size
        data = bytearray(width * height * 4)
        target.read_into(data, components=4)
        return np.frombuffer(data, dtype=np.uint8).reshape(height, width, 4)

    def linear(self, exposure_ev: float, targets: Targets) -> NDArray[np.float32]:
        """(height, width, 4) radiance times 2**exposure_ev; alpha is 1."""
        self._resolve(targets.linear_target, targets, exposure_ev, 1.0, {"LINEAR"})
        width, height = targets.size
        data = bytearray(width * height * 16)
        targets.linear_target.read_into(data, components=4, dtype="f4")
        return np.frombuffer(data, dtype=np.float32).reshape(height, width, 4)

    def _resolve(
        self, target: moderngl.Framebuffer, targets: Targets, exposure_ev: float, exponent: float, features: set[str]
    ) -> None:
        self._context.enable_only(moderngl.NOTHING)
        target.use()
        targets.radiance.use(UNITS["t_image"])
        if self._occluded:
            features = features | {"OCCLUSION"}
            targets.smooth_openness.use(UNITS["t_occlusion_map"])
        resolve = self._programs.get("screen.vert", "resolve.frag", frozenset(features))
        resolve["u_grading"] = (2.0**exposure_ev, exponent, 0.0, 0.0)
        self._screen(resolve)

    def _draw_occlusion(self, view: View, targets: Targets) -> None:
        self._context.enable_only(moderngl.NOTHING)
        targets.openness_target.use()
        targets.depth.use(UNITS["t_depth"])
        program = self._programs.get("screen.vert", "occlusion.frag")
        pixel = 2 * math.tan(math.radians(view.fov_deg) / 2) / view.width
        program["u_projection"] = (pixel, view.near_cm, 1 - FAR_EPSILON, 0.0)
        self._screen(program)
        targets.smooth_openness_target.use()
        targets.openness.use(UNITS["t_image"])
        self._screen(self._programs.get("screen.vert", "blur.frag"))

    def _screen(self, program: moderngl.Program) -> None:
        array = self._screens.get(program.glo)
        if array is None:
            array = self._screens[program.glo] = self._context.vertex_array(program, [])
        array.render(vertices=3)
