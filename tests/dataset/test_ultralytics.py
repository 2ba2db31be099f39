"""Ultralytics itself reads the data set without a complaint, from anywhere, and trains on it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from synthetic_spool import CLASSES

pytestmark = [
    pytest.mark.train,
    pytest.mark.timeout(600),
    # Not imported here, where it would leave settings in the user's folder.
    pytest.mark.skipif(importlib.util.find_spec("ultralytics") is None, reason="needs the extra [train]"),
]
PROGRAM = Path(__file__).parent / "programs" / "ultralytics_reads.py"


def read(data_set: Path, folder: Path, *more: str) -> dict[str, Any]:
    """Its report, run in `folder` with settings of its own and no network."""
    environment = {
        **os.environ,
        "YOLO_CONFIG_DIR": str(folder),
        "MPLCONFIGDIR": str(folder),
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
    }
    command = [sys.executable, str(PROGRAM), str(data_set / "synth.yaml"), *more]
    result = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, timeout=550)
    report: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return report


def written_labels(folder: Path) -> dict[str, list[list[float]]]:
    return {
        f"{path.stem}.png": [[float(word) for word in row.split()] for row in path.read_text("ascii").splitlines()]
        for path in folder.glob("*.txt")
    }


def test_every_image_is_read_none_corrupt(data_set: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    report = read(data_set, elsewhere)
    assert report["names"] == {str(k): name for k, name in enumerate(CLASSES)}
    for split in ("train", "val"):
        wanted = written_labels(data_set / "labels" / split)
        got = report[split]["labels"]
        assert got.keys() == wanted.keys()
        for name, rows in wanted.items():
            assert got[name] == [pytest.approx(row, abs=1e-6) for row in rows], name
        empty = sum(not rows for rows in wanted.values())
        assert report[split]["results"] == {"found": 6, "missing": 0, "empty": empty, "corrupt": 0}
        assert report[split]["messages"] == []


def test_it_trains_for_an_epoch(data_set: Path, tmp_path: Path) -> None:
    report = read(data_set, tmp_path, str(tmp_path / "runs"))
    assert report["epochs"] == 1
    assert report["weights"]
