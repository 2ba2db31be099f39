"""What a self-test tells about an editor: the pictures it took of known things, and what it read back.

The plugin only captures and reads; whoever has numpy judges. Nothing here is part of what a frame depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Literal, Optional, Tuple

from unrealsynth_plugin.core.geometry import CameraPose, Vec3

SELFTEST_FORMAT = 2
QUICK: Literal["quick"] = "quick"
FULL: Literal["full"] = "full"
"""How much is tested: what labels depend on, or everything."""
Section = Literal["ids", "level ids", "alone", "projection", "depth", "cards", "viewport", "axes", "sky", "ticks"]
"""A part of the test, with a blank map of its own; a quick one has those that come before `depth`."""


@dataclass(frozen=True)
class Target:
    """A point of the scene, and what the picture is to show there: an id, cm of depth, or a grey (linear, 0 to 1)."""

    location_cm: Vec3
    value: float


@dataclass(frozen=True)
class TakenPicture:
    """A picture in the self-test's folder."""

    file: str
    section: Section
    camera: CameraPose
    """As read back from the capture component."""
    resolution: Tuple[int, int]
    targets: Tuple[Target, ...]


@dataclass(frozen=True)
class SelfTestReport:
    """`jobs/<id>/selftest.json`, written last."""

    extent: str
    engine_version: str
    plugin_version: str
    python_version: str
    platform: str
    symbols: Dict[str, bool]
    """Every name of the module `unreal` that the plugin uses, and whether this editor has it."""
    defaults: Dict[str, str]
    """`Class.property` as it is in a new object, as text; `-` where there is no such property."""
    console_variables: Dict[str, str]
    pictures: Tuple[TakenPicture, ...]
    bounds_cm: Optional[Tuple[Vec3, Vec3]] = None
    """Of the imported model."""
    exposure_ev: Optional[float] = None
    """Bias that makes a daylight scene middle grey."""
    sky_ticks: Optional[int] = None
    """Ticks until pictures stay the same after the sun has moved."""
    ticks_hz: Optional[float] = None
    optional: Tuple[str, ...] = ()
    """Symbols that the plugin asks for before it uses them."""
    left_out: Tuple[str, ...] = ()
    """What the plugin wanted to set and this editor does not have."""
    failures: Tuple[Tuple[Section, str], ...] = ()
    """Sections that could not be carried out, each with the reason."""
    not_measured: Tuple[Tuple[Section, str], ...] = ()
    """Sections that nothing relies on and that this editor did not take part in, each with the reason."""
    format: int = SELFTEST_FORMAT
