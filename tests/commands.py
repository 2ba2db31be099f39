"""The command line as a user runs it: in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

COMMAND = (sys.executable, "-m", "unrealsynth")
PATIENCE_S = 60.0


def run_command(*arguments: str | Path, cwd: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        _line(arguments), cwd=cwd, capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE_S, **options
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one object that a command with --json prints."""
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@contextlib.contextmanager
def running(*arguments: str | Path, cwd: Path | None = None, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A command under way; it and its children are gone afterwards."""
    with subprocess.Popen(
        _line(arguments),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=_hear_interrupts if os.name == "posix" else None,
        **options,
    ) as process:
        try:
            yield process
        finally:
            children = children_of(process)
            process.kill()
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()


def children_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """What a command has started and is still there."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def eventually(condition: Callable[[], object], within_s: float = 30.0) -> bool:
    """Whether the condition comes true in time."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.005)
    return False


def _line(arguments: Sequence[str | Path]) -> list[str]:
    return [*COMMAND, *map(str, arguments)]


def _hear_interrupts() -> None:
    # A test run in the background hands down that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
