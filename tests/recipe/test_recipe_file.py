"""Recipes: what is read from one, and how its mistakes are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from mistakes import problems

from unrealsynth.errors import RecipeError
from unrealsynth.glb import Size
from unrealsynth.recipe import find_recipe, load_recipe, recipe_names
from unrealsynth.recipe import maps as maps_module
from unrealsynth.recipe.maps import MapSettings
from unrealsynth.recipe.settings import LIMITS, RecipeSettings
from unrealsynth_plugin.core.distributions import Choice, LogUniform, Normal, Uniform
from unrealsynth_plugin.core.settings import Camera, Light, Objects

_CLASSES = "classes: {box: box.glb}\nenvironments: plain.yaml\n"


def _recipe(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_only_classes_must_be_given(folder: Path) -> None:
    recipe = load_recipe(_recipe(folder, "classes: {box: box.glb}\n"))
    assert recipe.name == "recipe"
    assert (recipe.images, recipe.seed, recipe.settings.resolution, recipe.settings.val) == (100, 0, (640, 640), 0.5)
    assert recipe.settings.objects == Objects()
    assert recipe.settings.camera == Camera()
    assert recipe.settings.light == Light()
    assert recipe.settings.labels.min_pixels == 16
    assert len(recipe.environments) >= 4  # The shipped maps.


def test_everything_that_can_be_said(folder: Path) -> None:
    recipe = load_recipe(
        _recipe(
            folder,
            """\
name: Straße 1
seed: 0x10
images: 200
val: 0.2
format: jpg
resolution: [1280, 720]
classes:
  no: box.glb
  cones: [cones, "cones/*.glb", cones/red.glb]
  traffic cone:
    models: builtin:traffic_cone
    weight: 2
    size: {height: 75}
    up: -z
    origin: keep
environments: [plain.yaml, /Game/Maps/Harbour, yard]
objects:
  count: {uniform: [0, 7]}
  empty: 0
  rotation: {yaw: 90, pitch: {normal: [0, 5], low: -10, high: 10}, roll: {choice: [0, 180], weights: [3, 1]}}
  height: {uniform: [0, 40]}
  scale: {log_uniform: [0.8, 1.25]}
