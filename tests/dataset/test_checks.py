"""A good data set passes every check; broken in just one way, it fails in just that one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unrealsynth.dataset.checks import check, shortfall
from unrealsynth.dataset.layout import label_path
from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME
from unrealsynth.errors import DataSetError

Break = Callable[[Path], object]


@pytest.fixture
def plain(data_set: Path) -> Path:
    """The data set as anybody's: without our manifest, frames 0 to 11."""
    (data_set / MANIFEST_NAME).unlink()
    (data_set / HEADER_NAME).unlink()
    return data_set


def test_what_the_writer_makes_passes(data_set: Path) -> None:
    assert check(data_set) == []


def test_it_passes_after_moving_and_from_anywhere(
    data_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "elsewhere" / "new name"
    shutil.copytree(data_set, moved)
    shutil.rmtree(data_set)
    monkeypatch.chdir(tmp_path)
    assert check(moved) == []
    monkeypatch.chdir(moved)
    assert check(Path("synth.yaml")) == []


def edit_yaml(old: str, new: str) -> Break:
    def change(folder: Path) -> None:
        path = folder / "synth.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def label(data: bytes) -> Break:
    return lambda folder: (folder / "labels" / "train" / "0.txt").write_bytes(data)


def picture(pixels: np.ndarray, image_format: str = "PNG", **options: object) -> Break:
    def change(folder: Path) -> None:
        Image.fromarray(pixels).save(folder / "images" / "train" / "0.png", image_format, **options)

    return change


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


NOISE = np.random.default_rng(1).integers(0, 255, (72, 96, 4), np.uint8)
RGB = NOISE[..., :3]


@pytest.mark.parametrize(
    ("rule", "change", "message"),
    [
        (1, edit_yaml("train:", "train: [\n"), "synth.yaml: cannot be read"),
        (1, edit_yaml("val: images/val", "val: images/val\ndownload: print('x')"), "Ultralytics executes it"),
        (1, edit_yaml("val: images/val", "val: images/val\nclasses: 3"), "'classes': is no key Ultralytics knows"),
        (2, edit_yaml("train:", "path: .\ntrain:"), "`path` depends on the current directory"),
        (2, edit_yaml("images/val", "../val/images"), "is not a path inside the folder"),
        (3, edit_yaml("val: images/val", "val: images/test"), "'images/test' does not exist"),
        (3, lambda f: shutil.copy(f / "images/train/0.png", f / "images/val/1.png"), "same picture as"),
        (4, edit_yaml("1: Schild", "2: Schild"), "classes|names"),
        (4, edit_yaml("1: Schild", "1: TRAFFIC CONE"), "'traffic cone' is given to 2 classes"),
        (4, edit_yaml("1: Schild", "1: 7"), "class 1 has the name 7"),
        (4, edit_yaml("1: Schild", '1: " "'), "a text is wanted"),
        (4, edit_yaml("traffic cone", "n01440764"), "looks like an ImageNet code"),
        (4, edit_yaml("1: Schild", '1: "a\\tb"'), "has a control character"),
        (4, edit_yaml("val: images/val", "val: images/val\nnc: 7"), "`nc` is 7, but there are 3 names"),
        (5, lambda f: (f / "labels/val/3.txt").unlink(), "images/val/3.png: has no label labels/val/3.txt"),
        (5, lambda f: (f / "labels/val/99.txt").write_bytes(b""), "labels/val/99.txt: has no image"),
        (7, lambda f: (f / "labels/train.cache").write_bytes(b"x"), "labels/train.cache: is a cache"),
        (7, lambda f: (f / "images/train/0.npy").write_bytes(b"x"), "images/train/0.npy: is a cache"),
        (7, lambda f: (f / ".unrealsynth").mkdir(), ".unrealsynth: is of a run that goes on or was not finished"),
        (7, lambda f: (f / ".DS_Store").write_bytes(b"x"), ".DS_Store: is a cache, a temporary or a hidden file"),
        (8, lambda f: (f / "images/train/0.png").write_bytes(b"\x89PNG\r\n"), "cannot be opened"),
        (8, picture(RGB, "BMP"), "is BMP, its suffix says PNG"),
        (9, picture(NOISE), "has the mode RGBA"),
        (9, picture(RGB, exif=turned()), "is turned by its EXIF data"),
        (9, picture(RGB[:72, :9]), "is 9 x 72 px, at least 10"),
        (10, picture(np.full((72, 96, 3), 60, np.uint8)), "is all but one colour"),
        (10, picture(RGB // 40), "is black nearly everywhere"),
        (10, picture(255 - RGB // 40), "is white nearly everywhere"),
        (11, lambda f: shutil.copy(f / "images/train/0.png", f / "images/train/2.png"), "same picture"),
        (12, label(b"0 0.5 0.5 0.1\n"), "labels/train/0.txt:1: 4 columns, 5 are wanted"),
        (12, label(b"0 0.5 0.5 0.1 0.1\n\n"), ":2: 1 columns"),
        (12, label(b"0 0.5 0.5 0.1 0.1 0.9\n"), "6 columns"),
        (12, label(b"0 0,5 0.5 0.1 0.1\n"), "'0,5' is no number"),
        (12, label(b"0 0.5 0.5 0.1 1e-1\n"), "'1e-1' is no number"),
        (12, label(b"0 0.5 0.5 0.1 -0.1\n"), "'-0.1' is no number"),
        (12, label(b"0 0.5000000 0.5 0.1 0.1\n"), "six decimals"),
        (12, label(b"0 0.5 0.5 0.1 0.1\r\n"), "carriage return"),
        (12, label(b"0 0.5 0.5  0.1 0.1\n"), "6 columns"),
        (12, label(b"\xef\xbb\xbf0 0.5 0.5 0.1 0.1\n"), "byte order mark"),
        (12, label("0 0.5 0.5 0.1 0.1\n1 0.٥ 0.5 0.1 0.1\n".encode()), ":2: the file is not plain ASCII"),
        (13, label(b"3 0.5 0.5 0.1 0.1\n"), "class '3', the classes are 0 to 2"),
        (13, label(b"0.0 0.5 0.5 0.1 0.1\n"), "class '0.0'"),
        (14, label(b"0 0.5 0.5 0 0.1\n"), "the box is 0 x 0.1 of the picture"),
        (14, label(b"0 0.98 0.5 0.2 0.1\n"), "reaches from 0.88, 0.45 to 1.08, 0.55"),
        (15, label(b"0 0.5 0.5 0.005 0.1\n"), "smaller than a pixel"),
        (16, label(b"0 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1 0.1\n"), ":3: the row is the same as line 1"),
        (17, label(b"0 nan 0.5 0.1 0.1\n"), "'nan' is no finite number"),
        (17, label(b"0 0.5 0.5 inf 0.1\n"), "'inf' is no finite number"),
    ],
)
def test_each_fault_is_found_and_named(plain: Path, rule: int, change: Break, message: str) -> None:
    change(plain)
    faults = check(plain)
    assert rule in {fault.rule for fault in faults}
    text = "\n".join(str(fault) for fault in faults if fault.rule == rule)
    assert any(part in text for part in message.split("|"))


def test_one_fault_is_one_fault(plain: Path) -> None:
    """A change of one label is reported once, at its line, and by no other check."""
    good = (plain / "labels/train/0.txt").read_bytes()
    (plain / "labels/train/0.txt").write_bytes(good + b"7 0.5 0.5 0.1 0.1\n")
    (fault,) = check(plain)
    assert (fault.rule, fault.path, fault.line) == (13, "labels/train/0.txt", good.count(b"\n") + 1)


def test_stems_are_unique_across_splits(plain: Path) -> None:
    Image.fromarray(RGB).save(plain / "images/val/0.png")
    (plain / "labels/val/0.txt").write_bytes(b"")
    (fault,) = check(plain)
    assert (fault.rule, fault.message) == (6, "has the same stem as images/train/0.png")


def test_an_empty_split_is_a_fault(plain: Path) -> None:
    for kind in ("images", "labels"):
        shutil.rmtree(plain / kind / "val")
        (plain / kind / "val").mkdir()
    (fault,) = check(plain)
    assert str(fault) == "synth.yaml: val: 'images/val' has no image [3]"


def test_a_split_may_be_a_list_of_images(plain: Path) -> None:
    names = [f"./images/val/{k}.png\n" for k in range(1, 12, 2)]
    (plain / "val.txt").write_text("".join(names), encoding="utf-8")
    edit_yaml("images/val", "val.txt")(plain)
    assert check(plain) == []


def test_lines_of_a_list_begin_at_the_list(plain: Path) -> None:
    """Ultralytics takes others from the current directory."""
    names = [f"./images/val/{k}.png" for k in range(1, 12, 2)]
    (plain / "val.txt").write_text("\n".join([names[0], names[1][2:], *names[2:]]), encoding="utf-8-sig")
    edit_yaml("images/val", "val.txt")(plain)
    (fault,) = check(plain)
    assert (fault.rule, fault.path, fault.line) == (2, "val.txt", 2)


def test_the_layout_of_roboflow_is_looked_into(plain: Path) -> None:
    """Ultralytics finds `../train/images` without the dots; images are checked all the same."""
    for given, split in (("train", "train"), ("valid", "val")):
        for kind in ("images", "labels"):
            (plain / given).mkdir(exist_ok=True)
            (plain / kind / split).rename(plain / given / kind)
    (plain / "train/labels/0.txt").write_bytes(b"1 0.98 0.5000000 0.2 0.1\n")
    edit_yaml("images/train", "../train/images")(plain)
    edit_yaml("images/val", "../valid/images")(plain)
    faults = check(plain)
    assert [fault.message for fault in faults[:2]] == [
        "train: '../train/images' leads out of the folder: write 'train/images'",
        "val: '../valid/images' leads out of the folder: write 'valid/images'",
    ]
    # A number that is too long hides no other fault of its row.
    assert {(fault.rule, fault.path) for fault in faults[2:]} == {(rule, "train/labels/0.txt") for rule in (12, 14, 19)}


def test_names_may_be_missing(plain: Path) -> None:
    """Said once, not again for every row."""
    text = (plain / "synth.yaml").read_text(encoding="utf-8")
    (plain / "synth.yaml").write_text(text[: text.index("names")], encoding="utf-8")
    assert [str(fault) for fault in check(plain)] == ["synth.yaml: `names` is missing or empty [4]"]


def edit_line(number: int, **changes: object) -> Break:
    def change(folder: Path) -> None:
        path = folder / MANIFEST_NAME
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[number] = json.dumps({**json.loads(lines[number]), **changes})
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    return change


def double_a_line(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    path.write_bytes(path.read_bytes() + path.read_bytes().split(b"\n")[4] + b"\n")


def drop_a_line(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def move_a_box(folder: Path) -> None:
    """By half a pixel of 96, in the first label that has a row."""
    path = next(path for path in sorted((folder / "labels/train").iterdir()) if path.stat().st_size)
    words = path.read_text(encoding="ascii").split(" ")
    words[1] = f"{float(words[1]) + 0.0052 * (1 if float(words[1]) < 0.5 else -1):.6f}"
    path.write_text(" ".join(words), encoding="ascii")


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (edit_line(3, split="train"), {"is in val, the manifest says train"}),
        (edit_line(3, image_sha256="0" * 64), {"is not as it was written"}),
        (double_a_line, {"frame 4 is there twice"}),
        (drop_a_line, {"is not in the manifest"}),
        (label(b"0 0.5 0.5 0.25 0.25\n"), {"is not as it was written"}),
        (move_a_box, {"is not as it was written", "px from the measured"}),
        (lambda f: (f / MANIFEST_NAME).unlink(), {f"{HEADER_NAME}: has no {MANIFEST_NAME} beside it"}),
        (lambda f: (f / HEADER_NAME).unlink(), {f"{MANIFEST_NAME}: has no {HEADER_NAME} beside it"}),
        (lambda f: (f / HEADER_NAME).write_bytes(b"{"), {f"{HEADER_NAME}: is damaged"}),
        (edit_line(2, objects=None), {f"{MANIFEST_NAME}:3: is damaged"}),
        (edit_yaml("Schild", "sign"), {"the classes are", "the data set was made with"}),
        (lambda f: (f / "images/val/3.png").unlink(), {"images/val/3.png does not exist", "has no image"}),
    ],
)
def test_disagreement_with_the_manifest(data_set: Path, change: Break, messages: set[str]) -> None:
    change(data_set)
    faults = "\n".join(map(str, check(data_set)))
    for message in messages:
        assert message in faults


@pytest.mark.parametrize(("asked", "words"), [(20, "12 of 20 images are made"), (12, ""), (5, "")])
def test_a_good_data_set_may_be_incomplete(data_set: Path, asked: int, words: str) -> None:
    path = data_set / HEADER_NAME
    header = json.loads(path.read_text(encoding="utf-8"))
    header["settings"]["images"] = asked
    path.write_text(json.dumps(header), encoding="utf-8")
    assert check(data_set) == []
    assert shortfall(data_set).startswith(words)
    assert bool(shortfall(data_set)) == bool(words)


@pytest.mark.parametrize(
    ("image", "label_file"),
    [
        ("/d/images/train/a.b.png", "/d/labels/train/a.b.txt"),
        ("/images/d/images/train/0.jpg", "/images/d/labels/train/0.txt"),  # only the last
        ("/d/pictures/0.jpg", "/d/pictures/0.txt"),  # beside the image
    ],
)
def test_where_the_label_is(image: str, label_file: str) -> None:
    assert label_path(Path(image)) == Path(label_file)


@pytest.mark.parametrize(
    ("names", "message"),
    [([], "has no YAML file"), (["a.yaml", "b.yml"], "has 2 YAML files"), (None, "does not exist")],
)
def test_what_is_no_data_set_is_refused(tmp_path: Path, names: list[str] | None, message: str) -> None:
    for name in names or []:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataSetError, match=message):
        check(tmp_path if names is not None else tmp_path / "nowhere")


def test_pictures_are_opened_from_memory(data_set: Path) -> None:
    """So that nothing stays open, which Windows would not let anybody remove."""
    check(data_set)
    shutil.rmtree(data_set)
    assert not data_set.exists()
