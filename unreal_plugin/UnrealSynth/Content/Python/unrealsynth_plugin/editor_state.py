"""What a job changes in the editor besides its own map, and puts back when it ends.

The user's level is left only when nothing in it is unsaved, and it is open again afterwards. What would outlive a crash
is in the journal while it is changed, and what a save would keep is put back before each save.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, List, Optional, Set, Tuple

import unreal

from unrealsynth_plugin.compatibility import Settings, is_temporary
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.journal import Journal, Note
from unrealsynth_plugin.residence import Residence
from unrealsynth_plugin.spool import Spool

_CONSOLE_VARIABLES = (
    # Custom depth with stencil: what the instance ids are written to.
    ("r.CustomDepth", 3),
    # No jitter in that pass, or ids would tremble at edges.
    ("r.CustomDepthTemporalAAJitter", 0),
    # Nanite takes part in that pass, as it does by default.
    ("r.Nanite.CustomDepth", 1),
    # The finest level of detail at any distance: models are boxed by their full geometry.
    ("r.ForceLOD", 0),
)
_THROTTLE_NAMES = ("throttle_cpu_when_not_foreground", "bThrottleCPUWhenNotForeground")
"""Which one works differs between versions."""


class EditorState:
    """Borrows the editor from its user. `restore` gives it back."""

    def __init__(self, settings: Settings, journal: Journal, leave_unsaved: bool = False) -> None:
        self._settings = settings
        self._journal = journal
        self._leave_unsaved = leave_unsaved
        self._restore: List[Callable[[], None]] = []
        self._own_dirt: Set[str] = set()
        self._here: Optional[str] = None
        """The map that was opened last for the job."""
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
        while self._restore:
            try:
                self._restore.pop()()
            except Exception as error:
                unreal.log_error(f"UnrealSynth could not put the editor back in order: {error}")

    def open_blank_map(self) -> None:
        """Leaves the open level for an empty one that is not saved. All references into the old world must be gone."""
        self._check_unsaved()
        open_blank_map()
        self._here = world_path()

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
        self._here = world_path()

    def has_lost_map(self) -> bool:
        """Whether another map is open than the one that was opened for the job."""
        return self._here is not None and world_path() != self._here

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
                    f"What UnrealSynth places in {level} marks it as changed in this engine version: changes that you "
                    "make in it meanwhile could not be told from that, and would be lost when the level is left. It is "
                    "left open, without anything of UnrealSynth's. Use a copy of the level with --leave-unsaved "
                    "on the command line, or describe the environment as a map."
                )
            unreal.log_warning(f"UnrealSynth: what is placed in {level} marks it as changed. Edit nothing in it now.")
        self._own_dirt |= dirt

    def _check_unsaved(self) -> None:
        changed = sorted(unsaved_maps() - self._own_dirt - self._own_map())
        if changed and not self._leave_unsaved:
            raise PluginError(
                f"The level {changed[0]} was changed while frames were made, and is left open; save or discard the "
                "changes and start the run again to go on."
            )

    def _own_map(self) -> Set[str]:
        """The blank map that is open for the job, if one is. Nothing in it is the user's."""
        package = (self._here or "").split(".")[0]
        return {package} if is_temporary(package) else set()

    def _borrow_level(self) -> None:
        home = world_path()

        def reopen() -> None:
            if is_playing():
                unreal.log_warning(f"UnrealSynth opens no level while you play; open {home} yourself afterwards.")
                return
            # Another level than ours was opened by the user, and stays.
            if self._here is None or world_path() != self._here:
                return
            self._check_unsaved()
            package = home.split(".")[0]
            levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
            if is_temporary(package) or not levels.load_level(package):
                open_blank_map()

        self._restore.append(reopen)

    def _borrow_viewport(self) -> None:
        viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        view: Optional[Tuple[Any, Any]] = viewport.get_level_viewport_camera_info()
        if view is None:
            return
        location, rotation = view
        numbers = [location.x, location.y, location.z], [rotation.roll, rotation.pitch, rotation.yaw]
        self._journal.add("viewport", level=world_path(), location=numbers[0], rotation=numbers[1])

        def put_back() -> None:
            viewport.set_level_viewport_camera_info(location, rotation)

        self._restore.append(put_back)
        # A level keeps the views of its editor.
        self.before_save.append(put_back)

    def _borrow_throttle(self) -> None:
        for name in _THROTTLE_NAMES:
            performance = _performance_settings()
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
            for put_back in list(self.before_save):
                put_back()

        try:
            levels.on_pre_save_world.add_callable(before_save)
        except AttributeError:
            self._settings.note("LevelEditorSubsystem.on_pre_save_world")
            return
        self._restore.append(lambda: levels.on_pre_save_world.remove_callable(before_save))


