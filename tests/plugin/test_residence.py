"""An editor's own folder: nobody else's while its process lives, anybody's afterwards."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from unrealsynth_plugin import residence
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.residence import Residence

PLUGIN = Path(residence.__file__).parents[1]
NEIGHBOUR = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from unrealsynth_plugin.residence import Residence
home = Residence(Path(sys.argv[2]))
home.journal.add("throttle", name="a", value=True)
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=sys.stdin)
print(home.folder, flush=True)
child.wait()
"""
"""An editor that starts a process of its own, as Unreal starts compilers, and waits."""


@contextmanager
def neighbour(root: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """Another process with a folder; its child ends with the block, not with the process."""
    command = [sys.executable, "-c", NEIGHBOUR, str(PLUGIN), str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield Path(process.stdout.readline().rstrip("\n")), process
        finally:
            process.kill()


def kinds(home: Residence) -> list[list[str]]:
    return [[note["kind"] for note in journal.notes()] for journal in home.deserted()]


def left(root: Path, name: str, kind: str, changed_s: float = 0.0, **presence: object) -> Path:
    """The folder of an editor that never locked it."""
    folder = root / "editors" / name
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    (folder / "journal.json").write_text(json.dumps({"notes": [{"kind": kind}]}), encoding="utf-8")
    os.utime(folder / "journal.json", (changed_s, changed_s))
    if presence:
        (folder / "editor.json").write_text(json.dumps(presence), encoding="utf-8")
    return folder


def test_a_process_keeps_its_folder_until_it_is_killed(tmp_path: Path) -> None:
    home = Residence(tmp_path)
    with neighbour(tmp_path) as (folder, process):
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        assert sorted(before) == ["journal.json", "lock"]
        for _ in range(2):
            assert kinds(home) == []
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
        process.kill()
        process.wait()
        # Its child lives on, and has no part in the lock.
        assert kinds(home) == [["throttle"]]
        assert list((tmp_path / "editors").iterdir()) == [home.folder]
    home.leave()
    assert list((tmp_path / "editors").iterdir()) == []


def test_two_of_one_process_leave_each_other_alone(tmp_path: Path) -> None:
    first, second = Residence(tmp_path), Residence(tmp_path)
    assert kinds(first) == kinds(second) == kinds(first) == []
    second.leave()
    second.leave()
    assert list((tmp_path / "editors").iterdir()) == [first.folder]
    first.leave()


def test_a_folder_with_something_to_put_back_stays(tmp_path: Path) -> None:
    first, second = Residence(tmp_path), Residence(tmp_path)
    first.journal.add("throttle", name="a", value=True)
    first.leave()
    assert kinds(second) == [["throttle"]]
    assert kinds(second) == []
    assert not first.folder.exists()
    second.leave()


def test_what_was_changed_last_is_put_back_first_and_nothing_is_lost(tmp_path: Path) -> None:
    for name, changed_s in (("1-a", 100.0), ("2-b", 300.0), ("3-c", 200.0)):
        left(tmp_path, name, name, changed_s)
    home = Residence(tmp_path)
    deserted = home.deserted()
    assert next(deserted).folder.name == "2-b"
    deserted.close()  # type: ignore[attr-defined]
    assert kinds(home) == [["2-b"], ["3-c"], ["1-a"]]
    home.leave()


def test_a_folder_in_work_is_not_entered_by_another(tmp_path: Path) -> None:
    left(tmp_path, "1-a", "throttle")
    first, second = Residence(tmp_path), Residence(tmp_path)
    for _ in first.deserted():
        assert kinds(second) == []
    first.leave()
    second.leave()


@pytest.mark.parametrize(
    ("state", "age_s", "is_deserted"),
    [("running", 20.0, False), ("running", 40.0, True), ("running", -1e6, True), ("ended", 1.0, True)],
)
def test_where_nothing_can_be_locked_the_last_sign_of_life_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, age_s: float, is_deserted: bool
) -> None:
    def cannot_lock(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(residence, "_lock", cannot_lock)
    home = Residence(tmp_path)
    folder = left(tmp_path, "1-a", "throttle", state=state, time_s=time.time() - age_s)
    assert kinds(home) == ([["throttle"]] if is_deserted else [])
    assert folder.exists() is not is_deserted
    home.journal.add("viewport")
    assert home.journal.notes() == [{"kind": "viewport"}]
    home.journal.clear()
    home.leave()
    assert not home.folder.exists()


def test_without_a_lock_file_the_last_sign_of_life_counts(tmp_path: Path) -> None:
    home = Residence(tmp_path)
    for name, age_s in (("1-a", 20.0), ("2-b", 40.0)):
        folder = left(tmp_path, name, name, state="running", time_s=time.time() - age_s)
        (folder / "lock").unlink()
    (tmp_path / "editors" / "3-c").mkdir()
    (left(tmp_path, "4-d", "4-d") / "editor.json").write_text("[]", encoding="utf-8")
    (tmp_path / "editors" / "note.txt").touch()
    assert sorted(kinds(home)) == [[], ["2-b"], ["4-d"]]
    names = {path.name for path in (tmp_path / "editors").iterdir()}
    assert names == {"1-a", "note.txt", home.folder.name}
    home.leave()


@pytest.mark.parametrize("moment", ["before its lock is made", "before it is locked", "while it is looked at"])
def test_a_folder_that_is_taken_for_deserted_as_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    (tmp_path / "editors").mkdir()
    made: list[Path] = []
    mkdir, lock = Path.mkdir, residence._lock

    def make(path: Path, *arguments: bool, **options: bool) -> None:
        mkdir(path, *arguments, **options)
        if path.parent.name == "editors":
            made.append(path)
            if moment == "before its lock is made" and len(made) == 1:
                residence._remove(path)

    def try_to_lock(file: int) -> None:
        if len(made) == 1 and moment == "before it is locked":
            residence._remove(made[0])
        if len(made) == 1 and moment == "while it is looked at":
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        lock(file)

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(residence, "_lock", try_to_lock)
    home = Residence(tmp_path)
    assert len(made) == 2 and home.folder == made[1]
    monkeypatch.undo()
    other = Residence(tmp_path)
    assert home.folder not in [journal.folder for journal in other.deserted()]
    other.leave()
    home.leave()


def test_a_folder_that_cannot_be_made_keeps_no_editor_from_starting(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file", encoding="utf-8")
    home = Residence(tmp_path / "spool")
    assert kinds(home) == []
    with pytest.raises(PluginError, match="Cannot write"):
        home.journal.add("throttle")
    home.leave()


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as Windows loads it; what is open cannot be removed, and a lock that is taken is refused."""
    opened: dict[int, Path] = {}
    locked: set[Path] = set()
    really_open, really_close, really_unlink = os.open, os.close, Path.unlink

    def open_(path: Path, flags: int) -> int:
        file = really_open(path, flags)
        opened[file] = path
        return file

    def close(file: int) -> None:
        locked.discard(opened.pop(file))
        really_close(file)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path in opened.values():
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))
        really_unlink(path, missing_ok)

    def locking(file: int, mode: int, length: int) -> None:
        assert (mode, length) == (2, 1)
        if opened[file] in locked:
            raise PermissionError(errno.EACCES, "Permission denied")
        locked.add(opened[file])

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(LK_NBLCK=2, locking=locking))  # type: ignore[arg-type]
    spec = importlib.util.spec_from_file_location("residence_on_windows", residence.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = ("O_RDWR", "O_CREAT", "O_EXCL", "getpid")
    monkeypatch.setattr(
        module, "os", SimpleNamespace(open=open_, close=close, **{name: getattr(os, name) for name in names})
    )
    monkeypatch.setattr(Path, "unlink", unlink)
    return module


def test_on_windows(tmp_path: Path, on_windows: ModuleType) -> None:
    first, second = on_windows.Residence(tmp_path), on_windows.Residence(tmp_path)
    assert kinds(first) == kinds(second) == []
    assert first.folder.exists() and second.folder.exists()
    second.journal.add("throttle")
    second.leave()
    assert kinds(first) == [["throttle"]]
    assert list((tmp_path / "editors").iterdir()) == [first.folder]
    first.leave()
    assert list((tmp_path / "editors").iterdir()) == []
