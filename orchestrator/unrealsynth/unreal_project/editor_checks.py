"""The doctor's checks of what is alive: addresses, multicast, the editor, its plugin, its renderer."""

from __future__ import annotations

import contextlib
import platform
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from unrealsynth.editors.client import EditorClient, Environment
from unrealsynth.editors.discovery import EditorInfo, discover
from unrealsynth.editors.multicast import DEFAULT_BIND_ADDRESS, DEFAULT_GROUP, Endpoint
from unrealsynth.editors.process import EmbeddedEditor, renderer_info
from unrealsynth.errors import EditorError
from unrealsynth.files import patiently, remove_folder
from unrealsynth.unreal_project import ini, network, running
from unrealsynth.unreal_project.doctor import Check, Finding
from unrealsynth.unreal_project.project_checks import ProjectChecks
from unrealsynth.unreal_project.settings import BIND_ADDRESS, ENGINE_INI
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.spool_files import EDITORS, JOB, JOBS, PRESENCE

_THROTTLED_HZ = 10.0
TICKS_S = 1.0
_DIALOG_FIX = (
    "Look at the editor's window: answer the dialog that is open, or wait until it has loaded, imported or compiled"
)
_SHADER_FORMATS = (
    ("Windows", "/Script/WindowsTargetPlatform.WindowsTargetSettings", "D3D12TargetedShaderFormats"),
    ("Linux", "/Script/LinuxTargetPlatform.LinuxTargetSettings", "TargetedRHIs"),
    ("macOS", "/Script/MacTargetPlatform.MacTargetSettings", "TargetedRHIs"),
)


class EditorChecks:
    """The checks of a project's editor; a context manager that hangs up at the end."""

    def __init__(self, files: ProjectChecks, patience_s: float) -> None:
        self._files = files
        self._patience_s = patience_s
        self._found: Sequence[EditorInfo] = ()
        self._client: EditorClient | None = None
        self._environment: Environment | None = None
        self._saved_dir = Path()

    def __enter__(self) -> EditorChecks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def checks(self) -> list[Check]:
        return [
            Check("addresses", self.addresses, 2),
            Check("multicast", self.multicast),
            Check("editor", self.editor),
            Check("project", self.project),
            Check("command", self.command, fix=_DIALOG_FIX),
            Check("version", self.version, fix=f"Run: {self._files.install_command}, then restart the editor"),
            Check("ticks", self.ticks, fix=_DIALOG_FIX),
            Check("spool", self.spool),
            Check("renderer", self.renderer),
        ]

    @property
    def client(self) -> EditorClient:
        if self._client is None:
            raise EditorError("No editor was found.")
        return self._client

    def addresses(self) -> Finding:
        project = self._files.project
        group = project.group()
        problem = network.port_problem(group)
        if problem is not None:
            return Finding(
                "failed", problem, f"End the program that holds UDP port {group[1]} for itself, then try again"
            )
        address = project.python_setting(BIND_ADDRESS) or DEFAULT_BIND_ADDRESS
        facts = {"group": f"{group[0]}:{group[1]}", "bind address": address}
        exposed = network.exposure(project)
        if exposed is not None:
            return Finding("warning", exposed, facts=facts)
        return Finding("ok", "remote execution keeps its messages on this machine", facts=facts)

    def multicast(self) -> Finding:
        project = self._files.project
        address = project.python_setting(BIND_ADDRESS) or DEFAULT_BIND_ADDRESS
        return _multicast(project.group(), address)

    def editor(self) -> Finding:
        project = self._files.project
        self._found = discover(project.group(), min(3.0, self._patience_s))
        if self._found:
            return Finding("ok", f"{len(self._found)} answer" + ("s" if len(self._found) == 1 else ""))
        return self._silent("No editor answers")

    def _silent(self, heard: str) -> Finding:
        """Why no answer is that of the project's editor."""
        project = self._files.project
        editor = running.running_editor(project)
        if editor is None:
            return Finding(
                "failed",
                f"{heard}, and none is known to have this project open.",
                f'Open the project, or run: unrealsynth launch "{project.file}"',
            )
        runs = f"{heard}. The editor of this project runs (process {editor.pid})"
        if editor.is_ticking:
            return Finding(
                "failed",
                f"{runs} and goes on ticking, but does not hear this program: its remote execution is off, or listens "
                f"elsewhere than {ENGINE_INI} says now.",
                "Restart the editor, for it reads these settings when it starts. If that does not help, let UDP on "
                f"port {project.group()[1]} through the firewall and leave the VPN.",
            )
        starts = "Wait for it; if it is ready for work, look for UnrealSynth in its Output Log"
        return Finding("failed", f"{runs}, but {editor.state}.", starts if editor.presence is None else _DIALOG_FIX)

    def project(self) -> Finding:
        project = self._files.project
        meant = [info for info in self._found if info.belongs_to(project.file)]
        if not meant:
            return self._silent(f"Who answers has {', '.join(info.opened for info in self._found)} open")
        self._client = EditorClient(meant[0], project.group())
        if len(meant) > 1:
            return Finding(
                "failed",
                f"{len(meant)} editors have this project open; a run cannot know which one is meant.",
                "Close all but one",
            )
        return Finding("ok", f"{meant[0].project_name}, engine {meant[0].engine_version}")

    def command(self) -> Finding:
        started = time.monotonic()
        result = self.client.evaluate("1+1", self._patience_s)
        if result != "2":
            return Finding("failed", f"The editor answered 1+1 with {result[:80]}.", "Restart the editor")
        return Finding("ok", f"answered after {1000 * (time.monotonic() - started):.0f} ms")

    def version(self) -> Finding:
        version = self.client.version(self._patience_s)
        self._saved_dir = version.saved_dir
        if version.plugin_version != VERSION:
            return Finding(
                "failed",
                f"The editor runs plugin {version.plugin_version}, this program is {VERSION}.",
                "Restart the editor: it has loaded an older plugin than the one on disk",
            )
        return Finding("ok", f"plugin {version.plugin_version}, Python {version.python_version}")

    def ticks(self) -> Finding:
        before = self.client.environment(self._patience_s)
        started = time.monotonic()
        time.sleep(TICKS_S)
        self._environment = self.client.environment(self._patience_s)
        rate_hz = (self._environment.ticks - before.ticks) / (time.monotonic() - started)
        if rate_hz == 0:
            return Finding("failed", "The editor takes commands, but the plugin is not ticked.", _DIALOG_FIX)
        if rate_hz < _THROTTLED_HZ:
            return Finding(
                "warning",
                f"Only {rate_hz:.1f} ticks a second: the editor is busy, or slows down behind other windows.",
                f"Run: {self._files.install_command}, then restart the editor. While all its windows are minimised it "
                "slows down whatever its settings: leave one open, behind others if you like",
            )
        return Finding("ok", f"{rate_hz:.0f} ticks a second")

    def spool(self) -> Finding:
        project = self._files.project
        theirs = self.client.info.machine
        probe = f"doctor-{uuid.uuid4().hex[:12]}"
        folder = project.spool / JOBS / probe
        was_there = folder.parent.exists()
        fix = "Run this program and the editor on one machine, with the project in a folder that both can write to"
        try:
            folder.mkdir(parents=True)
            (folder / JOB).write_text("{}", encoding="utf-8")
            # Asking for a job's state reads its folder and starts nothing.
            self.client.status(probe, self._patience_s)
        except OSError as error:
            return Finding("failed", f"{folder} cannot be written: {error}.", fix)
        except EditorError as error:
            return Finding(
                "failed",
                f"The editor on {theirs or 'its machine'} does not see what is written to {project.spool} on "
                f"{platform.node()}; its own folder is {self._saved_dir}. {error}",
                fix,
            )
        finally:
            remove_folder(folder)
            if not was_there:
                with contextlib.suppress(OSError):  # A run may have begun meanwhile.
                    patiently(folder.parent.rmdir)
        # What another editor wrote proves nothing; its own file tells of no more ticks than it answers afterwards.
        fresh = [presence for presence in running.presences(project) if presence.is_fresh]
        ticks = self.client.environment(self._patience_s).ticks
        if not any(presence.ticks <= ticks for presence in fresh):
            file = project.spool / EDITORS / "*" / PRESENCE
            return Finding("failed", f"The editor's file {file} is not seen from here.", fix)
        return Finding("ok", f"{project.spool} is seen from both sides")

    def renderer(self) -> Finding:
        environment = self._environment
        if environment is None:
            raise EditorError("The editor's console variables were not read.")
        read = environment.console_variables
        text = self._files.project.ini_text(ENGINE_INI)
        asking = [
            system
            for system, section, key in _SHADER_FORMATS
            if any("SM6" in value for value in ini.values_of(text, section, key))
        ]
        facts = {name: value or "not in this engine" for name, value in read.items()}
        asked = f"asked for on {' and '.join(asking)}" if asking else "not asked for"
        facts["shader model 6"] = f"{asked} in the project's settings; what the editor uses cannot be read back"
        remarks = []
        if read.get("r.DynamicGlobalIlluminationMethod") == "1" and read.get("r.GenerateMeshDistanceFields") == "0":
            remarks.append("Lumen has no mesh distance fields to trace without hardware ray tracing")
        if read.get("r.CustomDepth") != "3":
            remarks.append("r.CustomDepth is not 3 in this session; each job sets it for its own time")
        note = "; ".join(remarks) or "nothing stands in the way"
        return Finding("warning" if remarks else "ok", f"{note}. Reported only, never changed.", facts=facts)


