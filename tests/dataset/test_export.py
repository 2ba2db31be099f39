"""Other forms of a data set, against the id pictures they came from."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image
from synthetic_spool import CLASSES, RESOLUTION

from drawn_masks import fill
from unrealsynth import rle
from unrealsynth.dataset.checks import check
from unrealsynth.dataset.export import FORMS, Form, export
from unrealsynth.dataset.manifest import MANIFEST_NAME, ManifestEntry, read_header, read_manifest
from unrealsynth.errors import DataSetError

WIDTH, HEIGHT = RESOLUTION


def entries_of(folder: Path) -> dict[int, ManifestEntry]:
    return {entry.k: entry for entry in read_manifest(folder / MANIFEST_NAME)}


def labelled(entry: ManifestEntry) -> list[tuple[int, NDArray[np.bool_]]]:
    """Class and mask of what has a label, in order."""
    return [
        (int(str(item["class_index"])), rle.decode(str(item["mask"]), (HEIGHT, WIDTH)))
        for item in entry.objects
        if item["left_out"] is None
    ]


def rows_of(path: Path) -> list[tuple[int, NDArray[np.float64]]]:
    rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    return [(int(row[0]), np.array(row[1:], float).reshape(-1, 2) * RESOLUTION) for row in rows]


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_polygons_are_the_masks(data_set: Path, tmp_path: Path) -> None:
    made = export(data_set, "yolo-segment", tmp_path / "segment")
    count = 0
    for k, entry in entries_of(data_set).items():
        rows = rows_of(made.path / "labels" / entry.split / f"{k}.txt")
        wanted = labelled(entry)
        assert [class_index for class_index, _ in rows] == [class_index for class_index, _ in wanted]
        for (_, points), (_, mask) in zip(rows, wanted, strict=True):
            filled = fill(points, mask.shape)
            assert np.count_nonzero(filled) == pytest.approx(int(mask.sum()), rel=0.02, abs=1)
            assert np.count_nonzero(filled & mask) / np.count_nonzero(filled | mask) > 0.93
            count += 1
    assert count == sum(made.objects.values()) > 15


def test_oriented_boxes_hold_the_masks(data_set: Path, tmp_path: Path) -> None:
    made = export(data_set, "yolo-obb", tmp_path / "obb")
    for k, entry in entries_of(data_set).items():
        rows = rows_of(made.path / "labels" / entry.split / f"{k}.txt")
        wanted = labelled(entry)
        assert len(rows) == len(wanted)
        for (class_index, corners), (wanted_class, mask) in zip(rows, wanted, strict=True):
            assert (class_index, corners.shape) == (wanted_class, (4, 2))
            ys, xs = np.nonzero(mask)
            sides = np.roll(corners, -1, axis=0) - corners
            inward = np.stack([-sides[:, 1], sides[:, 0]], axis=1) / np.hypot(*sides.T)[:, None]
            offsets = np.stack([xs + 0.5, ys + 0.5], axis=1)[:, None] - corners[None]
            assert (offsets * inward).sum(axis=2).min() > 0.4


def test_semantic_masks_have_the_class_of_every_pixel(data_set: Path, tmp_path: Path) -> None:
    made = export(data_set, "yolo-semantic", tmp_path / "semantic")
    data = yaml.safe_load((made.path / "synth.yaml").read_text(encoding="utf-8"))
    assert data["names"] == {**dict(enumerate(CLASSES)), 3: "background"}
    assert data["masks_dir"] == "masks"
    ignored = 0
    for k, entry in entries_of(data_set).items():
        wanted = np.full((HEIGHT, WIDTH), 3, np.uint8)
        for item in entry.objects:
            if item["mask"]:
                value = item["class_index"] if item["left_out"] is None else 255
                wanted[rle.decode(str(item["mask"]), (HEIGHT, WIDTH))] = int(str(value))
        with Image.open(made.path / "masks" / entry.split / f"{k}.png") as image:
            assert image.mode == "L"
            assert np.array_equal(np.asarray(image), wanted)
        ignored += int((wanted == 255).sum())
    assert ignored > 0
    assert not (made.path / "labels").exists()


def test_coco_says_the_same(data_set: Path, tmp_path: Path) -> None:
    made = export(data_set, "coco", tmp_path / "coco")
    entries = entries_of(data_set)
    seen_images, seen_ids = set(), set()
    for split in ("train", "val"):
        coco = json.loads((made.path / "annotations" / f"instances_{split}.json").read_text(encoding="utf-8"))
        assert [(item["id"], item["name"]) for item in coco["categories"]] == list(enumerate(CLASSES, 1))
        for image in coco["images"]:
            entry = entries[image["id"] - 1]
            assert (entry.split, image["width"], image["height"]) == (split, WIDTH, HEIGHT)
            assert (made.path / "images" / split / image["file_name"]).is_file()
            found = [item for item in coco["annotations"] if item["image_id"] == image["id"]]
            wanted = labelled(entry)
            assert [item["category_id"] - 1 for item in found] == [class_index for class_index, _ in wanted]
            boxes = rows_of_boxes(data_set / entry.label)
            for item, (_, mask), box in zip(found, wanted, boxes, strict=True):
                ys, xs = np.nonzero(mask)
                size = [int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1]
                assert item["bbox"] == [xs.min(), ys.min(), *size]
                assert item["bbox"] == pytest.approx(box, abs=0.01)
                assert (item["area"], item["iscrowd"]) == (mask.sum(), 0)
                parts = item["segmentation"]
                if isinstance(parts, dict):
                    assert np.array_equal(rle.decode(parts["counts"], tuple(parts["size"])), mask)
                else:
                    filled = sum(fill(np.reshape(part, (-1, 2)), mask.shape).astype(int) for part in parts)
                    assert np.count_nonzero(filled) == pytest.approx(int(mask.sum()), rel=0.02, abs=1)
                seen_ids.add(item["id"])
            seen_images.add(image["id"])
    assert seen_images == {k + 1 for k in entries}
    assert seen_ids == set(range(1, sum(made.objects.values()) + 1))


def rows_of_boxes(path: Path) -> list[list[float]]:
    """Boxes of a detection label as x, y, width, height in pixels."""
    boxes = []
    for line in path.read_text(encoding="ascii").splitlines():
        cx, cy, w, h = (float(word) for word in line.split()[1:])
        boxes.append([(cx - w / 2) * WIDTH, (cy - h / 2) * HEIGHT, w * WIDTH, h * HEIGHT])
    return boxes


def test_the_zip_holds_a_data_set_of_its_name(data_set: Path, tmp_path: Path) -> None:
    # Depth maps are no labels of a detection set.
    (data_set / "depth/train").mkdir(parents=True)
    (data_set / "depth/train/0.png").write_bytes(b"large")
    made = export(data_set, "zip", tmp_path / "cones v1.zip")
    with zipfile.ZipFile(made.path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    folder = tmp_path / "unpacked" / "cones v1"
    assert [path.name for path in (tmp_path / "unpacked").iterdir()] == ["cones v1"]
    assert (folder / "cones v1.yaml").is_file()
    wanted = {name: data for name, data in files_below(data_set).items() if name.startswith(("images", "labels"))}
    found = files_below(folder)
    found.pop("cones v1.yaml")
    assert found == wanted
    assert check(folder) == []
    assert made.images == 12


def test_ndjson_lists_images_and_rows(data_set: Path, tmp_path: Path) -> None:
    made = export(data_set, "ndjson", tmp_path / "list" / "cones.ndjson")
    head, *images = [json.loads(line) for line in made.path.read_text(encoding="utf-8").splitlines()]
    assert (head["task"], head["class_names"]) == ("detect", {str(k): name for k, name in enumerate(CLASSES)})
    root = (made.path.parent / head["path"]).resolve()
    assert root == data_set.resolve()
    assert len(images) == 12
    for image in images:
        assert (root / "images" / image["split"] / image["file"]).is_file()
        label = root / "labels" / image["split"] / f"{Path(image['file']).stem}.txt"
        rows = [[float(word) for word in line.split()] for line in label.read_text(encoding="ascii").splitlines()]
        assert image["annotations"].get("boxes", []) == rows
        assert (image["width"], image["height"]) == RESOLUTION


@pytest.mark.parametrize("form", [form for form in FORMS if form != "yolo-depth"])
def test_the_data_set_is_only_read_and_the_form_is_clean(data_set: Path, form: Form) -> None:
    before = files_below(data_set)
    made = export(data_set, form)
    assert made.path.parent == data_set.parent.resolve()
    assert files_below(data_set) == before
    assert [path.name for path in data_set.parent.iterdir() if path.name.startswith(".")] == []
    if form.startswith("yolo"):
        assert check(made.path) == []


@pytest.mark.parametrize("form", ["yolo-segment", "coco"])
def test_images_are_links_or_copies(data_set: Path, tmp_path: Path, form: Form) -> None:
    linked, copied = (export(data_set, form, tmp_path / f"{copy}", copy=copy).path for copy in (False, True))
    original = (data_set / "images/train/0.png").stat()
    assert os.path.samestat(original, (linked / "images/train/0.png").stat())
    assert not os.path.samestat(original, (copied / "images/train/0.png").stat())


def test_a_form_of_a_form(data_set: Path, tmp_path: Path) -> None:
    """An export is a data set like any other: the same polygons come from it, and a list of them."""
    first = export(data_set, "yolo-obb", tmp_path / "obb")
    second = export(first.path, "yolo-segment", tmp_path / "segment")
    third = export(data_set, "yolo-segment", tmp_path / "straight")
    assert files_below(second.path) == files_below(third.path)
    head, *images = export(third.path, "ndjson").path.read_text(encoding="utf-8").splitlines()
    assert json.loads(head)["task"] == "segment"
    assert any(len(row) > 9 for line in images for row in json.loads(line)["annotations"].get("segments", []))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_overwritten(data_set: Path, tmp_path: Path, form: Form) -> None:
    place = tmp_path / "there"
    if form in ("zip", "ndjson"):
        place.write_text("mine", encoding="utf-8")
    else:
        place.mkdir()
        (place / "mine").touch()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with pytest.raises(DataSetError, match=r"is there already and was not touched|has no depth map"):
        export(data_set, form, place)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_form_inside_the_data_set_is_refused(data_set: Path) -> None:
    with pytest.raises(DataSetError, match="would change it"):
        export(data_set, "yolo-semantic", data_set / "masks")


def test_without_depth_there_is_no_depth_form(data_set: Path, tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"captures: \{depth: true\}"):
        export(data_set, "yolo-depth", tmp_path / "depth")
    assert not (tmp_path / "depth").exists()
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_a_foreign_data_set_has_no_masks(data_set: Path, tmp_path: Path) -> None:
    (data_set / MANIFEST_NAME).unlink()
    with pytest.raises(DataSetError, match="only a data set made by UnrealSynth holds the masks"):
        export(data_set, "yolo-segment", tmp_path / "out")
    assert export(data_set, "zip", tmp_path / "out.zip").images == 12


def test_a_damaged_manifest_is_named_and_leaves_nothing(data_set: Path, tmp_path: Path) -> None:
    path = data_set / MANIFEST_NAME
    lines = path.read_text(encoding="utf-8").splitlines()
    entry = json.loads(next(line for line in lines if json.loads(line)["objects"]))
    for item in entry["objects"]:
        item["mask"] = "nonsense!"
    path.write_text("\n".join([json.dumps(entry), *lines[1:]]) + "\n", encoding="utf-8")
    with pytest.raises(DataSetError, match=rf"frame {entry['k']} is damaged|run-length"):
        export(data_set, "yolo-segment", tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == []


def test_an_export_is_not_gone_on_with(data_set: Path, tmp_path: Path) -> None:
    made = export(data_set, "yolo-obb", tmp_path / "obb")
    mine, its = read_header(data_set), read_header(made.path)
    assert mine is not None and its is not None
    assert its.differences(mine) == ('output.task: "obb" -> "detect"',)


def test_an_unfinished_form_is_removed(data_set: Path, tmp_path: Path) -> None:
    (data_set / "images/val/7.png").unlink()
    with pytest.raises(DataSetError, match=r"could not be (read|written)"):
        export(data_set, "coco", tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == []
    shutil.rmtree(data_set)
