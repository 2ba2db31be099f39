"""The folder that an editor has for itself in the spool: several may have one project open.

`editors/<id>/lock` is locked by the operating system for as long as the editor's process lives, however that ends. An
editor whose lock can be taken is gone, and what it left is put back and removed by another one.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from unrealsynth_plugin.core.contract import PRESENCE_FRESH_S
from unrealsynth_plugin.core.spool_files import EDITORS, PRESENCE
from unrealsynth_plugin.journal import Journal

_LOCK = "lock"
_TRIES = 10
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)
"""What the systems say of a lock that another process holds; anything else says that there are no locks here."""

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        # Not lockf: its locks fall when the process closes the file anywhere else, and do not bar itself.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Residence:
    """The editor's own folder, with its journal, until it leaves. What cannot be written there, others will tell."""

    def __init__(self, spool_root: Path) -> None:
        self._editors = spool_root / EDITORS
        self.folder, self._file = _move_in(self._editors)
        self.journal = Journal(self.folder)

    def deserted(self) -> Iterator[Journal]:
        """The journals of editors that are gone, the latest first, as one undoes; each with its folder to itself.

        A folder is removed when its journal was dealt with.
        """
        others = [Journal(folder) for folder in _folders(self._editors) if folder != self.folder]
        for journal in sorted(others, key=Journal.written_s, reverse=True):
            with _entered(journal.folder) as is_deserted:
                if is_deserted:
                    yield journal
                    _remove(journal.folder)
            if is_deserted:
                # Windows removes no open file.
                _remove(journal.folder)

    def leave(self) -> None:
        """The editor is about to end. Its folder goes with it, unless something is still to be put back."""
        is_clear = not self.journal.notes()
        if is_clear:
            _remove(self.folder)
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if is_clear:
            _remove(self.folder)


def _move_in(editors: Path) -> Tuple[Path, Optional[int]]:
    """A new folder, and its lock file, open and locked. None without one: the disk is full, or cannot lock."""
    for _ in range(_TRIES):
        folder = editors / f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        try:
            folder.mkdir(parents=True)
            file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        except FileNotFoundError:
            # Removed by an editor that came upon it before it was locked.
            continue
        except OSError:
            break
        locked = _try_lock(file)
        if locked is None:
            os.close(file)
            break
        if locked and (folder / _LOCK).exists():
            return folder, file
        os.close(file)
    return folder, None


@contextlib.contextmanager
def _entered(folder: Path) -> Iterator[bool]:
    """Whether the folder's editor is gone. If so, nobody else enters meanwhile where files can be locked."""
    try:
        file = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        file = None
    except OSError:
        # Of another user of this machine, for instance.
        yield False
        return
    try:
        locked = None if file is None else _try_lock(file)
        yield not _wrote_lately(folder) if locked is None else locked
    finally:
        if file is not None:
            os.close(file)


def _try_lock(file: int) -> Optional[bool]:
    """Whether the lock is ours now, until the file is closed; None where files cannot be locked."""
    try:
        _lock(file)
    except OSError as error:
        return False if error.errno in _TAKEN else None
    return True


def _wrote_lately(folder: Path) -> bool:
    """Whether an editor is alive, as far as can be told where nothing can be locked."""
    try:
        data = json.loads((folder / PRESENCE).read_text(encoding="utf-8"))
        return bool(data["state"] == "running" and abs(time.time() - data["time_s"]) < PRESENCE_FRESH_S)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _folders(editors: Path) -> List[Path]:
    try:
        return [path for path in editors.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []


def _remove(folder: Path) -> None:
    """Removes the folder, its lock last, as far as the system lets go of it: the rest is for whoever comes next."""
    with contextlib.suppress(OSError):
        for file in sorted(folder.iterdir(), key=lambda file: file.name == _LOCK):
            file.unlink(missing_ok=True)
        folder.rmdir()
