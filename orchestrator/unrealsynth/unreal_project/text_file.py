"""A project's text file as bytes that are kept: encoding, byte order mark and line ends are those it was found with.

What cannot be turned into text and back without loss is never edited.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shutil
import stat
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from unrealsynth.errors import ProjectError
from unrealsynth.files import patiently

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Unreal ends a line at these only; str.splitlines knows ten more.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True)
class TextFile:
    """A file's text without its byte order mark, and how to turn it into bytes again."""

    text: str = ""
    encoding: str = "utf-8"
    mark: bytes = b""

    def encode(self) -> bytes:
        return self.mark + self.text.encode(self.encoding, _errors(self.encoding))

    def with_text(self, text: str) -> TextFile:
        return replace(self, text=text)


def decode(data: bytes, path: Path) -> TextFile:
    """The text of a file. Raises ProjectError for bytes that would not come back the same."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    body = data[len(mark) :]
    if b"\0" in body and encoding == "utf-8":
        raise ProjectError(
            f"{path} cannot be edited safely: it holds NUL bytes and does not begin as UTF-16 does. "
            "Open it in a text editor, save it as UTF-8 and try again."
        )
    try:
        file = TextFile(body.decode(encoding, _errors(encoding)), encoding, mark)
        intact = file.encode() == data
    except UnicodeError:
        intact = False
    if not intact:
        raise ProjectError(
            f"{path} cannot be edited safely: it begins as UTF-16 does, but is not. "
            "Open it in a text editor, save it as UTF-8 and try again."
        )
    return file


def _errors(encoding: str) -> str:
    # Letters of an older encoding are carried through as bytes; our own lines are ASCII.
    return "surrogateescape" if encoding == "utf-8" else "strict"


def split_lines(text: str) -> list[str]:
    """The lines with their ends; the last one may have none."""
    return _LINE.findall(text)


def line_end(line: str) -> str:
    """`\\r\\n`, `\\n`, `\\r` or nothing."""
    return line[len(line.rstrip("\r\n")) :]


def usual_line_end(text: str) -> str:
    """The line end of the first line, the system's own in a file without any."""
    first = _LINE.match(text)
    return (line_end(first.group()) if first else "") or os.linesep


def read(path: Path) -> bytes | None:
    """The bytes of a file, None if there is none. Raises ProjectError."""
    try:
        return patiently(path.read_bytes)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror or error}.") from error


def require_writable(path: Path) -> None:
    """Raises ProjectError for a file with the read-only mark, as source control sets it."""
    with contextlib.suppress(FileNotFoundError):
        if not path.stat().st_mode & stat.S_IWUSR:
            raise ProjectError(
                f"{path} is read-only. Check it out of your source control, or make it writable, and try again."
            )


def write(path: Path, data: bytes) -> None:
    """Puts `data` at `path`, all or nothing, with the permissions that were there. Raises ProjectError."""
    target = path.resolve()  # A link stays a link.
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        patiently(lambda: temporary.replace(target))
    except OSError as error:
        with contextlib.suppress(OSError):
            patiently(temporary.unlink)
        raise ProjectError(f"{path} could not be written: {error.strerror or error}.") from error
