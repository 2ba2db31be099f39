"""An engine's folder whose `UnrealEditor` is a script that becomes an embedded editor of the project."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from unrealsynth.unreal_project.engines import Engine

_SCRIPT = '''#!{python}
"""UnrealEditor PROJECT [options]: as the real one, it takes its plugin, group and log from there."""
import json, os, re, sys, time
from pathlib import Path
home = Path({home!r})
with (home / "starts.jsonl").open("a", encoding="utf-8") as file:
    file.write(json.dumps([os.getpid(), *sys.argv[1:]]) + chr(10))
project = Path(sys.argv[1])
log = next(argument.partition("=")[2] for argument in sys.argv if argument.startswith("-abslog="))
output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
os.dup2(output, 1), os.dup2(output, 2)
{before}
text = (project.parent / "Config" / "DefaultEngine.ini").read_text(encoding="utf-8")
group = re.search("RemoteExecutionMulticastGroupEndpoint=(.*)", text)[1]
plugin = str(project.parent / "Plugins" / "UnrealSynth")
os.execv(sys.executable, [sys.executable, "-X", "utf8", *{program!r}, str(project.parent), "--plugin", plugin,
    "--group", group])
'''


class EngineOnDisk:
    """An engine. `before` is Python that the editor runs before it becomes one, `program` what it becomes."""

    def __init__(self, root: Path, version: tuple[int, int] = (5, 6)) -> None:
        self.root = root
        self.program = Engine(root).program()
        self.program.parent.mkdir(parents=True)
        build = root / "Engine" / "Build" / "Build.version"
        build.parent.mkdir(parents=True)
        build.write_text(json.dumps({"MajorVersion": version[0], "MinorVersion": version[1]}), encoding="utf-8")
        self.behave()

    def behave(self, before: str = "", program: tuple[str, ...] = ("-m", "unrealsynth.embedded")) -> None:
        script = _SCRIPT.format(python=sys.executable, home=str(self.root), before=before, program=program)
        self.program.write_text(script, encoding="utf-8")
        self.program.chmod(0o755)

    @property
    def starts(self) -> list[list[object]]:
        """Process number and arguments of each start."""
        with suppress(FileNotFoundError):
            lines = (self.root / "starts.jsonl").read_text(encoding="utf-8").splitlines()
            return [json.loads(line) for line in lines]
        return []

    def end_all(self) -> None:
        for pid, *_ in self.starts:
            with suppress(ProcessLookupError):
                os.kill(int(str(pid)), signal.SIGKILL)
