"""One process a data set: a lock of the operating system, which vanishes with the process that holds it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import IO

from unrealsynth.errors import DataSetError

if sys.platform == "win32":
    import msvcrt

    # Windows forbids others to read what is locked, so a byte far behind the text is.
    _LOCKED_BYTE = 1 << 20

    def _try_lock(file: IO[bytes]) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held from `acquire` to `release`. The file tells others who holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Raises DataSetError, naming the other process, when the lock is taken."""
        while True:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+b")
            try:
                _try_lock(file)
            except OSError as error:
                file.close()
                raise DataSetError(
                    f"{self._path.parent.parent} is being written by {self._holder()}; wait for it, or give another "
                    "folder with --out."
                ) from error
            # Whoever held it may have removed the file meanwhile: then this is a lock on nothing.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), self._path.stat()):
                    break
            file.close()
        file.seek(0)
        file.truncate()
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        file.write(json.dumps(holder).encode())
        file.flush()
        self._file = file

    def release(self) -> None:
        """Lets go; the file stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _holder(self) -> str:
        try:
            holder = json.loads(self._path.read_text(encoding="utf-8"))
            return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
