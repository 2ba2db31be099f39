"""`install`: the plugin and its few settings go into a project, with all that it takes to undo that written down first.

What cannot be edited safely is found before anything changes; an installation that fails half-way puts every file
back as it was.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from unrealsynth import __version__, resources
from unrealsynth.errors import ProjectError
from unrealsynth.files import patiently
from unrealsynth.unreal_project import engines, ini, plugin_folder, record, text_file, uproject
from unrealsynth.unreal_project.backup import (
    OLD,
    back_up,
    clear_staging,
    free,
    missing_folders,
    remove_empty,
    set_aside,
    staging_folder,
)
from unrealsynth.unreal_project.ini import IniEdit
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.record import FileRecord, Record
from unrealsynth.unreal_project.report import Report
from unrealsynth.unreal_project.settings import PLUGIN, Setting, needed_plugins, settings
from unrealsynth.unreal_project.text_file import TextFile
from unrealsynth.unreal_project.uproject import PluginEdit


@dataclass(frozen=True)
class _FileChange:
    path: Path
    before: bytes | None
    after: bytes
    record: FileRecord
    descriptions: tuple[str, ...]


def install(project: Project, *, link: bool = False, dry_run: bool = False) -> Report:
    """Puts the plugin and its settings into a project; a second time it only brings up to date what differs.

    Raises ProjectError before anything is changed when a file cannot be edited safely.
    """
    trouble = engines.trouble_with(project)
    if trouble is not None:
        raise ProjectError(f"{trouble} {engines.NEWER_ENGINE}.")
    _require_folders(project)
    known = record.load(project.folder)
    changes = [*_ini_changes(project), *_uproject_changes(project)]
    for change in changes:
        text_file.require_writable(change.path)
    plugin_change = _plugin_change(project, link)
    descriptions = [plugin_change] if plugin_change else []
    descriptions += [text for change in changes for text in change.descriptions]
    notes = ("Restart the project's editor if it is open.",) if descriptions else ()
    report = Report(project.file, tuple(descriptions), notes, dry_run)
    if dry_run or not (descriptions or known is None):
        return report
    clear_staging(project.folder, project.spool / "backup")
    existing = [(change.path, change.before) for change in changes if change.before is not None]
    backup = free(project.spool / "backup" / time.strftime("%Y%m%d-%H%M%S")) if existing else None
    needed = [*(change.path.parent for change in changes), project.plugin_folder.parent, *([backup] if backup else [])]
    made = missing_folders(project.folder, needed)
    try:
        with _all_or_nothing() as written:
            _save_record(project, known, changes, link, made, backup, written)
            if backup is not None:
                back_up(existing, backup)
            with _replaced_plugin(project, link, known) if plugin_change else contextlib.nullcontext():
                # The project file comes last: one that enables a plugin it does not have makes the editor ask.
                for change in changes:
                    _write(change.path, change.before, change.after, written)
    except BaseException as error:
        if backup is not None:
            plugin_folder.remove(backup)
        remove_empty(project.folder, made)
        if isinstance(error, OSError):
            raise ProjectError(
                f"The plugin could not be put into {project.folder}: {error}. Nothing was changed."
            ) from error
        raise
    return report


def _require_folders(project: Project) -> None:
    for name in ("Config", "Plugins", "Saved"):
        folder = project.folder / name
        if folder.exists() and not folder.is_dir():
            raise ProjectError(f"{folder} is a file, where Unreal has a folder; move it away and try again.")


def _save_record(
    project: Project,
    known: Record | None,
    changes: Sequence[_FileChange],
    link: bool,
    made: Sequence[str],
    backup: Path | None,
    written: list[tuple[Path, bytes | None]],
) -> None:
    sha256 = plugin_folder.digest(resources.plugin_folder())
    before = known or Record(__version__, link, sha256)
    new = replace(
        before.with_files(tuple(change.record for change in changes)),
        version=__version__,
        linked=link,
        plugin_sha256=sha256,
        folders=tuple(dict.fromkeys([*before.folders, *made])),
        backups=before.backups + (() if backup is None else (backup.relative_to(project.folder).as_posix(),)),
    )
    path = project.folder / record.RECORD
    _write(path, text_file.read(path), record.encode(new), written)


def _write(path: Path, before: bytes | None, after: bytes, written: list[tuple[Path, bytes | None]]) -> None:
    written.append((path, before))
    path.parent.mkdir(parents=True, exist_ok=True)
    text_file.write(path, after)


@contextlib.contextmanager
def _all_or_nothing() -> Iterator[list[tuple[Path, bytes | None]]]:
    """Files listed in the block, with what they held, are put back when it fails."""
    written: list[tuple[Path, bytes | None]] = []
    try:
        yield written
    except BaseException:
        for path, before in reversed(written):
            with contextlib.suppress(ProjectError, OSError):
                if before is None:
                    patiently(lambda path=path: path.unlink(missing_ok=True))  # type: ignore[misc]
                else:
                    text_file.write(path, before)
        raise


def _ini_changes(project: Project) -> list[_FileChange]:
    wanted: dict[str, list[Setting]] = {}
    for setting in settings():
        wanted.setdefault(setting.file, []).append(setting)
    changes = []
    for relative, of_file in wanted.items():
        path = project.folder / relative
        before = text_file.read(path)
        file = text_file.decode(before, path) if before is not None else TextFile()
        text, edits, said = file.text, list[IniEdit](), list[str]()
        for setting in of_file:
            found = ini.value_of(text, setting.section, setting.key)
            if not setting.is_met_by(found):
                text, made = ini.set_value(text, setting.section, setting.key, setting.value)
                edits += made
                said.append(f"{setting}  (was {'not set' if found is None else found}; {setting.purpose})")
        if edits:
            kept = FileRecord(relative, created=before is None, ini_edits=tuple(edits))
            changes.append(_FileChange(path, before, file.with_text(text).encode(), kept, tuple(said)))
    return changes


def _uproject_changes(project: Project) -> list[_FileChange]:
    _ = project.description  # Raises for a file that is not to be edited.
    text, edits = project.text.text, list[PluginEdit]()
    for plugin in needed_plugins():
        text, edit = uproject.enable(text, plugin)
        edits += [edit] if edit is not None else []
    if not edits:
        return []
    said = f"{project.file.name}: enabled {', '.join(edit.plugin for edit in edits)}"
    kept = FileRecord(project.file.name, plugin_edits=tuple(edits))
    before = project.text
    return [_FileChange(project.file, before.encode(), before.with_text(text).encode(), kept, (said,))]


def _plugin_change(project: Project, link: bool) -> str | None:
    """What is to happen to the plugin's folder; None if it is as it should be."""
    source, target = resources.plugin_folder(), project.plugin_folder
    name = target.relative_to(project.folder).as_posix()
    if not plugin_folder.is_there(target):
        return f"{name}: {f'linked to {source}' if link else f'version {__version__} copied'}"
    if plugin_folder.is_link(target):
        if link and target.exists() and target.samefile(source):
            return None
        return f"{name}: link replaced by {f'a link to {source}' if link else 'a copy'}"
    if not target.is_dir() or (not (target / f"{PLUGIN}.uplugin").is_file() and any(target.iterdir())):
        raise ProjectError(f"{target} exists and is not this plugin; move it away and try again.")
    if not link and plugin_folder.digest(target) == plugin_folder.digest(source):
        return None
    found = plugin_folder.version(target) or "unknown"
    return f"{name}: version {found} replaced by {f'a link to {source}' if link else f'version {__version__}'}"


@contextlib.contextmanager
def _replaced_plugin(project: Project, link: bool, known: Record | None) -> Iterator[None]:
    """The new plugin is in place inside the block; the old one comes back if the block fails."""
    source, target = resources.plugin_folder(), project.plugin_folder
    with staging_folder(project.folder) as staging:
        old = staging / OLD
        is_old = plugin_folder.is_there(target)
        is_edited = is_old and plugin_folder.is_edited(target, known.plugin_sha256 if known else "")
        if is_old:
            set_aside(target, old)
        try:
            if link:
                plugin_folder.link(source, target)
            else:
                plugin_folder.copy(source, target, staging)
            yield
        except BaseException:
            plugin_folder.remove(target)
            if is_old:
                patiently(lambda: old.rename(target))
            raise
        if is_edited:
            set_aside(old, free(project.spool / "backup" / "plugin"))
        elif is_old:
            plugin_folder.remove(old)
