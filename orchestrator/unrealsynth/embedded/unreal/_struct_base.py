"""The base of Unreal's structs: values, given as instances, sequences or mappings, and copied when they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from unrealsynth.embedded.unreal._kinds import Kind, refuse
from unrealsynth.embedded.unreal._object import _Editable
from unrealsynth.embedded.unreal._wrapper import Array

S = TypeVar("S", bound="StructBase")


class StructBase(_Editable):
    """A value. `_arguments` names the constructor's positional arguments, in Unreal's order."""

    __slots__ = ()
    _arguments: ClassVar[tuple[str, ...]] = ()
    _kinds: ClassVar[dict[type, Kind[Any]]] = {}

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._values = {}
        if len(args) > len(self._arguments):
            raise TypeError(f"{type(self).__name__}: call takes at most {len(self._arguments)} arguments")
        given = dict(zip(self._arguments, args, strict=False))
        for name, value in kwargs.items():
            if name not in self._arguments or name in given:
                raise TypeError(f"{type(self).__name__}: '{name}' is an invalid keyword argument for this function")
            given[name] = value
        table = self._properties()
        for name, value in given.items():
            table[name].store(self, value)

    @classmethod
    def cast(cls: type[S], object: object) -> S:
        if isinstance(object, cls):
            return object.copy()
        if isinstance(object, Mapping):
            made = cls()
            made.set_editor_properties(object)
            return made
        if isinstance(object, (list, tuple, Array)):
            try:
                return cls(*object)
            except TypeError:
                pass
        raise refuse(object, cls.__name__)

    @classmethod
    def _kind_of_struct(cls: type[S]) -> Kind[S]:
        if cls not in cls._kinds:
            kind: Kind[S] = Kind(cls.__name__, cls.cast, cls)
            kind.copies = True
            cls._kinds[cls] = kind
        return cls._kinds[cls]

    def copy(self: S) -> S:
        made = type(self).__new__(type(self))
        made._values = {
            name: value.copy() if isinstance(value, (StructBase, Array)) else value
            for name, value in self._values.items()
        }
        return made

    def __copy__(self: S) -> S:
        return self.copy()

    def __deepcopy__(self: S, memo: object) -> S:
        return self.copy()

    def assign(self, other: object) -> None:
        self._values = type(self).cast(other)._values

    def to_tuple(self) -> tuple[object, ...]:
        return tuple(item.hand_out(self) for item in self._properties().values())

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(item.read(self) == item.read(other) for item in self._properties().values())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}: {item.read(self)!r}" for name, item in self._properties().items())
        return f"<Struct '{type(self).__name__}' ({id(self):#x}) {{{shown}}}>"


def struct_kind(cls: type[S]) -> Kind[S]:
    """Values of a struct."""
    return cls._kind_of_struct()
