"""Signs that an editor has a project open: what its plugin wrote, and a process."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from unrealsynth.unreal_project.project import Project
from unrealsynth_plugin.core.spool_files import EDITORS, PRESENCE


def presence(project: Project, pid: int, age_s: float, ticks: int = 9) -> Path:
    """What the plugin in one editor wrote; its folder."""
    facts = {"state": "running", "pid": pid, "time_s": time.time() - age_s, "ticks": ticks, "plugin_version": "0.1.0"}
    folder = project.spool / EDITORS / str(uuid.uuid4())
    folder.mkdir(parents=True)
    (folder / PRESENCE).write_text(json.dumps(facts), encoding="utf-8")
    return folder


@contextmanager
def unreal_editor(*arguments: str, program: Sequence[str] = ("/opt/UE 5.6/UnrealEditor",)) -> Iterator[int]:
    """A process that the system lists as an Unreal Editor with these arguments; its number. Not on Windows."""
    command = [*program, "-c", "read wait", *arguments]
    with subprocess.Popen(command, executable="/bin/sh", stdin=subprocess.PIPE) as child:
        yield child.pid
        child.kill()
