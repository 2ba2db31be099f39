"""The self-test from outside: its table, what is kept of it, and that nothing is made where labels would be wrong."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trimesh

from commands import answer, run_command
from runs import Quiet, Shared
from sharing import violations
from small import write_recipe
from unrealsynth import selftest
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import SelfCheckError
from unrealsynth.preview import preview
from unrealsynth.recipe import load_recipe
from unrealsynth.recipe.resolve import resolve
from unrealsynth.render import render_frame
from unrealsynth.run import RunOptions, generate_data_set
from unrealsynth.testpictures import MODEL_BOUNDS_CM, Check, Use, judge
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.selftest import QUICK, SelfTestReport

OTHER_ENGINE = Path(__file__).parent / "plugin" / "programs" / "other_engine.py"
LABELS: frozenset[Use] = frozenset({"labels"})
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
    assert result.unfit_for == set()
    names = [check.name for check in result.checks]
    assert names[2:7] == [
        *("instance ids", "ids in a level", "one object alone"),
        *("projection, landscape", "projection, portrait"),
    ]
    assert "cards as in the viewport" in names
    assert names[-2:] == ["commands", "replies"]
    assert "self-test: sky" in said
    assert result.as_text().splitlines()[0].startswith("Engine 5.6.0-0+UnrealSynth-Embedded")
    assert "FAIL" not in result.as_text()
    record = record_of(Shared(embedded_editor))
    assert (record["unfit_for"], record["plugin_version"], record["extent"]) == ([], VERSION, "full")
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
        assert record_of(editor)["unfit_for"] == ["labels", "levels", "visibility"]
        # It is tested anew: the user may have mended it.
        with pytest.raises(SelfCheckError):
            selftest.require_selftest([editor], LABELS, lambda _: None)
    assert list((tmp_path / "out").rglob("*.png")) == []


def test_no_picture_is_shown_where_labels_would_be_wrong(tmp_path: Path, group: Endpoint) -> None:
    recipe = str(write_recipe(tmp_path / "recipe"))
    out = tmp_path / "picture.png"
    with like_unreal(tmp_path, group, stencil_in_captures=False) as editor:

        def launch(*_: object) -> list[Shared]:
            return [editor]

        with pytest.raises(SelfCheckError, match="instance ids"):
            render_frame(recipe, 3, out=out, seed=None, editor="unreal", project=None, progress=Quiet(), launch=launch)
        with pytest.raises(SelfCheckError, match="instance ids"):
            preview(recipe, count=2, out=out, seed=None, editor="unreal", project=None, progress=Quiet(), launch=launch)
    assert not out.exists()


def test_the_result_is_kept_although_somebody_reads_it(
    embedded_editor: EmbeddedEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Shared(embedded_editor)
    path = editor.saved_dir / "UnrealSynth" / "selftest.json"
    path.write_text("{}", encoding="utf-8")
    failed = violations(monkeypatch)
    selftest.run_selftest(editor, lambda _: None, QUICK)
    assert failed["replace", str(path)] == 2
    assert record_of(editor)["extent"] == QUICK


def test_an_editor_is_tested_once_for_its_versions(tmp_path: Path, group: Endpoint) -> None:
    said: list[str] = []
    with like_unreal(tmp_path, group) as editor:
        selftest.require_selftest([editor], LABELS, said.append)
        assert said, "it was not tested"
        record = record_of(editor)
        assert record["extent"] == "quick"
        said.clear()
        selftest.require_selftest([editor], LABELS, said.append)
        assert said == []
        path = editor.saved_dir / "UnrealSynth" / "selftest.json"
        for change in ({"engine_version": "5.6.0"}, None):
            path.write_text("{" if change is None else json.dumps({**record, **change}), encoding="utf-8")
            said.clear()
            selftest.require_selftest([editor], LABELS, said.append)
            assert said, f"it was not tested again after {change}"


def test_what_a_recipe_does_not_use_may_be_wrong(tmp_path: Path, group: Endpoint) -> None:
    said: list[str] = []
    with like_unreal(tmp_path, group) as editor:
        selftest.require_selftest([editor], LABELS, said.append)
        path = editor.saved_dir / "UnrealSynth" / "selftest.json"
        path.write_text(json.dumps({**record_of(editor), "unfit_for": ["levels"]}), encoding="utf-8")
        said.clear()
        selftest.require_selftest([editor], LABELS, said.append)
        assert said == []
        selftest.require_selftest([editor], LABELS | {"levels"}, said.append)
        assert said
        assert record_of(editor)["unfit_for"] == []


def test_what_a_recipe_uses(tmp_path: Path) -> None:
    plain = resolve(load_recipe(str(write_recipe(tmp_path))))
    in_level = replace(plain.environments[0], level="/Game/Maps/Harbour")
    seen = replace(plain.captures, visibility=True)
    assert selftest.uses_of(replace(plain, captures=replace(seen, visibility=False))) == LABELS
    assert selftest.uses_of(replace(plain, captures=seen)) == LABELS | {"visibility"}
    both = replace(plain, environments=(*plain.environments, in_level), captures=seen)
    assert selftest.uses_of(both) == LABELS | {"levels", "visibility"}


@pytest.mark.parametrize(
    ("failing", "verdict"),
    [
        ({}, "Everything is as it should be."),
        ({"grey cards": None}, "Labels can be trusted; pictures may not look as they should."),
        ({"ids in a level": "levels"}, "would be wrong: labels in levels of the project. Report"),
        ({"one object alone": "visibility", "instance ids": "labels"}, "all labels and how much of each object"),
    ],
)
def test_the_table_says_what_would_be_wrong(failing: dict[str, Use | None], verdict: str) -> None:
    report = SelfTestReport("full", "5.6.1", VERSION, "3.11.8", "Linux", {}, {}, {}, ())
    checks = [Check("tick rate", ok=True, measured="60 Hz", wanted="")]
    checks += [Check(name, ok=False, measured="0", wanted="1", needed_for=use) for name, use in failing.items()]
    result = selftest.SelfTestResult(report, tuple(checks))
    assert result.ok is (not failing)
    assert result.unfit_for == {use for use in failing.values() if use}
    lines = result.as_text().splitlines()
    assert verdict in lines[-1]
    assert sum(line.startswith("FAIL") for line in lines) == len(failing)


def test_what_nothing_is_told_of_is_not_trusted(tmp_path: Path) -> None:
    report = SelfTestReport("quick", "5.6.1", VERSION, "3.11.8", "Linux", {}, {}, {"r.CustomDepth": "3"}, ())
    result = selftest.SelfTestResult(report, tuple(judge(report, tmp_path)))
    assert (result.ok, result.unfit_for) == (False, {"labels", "levels", "visibility"})
    assert {check.measured for check in result.checks if check.needed_for} == {"no picture"}
    told = judge(replace(report, failures=(("alone", "RuntimeError: gone"),)), tmp_path)
    assert [check.measured for check in told if check.name == "alone"] == ["RuntimeError: gone"]


def test_embedded_editors_are_not_asked(embedded_editor: EmbeddedEditor) -> None:
    said: list[str] = []
    selftest.require_selftest([Shared(embedded_editor)], LABELS, said.append)
    assert said == []
