"""One camera that takes one kind of picture: a SceneCapture2D actor with its render target.

Everything is set up once. Per frame only the transform and plain attributes change, because an edit with notification
registers the component anew and loses what Lumen and temporal effects have gathered.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin.compatibility import Settings, is_alive, spawn
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.open_world import world
from unrealsynth_plugin.vectors import angles, rotator, vec3

EXPORT_TRIES = 3
"""One a tick, before a picture is given up."""
_PNG = b"\x89PNG\r\n\x1a\n"
_EXR = b"\x76\x2f\x31\x01"


class ExportError(PluginError):
    """The editor wrote no picture. It says so nowhere else: its export neither returns nor raises anything."""


class Capture:
    """A capture of one source into one render target. `close` it before the map is left."""

    def __init__(
        self,
        label: str,
        source: Any,
        target_format: Any,
        resolution: Tuple[int, int],
        settings: Settings,
        keeps_history: bool = False,
    ) -> None:
        self.resolution = resolution
        self.target = make_target(resolution, target_format)
        self._label = label
        self.actor = spawn(unreal.SceneCapture2D, label)
        self.component = self.actor.capture_component2d
        for name, value in (
            ("capture_every_frame", False),
            ("capture_on_movement", False),
            ("always_persist_rendering_state", keeps_history),
            ("capture_source", source),
            ("texture_target", self.target),
            ("post_process_blend_weight", 1.0),
            ("override_custom_near_clipping_plane", True),
        ):
            self.component.set_editor_property(name, value)
        self._settings = settings

    def show_flags(self, off: Sequence[str]) -> None:
        """Switches effects off, by the engine's names for them."""
        flags = [unreal.EngineShowFlagsSetting(show_flag_name=name, enabled=False) for name in off]
        self._settings.apply(self.component, flags, "show_flag_settings")

    def aim(self, camera: CameraPose) -> None:
        """Puts the camera there, and tells the renderer that it did not move there."""
        self.actor.set_actor_location_and_rotation(
            unreal.Vector(*camera.location_cm), rotator(camera.rotation_deg), False, True
        )
        self.component.fov_angle = camera.fov_deg
        self.component.custom_near_clipping_plane = camera.near_cm
        self.component.camera_cut_this_frame = True

    def pose(self) -> CameraPose:
        """The camera as the component has it: what a picture is really taken with."""
        return CameraPose(
            vec3(self.component.get_world_location()),
            angles(self.component.get_world_rotation()),
            float(self.component.fov_angle),
            float(self.component.custom_near_clipping_plane),
        )

    def hide(self, actors: Sequence[Any]) -> None:
        """What is not in its pictures, whatever the level says."""
        self.component.hidden_actors = list(actors)

    def shoot(self) -> None:
        """Renders at once."""
        self.component.capture_scene()

    def export(self, path: Path) -> None:
        """Writes the last picture as PNG or, from a float target, as EXR. Raises ExportError when none came."""
        unreal.RenderingLibrary.export_render_target(world(), self.target, str(path.parent), path.name)
        self.check_export(path)

    def check_export(self, path: Path) -> None:
        """Raises ExportError for a file that is not what it should be."""
        mistake = _mistake(path, self.resolution)
        if mistake is not None:
            raise ExportError(f"The editor's export of {path.name} ({self._label}) {mistake}; its log may say why.")

    def close(self) -> None:
        """Gives the graphics memory back."""
        release_target(self.target)


def make_target(resolution: Tuple[int, int], target_format: Any) -> Any:
    """A render target of the open world, black."""
    return unreal.RenderingLibrary.create_render_target2d(
        world(), resolution[0], resolution[1], target_format, unreal.LinearColor(0.0, 0.0, 0.0, 1.0), False, False
    )


def release_target(target: Any) -> None:
    """Gives its graphics memory back, unless somebody has left the map already, and it went with that."""
    if is_alive(target):
        unreal.RenderingLibrary.release_render_target2d(target)


def _mistake(path: Path, resolution: Tuple[int, int]) -> Optional[str]:
    """What is wrong with an exported file, as the end of a sentence, or None."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError:
        return "left no file"
    if not head:
        return "left an empty file"
    if path.suffix == ".exr":
        return None if head.startswith(_EXR) else "is no EXR file"
    if not head.startswith(_PNG) or len(head) < 24:
        return "is no PNG file"
    size: Tuple[int, ...] = struct.unpack(">II", head[16:24])
    return None if size == resolution else f"has {size[0]}×{size[1]} pixels instead of {resolution[0]}×{resolution[1]}"
