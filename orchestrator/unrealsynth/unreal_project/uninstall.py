"""`uninstall`: takes back what `install` changed, line by line, so that it is right after other edits too.

A line that is no longer as it was written is the user's, and stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unrealsynth.errors import EditorError, ProjectError
from unrealsynth.files import patiently
from unrealsynth.unreal_project import plugin_folder, record, running, text_file, uproject
from unrealsynth.unreal_project.backup import clear_staging, free, remove_empty, set_aside
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.record import FileRecord, Record
from unrealsynth.unreal_project.report import Report
from unrealsynth.unreal_project.settings import needed_plugins, settings
from unrealsynth_plugin.core.spool_files import EDITORS


@dataclass(frozen=True)
class _Restored:
    path: Path
    name: str
    after: bytes | None
    """None for a file that was not there before."""


def uninstall(project: Project) -> Report:
    """Takes back what `install` changed, byte for byte, and removes the plugin and what it generated.

    Raises EditorError while an editor has the project open, ProjectError, before anything is changed, when a file
    cannot be edited or written.
    """
    user = running.editor_of(project)
    if user is not None:
        raise EditorError(f"{user} has {project.file.name} open. Close it, then uninstall.")
    known = record.load(project.folder)
    clear_staging(project.folder, project.spool / "backup")
    restored, notes = _restored(project, known)
    for file in restored:
        text_file.require_writable(file.path)
    for file in restored:
        if file.after is None:
            patiently(file.path.unlink)
        else:
            text_file.write(file.path, file.after)
    changes = [f"{file.name}: {'removed' if file.after is None else 'put back as it was'}" for file in restored]
    for folder in (project.plugin_folder, project.generated_folder):
        if plugin_folder.is_there(folder):
            notes += _remove(project, folder, known)
            changes.append(f"{folder.relative_to(project.folder).as_posix()}: removed")
    if known is not None:
        patiently(lambda: (project.folder / record.RECORD).unlink(missing_ok=True))
        if not notes:
            for backup in known.backups:
                plugin_folder.remove(project.folder / backup)
        for leftover in ("launch", EDITORS):
            plugin_folder.remove(project.spool / leftover)
        remove_empty(project.folder, known.folders)
    elif changes:
        notes.append(
            f"There is no {record.RECORD}, so no setting was taken back. Those of an installation are: "
            + "; ".join(str(setting) for setting in settings())
            + f"; and {', '.join(needed_plugins())} in {project.file.name}."
        )
    if project.spool.is_dir():
        notes.append(f"{project.spool} holds frames, copies of models or backups; delete it if you do not need them.")
    return Report(project.file, tuple(changes), tuple(notes))


def _restored(project: Project, known: Record | None) -> tuple[list[_Restored], list[str]]:
    """The files as they are to be, and what cannot be put back."""
    files: list[_Restored] = []
    notes: list[str] = []
    for file in reversed(known.files if known is not None else ()):
        path = project.folder / file.path
        data = text_file.read(path)
        if data is None:
            continue
        now = text_file.decode(data, path)
        if file.plugin_edits:
            uproject.parse(now.text, path)
        text, said = file.take_back(now.text)
        notes += said
        if text != now.text:
            files.append(_Restored(path, file.path, _after(file, now, text)))
    return files, notes


def _after(file: FileRecord, now: text_file.TextFile, text: str) -> bytes | None:
    return None if file.created and not text else now.with_text(text).encode()


def _remove(project: Project, folder: Path, known: Record | None) -> list[str]:
    try:
        if folder == project.plugin_folder and plugin_folder.is_edited(folder, known.plugin_sha256 if known else ""):
            kept = free(project.spool / "backup" / "plugin")
            set_aside(folder, kept)
            return [f"The plugin's folder had been edited; it is kept in {kept}."]
        plugin_folder.remove(folder)
    except OSError as error:
        raise ProjectError(f"{folder} could not be removed: {error}. Close what uses it and try again.") from error
    return []
