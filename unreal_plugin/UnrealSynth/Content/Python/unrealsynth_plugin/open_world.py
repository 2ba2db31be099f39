"""The world that is open in the editor: which one, at rest or not, unsaved or not, and how it is left."""

from __future__ import annotations

from typing import Any, Set

import unreal

from unrealsynth_plugin.errors import PluginError


def world() -> Any:
    """The world that is open in the editor. Never kept across a level change: wrappers of an old world are dead.

    Raises PluginError while the user plays or opens a level: then the editor hands none out.
    """
    found = _editor_world()
    if found is not None:
        return found
    if is_playing():
        raise PluginError("The editor is playing the level (Play-in-Editor); stop it and start again.")
    raise PluginError("The editor has no level open just now; start again when it has.")


def world_path() -> str:
    """The path of the open world, `/Game/Maps/Yard.Yard`."""
    return str(world().get_path_name())


def is_playing() -> bool:
    """Whether the user plays the level in the editor."""
    return bool(unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).is_in_play_in_editor())


def has_world() -> bool:
    """Whether a level is open to work in: none is while the user plays, and in the middle of opening another one."""
    return _editor_world() is not None


def is_at_rest() -> bool:
    """Whether the editor can be worked in, and put back in order."""
    return not is_playing() and has_world()


def is_temporary(level: str) -> bool:
    """Whether a level was never saved, as those are that the plugin opens."""
    return level.startswith("/Temp/")


def unsaved_maps() -> Set[str]:
    """Names of the levels, and of actors kept in files of their own, that have unsaved changes."""
    return {str(package.get_name()) for package in unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()}


def leave_for_blank_map() -> None:
    """Leaves the open level for an empty one that is not saved. All references into the old world must be gone."""
    if unreal.EditorLoadingAndSavingUtils.new_blank_map(False) is None:
        raise PluginError("The editor opened no blank map; its log says why.")


def set_console_variable(name: str, value: int) -> None:
    """Sets a console variable, as typed into the console; while the user plays, without a world."""
    unreal.SystemLibrary.execute_console_command(_editor_world(), f"{name} {value}")


def finish_loading() -> None:
    """Blocks until shaders are compiled and textures are streamed in."""
    unreal.AutomationLibrary.finish_loading_before_screenshot()


def _editor_world() -> Any:
    return unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
