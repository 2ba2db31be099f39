"""From recipe to run: models, scattered props, files to ship, and the parts a data set is recognised by."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image

from deep_picture import deep_png
from unrealsynth.errors import ModelError, RecipeError
from unrealsynth.recipe import ResolvedRecipe, load_recipe, resolve
from unrealsynth.recipe.cache import Cache
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.settings import PropPlacement

_RECIPE = """\
classes:
  box: box.glb
  cone: {models: cones, size: {height: 70}}
environments: [map.yaml]
"""


@pytest.fixture
def recipe(folder: Path) -> Path:
    (folder / "map.yaml").write_text(_map(6), encoding="utf-8")
    path = folder / "recipe.yaml"
    path.write_text(_RECIPE, encoding="utf-8")
    return path


def _map(count: int, more: str = "") -> str:
    return f"""\
ground: {{color: [0.2, 0.2, 0.2]}}
props:
  - {{model: stone.glb, location: [500, 0], scale: 2}}
  - {{model: trees, count: {count}, ring: [400, 600], scale: {{uniform: [1, 2]}}}}
spawn: {{center: [50, -20], radius: 300}}
{more}
"""


def _resolved(recipe: Path, **options: Any) -> ResolvedRecipe:
    return resolve(load_recipe(recipe), **options)


def test_classes_and_models(recipe: Path) -> None:
    resolved = _resolved(recipe)
    assert [(entry.name, entry.models) for entry in resolved.classes] == [("box", ("box",)), ("cone", ("Blue", "red"))]
    models = {model.id: model for model in resolved.models}
    # glTF's x, y, z of 0.4, 0.6, 0.3 m are Unreal's x, z, y.
    assert np.allclose(models["box"].bounds_cm, [(-20, -15, 0), (20, 15, 60)])
    assert models["red"].bounds_cm[1][2] == pytest.approx(70)
    assert list(models) == ["box", "Blue", "red", "stone", "red-2", "tall"]  # Two files have one name.


def test_files_are_those_that_the_job_names(recipe: Path) -> None:
    resolved = _resolved(recipe)
    assert sorted(resolved.files) == sorted({model.file for model in resolved.models})
    for model in resolved.models:
        content = resolved.files[model.file]
        data = content.read_bytes() if isinstance(content, Path) else content
        assert hashlib.sha256(data).hexdigest() == model.sha256
        assert model.file == f"models/{model.sha256}.glb"


def test_props_that_are_of_a_class_are_left_out(folder: Path, recipe: Path) -> None:
    # They would be in the pictures without a label.
    (folder / "map.yaml").write_text(_map(6).replace("trees", "[trees, cones]"), encoding="utf-8")
    resolved = _resolved(recipe)
    assert {prop.model for prop in resolved.environments[0].props} <= {"stone", "red-2", "tall"}


def _scattered(environment: Environment) -> Iterator[PropPlacement]:
    return (prop for prop in environment.props if prop.location != (500, 0, 0))


def test_props_are_scattered_without_touching(recipe: Path) -> None:
    resolved = _resolved(recipe)
    (environment,) = resolved.environments
    models = {model.id: model for model in resolved.models}
    assert len(environment.props) == 7
    assert environment.props[0] == PropPlacement("stone", (500, 0, 0), 0, 2)
    circles = []
    for prop in environment.props:
        radius = max(math.hypot(x, y) for x, y, _ in models[prop.model].hull_cm) * prop.scale
        circles.append((prop.location[0], prop.location[1], radius))
    for i, (x, y, radius) in enumerate(circles):
        for other_x, other_y, other in circles[:i]:
            assert math.hypot(x - other_x, y - other_y) >= radius + other
    for prop in _scattered(environment):
        assert 400 <= math.hypot(prop.location[0] - 50, prop.location[1] + 20) <= 600.01
        assert 1 <= prop.scale <= 2
        assert prop.location[2] == 0


def test_what_lies_flat_is_in_nobodys_way(folder: Path, recipe: Path) -> None:
    """Paint over the whole ring leaves room for all that stands; scattered paint keeps apart from its like."""
    trimesh.creation.box((14.0, 0.006, 14.0)).apply_translation((0.0, 0.003, 0.0)).export(folder / "paint.glb")
    trimesh.creation.box((1.0, 0.006, 1.0)).apply_translation((0.0, 0.003, 0.0)).export(folder / "spot.glb")
    flat = "  - {model: paint.glb, location: [50, -20]}\n  - {model: spot.glb, count: 8, ring: [100, 600]}\nspawn:"
    (folder / "map.yaml").write_text(_map(6).replace("spawn:", flat), encoding="utf-8")
    resolved = _resolved(recipe)
    (environment,) = resolved.environments
    assert resolved.warnings == ()
    assert environment.props[:7] == _props_without_paint(folder, recipe)
    spots = [prop.location for prop in environment.props if prop.model == "spot"]
    assert len(spots) == 8
    for (x, y, _), (other_x, other_y, _) in itertools.combinations(spots, 2):
        assert math.hypot(x - other_x, y - other_y) >= math.sqrt(2.0) * 100.0 - 1e-3


def _props_without_paint(folder: Path, recipe: Path) -> tuple[PropPlacement, ...]:
    (folder / "map.yaml").write_text(_map(6), encoding="utf-8")
    return _resolved(recipe).environments[0].props


def test_more_props_move_none(folder: Path, recipe: Path) -> None:
    fewer = _resolved(recipe).environments[0].props
    (folder / "map.yaml").write_text(_map(9), encoding="utf-8")
    assert _resolved(recipe).environments[0].props[: len(fewer)] == fewer


def test_props_without_a_place_are_counted(folder: Path, recipe: Path) -> None:
    (folder / "map.yaml").write_text(_map(200), encoding="utf-8")
    resolved = _resolved(recipe)
    left = 201 - len(resolved.environments[0].props)
    assert left > 50
    assert any(warning.startswith(f"map: {left} of 200 props") for warning in resolved.warnings)


def test_distractors_become_ids(recipe: Path) -> None:
    recipe.write_text(_RECIPE + "distractors: {models: [stone.glb, trees], count: 2}\n", encoding="utf-8")
    resolved = _resolved(recipe)
    assert resolved.randomization.distractors.models == ("stone", "red-2", "tall")


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ("", set()),
        ("name: other", set()),
        ("images: 7", set()),
        ("val: 0.1", set()),
        ("format: jpg", set()),
        ("labels: {min_pixels: 3}", set()),
        ("seed: 8", {"seed"}),
        ("resolution: [320, 320]", {"resolution"}),
        ("objects: {count: 3}", {"objects.count"}),
        ("objects: {rotation: {pitch: 5}}", {"objects.rotation.pitch"}),
        ("camera: {elevation: 5}", {"camera.elevation"}),
        ("captures: {depth: true}", {"captures.depth"}),
        ("distractors: {models: stone.glb}", {"distractors.models"}),
    ],
)
def test_parts_name_what_a_frame_depends_on(recipe: Path, change: str, keys: set[str]) -> None:
    before = _resolved(recipe).parts
    recipe.write_text(f"{_RECIPE}{change}\n", encoding="utf-8")
    after = _resolved(recipe).parts
    assert {key for key in {*before, *after} if before.get(key) != after.get(key)} == keys
    json.dumps(after)


def test_parts_change_with_models_maps_and_textures(folder: Path, recipe: Path) -> None:
    def changed(before: ResolvedRecipe) -> set[str]:
        after = _resolved(recipe).parts
        return {key for key in {*before.parts, *after} if before.parts.get(key) != after.get(key)}

    first = _resolved(recipe)
    (folder / "map.yaml").write_text(_map(6, "exposure: 1"), encoding="utf-8")
    assert changed(first) == {"maps.map"}
    Image.new("RGB", (8, 8), "red").save(folder / "floor.png")
    (folder / "map.yaml").write_text("ground: {texture: floor.png}\n", encoding="utf-8")
    textured = _resolved(recipe)
    Image.new("RGB", (8, 8), "blue").save(folder / "floor.png")
    assert changed(textured) == {"maps.map"}
    (folder / "box.glb").write_bytes((folder / "cones" / "red.glb").read_bytes())
    assert "models.box" in changed(textured)


def test_where_models_come_from(folder: Path, recipe: Path) -> None:
    first = _resolved(recipe).provenance[0]
    assert (first["id"], first["source"]) == ("box", "box.glb")
    assert first["source_sha256"] == hashlib.sha256((folder / "box.glb").read_bytes()).hexdigest()


def test_bad_models_are_all_named_before_the_run(folder: Path, recipe: Path) -> None:
    (folder / "cones" / "red.glb").write_bytes(b"glTF")
    (folder / "cones" / "empty.glb").write_bytes(b"")
    with pytest.raises(ModelError) as caught:
        _resolved(recipe)
    assert "2 models cannot be used" in str(caught.value)
    assert str(folder / "cones" / "red.glb") in str(caught.value)
    assert str(folder / "cones" / "empty.glb") in str(caught.value)
    resolved = _resolved(recipe, skip_bad_models=True)
    assert resolved.classes[1].models == ("Blue",)
    assert sum(warning.startswith("left out: ") for warning in resolved.warnings) == 2


def test_a_class_needs_one_good_model(folder: Path, recipe: Path) -> None:
    (folder / "box.glb").write_bytes(b"")
    with pytest.raises(RecipeError, match="none of the models of class box can be used"):
        _resolved(recipe, skip_bad_models=True)


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_ground_textures_are_shipped_as_they_are(folder: Path, recipe: Path, kind: str) -> None:
    Image.new("RGB", (8, 4), "red").save(folder / f"floor.{kind}")
    (folder / "map.yaml").write_text(f"ground: {{texture: floor.{kind}}}\n", encoding="utf-8")
    ground = _resolved(recipe).environments[0].ground
    data = (folder / f"floor.{kind}").read_bytes()
    assert ground is not None
    assert (ground.texture, ground.normal) == (f"textures/{hashlib.sha256(data).hexdigest()}.{kind}", None)


def test_unusual_pictures_are_converted(folder: Path, recipe: Path) -> None:
    Image.new("P", (8, 8), 3).save(folder / "floor.png")
    (folder / "map.yaml").write_text("ground: {texture: floor.png}\n", encoding="utf-8")
    resolved = _resolved(recipe)
    ground = resolved.environments[0].ground
    assert ground is not None
    assert ground.texture is not None
    content = resolved.files[ground.texture]
    assert isinstance(content, bytes)
    assert Image.open(io.BytesIO(content)).mode == "RGB"


def _shipped_ground(recipe: Path, image: Image.Image | bytes) -> Image.Image:
    """The picture as it is shipped when a map's ground has it."""
    if isinstance(image, bytes):
        (recipe.parent / "floor.png").write_bytes(image)
    else:
        image.save(recipe.parent / "floor.png")
    (recipe.parent / "map.yaml").write_text("ground: {texture: floor.png}\n", encoding="utf-8")
    shipped = []
    for _ in range(2):  # made, and from the cache
        resolved = _resolved(recipe)
        ground = resolved.environments[0].ground
        assert ground is not None and ground.texture is not None
        content = resolved.files[ground.texture]
        assert isinstance(content, bytes)
        shipped.append(content)
    assert shipped[0] == shipped[1]
    return Image.open(io.BytesIO(shipped[0]))


