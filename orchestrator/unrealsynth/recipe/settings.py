"""What a recipe file may say: its keys, their defaults and their limits.

What an editor needs to know of a frame is declared in the plugin's `core/settings.py`; here is the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

from unrealsynth.glb import Origin, Size, Up
from unrealsynth.labels import LabelSettings
from unrealsynth.recipe.validation import Limits
from unrealsynth.recipe.yaml_file import Data
from unrealsynth_plugin.core.settings import Camera, Captures, Distractors, Light, Objects

ImageFormat = Literal["png", "jpg"]

_STRICT = {"extra": "forbid"}


@dataclass(frozen=True)
class ClassSettings:
    """One class. In the file also written short: `cone: cone.glb`, or with a list of models."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT

    models: tuple[str, ...]
    """GLB files, folders of them, patterns such as `cones/*.glb`, or `builtin:` names.

    With an Unreal Editor also assets of its project, `/Game/...`, and `tag:Car` for what a level's actors with that tag
    look like."""
    weight: float = 1.0
    """How likely the class is, against the others."""
    size: Size | None = None
    """Real size, cm: `{height: 75}`; by default the model's own."""
    up: Up = "y"
    """The models' axis that points up."""
    origin: Origin = "bottom"
    """`bottom` stands models on the ground, `keep` puts their own origin there."""


@dataclass(frozen=True)
class RecipeSettings:
    """A recipe file. Only `classes` must be given."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT

    classes: dict[str, ClassSettings]
    """The classes to detect, in the order of their numbers."""
    name: str | None = None
    """Name of the data set; by default the file's."""
    seed: int = 0
    """Another seed gives other pictures of the same kind."""
    images: int = 100
    """How many images, in all splits together."""
    val: float = 0.5
    """Share of the images that is for validation."""
    format: ImageFormat = "png"
    """Kind of the image files."""
    resolution: tuple[int, int] = (640, 640)
    """Width and height of the images, pixels."""
    environments: tuple[str, ...] | None = None
    """Map files, `.hdr` skies, levels (`/Game/...`) or names of shipped maps; by default all shipped maps."""
    objects: Objects = Objects()
    distractors: Distractors = Distractors()
    camera: Camera = Camera()
    light: Light = Light()
    labels: LabelSettings = LabelSettings()
    captures: Captures = Captures()


ANGLE = Limits(-3600.0, 3600.0, unit="degrees")
POSITIVE = Limits(0.0, above=True)
ELEVATION = Limits(-5.0, 90.0, unit="degrees")
LENGTH = Limits(-1e6, 1e6, unit="cm")
SIZE_LIMITS: Mapping[str, Limits] = MappingProxyType(
    {side: Limits(0.0, 1e6, above=True, unit="cm") for side in ("height", "length", "width", "longest")}
)


def size_fault(size: Data) -> str | None:
    """What is wrong with a `size` of a file beyond its numbers."""
    if isinstance(size, dict) and len(size) != 1:
        return f"wanted exactly one of {', '.join(list(SIZE_LIMITS)[:-1])} or longest, got {len(size)}"
    return None


_THINGS: Mapping[str, Limits] = {
    "count": Limits(0.0, 1000.0, whole=True),
    "rotation.yaw": ANGLE,
    "rotation.pitch": ANGLE,
    "rotation.roll": ANGLE,
    "height": LENGTH,
    "scale": Limits(0.0, 1000.0, above=True),
}
LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "seed": Limits(),
        "images": Limits(1.0),
        "val": Limits(0.0, 1.0),
        "resolution.*": Limits(32.0, 8192.0, unit="pixels"),
        "classes.*.weight": Limits(0.0, 1e6, above=True),
        **{f"classes.*.size.{side}": limits for side, limits in SIZE_LIMITS.items()},
        "objects.empty": Limits(0.0, 1.0),
        **{f"objects.{key}": limits for key, limits in _THINGS.items()},
        **{f"distractors.{key}": limits for key, limits in _THINGS.items()},
        "camera.size": Limits(2.0, 100_000.0, unit="pixels"),
        "camera.azimuth": ANGLE,
        "camera.elevation": Limits(-10.0, 90.0, unit="degrees"),
        "camera.field_of_view": Limits(5.0, 150.0, unit="degrees"),
        "camera.roll": Limits(-180.0, 180.0, unit="degrees"),
        "camera.exposure": Limits(-20.0, 20.0, unit="EV"),
        "light.sun_azimuth": ANGLE,
        "light.sun_elevation": ELEVATION,
        "light.sun_intensity": Limits(0.0, 200_000.0, unit="lux"),
        "light.sun_temperature": Limits(1000.0, 40_000.0, unit="kelvin"),
        "light.sky_brightness": Limits(0.0, 1000.0),
        "labels.min_pixels": Limits(0.0),
        "labels.min_visible": Limits(0.0, 1.0),
        "labels.max_truncated": Limits(0.0, 1.0),
    }
)
"""By the path of the setting, for every number of a recipe."""
