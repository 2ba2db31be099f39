"""Environments: a map file, an `.hdr` sky or a level of an Unreal project, as named in a recipe.

`find_environment` reads and checks, without opening models or textures; `build` in `scenery.py` makes the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from unrealsynth.errors import Problem, RecipeError
from unrealsynth.glb import Origin, Size, Up
from unrealsynth.recipe.catalog import Fit, unique_name
from unrealsynth.recipe.settings import ANGLE, ELEVATION, LENGTH, SIZE_LIMITS, size_fault
from unrealsynth.recipe.sources import (
    BUILTIN,
    ModelSource,
    NotFoundError,
    find_models,
    local_path,
    missing_file,
    unusable,
)
from unrealsynth.recipe.validation import Limits, did_you_mean, validate
from unrealsynth.recipe.yaml_file import Data, YamlFile, read_yaml
from unrealsynth.resources import maps_folder
from unrealsynth_plugin.core.distributions import Number
from unrealsynth_plugin.core.geometry import Vec2, Vec3
from unrealsynth_plugin.core.settings import FogLayer, Ground, LampLight, Sky, Spawn, SunLight

_SUFFIXES = (".yaml", ".yml")
_LEVEL = "/Game/"


@dataclass(frozen=True)
class PropSettings:
    """Things that belong to an environment: one at a `location`, or `count` of them scattered in a `ring`."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    model: tuple[str, ...]
    """A GLB file, folder or `builtin:` name, or a list of these, of which each prop is one."""
    location: Vec3 | None = None
    """Where it stands, cm."""
    ring: Vec2 | None = None
    """Nearest and farthest distance from the spawn centre, cm."""
    count: int = 1
    """How many are scattered."""
    yaw: Number | None = None
    """Degrees; by default 0 at a location, any in a ring."""
    scale: Number = 1.0
    size: Size | None = None
    up: Up = "y"
    origin: Origin = "bottom"


@dataclass(frozen=True)
class MapSettings:
    """A map file. Every setting has a default."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str | None = None
    """By default the file's."""
    level: str | None = None
    """A level of the Unreal project, `/Game/...`, in place of what follows except `spawn`."""
    ground: Ground | None = Ground()
    sky: Sky = Sky()
    sun: SunLight | None = SunLight()
    fog: FogLayer | None = None
    lamps: tuple[LampLight, ...] = ()
    props: tuple[PropSettings, ...] = ()
    spawn: Spawn = Spawn()
    exposure: float = 0.0
    """Brighter or darker than a middle grey picture, in EV."""


@dataclass(frozen=True)
class EnvironmentSource:
    """An environment as the user describes it, with the models found for its props."""

    name: str
    """A plain ASCII name of its own."""
    settings: MapSettings
    folder: Path
    """What its texture files are relative to."""
    props: tuple[tuple[ModelSource, ...], ...] = ()
    """The models of each of `settings.props`."""

    def fit(self, prop: int) -> Fit:
        """How the models of a prop are brought to size."""
        settings = self.settings.props[prop]
        return Fit(settings.size, settings.up, settings.origin)


_LINEAR_COLOR = Limits(0.0, 1000.0)
_TEMPERATURE = Limits(1000.0, 40_000.0, unit="kelvin")
LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "ground.tile": Limits(1.0, 1e6, unit="cm"),
        "ground.roughness": Limits(0.0, 1.0),
        "ground.color.*": _LINEAR_COLOR,
        "sky.hdr_yaw": ANGLE,
        "sky.color.*": _LINEAR_COLOR,
        "sky.brightness": Limits(0.0, 1000.0),
        "sun.azimuth": ANGLE,
        "sun.elevation": ELEVATION,
        "sun.intensity": Limits(0.0, 200_000.0, unit="lux"),
        "sun.temperature": _TEMPERATURE,
        "sun.angle": Limits(0.0, 90.0, unit="degrees"),
        "fog.density": Limits(0.0, 10.0),
        "fog.falloff": Limits(0.0, 10.0),
        "fog.start": Limits(0.0, 1e6, unit="cm"),
        "fog.color.*": _LINEAR_COLOR,
        "lamps.*.location.*": LENGTH,
        "lamps.*.intensity": Limits(0.0, 1e8, unit="candela"),
        "lamps.*.temperature": _TEMPERATURE,
        "lamps.*.radius": Limits(1.0, 1e6, unit="cm"),
        "lamps.*.cone": Limits(1.0, 80.0, unit="degrees"),
        "lamps.*.rotation.*": ANGLE,
        "props.*.location.*": LENGTH,
        "props.*.ring.*": Limits(0.0, 1e6, unit="cm"),
        "props.*.count": Limits(1.0, 1000.0),
        "props.*.yaw": ANGLE,
        "props.*.scale": Limits(0.0, 1000.0, above=True),
        **{f"props.*.size.{side}": limits for side, limits in SIZE_LIMITS.items()},
        "spawn.center.*": LENGTH,
        "spawn.radius": Limits(1.0, 1e5, unit="cm"),
        "spawn.box.*.*": LENGTH,
        "exposure": Limits(-20.0, 20.0, unit="EV"),
    }
)
"""By the path of the setting, for every number of a map."""


