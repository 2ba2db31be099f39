"""Which editors are there: everyone in the multicast group who answers a ping.

An editor answers once a frame and not at all while it is busy, so silence does not mean that there is none.
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from unrealsynth.editors.messages import configuration, is_for, upyre
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint, MulticastSocket
from unrealsynth.errors import EditorLostError, EditorTimeoutError

_PING_INTERVALS_S = (0.05, 1.0)
"""First and longest time between two pings: a starting editor is seen soon, a busy one not buried under pings."""
SLICE_S = 0.2
"""Blocking calls are cut into slices this long, so that Ctrl-C works on Windows and a dead process is noticed."""
_PROJECT_SUFFIX = ".uproject"


def always() -> bool:
    """The liveness of an editor whose process is not known: nothing speaks against it."""
    return True


@dataclass(frozen=True)
class EditorInfo:
    """What an editor says about itself."""

    node_id: str
    project_root: Path
    project_name: str
    engine_version: str
    user: str
    machine: str

    @property
    def is_embedded(self) -> bool:
        return "UnrealSynth-Embedded" in self.engine_version

    @property
    def project_file(self) -> Path:
        """The `.uproject` file of the project that is open."""
        return self.project_root / f"{self.project_name}{_PROJECT_SUFFIX}"

    @property
    def opened(self) -> str:
        """What is open in it, for a message."""
        return str(self.project_file) if self.project_name else "no project"

    def belongs_to(self, project: Path) -> bool:
        """Whether this is the editor of that `.uproject` file, or of the project in that folder."""
        if not self.project_name:  # None is open.
            return False
        folder = project
        if project.suffix.lower() == _PROJECT_SUFFIX:
            # Several projects may lie in one folder.
            if _comparable_name(project.stem) != _comparable_name(self.project_name):
                return False
            folder = project.parent
        try:
            return self.project_root.samefile(folder)
        except OSError:
            return _comparable(self.project_root) == _comparable(folder)


def discover(group: Endpoint = DEFAULT_GROUP, timeout_s: float = 2.0) -> list[EditorInfo]:
    """All editors that answer within the time, by project. Raises EditorError if the group cannot be joined."""
    found = {info.node_id: info for info in _answers(group, timeout_s, always)}
    return sorted(found.values(), key=lambda info: (str(info.project_root), info.node_id))


def find(
    project: Path,
    group: Endpoint = DEFAULT_GROUP,
    timeout_s: float = 10.0,
    alive: Callable[[], bool] = always,
    node_id: str | None = None,
) -> EditorInfo:
    """The editor of a project's file or folder, as soon as it answers; with `node_id`, that very one.

    Raises EditorLostError when `alive` says that its process has ended, EditorTimeoutError when the time is up.
    """
    others = set()
    for info in _answers(group, timeout_s, alive):
        if info.belongs_to(project) and node_id in (None, info.node_id):
            return info
        others.add(info.opened)
    if not alive():
        raise EditorLostError(f"The editor of {project} has ended.")
    heard = f"Those that answered have {', '.join(sorted(others))} open." if others else "No other editor answered."
    raise EditorTimeoutError(
        f"The editor of {project} did not answer within {timeout_s:g} s. {heard} "
        "Is the project open, and is 'Enable Remote Execution' on in its Python settings?"
    )


def _answers(group: Endpoint, timeout_s: float, alive: Callable[[], bool]) -> Iterator[EditorInfo]:
    config = configuration(group)
    ping = upyre().PingMessage(config).to_data()
    deadline = time.monotonic() + timeout_s
    next_ping, interval_s = 0.0, _PING_INTERVALS_S[0]
    with MulticastSocket(group) as multicast:
        while (now := time.monotonic()) < deadline and alive():
            if now >= next_ping:
                multicast.send(ping)
                next_ping = now + interval_s
                interval_s = min(1.3 * interval_s, _PING_INTERVALS_S[1])
            for message in multicast.receive(min(deadline, next_ping, now + SLICE_S)):
                if is_for(message, config.LOCAL_UUID, "pong"):
                    yield _info(message["source"], message["data"])


def _info(node_id: str, data: dict[str, object]) -> EditorInfo:
    def text(key: str) -> str:
        return str(data.get(key, ""))

    return EditorInfo(
        node_id=node_id,
        project_root=Path(text("project_root")),
        project_name=text("project_name"),
        engine_version=text("engine_version"),
        user=text("user"),
        machine=text("machine"),
    )


def _comparable(folder: Path) -> str:
    return os.path.normcase(os.path.realpath(folder))


def _comparable_name(name: str) -> str:
    # Who starts an editor may spell the file's name as the file system takes it: letter case, and accents on macOS.
    return unicodedata.normalize("NFC", name).casefold()
