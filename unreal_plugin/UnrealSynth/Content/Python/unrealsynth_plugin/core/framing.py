"""Where the camera stands and where objects appear in its picture.

Sizes are drawn in pixels and turned into distances, so that objects come out as large as the recipe wants them, however
large the model is.
"""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import Counter, Optional, Sequence, Tuple

from unrealsynth_plugin.core.contract import Environment, Job, Prepared
from unrealsynth_plugin.core.distributions import LogUniform, Number, bounds, draw
from unrealsynth_plugin.core.footprints import Footprint, blocks, contains, overlap
from unrealsynth_plugin.core.geometry import Axes, Box, CameraPose, Vec2, Vec3, axes, combine, focal_length_px, full_box
from unrealsynth_plugin.core.placement import Shape, Stand
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.core.streams import stream

AIM_TRIES = 48
PLACE_TRIES = 60
_SIZE_STEPS = 8
_GROUND_STEPS = 3
"""How often a place on uneven ground is corrected for the height found there."""
NEAR_CM = 10.0
"""The usual near plane, Unreal's own. It is nearer where a small object is looked at from close by, but no nearer than
need be: what is far away in near planes has a coarse depth."""
_BUMP_CM, _SLOPE = 3.0, 0.25
"""How far ground at an object's edge may differ from that under its middle: a constant, and a share of the distance."""
_GAP_CM = 2.0
_CLEARANCE = 2.5
"""Free space around the camera, in distances of the near plane."""
_LOWEST = 1.2
"""Height of the camera above the ground at least, in distances of the near plane."""
_AIM_SHARE = 0.72
"""The middle of the object aimed at lies within this share of the picture."""
_PLACE_SHARE = 0.94
_FARTHEST_CM = 20_000.0