def embedded_checks() -> list[Check]:
    """The chain of the embedded editor."""

    def opengl() -> Finding:
        return Finding("ok", renderer_info())

    def multicast() -> Finding:
        return _multicast(DEFAULT_GROUP, DEFAULT_BIND_ADDRESS)

    def start() -> Finding:
        with tempfile.TemporaryDirectory(prefix="unrealsynth-", ignore_cleanup_errors=True) as folder:
            started = time.monotonic()
            with EmbeddedEditor(Path(folder) / "editor") as editor:
                version = editor.client.version()
                if version.plugin_version != VERSION:
                    return Finding("failed", f"It runs plugin {version.plugin_version}, this is {VERSION}.")
                return Finding("ok", f"{version.engine_version}, ready after {time.monotonic() - started:.1f} s")

    return [
        Check("OpenGL", opengl, fix="Install a graphics driver, or Mesa's software renderer"),
        Check("multicast", multicast),
        Check("embedded editor", start, fix="Read what its log says above"),
    ]


def _multicast(group: Endpoint, address: str) -> Finding:
    try:
        heard = network.hears_itself(group)
        problem = f"What is sent to {group[0]}:{group[1]} does not arrive on this machine."
    except EditorError as error:
        heard, problem = False, str(error)
    if not heard:
        return Finding(
            "failed", problem, "Let UDP multicast through on the loopback interface: firewall, VPN, container"
        )
    if not network.reaches_editor_at(group, address):
        return Finding(
            "warning",
            f"Messages arrive on the loopback interface, but a socket opened at {address} as Unreal opens its own is "
            "not reached.",
            "If no editor answers, connect a network or leave the VPN, and let UDP multicast through the firewall",
        )
    return Finding("ok", f"{group[0]}:{group[1]} is heard, also at {address}")
