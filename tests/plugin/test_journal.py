"""What a crash leaves behind is put back by the next start of the editor."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from editor_bench import EditorBench
from in_process import in_process

from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal._render import Renders
from unrealsynth_plugin import journal as journal_module
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.settings import Ground
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.journal import Journal
from unrealsynth_plugin.residence import Residence

YARD = Environment("yard", ground=Ground(color=(0.3, 0.3, 0.3)))
VIEW = "u.get_editor_subsystem(u.UnrealEditorSubsystem)"
LOCATION = f"{VIEW}.get_level_viewport_camera_info()[0].to_tuple()"
THROTTLE = (
    "u.find_object(None, '/Script/UnrealEd.Default__EditorPerformanceSettings')"
    ".get_editor_property('throttle_cpu_when_not_foreground')"
)


def journals(bench: EditorBench) -> dict[str, list[str]]:
    """The kinds of notes, by the name of their editor's folder."""
    files = bench.spool.glob("editors/*/journal.json")
    return {file.parent.name: [note["kind"] for note in json.loads(file.read_text())["notes"]] for file in files}


def look(bench: EditorBench, *location: float) -> None:
    bench.evaluate(f"{VIEW}.set_level_viewport_camera_info(u.Vector(*{location}), u.Rotator(roll=0, pitch=4, yaw=5))")


def amid_a_job(bench: EditorBench) -> Path:
    """Starts a job that takes long; returns its folder when it makes frames."""
    folder = bench.start(bench.job(environments=(YARD,), frames=tuple((k, 0) for k in range(500)), max_uncollected=500))
    while not (folder / "frames" / "000001" / "frame.json").exists():
        bench.wait(folder, "preparing", "running")
        time.sleep(0.01)
    assert bench.evaluate(THROTTLE) == "False"
    return folder


def kill(editor: EmbeddedEditor) -> None:
    assert editor.pid is not None
    os.kill(editor.pid, signal.SIGKILL)
    while editor.alive:
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_next_start_puts_back_what_a_crash_left(tmp_path: Path, group: Endpoint) -> None:
    with EmbeddedEditor(tmp_path / "project", group=group) as editor:
        bench = EditorBench(editor)
        look(bench, 1, 2, 3)
        folder = amid_a_job(bench)
        [crashed] = journals(bench)
        assert journals(bench)[crashed] == ["frames", "viewport", "throttle"]
        kill(editor)
        torn = folder / "frames" / "000499"
        torn.mkdir()
        (torn / "rgb.png").write_bytes(b"half")
        editor.restart()
        bench = EditorBench(editor)
        # The new process begins with other values, as Unreal may have saved them when it was killed.
        assert bench.evaluate(LOCATION) == "(1.0, 2.0, 3.0)"
        assert bench.evaluate(THROTTLE) == "True"
        assert journals(bench) == {}
        [own] = (bench.spool / "editors").iterdir()
        assert own.name != crashed
        assert not torn.exists()
        assert (folder / "frames" / "000001" / "frame.json").exists()
    assert list(own.parent.iterdir()) == []


def test_an_editor_that_is_closed_amid_a_job_leaves_the_rest_to_the_next_start(tmp_path: Path, group: Endpoint) -> None:
    with EmbeddedEditor(tmp_path / "project", group=group) as editor:
        bench = EditorBench(editor)
        look(bench, 1, 2, 3)
        amid_a_job(bench)
        editor.stop()
        assert list(journals(bench).values()) == [["frames", "viewport", "throttle"]]
        editor.start()
        bench = EditorBench(editor)
        assert bench.evaluate(LOCATION) == "(1.0, 2.0, 3.0)"
        assert journals(bench) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_editors_with_one_project_leave_each_other_alone(tmp_path: Path, group: Endpoint) -> None:
    first, second = (EmbeddedEditor(tmp_path / "project", group=group) for _ in range(2))
    with first:
        one = EditorBench(first)
        look(one, 1, 2, 3)
        job = amid_a_job(one)
        before = journals(one)
        assert list(before.values()) == [["frames", "viewport", "throttle"]]
        assert one.evaluate(LOCATION) != "(1.0, 2.0, 3.0)"
        with second:
            # Neither its start nor its own job touches what the first has changed.
            two = EditorBench(second)
            look(two, 7, 8, 9)
            folder = amid_a_job(two)
            assert len(journals(two)) == 2
            kill(second)
            (job / "collector").touch()
            second.restart()
            two = EditorBench(second)
            assert two.evaluate(LOCATION) == "(7.0, 8.0, 9.0)"
            assert journals(two) == before
            assert two.make(two.job(environments=(YARD,), frames=((0, 0),)))
            assert journals(two) == before
            assert (folder / "frames" / "000001" / "frame.json").exists()
        assert one.evaluate(THROTTLE) == "False"
        one.wait(job, "running")
        one.client.cancel(job.name)
        one.wait(job, "cancelled")
        assert one.evaluate(LOCATION) == "(1.0, 2.0, 3.0)"
        assert one.evaluate(THROTTLE) == "True"
        assert journals(one) == {}
        assert [path.name for path in (one.spool / "editors").iterdir()] == list(before)


