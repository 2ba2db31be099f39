"""What orchestrator and plugin agree on: settings, job, prepare record and frame record.

Every setting is declared here, once. The orchestrator validates a recipe against these classes, the plugin reads them
back from the job's JSON with `codec.decode`. Lengths are centimetres, angles degrees, axes Unreal's (left-handed, X
forward, Y right, Z up). Annotations stay within Python 3.9, because `codec` reads them at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Optional, Tuple

from unrealsynth_plugin.core.distributions import LogUniform, Normal, Number, Uniform
from unrealsynth_plugin.core.ground import GroundGrid

FORMAT = 1
"""Version of job and frame record."""
PROTOCOL = 1
"""Version of the requests that `service.call` understands."""

Vec2 = Tuple[float, float]
Vec3 = Tuple[float, float, float]
Box = Tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixel edges, maximum exclusive."""
_STRICT = {"extra": "forbid"}
"""Makes pydantic refuse unknown keys, without the plugin needing pydantic."""


@dataclass(frozen=True)
class Rotation:
    """How an object is turned, in degrees, in Unreal's sense of the words."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    yaw: Number = Uniform((0.0, 360.0))
    """About the vertical, positive from X (forward) to Y (right)."""
    pitch: Number = 0.0
    """Nose up."""
    roll: Number = 0.0
    """Right side down."""


@dataclass(frozen=True)
class Objects:
    """The labelled objects of a frame."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    count: Number = Uniform((1.0, 5.0))
    """How many in a frame."""
    empty: float = 0.05
    """Share of frames without any object, on purpose: they teach a detector what background is."""
    rotation: Rotation = Rotation()
    """Random rotation."""
    height: Number = 0.0
    """Random height above the ground, cm."""
    scale: Number = 1.0
    """Random scale, 1 = the model's size."""


@dataclass(frozen=True)
class Distractors:
    """Objects that get no label."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    models: Tuple[str, ...] = ()
    """GLB files, folders of them, or `builtin:` names."""
    count: Number = 0.0
    """How many in a frame."""
    rotation: Rotation = Rotation()
    """Random rotation."""
    height: Number = 0.0
    """Random height above the ground, cm."""
    scale: Number = 1.0
    """Random scale."""


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from. Distance follows from `size`."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    size: Optional[Number] = None
    """Longer side of an object's box in pixels; by default log-uniform, 6 % to 60 % of the picture's shorter side."""
    azimuth: Number = Uniform((0.0, 360.0))
    """Direction the camera looks in, degrees, as yaw."""
    elevation: Number = Uniform((8.0, 55.0))
    """How far the camera looks down, degrees below the horizon."""
    field_of_view: Number = Uniform((40.0, 75.0))
    """Horizontal field of view, degrees."""
    roll: Number = Normal((0.0, 2.0), -10.0, 10.0)
    """Tilt of the horizon, degrees."""
    exposure: Number = 0.0
    """Brighter or darker than the calibrated picture, in EV."""


@dataclass(frozen=True)
class Light:
    """Overrides of what a map says about its light; None leaves the map's value."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    sun_azimuth: Optional[Number] = None
    """Direction in which the sun's light goes, degrees, as yaw."""
    sun_elevation: Optional[Number] = None
    """Height of the sun above the horizon, degrees."""
    sun_intensity: Optional[Number] = None
    """Illuminance of the sun, lux."""
    sun_temperature: Optional[Number] = None
    """Colour temperature of the sun, kelvin."""
    sky_brightness: Optional[Number] = None
    """Factor on the sky's light."""


