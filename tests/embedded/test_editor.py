"""The embedded editor's process and its loop, without engine and renderer: real processes, real sockets."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from plain_client import PlainClient

from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor

INIT_SCRIPT = """
import time
import unreal

ticks = []

def tick(delta_s):
    ticks.append(delta_s)

unreal.register_slate_post_tick_callback(tick)
"""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin") / "Größe 1"
    scripts = folder / "Content" / "Python"
    scripts.mkdir(parents=True)
    (scripts / "init_unreal.py").write_text(INIT_SCRIPT, encoding="utf-8")
    (scripts / "helper_of_the_plugin.py").write_text("answer = 42\n", encoding="utf-8")
    return folder


@pytest.fixture
def editor(
    tmp_path: Path, plugin: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> Iterator[EmbeddedEditor]:
    with EmbeddedEditor(tmp_path / "projet à moi", plugin, group, bare_editor_program) as editor:
        yield editor


def process_of(editor: EmbeddedEditor) -> psutil.Process:
    assert editor.pid is not None
    return psutil.Process(editor.pid)


def eventually(condition: Callable[[], bool], within_s: float = 10.0) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def ticks_in(editor: EmbeddedEditor, seconds: float) -> int:
    before = int(editor.client.evaluate("len(ticks)"))
    time.sleep(seconds)
    return int(editor.client.evaluate("len(ticks)")) - before


def test_the_project_is_made_and_told(editor: EmbeddedEditor) -> None:
    info = editor.client.info
    assert info.project_root == editor.project_dir
    assert info.project_name == "UnrealSynthEmbedded"
    assert (editor.project_dir / "UnrealSynthEmbedded.uproject").is_file()
    assert info.is_embedded


def test_a_project_that_exists_is_used(
    tmp_path: Path, plugin: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    (tmp_path / "Mine.uproject").write_text("{}", encoding="utf-8")
    with EmbeddedEditor(tmp_path, plugin, group, bare_editor_program) as editor:
        assert editor.client.info.project_name == "Mine"
    assert [path.name for path in tmp_path.glob("*.uproject")] == ["Mine.uproject"]


def test_the_plugins_init_script_has_run_in_the_shared_globals(editor: EmbeddedEditor) -> None:
    assert editor.client.evaluate("callable(tick)") == "True"
    assert editor.client.evaluate("__import__('helper_of_the_plugin').answer") == "42"
    assert editor.client.evaluate("__import__('unreal') is unreal") == "True"


def test_a_plain_client_is_served(editor: EmbeddedEditor, group: Endpoint) -> None:
    with PlainClient(group) as client:
        client.say(client.message("ping"))
        (pong,) = client.heard("pong", 0.2)
        assert Path(pong["data"]["project_root"]) == editor.project_dir
        client.say(client.message("open_connection", dest=pong["source"], data=client.endpoint))
        assert client.accept(5.0)
        client.send(client.command(pong["source"], "print('héllo') or 6 * 7"))
        reply = client.reply(5.0)
        assert reply is not None
        assert reply["data"]["result"] == "42"
        assert reply["data"]["output"] == [{"type": "Info", "output": "héllo"}]
        client.say(client.message("close_connection", dest=pong["source"]))
        assert client.closed(5.0)


def test_upyrc_itself_is_served(editor: EmbeddedEditor, group: Endpoint) -> None:
    from unrealsynth.editors.messages import upyre

    upyrc = upyre()
    config = upyrc.RemoteExecutionConfig(
        multicast_group=group, multicast_bind_address="0.0.0.0", ip_multicast_ttl=0, project_name="UnrealSynthEmbedded"
    )
    try:
        connection = upyrc.PythonRemoteConnection(config)
    except OSError as error:
        pytest.skip(f"upyrc joins on the default route, and there is none: {error}")
    # It sends by the default route; here nothing may leave the loopback interface.
    connection.mcastsock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    with connection, connection.remote_command_connection.cmd_sock:
        commands = connection.remote_command_connection
        with commands.cmd_connection:
            result = commands.send("[unreal.__name__, 6 * 7]", timeout=10.0)
            assert (result.success, result.result) == (True, "['unreal', 42]")
            result = commands.send("print('a')\nprint('b')", upyrc.ExecTypes.EXECUTE_FILE, timeout=10.0)
            assert result.output_str == "Info: a\nInfo: b"
            result = commands.send("1 / 0", timeout=10.0)
            assert not result.success
            assert "ZeroDivisionError" in result.result


def test_a_callback_that_raises_is_logged_and_does_not_end_the_loop(editor: EmbeddedEditor) -> None:
    editor.client.evaluate(
        "unreal.register_slate_post_tick_callback(lambda delta_s: 1 / 0 if len(ticks) % 9 == 0 else 0)"
    )
    assert eventually(lambda: "ZeroDivisionError" in editor.log_path.read_text(encoding="utf-8"))
    assert ticks_in(editor, 0.1) > 0


def test_an_idle_editor_ticks_at_60_hz_and_sleeps_in_between(editor: EmbeddedEditor) -> None:
    process = process_of(editor)
    time.sleep(0.3)
    used_s = sum(process.cpu_times()[:2])
    assert 5 < ticks_in(editor, 0.6) < 45  # 36 are due.
    assert sum(process.cpu_times()[:2]) - used_s < 0.2


def test_an_editor_at_work_does_not_wait(editor: EmbeddedEditor) -> None:
    editor.client.evaluate("unreal.register_slate_post_tick_callback(lambda delta_s: time.sleep(0.002) or True)")
    assert ticks_in(editor, 0.5) > 60  # 30 at 60 Hz, 250 at most.


def test_an_idle_editor_answers_promptly(editor: EmbeddedEditor) -> None:
    editor.client.evaluate("0")
    times = []
    for _ in range(50):
        begin = time.perf_counter()
        editor.client.evaluate("0")
        times.append(time.perf_counter() - begin)
        time.sleep(0.003)
    assert sorted(times)[25] < 0.006  # Waiting for the next tick would take 8 ms on average.


def test_quit_editor_ends_it(editor: EmbeddedEditor) -> None:
    editor.client.evaluate("unreal.quit_editor()")
    assert eventually(lambda: not editor.alive)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(editor: EmbeddedEditor, number: int) -> None:
    assert editor.pid is not None
    os.kill(editor.pid, number)
    assert eventually(lambda: not editor.alive)
    assert "Quit." in editor.log_path.read_text(encoding="utf-8")


def test_it_ends_with_its_parent(
    tmp_path: Path, plugin: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    script = f"""