@pytest.mark.parametrize(
    ("size", "mode", "shipped"), [((100, 33), "RGB", (128, 32)), ((8, 90), "L", (8, 64)), ((91, 1), "RGBA", (128, 1))]
)
def test_sides_become_powers_of_two(recipe: Path, size: tuple[int, int], mode: str, shipped: tuple[int, int]) -> None:
    image = _shipped_ground(recipe, Image.new(mode, size, 90 if mode == "L" else (90, 120, 200, 255)[: len(mode)]))
    assert (image.size, image.mode) == (shipped, mode)
    assert np.ptp(np.asarray(image), axis=(0, 1)).max() == 0


def test_a_resized_ground_has_no_seam(recipe: Path) -> None:
    def waves(width: int) -> NDArray[np.float64]:
        return 127.5 + 100 * np.sin((np.arange(width) + 0.5) / width * 4 * np.pi)

    row = np.rint(waves(100)).astype(np.uint8)
    image = _shipped_ground(recipe, Image.fromarray(np.tile(row, (8, 1))))
    assert np.abs(np.asarray(image, float)[3] - waves(128)).max() < 1.5


def test_16_bits_become_8_of_the_same_brightness(recipe: Path) -> None:
    deep = np.full((8, 8), 0x80FF, np.uint16)
    grey = _shipped_ground(recipe, Image.fromarray(deep))
    assert grey.mode == "L"
    assert (np.asarray(grey) == 0x80).all()
    color = _shipped_ground(recipe, deep_png(deep))
    assert color.mode == "RGB"
    assert (np.asarray(color) == 0x80).all()


