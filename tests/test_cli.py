"""Every command in a process of its own: what it prints where, with which exit code, and what it leaves on disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml
from PIL import Image

import unrealsynth
from commands import COMMAND, answer, children_of, eventually, run_command, running
from runs import Run, files_of
from small import write_recipe
from unrealsynth.cli import main
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest

COMMANDS = ("generate", "render", "init", "editors", "editor", "version")
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("wo die Rezepte sind"))


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed command says on stderr: sentences, no traceback, and nothing on stdout."""
    assert "Traceback" not in done.stderr
    assert "This is a bug" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def test_help_is_quick() -> None:
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        done = run_command("--help")
        seconds.append(time.monotonic() - begin)
        assert done.returncode == 0
        assert all(command in done.stdout for command in COMMANDS)
    assert min(seconds) < 0.3 * 2  # Twice the promise: other tests may run beside this one. 0.16 s on two free cores.


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, unrealsynth.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60)
    heavy = {"numpy", "scipy", "PIL", "pydantic", "moderngl", "yaml", "rich.progress", "upyrc", "trimesh"}
    assert heavy & set(done.stdout.split()) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_json_and_debug(command: str) -> None:
    done = run_command(command, "--help")
    assert done.returncode == 0
    assert "--json" in done.stdout
    assert "--debug" in done.stdout


def test_the_installed_command_is_this_one() -> None:
    script = Path(sys.executable).parent / ("unrealsynth.exe" if os.name == "nt" else "unrealsynth")
    done = subprocess.run([script, "version"], capture_output=True, encoding="utf-8", check=True, timeout=60)
    assert done.stdout == f"unrealsynth {unrealsynth.__version__}\n" == run_command("version").stdout


def test_version_as_json() -> None:
    done = run_command("version", "--json")
    assert answer(done) == {"ok": True, "version": unrealsynth.__version__}
    assert done.stderr == ""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with files in it that are wrong."""
    (tmp_path / "bad.yaml").write_text("images: many\nclasses: {a: gone.glb}\nobjekts: {}\n", encoding="utf-8")
    (tmp_path / "torn.yaml").write_text("classes: [\n", encoding="utf-8")
    (tmp_path / "model.glb").write_bytes(b"no model")
    (tmp_path / "model.yaml").write_text("classes: {a: model.glb}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("generate quickstrat", "There is no recipe quickstrat; did you mean quickstart?"),
        ("generate nowhere.yaml", "There is no recipe nowhere.yaml"),
        ("generate bad.yaml", "bad.yaml has 3 mistakes"),
        ("generate torn.yaml", "torn.yaml, line 2: this is not valid YAML"),
        ("generate model.yaml", "model.glb"),
        ("generate quickstart --frames 3,x", "--frames '3,x': 'x' is not a frame number"),
        ("generate quickstart --frames 9-7", "runs backwards"),
        ("generate quickstart --frames 12", "--frames names frame 12, but 12 images have the frames 0 to 11"),
        ("generate quickstart --images 0", "--images"),
        ("generate quickstart --jobs 0", "--jobs"),
        ("generate quickstart --seed one", "--seed"),
        ("generate quickstart --editor blender", "--editor"),
        ("generate quickstart --project .", "--project names an Unreal project; use it with --editor unreal"),
        ("generate quickstart --nonsense", "No such option: --nonsense"),
        ("generate", "Missing argument"),
        ("render quickstrat", "did you mean quickstart?"),
        ("render quickstart --frame -1", "--frame"),
        ("render quickstart --out picture.gif", "wanted a folder, or a file that ends in .png"),
        ("init nothing new", "There is no recipe nothing"),
        ("init model.glb new", "model.glb"),
        ("editors --timeout 0", "--timeout"),
        ("nonsense", "No such command"),
    ],
)
def test_mistakes_of_the_user_end_with_2(
    here: Path, line: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = sorted(here.iterdir())
    monkeypatch.setattr(sys, "argv", ["unrealsynth", *line.split()])
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert words in " ".join(printed.err.split())
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert sorted(here.iterdir()) == there


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("generate bad.yaml", "bad.yaml has 3 mistakes"),
        ("generate model.yaml", "model.glb"),
        ("generate --nonsense", "No such option"),
    ],
)
def test_so_they_do_in_a_process_of_its_own(here: Path, line: str, words: str) -> None:
    done = run_command(*line.split())
    assert done.returncode == 2
    assert words in told(done)


@pytest.mark.parametrize("line", [["generate", "quickstrat"], ["generate", "--nonsense"], ["init", "nothing", "new"]])
def test_json_is_one_object_for_mistakes_too(tmp_path: Path, line: list[str]) -> None:
    done = run_command(*line, "--json", cwd=tmp_path)
    error = answer(done)
    assert (error["ok"], error["exit_code"], done.returncode) == (False, 2, 2)
    assert error["error"] in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = run_command("generate", "quickstrat", "--debug", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_a_bug_ends_with_1_and_says_so(tmp_path: Path) -> None:
    code = """
