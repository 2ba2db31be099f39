"""The pictures that carry labels: instance ids and planar depth, from the same camera as the RGB picture."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin.capture import Capture, ExportError, make_target, release_target
from unrealsynth_plugin.compatibility import Settings, is_alive
from unrealsynth_plugin.level_actors import components_of, level_actors
from unrealsynth_plugin.materials import instance_id_material
from unrealsynth_plugin.open_world import world

_UNSEEN = (
    "DynamicShadows",
    "GlobalIllumination",
    "SkyLighting",
    "ReflectionEnvironment",
    "AmbientOcclusion",
    "Fog",
    "VolumetricFog",
    "Atmosphere",
    "Cloud",
)
"""Light and air: none of it is in these pictures, and all of it takes time."""
_UNCOMPRESSED = 1
"""For EXR the one compression quality besides the default, ZIP, which would take longer than the picture."""


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
        edges = ("AntiAliasing", "TemporalAA", "MotionBlur", "Bloom", "DepthOfField", "EyeAdaptation")
        self.show_flags((*edges, *_UNSEEN))
        self.component.add_or_update_blendable(instance_id_material(settings, in_level), 1.0)
        self._effects = _LevelEffects()

    def shoot(self) -> None:
        """Renders at once, without the level's post-process materials."""
        with self._effects.off():
            super().shoot()


class _LevelEffects:
    """Post-process volumes of the level, and components that are the same.

    A capture takes over their materials. One after the tone mapper would run over the ids, as outlines do, and one in
    its place would win against the ids. The engine gathers them at each capture, so that they are off for just that
    long: nothing else runs meanwhile, and a plain attribute marks no level.
    """

    def __init__(self) -> None:
        self._sources: Optional[List[Any]] = None

    @contextmanager
    def off(self) -> Iterator[None]:
        if self._sources is None:
            # At the first capture, when all of the level that counts is loaded.
            self._sources = _effects()
        # The user may have deleted one.
        active = [each for each in self._sources if is_alive(each) and each.enabled]
        for each in active:
            each.enabled = False
        try:
            yield
        finally:
            for each in active:
                each.enabled = True


def _effects() -> List[Any]:
    volumes = [actor for actor in level_actors() if isinstance(actor, unreal.PostProcessVolume)]
    return [*volumes, *components_of(unreal.PostProcessComponent)]


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
        self.show_flags(("AntiAliasing", "TemporalAA", "MotionBlur", *_UNSEEN))
        self._ways: Optional[List[Callable[[Path], None]]] = None
        """To write 32 bits a channel; known with the first picture."""
        self._is_halved = False

    def export(self, path: Path) -> None:
        """Writes the EXR, with 16 bits a channel on engines that write 32 in neither of two ways."""
        if self._ways is None:
            # 5.6 exports them as PNG, but its image writer does not.
            self._ways = [super().export, self._write] if self._reads_exactly() else []
        while self._ways:
            try:
                self._ways[0](path)
                return
            except ExportError:
                del self._ways[0]
        if not self._is_halved:
            self._halve()
        super().export(path)

    def _reads_exactly(self) -> bool:
        """Whether 32 bits a channel come back as they are: Vulkan reads bytes, from 0 to 1 over the picture's range.

        Nothing is as near as 1 cm, and where there is nothing the depth is large.
        """
        x, y = (side // 2 for side in self.resolution)
        return bool(unreal.RenderingLibrary.read_render_target_raw_pixel(world(), self.target, x, y, False).r > 1.0)

    def _write(self, path: Path) -> None:
        """Through the image writer, which waits for the file here."""
        options = unreal.ImageWriteOptions()
        options.set_editor_property("format", unreal.DesiredImageFormat.EXR)
        options.set_editor_property("compression_quality", _UNCOMPRESSED)
        options.set_editor_property("overwrite_file", True)
        options.set_editor_property("async_", False)
        try:
            unreal.ImageWriteBlueprintLibrary.export_to_disk(self.target, str(path), options)
        except Exception as error:
            # A plain Exception is all that Unreal raises.
            raise ExportError(f"The editor could not write {path.name}: {error}") from error
        self.check_export(path)

    def _halve(self) -> None:
        self._is_halved = True
        self._settings.note("EXR with 32 bits a channel")
        release_target(self.target)
        self.target = make_target(self.resolution, unreal.TextureRenderTargetFormat.RTF_RGBA16F)
        self.component.texture_target = self.target
        self.shoot()
