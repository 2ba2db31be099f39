"""The spool folder: names that stay inside, files that are whole."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from jobs_of_tests import put, simple_job

from unrealsynth_plugin.core.contract import Heartbeat, Prepared
from unrealsynth_plugin.core.settling import Series
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.spool import Spool, write_json


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    root = tmp_path / "Saved à moi" / "UnrealSynth"
    root.mkdir(parents=True)
    return Spool(root)


@pytest.mark.parametrize("name", ["models/1f.glb", "textures/a.hdr", "a/ü (1).png"])
def test_names_inside_are_files_below_the_root(spool: Spool, name: str) -> None:
    assert spool.file(name) == spool.root / name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",  # the folder itself
        "../secret",
        "models/../../secret",
        "models/../models/a.glb",  # stays inside, but no honest name looks like this
        "/etc/passwd",
        "C:/Windows/a.glb",
        "models\\..\\..\\a.glb",
        "a\x00b",
        "models/*.glb",
    ],
)
def test_names_that_lead_out_are_refused(spool: Spool, name: str) -> None:
    with pytest.raises(PluginError, match="leads out"):
        spool.file(name)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need privileges on Windows")
def test_a_link_that_leads_out_is_refused(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (spool.root / "models").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(PluginError, match="leads out"):
        spool.file("models/a.glb")


@pytest.mark.parametrize("job_id", ["", "..", "a/b", "A", "x" * 65, "a_b", "ä", "a\n"])
def test_job_ids_are_lower_case_letters_digits_and_hyphens(spool: Spool, job_id: str) -> None:
    with pytest.raises(PluginError, match="is no job id"):
        spool.job(job_id)


@pytest.mark.parametrize("environment", ["", "..", "a/b", "a\\b", "a:b"])
def test_environment_names_that_are_paths_are_refused(spool: Spool, environment: str) -> None:
    with pytest.raises(PluginError, match="cannot name an environment"):
        spool.job("a").write_prepared(Prepared(environment, 0.0, 0))


def test_what_is_written_can_be_read_back(spool: Spool) -> None:
    job = simple_job("a-1")
    put(spool.root, job)
    folder = spool.job("a-1")
    assert folder.job() == job
    prepared = Prepared("Hof à moi", -1.25, 3)
    assert folder.prepared("Hof à moi") is None
    assert folder.write_prepared(prepared)
    assert folder.prepared("Hof à moi") == prepared
    heartbeat = Heartbeat("a-1", "running", "making frames", 1, 3, 12.5)
    assert folder.write_heartbeat(heartbeat)
    assert folder.heartbeat() == heartbeat


def test_a_job_of_another_version_names_the_key(spool: Spool) -> None:
    folder = put(spool.root, simple_job("a"))
    data = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    data["shinyness"] = 1
    (folder / "job.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(PluginError, match="shinyness"):
        spool.job("a").job()


def test_only_complete_frames_count_as_uncollected(spool: Spool) -> None:
    put(spool.root, simple_job("a"))
    folder = spool.job("a")
    assert folder.uncollected() == 0
    folder.frame(7).make()
    assert folder.uncollected() == 0
    assert not folder.frame(7).is_complete()
    assert folder.frame(7).write_record({"k": 7})
    assert folder.frame(7).is_complete()
    assert folder.uncollected() == 1
    assert (folder.path / "frames" / "000007" / "frame.json").is_file()


def test_a_frame_begun_anew_forgets_what_was_left(spool: Spool) -> None:
    frame = spool.job("a").frame(0)
    assert frame.make()
    (frame.path / "rgb.png").write_bytes(b"old")
    assert frame.make()
    assert list(frame.path.iterdir()) == []


def test_a_stale_file_in_use_is_left_for_the_next_tick(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = spool.job("a").frame(0)
    assert frame.make()
    (frame.path / "rgb.png").write_bytes(b"old")

    def refuse(self: Path) -> None:
        raise PermissionError(13, "used by another process", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        assert not frame.make()
    assert frame.make()
    assert list(frame.path.iterdir()) == []


def test_age_of_the_collector(spool: Spool) -> None:
    folder = put(spool.root, simple_job("a"))
    assert spool.job("a").collector_age_s(1000.0) is None
    (folder / "collector").touch()
    os.utime(folder / "collector", (900.0, 900.0))
    assert spool.job("a").collector_age_s(1000.0) == pytest.approx(100.0)


def test_a_reader_never_meets_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    data: dict[str, Any] = {"note": "x" * 100_000}
    write_json(path, data)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            write_json(path, data)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(200):
            try:
                assert json.loads(path.read_text(encoding="utf-8")) == data
            except PermissionError:  # Windows, while the file is replaced.
                continue
    finally:
        stop.set()
        writer.join()


def test_a_file_in_use_is_left_for_the_next_tick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "frame.json"
    assert write_json(path, {"version": 1})

    def in_use(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(target))

    with monkeypatch.context() as windows:
        windows.setattr(Path, "replace", in_use)
        assert not write_json(path, {"version": 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 1}
    assert write_json(path, {"version": 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 2}


def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PluginError, match="Cannot write"):
        write_json(tmp_path / "file" / "frame.json", {})


@pytest.mark.parametrize("environment", ["", "..", "a/b", "a\\b", "a:b"])
def test_pictures_of_an_environment_stay_in_the_jobs_folder(spool: Spool, environment: str) -> None:
    with pytest.raises(PluginError, match="cannot name an environment"):
        spool.job("a").settling(environment)


def test_a_series_is_told_and_its_answer_read(spool: Spool) -> None:
    folder = spool.job("a").settling("Hof à moi")
    assert folder.make()
    assert folder.path == spool.root / "jobs" / "a" / "settling" / "Hof à moi"
    assert folder.tell(Series(3))
    told = {"complete": 3, "light_rests": True}
    assert json.loads((folder.path / "series.json").read_text(encoding="utf-8")) == told
    assert folder.answer() is None
    (folder.path / "answer.json").write_text('{"settle_ticks": 7}', encoding="utf-8")
    assert folder.answer() == 7
    # An earlier one does not count.
    assert folder.make()
    assert folder.answer() is None
    folder.remove()
    assert not folder.path.exists()
    folder.remove()


@pytest.mark.parametrize(
    "text", ["", "{", "7", '{"settle_ticks": -1}', '{"settle_ticks": 64}', '{"settle_ticks": 1.5}', "{}", "\udcff"]
)
def test_an_answer_that_makes_no_sense_is_a_sentence(spool: Spool, text: str) -> None:
    folder = spool.job("a").settling("yard")
    assert folder.make()
    (folder.path / "answer.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PluginError, match=r"answer\.json") as error:
        folder.answer()
    assert "start the run again" in str(error.value).lower()


def test_an_answer_that_is_just_being_put_there_comes_later(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_use(self: Path, **_: object) -> str:
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(self))

    folder = spool.job("a").settling("yard")
    with monkeypatch.context() as windows:
        windows.setattr(Path, "read_text", in_use)
        assert folder.answer() is None


def test_pictures_that_stay_locked_fail_nothing(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_use(path: object, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))

    folder = spool.job("a").settling("yard")
    assert folder.make()
    folder.picture(0).write_bytes(b"")
    with monkeypatch.context() as windows:
        windows.setattr(os, "unlink", in_use)
        folder.remove()
    assert folder.picture(0).exists()
    with monkeypatch.context() as windows:
        windows.setattr(Path, "unlink", in_use)
        assert not folder.make()
