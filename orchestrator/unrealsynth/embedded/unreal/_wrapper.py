"""Names, texts and arrays, and the metaclass that keeps unknown attributes out of every wrapper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableSequence
from typing import Any, Generic, TypeVar, cast, overload

from unrealsynth.embedded.unreal._kinds import (
    BOOL,
    FLOAT,
    INT32,
    STR,
    Kind,
    is_dead,
    object_kind,
    refuse,
    sequence_items,
)

T = TypeVar("T")


class WrapperMeta(type):
    """Gives classes that declare no `__slots__` empty ones: setting an unknown attribute raises AttributeError."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> WrapperMeta:
        namespace.setdefault("__slots__", ())
        return super().__new__(cls, name, bases, namespace, **options)


class WrapperBase(metaclass=WrapperMeta):
    pass


class Name(WrapperBase):
    """Compared without regard to case, as FName is."""

    __slots__ = ("_text",)

    def __init__(self, value: object = "None") -> None:
        if not isinstance(value, (str, Name)):
            raise refuse(value, "Name")
        self._text = str(value) or "None"

    @classmethod
    def cast(cls, object: object) -> Name:
        return cls(object)

    def is_valid(self) -> bool:
        return True

    def is_none(self) -> bool:
        return self._text.lower() == "none"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, Name)) and str(other).lower() == self._text.lower()

    def __hash__(self) -> int:
        return hash(self._text.lower())

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f'Name("{self._text}")'


class Text(WrapperBase):
    __slots__ = ("_text",)

    def __init__(self, value: object = "") -> None:
        if not isinstance(value, (str, Text)):
            raise refuse(value, "Text")
        self._text = str(value)

    @classmethod
    def cast(cls, object: object) -> Text:
        return cls(object)

    def is_empty(self) -> bool:
        return not self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, Text)) and str(other) == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f'Text("{self._text}")'


class ArrayBase(MutableSequence[T]):
    __slots__ = ()


class ArrayMeta(WrapperMeta, type(ArrayBase)):  # type: ignore[misc]
    pass


class Array(WrapperBase, ArrayBase[T], Generic[T], metaclass=ArrayMeta):
    """A typed array. Struct elements are copied on the way in and on the way out."""

    __slots__ = ("_items", "_kind")
    _kind: Kind[Any]
    _items: list[T]

    def __init__(self, type: object) -> None:
        self._kind = kind_of(type)
        self._items = []

    @classmethod
    def _of(cls, kind: Kind[Any], items: Iterable[object] = ()) -> Array[Any]:
        made: Array[Any] = cls.__new__(cls)
        made._kind = kind
        made._items = [kind.nativize(item) for item in items]
        return made

    @classmethod
    def cast(cls, type: object, obj: object) -> Array[Any]:
        kind = kind_of(type)
        return cls._of(kind, sequence_items(obj, f"Array[{kind.name}]"))

    def _out(self, item: T) -> T:
        return cast(T, cast(Any, item).copy()) if self._kind.copies else item

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Array[T]: ...
    def __getitem__(self, index: int | slice) -> T | Array[T]:
        if isinstance(index, slice):
            return Array._of(self._kind, self._items[index])
        return self._out(self._items[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            self._items[index] = [self._kind.nativize(item) for item in value]
        else:
            self._items[index] = self._kind.nativize(value)

    def __delitem__(self, index: int | slice) -> None:
        del self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def insert(self, index: int, value: T) -> None:
        self._items.insert(index, self._kind.nativize(value))

    def copy(self) -> Array[T]:
        """In the place of objects that are gone meanwhile there is nothing."""
        return Array._of(self._kind, [None if is_dead(item) else item for item in self._items])

    def __copy__(self) -> Array[T]:
        return self.copy()

    def sort(self, key: Callable[[T], Any] | None = None, reverse: bool = False) -> None:
        self._items.sort(key=cast(Any, key), reverse=reverse)

    def resize(self, len: int) -> None:
        del self._items[len:]
        self._items.extend(self._kind.default() for _ in range(len - self.__len__()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Iterable) and not isinstance(other, (str, bytes)) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


def kind_of(type_: object) -> Kind[Any]:
    """The kind of an element type as a script names it: a Python type or a wrapped class."""
    if isinstance(type_, Array):
        return array_kind(type_._kind)
    plain: dict[object, Kind[Any]] = {bool: BOOL, int: INT32, float: FLOAT, str: STR}
    if type_ in plain:
        return plain[type_]
    made = getattr(type_, "_kind_of_struct", None)
    if made is not None:
        return cast("Kind[Any]", made())
    if type_ is Name:
        return NAME
    if type_ is Text:
        return TEXT
    if isinstance(type_, type) and issubclass(type_, WrapperBase):
        return object_kind(type_.__name__, type_)
    raise TypeError(f"Array: {type_!r} is not a type that Unreal knows")


def array_kind(inner: Kind[Any]) -> Kind[Array[Any]]:
    """Arrays of `inner`."""
    name = f"Array[{inner.name}]"
    kind: Kind[Array[Any]] = Kind(
        name, lambda value: Array._of(inner, sequence_items(value, name)), lambda: Array._of(inner)
    )
    kind.copies = True
    return kind


NAME: Kind[Name] = Kind("Name", Name, Name)
TEXT: Kind[Text] = Kind("Text", Text, Text)
