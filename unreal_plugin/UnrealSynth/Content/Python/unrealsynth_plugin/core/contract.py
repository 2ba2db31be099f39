"""What orchestrator and plugin agree on: job, prepare record, frame record and heartbeat.

The plugin reads them back from JSON with `codec.decode`. Lengths are centimetres, angles degrees, axes Unreal's
(left-handed, X forward, Y right, Z up). Annotations stay within Python 3.9, because `codec` reads them at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from unrealsynth_plugin.core.geometry import Box, CameraPose, Vec3
from unrealsynth_plugin.core.ground import GroundGrid
from unrealsynth_plugin.core.settings import (
    Captures,
    FogLayer,
    Ground,
    LampLight,
    PropPlacement,
    Randomization,
    Sky,
    Spawn,
    SunLight,
)

FORMAT = 1
"""Version of job and frame record."""
PROTOCOL = 1
"""Version of the requests that `service.call` understands."""
FINAL_STATES = ("done", "cancelled", "failed")
"""States after which a job does nothing more."""
PRESENCE_FRESH_S = 30.0
"""An editor whose presence is older is blocked or gone."""


@dataclass(frozen=True)
class Environment:
    """One environment, fully resolved: files are names below the project's Saved/UnrealSynth."""

    name: str
    level: Optional[str] = None
    """A level of the project, `/Game/...`; then the fields below are unused except `spawn` and `exposure`."""
    ground: Optional[Ground] = Ground()
    sky: Sky = Sky()
    sun: Optional[SunLight] = SunLight()
    fog: Optional[FogLayer] = None
    lamps: Tuple[LampLight, ...] = ()
    props: Tuple[PropPlacement, ...] = ()
    spawn: Spawn = Spawn()
    exposure: float = 0.0
    """Brighter or darker than a middle grey picture, in EV."""


@dataclass(frozen=True)
class Model:
    """A GLB as measured by the orchestrator: one static scene, metres, ready to import."""

    id: str
    file: str
    """Name below the project's Saved/UnrealSynth, `models/<sha256>.glb`."""
    sha256: str
    bounds_cm: Tuple[Vec3, Vec3]
    """Lowest and highest corner after import."""
    hull_cm: Tuple[Vec3, ...]
    """Vertices of the convex hull after import."""
    rests: bool = True
    """Whether it is put with its lowest point on the ground; otherwise with its origin."""
    asset: Optional[str] = None
    """A static mesh or Blueprint of the project, `/Game/...`, in place of a file."""


@dataclass(frozen=True)
class ObjectClass:
    """One class of the data set, in the order of its number."""

    name: str
    models: Tuple[str, ...]
    """Ids of its models, each equally likely."""
    weight: float = 1.0
    """How likely the class is, against the others."""


@dataclass(frozen=True)
class Prepared:
    """What the prepare step found for one environment; every frame uses it unchanged."""

    environment: str
    exposure_ev: float
    """Bias that makes the calibration view middle grey, plus the environment's own wish."""
    settle_ticks: int
    """Discarded captures before the one that counts."""
    ground_z_cm: float = 0.0
    """Height of an even ground; of a level, of the middle of its ground."""
    ground: Optional[GroundGrid] = None
    """Heights of a level's ground."""
    region: Optional[Tuple[Vec3, Vec3]] = None
    """The box in which objects stand, where only the editor knows it."""


@dataclass(frozen=True)
class Job:
    """All an editor needs to make some frames. Stored as `jobs/<id>/job.json`."""

    id: str
    plugin_version: str
    fingerprint: str
    seed: int
    resolution: Tuple[int, int]
    """Width and height in pixels."""
    frames: Tuple[Tuple[int, int], ...]
    """[k, attempt], in the order to be made: by environment, then k."""
    classes: Tuple[ObjectClass, ...]
    models: Tuple[Model, ...]
    environments: Tuple[Environment, ...]
    randomization: Randomization = Randomization()
    captures: Captures = Captures()
    prepared: Tuple[Prepared, ...] = ()
    """Records that are known already."""
    max_uncollected: int = 32
    """The job pauses while this many complete frames lie uncollected."""
    keeps_frames: bool = False
    """Whether frames stay where they are, because nobody collects them."""
    leave_unsaved: bool = False
    """Whether a level with unsaved changes may be left; the changes are lost."""
    measures: Tuple[str, ...] = ()
    """Assets of the project, `/Game/...`, and tags of a level's actors, `tag:Car`, to be measured before any frame."""
    hides: Tuple[str, ...] = ()
    """Tags of a level's actors that no picture shows, because objects are made of what they show."""
    selftest: Optional[str] = None
    """`quick` or `full`: before any frame, things that are known are captured, so that the editor can be judged."""
    format: int = FORMAT


