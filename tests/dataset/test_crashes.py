"""Killed at any moment, or out of room: nothing finished is lost, nothing is doubled, going on completes the set."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from synthetic_spool import make_header

from unrealsynth.dataset.checks import check
from unrealsynth.dataset.frames import EncodedFrame
from unrealsynth.dataset.manifest import MANIFEST_NAME, Header, read_manifest
from unrealsynth.dataset.writer import DataSet
from unrealsynth.errors import DataSetError

Frames = Callable[[int], EncodedFrame]
PROGRAMS = Path(__file__).parent / "programs"
needs_posix = pytest.mark.skipif(os.name == "nt", reason="fork and signals")


def manifest_lines(text: bytes) -> list[dict[str, Any]]:
    """Whole lines only, read without the package."""
    return [json.loads(line) for line in text.split(b"\n")[:-1]]


def crash_points(folder: Path, *second: str) -> list[dict[str, Any]]:
    program = [sys.executable, str(PROGRAMS / "crash_points.py"), str(folder), *second]
    output = subprocess.run(program, check=True, stdout=subprocess.PIPE, timeout=100).stdout
    return [json.loads(line) for line in output.splitlines()]


def require_sound_and_completed(results: list[dict[str, Any]]) -> None:
    reference = {name: data for name, data in results[-1]["after"].items() if name != MANIFEST_NAME}
    for result in results:
        killed = {name: bytes.fromhex(data) for name, data in result["killed"].items()}
        finished = manifest_lines(killed.get(MANIFEST_NAME, b""))
        for line in finished:
            assert len(killed[line["image"]]) == line["image_bytes"], result["n"]
            assert killed[line["image"]].hex() == reference[line["image"]]
            assert killed[line["label"]].hex() == reference[line["label"]]
        # At most the frame under way lies there without its line, and never an image without its label.
        images = {name.split("/")[-1].split(".")[0] for name in killed if name.startswith("images/")}
        labels = {name.split("/")[-1].split(".")[0] for name in killed if name.startswith("labels/")}
        assert images <= labels
        assert len(labels) <= len(finished) + 1
        if labels:
            assert "synth.yaml" in killed
        after = dict(result["after"])
        lines = manifest_lines(bytes.fromhex(after.pop(MANIFEST_NAME)))
        assert Counter(line["k"] for line in lines) == {0: 1, 1: 1, 2: 1}
        assert after == reference
        # What was finished before the kill was not made again: its line is the same and still first.
        assert lines[: len(finished)] == finished


@needs_posix
def test_killed_at_every_file_operation(tmp_path: Path) -> None:
    results = crash_points(tmp_path)
    assert results[-1]["ended"]
    assert len(results) > 40
    assert {len(manifest_lines(bytes.fromhex(r["killed"].get(MANIFEST_NAME, "")))) for r in results} == {0, 1, 2, 3}
    require_sound_and_completed(results)


@needs_posix
@pytest.mark.slow
@pytest.mark.parametrize("second", range(0, 30, 3))
def test_killed_again_while_recovering(tmp_path: Path, second: int) -> None:
    require_sound_and_completed(crash_points(tmp_path, str(second)))


@needs_posix
@pytest.mark.slow
def test_killed_at_random_moments_until_it_is_complete(tmp_path: Path) -> None:
    """A process that adds many frames is killed from outside, mostly in the middle of a write."""
    moments = random.Random(5)
    folder, seen = tmp_path / "out", 0
    program = [sys.executable, str(PROGRAMS / "many_frames.py"), str(folder), str(tmp_path / "spool"), "400"]
    for _ in range(25):
        with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"
            time.sleep(moments.uniform(0.0, 0.08))
            process.send_signal(signal.SIGKILL)
        finished = [entry.k for entry in read_manifest(folder / MANIFEST_NAME)]
        assert len(set(finished)) == len(finished)
        assert len(finished) >= seen
        seen = len(finished)
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
    assert sorted(entry.k for entry in read_manifest(folder / MANIFEST_NAME)) == list(range(400))
    assert seen > 10
    # Its pictures repeat, as only a few were drawn; nothing else may be wrong.
    assert {fault.rule for fault in check(folder)} <= {3, 11, 30}


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond `size` bytes, writing what still fits, as a full disk does."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def state(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != ".unrealsynth")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@needs_posix
@pytest.mark.parametrize("full", ["image", "manifest"])
def test_out_of_room(tmp_path: Path, header: Header, frame: Frames, full: str) -> None:
    folder = tmp_path / "out"
    with DataSet.open(folder, header) as data_set:
        # Frames after which the manifest is larger than an image, or smaller.
        for k in range(1 if full == "image" else 10):
            data_set.add(frame(k))
        before = state(folder)
        size = len(before[MANIFEST_NAME])
        image = len(frame(10).image)
        assert (size < image) == (full == "image")
        with file_size_limit(image - 1 if full == "image" else size + 100):
            with pytest.raises(DataSetError, match=r"The disk is full: .* Every frame finished before it is safe"):
                data_set.add(frame(10))
            assert state(folder) == before
        data_set.add(frame(10))
        assert 10 in data_set.finished
    with DataSet.open(folder, header) as data_set:
        assert 10 in data_set.finished


@pytest.mark.parametrize("written", [["labels/val/1.txt"], ["labels/val/1.txt", "images/val/1.png"]])
def test_what_a_crash_left_without_a_line_goes_when_the_set_is_opened(
    tmp_path: Path, header: Header, frame: Frames, written: list[str]
) -> None:
    """Also when the run that goes on has no use for that frame."""
    folder = tmp_path / "out"
    with DataSet.open(folder, header) as data_set:
        data_set.add(frame(0))
    before = state(folder)
    for name in written:
        (folder / name).write_bytes(b"left")
    (folder / ".unrealsynth" / "writing-1").touch()
    with DataSet.open(folder, header):
        assert state(folder) == before


@needs_posix
def test_no_room_to_begin(tmp_path: Path, header: Header) -> None:
    with file_size_limit(200), pytest.raises(DataSetError, match="The disk is full"):
        DataSet.open(tmp_path / "out", header)
    with DataSet.open(tmp_path / "out", header) as data_set:
        assert data_set.finished == set()


@needs_posix
def test_a_folder_without_permission_is_a_sentence(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        target = Path("/proc/nowhere/out")
    else:
        tmp_path.chmod(0o500)
        target = tmp_path / "out"
    with pytest.raises(DataSetError, match="could not be written"):
        DataSet.open(target, make_header())


def test_an_interrupt_leaves_no_half_frame(
    tmp_path: Path, header: Header, frame: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between image and line."""
    folder = tmp_path / "out"
    with DataSet.open(folder, header) as data_set:
        data_set.add(frame(0))
        before = state(folder)

        def interrupted(_: int) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            # The third thing that is brought to disk is the line.
            calls = iter([os.fsync, os.fsync, interrupted])
            patch.setattr(os, "fsync", lambda descriptor: next(calls)(descriptor))
            with pytest.raises(KeyboardInterrupt):
                data_set.add(frame(1))
        assert state(folder) == before
        data_set.add(frame(1))
    assert [entry.k for entry in read_manifest(folder / MANIFEST_NAME)] == [0, 1]
