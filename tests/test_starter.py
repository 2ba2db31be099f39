"""`unrealsynth init`: what it writes is a recipe that works, and it overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh
import yaml

from unrealsynth.errors import ModelError, RecipeError
from unrealsynth.glb import Size
from unrealsynth.recipe import load_recipe
from unrealsynth.starter import make_starter


def _box(path: Path, size_m: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    trimesh.creation.box((size_m, size_m, size_m)).export(path, file_type="glb")
    return path


def test_nothing_named_gives_the_quickstart(tmp_path: Path) -> None:
    recipe = make_starter([], tmp_path / "new folder")
    assert recipe == tmp_path / "new folder" / "quickstart.yaml"
    shipped, copied = load_recipe("quickstart"), load_recipe(recipe)
    assert copied.settings.objects == shipped.settings.objects
    assert [entry.settings for entry in copied.environments] == [entry.settings for entry in shipped.environments]
    assert all(entry.folder == tmp_path / "new folder" / "maps" for entry in copied.environments)


def test_a_shipped_name_is_no_folder_of_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`generate quickstart` has made its data set beside."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quickstart" / "images").mkdir(parents=True)
    assert make_starter(["quickstart"], tmp_path / "mine").name == "quickstart.yaml"
    _box(tmp_path / "quickstart" / "box.glb", 1)
    (entry,) = load_recipe(make_starter(["./quickstart"], tmp_path / "models")).classes
    assert [source.path.name for source in entry.models if source.path is not None] == ["box.glb"]


def test_comments_survive(tmp_path: Path) -> None:
    assert "# " in make_starter(["quickstart"], tmp_path).read_text(encoding="utf-8")


def test_a_recipe_of_ones_own_keeps_its_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _box(tmp_path / "old" / "things" / "box.glb", 1)
    (tmp_path / "old" / "sky.hdr").write_bytes(b"")
    (tmp_path / "old" / "a map.yaml").write_text(
        "sky: {hdr: sky.hdr}  # evening\nprops: [{model: things/box.glb, location: [900, 0]}]\n", encoding="utf-8"
    )
    (tmp_path / "old" / "mine.yaml").write_text(
        "classes:\n  box: things/box.glb  # a box\n  boxes: {models: ['things/*.glb', builtin:pallet], weight: 2}\n"
        "environments: [a map.yaml, sky.hdr, yard, /Game/Maps/X]\n",
        encoding="utf-8",
    )
    recipe = make_starter(["old/mine.yaml"], Path("new/deep"))
    text = recipe.read_text(encoding="utf-8")
    assert "# a box" in text
    loaded = load_recipe(recipe)
    assert [[source.name for source in entry.models] for entry in loaded.classes] == [
        ["box"],
        ["box", "builtin:pallet"],
    ]
    assert [entry.name for entry in loaded.environments] == ["a_map", "sky", "yard", "X"]
    assert sorted(path.name for path in (tmp_path / "new" / "deep" / "maps").iterdir()) == ["a_map.yaml", "yard.yaml"]
    environment = loaded.environments[0]
    assert environment.settings.sky.hdr is not None
    assert (environment.folder / environment.settings.sky.hdr).resolve() == tmp_path / "old" / "sky.hdr"


def test_models_give_a_recipe_with_a_class_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("box.glb", "Kiste groß.glb", "true.glb", "n01440764.glb"):
        _box(tmp_path / "models" / name, 0.5)
    _box(tmp_path / "cones" / "a.glb", 0.5)
    _box(tmp_path / "cones" / "b.glb", 0.5)
    what = [
        "models/box.glb",
        "models/Kiste groß.glb",
        "models/true.glb",
        "models/n01440764.glb",
        "cones",
        "builtin:pallet",
    ]
    recipe = make_starter(what, Path("mine"))
    loaded = load_recipe(recipe)
    assert loaded.name == "mine"
    assert [(entry.name, len(entry.models)) for entry in loaded.classes] == [
        ("box", 1),
        ("Kiste_groß", 1),
        ("true", 1),
        ("_n01440764", 1),
        ("cones", 2),
        ("pallet", 1),
    ]
    assert loaded.environments[0].folder == Path("mine/maps")
    assert "50 × 50 × 50 cm" in recipe.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("size_m", "size"),
    [
        (0.5, None),
        (80.0, Size(longest=80.0)),  # 80 units, as if they were centimetres
        (2000.0, Size(longest=2000.0)),
        (0.0005, Size(longest=5.0)),  # 0.05 cm, as if metres had been taken for centimetres
    ],
)
def test_unlikely_sizes_get_a_guess(tmp_path: Path, size_m: float, size: Size | None) -> None:
    recipe = load_recipe(make_starter([str(_box(tmp_path / "box.glb", size_m))], tmp_path / "new"))
    assert recipe.classes[0].fit.size == size


def test_two_files_of_one_name_make_two_classes(tmp_path: Path) -> None:
    files = [str(_box(tmp_path / folder / "box.glb", 1)) for folder in ("a", "b")]
    recipe = load_recipe(make_starter(files, tmp_path / "new"))
    assert [entry.name for entry in recipe.classes] == ["box", "box_2"]


def test_existing_files_stay(tmp_path: Path) -> None:
    make_starter([], tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    (tmp_path / "quickstart.yaml").unlink()
    with pytest.raises(RecipeError, match=r"has maps/.* already"):
        make_starter([], tmp_path)
    assert not (tmp_path / "quickstart.yaml").exists()
    assert all(path.read_bytes() == text for path, text in before.items() if path.exists())


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        (["nothing"], "There is no recipe nothing"),
        (["nothing.glb"], "there is no nothing.glb"),
        (["quickstart", "box.glb"], "quickstart is not a model"),
        (["builtin:palet"], "did you mean pallet?"),
    ],
)
def test_what_cannot_be_started_from(tmp_path: Path, what: list[str], fault: str) -> None:
    with pytest.raises(RecipeError) as caught:
        make_starter(what, tmp_path / "new")
    assert fault in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_model_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.glb").write_bytes(b"")
    with pytest.raises(ModelError, match=r"bad\.glb: the file is empty"):
        make_starter([str(tmp_path / "bad.glb")], tmp_path / "new")


def test_what_is_written_is_plain_yaml(tmp_path: Path) -> None:
    recipe = make_starter([str(_box(tmp_path / "box.glb", 1))], tmp_path / "new")
    data = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    assert data["objects"]["count"] == {"uniform": [1, 5]}