def test_a_builtin_texture_brings_its_normal_map(folder: Path, recipe: Path) -> None:
    (folder / "map.yaml").write_text("ground: {texture: builtin:concrete}\n", encoding="utf-8")
    ground = _resolved(recipe).environments[0].ground
    assert ground is not None
    assert ground.texture is not None
    assert ground.normal is not None
    assert ground.texture != ground.normal


_HDR = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 4\n" + bytes(32)

_RUNS = _HDR.replace(b"X 4", b"X 8")[:-32] + 2 * (b"\2\2\0\10" + 3 * b"\x88\7" + b"\3\1\2\3\x85\x80")
"""Two scanlines of eight pixels, whose channels are runs, or three bytes and a run."""


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("sky.hdr", b"", "is not a Radiance .hdr picture"),
        ("sky.hdr", b"\x89PNG" + bytes(50), "is not a Radiance .hdr picture"),
        ("sky.hdr", b"#?RADIANCE\n\n", "does not give its size"),
        ("sky.hdr", b"#?RADIANCE\n\n+X 4 -Y 2\n", "does not give its size"),
        ("sky.hdr", _HDR.replace(b"X 4", b"X 99999"), "has 99999×2 pixels"),
        ("sky.hdr", _HDR.replace(b"Y 2", b"Y 4096").replace(b"X 4", b"X 8192"), "is cut off"),
        ("sky.hdr", _RUNS[:-1], "is damaged or cut off"),
        ("sky.hdr", _RUNS[:-20], "is damaged or cut off"),
        ("sky.hdr", _RUNS.replace(b"\x88\7", b"\x89\7"), "is damaged or cut off"),
        ("sky.png", _HDR, "is not a Radiance .hdr picture"),
    ],
)  # fmt: skip
def test_bad_skies_are_refused(folder: Path, recipe: Path, name: str, data: bytes, fault: str) -> None:
    (folder / name).write_bytes(data)
    (folder / "map.yaml").write_text(f"sky: {{hdr: {name}}}\n", encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        _resolved(recipe)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("data", "fault"),
    [(b"", "begins with"), (b"RIFF....WEBPVP8 ", "WebP"), (b"\x89PNG\r\n\x1a\n" + bytes(9), "begins")],
)
def test_bad_textures_are_refused(folder: Path, recipe: Path, data: bytes, fault: str) -> None:
    (folder / "floor.png").write_bytes(data)
    (folder / "map.yaml").write_text("ground: {texture: floor.png}\n", encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        _resolved(recipe)
    assert str(folder / "floor.png") in str(caught.value)
    assert fault in str(caught.value)


@pytest.mark.parametrize("data", [_HDR, _RUNS])
def test_a_sky_is_shipped(folder: Path, recipe: Path, data: bytes) -> None:
    (folder / "sky.hdr").write_bytes(data)
    recipe.write_text(_RECIPE.replace("map.yaml", "sky.hdr"), encoding="utf-8")
    resolved = _resolved(recipe)
    name = resolved.environments[0].sky.hdr
    assert name == f"textures/{hashlib.sha256(data).hexdigest()}.hdr"
    assert resolved.files[name] == folder / "sky.hdr"


def test_builtin_models(folder: Path, recipe: Path) -> None:
    recipe.write_text(
        "classes: {a: builtin:ear_muffs, b: [builtin:ear_muffs]}\nenvironments: plain.yaml\n", encoding="utf-8"
    )
    resolved = _resolved(recipe)
    assert [entry.models for entry in resolved.classes] == [("ear_muffs",), ("ear_muffs",)]
    assert resolved.provenance[0]["source"] == "builtin:ear_muffs"


def test_the_cache_changes_nothing(folder: Path, recipe: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cold = _resolved(recipe, cache=cache)
    warm = _resolved(recipe, cache=cache)
    assert cold == warm
    uncached = _resolved(recipe, cache=Cache(folder / "box.glb" / "no folder"))
    assert all(isinstance(content, bytes) for content in uncached.files.values())
    assert uncached.models == warm.models
    assert uncached.parts == warm.parts


def test_a_damaged_cache_is_mended(recipe: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    good = _resolved(recipe, cache=cache)
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert _resolved(recipe, cache=cache).models == good.models
    for name, content in _resolved(recipe, cache=cache).files.items():
        assert isinstance(content, Path)
        assert hashlib.sha256(content.read_bytes()).hexdigest() in name
