"""Embedded editors as child processes: real ones, without engine and renderer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from unrealsynth.editors import process
from unrealsynth.editors.discovery import discover
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError

PID = "__import__('os').getpid()"


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def test_editors_side_by_side_are_told_apart(
    tmp_path: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    editors = [EmbeddedEditor(tmp_path / name, None, group, bare_editor_program) for name in ("editor-0", "editor-1")]
    try:
        for editor in editors:
            editor.launch()
        for editor in editors:
            editor.wait_until_ready()
        assert [int(editor.client.evaluate(PID)) for editor in editors] == [editor.pid for editor in editors]
        assert [info.project_root for info in discover(group, 0.5)] == [tmp_path / "editor-0", tmp_path / "editor-1"]
    finally:
        for editor in editors:
            editor.stop()
    assert discover(group, 0.2) == []


def test_stopping_ends_the_process(bare_editor: EmbeddedEditor) -> None:
    assert bare_editor.pid is not None
    child = psutil.Process(bare_editor.pid)
    begin = time.monotonic()
    bare_editor.stop()
    assert time.monotonic() - begin < 2.0
    assert not child.is_running()
    assert not bare_editor.alive
    bare_editor.stop()
    with pytest.raises(EditorError, match="has not been started"):
        bare_editor.client.evaluate("1")


def test_restarting_makes_a_new_process(bare_editor: EmbeddedEditor) -> None:
    first = int(bare_editor.client.evaluate(PID))
    bare_editor.restart()
    second = int(bare_editor.client.evaluate(PID))
    assert first != second == bare_editor.pid
    assert bare_editor.log_path.read_text(encoding="utf-8").count("Ready.") == 2


def test_a_stuck_editor_is_ended_by_force(bare_editor: EmbeddedEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_TIMEOUT_S", 0.2)
    with pytest.raises(EditorTimeoutError):
        bare_editor.client.evaluate("__import__('time').sleep(60)", timeout_s=0.5)
    begin = time.monotonic()
    bare_editor.stop()
    assert time.monotonic() - begin < 3.0
    assert not bare_editor.alive


def test_an_editor_left_behind_in_the_same_project_is_not_mistaken_for_ours(
    tmp_path: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    with (
        EmbeddedEditor(tmp_path, None, group, bare_editor_program) as left_behind,
        EmbeddedEditor(tmp_path, None, group, bare_editor_program) as ours,
    ):
        assert int(ours.client.evaluate(PID)) == ours.pid != left_behind.pid


def test_an_editor_that_dies_as_it_starts_is_reported_with_its_log(tmp_path: Path, group: Endpoint) -> None:
    program = python("import sys; sys.exit('No OpenGL: install libegl1.')")
    (tmp_path / "editor.log").write_text("of an earlier day\n", encoding="utf-8")
    begin = time.monotonic()
    with pytest.raises(EditorLostError) as caught:
        EmbeddedEditor(tmp_path, None, group, program).start()
    assert time.monotonic() - begin < 5.0
    assert "ended with code 1 as it started" in str(caught.value)
    assert "No OpenGL: install libegl1." in str(caught.value)
    assert "of an earlier day" not in str(caught.value)


def test_an_editor_without_opengl_says_so(tmp_path: Path, group: Endpoint) -> None:
    program = python("""
import sys
from unrealsynth.embedded.__main__ import main
from unrealsynth.errors import EditorError

def no_renderer():
    raise EditorError("There is no OpenGL; install libegl1.")

sys.exit(main(sys.argv[1:], no_renderer))
""")
    with pytest.raises(EditorLostError) as caught:
        EmbeddedEditor(tmp_path, None, group, program).start()
    assert "ended with code 3 as it started" in str(caught.value)
    assert "There is no OpenGL; install libegl1." in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_plugin_folder_that_is_none_is_an_error_in_words(
    tmp_path: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    with pytest.raises(EditorLostError, match="is not a plugin folder"):
        EmbeddedEditor(tmp_path / "editor", tmp_path, group, bare_editor_program).start()


def test_an_editor_that_never_answers_is_reported_and_ended(tmp_path: Path, group: Endpoint) -> None:
    # Ends when its standard input does, as the real one.
    program = python("import sys; print('thinking', flush=True); sys.stdin.read()")
    editor = EmbeddedEditor(tmp_path, None, group, program)
    with pytest.raises(EditorTimeoutError, match="thinking"):
        editor.start(timeout_s=0.5)
    assert not editor.alive


def test_a_program_that_is_not_there_is_an_error_in_words(tmp_path: Path, group: Endpoint) -> None:
    with pytest.raises(EditorError, match="cannot be started"):
        EmbeddedEditor(tmp_path, None, group, (str(tmp_path / "nothing"),)).start()


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path: Path, group: Endpoint) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EditorError, match="cannot be started"):
        EmbeddedEditor(tmp_path / "file" / "editor", None, group, python("")).start()


def test_it_is_not_launched_twice(bare_editor: EmbeddedEditor) -> None:
    with pytest.raises(EditorError, match="runs already"):
        bare_editor.launch()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_a_ctrl_c_in_the_terminal_does_not_reach_it(bare_editor: EmbeddedEditor) -> None:
    assert bare_editor.pid is not None
    assert os.getpgid(bare_editor.pid) != os.getpgid(0)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_in_the_foreground_it_runs_until_ctrl_c(
    tmp_path: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    code = f"""
import signal
from pathlib import Path
from unrealsynth.editors import process
signal.signal(signal.SIGINT, signal.default_int_handler)  # A test run in the background hands down that it is ignored.
process.PROGRAM = {bare_editor_program!r}
print(process.run_in_foreground(Path({str(tmp_path)!r}), {group!r}))
"""
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as foreground:
        try:
            until = time.monotonic() + 20
            while not discover(group, 0.2) and time.monotonic() < until:
                pass
            assert foreground.poll() is None
            foreground.send_signal(2)
            output, _ = foreground.communicate(timeout=20)
        finally:
            foreground.kill()
    assert output == "0\n"
