"""From a frame folder to the bytes of a finished frame."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from synthetic_spool import CLASSES, RESOLUTION, Placed, frame_settings, make_header, write_frame

from unrealsynth import rle
from unrealsynth.dataset.frames import process_frame
from unrealsynth.errors import DataSetError, SelfCheckError
from unrealsynth_plugin.core.geometry import CameraPose

HEADER = make_header()
SETTINGS = frame_settings(HEADER)
CAMERA = CameraPose((-500.0, 0.0, 150.0), (0.0, -10.0, 0.0), 30.0)
SCENE = (
    CAMERA,
    [
        Placed(2, (0.0, 0.0, 0.0)),  # a pit in the middle
        Placed(0, (900.0, -200.0, 0.0), scale=0.2),  # a cone so far away that it is about a pixel
        Placed(None, (0.0, 250.0, 0.0)),  # a distractor
    ],
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_frame(tmp_path, 3, scene=SCENE, fingerprint=HEADER.fingerprint)


def test_a_frame_is_measured_labelled_and_encoded(folder: Path, tmp_path: Path) -> None:
    frame = process_frame(folder, SETTINGS)
    with Image.open(folder / "rgb.png") as image:
        drawn = np.asarray(image)
    with Image.open(folder / "ids-0.png") as image:
        ids = np.asarray(image)[..., 0]
    path = tmp_path / "out.png"
    path.write_bytes(frame.image)
    with Image.open(path) as image:
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), drawn[..., :3])
    rows, columns = np.nonzero(ids == 1)
    x0, x1, y0, y1 = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    width, height = RESOLUTION
    (row,) = frame.label.decode().splitlines()
    numbers = [float(word) for word in row.split()]
    box = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
    assert numbers == pytest.approx([2, *box], abs=1e-6)
    entry = frame.entry
    assert (entry.k, entry.split, entry.image, entry.label) == (3, "val", "images/val/3.png", "labels/val/3.txt")
    assert entry.image_sha256 == hashlib.sha256(frame.image).hexdigest()
    pit, cone = entry.objects
    assert pit["box_px"] == (x0, y0, x1, y1)
    assert (pit["class_name"], pit["left_out"]) == (CLASSES[2], None)
    assert np.array_equal(rle.decode(str(pit["mask"]), ids.shape), ids == 1)
    assert cone["left_out"] in {"small", "hidden"}
    assert frame.left_out == {1: cone["left_out"]}
    assert entry.record == json.loads((folder / "frame.json").read_text(encoding="utf-8"))
    assert not frame.blank
    assert [view.index for view in frame.check.views] == [0]


def test_the_line_is_json_and_comes_back(folder: Path) -> None:
    entry = process_frame(folder, SETTINGS).entry
    line = entry.to_line()
    assert line.count(b"\n") == 1
    assert json.loads(line)["objects"][0]["class_name"] == CLASSES[2]


def test_jpg_has_its_suffix(folder: Path) -> None:
    header = make_header(image_format="jpg", val=0.1)
    frame = process_frame(folder, frame_settings(header))
    assert frame.entry.image == "images/train/3.jpg"
    assert frame.image.startswith(b"\xff\xd8")


def edit(folder: Path, **changes: object) -> None:
    path = folder / "frame.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, **changes}), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fingerprint": "other"}, "fingerprint 'other'"),
        ({"format": 2}, "format 2"),
        ({"resolution": [72, 96]}, r"resolution \(72, 96\)"),
        ({"captures": {"rgb": "../../secret.png", "ids": [], "depth": None}}, "which is not in that folder"),
        ({"captures": {"rgb": "rgb.png", "ids": ["ids-7.png"], "depth": None}}, "ids-7.png cannot be read"),
        ({"objects": 3}, "FrameRecord.objects: wanted a list, got 3"),
    ],
)
def test_a_folder_that_is_no_frame_of_the_job_is_refused(
    folder: Path, changes: dict[str, object], message: str
) -> None:
    edit(folder, **changes)
    with pytest.raises(DataSetError, match=message):
        process_frame(folder, SETTINGS)


def test_a_torn_record_is_refused(folder: Path) -> None:
    path = folder / "frame.json"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataSetError, match="cannot be read"):
        process_frame(folder, SETTINGS)


def test_spoilt_ids_name_the_frame(folder: Path) -> None:
    Image.new("RGBA", RESOLUTION, (99, 0, 0, 255)).save(folder / "ids-0.png")
    with pytest.raises(SelfCheckError, match="Frame 3: 6912 of 6912 pixels"):
        process_frame(folder, SETTINGS)


def test_a_blank_frame_says_so(folder: Path) -> None:
    Image.new("RGBA", RESOLUTION, (99, 90, 80, 255)).save(folder / "rgb.png")
    assert process_frame(folder, SETTINGS).blank
