"""Reads a YAML file into plain data, with the line of every key.

Scalars follow YAML 1.2: `no` and `on` are words, `1e3` is a number, dates are text. Keys are always text. Tags, merge
keys and whatever else could make a file do more than state settings are refused.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from unrealsynth.errors import Problem, RecipeError

Key: TypeAlias = tuple[str | int, ...]
Data: TypeAlias = "bool | int | float | str | list[Data] | dict[str, Data] | None"

MAX_FILE_BYTES = 1 << 20
_MAX_DEPTH = 20
_MAX_VALUES = 50_000
"""Counted as they unfold: an alias repeats all that it stands for."""


_TAG = "tag:yaml.org,2002:"
_KINDS = frozenset({"null", "bool", "int", "float", "str", "seq", "map"})


class _Loader(yaml.SafeLoader):
    """Tells numbers, booleans and null from words as YAML 1.2 does."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]{1,18}|0x[0-9a-fA-F]{1,16}", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+0123456789."),
    ),
):
    _Loader.add_implicit_resolver(_TAG + _tag, re.compile(f"^(?:{_pattern})$"), _first)


@dataclass(frozen=True)
class YamlFile:
    """What a file says, and where."""

    path: Path
    data: Data
    lines: dict[Key, int] = field(default_factory=dict)
    """Line of each key or list entry, from 1."""
    problems: tuple[Problem, ...] = ()
    """Mistakes of the file's form that do not keep the rest from being read."""

    def problem(self, key: Key, message: str) -> Problem:
        """A mistake at `key`, or where the nearest block around it is, if that is missing."""
        line = next((self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines), 0)
        return Problem(dotted(key), message, line)


def dotted(key: Key) -> str:
    """`lamps[0].location`"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")


def read_yaml(path: Path) -> YamlFile:
    """Raises RecipeError when the file cannot be read at all."""
    text = _read_text(path)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{path}{line}: this is not valid YAML: {error.problem or error.context}.") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: this is not valid YAML: {' '.join(str(error).split())}.") from None
    except RecursionError:
        raise RecipeError(f"{path}: it is nested too deeply; settings need {_MAX_DEPTH} levels at most.") from None
    reader = _Reader(path)
    data = None if root is None else reader.value(root, ())
    return YamlFile(path, data, reader.lines, tuple(reader.problems))


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RecipeError(f"{path} has more than {MAX_FILE_BYTES >> 20} MB: it cannot be a file of settings.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from None
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from None


class _Reader:
    """Turns YAML's nodes into data."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0
        self.lines: dict[Key, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, key: Key) -> Data:
        self._count += 1
        if self._count > _MAX_VALUES or len(key) > _MAX_DEPTH:
            raise RecipeError(
                f"{self._path}: it unfolds to more than {_MAX_VALUES:,} values or {_MAX_DEPTH} levels; "
                "write the settings out without aliases (`*name`)."
            )
        if node.tag.removeprefix(_TAG) not in _KINDS:
            self._problem(key, node.start_mark.line + 1, f"has the tag {node.tag!r:.60}, which settings do not have")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self._entry(item, (*key, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, key)

    def _entry(self, node: yaml.Node, key: Key) -> Data:
        self.lines[key] = node.start_mark.line + 1
        return self.value(node, key)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> Data:
        data: dict[str, Data] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                self._problem(key, line, "has a list or a block as a key; wanted a word")
                continue
            name = str(name_node.value)
            inner = (*key, name)
            if name in data:
                self._problem(inner, line, f"is given twice, first in line {self.lines[inner]}")
                continue
            self.lines[inner] = line
            data[name] = self.value(value_node, inner)
        return data

    def _scalar(self, node: yaml.Node, key: Key) -> Data:
        text = str(node.value)
        kind = node.tag.removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        with contextlib.suppress(ValueError):
            # Only an explicit tag, `!!int one`, can fail here.
            if kind == "int":
                return int(text, 16 if "x" in text else 10)
            if kind == "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return text

    def _problem(self, key: Key, line: int, message: str) -> None:
        self.problems.append(Problem(dotted(key), message, line))
