"""From plain data to the dataclasses that declare the settings; every mistake found becomes one sentence.

pydantic does the checking, strictly; here its findings are put into words and into the place where the user wrote them.
"""

from __future__ import annotations

import difflib
import functools
import json
import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from unrealsynth.errors import Problem
from unrealsynth.recipe.yaml_file import Data, Key, YamlFile
from unrealsynth_plugin.core.distributions import (
    Choice,
    LogUniform,
    Normal,
    Number,
    Uniform,
    bounds,
    mistake,
)

_T = TypeVar("_T")
_NUMBER: TypeAdapter[Any] = TypeAdapter(Number)

DISTRIBUTIONS: Mapping[str, tuple[type, str]] = {
    "uniform": (Uniform, "[low, high]"),
    "log_uniform": (LogUniform, "[low, high]"),
    "normal": (Normal, "[mean, standard deviation]"),
    "choice": (Choice, "a list of numbers"),
}
"""Name in a recipe: class, and the form of its value."""
_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a block of settings",
    "dataclass_type": "a block of settings",
}
"""By pydantic's name of the fault."""


@dataclass(frozen=True)
class Limits:
    """The values a setting may take, in all of its distribution."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    """Whether `low` itself is excluded."""
    whole: bool = False
    unit: str = ""

    def fault(self, number: Number) -> str | None:
        """What is wrong with `number`, or None."""
        fault = mistake(number)
        if fault is not None:
            return fault if isinstance(number, int | float) else f"{_named(number)} {fault}"
        low, high = bounds(number)
        if low < self.low or (self.above and low <= self.low) or high > self.high:
            got = _plain(low) if low == high else f"{_plain(low)} to {_plain(high)}"
            advice = "; give it `low` and `high`" if isinstance(number, Normal) and low < high else ""
            return f"wanted {self}, got {got}{advice}"
        return _not_whole(number) if self.whole else None

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if math.isinf(self.high):
            return f"more than {_plain(self.low)}{unit}" if self.above else f"{_plain(self.low)}{unit} or more"
        above = "more than 0 and at most" if self.above else f"{_plain(self.low)} to"
        return f"{above} {_plain(self.high)}{unit}"


def validate(
    kind: type[_T], file: YamlFile, data: Data, limits: Mapping[str, Limits], problems: list[Problem]
) -> _T | None:
    """`data` (of `file`) as a `kind`; on mistakes None, and `problems` has grown.

    `limits` is keyed by the path of a setting, with `*` for a name or number of an entry: `lamps.*.radius`.
    """
    found: dict[Key, str] = {}
    value: _T | None = None
    try:
        value = TypeAdapter(kind).validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=True):
            key, sentence = _sentence(kind, data, fault)
            found.setdefault(key, sentence)
    for pattern, limit in limits.items():
        for key, entry in _entries(data, pattern.split(".")):
            if not any(bad[: len(key)] == key or key[: len(bad)] == bad for bad in found):
                complaint = None if entry is None else limit.fault(_number(entry))
                if complaint is not None:
                    found[key] = complaint
    problems.extend(file.problem(key, sentence) for key, sentence in found.items())
    return None if found else value


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?`, or nothing."""
    by_lower = {item.lower(): item for item in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[near[0]]}?" if near else ""


def _sentence(kind: object, data: Data, fault: Mapping[str, Any]) -> tuple[Key, str]:
    """Where a fault is, as the user wrote it, and what to say."""
    key: Key = ()
    value = data
    for part in fault["loc"]:
        kind = _without_none(kind)
        if _is_number(kind):
            return key, _number_fault(value)
        if fault["type"] == "unexpected_keyword_argument" and is_dataclass(kind) and (*key, part) == fault["loc"]:
            return (*key, part), _unknown(str(part), kind)
        if fault["type"] == "missing" and (*key, part) == fault["loc"]:
            if isinstance(part, int):
                return key, f"wanted {len(get_args(kind))} values, got {_shown(value)}"
            return (*key, part), "is missing"
        kind = _part_kind(kind, part)
        key = (*key, part)
        value = _part(value, part)
    kind = _without_none(kind)
    if _is_number(kind):
        return key, _number_fault(value)
    if fault["type"] == "literal_error":
        words = [str(word) for word in get_args(kind)]
        return key, f"wanted {_alternatives(words)}, got {_shown(value)}{did_you_mean(str(value), words)}"
    if fault["type"] in ("too_long", "too_short"):
        return key, f"wanted {len(get_args(kind))} values, got {_shown(value)}"
    return key, f"wanted {_WANTED.get(fault['type'], fault['msg'])}, got {_shown(value)}"


