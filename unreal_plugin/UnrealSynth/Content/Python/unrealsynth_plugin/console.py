"""Data sets without the orchestrator: `generate` for the editor's Python console, also behind the menu.

    from unrealsynth_plugin.console import generate
    generate(classes={"cart": "/Game/Props/Cart"}, images=50)

Frames stay in the project's Saved/UnrealSynth; `unrealsynth assemble` makes the data set of them.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

import unreal

from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import FINAL_STATES, Environment, Job, Model, ObjectClass
from unrealsynth_plugin.core.distributions import LogUniform, Number, Uniform, mistake
from unrealsynth_plugin.core.own_assets import ASSET
from unrealsynth_plugin.core.planning import environment_of
from unrealsynth_plugin.core.settings import Objects, Randomization, Rotation, Spawn
from unrealsynth_plugin.core.spool_files import JOB
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import JobQueue
from unrealsynth_plugin.open_world import world, world_path
from unrealsynth_plugin.spool import Spool, write_json

Range = Union[float, Sequence[float]]
"""One number, or the lowest and the highest."""
_ZERO = (0.0, 0.0, 0.0)
_LOOK_CM = 20_000.0
_IMPACT_POINT = 5
"""Position in a HitResult's tuple, whose values have no names in Python."""


class Desk:
    """Takes orders for data sets. `follow` is told of each job that was started."""

    def __init__(self, spool: Spool, queue: JobQueue, follow: Callable[[str], None]) -> None:
        self._spool = spool
        self._queue = queue
        self._follow = follow
        self._last: Optional[str] = None

    def order(self, job: Job) -> Path:
        """Starts a job; returns its folder. Raises PluginError."""
        folder = self._spool.job(job.id).path
        if not write_json(folder / JOB, encode(job)):
            raise PluginError(f"{folder} is held by another program; try again.")
        self._queue.start(job.id)
        self._last = job.id
        self._follow(job.id)
        return folder

    def stop(self) -> None:
        """Ends the job that was ordered last; what is made stays."""
        if self._last is not None:
            self._queue.cancel(self._last)

    def is_busy(self) -> bool:
        """Whether the job that was ordered last is not over."""
        return self._last is not None and self._queue.state(self._last) not in FINAL_STATES


_desk: List[Desk] = []
# The console has nothing but functions to call, so that what they use has to be kept beside them.


def install(desk: Desk) -> None:
    """Makes `desk` the one that takes the orders."""
    _desk[:] = [desk]


def desk() -> Desk:
    """The desk that was installed. Raises PluginError."""
    if not _desk:
        raise PluginError("The UnrealSynth plugin was not started; restart the editor.")
    return _desk[0]


def generate(settings: Optional[str] = None, **keywords: Any) -> str:
    """Starts to make frames; returns the folder they come into. `settings` may be JSON with the same keys.

    Settings: `classes` (`{"cart": ["/Game/Props/Cart"]}`, or paths of assets or folders, each a class by its name),
    `environments` (levels; by default the open one if it was saved, else a plain yard), `images`, `objects` (how many
    in a frame, lowest and highest), `rotation` (whether they are turned at random), `height` (above the ground, cm),
    `resolution`, `scale`; besides `seed`. Raises PluginError for what is wrong with them.
    """
    given: Dict[str, Any] = dict(keywords)
    if settings is not None:
        try:
            data = json.loads(settings)
        except ValueError as error:
            raise PluginError(f"The settings are not valid JSON ({error}).") from None
        if not isinstance(data, dict):
            raise PluginError('The settings are no JSON object, as {"classes": {"cart": "/Game/Props/Cart"}}.')
        given = {**data, **given}
    known = ("classes", "environments", "images", "objects", "rotation", "height", "resolution", "scale", "seed")
    for key in given:
        if key not in known:
            raise PluginError(f"There is no setting {key!r:.40}; there are {', '.join(known)}.")
    if not given.get("classes"):
        raise PluginError('Which classes? Give for instance classes={"cart": "/Game/Props/Cart"}.')
    return str(desk().order(make_job(**given)))


def stop() -> None:
    """Ends what `generate` started; what is made stays."""
    desk().stop()


