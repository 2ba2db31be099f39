"""Environments: map files, skies and levels, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from mistakes import problems

from unrealsynth.recipe.maps import default_environments, find_environment
from unrealsynth.recipe.sources import NotFoundError
from unrealsynth_plugin.core.distributions import Uniform
from unrealsynth_plugin.core.settings import FogLayer, Ground, LampLight, Sky, Spawn, SunLight


def _map(folder: Path, text: str) -> str:
    (folder / "map.yaml").write_text(text, encoding="utf-8")
    return "map.yaml"


def test_an_empty_map_has_defaults(folder: Path) -> None:
    environment = find_environment(_map(folder, "# nothing\n"), folder)
    assert environment.name == "map"
    settings = environment.settings
    assert (settings.ground, settings.sky, settings.sun, settings.spawn) == (Ground(), Sky(), SunLight(), Spawn())


def test_everything_a_map_can_say(folder: Path) -> None:
    for picture in ("grass.png", "sky.hdr"):
        (folder / picture).touch()
    environment = find_environment(
        _map(
            folder,
            """\
name: Yard no. 1
ground: {texture: grass.png, normal: builtin:grass, tile: 250, roughness: 1, color: [1, 0.9, 0.8]}
sky: {hdr: sky.hdr, hdr_yaw: 30, color: null, clouds: true, brightness: {uniform: [0.5, 1]}}
sun: null
fog: {density: 0.1, color: [1, 1, 1]}
lamps: [{location: [1, 2, 3], cone: 30, rotation: [0, -45, 90]}]
props:
  - {model: box.glb, location: [100, 200], yaw: 45}
  - {model: [cones, builtin:pallet], count: 3, ring: [900, 1000], scale: 2, size: {height: 50}, up: z, origin: keep}
