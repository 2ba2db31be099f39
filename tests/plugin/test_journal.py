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

from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.settings import Ground
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.journal import Journal

YARD = Environment("yard", ground=Ground(color=(0.3, 0.3, 0.3)))
VIEW = "u.get_editor_subsystem(u.UnrealEditorSubsystem)"
THROTTLE = (
    "u.find_object(None, '/Script/UnrealEd.Default__EditorPerformanceSettings')"
    ".get_editor_property('throttle_cpu_when_not_foreground')"
)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_next_start_puts_back_what_a_crash_left(tmp_path: Path, group: Endpoint) -> None:
    with EmbeddedEditor(tmp_path / "project", group=group) as editor:
        bench = EditorBench(editor)
        bench.evaluate(f"{VIEW}.set_level_viewport_camera_info(u.Vector(1, 2, 3), u.Rotator(roll=0, pitch=4, yaw=5))")
        folder = bench.start(
            bench.job(environments=(YARD,), frames=tuple((k, 0) for k in range(500)), max_uncollected=500)
        )
        while not (folder / "frames" / "000001" / "frame.json").exists():
            bench.wait(folder, "preparing", "running")
            time.sleep(0.01)
        assert bench.evaluate(THROTTLE) == "False"
        journal = json.loads((bench.spool / "journal.json").read_text(encoding="utf-8"))
        assert [note["kind"] for note in journal["notes"]] == ["frames", "viewport", "throttle"]
        assert editor.pid is not None
        os.kill(editor.pid, signal.SIGKILL)
        torn = folder / "frames" / "000499"
        torn.mkdir()
        (torn / "rgb.png").write_bytes(b"half")
        editor.restart()
        bench = EditorBench(editor)
        # The new process begins with other values, as Unreal may have saved them when it was killed.
        assert bench.evaluate(f"{VIEW}.get_level_viewport_camera_info()[0].to_tuple()") == "(1.0, 2.0, 3.0)"
        assert bench.evaluate(THROTTLE) == "True"
        assert not (bench.spool / "journal.json").exists()
        assert not torn.exists()
        assert (folder / "frames" / "000001" / "frame.json").exists()


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
