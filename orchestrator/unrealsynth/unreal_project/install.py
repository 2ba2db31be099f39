"""`install` and `uninstall`: the plugin and its few settings go into a project, and come out without a trace.

What is written down before anything changes is enough to take it all back; an installation that fails half-way puts
every file back as it was.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from unrealsynth import __version__, resources
from unrealsynth.dataset.files import patiently
from unrealsynth.errors import EditorError, ProjectError
from unrealsynth.unreal_project import ini, plugin_folder, record, running, text_file, uproject
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.record import FileRecord, Record
from unrealsynth.unreal_project.settings import PLUGIN, Setting, needed_plugins, settings
from unrealsynth.unreal_project.text_file import TextFile


@dataclass(frozen=True)
class Report:
    """What an installation or its removal did, or would do."""

    project: Path
    changes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    def as_json(self) -> dict[str, object]:
        return {
            "ok": True,
            "project": self.project,
            "changes": list(self.changes),
            "notes": list(self.notes),
            "dry_run": self.dry_run,
        }

    def as_text(self) -> str:
        title = "Would change" if self.dry_run else "Changed"
        lines = [f"{title} in {self.project.parent}:", *(f"  {change}" for change in self.changes)]
        return "\n".join([*(lines if self.changes else ["Nothing to change."]), *self.notes])


@dataclass(frozen=True)
class _FileChange:
    path: Path
    before: bytes | None
    after: bytes
    record: FileRecord
    descriptions: tuple[str, ...]


@dataclass
class _Undo:
    """What puts things back when a step fails."""

    steps: list[tuple[Path, bytes | None]] = field(default_factory=list)

    def write(self, path: Path, before: bytes | None, after: bytes) -> None:
        self.steps.append((path, before))
        path.parent.mkdir(parents=True, exist_ok=True)
        text_file.write(path, after)

    def run(self) -> None:
        for path, before in reversed(self.steps):
            with contextlib.suppress(ProjectError, OSError):
                if before is None:
                    path.unlink(missing_ok=True)
                else:
                    text_file.write(path, before)


def install(project: Project, *, link: bool = False, dry_run: bool = False) -> Report:
    """Puts the plugin and its settings into a project; a second time it only brings up to date what differs.

    Raises ProjectError before anything is changed when a file cannot be edited safely.
    """
    known = record.load(project.folder)
    changes = [change for change in (*_ini_changes(project), _uproject_change(project)) if change is not None]
    for change in changes:
        text_file.require_writable(change.path)
    plugin_change = _plugin_change(project, link)
    descriptions = [*([plugin_change] if plugin_change else [])]
    descriptions += [text for change in changes for text in change.descriptions]
    notes = () if not descriptions else ("Restart the project's editor if it is open.",)
    report = Report(project.file, tuple(descriptions), notes, dry_run)
    if dry_run or not (descriptions or known is None):
        return report
    made = _missing_folders(project, changes)
    backups = _back_up(project, changes)
    source = resources.plugin_folder()
    new = Record(__version__, link, plugin_folder.digest(source), tuple(change.record for change in changes))
    if known is not None:
        new = replace(known.with_files(new.files), version=__version__, linked=link, plugin_sha256=new.plugin_sha256)
    folders = tuple(dict.fromkeys([*new.folders, *made]))
    new = replace(new, folders=folders, backups=tuple(dict.fromkeys([*new.backups, *backups])))
    undo = _Undo()
    try:
        (project.folder / record.RECORD).parent.mkdir(parents=True, exist_ok=True)
        undo.steps.append((project.folder / record.RECORD, text_file.read(project.folder / record.RECORD)))
        record.save(project.folder, new)
        for change in changes[:-1] if changes and changes[-1].path == project.file else changes:
            undo.write(change.path, change.before, change.after)
        with _replaced_plugin(project, source if plugin_change else None, link, known):
            # Last: a project that enables a plugin it does not have asks its user what to do.
            for change in changes:
                if change.path == project.file:
                    undo.write(change.path, change.before, change.after)
    except BaseException as error:
        undo.run()
        _remove_made(project, made)
        if isinstance(error, OSError):
            raise ProjectError(
                f"The plugin could not be put into {project.folder}: {error}. Nothing was changed."
            ) from error
        raise
    return report


def uninstall(project: Project) -> Report:
    """Takes back what `install` changed, byte for byte, and removes the plugin and what it generated.

    Raises EditorError while an editor has the project open, ProjectError for a file that cannot be written.
    """
    user = running.editor_of(project)
    if user is not None:
        raise EditorError(f"{user} has {project.file.name} open. Close it, then uninstall.")
    known = record.load(project.folder)
    changes: list[str] = []
    notes: list[str] = []
    for file in reversed(known.files if known else ()):
        changed, said = _take_back(project.folder / file.path, file)
        changes += [f"{file.path}: put back as it was"] if changed else []
        notes += said
    backup_parent = project.spool / "backup"
    for folder in (project.plugin_folder, project.generated_folder):
        if not plugin_folder.is_there(folder):
            continue
        if folder == project.plugin_folder and _is_edited(folder, known):
            kept = _free(backup_parent / f"plugin-{_stamp()}")
            kept.parent.mkdir(parents=True, exist_ok=True)
            patiently(lambda folder=folder, kept=kept: folder.rename(kept))  # type: ignore[misc]
            notes.append(f"The plugin's folder had been edited; it is kept in {kept}.")
        else:
            _remove(folder)
        changes.append(f"{folder.relative_to(project.folder).as_posix()}: removed")
    if known is None:
        notes.append(
            f"There is no {record.RECORD}, so no setting was taken back. Those of an installation are: "
            + "; ".join(str(setting) for setting in settings())
            + f"; and {', '.join(needed_plugins())} in {project.file.name}."
        )
    else:
        (project.folder / record.RECORD).unlink(missing_ok=True)
        if not notes:
            for backup in known.backups:
                _remove(project.folder / backup)
            _remove_made(project, known.folders)
    if project.spool.is_dir():
        notes.append(f"{project.spool} holds frames and copies of models; delete it if you do not need them.")
    return Report(project.file, tuple(changes), tuple(notes))


def _ini_changes(project: Project) -> list[_FileChange]:
    wanted: dict[str, list[Setting]] = {}
    for setting in settings():
        wanted.setdefault(setting.file, []).append(setting)
    changes = []
    for relative, of_file in wanted.items():
        path = project.folder / relative
        before = text_file.read(path)
        file = text_file.decode(before, path) if before is not None else TextFile()
        text, edits, said = file.text, [], []
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


def _uproject_change(project: Project) -> _FileChange | None:
    _ = project.description
    text, edits = project.text.text, []
    for plugin in needed_plugins():
        text, edit = uproject.enable(text, plugin)
        edits += [edit] if edit is not None else []
    if not edits:
        return None
    said = f"{project.file.name}: enabled {', '.join(edit.plugin for edit in edits)}"
    kept = FileRecord(project.file.name, plugin_edits=tuple(edits))
    after = project.text.with_text(text).encode()
    return _FileChange(project.file, project.text.encode(), after, kept, (said,))


def _plugin_change(project: Project, link: bool) -> str | None:
    """What is to happen to the plugin's folder; None if it is as it should be."""
    source, target = resources.plugin_folder(), project.plugin_folder
    name = target.relative_to(project.folder).as_posix()
    if not plugin_folder.is_there(target):
        return f"{name}: {'linked to ' + str(source) if link else f'version {__version__} copied'}"
    if plugin_folder.is_link(target):
        if link and target.exists() and target.samefile(source):
            return None
        return f"{name}: link replaced by a {'link to ' + str(source) if link else 'copy'}"
    if not (target / f"{PLUGIN}.uplugin").is_file() and any(target.iterdir()):
        raise ProjectError(f"{target} exists and is not this plugin; move it away and try again.")
    if not link and plugin_folder.digest(target) == plugin_folder.digest(source):
        return None
    found = plugin_folder.version(target) or "unknown"
    return f"{name}: version {found} replaced by {'a link to ' + str(source) if link else f'version {__version__}'}"


