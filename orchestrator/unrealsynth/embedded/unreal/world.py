"""Worlds and levels. Everything that lives in a world dies with it: its wrappers raise from then on."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from unrealsynth.embedded.unreal._object import Object, is_alive

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._levels import SavedActor
    from unrealsynth.embedded.unreal.actors import Actor


class Package(Object):
    """A file's worth of objects; `_dirty` when it has unsaved changes."""

    __slots__ = ("_dirty",)
    _dirty: bool

    def _post_init(self) -> None:
        self._dirty = False


class Level(Object):
    pass


class World(Object):
    __slots__ = ("_actors", "_level", "_objects", "_partitioned", "_pinned", "_unloaded")
    _level: Level
    _actors: dict[int, Actor]
    """By identity, in the order of spawning."""
    _objects: weakref.WeakSet[Object]
    """Other objects whose outer is in the world: render targets, dynamic material instances."""
    _partitioned: bool
    """Whether actors are loaded by their place."""
    _unloaded: list[SavedActor]
    _pinned: set[str]
    """Ids of actors that are not unloaded."""

    def _post_init(self) -> None:
        self._actors = {}
        self._objects = weakref.WeakSet()
        self._partitioned = False
        self._unloaded = []
        self._pinned = set()
        self._level = Level._make(self, "PersistentLevel")

    def get_world(self) -> World:
        return self

    def _die(self) -> None:
        """Ends the world and all that is in it."""
        while self._actors:
            # With an actor its child actors go.
            next(iter(self._actors.values()))._end()
        for item in list(self._objects):
            if is_alive(item):
                item._kill()
        self._actors.clear()
        self._level._kill()
        self._kill()

    def _mark_dirty(self) -> None:
        outer = self._outer
        if isinstance(outer, Package):
            outer._dirty = True

    def _files(self) -> list[Package]:
        """Of the actors that have one to themselves, as all of a partitioned level do, those that were asked for."""
        return [actor._file for actor in self._actors.values() if actor._file is not None]
