"""The plugin in engines that behave in the other of the ways that Unreal may behave in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from editor_bench import EditorBench, record_of
from PIL import Image

from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.settings import Captures, Ground, Objects, Randomization

PROGRAM = Path(__file__).parent / "programs" / "other_engine.py"
YARD = Environment("yard", ground=Ground(color=(0.3, 0.3, 0.3)))
THROTTLE = "EditorPerformanceSettings.throttle_cpu_when_not_foreground"

ENGINES = [
    # As a newer engine, with its ticker; pictures need time after a cut; the C++ name of the throttle.
    pytest.param(
        {
            "engine_version": "5.7.0-0+UnrealSynth-Embedded",
            "settle_captures": 3,
            "throttle_names": ["bThrottleCPUWhenNotForeground"],
            "ldr_alpha": 255,
            "exportable_floats": ["RTF_RGBA16F", "RTF_RGBA32F"],
        },
        3,
        [],
        id="5.7, Lumen-like",
    ),
    # Import options that a task ignores, structs by reference, no EXR of 32 bits, no throttle to be found; the first
    # exports leave empty files.
    pytest.param(
        {
            "struct_access": "reference",
            "task_options_apply": False,
            "image_writer": False,
            "throttle_names": [],
            "relative_paths": False,
            "shader_ticks": 500,
            "empty_exports": 2,
        },
        0,
        [THROTTLE, "EXR with 32 bits a channel"],
        id="options ignored, half floats",
    ),
]


def _program(behaviour: dict[str, object]) -> tuple[str, ...]:
    return sys.executable, str(PROGRAM), json.dumps(behaviour)


@pytest.mark.parametrize(("behaviour", "settle_ticks", "left_out"), ENGINES)
def test_frames_are_made_all_the_same(
    tmp_path: Path, group: Endpoint, behaviour: dict[str, object], settle_ticks: int, left_out: list[str]
) -> None:
    with EmbeddedEditor(tmp_path / "project", group=group, program=_program(behaviour)) as editor:
        bench = EditorBench(editor)
        job = bench.job(
            environments=(YARD,),
            randomization=Randomization(objects=Objects(count=2.0, empty=0.0)),
            captures=Captures(depth=True),
            prepared=(),
        )
        frames = bench.make(job)
        assert bench.prepared(job, "yard").settle_ticks == settle_ticks
        log = editor.log_path.read_text(encoding="utf-8")
    assert [name for name in left_out if f"{name} is not in this engine version" not in log] == []
    assert log.count("was left out") == len(left_out), log
    for frame in frames:
        record = record_of(frame)
        assert record.objects
        with Image.open(frame / "rgb.png") as image:
            assert 60 < np.asarray(image.convert("L")).mean() < 190
        with Image.open(frame / "ids-0.png") as image:
            ids = np.asarray(image)[..., 0]
        assert set(np.unique(ids)) <= {0, *(placed.index + 1 for placed in record.objects)}
        assert (frame / "depth.exr").read_bytes()[:4] == b"\x76\x2f\x31\x01"


def test_a_job_whose_exports_stay_empty_says_so(tmp_path: Path, group: Endpoint) -> None:
    with EmbeddedEditor(tmp_path / "project", group=group, program=_program({"empty_exports": 3})) as editor:
        bench = EditorBench(editor)
        folder = bench.start(bench.job(environments=(YARD,), frames=((0, 0),)))
        error = bench.wait(folder, "failed").error
        complete = (folder / "frames" / "000000" / "frame.json").exists()
    assert error is not None
    assert "rgb.png (camera) left an empty file" in error
    assert not complete