def default_environments() -> tuple[str, ...]:
    """Names of the shipped maps, sorted."""
    folder = maps_folder()
    return tuple(sorted(path.stem for path in folder.iterdir() if path.suffix in _SUFFIXES)) if folder.is_dir() else ()


def environment_file(reference: str, folder: Path) -> Path | None:
    """The file of an environment that is named by its path or, for a shipped map, by its name alone."""
    if reference.startswith(_LEVEL):
        return None
    path = local_path(reference, folder)
    if path.is_file():
        return path
    if reference not in default_environments():
        return None
    return next(found for suffix in _SUFFIXES if (found := maps_folder() / f"{reference}{suffix}").is_file())


def find_environment(reference: str, folder: Path, taken: Iterable[str] = ()) -> EnvironmentSource:
    """The environment that `reference` names; its own name avoids those in `taken`.

    Raises NotFoundError when there is none, RecipeError with all mistakes of a map file.
    """
    try:
        return _find(reference, folder, taken)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, NotFoundError):
            raise
        raise NotFoundError(unusable(reference, error)) from None


def _find(reference: str, folder: Path, taken: Iterable[str]) -> EnvironmentSource:
    if reference.startswith("/") and not reference.startswith(_LEVEL) and not Path(reference).exists():
        raise NotFoundError(f"there is no {reference}; a level of an Unreal project begins with {_LEVEL}")
    if reference.startswith(_LEVEL):
        name = unique_name(reference.rsplit("/", 1)[-1].split(".")[0], taken, "level")
        return EnvironmentSource(name, MapSettings(level=reference), folder)
    path = environment_file(reference, folder)
    if path is None:
        shipped = default_environments()
        hint = did_you_mean(reference, shipped) if "/" not in reference else ""
        if not hint and re.fullmatch(r"\w+", reference):
            hint = f"; shipped maps are {', '.join(shipped)}"
        path = local_path(reference, folder)
        raise NotFoundError(
            f"there is no environment {reference}{hint}" if hint else missing_file(reference, path, _KINDS)
        )
    suffix = path.suffix.lower()
    if suffix == ".hdr":
        return EnvironmentSource(unique_name(path.stem, taken, "sky"), _under_sky(path.name), path.parent)
    if suffix not in _SUFFIXES:
        advice = "convert it to .hdr" if suffix == ".exr" else "wanted a map (.yaml) or a sky (.hdr)"
        raise NotFoundError(f"{reference} cannot be an environment; {advice}")
    return _read_map(path, taken)


_KINDS = (*_SUFFIXES, ".hdr")
_PICTURES: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("ground", "texture"): (".png", ".jpg", ".jpeg"),
        ("ground", "normal"): (".png", ".jpg", ".jpeg"),
        ("sky", "hdr"): (".hdr",),
    }
)
"""Suffixes of the files that a map names, by key."""


def _under_sky(hdr: str) -> MapSettings:
    """Surroundings for a sky picture alone: even ground, and a weak wide sun that draws soft shadows at its feet."""
    return MapSettings(
        ground=Ground(texture="builtin:concrete"),
        sky=Sky(hdr=hdr),
        sun=SunLight(elevation=60.0, intensity=2.0, angle=6.0),
    )


