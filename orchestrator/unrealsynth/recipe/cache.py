"""A folder of things that take long to make, shared by all runs of this user.

Losing it costs time only: what cannot be read, or does not have the hash its name promises, is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from unrealsynth.files import patiently

FOLDER_VARIABLE = "UNREALSYNTH_CACHE"
"""Environment variable that names another folder."""
_DIGEST_BYTES = 32


def cache_folder() -> Path:
    """Where this system keeps a user's caches."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "unrealsynth" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "unrealsynth"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "unrealsynth"


class Cache:
    """Records by a key that names all they depend on, and blobs by their hash. Safe to share between processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def record(self, key: str) -> bytes | None:
        """What was stored under `key`, or None when it is missing or damaged."""
        data = _read(self._record_path(key))
        if data is None or hashlib.sha256(data[_DIGEST_BYTES:]).digest() != data[:_DIGEST_BYTES]:
            return None
        return data[_DIGEST_BYTES:]

    def put_record(self, key: str, content: bytes) -> None:
        _write(self._record_path(key), hashlib.sha256(content).digest() + content)

    def blob(self, sha256: str) -> Path | None:
        """The file with this hash, or None when it is missing or damaged."""
        path = self._folder / "blobs" / sha256
        data = _read(path)
        return path if data is not None and hashlib.sha256(data).hexdigest() == sha256 else None

    def put_blob(self, content: bytes) -> Path | None:
        """Keeps `content` and gives its file, or None when the cache cannot be written."""
        path = self._folder / "blobs" / hashlib.sha256(content).hexdigest()
        return path if _write(path, content) else None

    def _record_path(self, key: str) -> Path:
        return self._folder / "records" / hashlib.sha256(key.encode()).hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(target: Path, content: bytes) -> bool:
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            patiently(lambda: fresh.replace(target))
            return True
        finally:
            patiently(lambda: fresh.unlink(missing_ok=True))
    return False
