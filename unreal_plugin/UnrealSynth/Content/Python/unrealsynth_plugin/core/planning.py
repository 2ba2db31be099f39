"""The plan of frame k: a pure function of job, prepare record, k and attempt.

It does not depend on the number of frames, their order, the split or the labels. Each quantity is drawn from a stream
of its own; a draw that does not fit is repeated on the same stream, with a bound, and counted.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, Dict, List, Optional, Tuple

from unrealsynth_plugin.core.contract import (
    CameraPose,
    Environment,
    FramePlan,
    Job,
    Prepared,
    Rotation,
    SceneLight,
)
from unrealsynth_plugin.core.distributions import Number, draw, draw_index, draw_whole, median
from unrealsynth_plugin.core.footprints import Footprint
from unrealsynth_plugin.core.framing import Framing
from unrealsynth_plugin.core.placement import Shape, Stand, model_of, prop_footprints
from unrealsynth_plugin.core.streams import stream


def environment_of(job: Job, k: int) -> Environment:
    """The environment of frame k, each equally likely."""
    return job.environments[draw_index((1.0,) * len(job.environments), stream(job.seed, k, 0, "environment"))]


def plan_frame(job: Job, prepared: Prepared, k: int, attempt: int) -> FramePlan:
    """Everything that is to be set for frame k, fully decided."""
    environment = environment_of(job, k)
    shapes, wanted = _draw_objects(job, k, attempt)
    distractors = _draw_distractors(job, k, attempt)
    rejections: Counter[str] = Counter()
    framing = Framing(job, environment, prepared, k, attempt)
    props = prop_footprints(job, environment)
    # An empty frame is framed as if it held one object, so that its background looks like the others'.
    aimed = shapes or [_draw_shape(job, k, attempt, 0)]
    anchor = draw_index((1.0,) * len(aimed), stream(job.seed, k, attempt, "camera/anchor"))
    stand, camera, size_px = framing.aim(aimed[anchor], props, rejections)
    taken: List[Footprint] = list(props)
    stands: Dict[int, Stand] = {}
    if shapes:
        stands[anchor] = stand
        taken.append(stand.footprint)
    for index, shape in enumerate([*shapes, *distractors]):
        if index in stands:
            continue
        name = f"object/{index}" if index < len(shapes) else f"distractor/{index - len(shapes)}"
        found = framing.find_place(shape, camera, taken, f"{name}/place", rejections)
        if found is not None:
            stands[index] = found
            taken.append(found.footprint)
    return FramePlan(
        k=k,
        attempt=attempt,
        environment=environment.name,
        camera=camera,
        light=_draw_light(job, environment, k, attempt),
        exposure_ev=prepared.exposure_ev
        + draw(job.randomization.camera.exposure, stream(job.seed, k, attempt, "camera/exposure")),
        objects=tuple(stands[index].planned for index in sorted(stands)),
        wanted_objects=wanted,
        wanted_size_px=size_px,
        rejections=dict(sorted(rejections.items())),
    )


def calibration_view(job: Job, environment: Environment) -> Tuple[CameraPose, SceneLight]:
    """An ordinary view of the environment under its median light, without objects: what exposure is calibrated on."""
    camera = job.randomization.camera
    elevation = min(max(median(camera.elevation), 10.0), 60.0)
    return Framing.overview(environment, elevation, median(camera.field_of_view)), _light(
        environment, job, lambda number, _: median(number)
    )


def _draw_objects(job: Job, k: int, attempt: int) -> Tuple[List[Shape], int]:
    settings = job.randomization.objects
    if stream(job.seed, k, attempt, "objects/empty").random() < settings.empty:
        return [], 0
    count = max(0, draw_whole(settings.count, stream(job.seed, k, attempt, "objects/count")))
    return [_draw_shape(job, k, attempt, index) for index in range(count)], count


def _draw_shape(job: Job, k: int, attempt: int, index: int) -> Shape:
    settings = job.randomization.objects
    name = f"object/{index}"
    weights = tuple(entry.weight for entry in job.classes)
    class_index = draw_index(weights, stream(job.seed, k, attempt, f"{name}/class"))
    models = job.classes[class_index].models
    model = models[draw_index((1.0,) * len(models), stream(job.seed, k, attempt, f"{name}/model"))]
    return _shape(job, k, attempt, name, model, class_index, settings.rotation, settings.height, settings.scale)


def _draw_distractors(job: Job, k: int, attempt: int) -> List[Shape]:
    settings = job.randomization.distractors
    if not settings.models:
        return []
    count = max(0, draw_whole(settings.count, stream(job.seed, k, attempt, "distractors/count")))
    shapes = []
    for index in range(count):
        name = f"distractor/{index}"
        choice = draw_index((1.0,) * len(settings.models), stream(job.seed, k, attempt, f"{name}/model"))
        shapes.append(
            _shape(
                job,
                k,
                attempt,
                name,
                settings.models[choice],
                None,
                settings.rotation,
                settings.height,
                settings.scale,
            )
        )
    return shapes


def _shape(
    job: Job,
    k: int,
    attempt: int,
    name: str,
    model: str,
    class_index: Optional[int],
    rotation: Rotation,
    height: Number,
    scale: Number,
) -> Shape:
    def value(key: str, number: Number) -> float:
        return draw(number, stream(job.seed, k, attempt, f"{name}/{key}"))

    return Shape.of(
        model_of(job, model),
        class_index,
        (value("roll", rotation.roll), value("pitch", rotation.pitch), value("yaw", rotation.yaw)),
        value("scale", scale),
        value("height", height),
    )


def _draw_light(job: Job, environment: Environment, k: int, attempt: int) -> SceneLight:
    return _light(environment, job, lambda number, name: draw(number, stream(job.seed, k, attempt, f"light/{name}")))


def _light(environment: Environment, job: Job, value: Callable[[Number, str], float]) -> SceneLight:
    """The light, each quantity decided by `value(number, name)`; the recipe's settings override the map's."""
    wish, sun, sky = job.randomization.light, environment.sun, environment.sky

    def of_sun(recipe: Optional[Number], name: str) -> Optional[float]:
        if sun is None:
            return None
        return value(recipe if recipe is not None else getattr(sun, name), f"sun_{name}")

    brightness = wish.sky_brightness if wish.sky_brightness is not None else sky.brightness
    return SceneLight(
        of_sun(wish.sun_azimuth, "azimuth"),
        of_sun(wish.sun_elevation, "elevation"),
        of_sun(wish.sun_intensity, "intensity"),
        of_sun(wish.sun_temperature, "temperature"),
        value(brightness, "sky_brightness"),
    )
