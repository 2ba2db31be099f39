"""The commands for finished data sets, as a user gives them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from unrealsynth.training import train


def unrealsynth(*arguments: object, folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "unrealsynth", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=100)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A data set that was not made by us."""
    root = tmp_path / "their set"
    noise = np.random.default_rng(1)
    for k in range(6):
        split = "val" if k % 2 else "train"
        for kind in ("images", "labels"):
            (root / kind / split).mkdir(parents=True, exist_ok=True)
        picture = noise.integers(0, 255, (40, 60, 3), np.uint8)
        Image.fromarray(picture).save(root / f"images/{split}/{k}.png")
        (root / f"labels/{split}/{k}.txt").write_text("0 0.5 0.5 0.2 0.3\n" * (k > 0), encoding="ascii")
    (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [thing]\n", encoding="utf-8")
    return root


def test_a_good_data_set_is_good(foreign: Path) -> None:
    assert unrealsynth("check", foreign, folder=foreign.parent).stdout == f"{foreign} is good\n"
    assert json.loads(unrealsynth("check", foreign / "data.yaml", "--json", folder=foreign).stdout) == {
        "ok": True,
        "faults": [],
    }


def test_faults_are_named_and_the_exit_code_is_4(foreign: Path) -> None:
    (foreign / "labels/val/3.txt").write_text("0 0.5 0.5 0.2 0.3\n5 0.5 0.5 0.2 0.3\n", encoding="ascii")
    text = unrealsynth("check", foreign, folder=foreign, code=4).stdout
    assert text == "labels/val/3.txt:2: class '5', the classes are 0 to 0 [13]\n1 fault\n"
    report = json.loads(unrealsynth("check", foreign, "--json", folder=foreign, code=4).stdout)
    assert report == {
        "ok": False,
        "faults": [{"rule": 13, "path": "labels/val/3.txt", "line": 2, "message": "class '5', the classes are 0 to 0"}],
    }


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["check", "nowhere"], 4, "nowhere does not exist"),
        (["export", "their set", "--to", "yolo-obb"], 4, "only a data set made by UnrealSynth holds the masks"),
        (["export", "their set", "--to", "zip", "--out", "their set/x.zip"], 4, "which would change it"),
        (["split", "their set", "--train", "0.9"], 2, "add up to 1"),
        (["split", "their set", "--train", "0.9", "--val", "0.1"], 4, "has no manifest"),
        (["train", "nowhere"], 4, "nowhere does not exist"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(foreign: Path, arguments: Sequence[str], code: int, sentence: str) -> None:
    before = sorted(foreign.parent.rglob("*"))
    done = unrealsynth(*arguments, folder=foreign.parent, code=code)
    assert sentence in done.stderr
    assert sorted(foreign.parent.rglob("*")) == before


def test_a_foreign_data_set_can_be_packed(foreign: Path) -> None:
    result: dict[str, Any] = json.loads(
        unrealsynth("export", foreign, "--to", "zip", "--json", folder=foreign.parent).stdout
    )
    assert result == {
        "ok": True,
        "form": "zip",
        "path": str(foreign.with_suffix(".zip")),
        "data": str(foreign.with_suffix(".zip")),
        "images": 6,
        "objects": {},
    }
    shutil.unpack_archive(result["path"], foreign.parent / "unpacked")
    unrealsynth("check", foreign.parent / "unpacked" / "their set", folder=foreign)


def test_without_ultralytics_there_is_a_hint(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(Exception, match=r'pip install "unrealsynth\[train\]"'):
        train(foreign)
