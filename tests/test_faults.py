"""What goes wrong on the way: killed, hanging and lying editors, a run that is killed or stopped, a full disk.

Whatever happens, no finished frame is lost or made twice, and the same command makes the same data set in the end.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from commands import COMMAND, answer, children_of, eventually, run_command, running
from runs import Quiet, Run, files_of
from small import write_recipe
from unrealsynth import resources
from unrealsynth import watch as watch_module
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest
from unrealsynth.editor_choice import Launch
from unrealsynth.editors import process as process_module
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import PROGRAM, EmbeddedEditor
from unrealsynth.errors import DataSetError, EditorError, EditorLostError, SelfCheckError
from unrealsynth.progress import Say
from unrealsynth.recipe import load_recipe, resolve
from unrealsynth.recipe.cache import cache_folder
from unrealsynth.run import RunOptions, generate_data_set

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

IMAGES = 10
PROGRAMS = Path(__file__).parent / "embedded" / "programs"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def reference(run: Run, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every run of these tests must come to in the end."""
    out = tmp_path_factory.mktemp("reference") / "set"
    run(recipe, out, images=IMAGES)
    return files_of(out)


class Witness(Quiet):
    """Does something to the editor at chosen moments of a run, and remembers what was said."""

    def __init__(self, act: Callable[[], None], at: Sequence[int] = (), note: str | None = None) -> None:
        super().__init__()
        self.said: list[str] = []
        self._act = act
        self._at = list(at)
        self._note = note

    def say(self, text: str) -> None:
        self.said.append(text)

    def step(self, note: str) -> None:
        if self._note is not None and self._note in note:
            self._note = None
            self._act()

    def frames(self, done: int, total: int) -> None:
        if self._at and done >= self._at[0]:
            self._at.pop(0)
            self._act()


class OwnEditor:
    """Launches a run's editors, in a group of the test's; `editor` is the last of them."""

    def __init__(
        self,
        group: Endpoint,
        plugin: Path | None = None,
        program: Sequence[str] = PROGRAM,
        kill_at_launch: bool = False,
    ) -> None:
        self._group = group
        self._plugin = plugin
        self._program = program
        self._kill_at_launch = kill_at_launch
        self.editor: EmbeddedEditor | None = None

    def launch(self, kind: str, project: Path | None, count: int, folder: Path, say: Say) -> list[EmbeddedEditor]:
        editors = [
            EmbeddedEditor(folder / f"editor-{number}", self._plugin, self._group, self._program)
            for number in range(count)
        ]
        for editor in editors:
            editor.launch()
        self.editor = editors[-1]
        if self._kill_at_launch:
            self.send(signal.SIGKILL)
        return editors

    def send(self, number: signal.Signals) -> None:
        if self.editor is not None and self.editor.pid is not None:
            os.kill(self.editor.pid, number)


def make(recipe: Path, out: Path, own: OwnEditor, witness: Quiet, editors: int = 1) -> None:
    generate_data_set(str(recipe), RunOptions(out=out, images=IMAGES, editors=editors), witness, own.launch)


def made_once(data_set: Path) -> bool:
    """Whether every frame of a complete set has exactly one line."""
    return sorted(entry.k for entry in read_manifest(data_set / MANIFEST_NAME)) == list(range(IMAGES))


@pytest.mark.parametrize("at", [(1,), pytest.param((2, 4, 7), marks=pytest.mark.slow)])
def test_an_editor_killed_between_frames(
    recipe: Path, reference: dict[str, str], group: Endpoint, tmp_path: Path, at: tuple[int, ...]
) -> None:
    own = OwnEditor(group)
    witness = Witness(lambda: own.send(signal.SIGKILL), at)
    make(recipe, tmp_path / "set", own, witness)
    assert files_of(tmp_path / "set") == reference
    assert made_once(tmp_path / "set")
    # Once for two kills where the dead editor's frames were still being collected.
    assert set(witness.said) == {"The editor ended unexpectedly. Starting it again."}
    assert 1 <= len(witness.said) <= len(at)


