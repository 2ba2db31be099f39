"""The self-test from outside: its table, what is kept of it, and that nothing is made where labels would be wrong."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trimesh

from commands import answer, run_command
from runs import Quiet, Shared
from small import write_recipe
from unrealsynth import selftest
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import SelfCheckError
from unrealsynth.run import RunOptions, generate_data_set
from unrealsynth.testpictures import MODEL_BOUNDS_CM
from unrealsynth_plugin import VERSION

OTHER_ENGINE = Path(__file__).parent / "plugin" / "programs" / "other_engine.py"
LIKE_UNREAL = {"engine_version": "5.6.1-44394996+++UE5+Release-5.6"}


@contextmanager
def like_unreal(folder: Path, group: Endpoint, **behaviour: object) -> Iterator[Shared]:
    """An embedded editor that does not say that it is one."""
    program = (sys.executable, str(OTHER_ENGINE), json.dumps({**LIKE_UNREAL, **behaviour}))
    with EmbeddedEditor(folder / "project", group=group, program=program) as editor:
        assert not editor.client.info.is_embedded
        yield Shared(editor)


def record_of(editor: Shared) -> Any:
    return json.loads((editor.saved_dir / "UnrealSynth" / "selftest.json").read_text(encoding="utf-8"))


def test_the_model_is_what_the_checks_say() -> None:
    # glTF (x, y, z) in metres; (x, z, y) × 100 in Unreal.
    low, high = MODEL_BOUNDS_CM
    stream = io.BytesIO(selftest.asymmetric_glb())
    box = trimesh.load_scene(stream, file_type="glb").bounds * 100
    assert box.tolist() == [pytest.approx([x, z, y], abs=1e-3) for x, y, z in (low, high)]
    assert [round(side) for side in box[1] - box[0]] == [100, 200, 300]


def test_an_editor_passes_and_is_remembered(embedded_editor: EmbeddedEditor) -> None:
    said: list[str] = []
    result = selftest.run_selftest(Shared(embedded_editor), said.append)
    wrong = [check for check in result.checks if check.ok is False]
    assert result.ok, wrong
    assert result.labels_ok
    names = [check.name for check in result.checks]
    assert names[2:5] == ["instance ids", "projection, landscape", "projection, portrait"]
    assert names[-2:] == ["commands", "replies"]
    assert "self-test: sky" in said
    assert result.as_text().splitlines()[0].startswith("Engine 5.6.0-0+UnrealSynth-Embedded")
    assert "FAIL" not in result.as_text()
    record = record_of(Shared(embedded_editor))
    assert (record["labels_ok"], record["plugin_version"], record["extent"]) == (True, VERSION, "full")
    left = list((embedded_editor.saved_dir / "UnrealSynth" / "jobs").glob("*/selftest.json"))
    assert left == [], "the job's folder was not removed"


def test_the_command_prints_a_table_and_writes_a_record(tmp_path: Path) -> None:
    done = run_command("selftest", "--editor", "embedded", "--json", "--record", tmp_path / "five six.json")
    assert done.returncode == 0, done.stderr
    table = answer(done)
    assert table["ok"] is True
    told = json.loads((tmp_path / "five six.json").read_text(encoding="utf-8"))
    assert told["measured"]["projection, portrait"]
    assert told["failed"] == []
    assert told["defaults"]["SceneCaptureComponent2D.fov_angle"] == "90"


def test_nothing_is_generated_where_labels_would_be_wrong(tmp_path: Path, group: Endpoint) -> None:
    recipe = write_recipe(tmp_path / "recipe")
    options = RunOptions(out=tmp_path / "out", images=1, editor="unreal")
    with like_unreal(tmp_path, group, stencil_in_captures=False) as editor:
        with pytest.raises(SelfCheckError, match="instance ids: bytes 0; 0 instead of 1"):
            generate_data_set(str(recipe), options, Quiet(), lambda *_: [editor])
        assert record_of(editor)["labels_ok"] is False
        # It is tested anew: the user may have mended it.
        with pytest.raises(SelfCheckError):
            selftest.require_selftest([editor], lambda _: None)
    assert list((tmp_path / "out").rglob("*.png")) == []


def test_an_editor_is_tested_once_for_its_versions(tmp_path: Path, group: Endpoint) -> None:
    said: list[str] = []
    with like_unreal(tmp_path, group) as editor:
        selftest.require_selftest([editor], said.append)
        assert said, "it was not tested"
        record = record_of(editor)
        assert record["extent"] == "quick"
        said.clear()
        selftest.require_selftest([editor], said.append)
        assert said == []
        path = editor.saved_dir / "UnrealSynth" / "selftest.json"
        for change in ({"engine_version": "5.6.0"}, None):
            path.write_text("{" if change is None else json.dumps({**record, **change}), encoding="utf-8")
            said.clear()
            selftest.require_selftest([editor], said.append)
            assert said, f"it was not tested again after {change}"


def test_embedded_editors_are_not_asked(embedded_editor: EmbeddedEditor) -> None:
    said: list[str] = []
    selftest.require_selftest([Shared(embedded_editor)], said.append)
    assert said == []
