"""The user's cache: shared by processes, and never in the way."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from unrealsynth.recipe.cache import FOLDER_VARIABLE, Cache, cache_folder


def test_records_and_blobs_come_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "Zwischen lager")
    assert cache.record("a") is None
    cache.put_record("a", b"1")
    cache.put_record("a", b"2")
    assert cache.record("a") == b"2"
    path = cache.put_blob(b"data")
    assert path is not None
    assert path == cache.blob(hashlib.sha256(b"data").hexdigest())
    assert path.read_bytes() == b"data"


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 100])
def test_damaged_entries_count_as_missing(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    cache.put_record("a", b"1")
    blob = cache.put_blob(b"data")
    assert blob is not None
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(damage)
    assert cache.record("a") is None
    assert cache.blob(blob.name) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put_record("a", b"1")
    assert cache.put_blob(b"1") is None
    assert cache.record("a") is None


def _hammer(folder: Path) -> int:
    cache = Cache(folder)
    good = 0
    for _ in range(50):
        cache.put_record("same", b"x" * 10_000)
        good += cache.record("same") == b"x" * 10_000
    return good


def test_processes_may_share_it(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, get_context("spawn")) as pool:
        assert list(pool.map(_hammer, [tmp_path] * 3)) == [50] * 3
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) == 1


def test_the_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv(FOLDER_VARIABLE)
    assert cache_folder().is_absolute()
    assert "unrealsynth" in cache_folder().parts
