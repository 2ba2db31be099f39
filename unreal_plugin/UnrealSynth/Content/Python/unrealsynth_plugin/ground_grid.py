"""Where the ground of a level is, and what is in the way there: line traces against its visible collision.

What a job has placed itself has no collision, so traces meet the level alone.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Dict, Generator, Iterator, List, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin.compatibility import is_alive
from unrealsynth_plugin.core.contract import FramePlan, Model, PlannedObject
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.ground import GroundGrid
from unrealsynth_plugin.core.placement import middle_of
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.open_world import world
from unrealsynth_plugin.vectors import vec3

_CELLS = 48
"""Cells of the grid along its longer side, at most."""
_SMALLEST_STEP_CM = 25.0
_TRACES_A_TICK = 400
_REACH_CM = 100_000.0
"""How far above and below zero the ground is looked for where no box bounds it."""
_ABOVE_CM, _BELOW_CM = 10.0, 500.0
"""Beyond the box: ground that is its lid, and ground under a box that hangs above it."""
_IMPACT_POINT, _ACTOR = 5, 9
"""Positions in a HitResult's tuple, whose values have no names in Python; the component follows the actor."""


class LevelGround:
    """The ground in a region of the open level. Drop it before the level is left."""

    def __init__(self, region: Region, hidden: Sequence[Any] = ()) -> None:
        self._region = region
        self._unseen: List[Any] = list(hidden)
        """Actors that no picture shows, although traces meet them: volumes, helpers, what is hidden in the game."""
        box = region.box
        self._top = _REACH_CM if box is None else box[1][2] + _ABOVE_CM
        self._bottom = -_REACH_CM if box is None else box[0][2] - _BELOW_CM

    def survey(self) -> Generator[None, None, GroundGrid]:
        """Heights all over the region, some hundred traces a tick."""
        (x, y), radius, box = self._region.center, self._region.radius, self._region.box
        low, high = ((x - radius, y - radius), (x + radius, y + radius)) if box is None else (box[0][:2], box[1][:2])
        step = max(max(high[0] - low[0], high[1] - low[1]) / _CELLS, _SMALLEST_STEP_CM)
        columns, rows = (max(2, math.ceil((end - start) / step) + 1) for start, end in zip(low, high))
        heights: List[Optional[float]] = []
        self._forget_gone()
        for row in range(rows):
            for column in range(columns):
                heights.append(self.height_cm(low[0] + column * step, low[1] + row * step))
                if len(heights) % _TRACES_A_TICK == 0:
                    yield
                    self._forget_gone()
        return GroundGrid(low[0], low[1], step, columns, rows, tuple(heights))

    def height_cm(self, x: float, y: float) -> Optional[float]:
        """Height of the first thing on the way down, None when there is none."""
        hit = self._trace((x, y, self._top), (x, y, self._bottom))
        return None if hit is None else hit[2]

    def is_clear(self, start: Vec3, end: Vec3) -> bool:
        """Whether nothing of the level blocks sight between two points."""
        return self._trace(start, end) is None

    def stand(
        self, plan: FramePlan, models: Dict[str, Model], grid: GroundGrid
    ) -> Tuple[FramePlan, Tuple[float, ...], Optional[str]]:
        """The plan with each object on the ground as traced under it, how far each was lifted, and what is wrong.

        The grid is only interpolated between its points, and the level may hold something thin that it missed.
        """
        self._forget_gone()
        lifts: List[float] = []
        fault: Optional[str] = None
        for planned in plan.objects:
            x, y, _ = middle_of(models[planned.model], planned)
            expected, found = grid.height_cm(x, y), self.height_cm(x, y)
            lift = 0.0 if expected is None or found is None else found - expected
            if expected is None or found is None or abs(lift) > grid.step_cm:
                fault, lift = "no ground to stand on", 0.0
            lifts.append(lift)
        objects = tuple(_lifted(planned, lift) for planned, lift in zip(plan.objects, lifts))
        if fault is None and not self.is_clear(plan.target_cm, plan.camera.location_cm):
            fault = "hidden by the level"
        return replace(plan, objects=objects), tuple(lifts), fault

    def _forget_gone(self) -> None:
        # One actor that the user has deleted would fail all traces.
        self._unseen = [actor for actor in self._unseen if is_alive(actor)]

    def _trace(self, start: Vec3, end: Vec3) -> Optional[Vec3]:
        """Where something that can be seen is hit first."""
        hits: List[Vec3] = []
        passed: List[Any] = []
        while True:
            hit = unreal.SystemLibrary.line_trace_single(
                world(),
                unreal.Vector(*start),
                unreal.Vector(*end),
                unreal.TraceTypeQuery.TRACE_TYPE_QUERY1,
                True,
                [*self._unseen, *passed],
                unreal.DrawDebugTrace.NONE,
            )
            parts: Optional[Tuple[Any, ...]] = None if hit is None else hit.to_tuple()
            if parts is None or not parts[0]:
                break
            actor, component = parts[_ACTOR], parts[_ACTOR + 1]
            was_ignored = actor in passed or actor in self._unseen
            if actor is None or was_ignored or (not actor.hidden and (component is None or _is_seen(component))):
                hits.append(vec3(parts[_IMPACT_POINT]))
                break
            if actor.hidden:
                self._unseen.append(actor)
            else:
                # Only the part is hidden, as a Blueprint's own collision often is.
                passed.append(actor)
                hits += _hits_on_seen_parts(actor, start, end)
        return min(hits, key=lambda point: math.dist(start, point)) if hits else None


def _hits_on_seen_parts(actor: Any, start: Vec3, end: Vec3) -> Iterator[Vec3]:
    for part in actor.get_components_by_class(unreal.PrimitiveComponent):
        # A trace of one component asks for no channel.
        blocks = part.get_collision_response_to_channel(unreal.CollisionChannel.ECC_VISIBILITY)
        if not _is_seen(part) or blocks != unreal.CollisionResponseType.ECR_BLOCK:
            continue
        hit = part.line_trace_component(unreal.Vector(*start), unreal.Vector(*end), True, False, False)
        if hit is not None:
            yield vec3(hit[0])


def _is_seen(component: Any) -> bool:
    return bool(component.visible and not component.hidden_in_game)


def _lifted(planned: PlannedObject, lift_cm: float) -> PlannedObject:
    x, y, z = planned.location_cm
    return replace(planned, location_cm=(x, y, z + lift_cm))
