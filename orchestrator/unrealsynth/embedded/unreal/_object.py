"""The object model of Unreal's Python plugin: wrappers, properties, and what happens when an object is gone.

Every class has `__slots__`, so an attribute that Unreal does not have cannot be set. An object that is destroyed turns
into a dead wrapper: it keeps its class and raises whatever is asked of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast, overload

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._enum import PropertyAccessChangeNotifyMode
from unrealsynth.embedded.unreal._kinds import STR, Kind
from unrealsynth.embedded.unreal._wrapper import Name, WrapperBase

T = TypeVar("T")
Self = TypeVar("Self", bound="_ObjectBase")


class Property(Generic[T]):
    """A property of a class, as Epic's stub lists it.

    `attribute` is how it can be used as a plain attribute: "rw", "r", or "" when only the editor functions reach it;
    `edit_const` makes `set_editor_property` refuse it too. Assigning the attribute writes memory and nothing else;
    `set_editor_property` runs the object's `_post_edit` afterwards.
    """

    def __init__(
        self, kind: Kind[T], default: object = None, *, attribute: str = "rw", edit_const: bool = False
    ) -> None:
        self.kind = kind
        self.attribute = attribute
        self.edit_const = edit_const
        self.hidden = False
        """Whether scripts find no such property, because the engine's version has none."""
        self.name = ""
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def initial(self) -> T:
        return self.kind.default() if self._default is None else self.kind.nativize(self._default)

    @overload
    def __get__(self, instance: None, owner: type) -> Property[T]: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Property[T] | T:
        if instance is None:
            return self
        if self.hidden or not self.attribute:
            raise AttributeError(f"'{owner.__name__}' object has no attribute '{self.name}'")
        return self.hand_out(instance)

    def __set__(self, instance: Any, value: object) -> None:
        owner = type(instance).__name__
        if self.hidden or not self.attribute:
            raise AttributeError(f"'{owner}' object has no attribute '{self.name}'")
        if self.attribute != "rw":
            raise AttributeError(f"attribute '{self.name}' of '{owner}' objects is not writable")
        self.store(instance, value)

    def hand_out(self, instance: Any) -> T:
        """The value, structs and arrays as the engine's switch says: copies, or references into the owner."""
        value = self.read(instance)
        if self.kind.copies and _runtime.hands_out_copies():
            return cast(T, cast(Any, value).copy())
        return value

    def read(self, instance: Any) -> T:
        """The value itself, for the engine's own use."""
        values = instance._values
        if self.name not in values:
            values[self.name] = self.initial()
        return cast(T, values[self.name])

    def store(self, instance: Any, value: object) -> bool:
        """Writes memory. Returns whether the value changed. Raises TypeError for a value of another type."""
        try:
            new = self.kind.nativize(value)
        except TypeError as error:
            raise TypeError(
                f"{type(instance).__name__}: Failed to convert type '{type(value).__name__}' to property "
                f"'{self.name}' ({self.kind.name}) for attribute '{self.name}' on '{type(instance).__name__}': {error}"
            ) from None
        before = self.read(instance)
        instance._values[self.name] = new
        return bool(before is not new and before != new)


class _Editable(WrapperBase):
    """What objects and structs share: properties by name."""

    __slots__ = ("_values",)
    _values: dict[str, object]

    @classmethod
    def _properties(cls) -> dict[str, Property[Any]]:
        """All properties, inherited ones first."""
        found = cls.__dict__.get("_property_table")
        if found is None:
            found = {}
            for base in reversed(cls.__mro__):
                found.update({name: item for name, item in vars(base).items() if isinstance(item, Property)})
            cls._property_table = found
        return cast("dict[str, Property[Any]]", found)

    _property_table: ClassVar[dict[str, Property[Any]]]

    def _find(self, name: object) -> Property[Any]:
        text = STR.nativize(name) if not isinstance(name, Name) else str(name)
        found = self._properties().get(text)
        if found is None or found.hidden:
            owner = type(self).__name__
            raise Exception(f"{owner}: Failed to find property '{text}' for attribute '{text}' on '{owner}'")
        return found

    def get_editor_property(self, name: object) -> Any:
        return self._find(name).hand_out(self)

    def set_editor_property(
        self,
        name: object,
        value: object,
        notify_mode: PropertyAccessChangeNotifyMode = PropertyAccessChangeNotifyMode.DEFAULT,
    ) -> None:
        found = self._find(name)
        if found.edit_const:
            owner = type(self).__name__
            raise Exception(
                f"{owner}: Property '{found.name}' for attribute '{found.name}' on '{owner}' "
                "is read-only and cannot be set"
            )
        mode = PropertyAccessChangeNotifyMode.cast(notify_mode)
        changed = found.store(self, value)
        if mode == PropertyAccessChangeNotifyMode.ALWAYS or (
            changed and mode == PropertyAccessChangeNotifyMode.DEFAULT
        ):
            self._mark_edited()
            self._post_edit(found.name)

    def set_editor_properties(self, properties: Mapping[str, object]) -> None:
        for name, value in properties.items():
            self.set_editor_property(name, value)

    def _mark_edited(self) -> None:
        """Marks what this is saved with as changed, as PreEditChange does by calling Modify."""

    def _post_edit(self, name: str) -> None:
        """Runs after an edit with notification, as PostEditChangeProperty does."""


