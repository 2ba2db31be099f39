"""The commands of docs/training.md run as printed, with a small untrained model in the place of the downloaded one."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unrealsynth.dataset.resplit import resplit, shares_of

pytestmark = [
    pytest.mark.train,
    pytest.mark.timeout(600),
    pytest.mark.skipif(importlib.util.find_spec("ultralytics") is None, reason="needs the extra [train]"),
]
TEXT = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
QUICKER = ((".pt", ".yaml"), ("epochs=100", "epochs=1"), ("--epochs 100", ""), ("imgsz=640", "imgsz=64"))
"""No download, and as little training as there can be."""


@pytest.fixture(scope="module")
def folder(forms: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a user stands who has made `quickstart`."""
    folder = tmp_path_factory.mktemp("user")
    resplit(forms["detect"], shares_of(0.5, 0.5, 0), out=folder / "quickstart")
    return folder


def commands(language: str) -> list[str]:
    """The page's commands or programs, quicker; without the installation."""
    found = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    for long, short in QUICKER:
        found = [text.replace(long, short) for text in found]
    if language == "sh":
        return [line for text in found for line in text.splitlines() if "pip" not in line]
    return found


def run(command: list[str], folder: Path) -> None:
    environment = {
        **os.environ,
        "YOLO_CONFIG_DIR": str(folder),
        "MPLCONFIGDIR": str(folder),
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "CUDA_VISIBLE_DEVICES": "",
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_python_program(folder: Path) -> None:
    (program,) = commands("python")
    (folder / "train.py").write_text(program, encoding="utf-8")
    run([sys.executable, "train.py"], folder)


def test_the_command_lines(folder: Path) -> None:
    for line in commands("sh"):
        name, *arguments = shlex.split(line)
        if arguments[0] == "train":
            arguments += ["--epochs", "1", "--imgsz", "64"]
        program = Path(sys.executable).parent / name
        run([str(program) if shutil.which(program) else name, *arguments], folder)
    assert (folder / "quickstart.zip").is_file()
    for task in ("", "-segment", "-obb", "-semantic"):
        assert (folder / f"quickstart{task}-train" / "weights").is_dir()
