"""What a user can set, each setting declared once: the orchestrator validates recipe and maps against these classes.

Lengths are centimetres, angles degrees, axes Unreal's (left-handed, X forward, Y right, Z up). Annotations stay within
Python 3.9, because `codec` reads them at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Optional, Tuple

from unrealsynth_plugin.core.distributions import LogUniform, Normal, Number, Uniform
from unrealsynth_plugin.core.geometry import Vec2, Vec3

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
    """Turns the picture about the vertical, degrees: its middle lies at this yaw, 0 is +X; to the right yaw grows."""
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
class Captures:
    """What is taken of every frame besides picture and instance ids."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    depth: bool = False
    """Planar depth in cm, as EXR."""
    visibility: bool = False
    """How much of each object is covered by others; `labels.min_visible` switches it on."""