@dataclass(frozen=True)
class PlannedObject:
    """An object as drawn. `class_index` is None for a distractor."""

    model: str
    class_index: Optional[int]
    location_cm: Vec3
    rotation_deg: Vec3
    scale: float


@dataclass(frozen=True)
class SceneLight:
    """The light of a frame, as drawn. None leaves a level's own value, and stands where there is no sun."""

    sun_azimuth_deg: Optional[float]
    sun_elevation_deg: Optional[float]
    sun_intensity_lux: Optional[float]
    sun_temperature_k: Optional[float]
    sky_brightness: Optional[float]


@dataclass(frozen=True)
class FramePlan:
    """Everything about frame k: a pure function of job, prepare record, k and attempt."""

    k: int
    attempt: int
    environment: str
    camera: CameraPose
    light: SceneLight
    exposure_ev: float
    objects: Tuple[PlannedObject, ...]
    """Labelled objects first, in the order of their index, then distractors."""
    wanted_objects: int
    """How many labelled objects were drawn; those that found no place are missing in `objects`."""
    wanted_size_px: float
    """Projected size drawn for the object the camera aims at."""
    rejections: Dict[str, int]
    """How often a draw was repeated, by reason."""
    sight: int = 0
    """In a level, the number of the view: how many before it turned out to be blocked."""
    target_cm: Vec3 = (0.0, 0.0, 0.0)
    """The middle of the object that the camera aims at."""


@dataclass(frozen=True)
class ObjectRecord:
    """A labelled object as it stood in the editor when the picture was taken."""

    index: int
    class_index: int
    class_name: str
    model: str
    location_cm: Vec3
    rotation_deg: Vec3
    scale: float
    box_full_px: Optional[Box]
    """Box of the whole object, clipped at the near plane but not at the picture; None when behind the camera."""


@dataclass(frozen=True)
class AlonePicture:
    """An id picture in which a few labelled objects stand without all other objects, distractors and props."""

    file: str
    objects: Tuple[int, ...]
    """Their indices, all of one batch of 255; the red byte is that of the batch's id picture."""


@dataclass(frozen=True)
class CaptureFiles:
    """File names inside the frame's folder."""

    rgb: str
    ids: Tuple[str, ...]
    """One picture for each 255 objects: in picture b the red byte is index - 255 * b + 1, 0 is none."""
    depth: Optional[str] = None
    alone: Optional[Tuple[AlonePicture, ...]] = None
    """None when visibility is not measured. Objects that nothing can cover are in no picture."""


@dataclass(frozen=True)
class FrameRecord:
    """`frame.json`: written last, so that a folder that has one is complete."""

    fingerprint: str
    k: int
    attempt: int
    resolution: Tuple[int, int]
    plan: FramePlan
    camera: CameraPose
    """As read back from the capture component."""
    objects: Tuple[ObjectRecord, ...]
    captures: CaptureFiles
    seconds: Dict[str, float]
    """Time spent, by step; not part of what is reproducible."""
    lifts_cm: Optional[Tuple[float, ...]] = None
    """In a level, how far each object of the plan was lifted onto the ground as traced under it."""
    format: int = FORMAT


@dataclass(frozen=True)
class Heartbeat:
    """`jobs/<id>/heartbeat.json`, rewritten by the tick: how an editor that answers no ping shows that it lives."""

    job: str
    state: str
    """waiting, preparing, running, paused, done, cancelled or failed."""
    note: str
    """What it is doing, in words; announced before a step that may block for minutes."""
    frames_done: int
    frames_total: int
    time_s: float
    """Seconds since the epoch."""
    error: Optional[str] = None
    """Why it failed, a sentence; the traceback is in `error_details`."""
    error_details: Optional[str] = None


@dataclass(frozen=True)
class PresenceRecord:
    """`editors/<id>/editor.json`, rewritten every 5 s while the editor ticks. What else is in it is for people."""

    state: str
    """running or ended."""
    pid: int
    time_s: float
    """Seconds since the epoch."""
    ticks: int
    """Since the editor started."""
    plugin_version: str
