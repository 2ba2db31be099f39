"""The types that properties and arguments have, and how Python values become them.

The rules are those of Unreal's Python plugin: whole numbers refuse bools, `float` keeps 32 bits, structs are copied and
may be given as sequences or mappings, objects must have the class. `name` is the type as Epic's stub writes it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Kind(Generic[T]):
    """A type: `nativize` takes a Python value in (TypeError if it cannot), `default` makes the initial value."""

    def __init__(self, name: str, nativize: Callable[[object], T], default: Callable[[], T]) -> None:
        self.name = name
        self.nativize = nativize
        self.default = default
        self.copies = False
        """Whether a value must be copied when it is handed out."""


def friendly(value: object) -> str:
    """The type of a value, for messages."""
    return type(value).__name__


def refuse(value: object, name: str) -> TypeError:
    return TypeError(f"NativizeProperty: Cannot nativize '{friendly(value)}' as '{name}'")


def _bool(value: object) -> bool:
    if value is None:
        return False
    if isinstance(value, int):
        return bool(value)
    raise refuse(value, "bool")


def _double(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise refuse(value, "double")


def float32(value: object) -> float:
    """A number as Unreal's `float` keeps it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return cast(float, struct.unpack("f", struct.pack("f", value))[0])
    raise refuse(value, "float")


def _whole(name: str, low: int, high: int) -> Callable[[object], int]:
    def nativize(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= int(value) <= high:
            raise refuse(value, name)
        return int(value)

    return nativize


def _text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    raise refuse(value, "String")


BOOL: Kind[bool] = Kind("bool", _bool, bool)
FLOAT: Kind[float] = Kind("float", float32, float)
DOUBLE: Kind[float] = Kind("double", _double, float)
INT32: Kind[int] = Kind("int32", _whole("int32", -(2**31), 2**31 - 1), int)
UINT8: Kind[int] = Kind("uint8", _whole("uint8", 0, 255), int)
STR: Kind[str] = Kind("str", _text, str)


def is_dead(value: object) -> bool:
    """Whether this is a wrapper whose object is gone."""
    return bool(getattr(type(value), "_is_dead", False))


def object_kind(name: str, find: Callable[[], type[T]] | type[T]) -> Kind[T | None]:
    """Objects of a class, or None. `find` may be a function, for classes that are defined later."""

    def nativize(value: object) -> T | None:
        if value is None:
            return None
        cls = find if isinstance(find, type) else find()
        # A dead wrapper cannot be handed over at all.
        if isinstance(value, cls) and not is_dead(value):
            return cast(T, value)
        raise TypeError(
            f"NativizeObject: Cannot nativize '{friendly(value)}' as 'Object' (allowed Class type: '{name}')"
        )

    return Kind(name, nativize, lambda: None)


def sequence_items(value: object, name: str) -> Iterable[object]:
    """The items of what is given for an array."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise refuse(value, name)
    return value
