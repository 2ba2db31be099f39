"""The folder through which orchestrator and editor exchange files."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from sharing import violations
from unrealsynth.errors import DataSetError, EditorError, ModelError
from unrealsynth.spool import JobFolder, SettlingFolder, Spool
from unrealsynth_plugin.core.codec import decode, encode
from unrealsynth_plugin.core.contract import Environment, Heartbeat, Job, ObjectClass, Prepared
from unrealsynth_plugin.core.settling import Series


@pytest.fixture
def job() -> Job:
    return Job(
        id="abc123",
        plugin_version="0",
        fingerprint="f",
        seed=1,
        resolution=(64, 48),
        frames=((0, 0), (5, 1)),
        classes=(ObjectClass("cone", ("cone",)),),
        models=(),
        environments=(Environment("yard"),),
    )


def test_the_job_file_reads_back_as_the_job(tmp_path: Path, job: Job) -> None:
    folder = Spool(tmp_path).open_job(job)
    assert folder.path == tmp_path / "UnrealSynth" / "jobs" / "abc123"
    assert decode(Job, json.loads((folder.path / "job.json").read_text(encoding="utf-8"))) == job


def named(folder: str, content: bytes, suffix: str) -> str:
    return f"{folder}/{hashlib.sha256(content).hexdigest()}{suffix}"


def test_files_are_shipped_once_from_bytes_and_from_disk(tmp_path: Path) -> None:
    source = tmp_path / "wald ä.png"
    source.write_bytes(b"picture")
    spool = Spool(tmp_path / "Saved")
    files: dict[str, bytes | Path] = {named("models", b"model", ".glb"): b"model"}
    files[named("textures", b"picture", ".png")] = source
    spool.ship(files)
    model, texture = (spool.root / name for name in files)
    assert (model.read_bytes(), texture.read_bytes()) == (b"model", b"picture")
    for path in (model, texture):
        os.utime(path, (1, 1))
    spool.ship(files)
    assert (model.stat().st_mtime, texture.stat().st_mtime) == (1, 1)


def test_a_file_that_a_power_cut_tore_is_shipped_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    name = named("models", b"model", ".glb")
    spool.ship({name: b"model"})
    (spool.root / name).write_bytes(b"")
    spool.ship({name: b"model"})
    assert (spool.root / name).read_bytes() == b"model"


def test_a_file_that_changed_since_it_was_measured_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "model.glb"
    source.write_bytes(b"another")
    with pytest.raises(ModelError, match=r"model\.glb was changed while the run began"):
        Spool(tmp_path / "Saved").ship({named("models", b"model", ".glb"): source})


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="could not be written"):
        # A file where a folder is needed fails as a disk that takes no more does: with an OSError.
        (tmp_path / "UnrealSynth").write_bytes(b"")
        Spool(tmp_path).ship({"models/1.glb": b"model"})


def test_only_frames_with_a_record_count(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    assert list(folder.complete_frames()) == []
    for k, complete in ((3, True), (1, True), (2, False)):
        frame = tmp_path / "frames" / f"{k:06}"
        frame.mkdir(parents=True)
        (frame / "rgb.png").write_bytes(b"")
        if complete:
            (frame / "frame.json").write_text("{}", encoding="utf-8")
    assert [frame.name for frame in folder.complete_frames()] == ["000001", "000003"]


def test_heartbeat_and_prepare_records_are_read_when_they_are_there(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    assert folder.heartbeat() is None
    assert folder.prepared() == ()
    beat = Heartbeat("abc123", "running", "frame 3", 2, 9, 1.5)
    (tmp_path / "heartbeat.json").write_text(json.dumps(encode(beat)), encoding="utf-8")
    (tmp_path / "prepared").mkdir()
    record = Prepared("yard", 1.25, 2)
    (tmp_path / "prepared" / "yard.json").write_text(json.dumps(encode(record)), encoding="utf-8")
    assert folder.heartbeat() == beat
    assert folder.prepared() == (record,)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000])
def test_a_prepare_record_that_makes_no_sense_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / "yard.json").write_text(text, encoding="utf-8")
    with pytest.raises(EditorError, match=r"yard\.json (is not|cannot be).*; .*run the command again"):
        JobFolder(tmp_path).prepared()


@pytest.mark.parametrize("text", ["{", '{"job": 1}'])
def test_a_heartbeat_that_makes_no_sense_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "heartbeat.json").write_text(text, encoding="utf-8")
    with pytest.raises(EditorError, match="heartbeat"):
        JobFolder(tmp_path).heartbeat()


def test_pictures_that_settle_are_found_and_answered(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    assert folder.settling() == []
    yard = tmp_path / "settling" / "yard"
    yard.mkdir(parents=True)
    (pictures,) = folder.settling()
    assert pictures.environment == "yard"
    assert pictures.series() == Series(0)
    (yard / "series.json").write_text('{"complete": 3, "light_rests": false}', encoding="utf-8")
    assert pictures.series() == Series(3, light_rests=False)
    assert pictures.picture(2) == yard / "2.png"
    assert not pictures.is_answered()
    pictures.answer(5)
    assert pictures.is_answered()
    assert json.loads((yard / "answer.json").read_text(encoding="utf-8")) == {"settle_ticks": 5}
    assert sorted(path.name for path in yard.iterdir()) == ["answer.json", "series.json"]


def test_what_somebody_reads_is_replaced_and_deleted_all_the_same(
    tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    name = named("models", b"model", ".glb")
    folder = spool.open_job(job)
    frame = folder.path / "frames" / "000001"
    frame.mkdir(parents=True)
    (frame / "rgb.png").touch()
    (spool.root / "models").mkdir()
    (spool.root / name).touch()  # Torn by a power cut, and just looked at by a virus scanner.
    violations(monkeypatch)
    spool.ship({name: b"model"})
    assert (spool.root / name).read_bytes() == b"model"
    folder.discard(frame)
    assert not frame.exists()
    folder.remove()
    assert list((spool.root / "jobs").iterdir()) == []


def test_an_answer_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"answer\.json could not be written"):
        SettlingFolder(tmp_path / "gone").answer(0)