@contextlib.contextmanager
def _replaced_plugin(project: Project, source: Path | None, link: bool, known: Record | None):  # type: ignore[no-untyped-def]
    """The new plugin is in place inside the block; the old one comes back if the block fails."""
    if source is None:
        yield
        return
    target = project.plugin_folder
    with plugin_folder.staging_folder(project.folder) as staging:
        old = staging / "old"
        edited = plugin_folder.is_there(target) and _is_edited(target, known)
        if plugin_folder.is_there(target):
            patiently(lambda: target.rename(old))
        try:
            if link:
                plugin_folder.link(source, target)
            else:
                plugin_folder.copy(source, target, staging)
            yield
        except BaseException:
            plugin_folder.remove(target)
            if plugin_folder.is_there(old):
                patiently(lambda: old.rename(target))
            raise
        if edited:
            kept = _free(project.spool / "backup" / f"plugin-{_stamp()}")
            kept.parent.mkdir(parents=True, exist_ok=True)
            patiently(lambda: old.rename(kept))
        else:
            plugin_folder.remove(old)


def _is_edited(folder: Path, known: Record | None) -> bool:
    """Whether somebody's own work may be in the plugin's folder."""
    if plugin_folder.is_link(folder):
        return False
    content = plugin_folder.digest(folder)
    return content not in {plugin_folder.digest(resources.plugin_folder()), known.plugin_sha256 if known else ""}


