"""Writes a small data set again and again, each time killed at the next file operation, and reports what it left.

Every run is a forked child that kills itself with SIGKILL when Python is about to open, rename, remove, make or
truncate for the n-th time. For each n one line of JSON goes to the standard output: what lay on disk after the kill,
and after the same work was done again to its end (killed at operation `second` as well, if that is given).

    python crash_points.py FOLDER [SECOND]
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from synthetic_spool import frame_settings, make_header, write_frame

from unrealsynth.dataset.frames import EncodedFrame, process_frame
from unrealsynth.dataset.manifest import Header
from unrealsynth.dataset.writer import DataSet

_OPERATIONS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree"}


def kill_at(n: int) -> None:
    """Kills this process when it is about to do its n-th file operation from now on."""
    left = n

    def hook(event: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if event in _OPERATIONS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def write(folder: Path, header: Header, frames: list[EncodedFrame], die_at: int | None) -> bool:
    """Does the work in a child. True when it came to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if die_at is not None:
                kill_at(die_at)
            with DataSet.open(folder, header) as data_set:
                for frame in frames:
                    if frame.k not in data_set.finished:
                        data_set.add(frame)
                data_set.close(complete=True)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if status != 0:
        raise SystemExit(f"The work failed with status {status} after a kill at {die_at}.")
    return True


def listing(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().hex() for path in found}


def main() -> None:
    base = Path(sys.argv[1])
    second = int(sys.argv[2]) if len(sys.argv) > 2 else None
    header = make_header()
    settings = frame_settings(header, (24, 18))
    spooled = [write_frame(base / "spool", k, (24, 18), fingerprint=header.fingerprint) for k in range(3)]
    frames = [process_frame(folder, settings) for folder in spooled]
    n, ended = 0, False
    while not ended:
        folder = base / f"out {n}"
        ended = write(folder, header, frames, n)
        killed = listing(folder)
        if second is not None:
            write(folder, header, frames, second)
        write(folder, header, frames, None)
        print(json.dumps({"n": n, "ended": ended, "killed": killed, "after": listing(folder)}), flush=True)
        n += 1


if __name__ == "__main__":
    main()