class _ObjectBase(_Editable):
    """Base of all wrapped objects. `_make` creates one inside the engine; calling the class is for scripts."""

    __slots__ = ("__weakref__", "_name", "_outer")
    _name: str
    _outer: _ObjectBase | None
    _abstract: ClassVar[bool] = False
    """Whether scripts may not make objects of exactly this class."""

    def __init__(self, outer: Object | None = None, name: Name | str = "None") -> None:
        if is_abstract(type(self)):
            raise TypeError(f"{type(self).__name__}: objects of this class cannot be created by calling it")
        self._begin(outer, str(name))

    def _begin(self, outer: _ObjectBase | None, name: str) -> None:
        self._values = {}
        self._outer = outer
        self._name = name if name != "None" else _runtime.engine().new_name(type(self).__name__)
        self._post_init()

    @classmethod
    def _make(cls: type[Self], outer: _ObjectBase | None = None, name: str = "None") -> Self:
        made = cls.__new__(cls)
        made._begin(outer, name)
        return made

    def _post_init(self) -> None:
        pass

    def _kill(self) -> None:
        """Makes every wrapper of this object dead."""
        self.__class__ = _dead(type(self))

    @classmethod
    def cast(cls: type[Self], object: object) -> Self:
        if isinstance(object, cls):
            return object
        raise TypeError(f"Cannot cast type '{type(object).__name__}' to '{cls.__name__}'")

    @classmethod
    def get_default_object(cls: type[Self]) -> Self:
        return _runtime.engine().default_object(cls)

    @classmethod
    def static_class(cls) -> Class:
        return _runtime.engine().class_of(cls)

    def get_class(self) -> Class:
        return _runtime.engine().class_of(type(self))

    def get_outer(self) -> Any:
        return self._outer

    def get_name(self) -> str:
        return self._name

    def get_fname(self) -> Name:
        return Name(self._name)

    def get_full_name(self) -> str:
        return f"{type(self).__name__} {self.get_path_name()}"

    def get_path_name(self) -> str:
        outer = self._outer
        if outer is None:
            return self._name
        # Inside an asset the first step is written with a colon.
        in_asset = outer._outer is not None and outer._outer._outer is None
        return f"{outer.get_path_name()}{':' if in_asset else '.'}{self._name}"

    def get_world(self) -> Any:
        """The world that this is in, or is."""
        return None if self._outer is None else self._outer.get_world()

    def get_outermost(self) -> Any:
        return self if self._outer is None else self._outer.get_outermost()

    def get_package(self) -> Any:
        return self._package()

    def _package(self) -> Any:
        """What this is saved in."""
        return self.get_outermost()

    def modify(self, always_mark_dirty: bool = True) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Object '{self.get_path_name()}' ({id(self):#x}) Class '{type(self).__name__}'>"


class Object(_ObjectBase):
    pass


class Class(Object):
    """A class as an object; `_type` is the Python type."""

    __slots__ = ("_type",)
    _type: type[_ObjectBase]


def _dead(cls: type[_ObjectBase]) -> type[_ObjectBase]:
    found = cls.__dict__.get("_dead_type")
    if found is None:
        found = type(cls.__name__, (_Dead, cls), {})
        type.__setattr__(cls, "_dead_type", found)
    return cast("type[_ObjectBase]", found)


class _Dead:
    """Mixed into the class of an object that is gone."""

    __slots__ = ()
    _is_dead = True

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        raise Exception(f"{type(self).__name__}: Internal Error - ObjectInstance is null!")

    def __setattr__(self, name: str, value: object) -> None:
        raise Exception(f"{type(self).__name__}: Internal Error - ObjectInstance is null!")

    def __repr__(self) -> str:
        return f"<Object '<null>' ({id(self):#x}) Class '{type(self).__name__}'>"


def is_abstract(cls: type[_ObjectBase]) -> bool:
    """Whether scripts may not make objects of this class; its subclasses are another matter."""
    return bool(vars(cls).get("_abstract", False))


def is_object(value: object) -> bool:
    """Whether this is an object, alive or not."""
    return isinstance(value, _ObjectBase)


def is_alive(value: object) -> bool:
    """Whether this is an object that still exists."""
    return isinstance(value, _ObjectBase) and not isinstance(value, _Dead)


OBJECT_CLASS: Kind[type[_ObjectBase] | None]


def _class_argument(value: object) -> type[_ObjectBase] | None:
    if value is None:
        return None
    if isinstance(value, Class):
        return value._type
    if isinstance(value, type) and issubclass(value, _ObjectBase):
        return value
    raise TypeError(f"NativizeClass: Cannot nativize '{type(value).__name__}' as 'Class'")


OBJECT_CLASS = Kind("Class", _class_argument, lambda: None)
