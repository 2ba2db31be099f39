"""What a capture renders: everything that decides its picture, frozen at the moment of the capture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.scene import Grading, Scene, View
from unrealsynth.embedded.renderer.scene import Material as Surface
from unrealsynth.embedded.unreal import _rotation, _runtime, _screen, volumes
from unrealsynth.embedded.unreal._scene import build_scene
from unrealsynth.embedded.unreal.enums import (
    AutoExposureMethod,
    CameraProjectionMode,
    MaterialDomain,
    SceneCaptureSource,
)
from unrealsynth.embedded.unreal.materials import Material, MaterialInterface
from unrealsynth.embedded.unreal.post_process import PostProcessSettings, WeightedBlendable
from unrealsynth.errors import EditorError

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent2D
    from unrealsynth.embedded.unreal.render_targets import TextureRenderTarget2D

NEAR_CM = 10.0
"""GNearClippingPlane."""
_PHYSICAL_CAMERA_EV100 = math.log2(4.0**2 * 60.0)
"""Aperture 4, 1/60 s, ISO 100: the defaults of the post-process settings."""
_METER_PX = (64, 36)
_MIDDLE_GREY = 0.18
_UNSETTLED_EV = 0.5


class Renders(Protocol):
    """What the captures need of the renderer."""

    def color(self, scene: Scene, view: View, grading: Grading) -> NDArray[np.uint8]: ...
    def linear(self, scene: Scene, view: View, exposure_ev: float) -> NDArray[np.float32]: ...
    def stencil(self, scene: Scene, view: View) -> NDArray[np.uint8]: ...
    def depth(self, scene: Scene, view: View) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class _Exposure:
    """A fixed exposure, or what the meter does."""

    bias_ev: float
    metered: bool = False
    lowest_ev: float = -10.0
    highest_ev: float = 20.0


@dataclass(frozen=True)
class Shot:
    """A capture that waits to be rendered."""

    scene: Scene
    view: View
    source: SceneCaptureSource
    grading: Grading
    exposure: _Exposure
    pass_: _screen.Program | None
    """The post-process material that replaces the tone mapper."""
    last_passes: tuple[_screen.Program, ...]
    """Those that run after it, or after the tone mapper, one on what the other made."""
    stencil: bool
    """Whether custom depth holds a stencil, as the console variable says."""
    lumen: bool
    """Whether indirect light comes from Lumen; kept, but the renderer draws the same."""
    format: str
    alpha: int
    renderer: Callable[[], Renders]

    def render(self) -> NDArray[np.float32] | NDArray[np.uint8]:
        """(height, width, 4) in the target's format."""
        return _stored(self._picture(), self.format)

    def _picture(self) -> NDArray[np.float32] | NDArray[np.uint8]:
        renderer, cls = self.renderer(), SceneCaptureSource
        if self.source == cls.SCS_SCENE_DEPTH:
            depth = renderer.depth(self.scene, self.view)
            values = np.zeros((*depth.shape, 4), np.float32)
            values[..., 0] = depth
            return values
        if self.source in (cls.SCS_SCENE_COLOR_HDR, cls.SCS_SCENE_COLOR_HDR_NO_ALPHA):
            return renderer.linear(self.scene, self.view, 0.0)
        if self.source == cls.SCS_FINAL_COLOR_HDR:
            return renderer.linear(self.scene, self.view, self._exposure_ev())
        if self.pass_ is not None:
            pixels = self._screen_pass(renderer, self.pass_)
            if self.grading.fxaa:
                pixels = _screen.smooth_edges(pixels)
        else:
            grading = replace(self.grading, exposure_ev=self.grading.exposure_ev + self._exposure_ev())
            if self.source.name == _TONE_CURVE_HDR:
                return _linear(renderer.color(self.scene, self.view, replace(grading, display_gamma=2.2)))
            pixels = renderer.color(self.scene, self.view, grading)
        for program in self.last_passes:
            pixels = self._screen_pass(renderer, program, pixels)
        pixels[..., 3] = self.alpha
        return pixels

    def _exposure_ev(self) -> float:
        if not self.exposure.metered:
            return self.exposure.bias_ev
        small = replace(self.view, width=_METER_PX[0], height=_METER_PX[1])
        luminance = self.renderer().linear(self.scene, small, 0.0)[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
        average_ev = float(np.mean(np.log2(np.maximum(luminance, 1e-6)))) - math.log2(_MIDDLE_GREY)
        return self.exposure.bias_ev - min(max(average_ev, self.exposure.lowest_ev), self.exposure.highest_ev)

    def _screen_pass(
        self, renderer: Renders, program: _screen.Program, picture: NDArray[np.uint8] | None = None
    ) -> NDArray[np.uint8]:
        height, width = self.view.height, self.view.width
        custom = replace(self.scene, instances=tuple(i for i in self.scene.instances if i.stencil is not None))

        def stencil() -> NDArray[np.float32]:
            if not self.stencil:
                return np.zeros((height, width, 1), np.float32)
            return renderer.stencil(_marked(self.scene), self.view)[..., None].astype(np.float32)

        inputs = {
            "PPI_CUSTOM_STENCIL": stencil,
            "PPI_CUSTOM_DEPTH": lambda: renderer.depth(custom, self.view)[..., None],
            "PPI_SCENE_DEPTH": lambda: renderer.depth(self.scene, self.view)[..., None],
            _screen.PICTURE: lambda: _before(picture),
        }
        return _screen.run(program, inputs, (height, width))


def shoot(component: SceneCaptureComponent2D, target: TextureRenderTarget2D, history: int) -> Shot:
    """The scene as the component sees it now. Raises EditorError for what the embedded editor cannot draw."""
    engine, cls = _runtime.engine(), type(component)
    source = cls.capture_source.read(component)
    if source.name not in _SOURCES:
        raise EditorError(f"The embedded editor cannot capture {source.name}; it knows {_names()}.")
    settings = volumes.gathered(component)
    unsettled = max(0, engine.switches.settle_captures + 1 - history) if history else 0
    grading = Grading(
        exposure_ev=-_UNSETTLED_EV * unsettled,
        tone_curve=component._flag("Tonemapper"),
        display_gamma=target._display_gamma(),
        fxaa=component._flag("AntiAliasing"),
    )
    return Shot(
        build_scene(component),
        _view(component, target),
        source,
        grading,
        _exposure(settings, component._flag("EyeAdaptation")),
        *_passes(component),
        engine.console_variable("r.CustomDepth") == "3" and engine.switches.stencil_in_captures,
        volumes.has_lumen(settings),
        target._format(),
        engine.switches.ldr_alpha,
        lambda: engine.renderer,
    )


def _marked(scene: Scene) -> Scene:
    """The scene as custom depth takes it: it is not certain what Unreal does with materials that are not solid."""
    switches = _runtime.engine().switches
    if switches.masked_stencil and not switches.translucent_stencil:
        return scene

    def material(given: Surface) -> Surface:
        if given.alpha_mode == "mask" and not switches.masked_stencil:
            return replace(given, alpha_mode="opaque")
        if given.alpha_mode == "blend" and switches.translucent_stencil:
            return replace(given, writes_custom_depth=True)
        return given

    return replace(
        scene,
        instances=tuple(
            replace(instance, materials=tuple(map(material, instance.materials))) for instance in scene.instances
        ),
    )


_TONE_CURVE_HDR = "SCS_FINAL_TONE_CURVE_HDR"
"""By name, like the others: not every version has it."""
_SOURCES = (
    "SCS_FINAL_COLOR_LDR",
    "SCS_SCENE_DEPTH",
    _TONE_CURVE_HDR,
    "SCS_FINAL_COLOR_HDR",
    "SCS_SCENE_COLOR_HDR",
    "SCS_SCENE_COLOR_HDR_NO_ALPHA",
)


def _names() -> str:
    return ", ".join(_SOURCES)


def _view(component: SceneCaptureComponent2D, target: TextureRenderTarget2D) -> View:
    cls = type(component)
    if cls.projection_type.read(component) != CameraProjectionMode.PERSPECTIVE or cls.overscan.read(component):
        raise EditorError("The embedded editor captures in perspective and without overscan only.")
    if cls.use_custom_projection_matrix.read(component):
        raise EditorError("The embedded editor knows no custom projection matrix; set fov_angle.")
    location, rotation, _ = component._to_world()
    forward, right, up = _rotation.axes(rotation)
    overridden = cls.override_custom_near_clipping_plane.read(component)
    near = cls.custom_near_clipping_plane.read(component) if overridden else NEAR_CM
    size = type(target)
    return View(
        size.size_x.read(target),
        size.size_y.read(target),
        location,
        forward,
        right,
        up,
        cls.fov_angle.read(component),
        near if near > 0.0 else NEAR_CM,
    )


def _exposure(settings: PostProcessSettings, adapts: bool) -> _Exposure:
    cls = PostProcessSettings
    bias = cls.auto_exposure_bias.read(settings) if cls.override_auto_exposure_bias.read(settings) else 1.0
    manual = cls.override_auto_exposure_method.read(settings) and (
        cls.auto_exposure_method.read(settings) == AutoExposureMethod.AEM_MANUAL
    )
    if manual or not adapts:
        physical = not cls.override_auto_exposure_apply_physical_camera_exposure.read(settings) or (
            cls.auto_exposure_apply_physical_camera_exposure.read(settings)
        )
        return _Exposure(bias - _PHYSICAL_CAMERA_EV100 if physical and manual else bias)
    low, high = -10.0, 20.0
    if cls.override_auto_exposure_min_brightness.read(settings):
        low = cls.auto_exposure_min_brightness.read(settings)
    if cls.override_auto_exposure_max_brightness.read(settings):
        high = cls.auto_exposure_max_brightness.read(settings)
    return _Exposure(bias, metered=True, lowest_ev=low, highest_ev=high)


def _passes(component: SceneCaptureComponent2D) -> tuple[_screen.Program | None, tuple[_screen.Program, ...]]:
    """The blendable that takes the tone mapper's place, if one is ready, and those that come after it."""
    by_place: dict[str, list[tuple[int, _screen.Program]]] = {}
    for item in volumes.blendables(component):
        material = WeightedBlendable.object.read(item)
        if not isinstance(material, MaterialInterface) or WeightedBlendable.weight.read(item) <= 0.0:
            continue
        base = material.get_base_material()
        if Material.material_domain.read(base) != MaterialDomain.MD_POST_PROCESS or not (base._ready and base._built):
            continue
        location = Material.blendable_location.read(base).name
        if location not in (_REPLACING, *_AFTER):
            raise EditorError(
                f"{base.get_path_name()}: the embedded editor runs post-process materials only in place of the tone "
                f"mapper or after it, not at {location}; use {_REPLACING}."
            )
        place = by_place.setdefault(_REPLACING if location == _REPLACING else _AFTER[0], [])
        place.append((Material.blendable_priority.read(base), _screen.program(base, material)))
    # Of those in the tone mapper's place the engine takes the first, of equals the one that was gathered first.
    replacing, after = (
        [program for _, program in sorted(by_place.get(place, []), key=lambda entry: entry[0])]
        for place in (_REPLACING, _AFTER[0])
    )
    return replacing[0] if replacing else None, tuple(after)


_REPLACING = "BL_REPLACING_TONEMAPPER"
_AFTER = ("BL_SCENE_COLOR_AFTER_TONEMAPPING", "BL_AFTER_TONEMAPPING")
"""By its names in all versions."""


def _before(picture: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """What a pass gets of the one before it."""
    if picture is None:
        raise EditorError("The embedded editor hands the picture only to post-process materials after the tone mapper.")
    shares: NDArray[np.float32] = picture.astype(np.float32) / np.float32(255.0)
    return shares


_SRGB_OF_BYTE = np.array(
    [round(255.0 * (v * 12.92 if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055)) for v in np.arange(256) / 255.0],
    np.uint8,
)
"""What the hardware does when it writes a linear byte to an sRGB target."""


def _stored(pixels: NDArray[np.float32] | NDArray[np.uint8], format_: str) -> NDArray[np.float32] | NDArray[np.uint8]:
    if format_ not in ("RTF_RGBA8", "RTF_RGBA8_SRGB"):
        if pixels.dtype == np.uint8:
            shares: NDArray[np.float32] = pixels.astype(np.float32) / np.float32(255.0)
            return shares
        return np.asarray(pixels, np.float32)
    if pixels.dtype != np.uint8:
        scaled: NDArray[np.float64] = np.clip(pixels * 255.0 + 0.5, 0.0, 255.0)
        pixels = scaled.astype(np.uint8)
    if format_ == "RTF_RGBA8_SRGB":
        encoded: NDArray[np.uint8] = np.dstack([_SRGB_OF_BYTE[pixels[..., :3]], pixels[..., 3]])
        return encoded
    return np.asarray(pixels, np.uint8)


def _linear(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    values = pixels.astype(np.float32) / 255.0
    rgb = values[..., :3]
    values[..., :3] = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return values
