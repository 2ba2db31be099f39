"""`unrealsynth launch`: a project's editor is started, awaited and left to its user."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import discover
from unrealsynth.progress import RunProgress
from unrealsynth.unreal_project import network, orphan, running
from unrealsynth.unreal_project.launched_editor import LaunchedEditor
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.waiting import await_busy_editor


@dataclass(frozen=True)
class Launched:
    """An editor that is ready and goes on running."""

    project: Path
    pid: int | None
    """None for one that ran already."""
    log: Path | None
    engine_version: str
    plugin_version: str
    warning: str | None

    def as_json(self) -> dict[str, object]:
        return {"ok": True, **asdict(self)}

    def as_text(self) -> str:
        how = "was open already" if self.pid is None else f"runs as process {self.pid}"
        lines = [f"The editor of {self.project} ({self.engine_version}) {how} and is ready."]
        return "\n".join([*lines, *([f"Its log: {self.log}"] if self.log else [])])


def launch_project(project: Project, progress: RunProgress, *, engine: Path | None, offscreen: bool) -> Launched:
    """Starts a project's editor, waits for it and leaves it running; one that is open already is taken as it is.

    Raises ProjectError and EditorError as `LaunchedEditor` does.
    """
    warning = network.exposure(project)
    if warning is not None:
        progress.say(f"warning: {warning}")
    orphan.end_orphan(project, progress.step)
    answers = discover(project.group(), running.PING_S)
    info = next((info for info in answers if info.belongs_to(project.file)), None)
    info = info or await_busy_editor(project, project.group(), progress.step)
    if info is not None:
        with EditorClient(info, project.group()) as client:
            version = client.version()
        return Launched(project.file, None, None, version.engine_version, version.plugin_version, warning)
    editor = LaunchedEditor(project, progress.step, engine=engine, offscreen=offscreen, attended=not offscreen)
    editor.launch()
    progress.say(f"Started process {editor.pid}; its log is {editor.log_path}.")
    editor.wait_until_ready()
    version = editor.client.version()
    editor.leave()
    return Launched(project.file, editor.pid, editor.log_path, version.engine_version, version.plugin_version, warning)