def recover(residence: Residence, spool: Spool, *, is_starting: bool) -> None:
    """Puts back what editors that crashed have left changed. Never raises.

    A viewport is its editor's own: what another one moved is put back as this one starts, but not while it is used.
    """
    _put_all_back(residence.journal, spool, with_viewport=True)
    for journal in residence.deserted():
        _put_all_back(journal, spool, with_viewport=is_starting)


def _put_all_back(journal: Journal, spool: Spool, *, with_viewport: bool) -> None:
    notes = [note for note in journal.notes() if with_viewport or note.get("kind") != "viewport"]
    for note in notes:
        try:
            _put_back(note, spool)
        except Exception as error:
            # A note may come from another version, or be damaged.
            unreal.log_warning(f"UnrealSynth could not put back {note.get('kind')!r:.40} after a crash: {error}")
    if notes:
        unreal.log(f"UnrealSynth put back {len(notes)} things that an editor had left changed.")
    try:
        journal.clear()
    except PluginError as error:
        unreal.log_warning(f"UnrealSynth: {error}")


def _put_back(note: Note, spool: Spool) -> None:
    if note["kind"] == "viewport" and note["level"] == world_path():
        roll, pitch, yaw = (float(angle) for angle in note["rotation"])
        unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).set_level_viewport_camera_info(
            unreal.Vector(*(float(value) for value in note["location"])),
            unreal.Rotator(roll=roll, pitch=pitch, yaw=yaw),
        )
    elif note["kind"] == "throttle" and note["name"] in _THROTTLE_NAMES:
        _performance_settings().set_editor_property(note["name"], bool(note["value"]))
    elif note["kind"] == "frames":
        spool.job(str(note["job"])).discard_incomplete()


def world() -> Any:
    """The world that is open in the editor. Never kept across a level change: wrappers of an old world are dead.

    Raises PluginError while the user plays: then the editor hands none out.
    """
    found = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
    if found is None:
        raise PluginError("The editor is playing the level (Play-in-Editor); stop it and start again.")
    return found


def world_path() -> str:
    """The path of the open world, `/Game/Maps/Yard.Yard`."""
    return str(world().get_path_name())


def is_playing() -> bool:
    """Whether the user plays the level in the editor."""
    return bool(unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).is_in_play_in_editor())


def unsaved_maps() -> Set[str]:
    """Names of the levels, and of actors kept in files of their own, that have unsaved changes."""
    return {str(package.get_name()) for package in unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()}


def open_blank_map() -> None:
    """Leaves the open level for an empty one that is not saved. All references into the old world must be gone."""
    if unreal.EditorLoadingAndSavingUtils.new_blank_map(False) is None:
        raise PluginError("The editor opened no blank map; its log says why.")


def set_console_variable(name: str, value: int) -> None:
    """Sets a console variable, as typed into the console; while the user plays, without a world."""
    anywhere = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
    unreal.SystemLibrary.execute_console_command(anywhere, f"{name} {value}")


def finish_loading() -> None:
    """Blocks until shaders are compiled and textures are streamed in."""
    unreal.AutomationLibrary.finish_loading_before_screenshot()


def _performance_settings() -> Any:
    # The class is not exposed to Python, its default object is.
    return unreal.find_object(None, "/Script/UnrealEd.Default__EditorPerformanceSettings")
