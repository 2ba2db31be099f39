"""Makes the module's classes those of another engine version, and back.

Like the engine, the module is one for the process, so that there is one edition at a time. Properties are hidden rather
than removed, because the engine itself goes on using them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from unrealsynth.embedded.unreal._enum import EnumBase
from unrealsynth.embedded.unreal._kinds import INT32
from unrealsynth.embedded.unreal._object import Property, _Editable


@dataclass(frozen=True)
class Edition:
    """Differences from the module as it is written."""

    lacks: frozenset[str] = frozenset()
    """"Class", "Class.member" or "Class.function argument"."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Entries of enums ("Class.ENTRY") with their other name."""
    added: tuple[str, ...] = ()
    """Whole-number properties ("Class.property")."""


_undo: list[Callable[[], None]] = []


def use(edition: Edition, module: Mapping[str, Any]) -> None:
    """Leaves the edition that was in use, and applies this one to the classes in `module`, by name.

    Raises KeyError or AttributeError for a name that the module does not have.
    """
    leave()
    for name in sorted(edition.lacks):
        owner, _, rest = name.partition(".")
        member, _, argument = rest.partition(" ")
        cls = module[owner]
        if not member:
            _without(module, owner)
        elif argument:
            _without_argument(cls, member, argument)
        elif isinstance(vars(cls)[member], Property):
            _hide(vars(cls)[member])
        else:
            _without_member(cls, member)
    for name, other in edition.renamed.items():
        owner, _, entry = name.partition(".")
        _rename(module[owner], entry, other)
    for name in edition.added:
        owner, _, added = name.partition(".")
        _add_property(module[owner], added)


def leave() -> None:
    """Back to the module as it is written."""
    while _undo:
        _undo.pop()()


def _without(module: Mapping[str, Any], name: str) -> None:
    names: Any = module
    cls = names.pop(name)
    _undo.append(lambda: names.__setitem__(name, cls))


def _hide(item: Property[Any]) -> None:
    item.hidden = True
    _undo.append(lambda: setattr(item, "hidden", False))


def _without_member(cls: type, name: str) -> None:
    member = vars(cls)[name]
    entries: dict[str, EnumBase] = vars(cls).get("_entries", {})
    entry = entries.pop(name, None)
    type.__delattr__(cls, name)

    def undo() -> None:
        type.__setattr__(cls, name, member)
        if entry is not None:
            entries[name] = entry

    _undo.append(undo)


def _without_argument(cls: type, name: str, argument: str) -> None:
    owner = next(base for base in cls.__mro__ if name in vars(base))
    member = vars(owner)[name]
    of_class = isinstance(member, classmethod)
    function: Callable[..., object] = member.__func__ if of_class else member
    allowed = list(inspect.signature(function).parameters).index(argument)
    has_own = name in vars(cls)

    @functools.wraps(function)
    def without(*args: object, **kwargs: object) -> object:
        if len(args) > allowed:
            raise TypeError(f"{name}() takes at most {allowed - 1} argument(s) ({len(args) - 1} given)")
        if argument in kwargs:
            raise TypeError(f"'{argument}' is an invalid keyword argument for this function")
        return function(*args, **kwargs)

    type.__setattr__(cls, name, classmethod(without) if of_class else without)
    _undo.append((lambda: type.__setattr__(cls, name, member)) if has_own else (lambda: type.__delattr__(cls, name)))


def _rename(cls: type[EnumBase], name: str, other: str) -> None:
    member, entry = vars(cls)[name], cls._entries[name]
    _without_member(cls, name)
    type.__setattr__(cls, other, member)
    cls._entries[other] = entry
    entry.name = other

    def undo() -> None:
        type.__delattr__(cls, other)
        del cls._entries[other]
        entry.name = name

    _undo.append(undo)


def _add_property(cls: type[_Editable], name: str) -> None:
    made: Property[int] = Property(INT32)
    made.__set_name__(cls, name)
    type.__setattr__(cls, name, made)
    _forget_tables(cls)

    def undo() -> None:
        type.__delattr__(cls, name)
        _forget_tables(cls)

    _undo.append(undo)


def _forget_tables(cls: type[_Editable]) -> None:
    for known in (cls, *cls.__subclasses__()):
        if "_property_table" in vars(known):
            type.__delattr__(known, "_property_table")
