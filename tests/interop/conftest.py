"""A small rendered data set in every form, for other people's tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from others_tools import IMAGES, Read

from small import write_recipe
from unrealsynth.dataset.export import FORMS, export
from unrealsynth.progress import RunProgress
from unrealsynth.run import RunOptions, generate_data_set


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The data set itself as `detect`, and each of its forms; read by what others load."""
    folder = tmp_path_factory.mktemp("interop")
    recipe = write_recipe(folder / "recipe", more="captures: {depth: true}\nlabels: {min_pixels: 30}\n")
    out = folder / "small set"
    generate_data_set(str(recipe), RunOptions(out=out, images=IMAGES), RunProgress())
    made = {form: export(out, form).train_with for form in FORMS}
    return {"detect": out / "synth.yaml", **made}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Runs a program of `programs/` in a folder of its own, without network; returns the JSON of its last line."""

    def go(program: str, *arguments: object) -> Any:
        environment = {
            **os.environ,
            "YOLO_CONFIG_DIR": str(tmp_path),
            "MPLCONFIGDIR": str(tmp_path),
            "YOLO_OFFLINE": "true",
            "YOLO_AUTOINSTALL": "false",
        }
        script = Path(__file__).parent / "programs" / program
        command = [sys.executable, str(script), *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, check=True, timeout=500)
        return json.loads(done.stdout.splitlines()[-1])

    return go
