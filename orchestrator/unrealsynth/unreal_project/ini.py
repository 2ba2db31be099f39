"""Unreal's ini files: what a key is set to, and the smallest edit that sets it, with all it takes to undo that.

Sections may be split over the file and are merged, names are blind to case, a later `key=value` replaces an earlier
one, and the signs + - . ! @ * before a key make it a list. Nothing but the lines named by an edit is ever touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unrealsynth.unreal_project.text_file import line_end, split_lines, usual_line_end

_ENTRY = re.compile(r"[ \t]*(?P<sign>[+\-.!@*]?)(?P<key>[^=;\[ \t][^=]*?)[ \t]*=[ \t]*(?P<value>.*?)[ \t]*")
_CLEAR = "ClearArray"
_BLANK = " \t"


@dataclass(frozen=True)
class IniEdit:
    """One line that was written. `take_back` needs nothing else."""

    section: str
    line: str
    """The line as written, without its end."""
    replaced: str | None = None
    """What stood there before; None for a line that was added."""
    opened: bool = False
    """The header of the section was added with it."""
    blank: bool = False
    """An empty line was added before it, or before the header."""
    ended: bool = False
    """The line before lacked its end and was given one."""


@dataclass(frozen=True)
class _Entry:
    index: int
    sign: str
    value: str
    value_span: tuple[int, int]
    continued: bool


def value_of(text: str, section: str, key: str) -> str | None:
    """What a file sets a key to, without quotes; None if nothing. Of a list, its last element."""
    value: str | None = None
    for entry in _entries(split_lines(text), section, key):
        if entry.sign == "!":
            value = None
        elif entry.sign != "-":
            value = entry.value
        elif value == entry.value:
            value = None
    return value


def values_of(text: str, section: str, key: str) -> tuple[str, ...]:
    """All elements that a file gives a list, removed ones left out."""
    values: list[str] = []
    for entry in _entries(split_lines(text), section, key):
        if entry.sign in ("!", ""):
            values.clear()
        if entry.sign == "-":
            values = [value for value in values if value != entry.value]
        elif entry.sign != "!":
            values.append(entry.value)
    return tuple(values)


def pairs_of(text: str, section: str) -> tuple[tuple[str, str], ...]:
    """Every plain `key=value` of a section."""
    lines = split_lines(text)
    found = (_ENTRY.fullmatch(lines[index].rstrip("\r\n")) for index in _within(lines, section))
    return tuple((match["key"], match["value"]) for match in found if match and not match["sign"])


def set_value(text: str, section: str, key: str, value: str) -> tuple[str, tuple[IniEdit, ...]]:
    """The text with `key=value` as the last word on that key, and the edits made, in order."""
    lines = split_lines(text)
    entries = list(_entries(lines, section, key))
    if not entries:
        return _add(text, section, f"{key}={value}")
    last = entries[-1]
    if not last.continued and not last.sign:
        if last.value == value:
            return text, ()
        line = lines[last.index]
        start, end = last.value_span
        written = line[:start] + value + line[end:].rstrip("\r\n")
        edit = IniEdit(section, written, replaced=line.rstrip("\r\n"))
        lines[last.index] = written + line_end(line)
        return "".join(lines), (edit,)
    cleared: tuple[IniEdit, ...] = ()
    if any(entry.sign for entry in entries):
        text, cleared = _add(text, section, f"!{key}={_CLEAR}")
    text, added = _add(text, section, f"{key}={value}")
    return text, (*cleared, *added)


def take_back(text: str, edit: IniEdit) -> str | None:
    """The text without an edit; None if its line is no longer there. Edits are taken back last one first."""
    lines = split_lines(text)
    index = next((i for i in reversed(_within(lines, edit.section)) if lines[i].rstrip("\r\n") == edit.line), None)
    if index is None:
        emptied = edit.opened and _remove_empty_section(lines, edit)
        return "".join(lines) if emptied else None
    if edit.replaced is not None:
        lines[index] = edit.replaced + line_end(lines[index])
        return "".join(lines)
    was_last = index == len(lines) - 1
    del lines[index]
    if edit.opened:
        was_last = _remove_empty_section(lines, edit) and was_last
    elif edit.blank and index and not lines[index - 1].strip():
        del lines[index - 1]
    if edit.ended and was_last and lines:
        lines[-1] = lines[-1].rstrip("\r\n")
    return "".join(lines)


def _add(text: str, section: str, line: str) -> tuple[str, tuple[IniEdit, ...]]:
    """Adds a line at the end of the last part of a section, or in a new section at the end of the file."""
    lines = split_lines(text)
    headers = [i for i, name in _headers(lines) if name == section.lower()]
    opened = not headers
    at = len(lines) if opened else _last_written(lines, headers[-1]) + 1
    if not opened and at < len(lines) and _is_continued(lines[at - 1]):
        at += 1  # The empty line below belongs to the one above.
    before = lines[at - 1] if at else ""
    # Where a file mixes line ends, that of the line before: after a lone \r an empty \n line would be lost.
    end = line_end(before) or usual_line_end(text)
    ended = bool(before) and not line_end(before)
    if ended:
        lines[at - 1] += end
    blank = bool(before.strip()) and (opened or _is_continued(before))
    header = [f"[{section}]{end}"] if opened else []
    lines[at:at] = [*([end] if blank else []), *header, line + end]
    return "".join(lines), (IniEdit(section, line, opened=opened, blank=blank, ended=ended),)


def _entries(lines: Sequence[str], section: str, key: str) -> Iterator[_Entry]:
    for index in _within(lines, section):
        match = _ENTRY.fullmatch(lines[index].rstrip("\r\n"))
        if match is None or match["key"].lower() != key.lower() or (index and _is_continued(lines[index - 1])):
            continue
        value = match["value"]
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        yield _Entry(index, match["sign"], value, match.span("value"), _is_continued(lines[index]))


def _within(lines: Sequence[str], section: str) -> list[int]:
    """The indices of the lines in all parts of a section, headers left out."""
    found, inside = [], False
    headers = dict(_headers(lines))
    for index in range(len(lines)):
        if index in headers:
            inside = headers[index] == section.lower()
        elif inside:
            found.append(index)
    return found


def _headers(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    continued = False
    for index, line in enumerate(lines):
        stripped = line.rstrip("\r\n").strip(_BLANK)
        if not continued and len(stripped) > 1 and stripped[0] == "[" and stripped[-1] == "]":
            yield index, stripped[1:-1].lower()
        continued = _is_continued(line)


def _is_continued(line: str) -> bool:
    return line.rstrip("\r\n").endswith("\\")


def _last_written(lines: Sequence[str], header: int) -> int:
    """The last line of a part of a section that is not blank, the header itself if there is none."""
    last, headers = header, {index for index, _ in _headers(lines)}
    for index in range(header + 1, len(lines)):
        if index in headers:
            break
        if lines[index].strip():
            last = index
    return last


def _remove_empty_section(lines: list[str], edit: IniEdit) -> bool:
    """Deletes the header that came with an edit if nothing is left below it."""
    for header in reversed([i for i, name in _headers(lines) if name == edit.section.lower()]):
        if lines[header].rstrip("\r\n") == f"[{edit.section}]" and _last_written(lines, header) == header:
            start = header - 1 if edit.blank and header and not lines[header - 1].strip() else header
            del lines[start : header + 1]
            return True
    return False