def _read_map(path: Path, taken: Iterable[str]) -> EnvironmentSource:
    file = read_yaml(path)
    problems = list(file.problems)
    data = {} if file.data is None else file.data
    settings: MapSettings | None = None
    props: list[tuple[ModelSource, ...]] = []
    if isinstance(data, dict):
        data = {**data, "props": _props_in_full(data["props"])} if "props" in data else data
        settings = validate(MapSettings, file, data, LIMITS, problems)
        props = _find_props(file, data.get("props"), problems)
        _find_pictures(file, data, problems)
        spawn = data.get("spawn")
        fault = _box_fault(spawn.get("box")) if isinstance(spawn, dict) else None
        if fault is not None:
            problems.append(file.problem(("spawn", "box"), fault))
        if isinstance(spawn, dict) and spawn.get("actor") is not None and data.get("level") is None:
            problems.append(file.problem(("spawn", "actor"), "names an actor of a level; there is no `level` here"))
        level = data.get("level")
        if isinstance(level, str) and not level.startswith(_LEVEL):
            problems.append(file.problem(("level",), f"wanted a level such as {_LEVEL}Maps/Yard, got {level}"))
    else:
        problems.append(Problem("", "wanted settings such as `ground:`, one a line"))
    if problems or settings is None:
        located = [replace(problem, where=f"{path.name}: {problem.where}") for problem in problems]
        raise RecipeError(f"The map {path} has mistakes:", located)
    return EnvironmentSource(unique_name(settings.name or path.stem, taken, "map"), settings, path.parent, tuple(props))


def _find_pictures(file: YamlFile, data: Mapping[str, Data], problems: list[Problem]) -> None:
    """Tells of pictures that are not there. What is in them is looked at when they are read."""
    from unrealsynth.library import textures

    for (block, name), suffixes in _PICTURES.items():
        settings = data.get(block)
        reference = settings.get(name) if isinstance(settings, dict) else None
        if not isinstance(reference, str):
            continue
        known, builtin = textures.names(), reference.removeprefix(BUILTIN)
        path = local_path(reference, file.path.parent)
        if reference.startswith(BUILTIN) and block == "ground":
            if builtin not in known:
                hint = did_you_mean(builtin, known) or f"; there are {', '.join(known)}"
                problems.append(file.problem((block, name), f"there is no built-in texture {builtin}{hint}"))
        elif not path.is_file():
            problems.append(file.problem((block, name), missing_file(reference, path, suffixes)))


def _box_fault(box: Data) -> str | None:
    """What is wrong with a region's corners beyond their form."""
    match box:
        case [
            [int() | float() as x0, int() | float() as y0, low],
            [int() | float() as x1, int() | float() as y1, high],
        ]:
            if x0 >= x1 or y0 >= y1 or (isinstance(low, int | float) and isinstance(high, int | float) and low > high):
                return "wanted the lowest corner first, then the highest, as in [[-500, -500, 0], [500, 500, 300]]"
    return None


def _props_in_full(props: Data) -> Data:
    if not isinstance(props, list):
        return props
    return [_prop_in_full(prop) for prop in props]


def _prop_in_full(prop: Data) -> Data:
    """A prop with its models as a list, and its location with a height."""
    if not isinstance(prop, dict):
        return prop
    full = dict(prop)
    if isinstance(full.get("model"), str):
        full["model"] = [full["model"]]
    location = full.get("location")
    if isinstance(location, list) and len(location) == 2:
        full["location"] = [*location, 0.0]
    return full


def _find_props(file: YamlFile, props: Data, problems: list[Problem]) -> list[tuple[ModelSource, ...]]:
    found = []
    for number, prop in enumerate(props if isinstance(props, list) else []):
        if not isinstance(prop, dict):
            continue
        key = ("props", number)
        if ("location" in prop) == ("ring" in prop):
            problems.append(file.problem(key, "wanted either a `location` or a `ring`"))
        if "location" in prop and "count" in prop:
            problems.append(file.problem((*key, "count"), "goes with a `ring`; one place holds one prop"))
        match prop.get("ring"):
            case [int() | float() as low, int() | float() as high] if low > high:
                problems.append(file.problem((*key, "ring"), "write the smaller distance first"))
        fault = size_fault(prop.get("size"))
        if fault is not None:
            problems.append(file.problem((*key, "size"), fault))
        models: dict[ModelSource, None] = {}
        references = prop.get("model")
        for reference in references if isinstance(references, list) else []:
            try:
                models |= dict.fromkeys(find_models(reference, file.path.parent) if isinstance(reference, str) else ())
            except NotFoundError as error:
                problems.append(file.problem((*key, "model"), str(error)))
        found.append(tuple(models))
    return found