import sys, time
from pathlib import Path
from unrealsynth.editors.process import EmbeddedEditor
editor = EmbeddedEditor(Path({str(tmp_path)!r}), Path({str(plugin)!r}), {group!r}, {bare_editor_program!r})
editor.start()
print(editor.pid, flush=True)
time.sleep(100)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        editor = psutil.Process(int(parent.stdout.readline()))
        assert editor.is_running()
        parent.kill()
        assert eventually(lambda: not editor.is_running() or editor.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(os.name != "posix", reason="a terminal or file as standard input")
def test_without_a_pipe_as_input_it_stays(
    tmp_path: Path, plugin: Path, group: Endpoint, bare_editor_program: tuple[str, ...]
) -> None:
    command = [*bare_editor_program, str(tmp_path), "--plugin", str(plugin), "--group", f"{group[0]}:{group[1]}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.6)
        assert process.returncode is None
        process.terminate()
        assert process.wait(10.0) == 0


def test_a_group_that_is_none_is_an_error_in_words(
    tmp_path: Path, plugin: Path, bare_editor_program: tuple[str, ...]
) -> None:
    command = [*bare_editor_program, str(tmp_path), "--plugin", str(plugin), "--group", "127.0.0.1:6766"]
    ended = subprocess.run(command, stdin=subprocess.PIPE, capture_output=True, text=True, check=False, timeout=20)
    assert ended.returncode == 3
    assert "The multicast group 127.0.0.1:6766 cannot be joined" in ended.stderr
    assert "Traceback" not in ended.stderr
