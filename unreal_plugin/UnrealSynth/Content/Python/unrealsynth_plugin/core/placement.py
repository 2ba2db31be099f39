"""Models turned and scaled, ready to be stood somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

from unrealsynth_plugin.core.contract import Environment, Job, Model, PlannedObject
from unrealsynth_plugin.core.footprints import Footprint, footprint
from unrealsynth_plugin.core.geometry import Axes, Vec3, axes, corners, dot, place
from unrealsynth_plugin.core.settings import PropPlacement

FLAT_CM = 1.0
"""A prop no higher than this lies flat, as paint on a road does: objects stand on it, and it hides none of them."""
_ORIGIN = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Stand:
    """An object that has found its place."""

    planned: PlannedObject
    footprint: Footprint


@dataclass(frozen=True)
class Shape:
    """A model with its drawn rotation and scale, about its own origin."""

    model: Model
    class_index: Optional[int]
    rotation_deg: Vec3
    scale: float
    center: Vec3
    """Middle of the turned bounding box, from the model's origin."""
    lift_cm: float
    """Height of the origin above the ground."""
    prism: Footprint

    @classmethod
    def of(cls, model: Model, class_index: Optional[int], rotation_deg: Vec3, scale: float, height_cm: float) -> Shape:
        """The turned model: resting on its lowest point, or its origin, `height_cm` above the ground."""
        turned = place(corners(model.bounds_cm), _ORIGIN, rotation_deg, scale)
        lift = height_cm
        if model.rests:
            up_of_model = [axis[2] for axis in axes(rotation_deg)]
            upright = abs(up_of_model[0]) < 1e-12 and abs(up_of_model[1]) < 1e-12
            # A turned box reaches lower than the model inside it, so a tilted model rests on its hull.
            points = corners(model.bounds_cm) if upright else model.hull_cm
            a, b, c = up_of_model
            lift -= scale * min(a * x + b * y + c * z for x, y, z in points)
        low, high = ([fold(p[i] for p in turned) for i in range(3)] for fold in (min, max))
        center = tuple((a + b) / 2.0 for a, b in zip(low, high))
        return cls(model, class_index, rotation_deg, scale, center, lift, footprint(turned))  # type: ignore[arg-type]

    def extent(self, view: Axes) -> float:
        """The longer of width and height as seen along the view's forward axis from far away, cm."""
        frame = axes(self.rotation_deg)
        spans = []
        for direction in (view.right, view.up):
            a, b, c = (self.scale * dot(axis, direction) for axis in frame)
            along = [a * x + b * y + c * z for x, y, z in self.model.hull_cm]
            spans.append(max(along) - min(along))
        return max(spans)

    def center_height(self, ground_z_cm: float) -> float:
        """Height of the middle when the object stands on the ground."""
        return ground_z_cm + self.lift_cm + self.center[2]

    def center_of(self, stand: Stand) -> Vec3:
        """The middle of the object where it stands."""
        x, y, z = stand.planned.location_cm
        return x + self.center[0], y + self.center[1], z + self.center[2]

    def stand(self, center: Vec3) -> Stand:
        """The object with its middle at `center`."""
        location = (center[0] - self.center[0], center[1] - self.center[1], center[2] - self.center[2])
        planned = PlannedObject(self.model.id, self.class_index, location, self.rotation_deg, self.scale)
        return Stand(planned, self.prism.moved(location))


def middle_of(model: Model, planned: PlannedObject) -> Vec3:
    """The middle of a planned object's turned bounding box: where the ground under it was looked up."""
    turned = place(corners(model.bounds_cm), planned.location_cm, planned.rotation_deg, planned.scale)
    low, high = ([fold(point[i] for point in turned) for i in range(3)] for fold in (min, max))
    return (low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0, (low[2] + high[2]) / 2.0


def model_of(job: Job, model_id: str) -> Model:
    """The model of that id. Raises LookupError when the job has none."""
    for model in job.models:
        if model.id == model_id:
            return model
    raise LookupError(f"The job names the model {model_id!r}, but does not describe it.")


def lies_flat(prop: PropPlacement, model_height_cm: float) -> bool:
    """Whether a prop whose model reaches up to `model_height_cm` above its origin is no higher than `FLAT_CM`."""
    return prop.location[2] + prop.scale * model_height_cm <= FLAT_CM


def prop_footprints(job: Job, environment: Environment) -> Tuple[Footprint, ...]:
    """The prisms of the environment's fixed things, without what lies flat."""
    prisms: List[Footprint] = []
    for prop in environment.props:
        bounds = model_of(job, prop.model).bounds_cm
        if not lies_flat(prop, bounds[1][2]):
            prisms.append(footprint(place(corners(bounds), prop.location, (0.0, 0.0, prop.yaw), prop.scale)))
    return tuple(prisms)
