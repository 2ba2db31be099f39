"""Starting a project's editor: its command line, the wait for it, its end, and a run that starts one by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_on_disk import EngineOnDisk

from runs import Quiet
from sharing import violations
from small import write_recipe
from unrealsynth import editor_choice
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError, ProjectError
from unrealsynth.options import launch_with
from unrealsynth.progress import RunProgress
from unrealsynth.run import RunOptions, generate_data_set
from unrealsynth.unreal_project import launched_editor, running
from unrealsynth.unreal_project.launch import launch_project
from unrealsynth.unreal_project.launched_editor import LaunchedEditor, command_line, windows_command_line
from unrealsynth.unreal_project.project import Project, open_project

OTHER_ENGINE = Path(__file__).parents[1] / "plugin" / "programs" / "other_engine.py"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PING_S", 0.2)
    monkeypatch.setattr(editor_choice, "UNREAL_WAIT_S", 0.2)
    monkeypatch.setattr(launched_editor, "NOTE_INTERVAL_S", 0.3)
    monkeypatch.setattr(launched_editor, "POLL_S", 0.05)


@pytest.fixture
def editor(installed: Project, engine: EngineOnDisk) -> Iterator[LaunchedEditor]:
    said: list[str] = []
    editor = LaunchedEditor(installed, said.append, engine=engine.root)
    editor.said = said  # type: ignore[attr-defined]
    yield editor
    editor.stop()


def said_by(editor: LaunchedEditor) -> list[str]:
    return editor.said  # type: ignore[attr-defined,no-any-return]


def test_command_line(tmp_path: Path) -> None:
    arguments = command_line(
        tmp_path / "UnrealEditor", Path("/a b/P.uproject"), Path("/a b/e.log"), offscreen=True, attended=False
    )
    assert arguments[1] == "/a b/P.uproject".replace("/", os.sep)
    for wanted in ("-unattended", "-nosplash", "-nosound", "-RenderOffscreen", "-stdout", "-FullStdOutLogOutput"):
        assert wanted in arguments
    overrides = [argument for argument in arguments if argument.startswith("-ini:")]
    assert overrides[0] == ("-ini:Engine:[/Script/PythonScriptPlugin.PythonScriptPluginSettings]:bRemoteExecution=True")
    assert overrides[-1].startswith("-ini:EditorSettings:[/Script/UnrealEd.EditorPerformanceSettings]:bThrottle")
    windowed = command_line(Path("x"), Path("y"), Path("z"), offscreen=False, attended=True)
    assert "-RenderOffscreen" not in windowed
    assert "-unattended" not in windowed, "such an editor saves nothing, and closes without asking"


def test_windows_quotes_stand_around_a_value_alone() -> None:
    arguments = ["C:\\UE 5\\UnrealEditor.exe", "D:\\My Game\\a.uproject", "-log", "-abslog=D:\\My Game\\e.log"]
    assert windows_command_line(arguments) == (
        '"C:\\UE 5\\UnrealEditor.exe" "D:\\My Game\\a.uproject" -log -abslog="D:\\My Game\\e.log"'
    )


def test_started_awaited_restarted_and_ended(editor: LaunchedEditor, engine: EngineOnDisk) -> None:
    editor.launch()
    editor.wait_until_ready()
    steps = [text.partition(" (")[0] for text in said_by(editor)]
    assert list(dict.fromkeys(steps)) == [
        "waiting for the editor's first answer; a first start compiles shaders, up to an hour",
        "the editor answers; waiting for its plugin",
        "the plugin answers; waiting for assets and shaders",
        "the editor is ready",
    ]
    assert editor.client.version().saved_dir == editor.saved_dir == editor.project.folder / "Saved"
    with pytest.raises(EditorError, match="runs already"):
        editor.launch()
    os.kill(editor.pid or 0, signal.SIGKILL)
    while editor.alive:
        time.sleep(0.01)
    editor.restart()
    assert editor.alive and len(engine.starts) == 2
    started = time.monotonic()
    editor.stop()
    assert time.monotonic() - started < 5.0  # It quits when asked.
    assert running.presences(editor.project) == []


def test_the_last_log_goes_although_somebody_reads_it(
    editor: LaunchedEditor, engine: EngineOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.behave("sys.exit(7)")
    editor.log_path.parent.mkdir(parents=True)
    editor.log_path.write_text("of the last start", encoding="utf-8")
    failed = violations(monkeypatch)
    editor.launch()
    assert failed["unlink", str(editor.log_path)] == 2
    with pytest.raises(EditorLostError, match="ended with code 7"):
        editor.wait_until_ready()


def test_the_process_ends_before_it_answers(editor: LaunchedEditor, engine: EngineOnDisk) -> None:
    engine.behave('print("LogInit: no Vulkan driver", flush=True); sys.exit(7)')
    editor.launch()
    with pytest.raises(EditorLostError, match=r"(?s)ended with code 7 before it was ready.*no Vulkan driver"):
        editor.wait_until_ready()
    assert not editor.alive


def test_it_shows_what_it_waits_for_and_gives_up(editor: LaunchedEditor, engine: EngineOnDisk) -> None:
    engine.behave('print("LogShaderCompilers: 4711 shaders left", flush=True); time.sleep(60)')
    editor.launch()
    with pytest.raises(EditorTimeoutError, match="4711 shaders left"):
        editor.wait_until_ready(1.5)
    assert not editor.alive
    assert any("(LogShaderCompilers: 4711 shaders left)" in text for text in said_by(editor))


def test_an_attended_editor_may_ask_and_is_never_ended(
    installed: Project, engine: EngineOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have begun to work in it."""
    monkeypatch.setattr(launched_editor, "DIALOG_S", 0.5)
    engine.behave('print("LogInit: Restore packages?", flush=True); time.sleep(60)')
    said: list[str] = []
    editor = LaunchedEditor(installed, said.append, engine=engine.root, offscreen=False, attended=True)
    editor.launch()
    try:
        with pytest.raises(EditorTimeoutError):
            editor.wait_until_ready(1.5)
        assert editor.alive
        assert "dialog" not in said[0]
        assert "a dialog in its window may wait for an answer (LogInit: Restore packages?)" in said[-1]
    finally:
        editor.stop()


