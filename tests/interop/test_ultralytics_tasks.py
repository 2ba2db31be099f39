"""Ultralytics loads every form for its task without a word, with the same objects in it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from others_tools import IMAGES, Read

from unrealsynth.dataset.annotations import MadeDataSet
from unrealsynth.dataset.semantic import semantic_mask

pytestmark = [
    pytest.mark.train,
    pytest.mark.timeout(600),
    pytest.mark.skipif(importlib.util.find_spec("ultralytics") is None, reason="needs the extra [train]"),
]


def loaded(report: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """By frame, after all images were found and none was corrupt."""
    images = {}
    for split in ("train", "val"):
        found, missing, _, corrupt = report[split]["results"]
        assert (missing, corrupt, report[split]["messages"]) == (0, 0, [])
        assert found == len(report[split]["images"])
        images |= {int(Path(name).stem): entry for name, entry in report[split]["images"].items()}
    assert sorted(images) == list(range(IMAGES))
    return images


@pytest.mark.parametrize("task", ["detect", "segment", "obb"])
def test_objects(forms: dict[str, Path], read: Read, task: str) -> None:
    path = forms[task if task == "detect" else f"yolo-{task}"]
    images = loaded(read("ultralytics_reads_tasks.py", task, path))
    labels = 0
    for frame in MadeDataSet(path.parent).frames():
        entry = images[frame.entry.k]
        assert entry["classes"] == [item.class_index for item in frame.annotations]
        width, height = frame.size
        for box, item in zip(entry["boxes"], frame.annotations, strict=True):
            x0, y0, x1, y1 = item.visible_px
            wanted = [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height]
            # Oriented boxes lie around the visible one.
            if task != "obb":
                # Outlines lie 0.004 px inside.
                assert box == pytest.approx(wanted, abs=0.01 / height)
            else:
                assert box[2] >= wanted[2] - 1e-4 and box[3] >= wanted[3] - 1e-4
        labels += len(frame.annotations)
        assert all(count >= 3 for count in entry["points"])
    assert labels >= 15


def test_semantic_masks(forms: dict[str, Path], read: Read) -> None:
    report = read("ultralytics_reads_tasks.py", "semantic", forms["yolo-semantic"])
    assert report["names"] == {"0": "box", "1": "cone", "2": "background"}
    images = loaded(report)
    for frame in MadeDataSet(forms["yolo-semantic"].parent).frames():
        mask = semantic_mask(frame, 2)
        wanted = {str(value): int((mask == value).sum()) for value in (0, 1, 2, 255) if (mask == value).any()}
        assert images[frame.entry.k]["pixels"] == wanted


def test_depth(forms: dict[str, Path], read: Read) -> None:
    images = loaded(read("ultralytics_reads_tasks.py", "depth", forms["yolo-depth"]))
    for nearest, farthest, mean in (entry["depth"] for entry in images.values()):
        assert 0 <= nearest < mean < farthest <= 65.535
        assert mean > 0.5


@pytest.mark.skipif(importlib.util.find_spec("aiohttp") is None, reason="Ultralytics reads NDJSON with aiohttp")
def test_ndjson(forms: dict[str, Path], read: Read, tmp_path: Path) -> None:
    path = Path(read("ndjson_converts.py", forms["ndjson"], tmp_path / "converted"))
    images = loaded_ndjson(path)
    original = [label.read_text(encoding="ascii") for label in (forms["detect"].parent / "labels").rglob("*.txt")]
    assert sorted(images) == sorted([[float(word) for word in text.split()] for text in original])


def loaded_ndjson(path: Path) -> list[list[float]]:
    texts = [label.read_text(encoding="utf-8") for label in (path.parent / "labels").rglob("*.txt")]
    assert len(texts) == IMAGES
    return [[float(word) for word in text.split()] for text in texts]


@pytest.mark.parametrize("task", ["detect", "segment"])
def test_the_command_trains_on_the_processor(forms: dict[str, Path], tmp_path: Path, task: str) -> None:
    path = forms[task if task == "detect" else f"yolo-{task}"]
    environment = {
        **os.environ,
        "YOLO_CONFIG_DIR": str(tmp_path),
        "MPLCONFIGDIR": str(tmp_path),
        "YOLO_OFFLINE": "true",
    }
    command = [sys.executable, "-m", "unrealsynth", "train", str(path.parent), "--epochs", "1", "--json"]
    command += ["--device", "cpu", "--out", str(tmp_path / "trained")]
    for cache in path.parent.rglob("*.cache"):
        cache.unlink()
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, check=True, timeout=550)
    # Nothing but the result is on the standard output.
    result = json.loads(done.stdout)
    assert Path(result["weights"]).is_file()
    assert (result["task"], result["device"]) == (task, "cpu")
    assert Path(result["folder"]) == tmp_path / "trained"
    assert any(name.startswith("metrics/") for name in result["metrics"])
    assert list(path.parent.rglob("*.cache")) == []
