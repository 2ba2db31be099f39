"""The base of Unreal's enums: a class whose entries are `Member`s."""

from __future__ import annotations

from typing import ClassVar, TypeVar, cast

from unrealsynth.embedded.unreal._kinds import Kind, refuse
from unrealsynth.embedded.unreal._wrapper import Text, WrapperBase

E = TypeVar("E", bound="EnumBase")


class Member:
    """An entry in the body of an enum class, with its number in Unreal."""

    def __init__(self, value: int) -> None:
        self._value = value
        self._entry: EnumBase | None = None

    def __set_name__(self, owner: type[EnumBase], name: str) -> None:
        entry = owner.__new__(owner)
        entry.name = name
        entry.value = self._value
        self._entry = entry
        if "_entries" not in vars(owner):
            owner._entries = {}
        owner._entries[name] = entry

    def __get__(self, instance: object, owner: type[E]) -> E:
        return cast(E, self._entry)


class EnumBase(WrapperBase):
    """An entry has `name` and `value`; entries are equal when type and value are."""

    __slots__ = ("name", "value")
    name: str
    value: int
    _entries: ClassVar[dict[str, EnumBase]] = {}

    @classmethod
    def cast(cls: type[E], object: object) -> E:
        if isinstance(object, cls):
            return object
        if isinstance(object, int) and not isinstance(object, bool):
            for entry in cls._entries.values():
                if entry.value == object:
                    return cast(E, entry)
        raise TypeError(f"Cannot cast type '{type(object).__name__}' to '{cls.__name__}'")

    def get_display_name(self) -> Text:
        return Text(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumBase) and type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.value))

    def __int__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        return f"<{type(self).__name__}.{self.name}: {self.value}>"


def enum_kind(cls: type[E]) -> Kind[E]:
    """Values of an enum; its first entry is the default."""

    def nativize(value: object) -> E:
        try:
            return cls.cast(value)
        except TypeError:
            raise refuse(value, cls.__name__) from None

    return Kind(cls.__name__, nativize, lambda: cast(E, next(iter(cls._entries.values()))))


class PropertyAccessChangeNotifyMode(EnumBase):
    DEFAULT = Member(0)
    NEVER = Member(1)
    ALWAYS = Member(2)