def test_the_plugin_does_not_start(editor: LaunchedEditor, engine: EngineOnDisk) -> None:
    script = editor.project.plugin_folder / "Content/Python/unrealsynth_plugin/startup.py"
    script.write_text("raise ValueError\n", encoding="utf-8")
    editor.launch()
    with pytest.raises(EditorError, match="was not started"):
        editor.wait_until_ready()
    assert not editor.alive


def test_a_project_without_the_plugin_is_not_started(project: Project, engine: EngineOnDisk) -> None:
    with pytest.raises(ProjectError, match=r"has no UnrealSynth plugin.*unrealsynth install"):
        LaunchedEditor(project, print, engine=engine.root).launch()
    assert engine.starts == []


def test_launch_leaves_it_running_and_finds_it_again(installed: Project, engine: EngineOnDisk) -> None:
    command = [sys.executable, "-c", "from unrealsynth.cli import main; main()", "launch", "--json"]
    done = subprocess.run(
        [*command, str(installed.file), "--engine", str(engine.root)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout)
    assert first["pid"] == engine.starts[0][0]
    assert Path(first["log"]).is_file()
    assert "waiting for the editor's first answer" in done.stderr
    assert not {"-RenderOffscreen", "-unattended"} & set(engine.starts[0])
    with Quiet() as progress:
        again = launch_project(installed, progress, engine=engine.root, offscreen=False).as_json()
    assert again["pid"] is None
    assert again["plugin_version"] == first["plugin_version"]
    assert len(engine.starts) == 1
    with pytest.raises(EditorError, match="open already"):
        LaunchedEditor(installed, print, engine=engine.root).launch()


def test_launch_warns_of_other_machines(project: Project, engine: EngineOnDisk) -> None:
    ini = project.folder / "Config/DefaultEngine.ini"
    ini.write_text(ini.read_text(encoding="utf-8") + "RemoteExecutionMulticastTtl=1\n", encoding="utf-8")
    said: list[str] = []

    class Listening(RunProgress):
        def say(self, text: str) -> None:
            said.append(text)

    with pytest.raises(ProjectError), Listening() as progress:  # The plugin is not there; the warning comes first.
        launch_project(open_project(project.file), progress, engine=engine.root, offscreen=True)
    assert "beyond this machine" in said[0]


def test_a_run_takes_the_engine_that_it_is_told(installed: Project, engine: EngineOnDisk, tmp_path: Path) -> None:
    (editor,) = launch_with(engine.root, leave_unsaved=False)("unreal", installed.file, 1, tmp_path, print)
    try:
        editor.wait_until_ready()
        assert len(engine.starts) == 1
        assert editor.leave_unsaved is ("-RenderOffscreen" in engine.starts[0]), "without a window nobody works in it"
    finally:
        editor.stop()


def test_a_run_starts_the_editor_of_a_project_and_again_when_it_dies(
    installed: Project, engine: EngineOnDisk, tmp_path: Path
) -> None:
    data = json.loads(installed.file.read_text(encoding="utf-8"))
    installed.file.write_text(json.dumps({**data, "EngineAssociation": "../UE 5.6"}), encoding="utf-8")

    given_up = threading.Event()

    def kill_after_a_frame() -> None:
        while not list(installed.spool.glob("jobs/*/frames/*/frame.json")):
            if given_up.wait(0.01):
                return
        os.kill(int(str(engine.starts[0][0])), signal.SIGKILL)

    killer = threading.Thread(target=kill_after_a_frame)
    killer.start()
    options = RunOptions(out=tmp_path / "set", editor="unreal", project=installed.file)
    with RunProgress() as progress:
        try:
            summary = generate_data_set(str(write_recipe(tmp_path / "recipe")), options, progress)
        finally:
            given_up.set()
            killer.join()
    assert summary.finished == 6
    assert len(engine.starts) == 2
    assert {"-RenderOffscreen", "-unattended"} <= set(engine.starts[0])
    assert running.live_presence(installed) is None  # What a run started, it ends.


def test_a_run_starts_its_editor_again_when_it_dies_during_the_selftest(
    installed: Project, engine: EngineOnDisk, tmp_path: Path
) -> None:
    unreal = {"engine_version": "5.6.1-44394996+++UE5+Release-5.6"}
    engine.behave(program=(str(OTHER_ENGINE), json.dumps(unreal)))

    class Killer(Quiet):
        is_ready = is_done = False

        def step(self, note: str) -> None:
            # The first word of the self-test, which has just begun.
            if self.is_ready and not self.is_done:
                self.is_done = True
                os.kill(int(str(engine.starts[0][0])), signal.SIGKILL)
            self.is_ready |= note == "the editor is ready"

    options = RunOptions(out=tmp_path / "set", images=2, editor="unreal", project=installed.file)
    launch_here = launch_with(engine.root, leave_unsaved=False)
    summary = generate_data_set(str(write_recipe(tmp_path / "recipe")), options, Killer(), launch_here)
    assert summary.finished == 2
    assert len(engine.starts) == 2
    assert json.loads((installed.spool / "selftest.json").read_text(encoding="utf-8"))["ok"] is True
