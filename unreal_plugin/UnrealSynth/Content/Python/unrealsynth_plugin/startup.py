"""Puts the plugin to work in the editor it was loaded into: one tick callback, one service."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any, Dict, List

import unreal

from unrealsynth_plugin import VERSION, console, environment, service
from unrealsynth_plugin.compatibility import register_tick
from unrealsynth_plugin.core.contract import PROTOCOL
from unrealsynth_plugin.core.spool_files import SPOOL
from unrealsynth_plugin.jobs import JobQueue
from unrealsynth_plugin.open_world import finish_loading, is_at_rest
from unrealsynth_plugin.presence import Presence
from unrealsynth_plugin.production import Production
from unrealsynth_plugin.recovery import recover
from unrealsynth_plugin.residence import Residence
from unrealsynth_plugin.spool import Spool


def start() -> None:
    """Registers the plugin. A second call, as when scripts are loaded anew, changes nothing; nor does one outside of
    an editor."""
    if service.is_installed() or not _is_editor():
        return
    spool = Spool(_full(unreal.Paths.project_saved_dir()) / SPOOL)
    residence = Residence(spool.root)
    recover(residence, spool, is_starting=True)
    queue = JobQueue(spool, Production(spool, residence).run, unreal.log_error, is_at_rest)
    presence = Presence(residence.folder, describe, finish_loading)
    reports = {
        "environment": lambda: {**environment.describe(), "ticks": presence.ticks},
        "settle": lambda: presence.settle(environment.is_loading_assets()),
    }
    service.install(service.Service(queue, describe, reports))
    _serve_the_user(spool, queue)
    register_tick(queue.tick, queue.beat)
    register_tick(presence.tick)

    def end() -> None:
        # By now the editor's subsystems are gone; left alone, the job would be closed yet later, with Python itself.
        queue.close()
        presence.close()
        residence.leave()

    unreal.register_python_shutdown_callback(end)
    unreal.log(f"UnrealSynth {VERSION} is ready.")


def _is_editor() -> bool:
    """Whether somebody can work in this process.

    The editor's program is also a commandlet, which cooks for instance and has no tick, or with Play > Standalone Game
    the game: both may run beside an editor of the project, and run this script too.
    """
    words = str(unreal.SystemLibrary.get_command_line()).lower().replace('"', " ").split()
    return bool(unreal.is_editor()) and not any(
        word in ("-game", "-server") or word.startswith("-run=") for word in words
    )


def _serve_the_user(spool: Spool, queue: JobQueue) -> None:
    """Console and menu. Where an editor has no user interface, or another one, everything else goes on."""
    try:
        from unrealsynth_plugin import menu
        from unrealsynth_plugin.native_progress import NativeProgress

        progress = NativeProgress(spool, queue)
        console.install(console.Desk(spool, queue, progress.follow))
        _entries.extend(menu.install())
    except Exception as error:
        # An engine without these classes raises whatever Unreal has for it.
        unreal.log_warning(f"UnrealSynth has no menu in this editor: {error}")
        console.install(console.Desk(spool, queue, lambda _: None))
        return
    register_tick(progress.tick)


_entries: List[Any] = []
# Menu entries live as long as somebody holds them.


def describe() -> Dict[str, Any]:
    """Who answers here: versions, and absolute folders."""
    return {
        "plugin_version": VERSION,
        "protocol": PROTOCOL,
        "engine_version": str(unreal.SystemLibrary.get_engine_version()),
        "python_version": platform.python_version(),
        "project_dir": _full(unreal.Paths.project_dir()).as_posix(),
        "saved_dir": _full(unreal.Paths.project_saved_dir()).as_posix(),
        "pid": os.getpid(),
    }


def _full(path: str) -> Path:
    # Unreal's own paths are relative to the folder of the editor's program.
    return Path(str(unreal.Paths.convert_relative_path_to_full(path)))