@dataclass(frozen=True)
class Randomization:
    """Everything that changes from frame to frame."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    objects: Objects = Objects()
    distractors: Distractors = Distractors()
    camera: Camera = Camera()
    light: Light = Light()


@dataclass(frozen=True)
class Ground:
    """A large flat floor at height 0."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    texture: Optional[str] = None
    """Colour map, tiled: an image file or `builtin:` name. None is a plain colour."""
    normal: Optional[str] = None
    """Normal map, tiled like the colour; a `builtin:` texture brings its own."""
    tile: float = 300.0
    """Side of one tile, cm."""
    roughness: float = 0.9
    """0 is a mirror, 1 is chalk."""
    color: Vec3 = (1.0, 1.0, 1.0)
    """Linear factor on the texture, or the plain colour."""


@dataclass(frozen=True)
class SunLight:
    """Directional light. A recipe's `light` can override every value."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    azimuth: Number = Uniform((0.0, 360.0))
    """Direction in which the light goes, degrees, as yaw."""
    elevation: Number = Uniform((25.0, 65.0))
    """Height above the horizon, degrees."""
    intensity: Number = LogUniform((6.0, 14.0))
    """Illuminance, lux (an ordinary Unreal day is 10)."""
    temperature: Number = 5800.0
    """Colour temperature, kelvin."""
    angle: float = 0.54
    """Apparent diameter, degrees: larger gives softer shadows."""


@dataclass(frozen=True)
class Sky:
    """What is behind everything, and the light that comes from there."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    hdr: Optional[str] = None
    """An equirectangular `.hdr` picture. None is a physical atmosphere lit by the sun."""
    hdr_yaw: float = 0.0
    """Turns the picture about the vertical, degrees."""
    color: Optional[Vec3] = None
    """A plain linear radiance in place of an atmosphere, as in a studio."""
    clouds: bool = False
    """A cloud layer in the atmosphere."""
    brightness: Number = 1.0
    """Factor on the sky's light."""


@dataclass(frozen=True)
class FogLayer:
    """Exponential height fog, after Unreal's settings of the same names."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    density: float = 0.02
    falloff: float = 0.2
    start: float = 0.0
    """Distance from the camera at which it begins, cm."""
    color: Vec3 = (0.45, 0.55, 0.7)
    """Linear colour of the light it scatters."""


@dataclass(frozen=True)
class LampLight:
    """A point light, or a spot light when `cone` is given."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    location: Vec3
    intensity: float = 500.0
    """Candela."""
    temperature: float = 4000.0
    """Colour temperature, kelvin."""
    radius: float = 2000.0
    """Distance at which it ends, cm."""
    cone: Optional[float] = None
    """Half angle of a spot's cone, degrees."""
    rotation: Vec3 = (0.0, -90.0, 0.0)
    """Roll, pitch and yaw of a spot, degrees."""


@dataclass(frozen=True)
class PropPlacement:
    """A fixed thing of an environment, without a label."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    model: str
    """Id of a model of the job."""
    location: Vec3 = (0.0, 0.0, 0.0)
    yaw: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Spawn:
    """Where objects may stand."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    center: Vec2 = (0.0, 0.0)
    radius: float = 800.0
    """Objects stand within this distance of the centre, cm."""
    box: Optional[Tuple[Vec3, Vec3]] = None
    """Lowest and highest corner of a box in place of the circle, cm. In a level the ground is looked for inside it."""
    actor: Optional[str] = None
    """Name of a level's actor, as the outliner shows it, whose bounds are that box."""


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
class Captures:
    """What is taken of every frame besides picture and instance ids."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    depth: bool = False
    """Planar depth in cm, as EXR."""
    visibility: bool = False
    """How much of each object is covered by others; `labels.min_visible` switches it on."""


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
class Pose:
    """Where something is. Read back from the editor in a frame record."""

    location_cm: Vec3
    rotation_deg: Vec3
    """Roll, pitch, yaw: the order of `unreal.Rotator`."""


@dataclass(frozen=True)
class CameraPose:
    """The camera of a frame: square pixels, principal point in the centre."""

    location_cm: Vec3
    rotation_deg: Vec3
    """Roll, pitch, yaw."""
    fov_deg: float
    """Horizontal for every aspect ratio."""
    near_cm: float = 10.0


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
