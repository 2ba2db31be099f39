"""Classes made of what a project has itself: static meshes, Blueprints, and actors of a level by tag."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from editor_bench import EditorBench
from PIL import Image

from runs import Run
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.own_assets import AssetReport
from unrealsynth_plugin.core.settings import Camera, Objects, Randomization, Spawn

PROGRAMS = Path(__file__).parent / "programs"
RECIPE = """
seed: 3
images: 12
resolution: [320, 240]
classes:
{classes}
environments: [{environment}]
objects: {{count: 2, empty: 0}}
"""


def wedge() -> bytes:
    """A tetrahedron, 1 m along x, 0.5 m along y (up) and 2 m along z, with a corner at its origin."""
    corners = [(0, 0, 0), (1, 0, 0), (0, 0.5, 0), (0, 0, 2)]
    mesh = trimesh.Trimesh(corners, [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)], process=False)
    glb: bytes = trimesh.Scene(mesh).export(file_type="glb")
    return glb


@pytest.fixture(scope="module")
def bench(embedded_editor: EmbeddedEditor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditorBench]:
    made = with_assets(EditorBench(embedded_editor), tmp_path_factory.mktemp("assets"))
    yield made
    made.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")


def with_assets(bench: EditorBench, folder: Path) -> EditorBench:
    """Has the editor's project hold a level, a static mesh and a Blueprint, made once a session."""
    if bench.evaluate("u.EditorAssetLibrary.does_asset_exist('/Game/Props/BP_Cart')") == "False":
        (folder / "wedge.glb").write_bytes(wedge())
        execute(bench, "make_level.py", {"LEVEL": "Fair", "PARTITIONED": False})
        execute(bench, "make_assets.py", {"FILE": str(folder / "wedge.glb"), "LEVEL": "Fair"})
    return bench


def execute(bench: EditorBench, program: str, names: dict[str, object]) -> None:
    bench.client.evaluate(f'len(__import__("runpy").run_path({str(PROGRAMS / program)!r}, {names!r}))')


@pytest.fixture(scope="module")
def mesh_path(bench: EditorBench) -> str:
    """Where the wedge lies; the editor made its name up."""
    assets = "u.EditorAssetLibrary.list_assets('/Game/Props')"
    mesh = "isinstance(u.EditorAssetLibrary.load_asset(a), u.StaticMesh)"
    return bench.evaluate(f"[str(a).split('.')[0] for a in {assets} if {mesh}][0]").strip("'")


def test_assets_are_measured_by_their_vertices(bench: EditorBench, mesh_path: str) -> None:
    level = Environment("terrace", level="/Game/Maps/Fair", ground=None, spawn=Spawn())
    job = bench.job(
        frames=(),
        environments=(level,),
        measures=(mesh_path, "/Game/Props/BP_Cart", "/Game/Vehicles/BP_Wagon", "tag:Wedge"),
        models=(),
        classes=(),
    )
    folder = bench.start(job)
    bench.wait(folder, "done")
    report = decode(AssetReport, json.loads((folder / "assets.json").read_text(encoding="utf-8")))
    assert report.named == {
        mesh_path: (mesh_path,),
        "/Game/Props/BP_Cart": ("/Game/Props/BP_Cart",),
        "/Game/Vehicles/BP_Wagon": ("/Game/Vehicles/BP_Wagon",),
        "tag:Wedge": (mesh_path,),
    }
    found = {entry.asset: entry for entry in report.assets}
    # glTF (x, y, z) m is (100 x, 100 z, 100 y) in Unreal.
    assert set(found[mesh_path].points_cm) == {(0, 0, 0), (100, 0, 0), (0, 0, 50), (0, 200, 0)}
    cart = np.array(found["/Game/Props/BP_Cart"].points_cm)
    # The cube reaches 50 cm down, the one on it from 50 to 100; what the Blueprint hides does not count.
    assert (cart.min(axis=0).tolist(), cart.max(axis=0).tolist()) == ([-50.0, -50.0, -50.0], [50.0, 50.0, 100.0])
    assert found["/Game/Props/BP_Cart"].is_exact
    wagon = np.array(found["/Game/Vehicles/BP_Wagon"].points_cm)
    # The axle, a child actor, reaches to x = 110, and its own child, the wheel, to y = 100.
    assert wagon.min(axis=0).tolist() == pytest.approx([-50.0, -50.0, -50.0])
    assert wagon.max(axis=0).tolist() == pytest.approx([110.0, 100.0, 50.0])


