"""Frames made from inside the editor, by menu, dialog and console, and assembled into a data set afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from editor_bench import EditorBench
from test_own_assets import with_assets

from runs import Quiet
from unrealsynth.assemble import assemble
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import DataSetError, EditorError
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import Heartbeat, Job

CONSOLE = '__import__("unrealsynth_plugin.console", fromlist=["generate"])'
MENU = "u.ToolMenus.get()._entries[('LevelEditor.MainMenu.Tools', 'UnrealSynth{}')]"
ENGINE = '__import__("unrealsynth.embedded.unreal._runtime", fromlist=["engine"]).engine()'


@pytest.fixture(scope="module")
def bench(embedded_editor: EmbeddedEditor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditorBench]:
    made = with_assets(EditorBench(embedded_editor), tmp_path_factory.mktemp("assets"))
    # With unsaved assets of the user's no notification is shown.
    made.evaluate("u.EditorLoadingAndSavingUtils.save_dirty_packages(True, True)")
    yield made
    made.evaluate(f"[setattr({ENGINE}, 'answer', None), setattr({ENGINE}, 'unattended', False)] and None")


def generate(bench: EditorBench, **settings: object) -> Path:
    text = json.dumps({"images": 4, "resolution": [160, 120], "objects": [1, 2], **settings})
    return Path(bench.evaluate(f"{CONSOLE}.generate({text!r})").strip("'"))


def wait(folder: Path, *states: str) -> Heartbeat:
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        try:
            beat = decode(Heartbeat, json.loads((folder / "heartbeat.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            continue
        if beat.state in states:
            return beat
        assert beat.state not in ("failed", "done", "cancelled"), f"{beat.error}\n{beat.error_details}"
        time.sleep(0.02)
    raise TimeoutError(folder)


def job_of(folder: Path) -> Job:
    return decode(Job, json.loads((folder / "job.json").read_text(encoding="utf-8")))


def test_the_console_makes_frames_that_become_a_data_set(bench: EditorBench, tmp_path: Path) -> None:
    folder = generate(bench, classes={"wedge": "/Game/Props", "cart": "/Game/Props/BP_Cart"}, images=10, seed=4)
    assert folder.parent == bench.spool / "jobs"
    beat = wait(folder, "done")
    assert (beat.frames_done, beat.frames_total) == (10, 10)
    summary = assemble(folder / "frames", tmp_path / "data", Quiet())
    assert (summary.finished, summary.images) == (10, 10)
    assert summary.check.failed_frames == 0
    entries = list(read_manifest(tmp_path / "data" / MANIFEST_NAME))
    assert {item["class_name"] for entry in entries for item in entry.objects} == {"wedge", "cart"}
    assert (tmp_path / "data" / "synth.yaml").is_file()
    # The editor planned with the box of the wedge; its own outline is smaller.
    smaller = 0
    for entry in entries:
        planned = json.loads((folder / "frames" / f"{entry.k:06d}" / "frame.json").read_text(encoding="utf-8"))
        for item, record in zip(entry.objects, planned["objects"], strict=True):
            exact, rough = np.array(item["box_full_px"]), np.array(record["box_full_px"])
            assert (exact[:2] >= rough[:2] - 1e-6).all() and (exact[2:] <= rough[2:] + 1e-6).all()
            smaller += bool(np.abs(exact - rough).max() > 1.0)
    assert smaller > 0
    again = assemble(folder, tmp_path / "data", Quiet())
    assert (again.finished, again.tally.frames) == (10, 0)


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, "Which classes?"),
        ({"classes": "/Game/Nothing"}, "neither an asset nor a folder /Game/Nothing"),
        ({"classes": "cone.glb"}, "is no path in the content browser"),
        ({"classes": "/Game/Maps"}, "neither an asset nor a folder"),
        ({"classes": "/Game/Props", "images": 0}, "images: wanted a whole number from 1, got 0"),
        ({"classes": "/Game/Props", "resolution": [10, 10]}, "resolution: wanted"),
        ({"classes": "/Game/Props", "objects": [3, 1]}, "objects: goes from 3 down to 1"),
        ({"classes": "/Game/Props", "scale": "big"}, "scale: wanted a number or"),
        ({"classes": "/Game/Props", "image": 3}, "There is no setting 'image'"),
    ],
)
def test_wrong_settings_are_named_and_start_nothing(
    bench: EditorBench, settings: dict[str, object], wanted: str
) -> None:
    before = sorted((bench.spool / "jobs").iterdir()) if (bench.spool / "jobs").is_dir() else []
    with pytest.raises(EditorError) as error:
        bench.evaluate(f"{CONSOLE}.generate({json.dumps(settings)!r})")
    assert wanted in str(error.value)
    assert (sorted((bench.spool / "jobs").iterdir()) if (bench.spool / "jobs").is_dir() else []) == before


def test_objects_appear_where_the_user_looks(bench: EditorBench) -> None:
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).load_level('/Game/Maps/Fair')")
    bench.evaluate(
        "u.get_editor_subsystem(u.UnrealEditorSubsystem)"
        ".set_level_viewport_camera_info(u.Vector(-1500, -1200, 600), u.Rotator(roll=0, pitch=-45, yaw=0))"
    )
    folder = generate(bench, classes="/Game/Props", images=1)
    [environment] = job_of(folder).environments
    assert environment.level == "/Game/Maps/Fair"
    # 500 cm above the ground at 100 cm, looking down by 45 degrees.
    assert environment.spawn.center == pytest.approx((-1000.0, -1200.0), abs=0.01)
    wait(folder, "done")
    bench.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")


def click(bench: EditorBench, name: str) -> None:
    bench.evaluate(f"{MENU.format(name)}.execute(u.ToolMenuContext())")


def answer(bench: EditorBench, ok: bool, **values: str) -> None:
    """Has somebody sit before the editor who changes `values` in the dialog."""
    changes = ", ".join(f"o.set_editor_property({name!r}, {value})" for name, value in values.items())
    body = f"setattr({ENGINE}, 'answer', lambda title, o: [{changes}] is None or {ok})"
    bench.evaluate(body)


def click_as_the_user(bench: EditorBench, name: str) -> None:
    """A click in the menu, which is no remote command, and so may ask."""
    bench.evaluate(
        f"[setattr({ENGINE}, 'unattended', False), {MENU.format(name)}.execute(u.ToolMenuContext())] and None"
    )


def test_ok_in_the_dialog_makes_frames_with_native_progress(bench: EditorBench) -> None:
    before = set((bench.spool / "jobs").iterdir())
    answer(
        bench,
        True,
        classes="['/Game/Props']",
        images="300",
        resolution="u.IntPoint(64, 48)",
        objects="u.IntPoint(1, 1)",
        scale="u.Vector2D(0.5, 2.0)",
        height="30.0",
    )
    assert bench.evaluate(f"{MENU.format('Stop')}.can_execute(u.ToolMenuContext())") == "False"
    click_as_the_user(bench, "Generate")
    [folder] = set((bench.spool / "jobs").iterdir()) - before
    job = job_of(folder)
    assert (len(job.frames), job.resolution, [entry.name for entry in job.classes]) == (300, (64, 48), ["Props"])
    assert bench.evaluate(f"{MENU.format('Generate')}.can_execute(u.ToolMenuContext())") == "False"
    wait(folder, "running")
    deadline = time.monotonic() + 20
    while "of 300" not in (text := bench.evaluate(f"{ENGINE}.tasks[0]._text")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "of 300" in text
    # The notification's own Cancel.
    bench.evaluate(f"setattr({ENGINE}.tasks[0], '_cancelled', True)")
    wait(folder, "cancelled")
    deadline = time.monotonic() + 5
    while bench.evaluate(f"len({ENGINE}.tasks)") != "0" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert bench.evaluate(f"len({ENGINE}.tasks)") == "0"
    assert "Ensure condition failed" not in bench.editor.log_path.read_text(encoding="utf-8"), "finished twice"


def test_the_menu_stops_it(bench: EditorBench, tmp_path: Path) -> None:
    folder = generate(bench, classes="/Game/Props", images=300)
    wait(folder, "running")
    click(bench, "Stop")
    wait(folder, "cancelled")
    made = len(list((folder / "frames").glob("*/frame.json")))
    if made:
        assert assemble(folder, tmp_path / "data", Quiet()).finished == made


@pytest.mark.parametrize("ok", [False, None], ids=["cancel", "unattended"])
def test_nothing_is_made_without_ok(bench: EditorBench, ok: bool | None) -> None:
    before = set((bench.spool / "jobs").iterdir())
    answer(bench, ok is None, classes="['/Game/Props']")
    if ok is None:
        # A remote command is unattended: nobody may be asked.
        click(bench, "Generate")
    else:
        click_as_the_user(bench, "Generate")
    assert set((bench.spool / "jobs").iterdir()) == before


def test_a_folder_without_frames_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="holds no frames of a job"):
        assemble(tmp_path, tmp_path / "data", Quiet())
    assert not (tmp_path / "data").exists()


def test_the_command_line_assembles(bench: EditorBench, tmp_path: Path) -> None:
    folder = generate(bench, classes="/Game/Props", images=2)
    wait(folder, "done")
    command = [sys.executable, "-m", "unrealsynth", "assemble", str(folder), "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout)["finished"] == 2


def test_the_editor_has_a_menu(bench: EditorBench) -> None:
    assert "has no menu" not in bench.editor.log_path.read_text(encoding="utf-8")
    labels = [
        bench.evaluate(f"str({MENU.format(name)}.get_label(u.ToolMenuContext()))") for name in ("Generate", "Stop")
    ]
    assert labels == ["'Make Frames...'", "'Stop Making Frames'"]
