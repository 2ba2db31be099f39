"""One editor's session, with the test in the editor's place: it writes what the plugin would write."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from small import write_recipe
from unrealsynth import watch as watch_module
from unrealsynth.errors import DataSetError, EditorError, EditorLostError, EditorTimeoutError
from unrealsynth.recipe import ResolvedRecipe, load_recipe, resolve
from unrealsynth.session import EditorSession
from unrealsynth.spool import ABANDONED_S
from unrealsynth_plugin.core.codec import decode, encode
from unrealsynth_plugin.core.contract import Heartbeat, Job, Prepared


class FakeEditor:
    """Is started and ended by the test; as its own client it notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.saved_dir = folder / "Saved"
        self.can_restart = True
        self.leave_unsaved = False
        self.alive = True
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.restarts = 0
        self.dies_at_start = False
        self.ends_cancelled_jobs = True
        self.asked = 0
        self.state: str | None = None
        """What it answers when it is asked for the job's state; None for no answer."""

    @property
    def client(self) -> FakeEditor:
        return self

    def start(self, job_id: str) -> str:
        if self.dies_at_start:
            self.alive = False
            raise EditorLostError("The process of the editor has ended.")
        self.started.append(job_id)
        return "waiting"

    def cancel(self, job_id: str, timeout_s: float) -> str:
        self.cancelled.append(job_id)
        if self.ends_cancelled_jobs:
            self.beat("cancelled")
        return "running"

    def status(self, job_id: str, timeout_s: float) -> str:
        self.asked += 1
        if self.state is None:
            raise EditorTimeoutError("No answer.")
        return self.state

    def wait_until_ready(self) -> None: ...

    def restart(self) -> None:
        self.restarts += 1
        self.alive = True

    def stop(self) -> None: ...

    @property
    def jobs(self) -> list[Path]:
        return sorted((self.saved_dir / "UnrealSynth" / "jobs").iterdir())

    @property
    def folder(self) -> Path:
        """Of the job started last."""
        return self.saved_dir / "UnrealSynth" / "jobs" / self.started[-1]

    def job(self) -> Job:
        return decode(Job, json.loads((self.folder / "job.json").read_text(encoding="utf-8")))

    def beat(self, state: str, error: str | None = None) -> None:
        beat = Heartbeat(self.started[-1], state, "a note", 0, 0, time.time(), error)
        (self.folder / "heartbeat.json").write_text(json.dumps(encode(beat)), encoding="utf-8")

    def make(self, *frames: int) -> None:
        for k in frames:
            folder = self.folder / "frames" / f"{k:06}"
            folder.mkdir(parents=True)
            (folder / "frame.json").write_text("{}", encoding="utf-8")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> ResolvedRecipe:
    return resolve(load_recipe(write_recipe(tmp_path_factory.mktemp("recipe"))))


