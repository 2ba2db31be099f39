"""Replacing and deleting while Windows says that somebody has the file open, wherever the orchestrator does so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sharing import violations
from unrealsynth import files
from unrealsynth.dataset.derived import new_place
from unrealsynth.editor_choice import remove_editor_folders
from unrealsynth.files import patiently, remove_folder, write_atomically
from unrealsynth.recipe.cache import Cache

SOURCES = Path(files.__file__).parent
DELETES = re.compile(r"\.(unlink|rmdir)\(|\.(replace|rename)\([\w.]+\)|\b(rmtree|os\.remove|shutil\.move)\(")
"""A path's `replace` has one argument, a text's two."""


def test_a_file_that_is_open_for_a_moment_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "label.txt"
    target.write_bytes(b"old")
    (tmp_path / "temporary").mkdir()
    failed = violations(monkeypatch)
    write_atomically(target, b"new", tmp_path / "temporary")
    assert target.read_bytes() == b"new"
    assert failed["replace", str(target)] == 2


def test_patience_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_SHARING_PATIENCE_S", 0.1)
    failed = violations(monkeypatch, tries=10_000)
    (tmp_path / "file").touch()
    with pytest.raises(PermissionError):
        patiently((tmp_path / "file").unlink)
    assert 2 < failed["unlink", str(tmp_path / "file")] < 10


def test_elsewhere_a_refusal_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = files.os
    failed = violations(monkeypatch)
    monkeypatch.setattr(files, "os", system)
    (tmp_path / "file").touch()
    with pytest.raises(PermissionError):
        patiently((tmp_path / "file").unlink)
    assert sum(failed.values()) == 1


def some_files(folder: Path) -> Path:
    (folder / "frames" / "000001").mkdir(parents=True)
    for name in ("collector", "frames/a.png", "frames/000001/b.png"):
        (folder / name).touch()
    return folder


def test_a_folder_goes_with_all_that_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = some_files(tmp_path / "editor-1")
    failed = violations(monkeypatch, tries=1)
    remove_folder(folder)
    assert not folder.exists()
    assert len(failed) == 6
    remove_folder(folder)
    some_files(folder)
    failed.clear()
    remove_editor_folders(tmp_path)
    assert not folder.exists()


def test_of_a_folder_that_is_held_the_rest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_SHARING_PATIENCE_S", 0.1)
    folder = some_files(tmp_path / "job")
    violations(monkeypatch, tries=10_000, ending="b.png")
    remove_folder(folder)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["b.png"]


def test_what_is_derived_comes_to_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "coco").mkdir()
    failed = violations(monkeypatch)
    with new_place(tmp_path / "coco") as unfinished:
        unfinished.mkdir()
        (unfinished / "a.json").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["coco"]
    assert (tmp_path / "coco" / "a.json").exists()
    with pytest.raises(KeyError), new_place(tmp_path / "other") as unfinished:
        unfinished.touch()
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["coco"]
    assert failed["rmdir", str(tmp_path / "coco")] == 2


def test_the_cache_keeps_what_others_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    violations(monkeypatch, tries=6)
    kept = Cache(tmp_path).put_blob(b"content")
    assert kept is not None
    assert list(kept.parent.iterdir()) == [kept]
    assert kept.read_bytes() == b"content"


def test_nothing_is_replaced_or_deleted_without_patience() -> None:
    """Every line that does so is in the hands of `patiently`, or of what uses it."""
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        if "embedded" in path.parts or path.samefile(files.__file__):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if DELETES.search(line) and "patiently(" not in line:
                found.append(f"{path.relative_to(SOURCES).as_posix()}: {line.strip()}")
    assert found == []
