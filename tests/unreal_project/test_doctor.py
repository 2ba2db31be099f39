"""Each broken link of the chain made to happen, and found: the check that fails, why, and what mends it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from servers import Behaviour, Server, answer_result, never_answer, plugin, same_folder
from signs import presence, unreal_editor

from unrealsynth.editors.multicast import LOOPBACK, Endpoint, MulticastSocket
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.unreal_project import doctor, editor_checks, network, running
from unrealsynth.unreal_project.doctor import Check, Diagnosis, Finding, diagnose, examine
from unrealsynth.unreal_project.install import install
from unrealsynth.unreal_project.project import Project, open_project

PATIENCE_S = 0.3
CHAIN = [
    "project file",
    "plugin",
    "dependencies",
    "settings",
    "addresses",
    "multicast",
    "editor",
    "project",
    "command",
    "version",
    "ticks",
    "spool",
    "renderer",
]
ENGINE_INI = "Config/DefaultEngine.ini"


def editor_of(project: Project, behaviour: Behaviour | None = None) -> Server:
    """An editor that has the project open."""
    return Server(project.group(), behaviour, same_folder(project.folder), project.name)


def broken(diagnosis: Diagnosis) -> tuple[str, Finding]:
    """The check that failed, after that all before it passed and none after it was tried."""
    names = [name for name, _ in diagnosis.findings]
    assert [*names, *diagnosis.not_reached] == CHAIN
    assert all(finding.state != "failed" for _, finding in diagnosis.findings[:-1])
    name, finding = diagnosis.findings[-1]
    assert finding.state == "failed"
    assert finding.detail.endswith(".") and finding.fix
    return name, finding


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def without_plugin(project: Project) -> None:
    shutil.rmtree(project.plugin_folder)


def older_plugin(project: Project) -> None:
    edit(project.plugin_folder / "Content/Python/unrealsynth_plugin/__init__.py", 'VERSION = "', 'VERSION = "0.0.')


def edited_plugin(project: Project) -> None:
    (project.plugin_folder / "Content/Python/init_unreal.py").write_text("# mine\n", encoding="utf-8")


def second_plugin(project: Project) -> None:
    shutil.copytree(project.plugin_folder, project.plugin_folder.parent / "Old" / "UnrealSynth")


def broken_link(project: Project) -> None:
    shutil.rmtree(project.plugin_folder)
    project.plugin_folder.symlink_to(project.folder / "gone", target_is_directory=True)


def switched_off(project: Project) -> None:
    edit(
        project.file,
        '"Name": "PythonScriptPlugin",\n\t\t\t"Enabled": true',
        '"Name": "PythonScriptPlugin",\n"Enabled": false',
    )


def not_named(project: Project) -> None:
    edit(project.file, '"InterchangeEditor"', '"Water"')


def setting(old: str, new: str) -> Callable[[Project], None]:
    return lambda project: edit(project.folder / ENGINE_INI, old, new)


@pytest.mark.parametrize(
    ("breaks", "check", "detail", "fix"),
    [
        (lambda p: p.file.unlink(), "project file", "does not exist", ""),
        (lambda p: p.file.write_text("{,}", encoding="utf-8"), "project file", "line 1, column 2", ""),
        (lambda p: edit(p.file, '"5.6"', '"5.2"'), "project file", "Unreal 5.2", "newer engine"),
        (without_plugin, "plugin", "no UnrealSynth.uplugin", "unrealsynth install"),
        (older_plugin, "plugin", r"version 0\.0\.", "unrealsynth install"),
        (edited_plugin, "plugin", "not its files", "unrealsynth install"),
        (second_plugin, "plugin", "twice", "Delete .*Old"),
        (broken_link, "plugin", "leads nowhere", "--link"),
        (switched_off, "dependencies", "switches off PythonScriptPlugin", "unrealsynth install"),
        (not_named, "dependencies", "does not enable InterchangeEditor", "unrealsynth install"),
        (
            setting("bRemoteExecution=True", "bRemoteExecution=False"),
            "settings",
            "bRemoteExecution is False",
            "install",
        ),
        (setting("0.0.0.0", "127.0.0.1"), "settings", "BindAddress is 127.0.0.1, wanted 0.0.0.0", "install"),
        (setting("r.CustomDepth=3", ""), "settings", "r.CustomDepth is not set, wanted 3", "install"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="its address is another there, and links need a privilege")
def test_broken_files(
    installed: Project, breaks: Callable[[Project], object], check: str, detail: str, fix: str
) -> None:
    breaks(installed)
    diagnosis = examine(installed.file, PATIENCE_S)
    name, finding = diagnosis.findings[-1]
    assert (name, finding.state) == (check, "failed")
    assert re.search(detail, finding.detail), finding.detail
    assert re.search(fix, finding.fix), finding.fix
    assert diagnosis.exit_code == 2
    assert [name, *diagnosis.not_reached] == CHAIN[CHAIN.index(name) :]


def test_an_address_that_is_none(installed: Project, group: Endpoint) -> None:
    edit(installed.folder / ENGINE_INI, f"239.0.0.1:{group[1]}", "239.0.0.1:http")
    diagnosis = examine(installed.file, PATIENCE_S)
    assert diagnosis.findings[-1][0] == "addresses"
    assert "239.0.0.1:http" in diagnosis.findings[-1][1].detail
    assert diagnosis.exit_code == 2


def test_the_port_is_held_by_another_program(installed: Project, group: Endpoint) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("0.0.0.0", group[1]))  # Without sharing it.
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "addresses"
    assert "does not share" in finding.detail and str(group[1]) in finding.fix


def test_other_machines_may_drive_it(installed: Project) -> None:
    with (installed.folder / ENGINE_INI).open("a", encoding="utf-8") as file:
        file.write("[/Script/PythonScriptPlugin.PythonScriptPluginSettings]\nRemoteExecutionMulticastTtl=1\n")
    findings = dict(examine(installed.file, PATIENCE_S).findings)
    assert findings["addresses"].state == "warning"
    assert "every machine of the network can run code" in findings["addresses"].detail
    assert findings["settings"].state == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="what a socket at 127.0.0.1 hears differs")
def test_multicast_does_not_arrive(installed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # On Linux a socket that is bound to this address hears nothing that is sent to a group.
    monkeypatch.setattr(network, "_PROBE_S", PATIENCE_S)
    monkeypatch.setattr(network, "MulticastSocket", partial(MulticastSocket, bind_address=LOOPBACK))
    name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "multicast"
    assert "firewall" in finding.fix


@pytest.mark.skipif(sys.platform != "linux", reason="what a socket at 127.0.0.1 hears differs")
def test_the_editors_address_hears_no_multicast(group: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    assert network.hears_itself(group)
    assert network.reaches_editor_at(group, "0.0.0.0")
    monkeypatch.setattr(network, "_PROBE_S", PATIENCE_S)
    assert not network.reaches_editor_at(group, "127.0.0.1")  # The usual mistake on Linux.


@pytest.fixture
def process(installed: Project) -> Iterator[int]:
    """A process that seems to be an Unreal Editor with the project open."""
    command = [sys.executable, "-c", "import time; time.sleep(60)", str(installed.file)]
    with subprocess.Popen(command) as child:
        yield child.pid
        child.kill()


def test_no_editor(installed: Project) -> None:
    name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "editor"
    assert "none is known to have this project open" in finding.detail
    assert f'unrealsynth launch "{installed.file}"' in finding.fix


def test_an_editor_that_ticks_but_does_not_hear(installed: Project, process: int) -> None:
    presence(installed, process, 1.0)
    name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "editor"
    assert f"process {process}" in finding.detail and "does not hear" in finding.detail


def test_a_dialog_blocks_the_editor(installed: Project, process: int, monkeypatch: pytest.MonkeyPatch) -> None:
    presence(installed, process, -1.0)
    monkeypatch.setattr(running, "PRESENCE_FRESH_S", -9.0)  # It wrote when it started, and not since.
    name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "editor"
    assert re.search(r"last sign of life is -?\d s old: a dialog blocks it", finding.detail)
    assert "dialog" in finding.fix


def test_of_several_editors_the_one_that_wrote_last_and_lives_is_told_of(installed: Project, process: int) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    presence(installed, ended.pid, -2.0)  # It crashed just now.
    presence(installed, process, -1.0)
    assert f"process {process}" in broken(examine(installed.file, PATIENCE_S))[1].detail
    presence(installed, os.getpid(), -3.0)
    assert f"process {os.getpid()}" in broken(examine(installed.file, PATIENCE_S))[1].detail


def test_the_file_of_another_editor_proves_nothing(
    installed: Project, group: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor_checks, "TICKS_S", 0.05)
    presence(installed, os.getpid(), 1.0, ticks=10**6)
    presence(installed, os.getpid(), 1000.0)
    with editor_of(installed, FakePlugin(installed).as_behaviour()):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "spool" and "editor.json is not seen" in finding.detail


@pytest.mark.skipif(os.name == "nt", reason="processes cannot be stopped there")
def test_an_editor_that_really_stands_still(
    installed: Project, group: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PRESENCE_FRESH_S", 0.1)
    with EmbeddedEditor(installed.folder, installed.plugin_folder, group) as editor:
        os.kill(editor.pid or 0, signal.SIGSTOP)
        try:
            name, finding = broken(examine(installed.file, PATIENCE_S))
        finally:
            os.kill(editor.pid or 0, signal.SIGCONT)
    assert name == "editor"
    assert "a dialog blocks it, or it is busy" in finding.detail


@pytest.mark.skipif(os.name == "nt", reason="no other program passes for UnrealEditor.exe there")
def test_an_editor_without_a_sign_of_its_plugin(installed: Project) -> None:
    with unreal_editor(str(installed.file)) as pid:
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "editor"
    assert f"process {pid}" in finding.detail and "still starting" in finding.detail


VERSION = {"engine_version": "5.6.0", "python_version": "3.11.8", "project_dir": "/p/", "saved_dir": "/p/Saved/"}
ENVIRONMENT = {"console_variables": {"r.CustomDepth": "3"}, "command_line": "", "is_loading_assets": False}


class FakePlugin:
    """The plugin's side: answers as it should, apart from what `wrong` says."""

    def __init__(self, project: Project, **wrong: Any) -> None:
        self._project = project
        self._wrong = wrong
        self._ticks = 0

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        self._ticks += self._wrong.get("ticks", 60)
        ok = {"id": request["id"], "ok": True}
        if request["op"] == "version":
            return {**ok, "plugin_version": "0.1.0", "protocol": 1, **VERSION, **self._wrong}
        if request["op"] == "environment":
            return {**ok, **ENVIRONMENT, **self._wrong, "ticks": self._ticks}
        if "sees" in self._wrong or not (self._project.spool / "jobs" / request["job"] / "job.json").is_file():
            return {"id": request["id"], "ok": False, "error": "There is no job in /elsewhere."}
        return {**ok, "state": "waiting"}

    def as_behaviour(self) -> Behaviour:
        return sums_and(plugin(self))