import unrealsynth.starter
from unrealsynth.cli import main

def broken(*_):
    raise ZeroDivisionError("oh")

unrealsynth.starter.make_starter = broken
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "init", "new"], capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith("unrealsynth: This is a bug in UnrealSynth: ZeroDivisionError: oh.")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_no_unreal_editor_ends_with_3(tmp_path: Path, recipe: Path) -> None:
    line = ("generate", recipe, "--out", tmp_path / "set", "--editor", "unreal")
    done = run_command(*line)
    assert done.returncode == 3
    assert "No Unreal Editor answers" in told(done)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("file", "cannot be used for a data set: Not a directory"),
        ("file/below", "file/below cannot be used for a data set: Not a directory"),
        ("foreign", "is not empty and was not made by UnrealSynth"),
        pytest.param(
            "/sys/unrealsynth",
            "/sys/unrealsynth could not be written",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="where nobody may write"),
        ),
    ],
)
def test_a_folder_that_cannot_be_used_ends_with_4(tmp_path: Path, recipe: Path, place: str, words: str) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.txt").write_text("mine", encoding="utf-8")
    done = run_command("generate", recipe, "--out", tmp_path / place)
    assert done.returncode == 4
    assert words in told(done)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in (tmp_path / "foreign").iterdir()] == ["thesis.txt"]


def test_generate_with_every_option(run: Run, recipe: Path, tmp_path: Path) -> None:
    """In one go: a part, with more editors than frames; then the rest, which is what one run of all makes."""
    out = tmp_path / "große Daten" / "meine Menge ü"
    common = ("generate", recipe, "--out", out, "--images", "4", "--seed", "3", "--editor", "embedded", "--json")
    some = run_command(*common, "--frames", "1,3", "--jobs", "5", "--skip-bad-models")
    assert some.returncode == 0, some.stderr
    summary = answer(some)
    assert {key: summary[key] for key in ("ok", "data_set", "images", "finished", "made")} == {
        "ok": True,
        "data_set": str(out),
        "images": 4,
        "finished": 2,
        "made": 2,
    }
    assert Path(summary["yaml"]) == out / "synth.yaml"
    assert {path.name for path in out.glob("images/*/*")} == {"1.png", "3.png"}
    run(recipe, out, images=4, seed=3)
    run(recipe, tmp_path / "in one go", images=4, seed=3)
    assert files_of(out) == files_of(tmp_path / "in one go")
    anew = run_command("generate", recipe, "--out", out, "--images", "1", "--seed", "4", "--overwrite")
    assert anew.returncode == 0
    assert anew.stdout.startswith(f"1 of 1 images in {out}\n")
    assert [path.name for path in out.glob("images/*/*")] == ["0.png"]


