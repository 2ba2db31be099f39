"""Data sets for other tasks and COCO files: good ones pass, and each broken in one way fails in just that one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from unrealsynth.dataset.checks import check
from unrealsynth.dataset.export import Form, export
from unrealsynth.dataset.layout import read_layout
from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME, read_header
from unrealsynth.dataset.pictures import encode_grey
from unrealsynth.dataset.rows import polygon_area
from unrealsynth.dataset.tasks import task_of

Break = Callable[[Path], object]


@pytest.fixture(scope="session")
def forms(written: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The data set in every form, not to be changed."""
    folder = tmp_path_factory.mktemp("forms")
    wanted: tuple[Form, ...] = ("yolo-segment", "yolo-obb", "yolo-semantic", "coco")
    return {form: export(written, form, folder / form, copy=True).path for form in wanted}


def foreign(source: Path, target: Path) -> Path:
    """A copy without our manifest."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(MANIFEST_NAME, HEADER_NAME))
    return target


def first_label(folder: Path) -> Path:
    return next(path for path in sorted((folder / "labels").rglob("*.txt")) if path.stat().st_size)


def rows(*lines: str) -> Break:
    """The first label that has rows, after its own rows these."""

    def change(folder: Path) -> None:
        path = first_label(folder)
        path.write_bytes(path.read_bytes() + "".join(f"{line}\n" for line in lines).encode())

    return change


def columns(change: Callable[[list[str]], list[str]]) -> Break:
    """The first row's words after its class, changed."""

    def apply(folder: Path) -> None:
        path = first_label(folder)
        head, *tail = path.read_text(encoding="ascii").splitlines()
        words = head.split()
        path.write_text("\n".join([" ".join([words[0], *change(words[1:])]), *tail]) + "\n", encoding="ascii")

    return apply


@pytest.mark.parametrize("task", ["segment", "obb", "semantic"])
def test_the_task_is_seen(forms: dict[str, Path], tmp_path: Path, task: str) -> None:
    assert task_of(read_layout(forms[f"yolo-{task}"])) == task
    assert task_of(read_layout(foreign(forms[f"yolo-{task}"], tmp_path / "foreign"))) == task


@pytest.mark.parametrize("form", ["yolo-segment", "yolo-obb", "yolo-semantic", "coco"])
def test_good_ones_pass_with_and_without_a_manifest(forms: dict[str, Path], tmp_path: Path, form: str) -> None:
    assert check(forms[form]) == []
    assert check(foreign(forms[form], tmp_path / "foreign")) == []


SQUARE = "0 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.3"


