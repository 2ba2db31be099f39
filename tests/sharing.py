"""Windows' sharing violations, made to happen: a virus scanner has every file open for a moment."""

from __future__ import annotations

import os
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from unrealsynth import files

CALLS = ("replace", "rename", "unlink", "rmdir")
SHARING_VIOLATION = 32


def violations(
    monkeypatch: pytest.MonkeyPatch, tries: int = 2, ending: str | tuple[str, ...] = ""
) -> Counter[tuple[str, str]]:
    """Has the first `tries` of replacing or deleting each path fail, of those with such an ending.

    What failed is counted in the result, by the name of the call and the path.
    """
    failed: Counter[tuple[str, str]] = Counter()

    def guarded(name: str) -> Any:
        call = getattr(os, name)

        def attempt(path: Any, *arguments: Any, **keywords: Any) -> Any:
            # Of a file that is replaced, the target is what somebody has open.
            what = name, os.fspath(arguments[0] if arguments else path)
            if (
                what[1].endswith(ending)
                and failed[what] < tries
                and os.path.lexists(path if "dir_fd" not in keywords else "/")
            ):
                failed[what] += 1
                error = PermissionError(13, "The process cannot access the file", str(path))
                error.winerror = SHARING_VIOLATION  # type: ignore[attr-defined,unused-ignore]
                raise error
            return call(path, *arguments, **keywords)

        return attempt

    for name in CALLS:
        monkeypatch.setattr(os, name, guarded(name))
    # There alone: pathlib would take itself to be on Windows.
    monkeypatch.setattr(files, "os", SimpleNamespace(name="nt", fsync=os.fsync))
    return failed
