"""The shipped maps and recipes name what exists, keep the spawn area free, and stay light."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
import yaml

from unrealsynth import resources
from unrealsynth.library import models, textures
from unrealsynth_plugin.core import contract, placement, settings

MAPS = sorted(resources.maps_folder().glob("*.yaml"))
RECIPES = sorted(resources.recipes_folder().glob("*.yaml"))
BLOCKS = {
    "ground": settings.Ground,
    "sun": settings.SunLight,
    "sky": settings.Sky,
    "fog": settings.FogLayer,
    "spawn": settings.Spawn,
}
SECTIONS = {
    "objects": settings.Objects,
    "distractors": settings.Distractors,
    "camera": settings.Camera,
    "light": settings.Light,
}


def read(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def keys(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


def builtins(value: object) -> Iterator[str]:
    """Every `builtin:` name below a value."""
    if isinstance(value, str) and value.startswith("builtin:"):
        yield value.removeprefix("builtin:")
    elif isinstance(value, dict):
        for child in value.values():
            yield from builtins(child)
    elif isinstance(value, list):
        for child in value:
            yield from builtins(child)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_what_is_shipped() -> None:
    assert {"yard", "road", "meadow", "dusk", "studio"} <= {path.stem for path in MAPS}
    assert {"quickstart", "roadworks", "ppe"} <= {path.stem for path in RECIPES}


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_map_has_only_known_keys_and_names(path: Path) -> None:
    data = read(path)
    assert set(data) <= keys(contract.Environment) - {"name", "level"}
    for block, kind in BLOCKS.items():
        assert set(data.get(block) or {}) <= keys(kind), block
    for lamp in data.get("lamps", []):
        assert set(lamp) <= keys(settings.LampLight)
    for prop in data.get("props", []):
        assert set(prop) <= {"model", "location", "yaw", "scale", "count", "ring"}
        assert ("location" in prop) != ("ring" in prop)
    assert set(builtins(data.get("ground"))) <= set(textures.names())
    assert set(builtins(data.get("props", []))) <= set(models.names())


def height_and_outline_cm(meshes: list[trimesh.Trimesh]) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """Highest point, and the lowest and highest corner in Unreal's X and Y."""
    points = np.concatenate([mesh.vertices for mesh in meshes]) * 100.0
    low, high = points[:, [0, 2]].min(axis=0), points[:, [0, 2]].max(axis=0)
    return float(points[:, 1].max()), (low[0], low[1]), (high[0], high[1])


def distance_of(prop: dict[str, Any], low: tuple[float, float], high: tuple[float, float], scale: float) -> float:
    """From the spawn centre to the nearest point that a prop's bounds may reach."""
    if "ring" in prop:
        return float(
            prop["ring"][0] - scale * max(math.hypot(x, y) for x in (low[0], high[0]) for y in (low[1], high[1]))
        )
    x, y = prop["location"][:2]
    yaw = math.radians(prop.get("yaw", 0.0))
    # The spawn centre as the prop sees it.
    own = (-(x * math.cos(yaw) + y * math.sin(yaw)) / scale, (x * math.sin(yaw) - y * math.cos(yaw)) / scale)
    apart = [max(a - at, at - b, 0.0) for a, b, at in zip(low, high, own, strict=True)]
    return math.hypot(*apart) * scale


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_props_leave_the_spawn_area_free_and_are_light(path: Path, meshes: dict[str, list[trimesh.Trimesh]]) -> None:
    data = read(path)
    triangles = 0.0
    for prop in data.get("props", []):
        names = list(builtins(prop["model"]))
        counts = [sum(len(mesh.faces) for mesh in meshes[name]) for name in names]
        triangles += prop.get("count", 1) * sum(counts) / len(counts)
        scale = prop.get("scale", 1.0)
        largest = scale["uniform"][1] if isinstance(scale, dict) else scale
        for name in names:
            height, low, high = height_and_outline_cm(meshes[name])
            top = height * largest + sum(prop.get("location", [])[2:])
            # What lies flat is in nobody's way.
            assert top <= placement.FLAT_CM or distance_of(prop, low, high, largest) > data["spawn"]["radius"], prop
    assert triangles < 66_000


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_has_only_known_keys_and_names(path: Path) -> None:
    data = read(path)
    general = {"name", "seed", "images", "resolution", "classes", "environments"}
    assert set(data) <= general | set(SECTIONS)
    assert data["name"] == path.stem
    for section, kind in SECTIONS.items():
        assert set(data.get(section) or {}) <= keys(kind), section
    assert set(builtins(data)) <= set(models.names())
    assert 4 <= len(data["classes"]) <= 8
    for environment in as_list(data["environments"]):
        assert environment.startswith("../maps/")
        assert (path.parent / environment).resolve() in MAPS