@pytest.fixture
def editor(tmp_path: Path) -> FakeEditor:
    return FakeEditor(tmp_path)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def session(
    editor: FakeEditor, recipe: ResolvedRecipe, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> EditorSession:
    monkeypatch.setattr(watch_module, "WATCH_INTERVAL_S", 0.0)
    monkeypatch.setattr(watch_module, "CANCEL_TIMEOUT_S", 0.2)
    frames = [(k, 0) for k in range(4)]
    made = EditorSession(editor, recipe, "print", frames, lambda: (Prepared("sunny", 1.0, 0),), said.append)  # type: ignore[arg-type]
    made.start()
    return made


def collect(session: EditorSession, limit: int = 10) -> list[int]:
    numbers = [int(frame.name) for frame in session.new_frames(limit)]
    for k in numbers:
        session.collected(k)
    return numbers


def test_the_job_has_all_that_is_missing(session: EditorSession, editor: FakeEditor, recipe: ResolvedRecipe) -> None:
    job = editor.job()
    assert job.frames == tuple((k, 0) for k in range(4))
    assert job.fingerprint == "print"
    assert job.prepared == (Prepared("sunny", 1.0, 0),)
    assert all((editor.saved_dir / "UnrealSynth" / name).is_file() for name in recipe.files)
    assert (editor.folder / "collector").is_file()
    assert not job.leave_unsaved


def test_the_job_may_lose_what_the_editor_may(session: EditorSession, editor: FakeEditor) -> None:
    editor.leave_unsaved = True
    session.start()
    assert editor.job().leave_unsaved


def test_frames_are_handed_out_once_and_deleted_when_collected(session: EditorSession, editor: FakeEditor) -> None:
    editor.make(0, 1, 2)
    assert [frame.name for frame in session.new_frames(2)] == ["000000", "000001"]
    assert [frame.name for frame in session.new_frames(2)] == ["000002"]
    assert session.new_frames(2) == []
    session.collected(1)
    assert sorted(path.name for path in (editor.folder / "frames").iterdir()) == ["000000", "000002"]
    assert session.busy


def test_a_frame_that_stays_on_disk_is_not_handed_out_again(session: EditorSession, editor: FakeEditor) -> None:
    editor.make(0)
    assert collect(session) == [0]
    editor.make(0)  # As when Windows did not let go of it.
    assert collect(session) == []


def test_what_a_dead_editor_finished_is_collected_before_it_is_started_again(
    session: EditorSession, editor: FakeEditor, said: list[str]
) -> None:
    editor.make(1, 3)
    editor.alive = False
    session.watch()
    (first,) = session.new_frames(1)
    session.watch()
    assert editor.restarts == 0
    session.collected(int(first.name))
    session.watch()
    assert editor.restarts == 0
    assert collect(session) == [3]
    session.watch()
    assert editor.restarts == 1
    assert editor.job().frames == ((0, 0), (2, 0))
    assert len(editor.jobs) == 1
    assert said == ["The editor ended unexpectedly. Starting it again."]


def test_an_editor_that_dies_as_it_is_given_its_job_is_started_again(
    session: EditorSession, editor: FakeEditor
) -> None:
    editor.alive = False
    editor.dies_at_start = True
    session.watch()
    editor.dies_at_start = False
    session.watch()
    assert editor.restarts == 2
    assert len(editor.started) == 2


def test_an_editor_that_never_gets_anywhere_is_given_up(session: EditorSession, editor: FakeEditor) -> None:
    for _ in range(watch_module.RESTART_LIMIT):
        editor.alive = False
        session.watch()
    editor.alive = False
    with pytest.raises(EditorLostError, match="4 times without finishing a single frame"):
        session.watch()


def test_a_frame_in_between_makes_restarts_count_anew(session: EditorSession, editor: FakeEditor) -> None:
    for k in range(4):
        for _ in range(watch_module.RESTART_LIMIT):
            editor.alive = False
            session.watch()
        editor.make(k)
        assert collect(session) == [k]
    assert not session.busy


@pytest.mark.parametrize(("state", "limit"), [("running", "SILENCE_LIMIT_S"), ("preparing", "BLOCKED_LIMIT_S")])
def test_an_editor_that_shows_no_sign_of_life_is_started_again(
    session: EditorSession, editor: FakeEditor, monkeypatch: pytest.MonkeyPatch, said: list[str], state: str, limit: str
) -> None:
    monkeypatch.setattr(watch_module, limit, 0.2)
    for _ in range(4):
        editor.beat(state)
        session.watch()
        time.sleep(0.1)
    assert editor.restarts == 0
    time.sleep(0.15)
    session.watch()
    assert editor.restarts == 1
    assert "no sign of life" in said[0]


def test_an_editor_may_compile_shaders_for_an_hour(
    session: EditorSession, editor: FakeEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    later_s = 0.0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + later_s)
    monkeypatch.setattr(watch_module, "time", clock)
    editor.beat("preparing")
    session.watch()
    assert session.note == "a note"
    later_s = 3700.0
    session.watch()
    assert editor.restarts == 0
    assert session.note == "a note (silent for 3690 s: it loads, compiles shaders, or shows a dialog)"
    later_s = 7300.0
    session.watch()
    assert editor.restarts == 1


def test_a_silent_editor_is_asked_now_and_then(
    session: EditorSession, editor: FakeEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "ASK_AFTER_S", 0.1)
    monkeypatch.setattr(watch_module, "ASK_INTERVAL_S", 0.1)
    editor.beat("preparing")
    session.watch()
    assert editor.asked == 0
    for answer in (None, "running"):
        time.sleep(0.12)
        editor.state = answer
        session.watch()
        session.watch()
    assert editor.asked == 2
    editor.state = "failed"  # It could not write its heartbeat.
    time.sleep(0.12)
    with pytest.raises(EditorError, match="Is the disk full"):
        session.watch()


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ("failed", "The texture is torn.", "could not go on: The texture is torn."),
        ("cancelled", None, "The job ended in the editor: a note. Run"),
        ("done", None, "4 of them, such as frame 0, have vanished"),
    ],
)
def test_a_job_that_ended_without_its_frames_is_an_error(
    session: EditorSession, editor: FakeEditor, state: str, error: str | None, message: str
) -> None:
    editor.beat(state, error)
    with pytest.raises(EditorError, match=message):
        session.watch()