def sums_and(other: Behaviour) -> Behaviour:
    """Answer 1+1, and everything else as `other` does."""

    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        is_sum = command["data"]["command"] == "1+1"
        (answer_result("2") if is_sum else other)(server, connection, command)

    return behave


def test_editors_of_other_projects(installed: Project, group: Endpoint) -> None:
    with Server(group, project_root="/projects/other/", project_name="Other"):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "project"
    assert str(Path("/projects/other")) in finding.detail


@pytest.mark.skipif(os.name == "nt", reason="processes cannot be stopped there")
def test_this_projects_editor_is_blocked_while_another_answers(
    installed: Project, group: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PRESENCE_FRESH_S", 0.1)
    with (
        Server(group, project_root="/projects/other/", project_name="Other"),
        EmbeddedEditor(installed.folder, installed.plugin_folder, group) as editor,
    ):
        os.kill(editor.pid or 0, signal.SIGSTOP)
        try:
            name, finding = broken(examine(installed.file, PATIENCE_S))
        finally:
            os.kill(editor.pid or 0, signal.SIGCONT)
    assert name == "project"
    assert f"process {editor.pid or ''}" in finding.detail and "a dialog blocks it, or it is busy" in finding.detail
    assert "launch" not in finding.fix


def test_this_projects_editor_is_deaf_while_another_answers(installed: Project, group: Endpoint, process: int) -> None:
    presence(installed, process, 0.0)
    with Server(group, project_root="/projects/other/", project_name="Other"):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "project"
    assert "Other.uproject" in finding.detail and "does not hear this program" in finding.detail
    assert "Restart the editor" in finding.fix


def test_an_editor_of_another_project_in_the_same_folder(installed: Project, group: Endpoint) -> None:
    with Server(group, FakePlugin(installed).as_behaviour(), same_folder(installed.folder), "Neighbour"):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "project"
    assert str(installed.folder / "Neighbour.uproject") in finding.detail


def test_two_editors_of_this_project(installed: Project, group: Endpoint) -> None:
    with editor_of(installed), editor_of(installed):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "project"
    assert finding.detail.startswith("2 editors")


@pytest.mark.parametrize(
    ("behaviour", "check", "detail"),
    [
        (lambda p: never_answer, "command", "No answer from the editor"),
        (lambda p: answer_result("3"), "command", "answered 1\\+1 with 3"),
        (lambda p: FakePlugin(p, protocol=7).as_behaviour(), "version", "speaks protocol 7"),
        (lambda p: FakePlugin(p, plugin_version="0.0.9").as_behaviour(), "version", "runs plugin 0.0.9"),
        (lambda p: FakePlugin(p, ticks=0).as_behaviour(), "ticks", "not ticked"),
        (lambda p: FakePlugin(p, sees=False).as_behaviour(), "spool", "does not see.*no job in /elsewhere"),
        (lambda p: FakePlugin(p).as_behaviour(), "spool", "editor.json is not seen"),  # It writes elsewhere.
    ],
)
def test_an_editor_in_which_something_is_wrong(
    installed: Project,
    group: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Callable[[Project], Behaviour],
    check: str,
    detail: str,
) -> None:
    monkeypatch.setattr(editor_checks, "TICKS_S", 0.05)
    with editor_of(installed, behaviour(installed)):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == check
    assert re.search(detail, finding.detail), finding.detail


def test_the_plugin_was_not_loaded(installed: Project, group: Endpoint) -> None:
    trace = "Traceback\nModuleNotFoundError: No module named 'unrealsynth_plugin'"

    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        is_sum = command["data"]["command"] == "1+1"
        answer_result("2" if is_sum else trace, success=is_sum)(server, connection, command)

    with editor_of(installed, behave):
        name, finding = broken(examine(installed.file, PATIENCE_S))
    assert name == "version"
    assert "not loaded" in finding.detail


@pytest.mark.parametrize(
    ("variables", "shaders", "state", "detail"),
    [
        ({"r.CustomDepth": "3"}, "", "ok", "nothing stands in the way"),
        ({"r.CustomDepth": "1"}, "", "warning", "r.CustomDepth is not 3"),
        (
            {"r.CustomDepth": "3", "r.DynamicGlobalIlluminationMethod": "1", "r.GenerateMeshDistanceFields": "0"},
            "PCD3D_SM6",
            "warning",
            "no mesh distance fields",
        ),
    ],
)
def test_the_renderer_is_reported(
    installed: Project,
    group: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    shaders: str,
    state: str,
    detail: str,
) -> None:
    monkeypatch.setattr(editor_checks, "TICKS_S", 0.05)
    if shaders:
        with (installed.folder / ENGINE_INI).open("a", encoding="utf-8") as file:
            section = "[/Script/WindowsTargetPlatform.WindowsTargetSettings]"
            file.write(f"{section}\n-D3D12TargetedShaderFormats=PCD3D_SM5\n+D3D12TargetedShaderFormats={shaders}\n")
    presence(installed, os.getpid(), 0.0)
    before = (installed.folder / ENGINE_INI).read_bytes()
    answers = FakePlugin(installed, console_variables={**variables, "r.RayTracing": ""})
    with editor_of(installed, answers.as_behaviour()):
        diagnosis = examine(installed.file, PATIENCE_S)
    assert diagnosis.is_healthy
    finding = dict(diagnosis.findings)["renderer"]
    assert finding.state == state and detail in finding.detail
    assert finding.facts["r.RayTracing"] == "not in this engine"
    asked = finding.facts["shader model 6"]
    assert asked.startswith("asked for on Windows in" if shaders else "not asked for in")
    assert "project's settings" in asked and "cannot be read back" in asked
    assert (installed.folder / ENGINE_INI).read_bytes() == before
    assert not (installed.spool / "jobs").exists()


def test_a_run_that_begins_meanwhile_keeps_its_job(
    installed: Project, group: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor_checks, "TICKS_S", 0.05)
    presence(installed, os.getpid(), 0.0)
    answers = FakePlugin(installed)
    job = installed.spool / "jobs" / "of-a-run" / "job.json"

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["op"] == "status":
            job.parent.mkdir(exist_ok=True)
            job.write_text("{}", encoding="utf-8")
        return answers(request)

    with editor_of(installed, sums_and(plugin(answer))):
        assert examine(installed.file, PATIENCE_S).is_healthy
    assert list((installed.spool / "jobs").iterdir()) == [job.parent]
    assert job.is_file()


def test_a_slow_editor_is_a_warning(installed: Project, group: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_checks, "TICKS_S", 0.3)
    presence(installed, os.getpid(), 0.0)
    with editor_of(installed, FakePlugin(installed, ticks=1).as_behaviour()):
        diagnosis = examine(installed.file, PATIENCE_S)
    finding = dict(diagnosis.findings)["ticks"]
    assert finding.state == "warning" and "ticks a second" in finding.detail
    assert "all its windows are minimised" in finding.fix


def test_a_whole_chain(installed: Project, group: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_checks, "TICKS_S", 0.2)
    with EmbeddedEditor(installed.folder, installed.plugin_folder, group):
        diagnosis = examine(installed.file, 1.5)
    assert [name for name, _ in diagnosis.findings] == CHAIN
    assert {finding.state for _, finding in diagnosis.findings} <= {"ok", "warning"}
    assert diagnosis.exit_code == 0
    facts = dict(diagnosis.findings)["renderer"].facts
    assert facts["r.GenerateMeshDistanceFields"] == "1"
    assert facts["r.CustomDepth"] == "1"


def test_the_embedded_editors_chain() -> None:
    diagnosis = examine(None)
    assert [name for name, _ in diagnosis.findings] == ["OpenGL", "multicast", "embedded editor"]
    assert diagnosis.is_healthy


def test_no_opengl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere")  # No driver is found.
    if sys.platform != "linux":
        pytest.skip("the driver cannot be hidden")
    diagnosis = examine(None)
    name, finding = diagnosis.findings[-1]
    assert (name, finding.state) == ("OpenGL", "failed")
    assert "OpenGL 3.3" in finding.detail
    assert diagnosis.not_reached == ("multicast", "embedded editor")


def test_as_text_and_as_json() -> None:
    checks = [
        Check("one", lambda: Finding("ok", "Fine.", facts={"a": "b"})),
        Check("second", lambda: Finding("failed", "Bad.", "Mend it")),
        Check("third", lambda: Finding("ok", "Never tried.")),
    ]
    diagnosis = diagnose(checks)
    assert diagnosis.as_text().splitlines() == [
        "ok      one     Fine.",
        "                a = b",
        "failed  second  Bad.",
        "                Fix: Mend it",
        "Not tried: third.",
    ]
    data = json.loads(json.dumps(diagnosis.as_json()))
    assert data["ok"] is False and data["exit_code"] == doctor.EDITOR_CODE
    assert data["checks"][1] == {"check": "second", "state": "failed", "detail": "Bad.", "fix": "Mend it", "facts": {}}
    assert data["not_reached"] == ["third"]


def test_the_command_and_its_exit_code(installed: Project) -> None:
    without_plugin(installed)
    command = [sys.executable, "-c", "from unrealsynth.cli import main; main()", "doctor", "--json"]
    done = subprocess.run(
        [*command, str(installed.file)], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 2
    data = json.loads(done.stdout)
    assert data["exit_code"] == 2 and data["checks"][-1]["check"] == "plugin"


def test_install_mends_what_the_doctor_finds(project: Project) -> None:
    assert examine(project.file, PATIENCE_S).findings[-1][0] == "plugin"
    install(project)
    assert examine(open_project(project.file).file, PATIENCE_S).findings[-1][0] == "editor"