@pytest.mark.parametrize(
    ("form", "rule", "change", "message"),
    [
        ("segment", 12, rows("0 0.1 0.1 0.3 0.1"), "a row of a box among polygons"),
        ("segment", 20, rows("0 0.1 0.1 0.3 0.1 0.3 0.3 0.1"), "8 columns, a class and at least 3 points"),
        ("segment", 20, rows("0 0.1 0.1 1.2 0.1 0.3 0.3"), "a point is at 1.2 of the picture, outside"),
        ("segment", 20, rows("0 0.1 0.1 0.3 0.3 0.2 0.2"), "the points enclose no area"),
        ("segment", 12, rows("0 0.1 -0.1 0.3 0.1 0.3 0.3"), "'-0.1' is no number"),
        ("segment", 13, rows("9 0.1 0.1 0.3 0.1 0.3 0.3"), "class '9'"),
        ("segment", 17, rows("0 nan 0.1 0.3 0.1 0.3 0.3"), "no finite number"),
        ("segment", 16, rows(SQUARE, SQUARE), "the row is the same as line"),
        ("obb", 21, rows("0 0.1 0.1 0.3 0.1 0.3 0.3"), "7 columns, 9 are wanted"),
        ("obb", 21, rows("0 0.1 0.1 0.3 0.3 0.3 0.1 0.1 0.3"), "do not follow one another around a rectangle"),
        ("obb", 21, rows("0 0.1 0.1 0.1 0.3 0.3 0.3 0.3 0.1"), "go counter-clockwise"),
        ("obb", 21, rows("0 0.1 0.1 0.3 0.1 1.3 0.3 0.1 0.3"), "a point is at 1.3"),
        ("obb", 21, rows("0 0.1 0.1 0.3 0.1 0.3 0.1 0.1 0.1"), "enclose no area"),
        ("semantic", 5, lambda f: (f / "masks/val/3.png").unlink(), "has no label masks/val/3.png"),
        ("semantic", 5, lambda f: shutil.copy(f / "masks/val/3.png", f / "masks/val/99.png"), "has no image"),
        ("semantic", 23, lambda f: mask(f, np.full((72, 96), 9, np.uint8)), "has the values 9"),
        ("semantic", 23, lambda f: mask(f, np.zeros((70, 96), np.uint8)), "is 96 x 70 px, its image 96 x 72"),
        ("semantic", 23, lambda f: mask(f, np.zeros((72, 96), np.uint16)), "has the mode I;16"),
        ("semantic", 23, lambda f: (f / "masks/train/0.png").write_bytes(b"GIF"), "cannot be opened"),
    ],
)
def test_each_fault_of_a_task(
    forms: dict[str, Path], tmp_path: Path, form: str, rule: int, change: Break, message: str
) -> None:
    folder = foreign(forms[f"yolo-{form}"], tmp_path / "broken")
    # As anybody's it would be told by its first rows; the broken one must not change that.
    change(folder)
    faults = check(folder)
    found = [str(fault) for fault in faults if fault.rule == rule]
    assert any(message in text for text in found), faults
    assert {fault.rule for fault in faults} == {rule}


def mask(folder: Path, values: np.ndarray) -> None:
    (folder / "masks/train/0.png").write_bytes(encode_grey(values))


def with_hashes(folder: Path) -> None:
    """Tells the manifest what its labels are now, so that only what is in them is judged."""
    import hashlib

    path = folder / MANIFEST_NAME
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        entry["label_sha256"] = hashlib.sha256((folder / entry["label"]).read_bytes()).hexdigest()
        lines.append(json.dumps(entry))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def move(words: list[str]) -> list[str]:
    """Every x by a pixel of 96, towards the middle."""
    numbers = [float(word) for word in words]
    shift = 1 / 96 if max(numbers[0::2]) < 0.5 else -1 / 96
    return [f"{number + shift * (i % 2 == 0):.6f}" for i, number in enumerate(numbers)]


def narrow(words: list[str]) -> list[str]:
    """The shape at 0.8 of its width."""
    numbers = [float(word) for word in words]
    left = min(numbers[0::2])
    return [f"{left + 0.8 * (n - left):.6f}" if i % 2 == 0 else f"{n:.6f}" for i, n in enumerate(numbers)]


@pytest.mark.parametrize(
    ("form", "rule", "change", "message"),
    [
        ("segment", 20, columns(move), "px from the measured"),
        ("segment", 20, columns(narrow), "px, the mask"),
        ("obb", 21, columns(narrow), "pixels of the object are"),
        ("semantic", 23, lambda f: mask(f, np.full((72, 96), 2, np.uint8)), "pixels are not of the class"),
    ],
)
def test_disagreement_with_the_measured_masks(
    forms: dict[str, Path], tmp_path: Path, form: str, rule: int, change: Break, message: str
) -> None:
    folder = Path(shutil.copytree(forms[f"yolo-{form}"], tmp_path / "broken"))
    change(folder)
    with_hashes(folder)
    faults = check(folder)
    assert {fault.rule for fault in faults} == {rule}
    assert message in "\n".join(map(str, faults))


