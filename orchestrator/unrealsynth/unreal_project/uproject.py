"""A `.uproject` file: the plugins it enables, changed by the smallest edit of its text.

A file that is not plain JSON is never edited; what was added is taken back by name, so it may have been written anew
by the editor in between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unrealsynth.errors import ProjectError
from unrealsynth.unreal_project.json_text import Container, container, inner, insert_last, remove, space_before
from unrealsynth.unreal_project.text_file import usual_line_end


@dataclass(frozen=True)
class PluginEdit:
    """One plugin that was enabled. `take_back` needs nothing else."""

    plugin: str
    added_entry: bool = False
    """The whole entry is ours; otherwise its `Enabled` alone."""
    added_list: bool = False
    """The list `Plugins` is ours too."""
    empty: str | None = None
    """What an empty list, or an entry without members, held between its brackets."""
    replaced: str | None = None
    """The value of `Enabled` before, as it was written."""


def parse(text: str, path: Path) -> Mapping[str, Any]:
    """The project's description. Raises ProjectError with line and column where it is not plain JSON."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}: " if isinstance(error, json.JSONDecodeError) else ""
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise ProjectError(
            f"{path} is not plain JSON ({where}{reason}) and cannot be edited safely. Comments and trailing commas "
            "are not allowed in it; correct the file, or save the project once in the Unreal Editor."
        ) from error
    if not isinstance(data, dict):
        raise ProjectError(f"{path} is not a project file: it holds {type(data).__name__}, wanted a JSON object.")
    plugins = data.get("Plugins", [])
    if not isinstance(plugins, list) or not all(isinstance(entry, dict) for entry in plugins):
        raise ProjectError(f'{path} cannot be edited safely: "Plugins" is not a list of objects.')
    if container(text).count("Plugins") > 1:
        raise ProjectError(f'{path} cannot be edited safely: it has "Plugins" more than once. Join the lists.')
    return data


def is_enabled(description: Mapping[str, Any], plugin: str) -> bool | None:
    """What the file says about a plugin; None if nothing."""
    entries = [entry for entry in description.get("Plugins", []) if _is(entry, plugin)]
    return bool(entries[0].get("Enabled")) if entries else None


def enable(text: str, plugin: str) -> tuple[str, PluginEdit | None]:
    """The text with a plugin enabled, and the edit; no edit if it was. The text was accepted by `parse`."""
    top = container(text)
    plugins = _plugins(text, top)
    if plugins is None:
        return _add_list(text, top, plugin)
    found = _entry(text, plugins, plugin)
    if found is None:
        space, closing = _spaces(text, top, plugins)
        entry = _entry_text(text, plugins, plugin, space, _unit(text, top))
        edit = PluginEdit(plugin, added_entry=True, empty=None if plugins.parts else inner(text, plugins))
        return insert_last(text, plugins, entry, space, closing), edit
    enabled = found.last("Enabled")
    if enabled is None:
        edit = PluginEdit(plugin, empty=None if found.parts else inner(text, found))
        return insert_last(text, found, '"Enabled": true', " ", " "), edit
    if enabled.value is True:
        return text, None
    edit = PluginEdit(plugin, replaced=text[enabled.value_start : enabled.end])
    return text[: enabled.value_start] + "true" + text[enabled.end :], edit


def take_back(text: str, edit: PluginEdit) -> str | None:
    """The text without an edit; None if it is no longer there, or is not ours any more."""
    top = container(text)
    plugins = _plugins(text, top)
    found = None if plugins is None else _entry(text, plugins, edit.plugin)
    if plugins is None or found is None:
        return None
    enabled = found.last("Enabled")
    if edit.added_entry:
        index = next(i for i, part in enumerate(plugins.parts) if part.value_start == found.opening)
        if set(plugins.parts[index].value) != {"Name", "Enabled"}:
            return None
        if len(plugins.parts) == 1 and edit.added_list:
            place = next(i for i, part in enumerate(top.parts) if part.key == "Plugins")
            return remove(text, top, place, edit.empty or "")
        return remove(text, plugins, index, edit.empty or "")
    if enabled is None or enabled.value is not True:
        return None
    if edit.replaced is not None:
        return text[: enabled.value_start] + edit.replaced + text[enabled.end :]
    return remove(text, found, found.parts.index(enabled), edit.empty or "")


def _is(entry: Mapping[str, Any], plugin: str) -> bool:
    return str(entry.get("Name", "")).lower() == plugin.lower()


def _plugins(text: str, top: Container) -> Container | None:
    part = top.last("Plugins")
    return None if part is None else container(text, part.value_start)


def _entry(text: str, plugins: Container, plugin: str) -> Container | None:
    part = next((part for part in plugins.parts if _is(part.value, plugin)), None)
    return None if part is None else container(text, part.value_start)


def _add_list(text: str, top: Container, plugin: str) -> tuple[str, PluginEdit]:
    unit = _unit(text, top)
    line = usual_line_end(text) if unit else ""
    space, closing = (line + unit * 2, line + unit) if unit else (" ", " ")
    entry = _multiline(plugin, space, unit) if unit else _one_line(plugin)
    whole = f'"Plugins": [{space}{entry}{closing}]'
    edit = PluginEdit(plugin, added_entry=True, added_list=True, empty=None if top.parts else inner(text, top))
    return insert_last(text, top, whole, line + unit, line), edit


def _spaces(text: str, top: Container, plugins: Container) -> tuple[str, str]:
    """The white space before an entry of the list, and before its end."""
    unit = _unit(text, top)
    if plugins.parts:
        return space_before(text, plugins), ""
    line = usual_line_end(text)
    return (line + unit * 2, line + unit) if unit else (" ", " ")


def _unit(text: str, top: Container) -> str:
    """One step of indentation; nothing in a file without line ends."""
    if not top.parts:
        return "\t"
    space = space_before(text, top)
    return space.rpartition("\n")[2] or "\t" if "\n" in space or "\r" in space else ""


def _entry_text(text: str, plugins: Container, plugin: str, space: str, unit: str) -> str:
    """An entry written like the last one."""
    if plugins.parts:
        last = container(text, plugins.parts[-1].value_start)
        is_multiline = bool(last.parts) and "\n" in space_before(text, last)
    else:
        is_multiline = bool(unit)
    return _multiline(plugin, space, unit or "\t") if is_multiline else _one_line(plugin)


def _multiline(plugin: str, space: str, unit: str) -> str:
    return f'{{{space}{unit}"Name": {json.dumps(plugin)},{space}{unit}"Enabled": true{space}}}'


def _one_line(plugin: str) -> str:
    return f'{{ "Name": {json.dumps(plugin)}, "Enabled": true }}'