def _unknown(name: str, kind: Any) -> str:
    known = [item.name for item in fields(kind)]
    return f"there is no such setting{did_you_mean(name, known) or '; known are ' + ', '.join(known)}"


def _number_fault(value: Data) -> str:
    """Why `value` is neither a number nor a distribution."""
    wanted = "wanted a number, or a distribution such as {uniform: [1, 5]}"
    if not isinstance(value, dict):
        return f"{wanted}; got {_shown(value)}"
    named = [name for name in value if name in DISTRIBUTIONS]
    if len(named) > 1:
        return f"names two distributions, {' and '.join(named)}; give one"
    if not named:
        hint = next((hint for name in value if (hint := did_you_mean(name, DISTRIBUTIONS))), "")
        return f"{wanted}; got {_shown(value)}{hint or '; distributions are ' + ', '.join(DISTRIBUTIONS)}"
    kind, form = DISTRIBUTIONS[named[0]]
    known = [item.name for item in fields(kind)]
    for name in value:
        if name not in known:
            return f"{named[0]} has no {name}{did_you_mean(name, known)}"
    return f"{named[0]} needs {form}{' and numbers' if len(value) > 1 else ''}, got {_shown(value)}"


def _number(value: Data) -> Number:
    number: Number = _NUMBER.validate_json(json.dumps(value), strict=True)
    return number


def _entries(data: Data, pattern: Sequence[str], key: Key = ()) -> Iterable[tuple[Key, Data]]:
    """The entries of `data` that a path with `*` names."""
    if not pattern:
        yield key, data
    elif pattern[0] == "*":
        items: Iterable[tuple[str | int, Data]] = ()
        if isinstance(data, dict):
            items = data.items()
        elif isinstance(data, list):
            items = enumerate(data)
        for part, value in items:
            yield from _entries(value, pattern[1:], (*key, part))
    elif isinstance(data, dict) and pattern[0] in data:
        yield from _entries(data[pattern[0]], pattern[1:], (*key, pattern[0]))


def _part(value: Data, part: str | int) -> Data:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _part_kind(kind: Any, part: str | int) -> object:
    """The declared type of an entry."""
    if is_dataclass(kind):
        return get_type_hints(kind).get(str(part))
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1]
    if get_origin(kind) is tuple:
        if arguments[-1] is Ellipsis:
            return arguments[0]
        return arguments[part] if isinstance(part, int) and part < len(arguments) else None
    return None


def _without_none(kind: object) -> object:
    if get_origin(kind) in (Union, UnionType):
        rest = tuple(item for item in get_args(kind) if item is not type(None))
        return rest[0] if len(rest) == 1 else functools.reduce(operator.or_, rest)
    return kind


def _is_number(kind: object) -> bool:
    return get_origin(kind) in (Union, UnionType) and set(get_args(kind)) == set(get_args(Number))


def _not_whole(number: Number) -> str | None:
    if isinstance(number, Uniform):
        if math.ceil(number.uniform[0]) > math.floor(number.uniform[1]):
            return f"wanted whole numbers, got none from {_plain(number.uniform[0])} to {_plain(number.uniform[1])}"
        return None
    values = number.choice if isinstance(number, Choice) else (number,) if isinstance(number, int | float) else ()
    broken = [value for value in values if value != math.floor(value)]
    return f"wanted whole numbers, got {_plain(broken[0])}" if broken else None


def _named(number: Number) -> str:
    return str(fields(number)[0].name)  # type: ignore[arg-type]


def _alternatives(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _shown(value: Data) -> str:
    """A value as it may stand in a message: in YAML's notation, and short."""
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