def tighten(folder: Path, **limits: float) -> None:
    """The header as if the limits had been others."""
    header = read_header(folder)
    assert header is not None
    output = replace(header.output, labels=replace(header.output.labels, **limits))
    (folder / HEADER_NAME).write_bytes(replace(header, output=output).to_json())


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"min_pixels": 200}, "visible pixels, at least 200 are wanted"),
        ({"max_truncated": 0.01}, "are cut off, at most 1% may be"),
    ],
)
def test_labels_beyond_the_limits(data_set: Path, limits: dict[str, Any], message: str) -> None:
    tighten(data_set, **limits)
    faults = check(data_set)
    assert {fault.rule for fault in faults} == {18}
    assert all(message in str(fault) and fault.line is not None for fault in faults)


def test_a_label_of_a_covered_object(data_set: Path) -> None:
    path = data_set / MANIFEST_NAME
    lines = path.read_text(encoding="utf-8").splitlines()
    number, entry = next((i, json.loads(line)) for i, line in enumerate(lines) if 'left_out":null' in line)
    item = next(item for item in entry["objects"] if item["left_out"] is None)
    item["visible"] = 0.25
    lines[number] = json.dumps(entry)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert check(data_set) == []
    tighten(data_set, min_visible=0.3)
    (fault,) = check(data_set)
    assert str(fault) == (
        f"{MANIFEST_NAME}:{number + 1}: object {item['index']} has a label, but 25% of it show, 30% are wanted [18]"
    )


POSE = "0 0.5 0.5 0.4 0.4 0.4 0.4 2 0.6 0.6 1 0 0 0"


@pytest.mark.parametrize(
    ("row", "keys", "message"),
    [
        (POSE, "kpt_shape: [3, 3]\nflip_idx: [1, 0, 2]", None),
        ("0 0.5 0.5 0.4 0.4 0.4 0.4 0.6 0.6 0.5 0.5", "kpt_shape: [3, 2]", None),
        (POSE + " 0", "kpt_shape: [3, 3]", "15 columns, 14 are wanted"),
        (POSE.replace("0 0 0", "0.1 0 0"), "kpt_shape: [3, 3]", "key point 2 is absent, but at 0.1, 0"),
        (POSE.replace("0.4 2", "0.4 5"), "kpt_shape: [3, 3]", "key point 0 has visibility 5"),
        (POSE.replace("0.6 0.6 1", "0.6 1.6 1"), "kpt_shape: [3, 3]", "key point 1 is at 0.6, 1.6, outside"),
        (POSE, "kpt_shape: '3x3'", "kpt_shape is '3x3', wanted [number, 2 or 3]"),
        (POSE, "kpt_shape: [3, 3]\nflip_idx: [1, 2, 0]", "does not pair 3 key points"),
        (POSE, "kpt_shape: [3, 3]\nflip_idx: [1, 0]", "does not pair 3 key points"),
    ],
)
def test_key_points(forms: dict[str, Path], tmp_path: Path, row: str, keys: str, message: str | None) -> None:
    folder = foreign(forms["yolo-segment"], tmp_path / "pose")
    for label in (folder / "labels").rglob("*.txt"):
        label.write_bytes(b"")
    (folder / "labels/train/0.txt").write_text(row + "\n", encoding="ascii")
    path = folder / "synth.yaml"
    path.write_text(path.read_text(encoding="utf-8") + keys + "\n", encoding="utf-8")
    faults = check(folder)
    assert {fault.rule for fault in faults} <= {22}
    assert (faults == []) == (message is None)
    assert message is None or message in "\n".join(map(str, faults))


def edit_coco(change: Callable[[dict[str, Any]], object]) -> Break:
    def apply(folder: Path) -> None:
        path = folder / "annotations/instances_train.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        change(data)
        path.write_text(json.dumps(data), encoding="utf-8")

    return apply


