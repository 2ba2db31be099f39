"""Where the parts of a JSON text lie, so that a value can be changed without writing the rest anew."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class Part:
    """A member of an object or an element of an array: `text[start:end]`, a member's key included."""

    key: str
    value: Any
    start: int
    value_start: int
    end: int


@dataclass(frozen=True)
class Container:
    """An object or an array and its parts; `text[opening]` is its bracket, `text[closing]` the other."""

    opening: int
    closing: int
    parts: tuple[Part, ...]

    def last(self, key: str) -> Part | None:
        """The member of that name, the last if there are several, as Unreal reads it."""
        return next((part for part in reversed(self.parts) if part.key == key), None)

    def count(self, key: str) -> int:
        return sum(part.key == key for part in self.parts)


def container(text: str, at: int = 0) -> Container:
    """The object or array that begins at `at`, or after white space there. Raises ValueError if there is none."""
    opening = _skip(text, at)
    is_object = text[opening : opening + 1] == "{"
    if not is_object and text[opening : opening + 1] != "[":
        raise ValueError("no object or array")
    closer = "}" if is_object else "]"
    parts: list[Part] = []
    at = _skip(text, opening + 1)
    while text[at] != closer:
        start = value_start = at
        key = ""
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            value_start = _skip(text, _skip(text, at) + 1)
        value, end = _DECODER.raw_decode(text, value_start)
        parts.append(Part(key, value, start, value_start, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return Container(opening, at, tuple(parts))


def insert_last(text: str, target: Container, part: str, opening_space: str = "", closing_space: str = "") -> str:
    """The text with `part` after the last part and spaced like it; in an empty container between the two spaces."""
    if not target.parts:
        return text[: target.opening + 1] + opening_space + part + closing_space + text[target.closing :]
    end = target.parts[-1].end
    return text[:end] + "," + space_before(text, target) + part + text[end:]


def remove(text: str, target: Container, index: int, empty: str) -> str:
    """The text without a part and its comma; `empty` is what an empty container holds."""
    parts = target.parts
    if len(parts) == 1:
        return text[: target.opening + 1] + empty + text[target.closing :]
    if index:
        return text[: parts[index - 1].end] + text[parts[index].end :]
    return text[: parts[0].start] + text[parts[1].start :]


def inner(text: str, target: Container) -> str:
    """All between the brackets."""
    return text[target.opening + 1 : target.closing]


def space_before(text: str, target: Container) -> str:
    """The white space before the last part: a line end and indentation, or a blank, or nothing."""
    start = target.parts[-1].start
    found = re.search(r"[ \t\r\n]*$", text[:start])
    return found.group() if found else ""


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
