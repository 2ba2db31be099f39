"""The contact sheet: frames drawn where they belong, with boxes, masks and names; made from recipes and data sets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from small import write_recipe
from unrealsynth.cli import app
from unrealsynth.drawing import DrawnBox, class_color, draw_boxes, font_for
from unrealsynth.errors import DataSetError, RecipeError
from unrealsynth.preview import contact_sheet, drawn_boxes, preview
from unrealsynth.progress import RunProgress
from unrealsynth.report.source import open_data_set


def write_set(folder: Path, images: int = 9, size: tuple[int, int] = (320, 240)) -> Path:
    """A YOLO data set of gray pictures, each with one box and one triangle."""
    for kind in ("images", "labels"):
        (folder / kind / "train").mkdir(parents=True)
    for k in range(images):
        Image.new("RGB", size, (90, 90, 90)).save(folder / f"images/train/{k}.png")
        rows = "0 0.25 0.5 0.25 0.5\n1 0.6 0.3 0.9 0.3 0.9 0.8\n" if k else ""
        (folder / f"labels/train/{k}.txt").write_text(rows, encoding="utf-8")
    (folder / "data.yaml").write_text("train: images/train\nnames: [cat, 'стул']\n", encoding="utf-8")
    return folder


def sheet_of(what: Path, out: Path, count: int = 4) -> tuple[str, ...]:
    made = preview(str(what), count=count, out=out, seed=None, editor="embedded", project=None, progress=RunProgress())
    assert made.path == out
    return made.frames


def near(pixels: np.ndarray, color: tuple[int, int, int], tolerance: int = 8) -> np.ndarray:
    return np.asarray((abs(pixels.astype(int) - color) <= tolerance).all(axis=-1))


def test_frame_and_mask_are_where_the_label_says(tmp_path: Path) -> None:
    source = open_data_set(write_set(tmp_path / "set"))
    frame = list(source.frames())[1]
    drawn = np.asarray(draw_boxes(Image.open(frame.image), drawn_boxes(source, frame, 1.0)))
    framed = near(drawn, class_color(0))
    rows, columns = np.flatnonzero(framed.any(axis=1)), np.flatnonzero(framed[150])
    # The box is [40, 60, 120, 180]; the name stands above it.
    assert (columns.min(), columns.max(), rows.max()) == (40, 119, 179)
    tinted = near(drawn, tuple(round(90 + 0.12 * (c - 90)) for c in class_color(1)), 2)  # type: ignore[arg-type]
    triangle = np.zeros((240, 320), bool)
    for y in range(72, 192):
        triangle[y, round(192 + (y - 72) * 96 / 120) : 288] = True
    inside = triangle.copy()
    inside[:95] = inside[184:] = False
    inside[:, :200] = inside[:, 280:] = False
    assert tinted[inside].mean() > 0.97
    assert not tinted[~triangle].sum() > 150


def test_boxes_of_one_place_have_names_in_several(tmp_path: Path) -> None:
    boxes = [DrawnBox((100.0, 100.0, 160.0, 160.0), index, f"name {index}") for index in range(3)]
    pixels = np.asarray(draw_boxes(Image.new("RGB", (320, 240)), boxes))
    for index in range(3):
        # Each name has its coloured ground, of which no other covers much.
        assert near(pixels, class_color(index)).sum() > 250


@pytest.mark.parametrize("box", [(-50.0, -50.0, 900.0, 900.0), (0.0, 0.0, 1.0, 1.0), (318.0, 238.0, 320.0, 240.0)])
def test_any_box_can_be_drawn(box: tuple[float, float, float, float]) -> None:
    drawn = draw_boxes(Image.new("L", (320, 240)), [DrawnBox(box, 7, "a very long name " * 5)])
    assert (drawn.size, drawn.mode) == ((320, 240), "RGB")
    assert near(np.asarray(drawn), class_color(7)).any()


def test_letters_of_many_scripts_have_glyphs() -> None:
    missing = font_for("x", 20).getmask("\uffff").getbbox()
    boxes = {font_for(letter, 20).getmask(letter).getbbox() for letter in "Ößжλ"}
    assert len(boxes) > 1 and boxes != {missing}


@pytest.mark.parametrize(
    ("count", "names"),
    [(3, ["0", "4", "8"]), (1, ["0"]), (9, list("012345678")), (200, list("012345678"))],
)
def test_frames_of_a_data_set_are_spread_over_it(count: int, names: list[str], tmp_path: Path) -> None:
    frames = sheet_of(write_set(tmp_path / "set"), tmp_path / "sheet.png", count)
    assert [Path(name).stem for name in frames] == names


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 3), (12, 4), (60, 5)])
def test_a_sheet_is_wide_enough_to_read(count: int, columns: int, tmp_path: Path) -> None:
    source = open_data_set(write_set(tmp_path / "set", images=2, size=(640, 480)))
    sheet = contact_sheet(source, list(source.frames())[:1] * count)
    tile = (sheet.width - 12) // columns - 12
    assert tile >= 450
    assert sheet.width <= 2400
    assert sheet.height > -(-count // columns) * tile * 3 / 4


def test_a_sheet_says_what_is_in_it(tmp_path: Path) -> None:
    source = open_data_set(write_set(tmp_path / "set"))
    pixels = np.asarray(contact_sheet(source, list(source.frames())[:3]))
    # The legend has a patch of each class, above the first picture.
    head = pixels[:70]
    assert all(near(head, class_color(index)).sum() > 150 for index in range(2))


def test_only_an_earlier_preview_is_replaced(tmp_path: Path) -> None:
    data_set = write_set(tmp_path / "set", images=2)
    sheet_of(data_set, tmp_path / "sheet.png")
    sheet_of(data_set, tmp_path / "sheet.png")
    mine = tmp_path / "mine.png"
    Image.new("RGB", (4, 4)).save(mine)
    before = mine.read_bytes()
    with pytest.raises(DataSetError, match="no earlier preview"):
        sheet_of(data_set, mine)
    assert mine.read_bytes() == before
    with pytest.raises(RecipeError, match=r"wants a \.png file"):
        sheet_of(data_set, tmp_path / "sheet.jpg")


def test_what_cannot_be_shown_is_told(tmp_path: Path) -> None:
    data_set = write_set(tmp_path / "set", images=2)
    (data_set / "images/train/1.png").write_bytes(b"no picture")
    with pytest.raises(DataSetError, match=r"1\.png cannot be read"):
        sheet_of(data_set, tmp_path / "sheet.png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataSetError, match="no YAML file"):
        sheet_of(tmp_path / "empty", tmp_path / "sheet.png")
    with pytest.raises(RecipeError, match="There is no recipe"):
        sheet_of(tmp_path / "quikstart", tmp_path / "sheet.png")


def test_the_first_frames_of_a_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = write_recipe(tmp_path / "recipe")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["preview", str(recipe), "-n", "2", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["frames"] == ["0", "1"]
    with Image.open(tmp_path / "small-preview.png") as sheet:
        assert sheet.width > 400
    # Nothing but the sheet is left.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["recipe", "small-preview.png"]