def _take_back(path: Path, file: FileRecord) -> tuple[bool, tuple[str, ...]]:
    data = text_file.read(path)
    if data is None:
        return False, ()
    now = text_file.decode(data, path)
    if file.plugin_edits:
        uproject.parse(now.text, path)
    text, notes = file.take_back(now.text)
    if text == now.text:
        return False, notes
    text_file.require_writable(path)
    if file.created and not text:
        patiently(path.unlink)
    else:
        text_file.write(path, now.with_text(text).encode())
    return True, notes


def _back_up(project: Project, changes: list[_FileChange]) -> list[str]:
    """Copies of the files as they are, in a folder of their own."""
    existing = [change for change in changes if change.before is not None]
    if not existing:
        return []
    folder = _free(project.spool / "backup" / _stamp())
    try:
        folder.mkdir(parents=True)
        for change in existing:
            text_file.write(folder / change.path.name, change.before or b"")
    except OSError as error:
        raise ProjectError(f"No backup could be made in {folder}: {error}. Nothing was changed.") from error
    return [folder.relative_to(project.folder).as_posix()]


def _missing_folders(project: Project, changes: list[_FileChange]) -> list[str]:
    needed = [change.path.parent for change in changes] + [project.plugin_folder.parent, project.spool / "backup"]
    missing = set()
    for folder in needed:
        while folder != project.folder and not folder.exists():
            missing.add(folder.relative_to(project.folder).as_posix())
            folder = folder.parent
    return sorted(missing)


def _remove_made(project: Project, folders: tuple[str, ...] | list[str]) -> None:
    for name in sorted(folders, key=len, reverse=True):
        with contextlib.suppress(OSError):  # Not empty: somebody uses it.
            (project.folder / name).rmdir()


def _remove(folder: Path) -> None:
    try:
        plugin_folder.remove(folder)
    except OSError as error:
        raise ProjectError(f"{folder} could not be removed: {error}. Close what uses it and try again.") from error


def _free(path: Path) -> Path:
    number = 1
    while plugin_folder.is_there(path):
        number += 1
        path = path.with_name(f"{path.name.rpartition('+')[0] or path.name}+{number}")
    return path


def _stamp() -> str:
    return time.strftime("%Y%m%d-%H%M%S")