def test_generate_writes_into_a_folder_named_like_the_recipe(recipe: Path, tmp_path: Path) -> None:
    done = run_command("generate", recipe, "--images", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "small" / "images" / "train" / "0.png").is_file()
    assert done.stdout.startswith("1 of 1 images in small\n")


def test_render_makes_one_frame_as_a_run_does(run: Run, recipe: Path, tmp_path: Path) -> None:
    done = run_command("render", recipe, "--frame", "2", "--out", tmp_path / "ein Bild.png", "--json")
    assert done.returncode == 0, done.stderr
    paths = {"image": str(tmp_path / "ein Bild.png"), "record": str(tmp_path / "ein Bild.json")}
    assert answer(done) == {"ok": True, **paths}
    entry = json.loads((tmp_path / "ein Bild.json").read_text(encoding="utf-8"))
    run(recipe, tmp_path / "set", images=3, frames=(2,))
    (made,) = read_manifest(tmp_path / "set" / MANIFEST_NAME)
    assert (entry["k"], entry["image_sha256"]) == (2, made.image_sha256)
    assert entry["objects"] == json.loads(json.dumps(made.objects))
    with Image.open(tmp_path / "ein Bild.png") as drawn, Image.open(tmp_path / "set" / made.image) as plain:
        assert drawn.size == plain.size
        assert drawn.tobytes() != plain.tobytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ein Bild.json", "ein Bild.png", "set"]


def test_init_makes_a_folder_to_start_from(tmp_path: Path) -> None:
    first = run_command("init", "roadworks", "new place", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert 'unrealsynth generate "new place' in first.stdout
    assert (tmp_path / "new place" / "roadworks.yaml").is_file()
    again = run_command("init", "roadworks", "new place", "--json", cwd=tmp_path)
    assert again.returncode == 2
    assert "has roadworks.yaml" in answer(again)["error"]


def test_init_writes_a_recipe_for_models(recipe: Path, tmp_path: Path) -> None:
    done = run_command("init", recipe.parent / "box.glb", recipe.parent / "cone.glb", tmp_path / "new", "--json")
    assert done.returncode == 0, done.stderr
    assert answer(done) == {"ok": True, "recipe": str(tmp_path / "new" / "recipe.yaml")}
    written = yaml.safe_load((tmp_path / "new" / "recipe.yaml").read_text(encoding="utf-8"))
    assert sorted(written["classes"]) == ["box", "cone"]


def is_ready(editor: subprocess.Popen[str]) -> bool:
    assert editor.stderr is not None
    return any("Ready." in line for line in iter(editor.stderr.readline, ""))


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_editor_in_the_foreground_answers_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    project = tmp_path / "projet à moi"
    with running("editor", project, "--json") as editor:
        assert is_ready(editor)
        rows = answer(run_command("editors", "--timeout", "0.5", "--json"))["editors"]
        (row,) = (row for row in rows if Path(row["project_root"]) == project)
        assert row["plugin_version"] == unrealsynth.__version__
        assert row["engine_version"].startswith("5.")
        (child,) = children_of(editor)
        editor.send_signal(number)
        out, words = editor.communicate(timeout=20)
    assert json.loads(out) == {"ok": True, "project": str(project)}
    assert editor.returncode == 0
    assert "Traceback" not in words
    assert not child.is_running()


@POSIX
def test_an_editor_in_the_foreground_ends_with_its_parent(tmp_path: Path) -> None:
    with running("editor", tmp_path / "project") as editor:
        assert is_ready(editor)
        (child,) = children_of(editor)
        editor.kill()
        editor.wait()
        assert eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)


def test_an_editor_that_cannot_start_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = run_command("editor", tmp_path / "file", "--json")
    assert done.returncode == 3
    assert answer(done)["exit_code"] == 3


@POSIX
def test_a_reader_that_has_enough_is_no_error() -> None:
    line = f"{' '.join(COMMAND)} version | true"
    done = subprocess.run(["sh", "-c", line], capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert done.stderr == ""