def test_a_job_puts_back_first_what_an_editor_left_that_crashed_meanwhile(
    tmp_path: Path, shared_renderer: Renders
) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        performance = unreal.find_object(None, "/Script/UnrealEd.Default__EditorPerformanceSettings")
        performance.set_editor_property("throttle_cpu_when_not_foreground", False)
        viewport.set_level_viewport_camera_info(unreal.Vector(7, 8, 9), unreal.Rotator())
        job = bench.job()
        torn = bench.frame(job, 499)
        torn.mkdir(parents=True)
        other = Residence(bench.root)
        level = viewport.get_editor_world().get_path_name()
        other.journal.add("viewport", level=level, location=[1.0, 2.0, 3.0], rotation=[0.0, 4.0, 5.0])
        other.journal.add("throttle", name="throttle_cpu_when_not_foreground", value=True)
        other.journal.add("frames", job=torn.parents[1].name)
        other.journal.add("what only a later version knows")
        other.leave()
        bench.run(bench.job())
        assert performance.get_editor_property("throttle_cpu_when_not_foreground") is True
        assert not torn.exists() and not other.folder.exists()
        assert [text for _, text in bench.log if "things that an editor" in text] == [
            "UnrealSynth put back 2 things that an editor had left changed."
        ]
        # This editor's own viewport was not the one that was moved.
        assert viewport.get_level_viewport_camera_info()[0].to_tuple() == (7.0, 8.0, 9.0)


def test_a_journal_keeps_what_it_was_told_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "Saved")
    assert journal.notes() == []
    journal.add("throttle", name="a", value=True)
    journal.add("viewport", location=[1.0, 2.0, 3.0])
    assert Journal(tmp_path / "Saved").notes() == [
        {"kind": "throttle", "name": "a", "value": True},
        {"kind": "viewport", "location": [1.0, 2.0, 3.0]},
    ]
    journal.clear()
    journal.clear()
    assert journal.notes() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"notes": 3}', '{"notes": ["x"]}'])
def test_a_damaged_journal_tells_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal.json").write_text(text, encoding="utf-8")
    assert Journal(tmp_path).notes() == []


def test_nothing_is_changed_when_it_cannot_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "Saved").write_text("a file", encoding="utf-8")
    with pytest.raises(PluginError, match="Cannot write"):
        Journal(tmp_path / "Saved").add("throttle", name="a", value=True)


@pytest.mark.parametrize("change", ["add", "clear"])
def test_a_file_that_is_held_for_a_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(journal_module, "_PATIENCE_S", 0.2)
    journal = Journal(tmp_path)
    journal.add("throttle", name="a", value=True)
    held = [time.monotonic() + 0.05]
    name = "replace" if change == "add" else "unlink"
    really = getattr(Path, name)

    def refuse_for_a_while(path: Path, *arguments: object, **options: object) -> object:
        if time.monotonic() < held[0]:
            raise PermissionError(13, "The process cannot access the file")
        return really(path, *arguments, **options)

    monkeypatch.setattr(Path, name, refuse_for_a_while)
    act = {"add": lambda: journal.add("viewport"), "clear": journal.clear}[change]
    act()
    assert len(journal.notes()) == {"add": 2, "clear": 0}[change]
    journal.add("frames")
    held[0] = time.monotonic() + 60.0
    with pytest.raises(PluginError, match="held by another program"):
        act()