def test_what_a_failed_job_finished_is_collected_first(session: EditorSession, editor: FakeEditor) -> None:
    editor.make(2)
    editor.beat("failed", "Oh.")
    session.watch()
    assert collect(session) == [2]
    with pytest.raises(EditorError, match="Oh"):
        session.watch()


def test_frames_to_be_drawn_again_come_in_a_job_of_their_own(session: EditorSession, editor: FakeEditor) -> None:
    editor.make(0, 1, 2, 3)
    session.new_frames(10)
    for k in (0, 1, 3):
        session.collected(k)
    session.redraw(2, 1)
    assert session.busy
    session.watch()
    assert len(editor.started) == 1  # The first job has yet to end.
    editor.beat("done")
    session.watch()
    assert editor.job().frames == ((2, 1),)
    assert len(editor.jobs) == 1
    editor.make(2)
    assert collect(session) == [2]
    assert not session.busy


def test_an_editor_of_ones_own_is_not_asked_to_cancel(session: EditorSession, editor: FakeEditor) -> None:
    session.stop()
    assert editor.cancelled == []


@pytest.mark.parametrize("hears", [True, False])
def test_in_an_editor_of_others_the_job_is_cancelled_and_removed(
    session: EditorSession, editor: FakeEditor, hears: bool
) -> None:
    editor.can_restart = False
    editor.ends_cancelled_jobs = hears
    session.stop()
    assert editor.cancelled == editor.started
    assert editor.folder.exists() != hears


def test_an_editor_of_others_is_not_started_again(session: EditorSession, editor: FakeEditor) -> None:
    editor.can_restart = False
    editor.alive = False
    with pytest.raises(EditorLostError, match="start the editor and run the same command again"):
        session.watch()


def test_jobs_of_runs_that_were_killed_are_removed(
    editor: FakeEditor, session: EditorSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = editor.folder.parent
    for name, age_s in (("old", ABANDONED_S + 60), ("young", 60.0)):
        (jobs / name).mkdir()
        marker = jobs / name / "collector"
        marker.touch()
        os.utime(marker, (time.time() - age_s,) * 2)
    session.start()
    assert {path.name for path in jobs.iterdir()} == {"young", editor.started[-1]}


def take(folder: Path, *levels: int) -> None:
    """Pictures that settle, as the plugin writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, level in enumerate(levels):
        Image.new("RGB", (96, 72), (level, level, level)).save(folder / f"{number}.png")
    (folder / "series.json").write_text(json.dumps({"complete": len(levels)}), encoding="utf-8")


def test_an_editor_is_told_how_long_a_picture_takes_to_settle(
    session: EditorSession, editor: FakeEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However seldom the editor itself is looked after: it goes on taking pictures meanwhile.
    monkeypatch.setattr(watch_module, "WATCH_INTERVAL_S", 60.0)
    session.watch()
    folder = editor.folder / "settling" / "sunny"
    take(folder, 80, 90, 90)
    session.watch()
    assert not (folder / "answer.json").exists()
    take(folder, 80, 90, 90, 90)
    session.watch()
    assert json.loads((folder / "answer.json").read_text(encoding="utf-8")) == {"settle_ticks": 1}


def test_a_series_of_an_editor_that_was_started_again_is_compared_anew(
    session: EditorSession, editor: FakeEditor
) -> None:
    take(editor.folder / "settling" / "sunny", 10, 20, 30)
    session.watch()
    editor.alive = False
    session.watch()
    assert editor.restarts == 1
    folder = editor.folder / "settling" / "sunny"
    take(folder, 90, 90, 90)
    session.watch()
    assert not (folder / "answer.json").exists()
    take(folder, 90, 90, 90, 90)
    session.watch()
    assert json.loads((folder / "answer.json").read_text(encoding="utf-8")) == {"settle_ticks": 0}


def test_pictures_that_make_no_sense_end_the_run(session: EditorSession, editor: FakeEditor) -> None:
    take(editor.folder / "settling" / "sunny", 90)
    (editor.folder / "settling" / "sunny" / "0.png").write_bytes(b"")
    with pytest.raises(DataSetError, match=r"0\.png cannot be read"):
        session.watch()
