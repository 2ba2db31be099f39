"""The objects of a frame: a pool of actors, spawned once and then only moved, hidden and given other meshes.

Of the labelled objects, index i carries stencil i % 255 + 1 while its batch of 255 is captured; all others carry 0.
"""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

import unreal

from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.contract import PlannedObject, Pose
from unrealsynth_plugin.stage import solid_actor

BATCH = 255
"""Stencil values there are, besides 0 for nothing."""


class _Slot:
    """One actor of the pool, and what it was last set to."""

    def __init__(self, number: int, mesh: Any, settings: Settings) -> None:
        self.actor = solid_actor(f"object {number}", mesh, settings)
        self.component = self.actor.static_mesh_component
        self.mesh = mesh
        self.stencil = 0
        self.visible = True

    def show(self, visible: bool) -> None:
        if visible != self.visible:
            self.component.set_visibility(visible)
            self.visible = visible

    def set_mesh(self, mesh: Any) -> None:
        if mesh is not self.mesh:
            self.component.set_static_mesh(mesh)
            self.mesh = mesh

    def set_stencil(self, stencil: int) -> None:
        if stencil != self.stencil:
            self.component.set_custom_depth_stencil_value(stencil)
            self.stencil = stencil


class ActorPool:
    """The objects of the frame at hand. Drop it before the map is left."""

    def __init__(self, meshes: Dict[str, Any], settings: Settings) -> None:
        self._meshes = meshes
        self._settings = settings
        self._slots: List[_Slot] = []
        self._labelled = 0

    def reserve(self, count: int) -> None:
        """Spawns `count` actors in advance, with every mesh among them if there are enough."""
        meshes = list(self._meshes.values())
        for number in range(len(self._slots), count if meshes else 0):
            self._slots.append(_Slot(number, meshes[number % len(meshes)], self._settings))

    def place(self, objects: Sequence[PlannedObject]) -> None:
        """Shows exactly `objects`, labelled ones first, each as planned."""
        self._labelled = sum(planned.class_index is not None for planned in objects)
        for number, planned in enumerate(objects):
            if number == len(self._slots):
                self._slots.append(_Slot(number, self._meshes[planned.model], self._settings))
            slot = self._slots[number]
            slot.set_mesh(self._meshes[planned.model])
            roll, pitch, yaw = planned.rotation_deg
            slot.actor.set_actor_transform(
                unreal.Transform(
                    unreal.Vector(*planned.location_cm),
                    unreal.Rotator(roll=roll, pitch=pitch, yaw=yaw),
                    unreal.Vector(planned.scale, planned.scale, planned.scale),
                ),
                False,
                True,
            )
            slot.show(True)
        for slot in self._slots[len(objects) :]:
            slot.show(False)
        self.select_batch(0)

    def batches(self) -> int:
        """How many id images the frame needs: at least one, also for a frame without objects."""
        return max(1, -(-self._labelled // BATCH))

    def select_batch(self, batch: int) -> None:
        """Gives the objects of one batch their stencil values and all others 0."""
        for index, slot in enumerate(self._slots):
            stencil = index - BATCH * batch + 1
            slot.set_stencil(stencil if index < self._labelled and 1 <= stencil <= BATCH else 0)

    def component(self, index: int) -> Any:
        """The mesh component of an object."""
        return self._slots[index].component

    def pose(self, index: int) -> Pose:
        """Where the object stands, as the editor has it."""
        component = self._slots[index].component
        location, rotation = component.get_world_location(), component.get_world_rotation()
        return Pose(
            (float(location.x), float(location.y), float(location.z)),
            (float(rotation.roll), float(rotation.pitch), float(rotation.yaw)),
        )

    def scale(self, index: int) -> float:
        """Its scale, as the editor has it."""
        return float(self._slots[index].component.get_world_scale().x)
