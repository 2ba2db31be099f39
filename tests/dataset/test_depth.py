"""Depth maps, from EXR to the data set and its form for Ultralytics."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray
from PIL import Image
from synthetic_spool import RESOLUTION, frame_settings, make_header, write_frame

from unrealsynth.dataset.checks import check
from unrealsynth.dataset.depth import encode_depth, read_depth
from unrealsynth.dataset.export import export
from unrealsynth.dataset.frames import EncodedFrame, process_frame
from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME, read_manifest
from unrealsynth.dataset.writer import DataSet
from unrealsynth.errors import DataSetError

WIDTH, HEIGHT = RESOLUTION
HEADER = make_header()


def write_exr(
    path: Path, depth: NDArray[np.float32], kind: type = np.float32, compression: Any = OpenEXR.ZIP_COMPRESSION
) -> None:
    """A file as Unreal leaves it: four channels, the depth in the first, packed unless it was asked not to."""
    channels = {name: np.zeros(depth.shape, kind) for name in "GBA"} | {"R": depth.astype(kind)}
    # Of the colour space of Unreal's pictures, which says nothing about depth.
    rec709 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
    header = {"type": OpenEXR.scanlineimage, "compression": compression, "chromaticities": rec709}
    OpenEXR.File(header, channels).write(str(path))


def ramp() -> NDArray[np.float32]:
    """From 10 cm at the left to 66 m at the right, and nothing in the upper half."""
    depth = np.tile(np.linspace(10, 6600, WIDTH, dtype=np.float32), (HEIGHT, 1))
    depth[: HEIGHT // 2] = 3.4e38
    return depth


@pytest.fixture
def frame(tmp_path: Path) -> Callable[[int], EncodedFrame]:
    """Frame k with a depth map."""

    def made(k: int) -> EncodedFrame:
        folder = write_frame(tmp_path / "spool", k, fingerprint=HEADER.fingerprint)
        write_exr(folder / "depth.exr", ramp())
        record = json.loads((folder / "frame.json").read_text(encoding="utf-8"))
        record["captures"]["depth"] = "depth.exr"
        (folder / "frame.json").write_text(json.dumps(record), encoding="utf-8")
        return process_frame(folder, frame_settings(HEADER))

    return made


@pytest.fixture
def deep_set(frame: Callable[[int], EncodedFrame], tmp_path: Path) -> Path:
    with DataSet.open(tmp_path / "out", HEADER) as data_set:
        for k in range(4):
            data_set.add(frame(k))
        data_set.close(complete=True)
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("centimetres", "millimetres"),
    [
        (0.0, 0),  # nothing
        (0.04, 0),  # less than half a millimetre
        (0.06, 1),
        (10.0, 100),
        (123.44, 1234),
        (6553.5, 65_535),  # the farthest
        (6553.6, 0),
        (1e9, 0),
        (3.4e38, 0),
        (float("inf"), 0),
        (float("nan"), 0),
        (-5.0, 0),
    ],
)
def test_one_value(centimetres: float, millimetres: int) -> None:
    data, beyond = encode_depth(np.full((2, 3), centimetres, np.float32))
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "I;16"
        assert np.asarray(image).tolist() == [[millimetres] * 3] * 2
    assert beyond == (6 if millimetres == 0 else 0)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("compression", [OpenEXR.ZIP_COMPRESSION, OpenEXR.NO_COMPRESSION])
def test_exr_is_read_in_either_precision(tmp_path: Path, kind: type, compression: Any) -> None:
    depth = np.linspace(10, 5000, 12, dtype=np.float32).reshape(3, 4)
    write_exr(tmp_path / "d.exr", depth, kind, compression)
    assert read_depth(tmp_path / "d.exr", (4, 3)) == pytest.approx(depth, rel=1e-3)


def test_what_is_no_depth_map_is_refused(tmp_path: Path) -> None:
    write_exr(tmp_path / "d.exr", np.ones((3, 4), np.float32))
    with pytest.raises(DataSetError, match="is 4 x 3, 3 x 4 was wanted"):
        read_depth(tmp_path / "d.exr", (3, 4))
    (tmp_path / "e.exr").write_bytes(b"not an EXR")
    with pytest.raises(DataSetError, match=r"e\.exr cannot be read"):
        read_depth(tmp_path / "e.exr", (4, 3))


def test_maps_lie_beside_images_and_detection_is_not_disturbed(deep_set: Path) -> None:
    assert sorted(path.name for path in deep_set.iterdir()) == [
        "depth",
        "images",
        "labels",
        HEADER_NAME,
        MANIFEST_NAME,
        "synth.yaml",
    ]
    assert check(deep_set) == []
    for entry in read_manifest(deep_set / MANIFEST_NAME):
        assert entry.depth is not None
        assert entry.depth.path == f"depth/{entry.split}/{entry.k}.png"
        with Image.open(deep_set / entry.depth.path) as image:
            metres = np.asarray(image) / 1000
        far = ramp() / 100 > 65.535
        assert entry.depth.beyond == np.count_nonzero(metres == 0) == np.count_nonzero(far)
        assert metres[~far] == pytest.approx(ramp()[~far] / 100, abs=0.0006)


def test_the_form_for_depth(deep_set: Path, tmp_path: Path) -> None:
    made = export(deep_set, "yolo-depth", tmp_path / "deep").path
    assert check(made) == []
    assert not (made / "labels").exists()
    assert (made / "depth/train/0.png").read_bytes() == (deep_set / "depth/train/0.png").read_bytes()


def test_a_changed_map_is_seen(deep_set: Path, tmp_path: Path) -> None:
    made = export(deep_set, "yolo-depth", tmp_path / "deep", copy=True).path
    data, _ = encode_depth(np.full((HEIGHT, WIDTH), 100.0, np.float32))
    (made / "depth/train/0.png").write_bytes(data)
    messages = "\n".join(map(str, check(made)))
    assert "is not as it was written" in messages
    assert "0 pixels have no depth, the manifest says" in messages


def test_a_lost_map_is_made_again(deep_set: Path) -> None:
    (deep_set / "depth/val/1.png").unlink()
    with DataSet.open(deep_set, HEADER) as data_set:
        assert set(data_set.finished) == {0, 2, 3}
    assert not (deep_set / "images/val/1.png").exists()


def test_overwriting_removes_the_maps(deep_set: Path) -> None:
    (deep_set / "depth/train/mine.txt").touch()
    with DataSet.open(deep_set, replace(HEADER, classes=("other",)), overwrite=True) as data_set:
        assert not data_set.finished
    assert [path.name for path in (deep_set / "depth").rglob("*.*")] == ["mine.txt"]
    shutil.rmtree(deep_set)
