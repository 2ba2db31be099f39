"""What the level viewport shows, as a picture to compare captures with.

Nothing relies on it: the engine draws no viewport that is hidden, minimised or behind a throttle, and says so nowhere.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Generator, Optional, Tuple

import unreal

from unrealsynth_plugin.compatibility import request_screenshot
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.vectors import rotator

_LONGEST_S = 15.0
_MOST_TICKS = 600
_PNG_END = b"IEND\xaeB`\x82"


def photograph(
    path: Path, waiting: Path, resolution: Tuple[int, int], view: CameraPose
) -> Generator[None, None, Optional[str]]:
    """Writes a PNG of the viewport at its own field of view. Returns why there is none, or None.

    The engine is told to write to `waiting`, for it forgets no request: one that was given up here is carried out by
    whichever viewport is drawn next, when the folder of `path` may be gone.
    """
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    if str(levels.get_active_viewport_config_key()) == "None":
        # The engine would look for the viewport without asking whether there is one.
        return "no level viewport is open"
    waiting.unlink(missing_ok=True)
    unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).set_level_viewport_camera_info(
        unreal.Vector(*view.location_cm), rotator(view.rotation_deg)
    )
    # Without grid and icons. Left to the engine, they would come back only once a picture was taken.
    was_game_view = levels.editor_get_game_view()
    levels.editor_set_game_view(True)
    try:
        task = request_screenshot(resolution, waiting.as_posix())
        started = time.monotonic()
        for _ in range(_MOST_TICKS):
            levels.editor_invalidate_viewports()
            yield
            # The file is written beside the game, after the task has ended.
            if task.is_task_done() and _is_complete(waiting) and _moved(waiting, path):
                return None
            if time.monotonic() - started > _LONGEST_S:
                break
        return "the editor did not draw its viewport; it may be hidden or minimised"
    finally:
        levels.editor_set_game_view(was_game_view)


def _is_complete(path: Path) -> bool:
    try:
        return path.read_bytes().endswith(_PNG_END)
    except OSError:
        return False


def _moved(path: Path, target: Path) -> bool:
    """False while another program holds the file."""
    try:
        path.replace(target)
    except PermissionError:
        return False
    return True