def first(data: dict[str, Any], **changes: object) -> None:
    data["annotations"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["images"][0].update(id=d["images"][1]["id"]), "twice"),
        (lambda d: d["images"][0].pop("width"), "its size is None x 72"),
        (lambda d: d["images"][0].update(file_name="nowhere.png"), "the file nowhere.png is not there"),
        (lambda d: d["images"][0].update(file_name="../x.png"), "is not inside the data set"),
        (lambda d: d["annotations"].append(dict(d["annotations"][0])), "annotations has the id"),
        (lambda d: first(d, image_id=999), "there is no image 999"),
        (lambda d: first(d, category_id=0), "there is no category 0"),
        (lambda d: first(d, bbox=[90, 10, 20, 20]), "leaves the picture of 96 x 72 px"),
        (lambda d: first(d, bbox=[10, 10, 0, 20]), "the box is [10, 10, 0, 20]"),
        (lambda d: first(d, area=0), "the area is 0"),
        (lambda d: first(d, iscrowd=None), "iscrowd is None"),
        (lambda d: first(d, segmentation=[[1, 1, 2, 2]]), "a polygon has no 3 points"),
        (lambda d: first(d, segmentation=[[1, 1, 200, 2, 3, 3]]), "a polygon leaves the picture"),
        (lambda d: first(d, segmentation={"size": [72, 96], "counts": "13"}), "the run lengths are for"),
        (lambda d: first(d, segmentation={"size": [72, 96], "counts": [6912 - 5, 5]}), "the run lengths cover 5 px"),
        (lambda d: d.pop("categories"), "cannot be read as COCO"),
    ],
)
def test_each_fault_of_a_coco_file(
    forms: dict[str, Path], tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    folder = foreign(forms["coco"], tmp_path / "broken")
    edit_coco(change)(folder)
    faults = check(folder)
    assert {fault.rule for fault in faults} == {29}
    assert message in "\n".join(map(str, faults))
    assert {fault.path for fault in faults} == {"annotations/instances_train.json"}


@pytest.fixture
def with_depth(data_set: Path, tmp_path: Path) -> Path:
    """Anybody's data set for depth: images and 16-bit maps."""
    shutil.rmtree(data_set / "labels")
    for name in (MANIFEST_NAME, HEADER_NAME):
        (data_set / name).unlink()
    for image in (data_set / "images").rglob("*.png"):
        path = data_set / "depth" / image.parent.name / image.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_grey(np.full((72, 96), 4321, np.uint16)))
    text = "train: images/train\nval: images/val\nnames: {0: depth}\ndepth_scale: 1000\n"
    (data_set / "synth.yaml").write_text(text, encoding="utf-8")
    return data_set


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full((36, 48), 7, np.uint16), None),  # half the size, the same shape
        (np.full((72, 96), 7, np.uint8), "has the mode L, 16 bits"),
        (np.full((72, 72), 7, np.uint16), "another shape"),
        (np.zeros((72, 96), np.uint16), "no depth anywhere"),
    ],
)
def test_depth_maps(with_depth: Path, values: np.ndarray, message: str | None) -> None:
    assert check(with_depth) == []
    (with_depth / "depth/train/0.png").write_bytes(encode_grey(values))
    faults = check(with_depth)
    assert [fault.rule for fault in faults] == ([] if message is None else [24])
    assert message is None or message in str(faults[0])


def test_processes_find_what_one_finds(forms: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unrealsynth.dataset.checks._FEW_IMAGES", 4)
    folder = Path(shutil.copytree(forms["yolo-segment"], tmp_path / "broken"))
    columns(narrow)(folder)
    (folder / "images/val/3.png").write_bytes(b"no picture")
    alone = check(folder)
    assert len(alone) >= 2
    assert check(folder, workers=2) == alone


def test_a_picture_may_be_the_only_one_of_its_kind(with_depth: Path) -> None:
    """JPEG among PNG, as in data sets put together from several."""
    path = with_depth / "images/train/0.png"
    with Image.open(path) as image:
        image.convert("RGB").save(path.with_suffix(".jpg"), quality=95)
    path.unlink()
    assert check(with_depth) == []


def test_area_by_hand() -> None:
    assert polygon_area((0.0, 0.0, 0.5, 0.0, 0.5, 0.25), (100, 200)) == pytest.approx(50 * 50 / 2)
    assert polygon_area((0.5, 0.25, 0.5, 0.0, 0.0, 0.0), (100, 200)) == pytest.approx(-50 * 50 / 2)
