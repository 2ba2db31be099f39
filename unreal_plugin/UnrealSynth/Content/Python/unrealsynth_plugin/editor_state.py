"""What a job changes in the editor besides its own map, and puts back when it ends.

The user's level is left only when nothing in it is unsaved, and it is open again afterwards.
"""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple

import unreal

from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.errors import PluginError

_CONSOLE_VARIABLES = (
    # Custom depth with stencil: what the instance ids are written to.
    ("r.CustomDepth", 3),
    # No jitter in that pass, or ids would tremble at edges.
    ("r.CustomDepthTemporalAAJitter", 0),
    # The finest level of detail at any distance: models are boxed by their full geometry.
    ("r.ForceLOD", 0),
)


class EditorState:
    """Borrows the editor from its user. `restore` gives it back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._restore: List[Callable[[], None]] = []

    def borrow(self) -> None:
        """Prepares the editor for a job. Raises PluginError when that would cost the user anything."""
        if unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).is_in_play_in_editor():
            raise PluginError("The editor is playing the level (Play-in-Editor); stop it and start again.")
        dirty = [str(package.get_name()) for package in unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()]
        if dirty:
            raise PluginError(f"The level {dirty[0]} has unsaved changes; save or discard them and start again.")
        self._borrow_level()
        self._borrow_viewport()
        self._borrow_throttle()
        for name, value in _CONSOLE_VARIABLES:
            self._borrow_console_variable(name, value)

    def restore(self) -> None:
        """Puts everything back, the level first. Trouble with one thing does not keep the others from it."""
        while self._restore:
            try:
                self._restore.pop(0)()
            except Exception as error:
                unreal.log_error(f"UnrealSynth could not put the editor back in order: {error}")

    def _borrow_level(self) -> None:
        home = world_path()
        package = home.split(".")[0]

        def reopen() -> None:
            is_saved = not package.startswith("/Temp/")
            if is_saved and world_path() == home:
                return
            if not (is_saved and unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).load_level(package)):
                open_blank_map()

        self._restore.append(reopen)

    def _borrow_viewport(self) -> None:
        viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        view: Optional[Tuple[Any, Any]] = viewport.get_level_viewport_camera_info()
        if view is not None:
            location, rotation = view
            self._restore.append(lambda: viewport.set_level_viewport_camera_info(location, rotation))

    def _borrow_throttle(self) -> None:
        # The class is not exposed to Python, its default object is; which name works differs between versions.
        performance = unreal.find_object(None, "/Script/UnrealEd.Default__EditorPerformanceSettings")
        for name in ("throttle_cpu_when_not_foreground", "bThrottleCPUWhenNotForeground"):
            try:
                before = performance.get_editor_property(name)
                performance.set_editor_property(name, False)
            except Exception:
                # A missing object or name raises whatever Python or Unreal has for it.
                continue
            self._restore.append(_setter(performance, name, before))
            return
        self._settings.note("EditorPerformanceSettings.throttle_cpu_when_not_foreground")

    def _borrow_console_variable(self, name: str, value: int) -> None:
        before = unreal.SystemLibrary.get_console_variable_int_value(name)
        if before != value:
            set_console_variable(name, value)
            self._restore.append(lambda: set_console_variable(name, before))


def world() -> Any:
    """The world that is open in the editor. Never kept across a level change: wrappers of an old world are dead."""
    return unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()


def world_path() -> str:
    """The path of the open world, `/Game/Maps/Yard.Yard`."""
    return str(world().get_path_name())


def open_blank_map() -> None:
    """Leaves the open level for an empty one that is not saved. All references into the old world must be gone."""
    if unreal.EditorLoadingAndSavingUtils.new_blank_map(False) is None:
        raise PluginError("The editor opened no blank map; its log says why.")


def set_console_variable(name: str, value: int) -> None:
    """Sets a console variable, as typed into the console."""
    unreal.SystemLibrary.execute_console_command(world(), f"{name} {value}")


def finish_loading() -> None:
    """Blocks until shaders are compiled and textures are streamed in."""
    unreal.AutomationLibrary.finish_loading_before_screenshot()


def _setter(target: Any, name: str, value: object) -> Callable[[], None]:
    return lambda: target.set_editor_property(name, value)
