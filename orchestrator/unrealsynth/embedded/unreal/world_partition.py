"""Levels whose actors are loaded by place: what is in such a level is known by descriptions until it is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import BOOL, INT32, object_kind
from unrealsynth.embedded.unreal._levels import SavedActor, saved_actor
from unrealsynth.embedded.unreal._object import Class, Property
from unrealsynth.embedded.unreal._struct_base import StructBase, struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Array, Name
from unrealsynth.embedded.unreal.actors import Actor
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.mesh_components import StaticMeshComponent
from unrealsynth.embedded.unreal.render_targets import BlueprintFunctionLibrary
from unrealsynth.embedded.unreal.structs import Box, Vector
from unrealsynth.embedded.unreal.world import World


class Guid(StructBase):
    a = Property(INT32, attribute="")
    b = Property(INT32, attribute="")
    c = Property(INT32, attribute="")
    d = Property(INT32, attribute="")

    def to_string(self) -> str:
        parts = [getattr(type(self), name).read(self) & 0xFFFFFFFF for name in "abcd"]
        return "-".join(f"{part:08X}" for part in parts)


class WorldPartitionHLOD(Actor):
    """What stands for many actors that are far away and not loaded."""

    def _build(self) -> None:
        Actor.root_component.store(self, self._add(StaticMeshComponent, "Proxy"))


class LevelInstance(Actor):
    """A level that is placed in another one. What is in it is listed in its place, and never shown here."""

    world_asset = Property(object_kind("World", World), attribute="")

    def _build(self) -> None:
        Actor.root_component.store(self, self._add(SceneComponent, "Root"))


class ActorDesc(StructBase):
    """An actor of the level as it is on disk, loaded or not."""

    guid = Property(struct_kind(Guid), attribute="r", edit_const=True)
    native_class = Property(object_kind("type(Class)", Class), attribute="r", edit_const=True)
    name = Property(NAME, attribute="r", edit_const=True)
    label = Property(NAME, attribute="r", edit_const=True)
    bounds = Property(struct_kind(Box), attribute="r", edit_const=True)
    is_spatially_loaded = Property(BOOL, attribute="r", edit_const=True)
    actor_path = Property(NAME, attribute="r", edit_const=True)


class WorldPartitionBlueprintLibrary(BlueprintFunctionLibrary):
    @classmethod
    def get_intersecting_actor_descs(cls, box: Box) -> Array[ActorDesc] | None:
        """None in a level that is not partitioned, and where the level of an instance is missing."""
        engine, wanted = _runtime.engine(), Box.cast(box)
        if not engine.world._partitioned:
            return None
        listed: list[tuple[str, SavedActor]] = []
        for saved in _all(engine.world):
            placed = saved.own.get("world_asset") if saved.cls is LevelInstance else engine.world
            level = placed._level.get_path_name() if isinstance(placed, World) else ""
            contents = engine.level_contents(level.split(".")[0]) if saved.cls is LevelInstance else (saved,)
            if contents is None:
                return None
            listed += [(level, inner) for inner in contents]
        found = [entry for entry in listed if Box.is_valid.read(wanted) and _overlap(entry[1], wanted)]
        return Array._of(struct_kind(ActorDesc), [_description(*entry) for entry in found])

    @classmethod
    def get_editor_world_bounds(cls) -> Box:
        """A box that is not valid in a level that is not partitioned."""
        world = _runtime.engine().world
        corners = [(saved.low, saved.high) for saved in _all(world)] if world._partitioned else []
        if not corners:
            return Box()
        lows, highs = zip(*corners, strict=True)
        made = Box(Vector(*map(min, zip(*lows, strict=True))), Vector(*map(max, zip(*highs, strict=True))))
        made.is_valid = True
        return made

    @classmethod
    def load_actors(cls, actors_to_load: Array[Guid]) -> None:
        world = _runtime.engine().world
        level = world._level.get_path_name()
        wanted = {Guid.cast(guid).to_string() for guid in actors_to_load}
        for saved in list(world._unloaded):
            if _guid(level, saved.name).to_string() in wanted:
                world._unloaded.remove(saved)
                saved.restore(world)

    @classmethod
    def unload_actors(cls, actors_to_unload: Array[Guid]) -> None:
        """What is pinned stays."""
        world = _runtime.engine().world
        level = world._level.get_path_name()
        wanted = {Guid.cast(guid).to_string() for guid in actors_to_unload} - world._pinned
        for actor in list(world._actors.values()):
            if not actor._transient and actor._maker is None and _guid(level, actor._name).to_string() in wanted:
                world._unloaded.append(saved_actor(actor))
                actor._end()

    @classmethod
    def pin_actors(cls, actors_to_pin: Array[Guid]) -> None:
        """Loads them too."""
        cls.load_actors(actors_to_pin)
        _runtime.engine().world._pinned |= {Guid.cast(guid).to_string() for guid in actors_to_pin}

    @classmethod
    def unpin_actors(cls, actors_to_unpin: Array[Guid]) -> None:
        _runtime.engine().world._pinned -= {Guid.cast(guid).to_string() for guid in actors_to_unpin}


def _all(world: World) -> Iterator[SavedActor]:
    actors = (actor for actor in world._actors.values() if not actor._transient and actor._maker is None)
    yield from (saved_actor(actor) for actor in actors)
    yield from world._unloaded


def _description(level: str, saved: SavedActor) -> ActorDesc:
    made = ActorDesc()
    box = Box(Vector(*saved.low), Vector(*saved.high))
    box.is_valid = True
    for name, value in (
        ("guid", _guid(level, saved.name)),
        ("native_class", _runtime.engine().class_of(saved.cls)),
        ("name", Name(saved.name)),
        ("label", Name(saved.label)),
        ("bounds", box),
        ("is_spatially_loaded", saved.is_spatial),
        ("actor_path", Name(f"{level}.{saved.name}")),
    ):
        ActorDesc._properties()[name].store(made, value)
    return made


def _guid(level: str, name: str) -> Guid:
    """The same for an actor whenever its level is open."""
    digest = hashlib.sha256(f"{level}/{name}".encode()).digest()
    made = Guid()
    for number, part in enumerate("abcd"):
        value = int.from_bytes(digest[4 * number : 4 * number + 4], "big", signed=True)
        getattr(Guid, part).store(made, value)
    return made


def _overlap(saved: SavedActor, box: Box) -> bool:
    low, high = Box.min.read(box)._tuple(), Box.max.read(box)._tuple()
    return all(a <= d and c <= b for a, b, c, d in zip(saved.low, saved.high, low, high, strict=True))