def test_of_what_is_bent_the_bounds_are_known_alone(bench: EditorBench) -> None:
    folder = bench.start(bench.job(frames=(), measures=("/Game/Pipes/BP_Pipe",), models=(), classes=()))
    bench.wait(folder, "done")
    [pipe] = decode(AssetReport, json.loads((folder / "assets.json").read_text(encoding="utf-8"))).assets
    assert not pipe.is_exact
    assert len(pipe.points_cm) == 8


def recipe_of(folder: Path, classes: str, environment: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(classes=classes, environment=environment), encoding="utf-8")
    return path


def test_a_data_set_of_assets_agrees_with_its_pixels(
    bench: EditorBench, mesh_path: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "grey.yaml").write_text("ground: {color: [0.3, 0.3, 0.3]}\n", encoding="utf-8")
    classes = f"  wedge: {mesh_path}\n  cart: /Game/Props/BP_Cart\n  wagon: /Game/Vehicles/BP_Wagon"
    out = tmp_path / "data"
    summary = run(recipe_of(tmp_path, classes, "grey.yaml"), out)
    assert summary.finished == 12
    assert summary.check.failed_frames == 0
    assert set(summary.check.iou_by_class) == {"wedge", "cart", "wagon"}
    assert min(summary.check.iou_by_class.values()) > 0.9


def test_tagged_actors_lend_their_looks(bench: EditorBench, run: Run, tmp_path: Path) -> None:
    (tmp_path / "terrace.yaml").write_text(
        "level: /Game/Maps/Fair\nspawn: {box: [[-800, -800, 100], [800, 800, 200]]}\n", encoding="utf-8"
    )
    out = tmp_path / "data"
    assert run(recipe_of(tmp_path, "  wedge: tag:Wedge", "terrace.yaml"), out).finished == 12
    entries = list(read_manifest(out / MANIFEST_NAME))
    assert sum(len(entry.objects) for entry in entries) >= 12


def test_tagged_actors_are_in_no_picture_themselves(bench: EditorBench) -> None:
    """They would be objects of the class without a label."""
    spawn = Spawn(box=((-800.0, -800.0, 100.0), (800.0, 800.0, 200.0)))
    level = Environment("terrace", level="/Game/Maps/Fair", ground=None, spawn=spawn)
    empty = Randomization(objects=Objects(empty=1.0), camera=Camera(size=12.0))
    frames = tuple((k, 0) for k in range(4))
    first = bench.job(environments=(level,), randomization=empty, frames=frames, prepared=())
    seen = bench.make(first)
    known = replace(bench.prepared(first, "terrace"), settle_ticks=0)
    hidden = bench.make(replace(first, id="hidden", hides=("Wedge",), prepared=(known,)))
    changed = []
    for with_wedges, without in zip(seen, hidden, strict=True):
        a, b = (np.asarray(Image.open(frame / "rgb.png").convert("RGB"), float) for frame in (with_wedges, without))
        changed.append(int((np.abs(a - b).max(axis=2) > 8).sum()))
    assert max(changed) > 20, "no frame had a tagged actor in view"
    assert max(changed) < 160 * 120 / 4, "more than the tagged actors has changed"


@pytest.mark.parametrize(
    ("classes", "wanted"),
    [
        ("  car: /Game/Cars/Sedan", "There is no asset /Game/Cars/Sedan in the project of this editor"),
        ("  car: tag:Car", "names actors of a level, but no environment is one"),
        ("  map: /Game/Maps/Fair", "wanted a static mesh or a Blueprint"),
    ],
)
def test_what_the_project_does_not_have_is_named(
    bench: EditorBench, run: Run, tmp_path: Path, classes: str, wanted: str
) -> None:
    (tmp_path / "grey.yaml").write_text("ground: {color: [0.3, 0.3, 0.3]}\n", encoding="utf-8")
    with pytest.raises(EditorError) as error:
        run(recipe_of(tmp_path, classes, "grey.yaml"), tmp_path / "data")
    assert wanted in str(error.value)
    assert "An embedded editor has no project of yours" in str(error.value)
    assert "/../" not in str(error.value), "a path that says nothing to a user"