distractors: {models: trees, count: {uniform: [0, 3]}}
camera: {size: {log_uniform: [20, 300]}, elevation: {uniform: [-10, 90]}, field_of_view: 60, roll: {normal: [0, 2]}}
light: {sun_elevation: 30}
labels: {min_pixels: 4}
captures: {depth: true}
""",
        )
    )
    settings = recipe.settings
    assert (recipe.name, recipe.seed, settings.resolution) == ("Straße 1", 16, (1280, 720))
    assert [entry.name for entry in recipe.classes] == ["no", "cones", "traffic cone"]
    assert [source.name for source in recipe.classes[1].models] == ["Blue", "red"]  # sorted, each once
    cone = recipe.classes[2]
    assert (cone.weight, cone.fit.size, cone.fit.up, cone.fit.origin) == (2, Size(height=75), "-z", "keep")
    assert [entry.name for entry in recipe.environments] == ["plain", "Harbour", "yard"]
    assert recipe.environments[1].settings.level == "/Game/Maps/Harbour"
    assert settings.objects.count == Uniform((0, 7))
    assert settings.objects.rotation.pitch == Normal((0, 5), -10, 10)
    assert settings.objects.rotation.roll == Choice((0, 180), (3, 1))
    assert settings.objects.scale == LogUniform((0.8, 1.25))
    assert settings.camera.roll == Normal((0, 2))
    assert [source.name for source in recipe.distractors] == ["red", "tall"]
    assert settings.captures.depth


def test_options_win_over_the_file(folder: Path) -> None:
    path = _recipe(folder, "seed: 1\nimages: 5\n" + _CLASSES)
    recipe = load_recipe(path, images=9, seed=-4)
    assert (recipe.images, recipe.seed) == (9, -4)
    assert problems(lambda: load_recipe(path, images=0)) == {"--images": "wanted 1 or more, got 0"}


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("imagse: 3", "imagse", "there is no such setting; did you mean images?"),
        ("zzz: 3", "zzz", "there is no such setting; known are classes, name, seed"),
        ("images: 2.5", "images", "wanted a whole number, got 2.5"),
        ("images: '7'", "images", 'wanted a whole number, got "7"'),
        ("images: true", "images", "wanted a whole number, got true"),
        ("images: 0", "images", "wanted 1 or more, got 0"),
        ("seed: x", "seed", 'wanted a whole number, got "x"'),
        ("name: 5", "name", "wanted text, got 5"),
        ("name: a/b", "name", "wanted a name that can be a folder's"),
        ("name: CON", "name", "wanted a name that can be a folder's"),
        ("name: ..", "name", "wanted a name that can be a folder's"),
        ("name: ''", "name", "wanted a name that can be a folder's"),
        ("val: 1.5", "val", "wanted 0 to 1, got 1.5"),
        ("format: jpeg", "format", 'wanted png or jpg, got "jpeg"; did you mean jpg?'),
        ("resolution: 640", "resolution", "wanted a list, got 640"),
        ("resolution: [640]", "resolution", "wanted 2 values, got [640]"),
        ("resolution: [640, 640, 3]", "resolution", "wanted 2 values, got [640, 640, 3]"),
        ("resolution: [16, 640]", "resolution[0]", "wanted 32 to 8192 pixels, got 16"),
        ("resolution: [640, 9000]", "resolution[1]", "wanted 32 to 8192 pixels, got 9000"),
        ("objects: 5", "objects", "wanted a block of settings, got 5"),
        ("objects: {cuont: 5}", "objects.cuont", "there is no such setting; did you mean count?"),
        ("objects: {count: many}", "objects.count", "wanted a number, or a distribution such as {uniform: [1, 5]}"),
        ("objects: {count: [1, 5]}", "objects.count", "wanted a number, or a distribution such as {uniform: [1, 5]}"),
        ("objects: {count: {unifrom: [1, 5]}}", "objects.count", "did you mean uniform?"),
        ("objects: {count: {zipf: 2}}", "objects.count", "distributions are uniform, log_uniform, normal, choice"),
        ("objects: {count: {uniform: 5}}", "objects.count", 'uniform needs [low, high], got {"uniform": 5}'),
        ("objects: {count: {uniform: [1, a]}}", "objects.count", "uniform needs [low, high]"),
        ("objects: {count: {uniform: [1, 5], low: 2}}", "objects.count", "uniform has no low"),
        ("objects: {count: {uniform: [1, 5], choice: [2]}}", "objects.count", "names two distributions"),
        ("objects: {count: {uniform: [5, 1]}}", "objects.count", "goes from 5 down to 1; write the smaller"),
        ("objects: {count: {uniform: [0.2, 0.8]}}", "objects.count", "wanted whole numbers, got none from 0.2 to 0.8"),
        ("objects: {count: 2.5}", "objects.count", "wanted whole numbers, got 2.5"),
        ("objects: {count: {choice: [1, 1.5]}}", "objects.count", "wanted whole numbers, got 1.5"),
        ("objects: {count: -1}", "objects.count", "wanted 0 to 1000, got -1"),
        ("objects: {empty: {uniform: [0, 1]}}", "objects.empty", "wanted a number, got {"),
        ("objects: {scale: 0}", "objects.scale", "wanted more than 0 and at most 1000, got 0"),
        ("objects: {scale: {log_uniform: [0, 2]}}", "objects.scale", "log_uniform needs numbers above 0"),
        ("objects: {scale: {normal: [1, 0.2]}}", "objects.scale", "got -0.72 to 2.72; give it `low` and `high`"),
        ("objects: {scale: {normal: [1, -1]}}", "objects.scale", "standard deviation of 0 or more"),
        ("objects: {height: .inf}", "objects.height", "needs a finite number"),
        ("objects: {height: {uniform: [0, .nan]}}", "objects.height", "needs two finite numbers"),
        ("objects: {rotation: {yaw: {choice: []}}}", "objects.rotation.yaw", "choice needs at least one value"),
        ("objects: {rotation: {yaw: {choice: [1], weights: [1, 2]}}}", "objects.rotation.yaw", "but 2 weights"),
        ("camera: {field_of_view: 4}", "camera.field_of_view", "wanted 5 to 150 degrees, got 4"),
        ("camera: {field_of_view: {uniform: [40, 170]}}", "camera.field_of_view", "5 to 150 degrees, got 40 to 170"),
        ("camera: {elevation: -20}", "camera.elevation", "wanted -10 to 90 degrees, got -20"),
        ("camera: {size: 1}", "camera.size", "wanted 2 to 100000 pixels, got 1"),
        ("light: {sun_temperature: 100}", "light.sun_temperature", "wanted 1000 to 40000 kelvin, got 100"),
        ("labels: {min_pixels: -1}", "labels.min_pixels", "wanted 0 or more, got -1"),
        ("captures: {depth: yes}", "captures.depth", 'wanted true or false, got "yes"'),
        ("distractors: {models: [nowhere.glb]}", "distractors.models[0]", "there is no nowhere.glb"),
        ("distractors: {models: [trees, box.glb]}", "distractors.models", "box is a model of class box"),
        ("distractors: {models: builtin:palet}", "distractors.models[0]", "did you mean pallet?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(folder: Path, text: str, key: str, message: str) -> None:
    found = problems(lambda: load_recipe(_recipe(folder, f"{_CLASSES}{text}\n")))
    assert list(found) == [key]
    assert message in found[key]


@pytest.mark.parametrize(
    ("classes", "key", "message"),
    [
        ("{}", "classes", "wanted at least one class"),
        ("[box.glb]", "classes", "wanted a block of settings"),
        ("{box: }", "classes.box", "wanted a block of settings, got nothing"),
        ("{box: {weight: 2}}", "classes.box.models", "is missing"),
        ("{box: []}", "classes.box.models", "wanted at least one model"),
        ("{box: [3]}", "classes.box.models[0]", "wanted text, got 3"),
        ("{box: {models: box.glb, wieght: 2}}", "classes.box.wieght", "did you mean weight?"),
        ("{box: {models: box.glb, weight: 0}}", "classes.box.weight", "wanted more than 0"),
        ("{box: {models: box.glb, up: w}}", "classes.box.up", "wanted x, y, z, -x, -y or -z"),
        ("{box: {models: box.glb, origin: top}}", "classes.box.origin", "wanted bottom or keep"),
        ("{box: {models: box.glb, size: 5}}", "classes.box.size", "wanted a block of settings, got 5"),
        ("{box: {models: box.glb, size: {}}}", "classes.box.size", "wanted exactly one of height, length, width"),
        ("{box: {models: box.glb, size: {height: 1, width: 2}}}", "classes.box.size", "wanted exactly one"),
        ("{box: {models: box.glb, size: {hieght: 1}}}", "classes.box.size.hieght", "did you mean height?"),
        ("{box: {models: box.glb, size: {height: 0}}}", "classes.box.size.height", "wanted more than 0"),
        ("{n01440764: box.glb}", "classes.n01440764", "must not begin with n0"),
        ("{'': box.glb}", "classes.", "a class name that neither is empty"),
        ("{' a': box.glb}", "classes. a", "begins or ends with a space"),
        ('{"a\\nb": box.glb}', "classes.a\nb", "control characters"),
        ("{box: bxo.glb}", "classes.box.models[0]", "there is no bxo.glb; did you mean box.glb?"),
        ("{box: cones/rde.glb}", "classes.box.models[0]", "did you mean cones/red.glb?"),
        ("{box: cones/*.fbx}", "classes.box.models[0]", "no .glb file matches cones/*.fbx"),
        ("{box: cones/notes.txt}", "classes.box.models[0]", "is not a .glb file"),
        ("{box: 'tag:'}", "classes.box.models[0]", "wanted a tag of actors, such as tag:Car"),
        ("{box: {models: /Game/Box, size: {height: 3}}}", "classes.box.size", "does not go with assets"),
        ("{box: builtin:trafic_cone}", "classes.box.models[0]", "did you mean traffic_cone?"),
        ("{box: ''}", "classes.box.models[0]", "wanted the name of a model, got nothing"),
        ("{box: ~nobody-here/box.glb}", "classes.box.models[0]", "cannot be looked for"),
        ('{box: "a\\0b.glb"}', "classes.box.models[0]", "a\0b.glb"),
        (f"{{box: {'x' * 4000}.glb}}", "classes.box.models[0]", "xxx"),
        ("{box: '['}", "classes.box.models[0]", "no .glb file matches ["),
        ("{box: cones/a**b}", "classes.box.models[0]", "cones/a**b"),
        ("{box: builtin:qqq}", "classes.box.models[0]", "there is no built-in model qqq; there are"),
    ],
)  # fmt: skip
def test_mistakes_in_classes(folder: Path, classes: str, key: str, message: str) -> None:
    found = problems(lambda: load_recipe(_recipe(folder, f"classes: {classes}\nenvironments: plain.yaml\n")))
    assert list(found) == [key]
    assert message in found[key]


def test_class_names_differ_in_more_than_case(folder: Path) -> None:
    found = problems(
        lambda: load_recipe(_recipe(folder, "classes: {Box: box.glb, box: box.glb}\nenvironments: plain.yaml\n"))
    )
    assert list(found) == ["classes.Box", "classes.box"]


@pytest.mark.parametrize(
    ("environments", "key", "message"),
    [
        ("[]", "environments", "wanted at least one environment"),
        ("[plian.yaml]", "environments[0]", "there is no plian.yaml; did you mean plain.yaml?"),
        ("[yrad]", "environments[0]", "there is no environment yrad; did you mean yard?"),
        ("[plain.yaml, sky.hdr]", "environments[1]", "there is no sky.hdr"),
        ("[box.glb]", "environments[0]", "wanted a map (.yaml) or a sky (.hdr)"),
        ("[/Games/Yard]", "environments[0]", "a level of an Unreal project begins with /Game/"),
        ("[3]", "environments[0]", "wanted text, got 3"),
        ("['']", "environments[0]", "there is no "),
        ("[~nobody-here/map.yaml]", "environments[0]", "cannot be looked for"),
        (f"[{'x' * 4000}.yaml]", "environments[0]", "xxx"),
        ("3", "environments", "wanted a list, got 3"),
    ],
)
def test_mistakes_in_environments(folder: Path, environments: str, key: str, message: str) -> None:
    found = problems(lambda: load_recipe(_recipe(folder, f"classes: {{box: box.glb}}\nenvironments: {environments}\n")))
    assert list(found) == [key]
    assert message in found[key]


def test_all_mistakes_are_told_at_once_by_line(folder: Path) -> None:
    (folder / "bad.yaml").write_text("grund: {}\n", encoding="utf-8")
    path = _recipe(
        folder, "images: x\nval: 2\nclasses:\n  a: nowhere.glb\n  n0: box.glb\nenvironments: [bad.yaml]\nval: 0\n"
    )
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path} has 6 mistakes:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "images (line 1)",
        "bad.yaml",
        "val (line 2)",
        "classes.a.models[0] (line 4)",
        "classes.n0 (line 5)",
        "val (line 7)",
    ]


@pytest.mark.parametrize("text", ["", "- 1\n", "hello\n"])
def test_a_file_without_settings(folder: Path, text: str) -> None:
    assert "wanted settings" in problems(lambda: load_recipe(_recipe(folder, text)))[""]


def test_a_recipe_is_found_by_name_or_path(folder: Path) -> None:
    assert "quickstart" in recipe_names()
    assert find_recipe("quickstart").name == "quickstart.yaml"
    assert find_recipe(_recipe(folder, _CLASSES)) == folder / "recipe.yaml"
    with pytest.raises(RecipeError, match="There is no recipe quikstart; did you mean quickstart"):
        find_recipe("quikstart")
    with pytest.raises(RecipeError, match=r"did you mean recipe\.yaml"):
        find_recipe(folder / "recip.yaml")
    with pytest.raises(RecipeError, match="is a folder"):
        find_recipe(folder)


@pytest.mark.parametrize("name", recipe_names())
def test_shipped_recipes_are_sound(name: str) -> None:
    assert load_recipe(name).name == name


def test_windows_paths_are_understood(folder: Path) -> None:
    recipe = load_recipe(_recipe(folder, "classes: {a: cones\\red.glb}\nenvironments: .\\plain.yaml\n"))
    assert recipe.classes[0].models[0].path == folder / "cones" / "red.glb"


def _numbers(kind: Any, path: str = "") -> Iterator[str]:
    """Paths of all numbers below a declared type, with `*` for entries."""
    if is_dataclass(kind):
        for name, inner in get_type_hints(kind).items():
            yield from _numbers(inner, f"{path}.{name}" if path else name)
    elif kind in (int, float):
        yield path
    elif get_origin(kind) in (Union, UnionType):
        if Uniform in get_args(kind):
            yield path
        else:
            for inner in get_args(kind):
                yield from _numbers(inner, path)
    elif get_origin(kind) in (tuple, dict):
        for inner in get_args(kind):
            yield from _numbers(inner, f"{path}.*")


@pytest.mark.parametrize(
    ("kind", "limits"), [(RecipeSettings, LIMITS), (MapSettings, maps_module.LIMITS)], ids=["recipe", "map"]
)
def test_every_number_has_limits(kind: type, limits: dict[str, object]) -> None:
    assert set(_numbers(kind)) == set(limits)