@pytest.mark.slow
def test_one_of_two_editors_killed(recipe: Path, reference: dict[str, str], group: Endpoint, tmp_path: Path) -> None:
    own = OwnEditor(group)
    make(recipe, tmp_path / "set", own, Witness(lambda: own.send(signal.SIGKILL), (2,)), editors=2)
    assert files_of(tmp_path / "set") == reference
    assert made_once(tmp_path / "set")


@pytest.mark.slow
def test_an_editor_killed_as_it_starts(
    recipe: Path, reference: dict[str, str], group: Endpoint, tmp_path: Path
) -> None:
    make(recipe, tmp_path / "set", OwnEditor(group, kill_at_launch=True), Quiet())
    assert files_of(tmp_path / "set") == reference


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_an_editor_killed_at_random_moments(
    recipe: Path, reference: dict[str, str], group: Endpoint, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    own = OwnEditor(group)
    over = threading.Event()
    kills = 0

    def kill() -> None:
        nonlocal kills
        # Fewer than the restarts in a row that are allowed: the moments may all lie before the first frame.
        while kills < watch_module.RESTART_LIMIT - 1 and not over.wait(dice.uniform(0.3, 2.0)):
            with contextlib.suppress(ProcessLookupError):
                own.send(signal.SIGKILL)
                kills += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        make(recipe, tmp_path / "set", own, Quiet())
    finally:
        over.set()
        killer.join()
    assert files_of(tmp_path / "set") == reference
    assert made_once(tmp_path / "set")


@pytest.mark.slow
def test_an_editor_that_is_killed_again_and_again_is_given_up(recipe: Path, group: Endpoint, tmp_path: Path) -> None:
    own = OwnEditor(group)

    class Killer(Quiet):
        def step(self, note: str) -> None:
            if own.editor is not None and own.editor.alive and "waiting for the editor" not in note:
                own.send(signal.SIGKILL)

    with pytest.raises(EditorLostError, match="without finishing a single frame"):
        make(recipe, tmp_path / "set", own, Killer())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "note"),
    [
        ((2,), None),  # while it makes frames, or has just gone on to the second environment
        ((), "measuring the light"),
    ],
)
def test_an_editor_that_hangs_is_started_again(
    recipe: Path,
    reference: dict[str, str],
    group: Endpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: tuple[int, ...],
    note: str | None,
) -> None:
    monkeypatch.setattr(watch_module, "SILENCE_LIMIT_S", 4.0)
    monkeypatch.setattr(watch_module, "BLOCKED_LIMIT_S", 4.0)
    monkeypatch.setattr(process_module, "STOP_TIMEOUT_S", 0.2)
    own = OwnEditor(group)
    witness = Witness(lambda: own.send(signal.SIGSTOP), at, note)
    make(recipe, tmp_path / "set", own, witness)
    assert witness.said == ["The editor gave no sign of life for 4 s. Starting it again."]
    assert files_of(tmp_path / "set") == reference


def test_a_lying_editor_is_found_out(recipe: Path, group: Endpoint, tmp_path: Path) -> None:
    own = OwnEditor(group, program=(sys.executable, str(PROGRAMS / "lying_editor.py")))
    with pytest.raises(SelfCheckError, match=r"in 3 of \d+ frames the boxes projected"):
        make(recipe, tmp_path / "set", own, Quiet())
    # Frames that failed before count, so trying again cannot complete the set.
    with pytest.raises(SelfCheckError, match=r"in 3 of \d+ frames the boxes projected"):
        make(recipe, tmp_path / "set", own, Quiet())