spawn: {center: [10, 20], radius: 300}
exposure: -0.5
""",
        ),
        folder,
    )
    settings = environment.settings
    assert environment.name == "Yard_no_1"
    assert settings.ground == Ground("grass.png", "builtin:grass", 250, 1, (1, 0.9, 0.8))
    assert settings.sky == Sky("sky.hdr", 30, None, True, Uniform((0.5, 1)))
    assert settings.sun is None
    assert settings.fog == FogLayer(density=0.1, color=(1, 1, 1))
    assert settings.lamps == (LampLight((1, 2, 3), cone=30, rotation=(0, -45, 90)),)
    assert settings.props[0].location == (100, 200, 0)
    assert [[source.name for source in prop] for prop in environment.props] == [
        ["box"],
        ["Blue", "red", "builtin:pallet"],
    ]
    assert environment.fit(1).up == "z"
    assert (settings.spawn, settings.exposure) == (Spawn((10, 20), 300), -0.5)


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("- 1", "", "wanted settings"),
        ("grund: {}", "grund", "did you mean ground?"),
        ("ground: 5", "ground", "wanted a block of settings, got 5"),
        ("ground: {texture: nothing.png}", "ground.texture", "there is no nothing.png"),
        ("ground: {normal: builtin:concreet}", "ground.normal", "no built-in texture concreet; did you mean concrete?"),
        ("ground: {texture: ''}", "ground.texture", "there is no"),
        ("sky: {hdr: builtin:grass}", "sky.hdr", "there is no builtin:grass"),
        ("ground: {tile: 0}", "ground.tile", "wanted 1 to 1000000 cm, got 0"),
        ("ground: {roughness: 2}", "ground.roughness", "wanted 0 to 1, got 2"),
        ("ground: {color: [1, 2]}", "ground.color", "wanted 3 values, got [1, 2]"),
        ("ground: {color: [1, 2, -3]}", "ground.color[2]", "wanted 0 to 1000, got -3"),
        ("sun: {elevation: {uniform: [20, 95]}}", "sun.elevation", "wanted -5 to 90 degrees, got 20 to 95"),
        ("lamps: [{intensity: 5}]", "lamps[0].location", "is missing"),
        ("lamps: [{location: [0, 0, 0], cone: 90}]", "lamps[0].cone", "wanted 1 to 80 degrees, got 90"),
        ("level: Harbour", "level", "wanted a level such as /Game/Maps/Yard, got Harbour"),
        ("props: {model: box.glb}", "props", "wanted a list"),
        ("props: [{location: [0, 0]}]", "props[0].model", "is missing"),
        ("props: [{model: box.glb}]", "props[0]", "wanted either a `location` or a `ring`"),
        ("props: [{model: box.glb, location: [0, 0], ring: [1, 2]}]", "props[0]", "wanted either"),
        ("props: [{model: box.glb, location: [0]}]", "props[0].location", "wanted 3 values, got [0]"),
        ("props: [{model: box.glb, location: [0, 0], count: 2}]", "props[0].count", "goes with a `ring`"),
        ("props: [{model: box.glb, ring: [9, 1]}]", "props[0].ring", "write the smaller distance first"),
        ("props: [{model: box.glb, ring: [1, 9], count: 0}]", "props[0].count", "wanted 1 to 1000, got 0"),
        ("props: [{model: bix.glb, ring: [1, 9]}]", "props[0].model", "did you mean box.glb?"),
        ("props: [{models: box.glb, ring: [1, 9]}]", "props[0].models", "did you mean model?"),
        ("props: [{model: box.glb, ring: [1, 9], size: {height: 1, width: 1}}]", "props[0].size", "exactly one"),
        ("spawn: {radius: 0}", "spawn.radius", "wanted 1 to 100000 cm, got 0"),
        ("spawn: {box: [[5, 0, 0], [1, 9, 9]]}", "spawn.box", "wanted the lowest corner first"),
        ("spawn: {box: [[0, 0, 9], [1, 9, 0]]}", "spawn.box", "wanted the lowest corner first"),
        ("spawn: {actor: Quay}", "spawn.actor", "names an actor of a level; there is no `level` here"),
        ("exposure: a", "exposure", "wanted a number, got"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(folder: Path, text: str, key: str, message: str) -> None:
    found = problems(lambda: find_environment(_map(folder, text + "\n"), folder))
    told = {where.removeprefix("map.yaml: "): sentence for where, sentence in found.items()}
    if key == "props[0].models":
        told.pop("props[0].model")  # The key that is meant is missing as well.
    assert list(told) == [key]
    assert message in told[key]


def test_names_are_plain_and_different(folder: Path) -> None:
    (folder / "sub").mkdir()
    for name in ("Höfe & Wege.yaml", "plain.YAML", "sub/plain.yaml"):
        (folder / name).write_text("", encoding="utf-8")
    names: list[str] = []
    for reference in ("Höfe & Wege.yaml", "plain.yaml", "sub/plain.yaml", "/Game/Maps/Plain.Plain"):
        names.append(find_environment(reference, folder, names).name)
    assert names == ["Hofe_Wege", "plain", "plain-2", "Plain-3"]


def test_a_sky_alone_is_an_environment(folder: Path) -> None:
    (folder / "Sunset.HDR").write_bytes(b"")
    environment = find_environment("Sunset.HDR", folder)
    assert environment.name == "Sunset"
    assert environment.settings.sky.hdr == "Sunset.HDR"
    assert environment.settings.ground is not None
    (folder / "sky.exr").write_bytes(b"")
    with pytest.raises(NotFoundError, match=r"convert it to \.hdr"):
        find_environment("sky.exr", folder)


def test_a_file_goes_before_a_shipped_map_of_its_name(folder: Path) -> None:
    name = default_environments()[0]
    assert find_environment(name, folder).folder != folder
    (folder / f"{name}.yaml").write_text("", encoding="utf-8")
    assert find_environment(f"{name}.yaml", folder).folder == folder


@pytest.mark.parametrize("name", default_environments())
def test_shipped_maps_are_sound(name: str, folder: Path) -> None:
    assert find_environment(name, folder).name == name
