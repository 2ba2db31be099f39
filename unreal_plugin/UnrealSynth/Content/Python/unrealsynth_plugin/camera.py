"""The camera for pictures: what a viewport would show, with a fixed exposure and without effects that bend geometry."""

from __future__ import annotations

from typing import Any, List, Tuple

import unreal

from unrealsynth_plugin.capture import Capture, make_target, release_target
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.open_world import world

_PROBE_WIDTH_PX = 32


class ColorCamera(Capture):
    """Takes RGB pictures as 8-bit sRGB."""

    def __init__(self, resolution: Tuple[int, int], settings: Settings) -> None:
        super().__init__(
            "camera",
            unreal.SceneCaptureSource.SCS_FINAL_COLOR_LDR,
            unreal.TextureRenderTargetFormat.RTF_RGBA8,
            resolution,
            settings,
            keeps_history=True,
        )
        # As an attribute: the editor's hook for this property may open a dialog or clamp the size.
        self.target.target_gamma = 2.2
        # Else a capture traces no rays by hardware, though the project's Lumen may trace in no other way.
        settings.apply(self.component, True, "use_ray_tracing_if_enabled")
        self.show_flags(("MotionBlur", "DepthOfField", "LensFlares", "Grain", "Vignette"))
        self._post_process = _post_process(settings)
        self.component.set_editor_property("post_process_settings", self._post_process)
        height = max(8, round(_PROBE_WIDTH_PX * resolution[1] / resolution[0]))
        self._probe = make_target(
            (_PROBE_WIDTH_PX, min(height, 4 * _PROBE_WIDTH_PX)), unreal.TextureRenderTargetFormat.RTF_RGBA8
        )
        self._probe.target_gamma = 2.2
        self._rendered_into = self.target

    def set_exposure(self, exposure_ev: float) -> None:
        """Sets the exposure bias, in EV."""
        self._post_process.auto_exposure_bias = exposure_ev
        # The component hands out copies of its struct, so the whole is given back.
        self.component.post_process_settings = self._post_process

    def shoot(self) -> None:
        """Renders at once."""
        self._render_into(self.target)
        super().shoot()

    def probe(self) -> List[float]:
        """A tiny picture of the same view: the sRGB luma of each pixel, 0 to 255, row by row."""
        self.glance()
        pixels = unreal.RenderingLibrary.read_render_target(world(), self._probe, False) or []
        return [0.2126 * pixel.r + 0.7152 * pixel.g + 0.0722 * pixel.b for pixel in pixels]

    def glance(self) -> None:
        """A tiny picture that nobody looks at."""
        self._render_into(self._probe)
        self.component.capture_scene()

    def _render_into(self, target: Any) -> None:
        # Only where it changes: it is not certain that an assignment keeps what the view has gathered.
        if target is not self._rendered_into:
            self.component.texture_target = self._rendered_into = target

    def close(self) -> None:
        """Gives the graphics memory back."""
        super().close()
        release_target(self._probe)


def _post_process(settings: Settings) -> Any:
    """Settings that make pictures comparable; each is set, because levels and projects may say otherwise."""
    post_process = unreal.PostProcessSettings()
    for name, value in (
        ("auto_exposure_method", unreal.AutoExposureMethod.AEM_MANUAL),
        ("auto_exposure_bias", 0.0),
        ("auto_exposure_apply_physical_camera_exposure", False),
        # Captures switch Lumen off unless they ask for it.
        ("dynamic_global_illumination_method", unreal.DynamicGlobalIlluminationMethod.LUMEN),
        ("reflection_method", unreal.ReflectionMethod.LUMEN),
        ("lumen_surface_cache_resolution", 1.0),
        ("motion_blur_amount", 0.0),
        ("vignette_intensity", 0.0),
        ("scene_fringe_intensity", 0.0),
        ("film_grain_intensity", 0.0),
        ("depth_of_field_fstop", 32.0),
        ("local_exposure_highlight_contrast_scale", 1.0),
        ("local_exposure_shadow_contrast_scale", 1.0),
    ):
        settings.override(post_process, value, name)
    return post_process
