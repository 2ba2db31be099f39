"""The editor's subsystems: world, actors, levels."""

from __future__ import annotations

from typing import TypeVar

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import BOOL, STR
from unrealsynth.embedded.unreal._object import OBJECT_CLASS, Class, Object, Property
from unrealsynth.embedded.unreal._wrapper import Array, Name, Text
from unrealsynth.embedded.unreal.actors import ACTOR, Actor, StaticMeshActor
from unrealsynth.embedded.unreal.blueprints import Blueprint
from unrealsynth.embedded.unreal.delegates import (
    OnLevelEditorMapChanged,
    OnLevelEditorMapOpened,
    OnLevelEditorPostSaveWorld,
    OnLevelEditorPreSaveWorld,
    delegate_kind,
)
from unrealsynth.embedded.unreal.libraries import SystemLibrary
from unrealsynth.embedded.unreal.static_mesh import STATIC_MESH, MeshNaniteSettings, StaticMesh
from unrealsynth.embedded.unreal.structs import Rotator, Vector
from unrealsynth.embedded.unreal.world import Level, World

S = TypeVar("S", bound="EditorSubsystem")


class Subsystem(Object):
    _abstract = True


class DynamicSubsystem(Subsystem):
    _abstract = True


class EditorSubsystem(DynamicSubsystem):
    _abstract = True


class UnrealEditorSubsystem(EditorSubsystem):
    def get_editor_world(self) -> World | None:
        """None while playing, and while another level is opened."""
        engine = _runtime.engine()
        return None if engine.playing or engine.opening else engine.world

    def get_game_world(self) -> World | None:
        """Only while playing."""
        return None

    def get_level_viewport_camera_info(self) -> tuple[Vector, Rotator] | None:
        location, rotation = _runtime.engine().viewport
        return location.copy(), rotation.copy()

    def set_level_viewport_camera_info(self, camera_location: Vector, camera_rotation: Rotator) -> None:
        _runtime.engine().viewport = Vector.cast(camera_location), Rotator.cast(camera_rotation)


class EditorActorSubsystem(EditorSubsystem):
    def spawn_actor_from_class(
        self,
        actor_class: Class | type[Actor] | None,
        location: Vector,
        rotation: Rotator = Rotator(0.0, 0.0, 0.0),  # noqa: B008
        transient: bool = False,
    ) -> Actor | None:
        """None, and a line in the log, for a class of which no actor can be made."""
        return self._spawn(actor_class, location, rotation, transient)

    def _spawn(
        self, actor_class: Class | type[Actor] | None, location: Vector, rotation: Rotator, transient: bool
    ) -> Actor | None:
        """The user could undo it."""
        SystemLibrary.begin_transaction("", Text("Add Actor"), None)
        try:
            return self._place(actor_class, location, rotation, transient)
        finally:
            SystemLibrary.end_transaction()

    def _place(
        self, actor_class: Class | type[Actor] | None, location: Vector, rotation: Rotator, transient: bool
    ) -> Actor | None:
        engine, kind = _runtime.engine(), OBJECT_CLASS.nativize(actor_class)
        place, turn = Vector.cast(location), Rotator.cast(rotation)
        if kind is None or not issubclass(kind, Actor) or kind._abstract_actor():
            name = "None" if kind is None else kind.__name__
            engine.log.write("LogEditorActorSubsystem", "Error", f"SpawnActor: Cannot make an actor of class {name}.")
            return None
        made = kind._make(engine.world._level)
        made._enter(engine.world, BOOL.nativize(transient))
        if engine.switches.transient_marks_level:
            engine.world._mark_dirty()
        made._root()._place(place._tuple(), turn._quaternion())
        return made

    def spawn_actor_from_object(
        self,
        object_to_use: Object | None,
        location: Vector,
        rotation: Rotator = Rotator(0.0, 0.0, 0.0),  # noqa: B008
        transient: bool = False,
    ) -> Actor | None:
        """Of a static mesh, a Blueprint, or a class."""
        engine = _runtime.engine()
        if isinstance(object_to_use, Class):
            return self._spawn(object_to_use, location, rotation, transient)
        if engine.switches.assets_mark_level:
            engine.world._mark_dirty()
        if isinstance(object_to_use, Blueprint):
            return self._spawn(object_to_use.generated_class(), location, rotation, transient)
        mesh = object_to_use if isinstance(object_to_use, StaticMesh) else None
        if mesh is None:
            engine.log.write("LogEditorActorSubsystem", "Error", "SpawnActor: No actor can show this object.")
            return None
        made = self._spawn(StaticMeshActor, location, rotation, transient)
        assert isinstance(made, StaticMeshActor)
        made.static_mesh_component.set_static_mesh(STATIC_MESH.nativize(mesh))  # type: ignore[union-attr]
        return made

    def get_all_level_actors(self) -> Array[Actor]:
        """Without transient ones; none while playing."""
        engine = _runtime.engine()
        found = [] if engine.playing else engine.world._actors.values()
        return Array._of(ACTOR, [actor for actor in found if not actor._transient])

    def destroy_actor(self, actor_to_destroy: Actor | None) -> bool:
        actor = ACTOR.nativize(actor_to_destroy)
        if actor is None:
            return False
        actor.destroy_actor()
        return True

    def destroy_actors(self, actors_to_destroy: Array[Actor]) -> bool:
        destroyed = [self.destroy_actor(actor) for actor in list(actors_to_destroy)]
        return all(destroyed)

    def select_nothing(self) -> None:
        """Nothing is ever selected."""

    def set_selected_level_actors(self, actors_to_select: Array[Actor]) -> None:
        """Nothing is ever selected."""

    def get_selected_level_actors(self) -> Array[Actor]:
        return Array._of(ACTOR)


