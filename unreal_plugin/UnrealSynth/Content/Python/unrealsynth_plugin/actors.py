"""The objects of a frame: a pool of actors, spawned once and then only moved, hidden and given other meshes.

Of the labelled objects, index i carries stencil i % 255 + 1 while its batch of 255 is captured; all others carry 0.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Optional, Sequence

import unreal

from unrealsynth_plugin.compatibility import spawn_asset
from unrealsynth_plugin.core.contract import PlannedObject
from unrealsynth_plugin.core.geometry import Pose
from unrealsynth_plugin.level_actors import drawn_parts, with_children
from unrealsynth_plugin.stage import solid_actor
from unrealsynth_plugin.vectors import angles, rotator, vec3

BATCH = 255
"""Stencil values there are, besides 0 for nothing."""
_Kind = Optional[str]
"""Whose actors can stand in for each other: None for all static meshes, its model for a Blueprint."""


class _Slot:
    """An actor of the pool with what is drawn of it, and what it was last set to."""

    def __init__(self, actor: Any, parts: Sequence[Any], others: Sequence[Any] = ()) -> None:
        """`others` show by what they do to the picture, as lamps and decals do."""
        self.actor = actor
        self.parts = parts
        self._others = others
        self._stencil = 0
        self._visible = True
        self._in_custom_depth = True

    def set_mesh(self, mesh: Any) -> None:
        """Shows another mesh, where it can."""

    def show(self, visible: bool) -> None:
        if visible != self._visible:
            for part in (*self.parts, *self._others):
                part.set_visibility(visible)
            self._visible = visible

    def set_stencil(self, stencil: int) -> None:
        if stencil != self._stencil:
            for part in self.parts:
                part.set_custom_depth_stencil_value(stencil)
            self._stencil = stencil

    def set_custom_depth(self, rendered: bool) -> None:
        if rendered != self._in_custom_depth:
            for part in self.parts:
                part.set_render_custom_depth(rendered)
            self._in_custom_depth = rendered


class _MeshSlot(_Slot):
    """An actor that can show any static mesh."""

    def __init__(self, number: int, mesh: Any) -> None:
        actor = solid_actor(f"object {number}", mesh)
        super().__init__(actor, [actor.static_mesh_component])
        self._mesh = mesh

    def set_mesh(self, mesh: Any) -> None:
        if mesh is not self._mesh:
            self.parts[0].set_static_mesh(mesh)
            self._mesh = mesh


class _BlueprintSlot(_Slot):
    """An actor of one Blueprint, with all its parts and those of its child actors.

    To move it runs no construction script, which would make its components anew: only an edit in the level editor or
    with notification does.
    """

    def __init__(self, number: int, blueprint: Any) -> None:
        actor = spawn_asset(blueprint, f"object {number}")
        _make_movable(actor)
        parts = drawn_parts(actor)
        # What it hides itself stays hidden.
        shown = [part for each in with_children([actor]) for part in _pieces(each) if part.visible]
        others = [part for part in shown if part not in parts]
        super().__init__(actor, parts, others)
        for part in others:
            if isinstance(part, unreal.PrimitiveComponent):
                # An outline of its own would pass for a label.
                part.set_render_custom_depth(False)
        for part in self.parts:
            part.set_render_custom_depth(True)
            part.set_custom_depth_stencil_value(0)
            part.set_collision_enabled(unreal.CollisionEnabled.NO_COLLISION)


def _pieces(actor: Any) -> Sequence[Any]:
    return list(actor.get_components_by_class(unreal.SceneComponent))


def _make_movable(actor: Any) -> None:
    """A child actor keeps its own mobility below a movable parent, and is made anew when its maker's changes."""
    for piece in _pieces(actor):
        piece.set_mobility(unreal.ComponentMobility.MOVABLE)
    for child in actor.get_all_child_actors(False):
        _make_movable(child)


class ActorPool:
    """The objects of the frame at hand. Drop it before the map is left."""

    def __init__(self, meshes: Dict[str, Any]) -> None:
        """`meshes` by model: static meshes, and Blueprints of the project."""
        self._meshes = meshes
        self._pools: Dict[_Kind, List[_Slot]] = {}
        self._placed: List[_Slot] = []
        self._labelled = 0

    def reserve(self, count: int) -> None:
        """Spawns `count` actors in advance, with every mesh among them if there are enough, and one of each Blueprint.

        What placing them does to a level must show before anything else can change it.
        """
        meshes = [mesh for mesh in self._meshes.values() if isinstance(mesh, unreal.StaticMesh)]
        for number in range(count if meshes else 0):
            self._spawned(None, number, meshes[number % len(meshes)])
        for model, mesh in self._meshes.items():
            if self._kind(model) is not None:
                self._spawned(model, 0, mesh)

    def actors(self) -> List[Any]:
        """All that were spawned."""
        return [slot.actor for pool in self._pools.values() for slot in pool]

    def place(self, objects: Sequence[PlannedObject]) -> None:
        """Shows exactly `objects`, labelled ones first, each as planned."""
        self._labelled = sum(planned.class_index is not None for planned in objects)
        used: Counter[_Kind] = Counter()
        self._placed = [self._slot(planned.model, used) for planned in objects]
        for slot, planned in zip(self._placed, objects):
            slot.actor.set_actor_transform(
                unreal.Transform(
                    unreal.Vector(*planned.location_cm),
                    rotator(planned.rotation_deg),
                    unreal.Vector(planned.scale, planned.scale, planned.scale),
                ),
                False,
                True,
            )
            slot.show(True)
        for kind, pool in self._pools.items():
            for slot in pool[used[kind] :]:
                slot.show(False)
        self.select_batch(0)

    def _slot(self, model: str, used: Counter[_Kind]) -> _Slot:
        """A free actor that shows the model; `used` counts those taken."""
        kind, mesh = self._kind(model), self._meshes[model]
        slot = self._spawned(kind, used[kind], mesh)
        used[kind] += 1
        slot.set_mesh(mesh)
        return slot

    def _kind(self, model: str) -> _Kind:
        return None if isinstance(self._meshes[model], unreal.StaticMesh) else model

    def _spawned(self, kind: _Kind, number: int, mesh: Any) -> _Slot:
        """An actor of a kind by its number, a new one where there are not so many yet."""
        pool = self._pools.setdefault(kind, [])
        if number == len(pool):
            pool.append(_MeshSlot(number, mesh) if kind is None else _BlueprintSlot(number, mesh))
        return pool[number]

    def set_custom_depth(self, rendered: bool) -> None:
        """Whether the objects render into custom depth, which ids need and a level's outlines would show."""
        for slot in self._placed:
            slot.set_custom_depth(rendered)

    def batches(self) -> int:
        """How many id images the frame needs: at least one, also for a frame without objects."""
        return max(1, -(-self._labelled // BATCH))

    def select_batch(self, batch: int) -> None:
        """Gives the objects of one batch their stencil values and all others 0."""
        for index, slot in enumerate(self._placed):
            stencil = index - BATCH * batch + 1
            slot.set_stencil(stencil if index < self._labelled and 1 <= stencil <= BATCH else 0)

    def components(self, index: int) -> Sequence[Any]:
        """What is drawn of an object."""
        return self._placed[index].parts

    def pose(self, index: int) -> Pose:
        """Where the object stands, as the editor has it."""
        actor = self._placed[index].actor
        return Pose(vec3(actor.get_actor_location()), angles(actor.get_actor_rotation()))

    def scale(self, index: int) -> float:
        """Its scale, as the editor has it."""
        return float(self._placed[index].actor.get_actor_scale3d().x)