class Framing:
    """Draws the camera and the places of one frame."""

    def __init__(
        self, job: Job, environment: Environment, prepared: Prepared, k: int, attempt: int, sight: int = 0
    ) -> None:
        """`sight` counts the views of the frame that turned out to be blocked; each has streams of its own."""
        self._job = job
        self._region = Region.of(environment.spawn, prepared)
        self._prepared = prepared
        self._k = k
        self._attempt = attempt
        self._prefix = f"sight/{sight}/" if sight else ""
        self._settings = job.randomization.camera

    def aim(
        self, shape: Shape, props: Sequence[Footprint], rejections: Counter[str]
    ) -> Tuple[Stand, CameraPose, float]:
        """Stands `shape` in the spawn region and a camera so that it has the drawn size in the picture.

        Returns the object, the camera and the wanted size in pixels. When no draw is without fault, the last one
        counts: a frame always has a camera.
        """
        names = ("azimuth", "elevation", "field_of_view", "roll", "size", "aim", "spot")
        streams = {name: self._stream(f"camera/{name}") for name in names}
        settings = self._settings
        roll = draw(settings.roll, streams["roll"])
        fov = draw(settings.field_of_view, streams["field_of_view"])
        size = draw(self.size_range(), streams["size"])
        for attempt in range(AIM_TRIES):
            rotation = (
                roll,
                -draw(settings.elevation, streams["elevation"]),
                draw(settings.azimuth, streams["azimuth"]),
            )
            spread = _AIM_SHARE * (1.0 - attempt / AIM_TRIES)
            aim = tuple((2.0 * streams["aim"].random() - 1.0) * spread for _ in range(2))
            x, y = self._region.draw(streams["spot"])
            ground_z = self._ground_z(x, y)
            stand = shape.stand(
                (x, y, shape.center_height(self._prepared.ground_z_cm if ground_z is None else ground_z))
            )
            camera = self._camera_for(shape, stand, rotation, fov, size, (aim[0], aim[1]))
            fault = self._ground_fault(stand) or self._fault(stand, camera, props)
            if fault is None:
                break
            rejections[fault] += 1
        return stand, camera, size

    def find_place(
        self,
        shape: Shape,
        camera: CameraPose,
        taken: Sequence[Footprint],
        name: str,
        rejections: Counter[str],
    ) -> Optional[Stand]:
        """A free place for `shape` inside the picture, or None.

        The first half of the tries wants a drawn size, which decides the distance; where the ground at that distance
        is not in view, the other half takes any ground in the picture.
        """
        random = self._stream(name)
        view = axes(camera.rotation_deg)
        width, height = self._job.resolution
        focal = focal_length_px(camera.fov_deg, width)
        extent = shape.extent(view)
        smallest = bounds(self.size_range())[0] / 2.0
        for attempt in range(PLACE_TRIES):
            size = draw(self.size_range(), random)
            x = (random.random() - 0.5) * width * _PLACE_SHARE / focal
            y = (random.random() - 0.5) * height * _PLACE_SHARE / focal
            depth = focal * extent / size if attempt < PLACE_TRIES // 2 else None
            point = self._on_ground(shape, camera, view, (x, y), depth, height / 2.0 / focal * _PLACE_SHARE)
            if point is None or focal * extent < smallest * _depth(point, camera, view):
                rejections["out of view"] += 1
                continue
            if not self._region.holds(point[0], point[1]):
                rejections["outside the spawn region"] += 1
                continue
            stand = shape.stand(point)
            fault = self._ground_fault(stand)
            if fault is not None:
                rejections[fault] += 1
                continue
            if any(overlap(stand.footprint, other, _GAP_CM) for other in taken):
                rejections["overlap"] += 1
                continue
            if contains(stand.footprint, camera.location_cm, _CLEARANCE * camera.near_cm) or self._too_large(
                stand, shape, camera
            ):
                rejections["too near the camera"] += 1
                continue
            return stand
        rejections["no place found"] += 1
        return None

    def _on_ground(
        self, shape: Shape, camera: CameraPose, view: Axes, at: Vec2, depth: Optional[float], y_limit: float
    ) -> Optional[Vec3]:
        """The middle of `shape` standing at that depth and column, or without a depth at `at` in the picture, if any.

        `at` and `y_limit` are in focal lengths. On uneven ground the height is that of the place found before.
        """
        level = shape.center_height(self._prepared.ground_z_cm)
        point: Optional[Vec3] = None
        for _ in range(_GROUND_STEPS):
            if depth is not None:
                point = _at_distance(camera, view, level, depth, at[0], y_limit)
            else:
                point = _on_level(camera, view, level, *at)
            if point is None or self._prepared.ground is None:
                break
            ground_z = self._ground_z(point[0], point[1])
            if ground_z is None:
                return None
            level = shape.center_height(ground_z)
            point = (point[0], point[1], level)
        return point

    def _ground_z(self, x: float, y: float) -> Optional[float]:
        """Height of the ground, None where there is none to stand on."""
        grid = self._prepared.ground
        return self._prepared.ground_z_cm if grid is None else grid.height_cm(x, y)

    def _ground_fault(self, stand: Stand) -> Optional[str]:
        """What keeps the object from standing there: no ground under its middle, or too uneven a one under its edge."""
        grid = self._prepared.ground
        if grid is None:
            return None
        outline = stand.footprint.outline
        x, y = (sum(corner[axis] for corner in outline) / len(outline) for axis in (0, 1))
        middle_z = grid.height_cm(x, y)
        if middle_z is None:
            return "no ground to stand on"
        for corner in outline:
            z = grid.height_cm(*corner)
            uneven = z is not None and abs(z - middle_z) > _BUMP_CM + _SLOPE * math.dist(corner, (x, y))
            if uneven or (z is None and self._region.holds(*corner)):
                return "uneven ground"
        return None

    def _stream(self, name: str) -> Random:
        return stream(self._job.seed, self._k, self._attempt, self._prefix + name)

    def _too_large(self, stand: Stand, shape: Shape, camera: CameraPose) -> bool:
        box = self._box(stand, shape, camera)
        largest = 1.5 * bounds(self.size_range())[1]
        return box is None or max(box[2] - box[0], box[3] - box[1]) > largest

    def _box(self, stand: Stand, shape: Shape, camera: CameraPose) -> Optional[Box]:
        planned = stand.planned
        return full_box(
            shape.model.hull_cm,
            planned.location_cm,
            planned.rotation_deg,
            planned.scale,
            camera,
            self._job.resolution,
        )

    def size_range(self) -> Number:
        """The wanted size in pixels: the recipe's, or a share of the picture's shorter side."""
        if self._settings.size is not None:
            return self._settings.size
        side = min(self._job.resolution)
        return LogUniform((0.06 * side, 0.6 * side))

    @staticmethod
    def overview(region: Region, ground_z_cm: float, elevation_deg: float, fov_deg: float) -> CameraPose:
        """A camera that looks over the whole spawn region."""
        rotation = (0.0, -elevation_deg, 0.0)
        target = (*region.center, ground_z_cm)
        location = combine(target, axes(rotation), (-region.radius, 0.0, 0.0))
        return CameraPose(location, rotation, fov_deg, NEAR_CM)

    def _camera_for(
        self, shape: Shape, stand: Stand, rotation: Vec3, fov: float, size_px: float, aim: Tuple[float, float]
    ) -> CameraPose:
        width, height = self._job.resolution
        focal = focal_length_px(fov, width)
        view = axes(rotation)
        planned = stand.planned
        center = combine(planned.location_cm, Axes((1, 0, 0), (0, 1, 0), (0, 0, 1)), shape.center)
        right, up = aim[0] * width / 2.0 / focal, -aim[1] * height / 2.0 / focal
        extent = shape.extent(view)
        camera = CameraPose(center, rotation, fov, min(NEAR_CM, extent / 8.0))
        distance, slope = focal * extent / size_px, focal * extent
        previous: Optional[Tuple[float, float]] = None
        # Perspective makes the near side larger than its extent says. The inverse of the size is almost linear in the
        # distance, so the secant method comes within 0.2 % in two or three steps.
        for _ in range(_SIZE_STEPS):
            camera = replace(camera, location_cm=combine(center, view, (-distance, -right * distance, -up * distance)))
            box = self._box(stand, shape, camera)
            inverse = 1.0 / max(box[2] - box[0], box[3] - box[1]) if box else 0.0
            missing = 1.0 / size_px - inverse
            if abs(missing) * size_px < 0.002:
                break
            if previous is not None and inverse != previous[1]:
                slope = abs((distance - previous[0]) / (inverse - previous[1]))
            if box:
                previous = distance, inverse
            distance += slope * missing
        above_ground = camera.location_cm[2] - self._prepared.ground_z_cm
        return replace(camera, near_cm=min(NEAR_CM, max(camera.near_cm, min(distance / 12.0, above_ground / 2.0))))

    def _fault(self, stand: Stand, camera: CameraPose, props: Sequence[Footprint]) -> Optional[str]:
        eye, clearance = camera.location_cm, _CLEARANCE * camera.near_cm
        prism = stand.footprint
        middle = (
            sum(x for x, _ in prism.outline) / len(prism.outline),
            sum(y for _, y in prism.outline) / len(prism.outline),
            (prism.low_cm + prism.high_cm) / 2.0,
        )
        ground_z = self._ground_z(eye[0], eye[1])
        # Beyond a level's grid nothing is known; there the editor looks whether something is in the way.
        if ground_z is not None and eye[2] < ground_z + _LOWEST * camera.near_cm:
            return "camera below the ground"
        if math.dist(eye, middle) > _FARTHEST_CM:
            return "camera too far"
        if contains(prism, eye, clearance):
            return "too near the camera"
        if any(overlap(prism, prop, _GAP_CM) for prop in props):
            return "overlap"
        if any(contains(prop, eye, clearance) for prop in props):
            return "camera inside a prop"
        if any(blocks(prop, eye, middle) for prop in props):
            return "hidden behind a prop"
        return None


def _depth(point: Vec3, camera: CameraPose, view: Axes) -> float:
    return sum((p - c) * f for p, c, f in zip(point, camera.location_cm, view.forward))


def _at_distance(
    camera: CameraPose, view: Axes, level: float, depth: float, x: float, y_limit: float
) -> Optional[Vec3]:
    """The point at height `level`, `depth` along the view axis and x * depth to the right, if the picture holds it."""
    if abs(view.up[2]) < 1e-6:
        return None
    start = combine(camera.location_cm, view, (depth, x * depth, 0.0))
    up = (level - start[2]) / view.up[2]
    if abs(up) > y_limit * depth:
        return None
    return combine(start, view, (0.0, 0.0, up))


def _on_level(camera: CameraPose, view: Axes, level: float, x: float, y: float) -> Optional[Vec3]:
    """Where the ray through picture position (x, y), in focal lengths, meets the height `level`."""
    ray = combine((0.0, 0.0, 0.0), view, (1.0, x, -y))
    if abs(ray[2]) < 1e-6:
        return None
    depth = (level - camera.location_cm[2]) / ray[2]
    if not 2.0 * camera.near_cm < depth < _FARTHEST_CM:
        return None
    return combine(camera.location_cm, view, (depth, x * depth, -y * depth))
