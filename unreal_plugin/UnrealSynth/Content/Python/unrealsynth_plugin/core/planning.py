"""The plan of frame k: a pure function of job, prepare record, k and attempt.

It does not depend on the number of frames, their order, the split or the labels. Each quantity is drawn from a stream
of its own; a draw that does not fit is repeated on the same stream, with a bound, and counted.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple

from unrealsynth_plugin.core.contract import Environment, FramePlan, Job, Prepared, SceneLight
from unrealsynth_plugin.core.distributions import Number, draw, draw_index, draw_whole, median
from unrealsynth_plugin.core.footprints import Footprint
from unrealsynth_plugin.core.framing import Framing
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.placement import Shape, Stand, model_of, prop_footprints
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.core.settings import Rotation
from unrealsynth_plugin.core.streams import stream


def environment_of(job: Job, k: int) -> Environment:
    """The environment of frame k, each equally likely."""
    return job.environments[draw_index((1.0,) * len(job.environments), stream(job.seed, k, 0, "environment"))]


def models_of(job: Job, frames: Iterable[Tuple[int, int]]) -> FrozenSet[str]:
    """Ids of the models that these frames, (k, attempt), show: props of their environments and what is drawn."""
    needed: Set[str] = set()
    for k, attempt in frames:
        needed.update(prop.model for prop in environment_of(job, k).props)
        needed.update(_draw_model(job, k, attempt, index)[1] for index in range(_draw_count(job, k, attempt)))
        needed.update(_draw_distractor_models(job, k, attempt))
        if len(needed) == len(job.models):
            break
    return frozenset(needed)


def plan_frame(job: Job, prepared: Prepared, k: int, attempt: int, sight: int = 0) -> FramePlan:
    """Everything that is to be set for frame k, fully decided.

    In a level only the editor can tell whether a view is blocked; then the next `sight` has another view and places.
    """
    environment = environment_of(job, k)
    shapes, wanted = _draw_objects(job, k, attempt)
    distractors = _draw_distractors(job, k, attempt)
    rejections: Counter[str] = Counter()
    framing = Framing(job, environment, prepared, k, attempt, sight)
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
        sight=sight,
        target_cm=aimed[anchor].center_of(stand),
    )


def calibration_view(
    job: Job, environment: Environment, found: Optional[Prepared] = None
) -> Tuple[CameraPose, SceneLight]:
    """An ordinary view of the environment under its median light, without objects: what exposure is calibrated on.

    `found` is what is known of a level's ground.
    """
    camera = job.randomization.camera
    elevation = min(max(median(camera.elevation), 10.0), 60.0)
    region, ground_z_cm = Region.of(environment.spawn, found), 0.0 if found is None else found.ground_z_cm
    view = Framing.overview(region, ground_z_cm, elevation, median(camera.field_of_view))
    return view, _light(environment, job, lambda number, _: median(number))


def _draw_objects(job: Job, k: int, attempt: int) -> Tuple[List[Shape], int]:
    count = _draw_count(job, k, attempt)
    return [_draw_shape(job, k, attempt, index) for index in range(count)], count


def _draw_count(job: Job, k: int, attempt: int) -> int:
    settings = job.randomization.objects
    if stream(job.seed, k, attempt, "objects/empty").random() < settings.empty:
        return 0
    return max(0, draw_whole(settings.count, stream(job.seed, k, attempt, "objects/count")))


def _draw_model(job: Job, k: int, attempt: int, index: int) -> Tuple[int, str]:
    """The class' index and the model's id."""
    name = f"object/{index}"
    weights = tuple(entry.weight for entry in job.classes)
    class_index = draw_index(weights, stream(job.seed, k, attempt, f"{name}/class"))
    models = job.classes[class_index].models
    return class_index, models[draw_index((1.0,) * len(models), stream(job.seed, k, attempt, f"{name}/model"))]


def _draw_shape(job: Job, k: int, attempt: int, index: int) -> Shape:
    settings = job.randomization.objects
    class_index, model = _draw_model(job, k, attempt, index)
    name = f"object/{index}"
    return _shape(job, k, attempt, name, model, class_index, settings.rotation, settings.height, settings.scale)


def _draw_distractors(job: Job, k: int, attempt: int) -> List[Shape]:
    settings = job.randomization.distractors
    return [
        _shape(
            job,
            k,
            attempt,
            f"distractor/{index}",
            model,
            None,
            settings.rotation,
            settings.height,
            settings.scale,
        )
        for index, model in enumerate(_draw_distractor_models(job, k, attempt))
    ]


def _draw_distractor_models(job: Job, k: int, attempt: int) -> List[str]:
    settings = job.randomization.distractors
    if not settings.models:
        return []
    count = max(0, draw_whole(settings.count, stream(job.seed, k, attempt, "distractors/count")))
    weights = (1.0,) * len(settings.models)
    return [
        settings.models[draw_index(weights, stream(job.seed, k, attempt, f"distractor/{index}/model"))]
        for index in range(count)
    ]


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
    """The light, each quantity decided by `value(number, name)`; the recipe's settings override the map's.

    A level keeps its own light, but for what the recipe asks for.
    """
    wish, sun, is_level = job.randomization.light, environment.sun, environment.level is not None

    def of_sun(recipe: Optional[Number], name: str) -> Optional[float]:
        own = None if sun is None or is_level else getattr(sun, name)
        if own is None and not is_level:
            return None
        number = own if recipe is None else recipe
        return None if number is None else value(number, f"sun_{name}")

    brightness = wish.sky_brightness
    if brightness is None and not is_level:
        brightness = environment.sky.brightness
    return SceneLight(
        of_sun(wish.sun_azimuth, "azimuth"),
        of_sun(wish.sun_elevation, "elevation"),
        of_sun(wish.sun_intensity, "intensity"),
        of_sun(wish.sun_temperature, "temperature"),
        None if brightness is None else value(brightness, "sky_brightness"),
    )