def test_another_version_of_the_plugin_is_refused(recipe: Path, group: Endpoint, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    shutil.copytree(resources.plugin_folder(), plugin, ignore=shutil.ignore_patterns("__pycache__"))
    module = plugin / "Content" / "Python" / "unrealsynth_plugin" / "__init__.py"
    text = module.read_text(encoding="utf-8")
    version = text.split('VERSION = "')[1].split('"')[0]
    module.write_text(text.replace(version, "9.8.7"), encoding="utf-8")
    with pytest.raises(EditorError, match=f"runs plugin 9.8.7, this is {version}; copy this version's plugin folder"):
        make(recipe, tmp_path / "set", OwnEditor(group, plugin), Quiet())
    assert not (tmp_path / "set").exists()


@pytest.fixture
def spoilt(recipe: Path, group: Endpoint) -> Launch:
    """Launches an editor with a model spoilt in its spool, as by a failing disk, which only the editor finds out."""
    (model,) = (m for m in resolve(load_recipe(recipe)).models if m.id == "cone")
    own = OwnEditor(group)

    def launch(kind: str, project: Path | None, count: int, folder: Path, say: Say) -> list[EmbeddedEditor]:
        editors = own.launch(kind, project, count, folder, say)
        spoilt = editors[0].saved_dir / "UnrealSynth" / model.file
        spoilt.parent.mkdir(parents=True)
        shutil.copy(cache_folder() / "blobs" / model.sha256, spoilt)
        data = bytearray(spoilt.read_bytes())
        data[:4] = b"oops"
        spoilt.write_bytes(data)
        return editors

    return launch


def test_what_the_editor_cannot_do_reaches_the_user(recipe: Path, spoilt: Launch, tmp_path: Path) -> None:
    with pytest.raises(EditorError, match="could not go on: Model cone cannot be imported"):
        generate_data_set(str(recipe), RunOptions(out=tmp_path / "set"), Quiet(), spoilt)


def test_a_full_disk_is_told_though_the_jobs_folder_had_filled_it(
    recipe: Path, spoilt: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(folder: Path) -> SimpleNamespace:
        jobs = list(folder.glob("editor-*/Saved/UnrealSynth/jobs/*"))
        return SimpleNamespace(free=0 if jobs else 1 << 30)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(DataSetError, match="The disk is full: 0 kB are left"):
        generate_data_set(str(recipe), RunOptions(out=tmp_path / "set"), Quiet(), spoilt)


class Interrupted:
    """A command that is stopped once its first image is on disk."""

    def __init__(self, recipe: Path, out: Path) -> None:
        self._out = out
        self._line = ("generate", recipe, "--out", out, "--images", str(IMAGES))
        self.children: list[psutil.Process] = []
        self.seconds = 0.0
        self.output = ""

    def run(self, number: signal.Signals) -> int:
        with running(*self._line) as process:
            assert eventually(lambda: any(self._out.glob("images/*/*.png"))), process.communicate(timeout=5)
            self.children = children_of(process)
            begin = time.monotonic()
            process.send_signal(number)
            _, self.output = process.communicate(timeout=20)
            self.seconds = time.monotonic() - begin
            # Before `running` ends what is left.
            ended = eventually(lambda: not any(child.is_running() for child in self.children), 10)
            assert ended, "an editor outlived its run"
            return process.returncode


def test_a_run_that_is_killed_goes_on(run: Run, recipe: Path, reference: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "set"
    killed = Interrupted(recipe, out)
    assert killed.run(signal.SIGKILL) == -signal.SIGKILL
    assert killed.children
    before = {path: path.stat().st_mtime_ns for path in out.glob("images/*/*.png")}
    finished = {entry.k for entry in read_manifest(out / MANIFEST_NAME)}
    run(recipe, out, images=IMAGES)
    assert files_of(out) == reference
    assert made_once(out)
    assert not (out / ".unrealsynth").exists()
    kept = [path for path, time_ns in before.items() if path.stat().st_mtime_ns == time_ns]
    assert len(kept) == len(finished)


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_run_that_is_interrupted_goes_on(
    run: Run, recipe: Path, reference: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "set"
    stopped = Interrupted(recipe, out)
    assert stopped.run(number) == 130
    assert stopped.children
    assert stopped.seconds < 2.0
    words = [line for line in stopped.output.splitlines() if line.startswith("unrealsynth: ")]
    assert len(words) == 1
    assert f"of {IMAGES} images finished in" in words[0]
    assert "Traceback" not in stopped.output
    assert list((out / ".unrealsynth").glob("editor-*")) == []
    run(recipe, out, images=IMAGES)
    assert files_of(out) == reference
    assert made_once(out)


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        (("generate", "quickstart"), "measuring models"),  # thirty seconds of building models
        pytest.param(("render", "quickstart"), "starting the editor", marks=pytest.mark.slow),
        pytest.param(("preview", "quickstart"), "starting the editor", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_is_heard_before_the_first_frame(tmp_path: Path, line: tuple[str, ...], moment: str) -> None:
    environment = {**os.environ, "UNREALSYNTH_CACHE": str(tmp_path / "cache")}
    with running(*line, cwd=tmp_path, env=environment) as process:
        assert process.stderr is not None
        assert any(moment in text for text in iter(process.stderr.readline, ""))
        time.sleep(0.3)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
        process.send_signal(signal.SIGINT)  # As when a program around this one passes it on.
        _, words = process.communicate(timeout=20)
        assert time.monotonic() - begin < 2.0
        assert process.returncode == 130
        assert "Traceback" not in words
        assert words.count("unrealsynth: ") == 1
        assert children_of(process) == []
    assert [path.name for path in tmp_path.iterdir()] in ([], ["cache"])


def test_two_runs_in_one_folder(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    line = ("generate", recipe, "--out", out)
    with running(*line, "--images", "500") as first:
        assert eventually((out / ".unrealsynth" / "lock").is_file)
        second = run_command(*line, "--json")
        assert first.poll() is None
    assert second.returncode == 4
    assert answer(second)["error"].startswith(f"{out} is being written by process {first.pid} on ")


def limited(limit_bytes: int) -> Callable[[], None]:
    """Run in a child: no file of its may grow larger, as on a disk that is full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))


def test_a_disk_that_takes_no_more(run: Run, recipe: Path, reference: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "set"
    line = [*COMMAND, "generate", str(recipe), "--out", str(out), "--images", str(IMAGES)]
    done = subprocess.run(
        line,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        preexec_fn=limited(20_000),  # the manifest has more
    )
    assert done.returncode == 4, done.stderr
    assert "The disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    finished = sorted(entry.k for entry in read_manifest(out / MANIFEST_NAME))
    assert 0 < len(finished) < IMAGES
    assert len(list(out.glob("images/*/*"))) == len(list(out.glob("labels/*/*"))) == len(finished)
    run(recipe, out, images=IMAGES)
    assert files_of(out) == reference
    assert made_once(out)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Sequence[str]]:
    """A command prefix under which `folder` is a disk of its own, for as long as the command runs."""
    folder.mkdir()
    unshare = shutil.which("unshare")
    prefix = [
        unshare or "unshare",
        "-Urm",
        "sh",
        "-c",
        f'mount -t tmpfs -o size={size} none "$0" && exec "$@"',
        str(folder),
    ]
    if unshare is None or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount")
    yield prefix


@pytest.mark.slow
@pytest.mark.parametrize("size", ["8k", "64k", "96k", "128k", "160k"])
def test_a_real_disk_that_is_full(recipe: Path, reference: dict[str, str], tmp_path: Path, size: str) -> None:
    """However far it gets: exit code 4, a sentence, and with more room the same command completes the set."""
    disk = tmp_path / "disk"
    command = [*COMMAND, "generate", str(recipe), "--out", str(disk / "set"), "--images", str(IMAGES)]
    # The disk goes with the process that mounted it, so both runs and the copy are one.
    script = '"$@"; code=$?; mount -o remount,size=50m "$DISK" && "$@" && cp -r "$DISK/set" "$COPY"; echo "$? $code"'
    with small_disk(disk, size) as prefix:
        done = subprocess.run(
            [*prefix, "sh", "-c", script, "sh", *command],
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=100,
            env={**os.environ, "DISK": str(disk), "COPY": str(tmp_path / "copy")},
        )
    assert done.stdout.splitlines()[-1] == "0 4", done.stderr
    assert "The disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_of(tmp_path / "copy") == reference
    assert made_once(tmp_path / "copy")


def test_what_killed_runs_left_is_removed(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    left = out / ".unrealsynth" / "editor-12345678" / "Saved"
    left.mkdir(parents=True)
    (left / "large").write_bytes(b"left by a run that was killed")
    done = run_command("generate", recipe, "--out", out, "--images", "4", "--frames", "1", "--json")
    assert answer(done)["finished"] == 1
    assert list((out / ".unrealsynth").glob("editor-*")) == []
