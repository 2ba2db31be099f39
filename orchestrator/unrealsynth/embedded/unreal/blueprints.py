"""Blueprints as assets. No graph is ever run: `_parent` is the class whose actors a Blueprint makes."""

from __future__ import annotations

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._object import Class, Object
from unrealsynth.embedded.unreal.actors import Actor


class BlueprintCore(Object):
    _abstract = True


class Blueprint(BlueprintCore):
    __slots__ = ("_parent",)
    _abstract = True
    _parent: type[Actor]

    def generated_class(self) -> Class:
        return _runtime.engine().class_of(self._parent)