def make_job(
    classes: Any,
    environments: Sequence[str] = (),
    images: int = 100,
    objects: Range = (1, 5),
    rotation: bool = True,
    height: Range = 0.0,
    resolution: Sequence[int] = (640, 640),
    scale: Range = 1.0,
    seed: int = 0,
) -> Job:
    """The job of some settings, see `generate`. The assets' geometry is measured by the job itself."""
    if type(images) is not int or images < 1:
        raise PluginError(f"images: wanted a whole number from 1, got {images!r:.40}.")
    size = [int(side) for side in resolution]
    if len(size) != 2 or min(size) < 32 or max(size) > 8192:
        raise PluginError(f"resolution: wanted width and height from 32 to 8192 pixels, got {resolution!r:.40}.")
    named = _classes(classes)
    assets = sorted({asset for paths in named.values() for asset in paths})
    wanted = Objects(
        count=_number("objects", objects, 0.0),
        rotation=Rotation() if rotation else Rotation(yaw=0.0),
        height=_number("height", height),
        scale=_number("scale", scale, 1e-3, ratio=True),
    )
    job = Job(
        id=uuid.uuid4().hex,
        plugin_version=VERSION,
        fingerprint=f"editor-{uuid.uuid4().hex}",
        seed=int(seed),
        resolution=(size[0], size[1]),
        frames=(),
        classes=tuple(ObjectClass(name, tuple(paths)) for name, paths in named.items()),
        models=tuple(Model(asset, "", "", (_ZERO, _ZERO), (), asset=asset) for asset in assets),
        environments=tuple(_environments(list(environments))),
        randomization=Randomization(objects=wanted),
        keeps_frames=True,
        measures=tuple(assets),
    )
    ranks = {environment.name: rank for rank, environment in enumerate(job.environments)}
    # All frames of a level follow one another, so that it is opened once.
    order = sorted(range(images), key=lambda k: (ranks[environment_of(job, k).name], k))
    return Job(**{**vars(job), "frames": tuple((k, 0) for k in order)})


def _classes(classes: Any) -> Dict[str, List[str]]:
    if isinstance(classes, str):
        classes = [classes]
    if not isinstance(classes, dict):
        classes = {str(path).rstrip("/").rsplit("/", 1)[-1].split(".")[0]: path for path in classes}
    found: Dict[str, List[str]] = {}
    for name, paths in classes.items():
        entries = [paths] if isinstance(paths, str) else list(paths)
        found[str(name)] = list(dict.fromkeys(asset for path in entries for asset in _assets(str(path))))
    return found


def _assets(path: str) -> List[str]:
    """The asset at a path, or the static meshes and Blueprints of a folder."""
    library = unreal.EditorAssetLibrary
    package = path.split(".")[0].rstrip("/")
    if not package.startswith(ASSET):
        raise PluginError(f"classes: {path!r:.80} is no path in the content browser, which begins with {ASSET}.")
    if library.does_asset_exist(package):
        return [package]
    if library.does_directory_exist(package):
        paths = sorted({str(asset).split(".")[0] for asset in library.list_assets(package, True, False)})
        kinds = (unreal.StaticMesh, unreal.Blueprint)
        meshes = [asset for asset in paths if isinstance(library.load_asset(asset), kinds)]
        if meshes:
            return meshes
        raise PluginError(f"classes: the folder {package} holds no static mesh and no Blueprint.")
    raise PluginError(f"classes: there is neither an asset nor a folder {package} in this project.")


def _environments(levels: List[str]) -> List[Environment]:
    if not levels:
        here = world_path().split(".")[0]
        if not here.startswith(ASSET):
            return [Environment("yard")]
        return [Environment(_name(here, 0), here, ground=None, spawn=_spawn_where_the_user_looks())]
    return [Environment(_name(level, number), level.split(".")[0], ground=None) for number, level in enumerate(levels)]


def _name(level: str, number: int) -> str:
    name = level.split(".")[0].rsplit("/", 1)[-1]
    return f"{name}-{number + 1}" if number else name


def _spawn_where_the_user_looks() -> Spawn:
    """The default region about the place in the middle of the viewport."""
    view: Optional[Tuple[Any, Any]] = unreal.get_editor_subsystem(
        unreal.UnrealEditorSubsystem
    ).get_level_viewport_camera_info()
    if view is None:
        return Spawn()
    eye, rotation = view
    end = eye + rotation.get_forward_vector() * _LOOK_CM
    channel, no_lines = unreal.TraceTypeQuery.TRACE_TYPE_QUERY1, unreal.DrawDebugTrace.NONE
    hit = unreal.SystemLibrary.line_trace_single(world(), eye, end, channel, True, [], no_lines)
    if hit is None or not hit.to_tuple()[0]:
        return Spawn()
    point = hit.to_tuple()[_IMPACT_POINT]
    return Spawn(center=(float(point.x), float(point.y)))


def _number(name: str, value: Range, lowest: float = 0.0, ratio: bool = False) -> Number:
    """A constant, or every value of a range equally likely; of a ratio, every factor."""
    try:
        ends = [float(value)] if isinstance(value, (int, float)) else [float(end) for end in value]
    except (TypeError, ValueError):
        ends = []
    if len(ends) not in (1, 2) or min(ends) < lowest:
        raise PluginError(f"{name}: wanted a number or [lowest, highest] from {lowest:g}, got {value!r:.60}.")
    if len(ends) == 1 or ends[0] == ends[1]:
        return ends[0]
    number = LogUniform((ends[0], ends[1])) if ratio else Uniform((ends[0], ends[1]))
    fault = mistake(number)
    if fault is not None:
        raise PluginError(f"{name}: {fault}.")
    return number
