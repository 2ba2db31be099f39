"""The pictures that carry labels: instance ids and planar depth, from the same camera as the RGB picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence, Tuple

import unreal

from unrealsynth_plugin.capture import Capture, ExportError, make_target
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.materials import instance_id_material


class IdCamera(Capture):
    """Takes the custom stencil as exact bytes: no edge smoothing, no tone curve, no gamma."""

    def __init__(
        self, resolution: Tuple[int, int], settings: Settings, label: str = "ids", in_level: bool = False
    ) -> None:
        """`in_level` is for a user's level, whose things hide objects although they are not in custom depth."""
        super().__init__(
            label,
            unreal.SceneCaptureSource.SCS_FINAL_COLOR_LDR,
            unreal.TextureRenderTargetFormat.RTF_RGBA8,
            resolution,
            settings,
        )
        # Edge smoothing runs after the material that shows the ids, and would blend neighbours.
        self.show_flags(("AntiAliasing", "TemporalAA", "MotionBlur", "Bloom", "DepthOfField", "EyeAdaptation"))
        self.component.add_or_update_blendable(instance_id_material(settings, in_level), 1.0)


class AloneCamera(IdCamera):
    """Takes the ids of a few components as if nothing else were there."""

    def __init__(self, resolution: Tuple[int, int], settings: Settings) -> None:
        super().__init__(resolution, settings, "alone")
        settings.apply(
            self.component,
            unreal.SceneCapturePrimitiveRenderMode.PRM_USE_SHOW_ONLY_LIST,
            "primitive_render_mode",
        )

    def show_only(self, components: Sequence[Any]) -> None:
        """What the next pictures show."""
        self.component.clear_show_only_components()
        for component in components:
            self.component.show_only_component(component)


class DepthCamera(Capture):
    """Takes the distance along the camera's axis in cm, as EXR."""

    def __init__(self, resolution: Tuple[int, int], settings: Settings) -> None:
        super().__init__(
            "depth",
            unreal.SceneCaptureSource.SCS_SCENE_DEPTH,
            unreal.TextureRenderTargetFormat.RTF_RGBA32F,
            resolution,
            settings,
        )
        self.show_flags(("AntiAliasing", "TemporalAA", "MotionBlur"))
        self._full_precision = True

    def export(self, path: Path) -> None:
        """Writes the EXR, with 16 bits a channel on engines that cannot export 32."""
        try:
            super().export(path)
        except ExportError:
            if not self._full_precision:
                raise
            self._full_precision = False
            self._settings.note("EXR with 32 bits a channel")
            unreal.RenderingLibrary.release_render_target2d(self.target)
            self.target = make_target(self.resolution, unreal.TextureRenderTargetFormat.RTF_RGBA16F)
            self.component.texture_target = self.target
            self.shoot()
            super().export(path)
