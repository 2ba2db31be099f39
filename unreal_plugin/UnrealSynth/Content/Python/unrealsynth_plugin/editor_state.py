"""What a job changes in the editor besides its own map, and puts back when it ends.

The user's level is left only when nothing in it is unsaved, and it is open again afterwards. What would outlive a crash
is in the journal while it is changed, and what a save would keep is put back before each save.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, Generator, List, Optional, Set, Tuple

import unreal

from unrealsynth_plugin.compatibility import Settings, is_alive, try_each
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.journal import Journal
from unrealsynth_plugin.open_world import (
    finish_loading,
    has_world,
    is_playing,
    is_temporary,
    leave_for_blank_map,
    set_console_variable,
    unsaved_maps,
    world,
    world_path,
)
from unrealsynth_plugin.vectors import angles, vec3

_CONSOLE_VARIABLES = (
    # Custom depth with stencil: what the instance ids are written to.
    ("r.CustomDepth", 3),
    # No jitter in that pass, or ids would tremble at edges.
    ("r.CustomDepthTemporalAAJitter", 0),
    # Nanite takes part in that pass, as it does by default.
    ("r.Nanite.CustomDepth", 1),
    # The finest level of detail at any distance: models are boxed by their full geometry.
    ("r.ForceLOD", 0),
    # How fine a texture has to be is reckoned for the viewport's width and field of view, not the picture's.
    ("r.Streaming.FullyLoadUsedTextures", 1),
)
_RESTING_TICKS = 2
"""Construction scripts of what is loaded run in the first ticks."""
THROTTLE_NAMES = ("throttle_cpu_when_not_foreground", "bThrottleCPUWhenNotForeground")
"""Which one works differs between versions."""


class EditorState:
    """Borrows the editor from its user. `restore` gives it back.

    `is_closing` says whether the editor is about to end. Then nothing can be put back, and the journal tells of it.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        leave_unsaved: bool = False,
        is_closing: Callable[[], bool] = lambda: False,
    ) -> None:
        self.is_closing = is_closing
        self._settings = settings
        self._journal = journal
        self._leave_unsaved = leave_unsaved
        self._restore: List[Callable[[], None]] = []
        self._own_dirt: Set[str] = set()
        self._here: Optional[Tuple[str, Any]] = None
        """Path and world of the map that was opened last for the job. The same level, opened anew, is another world."""
        self._views: Dict[str, Tuple[Any, Any]] = {}
        """What the viewport showed of each map before the job looked elsewhere, by the map's path."""
        self._save_frame = -1
        self.checks: List[Callable[[], None]] = []
        """Raise PluginError where the user has changed what is borrowed. Called before each step of the job."""
        self.before_save: List[Callable[[], None]] = []
        """What is put back before the user's save, again at each; frames set it anew."""
        self.saves = 0
        """How often the user has saved. A frame during which that happened shows a mixture."""

    def borrow(self, job_id: str) -> None:
        """Prepares the editor for a job. Raises PluginError when that would cost the user anything."""
        if is_playing():
            raise PluginError("The editor is playing the level (Play-in-Editor); stop it and start again.")
        dirty = sorted(unsaved_maps())
        if dirty and not self._leave_unsaved:
            raise PluginError(
                f"The level {dirty[0]} has unsaved changes; save or discard them and start again. Only a run that is "
                "started from the command line can lose them, with --leave-unsaved."
            )
        # Left by allowance: what was unsaved at the start may be lost.
        self._own_dirt = set(dirty)
        self._journal.add("frames", job=job_id)
        self._restore.append(self._journal.clear)
        self._borrow_viewport()
        self._borrow_throttle()
        for name, value in _CONSOLE_VARIABLES:
            self._borrow_console_variable(name, value)
        self._watch_saves()
        # Level first when all is put back, then what belongs to it.
        self._borrow_level()

    def restore(self) -> None:
        """Puts everything back, the level first. Trouble with one thing does not keep the others from it."""
        if self.is_closing():
            self._restore.clear()
        while self._restore:
            try:
                self._restore.pop()()
            except Exception as error:
                unreal.log_error(f"UnrealSynth could not put the editor back in order: {error}")
        self._here = None

    def open_blank_map(self) -> None:
        """Leaves the open level for an empty one that is not saved. All references into the old world must be gone."""
        self._check_unsaved()
        leave_for_blank_map()
        self._here = world_path(), world()

    def open_level(self, level: str) -> None:
        """Leaves the open level for one of the project. All references into the old world must be gone."""
        self._check_unsaved()
        level = level.split(".")[0]
        if not unreal.EditorAssetLibrary.does_asset_exist(level):
            raise PluginError(
                f"There is no level {level} in the project of this editor; name it by its path in the content browser, "
                "and use the editor of the project that has it."
            )
        if not unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).load_level(level):
            raise PluginError(f"The level {level} could not be opened; the editor's log says why.")
        self._here = world_path(), world()
        self._keep_view()
        self._refuse_restless()

    def let_level_rest(self) -> Generator[None, None, None]:
        """Gives the level that was just opened the time to finish, before anything is placed in it.

        Raises PluginError when that changes the level: what the user changes meanwhile could not be told from it.
        """
        finish_loading()
        for _ in range(_RESTING_TICKS):
            yield
        self._refuse_restless()

    def has_lost_map(self) -> bool:
        """Whether another map is open than the one that was opened for the job, or the same one anew."""
        if self._here is None:
            return False
        path, opened = self._here
        return not has_world() or world_path() != path or not is_alive(opened)

    def is_being_saved(self) -> bool:
        """Whether a save may be under way: that never takes longer than the frame in which it begins."""
        return bool(unreal.SystemLibrary.get_frame_count() == self._save_frame)

    def unsaved(self) -> Set[str]:
        """What has become unsaved by the user's doing."""
        return unsaved_maps() - self._own_dirt

    def know_own_changes(self) -> None:
        """What became changed within this tick is our own doing.

        Raises PluginError when that is a level of the user's: what they change in it meanwhile would not show. The
        level is theirs again then, and stays open.
        """
        dirt = unsaved_maps() - self._own_dirt
        if any(not is_temporary(name) for name in dirt):
            level = world_path().split(".")[0]
            if not self._leave_unsaved:
                self._here = None
                raise PluginError(
                    f"In this engine version, placing objects marks {level} as changed, so that your own edits could "
                    "not be told apart. Use a copy of the level with --leave-unsaved, or describe the environment as a "
                    "map."
                )
            unreal.log_warning(f"UnrealSynth: what is placed in {level} marks it as changed. Edit nothing in it now.")
        self._own_dirt |= dirt

    def _refuse_restless(self) -> None:
        """The level that was opened stays open when it is refused, so that it can be saved."""
        dirt = sorted(name for name in self.unsaved() if not is_temporary(name))
        if not dirt:
            return
        if not self._leave_unsaved:
            level, self._here = world_path().split(".")[0], None
            raise PluginError(
                f"The level {level} changes itself as it is opened ({dirt[0]}), and is left open; save it once and "
                "start again."
            )
        self._own_dirt.update(dirt)

    def _check_unsaved(self) -> None:
        changed = sorted(self.unsaved() - self._own_map())
        if changed and not self._leave_unsaved:
            raise PluginError(
                f"The level {changed[0]} was changed while frames were made, and is left open; save or discard the "
                "changes and start the run again to go on."
            )

    def _own_map(self) -> Set[str]:
        """The blank map that is open for the job, if one is. Nothing in it is the user's."""
        package = "" if self._here is None else self._here[0].split(".")[0]
        return {package} if is_temporary(package) else set()

    def _borrow_level(self) -> None:
        home = world_path()

        def reopen() -> None:
            if is_playing():
                unreal.log_warning(f"UnrealSynth opens no level while you play; open {home} yourself afterwards.")
                return
            # Another level than ours was opened by the user, and stays.
            if self._here is None or self.has_lost_map():
                return
            self._check_unsaved()
            package = home.split(".")[0]
            levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
            if is_temporary(package) or not levels.load_level(package):
                leave_for_blank_map()
                if is_temporary(package) and home in self._views:
                    self._views[world_path()] = self._views[home]

        self._restore.append(reopen)

    def _borrow_viewport(self) -> None:
        viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        self._keep_view()
        if world_path() in self._views:
            location, rotation = self._views[world_path()]
            self._journal.add("viewport", level=world_path(), location=vec3(location), rotation=angles(rotation))

        def put_back() -> None:
            if world_path() in self._views:
                viewport.set_level_viewport_camera_info(*self._views[world_path()])

        self._restore.append(put_back)
        # A level keeps the views of its editor.
        self.before_save.append(put_back)

    def _keep_view(self) -> None:
        """Each level has a view of its own, which the editor shows as it opens the level."""
        viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        view: Optional[Tuple[Any, Any]] = viewport.get_level_viewport_camera_info()
        if view is not None:
            self._views.setdefault(world_path(), view)

    def _borrow_throttle(self) -> None:
        for name in THROTTLE_NAMES:
            performance = performance_settings()
            try:
                before = bool(performance.get_editor_property(name))
            except Exception:
                # A missing object or name raises whatever Python or Unreal has for it.
                continue
            self._journal.add("throttle", name=name, value=before)
            performance.set_editor_property(name, False)
            self._restore.append(partial(performance.set_editor_property, name, before))
            return
        self._settings.note("EditorPerformanceSettings.throttle_cpu_when_not_foreground")

    def _borrow_console_variable(self, name: str, value: int) -> None:
        before = unreal.SystemLibrary.get_console_variable_int_value(name)
        if before != value:
            set_console_variable(name, value)
            self._restore.append(lambda: set_console_variable(name, before))

    def _watch_saves(self) -> None:
        levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)

        def before_save(*_: object) -> None:
            self.saves += 1
            # The editor ticks once more before it writes.
            self._save_frame = unreal.SystemLibrary.get_frame_count()
            try_each(list(self.before_save), "put the level back in order before it is saved")

        try:
            levels.on_pre_save_world.add_callable(before_save)
        except AttributeError:
            self._settings.note("LevelEditorSubsystem.on_pre_save_world")
            return
        self._restore.append(lambda: levels.on_pre_save_world.remove_callable(before_save))


def performance_settings() -> Any:
    """Where the editor keeps its background throttle."""
    # The class is not exposed to Python, its default object is.
    return unreal.find_object(None, "/Script/UnrealEd.Default__EditorPerformanceSettings")