class LevelEditorSubsystem(EditorSubsystem):
    on_map_changed = Property(delegate_kind(OnLevelEditorMapChanged))
    on_map_opened = Property(delegate_kind(OnLevelEditorMapOpened))
    on_post_save_world = Property(delegate_kind(OnLevelEditorPostSaveWorld))
    on_pre_save_world = Property(delegate_kind(OnLevelEditorPreSaveWorld))

    def new_level(self, asset_path: str, is_partitioned_world: bool = False) -> bool:
        """Leaves the open level unsaved. False when the path is taken or none."""
        return _runtime.engine().new_level(STR.nativize(asset_path), BOOL.nativize(is_partitioned_world))

    def load_level(self, asset_path: str) -> bool:
        """Leaves the open level unsaved. False when there is no such level."""
        engine, path = _runtime.engine(), STR.nativize(asset_path).split(".")[0]
        if not engine.has_level(path):
            engine.log.write("LogLevelEditorSubsystem", "Error", f"LoadLevel: Failed to load {path}.")
            return False
        engine.open_world(path)
        return True

    def save_current_level(self) -> bool:
        engine, cls = _runtime.engine(), LevelEditorSubsystem
        cls.on_pre_save_world.read(self)._broadcast(0, engine.world)
        # Garbage is collected under a progress bar, before anything is written.
        engine.tick_slate()
        saved = engine.save_level()
        cls.on_post_save_world.read(self)._broadcast(0, engine.world, saved)
        return saved

    def get_current_level(self) -> Level:
        return _runtime.engine().world._level

    def is_in_play_in_editor(self) -> bool:
        return _runtime.engine().playing

    def editor_request_begin_play(self) -> None:
        """There is no game to play, but the editor counts as playing."""
        _runtime.engine().playing = True

    def editor_request_end_play(self) -> None:
        _runtime.engine().playing = False

    def editor_set_viewport_realtime(self, realtime: bool, viewport_config_key: Name | str = "None") -> None:
        """There is no viewport."""

    def editor_set_game_view(self, game_view: bool, viewport_config_key: Name | str = "None") -> None:
        _runtime.engine().level_viewport.game_view = BOOL.nativize(game_view)

    def editor_get_game_view(self, viewport_config_key: Name | str = "None") -> bool:
        return _runtime.engine().level_viewport.game_view

    def editor_invalidate_viewports(self) -> None:
        """Has them drawn in the next frame, where they are drawn at all."""
        _runtime.engine().level_viewport.invalidate()

    def get_active_viewport_config_key(self) -> Name:
        """`None` where no viewport is open."""
        return Name("None" if _runtime.engine().switches.viewport == "closed" else "Viewport 1.Viewport0")


class StaticMeshEditorSubsystem(EditorSubsystem):
    def get_nanite_settings(self, static_mesh: StaticMesh) -> MeshNaniteSettings:
        return StaticMesh.nanite_settings.read(static_mesh).copy()

    def set_nanite_settings(
        self, static_mesh: StaticMesh, nanite_settings: MeshNaniteSettings, apply_changes: bool = True
    ) -> None:
        StaticMesh.nanite_settings.store(static_mesh, nanite_settings)

    def get_lod_count(self, static_mesh: StaticMesh) -> int:
        return static_mesh.get_num_lods()

    def get_number_verts(self, static_mesh: StaticMesh, lod_index: int) -> int:
        return static_mesh.get_num_vertices(lod_index)

    def get_number_materials(self, static_mesh: StaticMesh) -> int:
        return len(static_mesh._slots())
