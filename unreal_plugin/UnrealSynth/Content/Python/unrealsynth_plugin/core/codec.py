"""Dataclasses as JSON and back, checked key by key: what crosses between orchestrator and plugin.

Types are read from the annotations at run time, so these stay within Python 3.9.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import cache
from typing import Any, Dict, Literal, Tuple, Type, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
_PLAIN = {bool: "true or false", int: "a whole number", str: "a string"}
_LARGEST = sys.float_info.max


class DecodeError(ValueError):
    """The JSON does not have the form of the class; the message names the key."""


def encode(value: Any) -> Dict[str, Any]:
    """A dataclass as plain JSON data."""
    return asdict(value)


def decode(cls: Type[_T], data: Any, where: str = "") -> _T:
    """`data` (parsed JSON) as an instance of the dataclass `cls`. Raises DecodeError naming the key at fault."""
    return _decode(cls, data, where or cls.__name__)  # type: ignore[no-any-return]


def _decode(kind: Any, data: Any, where: str) -> Any:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _decode_dataclass(kind, data, where)
    if origin is Union:
        return _decode_union(get_args(kind), data, where)
    if origin is Literal:
        _require(data in get_args(kind), where, f"one of {', '.join(get_args(kind))}", data)
        return data
    if origin is tuple:
        return _decode_tuple(get_args(kind), data, where)
    if origin is dict:
        _require(isinstance(data, dict), where, "an object", data)
        key_kind, value_kind = get_args(kind)
        return {_decode(key_kind, key, where): _decode(value_kind, data[key], f"{where}.{key}") for key in data}
    if kind is float:
        _require(isinstance(data, (int, float)) and not isinstance(data, bool), where, "a number", data)
        _require(isinstance(data, float) or abs(data) <= _LARGEST, where, "a number that fits a double", data)
        return float(data)
    _require(isinstance(data, kind) and (kind is bool or not isinstance(data, bool)), where, _PLAIN[kind], data)
    return data


def _decode_dataclass(kind: Any, data: Any, where: str) -> Any:
    _require(isinstance(data, dict), where, "an object", data)
    hints = _hints(kind)
    for key in data:
        if key not in hints:
            raise DecodeError(f"{where}.{key}: wanted one of {', '.join(sorted(hints))}, got {key!r:.80}")
    values = {key: _decode(hints[key], value, f"{where}.{key}") for key, value in data.items()}
    for field in fields(kind):
        _require(field.default is not MISSING or field.name in data, where, f"the key {field.name}", data)
    return kind(**values)


@cache
def _hints(kind: Any) -> Dict[str, Any]:
    """The types of a dataclass' fields. Working them out takes longer than decoding."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _decode_union(kinds: Tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in kinds:
        return None
    if isinstance(data, dict):
        for kind in kinds:
            # The first field of a distribution is its tag.
            if is_dataclass(kind) and (len(kinds) == 2 or fields(kind)[0].name in data):
                return _decode_dataclass(kind, data, where)
    for kind in kinds:
        if kind is not type(None) and not is_dataclass(kind):
            return _decode(kind, data, where)
    raise DecodeError(f"{where}: {data!r} has none of the known forms")


def _decode_tuple(kinds: Tuple[Any, ...], data: Any, where: str) -> Any:
    _require(isinstance(data, (list, tuple)), where, "a list", data)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item, f"{where}[{i}]") for i, item in enumerate(data))
    _require(len(data) == len(kinds), where, f"a list of {len(kinds)}", data)
    return tuple(_decode(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(kinds, data)))


def _require(condition: bool, where: str, wanted: str, got: Any) -> None:
    if not condition:
        raise DecodeError(f"{where}: wanted {wanted}, got {got!r:.80}")
