"""Jobs without frames in editors that are killed, hang, are of others or are given up, as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from unrealsynth import watch as watch_module
from unrealsynth.editor_choice import UnrealEditor
from unrealsynth.editors import process as process_module
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError
from unrealsynth.own_assets import measure_own_assets
from unrealsynth.recipe import load_recipe
from unrealsynth.selftest import run_selftest
from unrealsynth_plugin.core.selftest import QUICK

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

PROGRAM = Path(__file__).parent / "embedded" / "programs" / "slow_editor.py"
IDS = "self-test: ids"
RECIPE = "seed: 1\nimages: 1\nclasses: {car: /Game/Cars/Sedan}\nenvironments: [sunset.yaml]\n"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "WATCH_INTERVAL_S", 0.02)


@pytest.fixture
def own(tmp_path: Path, group: Endpoint) -> Iterator[EmbeddedEditor]:
    """A slow editor that the test started."""
    with EmbeddedEditor(tmp_path / "Mine", group=group, program=(sys.executable, str(PROGRAM))) as editor:
        yield editor


@pytest.fixture
def of_others(own: EmbeddedEditor, group: Endpoint) -> Iterator[UnrealEditor]:
    """The same editor, as somebody who has not started it sees it."""
    editor = UnrealEditor(own.client.info, group)
    yield editor
    editor.stop()


class Listener:
    """Hears what is said, and acts at the first of some words that contain `at`."""

    def __init__(self, at: str, act: Callable[[], None], times: int = 1) -> None:
        self.said: list[str] = []
        self._at, self._act, self._times = at, act, times

    def __call__(self, text: str) -> None:
        self.said.append(text)
        if self._at in text and self._times:
            self._times -= 1
            self._act()


def signalled(editor: EmbeddedEditor, number: signal.Signals) -> Callable[[], None]:
    def send() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(editor.pid or 0, number)

    return send


def jobs_of(editor: EmbeddedEditor) -> list[Path]:
    return list((editor.saved_dir / "UnrealSynth" / "jobs").iterdir())


def test_an_editor_that_is_killed_during_the_selftest_is_started_again(own: EmbeddedEditor) -> None:
    hears = Listener(IDS, signalled(own, signal.SIGKILL))
    result = run_selftest(own, hears, QUICK)
    assert result.ok
    assert "The self-test was not carried out: The editor ended unexpectedly. Starting it again." in hears.said
    assert hears.said.count(IDS) == 2
    assert jobs_of(own) == []


def test_an_editor_that_is_killed_again_and_again_is_given_up(
    own: EmbeddedEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "RESTART_LIMIT", 1)
    hears = Listener(IDS, signalled(own, signal.SIGKILL), times=9)
    with pytest.raises(EditorLostError, match=r"ended unexpectedly\. It was started 2 times in vain; its log is in"):
        run_selftest(own, hears, QUICK)
    assert sum("Starting it again" in text for text in hears.said) == 1


def test_an_editor_that_hangs_is_started_again(own: EmbeddedEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "BLOCKED_LIMIT_S", 2.0)
    monkeypatch.setattr(watch_module, "WORTH_SAYING_S", 1.0)
    monkeypatch.setattr(process_module, "STOP_TIMEOUT_S", 0.2)
    hears = Listener(IDS, signalled(own, signal.SIGSTOP))
    assert run_selftest(own, hears, QUICK).ok
    assert f"{IDS} (silent for 1 s: it loads, compiles shaders, or shows a dialog)" in hears.said
    assert (
        "The self-test was not carried out: The editor gave no sign of life for 2 s. Starting it again." in hears.said
    )
    assert jobs_of(own) == []


def test_that_an_editor_of_others_died_is_seen_at_once(own: EmbeddedEditor, of_others: UnrealEditor) -> None:
    started = time.monotonic()
    with pytest.raises(EditorLostError, match=r"ended unexpectedly\. Start the editor, and run the same command again"):
        run_selftest(of_others, Listener(IDS, signalled(own, signal.SIGKILL)), QUICK)
    assert time.monotonic() - started < 10.0
    assert jobs_of(own) == []


def test_an_editor_of_others_that_hangs_may_show_a_dialog(
    own: EmbeddedEditor, of_others: UnrealEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "BLOCKED_LIMIT_S", 1.0)
    try:
        with pytest.raises(
            EditorTimeoutError, match=r"no sign of life for 1 s\. It may show a dialog: look at it, and"
        ):
            run_selftest(of_others, Listener(IDS, signalled(own, signal.SIGSTOP)), QUICK)
        (left,) = jobs_of(own)
        assert (left / "collector").is_file(), "it would never be swept"
    finally:
        signalled(own, signal.SIGCONT)()


def interrupted() -> None:
    raise KeyboardInterrupt


def test_interrupted_the_job_ends_in_an_editor_of_others(own: EmbeddedEditor, of_others: UnrealEditor) -> None:
    told: list[str] = []
    cancel = of_others.client.cancel
    of_others.client.cancel = lambda *arguments: told.append(arguments[0]) or cancel(*arguments)  # type: ignore[method-assign,func-returns-value]
    with pytest.raises(KeyboardInterrupt):
        run_selftest(of_others, Listener(IDS, interrupted), QUICK)
    assert len(told) == 1
    assert jobs_of(own) == []
    # The editor is free for the next one, whose folder nobody writes into any more afterwards.
    assert run_selftest(of_others, lambda _: None, QUICK).ok
    assert jobs_of(own) == []


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "sunset.yaml").write_text("ground: {color: [0.3, 0.3, 0.3]}\n", encoding="utf-8")
    path = tmp_path / "car.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_an_editor_that_is_killed_while_it_measures_assets_is_started_again(own: EmbeddedEditor, recipe: Path) -> None:
    hears = Listener("measuring /Game/Cars/Sedan", signalled(own, signal.SIGKILL))
    with pytest.raises(EditorError, match="not measured: There is no asset /Game/Cars/Sedan in the project") as error:
        measure_own_assets(load_recipe(recipe), own, hears)
    assert str(own.project_dir) in str(error.value), "its path is not whole"
    assert sum("Starting it again" in text for text in hears.said) == 1
    assert jobs_of(own) == []


def test_that_an_editor_of_others_died_as_it_measured_assets_is_seen(
    own: EmbeddedEditor, of_others: UnrealEditor, recipe: Path
) -> None:
    hears = Listener("measuring /Game/Cars/Sedan", signalled(own, signal.SIGKILL))
    with pytest.raises(EditorLostError, match=r"assets were not measured: The editor ended unexpectedly\. Start the"):
        measure_own_assets(load_recipe(recipe), of_others, hears)


def test_interrupted_assets_are_measured_no_more(own: EmbeddedEditor, of_others: UnrealEditor, recipe: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        measure_own_assets(load_recipe(recipe), of_others, Listener("", interrupted))
    time.sleep(0.5)
    assert jobs_of(own) == [], "the editor goes on with the job"
