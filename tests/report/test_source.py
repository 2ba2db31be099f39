"""Data sets read from disk: ours by the manifest, anybody's by label files, and clear words where there is none."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from made_sets import write_foreign
from synthetic_spool import CLASSES

from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest
from unrealsynth.errors import DataSetError
from unrealsynth.report.source import is_data_set, open_data_set


def test_our_frames_have_the_rows_of_their_label_files(ours: Path) -> None:
    source = open_data_set(ours)
    assert (source.name, source.classes) == ("roadworks", CLASSES)
    frames = list(source.frames())
    assert sorted(frame.name for frame in frames) == sorted(map(str, range(16)))
    for frame in frames:
        label = ours / "labels" / frame.split / f"{frame.name}.txt"
        rows = [[float(word) for word in line.split()] for line in label.read_text(encoding="utf-8").splitlines()]
        assert [item.class_index for item in frame.objects] == [int(row[0]) for row in rows]
        for item, (_, cx, cy, w, h) in zip(frame.objects, rows, strict=True):
            x0, y0, x1, y1 = item.box_px
            assert ((x0 + x1) / 2 / 96, (y0 + y1) / 2 / 72) == pytest.approx((cx, cy), abs=1e-5)
            assert ((x1 - x0) / 96, (y1 - y0) / 72) == pytest.approx((w, h), abs=1e-5)


def test_the_direction_is_that_of_the_camera_as_the_object_sees_it(ours: Path) -> None:
    source = open_data_set(ours)
    seen = 0
    for frame, entry in zip(source.frames(), read_manifest(ours / MANIFEST_NAME), strict=True):
        eye = entry.record["camera"]["location_cm"]  # type: ignore[index]
        placed = {
            item["index"]: item
            for item in entry.record["objects"]  # type: ignore[attr-defined]
        }
        labelled = [item for item in entry.objects if item["left_out"] is None]
        for item, measured in zip(frame.objects, labelled, strict=True):
            pose = placed[measured["index"]]
            dx, dy, dz = (a - b for a, b in zip(eye, pose["location_cm"], strict=True))
            # The objects only turn about the vertical: from X towards Y, as azimuth counts.
            azimuth = math.degrees(math.atan2(dy, dx)) - pose["rotation_deg"][2]
            assert item.direction_deg is not None
            assert math.cos(math.radians(item.direction_deg[0] - azimuth)) == pytest.approx(1.0)
            assert item.direction_deg[1] == pytest.approx(math.degrees(math.atan2(dz, math.hypot(dx, dy))))
            assert item.distance_cm == pytest.approx(math.dist(eye, pose["location_cm"]), abs=0.01)
            seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    ("row", "box", "outline"),
    [
        ("0 0.5 0.5 0.25 0.5", (24, 12, 40, 36), 0),  # detection
        ("1 0.0 0.5 0.25 0.5", (0, 12, 8, 36), 0),  # over the edge, clipped
        ("0 0.25 0.25 0.75 0.25 0.75 0.75", (16, 12, 48, 36), 3),  # a polygon
        ("0 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75", (16, 12, 48, 36), 4),  # four corners of an oriented box
    ],
)
def test_rows_of_other_tasks(row: str, box: tuple[float, ...], outline: int, tmp_path: Path) -> None:
    source = open_data_set(write_foreign(tmp_path / "set", [row]))
    (frame,) = source.frames()
    (item,) = frame.objects
    assert item.box_px == pytest.approx(box)
    assert len(item.outline_px) == outline
    assert (frame.size, frame.split, frame.bad_rows) == ((64, 48), "val", 0)


@pytest.mark.parametrize(
    "row",
    [
        "",
        "0 0.5 0.5 0.2",
        "2 .5 .5 .1 .1",
        "-1 .5 .5 .1 .1",
        "0 x .5 .1 .1",
        "0 nan .5 .1 .1",
        "0 .5 .5 0 .1",
        "\ufeff",
    ],
)
def test_a_bad_row_is_counted_not_taken(row: str, tmp_path: Path) -> None:
    source = open_data_set(write_foreign(tmp_path / "set", [row + "\n1 0.5 0.5 0.1 0.1\n"]))
    (frame,) = source.frames()
    assert [item.class_index for item in frame.objects] == [1]
    assert frame.bad_rows == bool(row.strip("\ufeff"))


def test_key_points_after_the_box_are_passed_over(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "set", ["0 0.5 0.5 0.25 0.5 0.1 0.1 0.9 0.9"])
    with (folder / "data.yaml").open("a", encoding="utf-8") as file:
        file.write("kpt_shape: [2, 2]\n")
    (frame,) = open_data_set(folder).frames()
    assert frame.objects[0].box_px == pytest.approx((24, 12, 40, 36))


@pytest.mark.parametrize("names", ["[cat, dog]", "{0: cat, 1: dog}"])
def test_names_as_list_or_numbered(names: str, tmp_path: Path) -> None:
    assert open_data_set(write_foreign(tmp_path / "set", ["", ""], names)).classes == ("cat", "dog")


def test_an_image_without_label_file_has_no_objects_and_a_broken_one_no_size(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "set", ["0 .5 .5 .1 .1", "0 .5 .5 .1 .1", "0 .5 .5 .1 .1"])
    (folder / "labels/train/0.txt").unlink()
    (folder / "images/train/1.jpg").write_bytes(b"no picture")
    first, second, third = open_data_set(folder).frames()
    assert (first.objects, second.size, second.objects) == ((), (0, 0), ())
    assert len(third.objects) == 1


def test_images_may_be_listed_in_a_file_and_lie_in_a_root_of_their_own(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "set", ["", "", ""])
    (folder / "few.txt").write_text("./images/train/1.jpg\n", encoding="utf-8")
    (folder / "data.yaml").write_text("train: few.txt\nval: images/val\nnames: [a]\n", encoding="utf-8")
    assert [frame.name for frame in open_data_set(folder).frames()] == ["images/train/1.jpg", "images/val/2.jpg"]
    (tmp_path / "elsewhere.yaml").write_text("path: set\ntrain: images/train\nnames: [a]\n", encoding="utf-8")
    assert len(list(open_data_set(tmp_path / "elsewhere.yaml").frames())) == 2


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "has no YAML file"),
        ({"a.yaml": "names: [a]\ntrain: x\n", "b.yaml": ""}, "has 2 YAML files"),
        ({"a.yaml": "classes: {a: b}\n"}, "does not describe a YOLO data set"),
        ({"a.yaml": "names: {0: a, 2: b}\ntrain: x\n"}, "does not describe a YOLO data set"),
        ({"a.yaml": "names: [a]\ntrain: images/train\n"}, "'images/train' does not exist"),
        ({"manifest.header.json": "{"}, "is damaged"),
    ],
)
def test_what_is_no_data_set_is_told(files: dict[str, str], words: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataSetError, match=words):
        list(open_data_set(tmp_path).frames())


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(DataSetError, match="nowhere does not exist"):
        open_data_set(Path("nowhere"))


def test_a_recipe_is_no_data_set(ours: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("classes: {cone: builtin:traffic_cone}\n", encoding="utf-8")
    assert not is_data_set(recipe)
    assert not is_data_set(Path("quickstart"))
    assert is_data_set(ours)
    assert is_data_set(ours / "synth.yaml")


def test_a_copy_that_lost_its_manifest_is_anybodys(ours: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(ours, tmp_path / "copy"))
    (copy / "manifest.header.json").unlink()
    known = {frame.name: frame for frame in open_data_set(ours).frames()}
    for frame in open_data_set(copy).frames():
        boxes = [item.box_px for item in known[Path(frame.name).stem].objects]
        assert [item.box_px for item in frame.objects] == [pytest.approx(box, abs=1e-3) for box in boxes]
