"""Delegates: lists of functions that the engine calls when something happens. What one raises is logged."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import Kind
from unrealsynth.embedded.unreal._wrapper import WrapperBase


class MulticastDelegateBase(WrapperBase):
    __slots__ = ("_callables",)
    _callables: list[Callable[..., Any]]

    def __init__(self) -> None:
        self._callables = []

    def is_bound(self) -> bool:
        return bool(self._callables)

    def add_callable(self, callable: Callable[..., Any]) -> None:
        self._callables.append(callable)

    def add_callable_unique(self, callable: Callable[..., Any]) -> None:
        if callable not in self._callables:
            self._callables.append(callable)

    def remove_callable(self, callable: Callable[..., Any]) -> None:
        if callable in self._callables:
            self._callables.remove(callable)

    def contains_callable(self, callable: Callable[..., Any]) -> bool:
        return callable in self._callables

    def clear(self) -> None:
        self._callables.clear()

    def _broadcast(self, *arguments: object) -> None:
        for function in list(self._callables):
            try:
                function(*arguments)
            except Exception:
                _runtime.engine().log.write("LogPython", "Error", traceback.format_exc().rstrip())


class OnLevelEditorMapChanged(MulticastDelegateBase):
    """(flags)"""


class OnLevelEditorMapOpened(MulticastDelegateBase):
    """(file name, whether as a template)"""


class OnLevelEditorPostSaveWorld(MulticastDelegateBase):
    """(flags, world, whether it was saved)"""


class OnLevelEditorPreSaveWorld(MulticastDelegateBase):
    """(flags, world)"""


def delegate_kind(cls: type[MulticastDelegateBase]) -> Kind[MulticastDelegateBase]:
    """Delegates of a class. A property hands out the delegate itself, so that adding to it counts."""

    def nativize(value: object) -> MulticastDelegateBase:
        if isinstance(value, cls):
            return value
        raise TypeError(f"NativizeProperty: Cannot nativize '{type(value).__name__}' as '{cls.__name__}'")

    return Kind(cls.__name__, nativize, cls)
