"""The parts of a partitioned level that a job needs: loaded while it works, let go afterwards."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

import unreal

from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.level_actors import level_actors
from unrealsynth_plugin.open_world import world_path
from unrealsynth_plugin.vectors import vec3

_VIEW_CM = 20_000.0
"""How far around the region the level is loaded: what cameras can see."""
_FAR_CM = 2_000_000.0
"""Farther than any actor is."""


class Cells:
    """The actors of a partitioned level that are loaded for a job. A level that is not partitioned has none."""

    def __init__(self) -> None:
        self._pinned: List[Any] = []
        self._loaded: List[Any] = []

    def load(self, region: Region) -> None:
        """Loads and pins what lies in the region or within sight of it.

        What is in a level instance has no handle of its own, and the instance itself is not listed.
        """
        reach = region.radius + _VIEW_CM
        x, y = region.center
        found = self._find(x - reach, y - reach, x + reach, y + reach)
        # A level may be opened by a name with other capitals than its own.
        here = _level_of(world_path()).lower()
        descriptions = [entry for entry in found if _level_of(entry.actor_path).lower() == here]
        others = {_level_of(entry.actor_path) for entry in found if _level_of(entry.actor_path).lower() != here}
        if others:
            unreal.log_warning(
                f"UnrealSynth cannot load level instances, here of {', '.join(sorted(others))}. Load their region in "
                "the World Partition window first, or they are in no picture."
            )
        if not descriptions:
            return
        known = {str(actor.get_path_name()) for actor in level_actors()}
        self._pinned = [description.guid for description in descriptions]
        self._loaded = [entry.guid for entry in descriptions if str(entry.actor_path) not in known]
        unreal.WorldPartitionBlueprintLibrary.load_actors(self._loaded)
        unreal.WorldPartitionBlueprintLibrary.pin_actors(self._pinned)

    def release(self) -> None:
        """Lets go of what was loaded."""
        if self._pinned:
            unreal.WorldPartitionBlueprintLibrary.unpin_actors(self._pinned)
        if self._loaded:
            unreal.WorldPartitionBlueprintLibrary.unload_actors(self._loaded)
        self._pinned, self._loaded = [], []

    def bounds_of(self, name: str) -> Optional[Tuple[Vec3, Vec3]]:
        """Lowest and highest corner of an actor that is not loaded, by its label."""
        for description in self._find(-_FAR_CM, -_FAR_CM, _FAR_CM, _FAR_CM):
            if str(description.label) == name:
                return vec3(description.bounds.min), vec3(description.bounds.max)
        return None

    def _find(self, x0: float, y0: float, x1: float, y1: float) -> List[Any]:
        library = unreal.WorldPartitionBlueprintLibrary
        box = unreal.Box(unreal.Vector(x0, y0, -_FAR_CM), unreal.Vector(x1, y1, _FAR_CM))
        # A box made in Python is not valid until it is told so.
        box.is_valid = True
        found = library.get_intersecting_actor_descs(box)
        if found is None and library.get_editor_world_bounds().is_valid:
            raise PluginError(
                f"The editor cannot list what is in the partitioned level {world_path()}: a level that is "
                "placed in it as a level instance is missing or cannot be read. Mend or remove that instance, which "
                "Build > Map Check names, and start the run again."
            )
        # Coarse stand-ins of far things, once loaded, would be drawn in the same place as the things themselves.
        return [entry for entry in found or () if "WorldPartitionHLOD" not in str(entry.native_class)]


def _level_of(path: Any) -> str:
    """The package of an object of a level."""
    return str(path).split(".")[0]
