"""Files that are there whole or not at all, on every system and on a full disk."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from unrealsynth.errors import DataSetError

_T = TypeVar("_T")
_SHARING_PATIENCE_S = 2.0
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}


def write_atomically(path: Path, data: bytes, temporary_folder: Path) -> None:
    """Puts `data` at `path`; a crash leaves the old file or the new one. Raises DataSetError.

    `temporary_folder` lies on the same disk. The data reach the disk before the name does.
    """
    temporary = temporary_folder / path.name
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: temporary.replace(path))
    except OSError as error:
        with contextlib.suppress(OSError):
            patiently(temporary.unlink)
        raise write_error(path, error) from error


def patiently(action: Callable[[], _T]) -> _T:
    """Does `action`, again while Windows reports that a virus scanner or a viewer has the file open."""
    give_up = time.monotonic() + _SHARING_PATIENCE_S
    wait_s = 0.005
    while True:
        try:
            return action()
        except PermissionError:
            if os.name != "nt" or time.monotonic() > give_up:
                raise
            time.sleep(wait_s)
            wait_s *= 2


def remove_folder(folder: Path) -> None:
    """Deletes a folder that may not be there, as far as the system lets go of it."""
    with contextlib.suppress(OSError):
        patiently(lambda: shutil.rmtree(folder))
    # What lies behind the file that somebody has open.
    shutil.rmtree(folder, ignore_errors=True)


def write_error(path: Path, error: OSError) -> DataSetError:
    """What went wrong while writing `path`, as a sentence."""
    if error.errno in _FULL:
        return DataSetError(
            f"The disk is full: {path} could not be written. Every frame finished before it is safe; make room and "
            "give the same command again to go on."
        )
    return DataSetError(f"{path} could not be written: {error.strerror or error}.")
