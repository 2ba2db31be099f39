"""Whole runs on the session's embedded editor: what they make, and that they make the same again in every way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from runs import Quiet, Run, files_of
from small import write_recipe
from unrealsynth.editor_choice import EditorKind
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import DataSetError, InterruptedRunError, RecipeError
from unrealsynth.run import RunOptions, generate_data_set
from unrealsynth.summary import RunSummary


@pytest.fixture(scope="session")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("rezept ü"))


@pytest.fixture(scope="session")
def reference(run: Run, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunSummary]:
    """The data set that every other way must make again."""
    out = tmp_path_factory.mktemp("reference") / "set"
    return out, run(recipe, out)


def test_the_layout_is_that_of_unrealsynth(reference: tuple[Path, RunSummary]) -> None:
    out, summary = reference
    names = {f"images/{split}/{k}.png" for k, split in enumerate(["train", "val"] * 3)}
    names |= {name.replace("images", "labels").replace("png", "txt") for name in names}
    assert set(files_of(out)) == {*names, "synth.yaml"}
    assert yaml.safe_load((out / "synth.yaml").read_text(encoding="utf-8")) == {
        "train": "images/train",
        "val": "images/val",
        "names": {0: "box", 1: "cone"},
    }
    assert not (out / ".unrealsynth").exists()
    assert (summary.finished, summary.images, summary.tally.frames) == (6, 6, 6)


def test_again_gives_the_same_bytes(run: Run, recipe: Path, reference: tuple[Path, RunSummary], tmp_path: Path) -> None:
    run(recipe, tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(reference[0])


def test_a_complete_set_is_left_alone(run: Run, recipe: Path, reference: tuple[Path, RunSummary]) -> None:
    before = {path: path.stat().st_mtime_ns for path in reference[0].rglob("*.png")}
    assert run(recipe, reference[0]).tally.frames == 0
    assert {path: path.stat().st_mtime_ns for path in reference[0].rglob("*.png")} == before


def test_a_larger_set_extends_the_smaller(
    run: Run, recipe: Path, reference: tuple[Path, RunSummary], tmp_path: Path
) -> None:
    out = tmp_path / "larger"
    run(recipe, out)
    run(recipe, out, images=9)
    larger = files_of(out)
    assert len(larger) == 2 * 9 + 1
    assert {name: larger[name] for name in files_of(reference[0])} == files_of(reference[0])


def test_frame_by_frame_gives_the_same_bytes(
    run: Run, recipe: Path, reference: tuple[Path, RunSummary], tmp_path: Path
) -> None:
    out = tmp_path / "single"
    for frames in ((4,), (0, 1, 4), (2, 3, 5)):
        run(recipe, out, frames=frames)
        # Nothing is left to do, though frames are missing.
        assert not (out / ".unrealsynth").exists()
    assert files_of(out) == files_of(reference[0])


def test_stopped_and_resumed_gives_the_same_bytes(
    run: Run, recipe: Path, reference: tuple[Path, RunSummary], tmp_path: Path
) -> None:
    out = tmp_path / "resumed"
    with pytest.raises(InterruptedRunError, match="goes on"):
        run(recipe, out, stop_at=2)
    there = files_of(out)
    assert 2 * 2 + 1 <= len(there) < 2 * 6 + 1
    run(recipe, out)
    assert files_of(out) == files_of(reference[0])


@pytest.mark.slow
def test_three_editors_give_the_same_bytes(recipe: Path, reference: tuple[Path, RunSummary], tmp_path: Path) -> None:
    generate_data_set(str(recipe), RunOptions(out=tmp_path / "three", editors=3), Quiet())
    assert files_of(tmp_path / "three") == files_of(reference[0])


def test_another_seed_gives_other_pictures(
    run: Run, recipe: Path, reference: tuple[Path, RunSummary], tmp_path: Path
) -> None:
    run(recipe, tmp_path / "seed", seed=12, images=2)
    other, same = files_of(tmp_path / "seed"), files_of(reference[0])
    assert other["images/train/0.png"] != same["images/train/0.png"]


@pytest.mark.parametrize("kind", ["embedded", "auto"])
def test_what_needs_a_project_is_refused_by_the_embedded_editor(
    tmp_path: Path, kind: EditorKind, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    recipe = tmp_path / "street.yaml"
    recipe.write_text(
        "images: 2\nclasses: {car: /Game/Cars/Sedan, sign: 'tag:Sign'}\nenvironments: [/Game/Maps/Street]\n",
        encoding="utf-8",
    )
    launched: list[EmbeddedEditor] = []

    def launch(*_: object) -> list[EmbeddedEditor]:
        launched.append(EmbeddedEditor(tmp_path / "editor", group=group, program=bare_editor_program))
        launched[0].launch()
        return launched

    with pytest.raises(RecipeError) as error:
        generate_data_set(str(recipe), RunOptions(out=tmp_path / "out", editor=kind), Quiet(), launch)
    what, *problems = str(error.value).splitlines()
    assert what.startswith(
        f"{recipe} needs your Unreal project, and the embedded editor has none; use it with --editor"
    )
    assert problems == [
        "  classes.car: /Game/Cars/Sedan is in an Unreal project",
        "  classes.sign: tag:Sign is in an Unreal project",
        "  environments: /Game/Maps/Street is a level of an Unreal project",
    ]
    assert not (tmp_path / "out").exists()
    # Only with `auto` it shows late who answers.
    assert [editor.alive for editor in launched] == ([] if kind == "embedded" else [False])


def test_going_on_with_another_recipe_is_refused_by_key(
    run: Run, reference: tuple[Path, RunSummary], tmp_path: Path
) -> None:
    other = write_recipe(tmp_path / "other", more="camera: {roll: 5}\n")
    before = files_of(reference[0])
    with pytest.raises(DataSetError, match=r"camera\.roll"):
        run(other, reference[0])
    assert files_of(reference[0]) == before


def test_frames_beyond_the_images_are_refused(run: Run, recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="frames 0 to 5"):
        run(recipe, tmp_path / "beyond", frames=(6,))
    assert not (tmp_path / "beyond").exists()


def test_every_frame_of_the_manifest_explains_itself(reference: tuple[Path, RunSummary]) -> None:
    lines = (reference[0] / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    frames = {entry["k"]: entry for entry in map(json.loads, lines)}
    assert sorted(frames) == list(range(6))
    for entry in frames.values():
        rows = (reference[0] / entry["label"]).read_text(encoding="ascii").splitlines()
        labelled = [item for item in entry["objects"] if item["left_out"] is None]
        assert len(rows) == len(labelled)
        for row, item in zip(rows, labelled, strict=True):
            x0, y0, x1, y1 = item["box_px"]
            expected = [(x0 + x1) / 2 / 96, (y0 + y1) / 2 / 72, (x1 - x0) / 96, (y1 - y0) / 72]
            assert [float(value) for value in row.split()] == pytest.approx([item["class_index"], *expected], abs=1e-6)


def test_clean_views_agree_with_the_pixels(reference: tuple[Path, RunSummary]) -> None:
    check = reference[1].check
    assert check.failed_frames == 0
    assert check.frames == 6


def test_jpg_and_val_share(run: Run, tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path / "jpg", more="format: jpg\nval: 0.25\n")
    run(recipe, tmp_path / "out", images=4)
    assert {name for name in files_of(tmp_path / "out") if name.startswith("images")} == {
        "images/train/0.jpg",
        "images/train/1.jpg",
        "images/train/2.jpg",
        "images/val/3.jpg",
    }
