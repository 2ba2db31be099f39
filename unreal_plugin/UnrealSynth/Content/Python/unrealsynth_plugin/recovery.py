"""What an editor that crashed has left changed, put back by the next one."""

from __future__ import annotations

import unreal

from unrealsynth_plugin.editor_state import THROTTLE_NAMES, performance_settings
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.journal import Journal, Note
from unrealsynth_plugin.open_world import world_path
from unrealsynth_plugin.residence import Residence
from unrealsynth_plugin.spool import Spool
from unrealsynth_plugin.vectors import rotator


def recover(residence: Residence, spool: Spool, *, is_starting: bool) -> None:
    """Puts back what editors that crashed have left changed. Never raises.

    A viewport is its editor's own: what another one moved is put back as this one starts, but not while it is used.
    """
    _put_all_back(residence.journal, spool, with_viewport=True)
    for journal in residence.deserted():
        _put_all_back(journal, spool, with_viewport=is_starting)


def _put_all_back(journal: Journal, spool: Spool, *, with_viewport: bool) -> None:
    notes = [note for note in journal.notes() if with_viewport or note.get("kind") != "viewport"]
    put_back = 0
    for note in notes:
        try:
            put_back += _put_back(note, spool)
        except Exception as error:
            # A note may come from another version, or be damaged.
            unreal.log_warning(f"UnrealSynth could not put back {note.get('kind')!r:.40} after a crash: {error}")
    if put_back:
        unreal.log(f"UnrealSynth put back {put_back} things that an editor had left changed.")
    try:
        journal.clear()
    except PluginError as error:
        unreal.log_warning(f"UnrealSynth: {error}")


def _put_back(note: Note, spool: Spool) -> bool:
    """Whether there was something to put back: not the view of a level that is not open, nor what nobody knows."""
    if note["kind"] == "viewport" and note["level"] == world_path():
        unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).set_level_viewport_camera_info(
            unreal.Vector(*(float(value) for value in note["location"])),
            rotator([float(angle) for angle in note["rotation"]]),
        )
    elif note["kind"] == "throttle" and note["name"] in THROTTLE_NAMES:
        performance_settings().set_editor_property(note["name"], bool(note["value"]))
    elif note["kind"] == "frames":
        spool.job(str(note["job"])).discard_incomplete()
    else:
        return False
    return True
