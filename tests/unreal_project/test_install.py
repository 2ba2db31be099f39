"""Installing and removing: what changes on disk, and that nothing is left."""

from __future__ import annotations

import codecs
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing import violations
from unrealsynth import resources
from unrealsynth.errors import EditorError, ProjectError
from unrealsynth.unreal_project import plugin_folder, running, settings, text_file
from unrealsynth.unreal_project.ini import value_of
from unrealsynth.unreal_project.install import install
from unrealsynth.unreal_project.project import Project, open_project
from unrealsynth.unreal_project.uninstall import uninstall

ENGINE_INI = "Config/DefaultEngine.ini"


def snapshot(folder: Path) -> dict[str, bytes | str | None]:
    """Every file's bytes, every link's target, and the folders."""
    found: dict[str, bytes | str | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = str(path.readlink()) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
    return found


@pytest.fixture(autouse=True)
def nobody_answers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PING_S", 0.01)


def test_installed_and_removed_without_a_trace(project: Project) -> None:
    before = snapshot(project.folder)
    report = install(project)
    assert len(report.changes) == 6  # the plugin, four settings, the project file
    changed = open_project(project.file)
    assert plugin_folder.digest(project.plugin_folder) == plugin_folder.digest(resources.plugin_folder())
    assert not list(project.plugin_folder.rglob("__pycache__"))
    for setting in settings.settings():
        assert value_of(changed.ini_text(setting.file), setting.section, setting.key) == setting.value
    names = [entry["Name"] for entry in changed.description["Plugins"]]
    assert names == [
        "UnrealSynth",
        "PythonScriptPlugin",
        "EditorScriptingUtilities",
        "Interchange",
        "InterchangeEditor",
    ]
    (backup,) = (project.spool / "backup").iterdir()
    assert (backup / project.file.name).read_bytes() == before[project.file.name]
    assert (backup / "DefaultEngine.ini").read_bytes() == before[ENGINE_INI]
    uninstall(changed)
    assert snapshot(project.folder) == before


def test_only_these_lines_are_written(project: Project) -> None:
    install(project)
    written = (project.folder / ENGINE_INI).read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line and line[0] != "[" and "Endpoint" not in line] == [
        "bRemoteExecution=True",
        f"RemoteExecutionMulticastBindAddress={'127.0.0.1' if os.name == 'nt' else '0.0.0.0'}",
        "r.CustomDepth=3",
    ]
    assert (project.folder / "Config/DefaultEditorSettings.ini").read_text(encoding="utf-8").splitlines() == [
        "[/Script/UnrealEd.EditorPerformanceSettings]",
        "bThrottleCPUWhenNotForeground=False",
    ]


@pytest.mark.parametrize(("platform", "address"), [("win32", "127.0.0.1"), ("linux", "0.0.0.0"), ("darwin", "0.0.0.0")])
def test_the_bind_address_of_each_system(platform: str, address: str) -> None:
    (found,) = [setting for setting in settings.settings(platform) if setting.key == settings.BIND_ADDRESS]
    assert found.value == address


def test_a_second_time_changes_nothing(project: Project) -> None:
    install(project)
    before = snapshot(project.folder)
    report = install(open_project(project.file))
    assert report.changes == ()
    assert report.as_text() == "Nothing to change."
    assert snapshot(project.folder) == before


def test_a_dry_run_says_the_same_and_changes_nothing(project: Project) -> None:
    before = snapshot(project.folder)
    planned = install(project, dry_run=True)
    assert snapshot(project.folder) == before
    assert planned.changes == install(project).changes


ENCODINGS = {
    "UTF-8": (b"", "utf-8"),
    "UTF-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "UTF-16 LE": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 BE": (codecs.BOM_UTF16_BE, "utf-16-be"),
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_encoding_and_line_ends_are_kept(project: Project, encoding: tuple[bytes, str], end: str) -> None:
    mark, name = encoding
    files = {
        ENGINE_INI: f"[URL]{end}Name=Höhle{end}{end}[/Script/Engine.RendererSettings]{end}r.CustomDepth=1{end}",
        project.file.name: f'{{{end}    "FileVersion": 3,{end}    "Description": "é"{end}}}{end}',
    }
    for path, text in files.items():
        (project.folder / path).write_bytes(mark + text.encode(name))
    before = snapshot(project.folder)
    install(open_project(project.file))
    for path, text in files.items():
        data = (project.folder / path).read_bytes()
        assert data.startswith(mark)
        now = data[len(mark) :].decode(name)
        assert now.count("\n") == now.count(end)
        assert now.count("\r") == (now.count("\n") if end == "\r\n" else 0)
        assert [line for line in text.split(end) if line not in now.split(end)] == (
            ["r.CustomDepth=1"] if path == ENGINE_INI else ['    "Description": "é"']  # followed by a comma now
        )
    uninstall(open_project(project.file))
    assert snapshot(project.folder) == before


@hypothesis.settings(max_examples=25)  # Each writes to disk; the edits themselves are tried in test_ini.
@given(st.binary(max_size=60), st.sampled_from(["", "[/Script/Engine.RendererSettings]\nr.CustomDepth=1"]))
def test_any_configuration_comes_back(tmp_path_factory: pytest.TempPathFactory, data: bytes, start: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "Config").mkdir()
    (folder / "A.uproject").write_text("{}", encoding="utf-8")
    (folder / ENGINE_INI).write_bytes(start.encode() + data)
    project = open_project(folder)
    before = snapshot(folder)
    try:
        install(project, link=True)
    except ProjectError:
        assert snapshot(folder) == before
        return
    uninstall(open_project(folder))
    assert snapshot(folder) == before


def test_what_the_user_changed_since_is_kept(installed: Project) -> None:
    ini = installed.folder / ENGINE_INI
    text = ini.read_text(encoding="utf-8").replace("r.CustomDepth=3", "r.CustomDepth=1\nr.Mine=5")
    ini.write_text(text + "[Theirs]\nKey=1\n", encoding="utf-8")
    project_file = json.loads(installed.file.read_text(encoding="utf-8"))
    project_file["Plugins"].append({"Name": "Water", "Enabled": True})
    installed.file.write_text(json.dumps(project_file, indent="\t"), encoding="utf-8")
    report = uninstall(open_project(installed.file))
    assert any("r.CustomDepth" in note for note in report.notes)
    left = ini.read_text(encoding="utf-8")
    assert "bRemoteExecution" not in left
    assert left.endswith("r.CustomDepth=1\nr.Mine=5\n[Theirs]\nKey=1\n")
    now = open_project(installed.file).description
    assert now["Plugins"] == [{"Name": "Water", "Enabled": True}]
    # What could not be put back is still to be had.
    assert list((installed.spool / "backup").rglob("DefaultEngine.ini"))


def test_installed_again_after_an_edit_and_removed(installed: Project) -> None:
    ini = installed.folder / ENGINE_INI
    ini.write_text(ini.read_text(encoding="utf-8").replace("r.CustomDepth=3", "r.CustomDepth=0"), encoding="utf-8")
    assert len(install(open_project(installed.file)).changes) == 1
    assert "r.CustomDepth=3" in ini.read_text(encoding="utf-8")
    uninstall(open_project(installed.file))
    assert "r.CustomDepth=0" in ini.read_text(encoding="utf-8")
    assert "bRemoteExecution" not in ini.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_is_made_and_only_unlinked(project: Project) -> None:
    before, shipped = snapshot(project.folder), plugin_folder.digest(resources.plugin_folder())
    install(project, link=True)
    assert plugin_folder.is_link(project.plugin_folder)
    assert project.plugin_folder.samefile(resources.plugin_folder())
    assert install(open_project(project.file), link=True).changes == ()
    uninstall(open_project(project.file))
    assert snapshot(project.folder) == before
    assert plugin_folder.digest(resources.plugin_folder()) == shipped


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_copy_takes_the_place_of_a_link_and_back(project: Project) -> None:
    install(project, link=True)
    install(open_project(project.file))
    assert not plugin_folder.is_link(project.plugin_folder)
    install(open_project(project.file), link=True)
    assert plugin_folder.is_link(project.plugin_folder)
    assert plugin_folder.version(resources.plugin_folder()) is not None


def test_an_older_plugin_is_replaced_and_an_edited_one_kept(installed: Project) -> None:
    script = installed.plugin_folder / "Content/Python/init_unreal.py"
    script.write_text("# mine\n", encoding="utf-8")
    (change,) = install(installed).changes
    assert change.startswith("Plugins/UnrealSynth: version ")
    assert script.read_text(encoding="utf-8") != "# mine\n"
    (kept,) = (installed.spool / "backup").rglob("init_unreal.py")
    assert kept.read_text(encoding="utf-8") == "# mine\n"
    script.write_text("# mine again\n", encoding="utf-8")
    assert any("kept in" in note for note in uninstall(open_project(installed.file)).notes)
    assert not installed.plugin_folder.exists()


@pytest.mark.parametrize("link", [False, True])
def test_files_that_somebody_has_open_for_a_moment(
    project: Project, monkeypatch: pytest.MonkeyPatch, link: bool
) -> None:
    before = snapshot(project.folder)
    # Not all that is in the plugin's folder: that would be a scanner which keeps up with us.
    ending = (".uproject", ".ini", ".json", "init_unreal.py", "UnrealSynth", "Config", "plugin")
    failed = violations(monkeypatch, ending=ending)
    install(project, link=link)
    script = project.plugin_folder / "Content/Python/init_unreal.py"
    if not link:
        script.write_text("# mine\n", encoding="utf-8")
    install(open_project(project.file), link=link)
    assert (len(list((project.spool / "backup").rglob("init_unreal.py"))) == 1) is not link
    shutil.rmtree(project.spool / "backup" / "plugin", ignore_errors=True)
    uninstall(open_project(project.file))
    left = snapshot(project.folder)
    assert {name: left[name] for name in before} == before
    assert not [name for name in left if not name.startswith("Saved") and name not in before]
    assert {name for name, _ in failed} == {"replace", "rename", "unlink", "rmdir"} - ({"rename"} if link else set())


def test_generated_assets_go_and_frames_stay(installed: Project) -> None:
    (installed.generated_folder / "Models").mkdir(parents=True)
    (installed.generated_folder / "Models" / "a.uasset").write_bytes(b"x")
    (installed.spool / "jobs" / "a-1").mkdir(parents=True)
    notes = uninstall(installed).notes
    assert not installed.generated_folder.exists()
    assert (installed.spool / "jobs" / "a-1").is_dir()
    assert str(installed.spool) in notes[-1]


def test_without_a_record_no_setting_is_touched(installed: Project) -> None:
    (installed.folder / "Plugins" / "UnrealSynth.install.json").unlink()
    before = (installed.folder / ENGINE_INI).read_bytes()
    report = uninstall(installed)
    assert report.changes == ("Plugins/UnrealSynth: removed",)
    assert "r.CustomDepth=3" in report.notes[0]
    assert (installed.folder / ENGINE_INI).read_bytes() == before
    assert uninstall(open_project(installed.file)).changes == ()


def record_of(folder: str) -> bytes:
    lists: dict[str, list[str]] = {"files": [], "folders": [folder], "backups": []}
    return json.dumps({"format": 1, "version": "1", "linked": False, "plugin_sha256": "", **lists}).encode()


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("Mine.uproject", b'{"FileVersion": 3,}', "not plain JSON"),
        ("Mine.uproject", b"", "not plain JSON"),
        (ENGINE_INI, "[A]\n".encode("utf-16-le"), "NUL bytes"),
        ("Plugins/UnrealSynth/theirs.txt", b"", "not this plugin"),
        ("Plugins/UnrealSynth.install.json", b"{}", "not a record"),
        ("Plugins/UnrealSynth.install.json", record_of("../elsewhere"), "leads out"),
        ("Plugins/UnrealSynth.install.json", record_of("C:\\elsewhere"), "leads out"),
    ],
)
def test_what_cannot_be_done_safely_changes_nothing(project: Project, path: str, data: bytes, message: str) -> None:
    (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (project.folder / path).write_bytes(data)
    before = snapshot(project.folder)
    with pytest.raises(ProjectError, match=message):
        install(open_project(project.file))
    assert snapshot(project.folder) == before


def test_a_read_only_file_changes_nothing(project: Project) -> None:
    (project.folder / ENGINE_INI).chmod(0o444)
    before = snapshot(project.folder)
    with pytest.raises(ProjectError, match="read-only"):
        install(project)
    assert snapshot(project.folder) == before


@pytest.mark.parametrize("failing", ["DefaultEngine.ini", "DefaultEditorSettings.ini", "Mine.uproject", "copy"])
def test_a_failure_half_way_puts_everything_back(
    project: Project, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(project.folder)
    write = text_file.write

    def failing_write(path: Path, data: bytes) -> None:
        name = path.relative_to(project.folder).as_posix()
        if name in {failing, f"Config/{failing}"} and data != before.get(name):
            raise ProjectError("The disk is full.")
        write(path, data)

    def failing_copy(*_: object) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(text_file, "write", failing_write)
    if failing == "copy":
        monkeypatch.setattr(plugin_folder, "copy", failing_copy)
    with pytest.raises(ProjectError, match="The disk is full"):
        install(project)
    assert snapshot(project.folder) == before


KILLED = """
import os, sys
from pathlib import Path
from unrealsynth.unreal_project import text_file
from unrealsynth.unreal_project.install import install
from unrealsynth.unreal_project.project import open_project
write, left = text_file.write, [int(sys.argv[2])]
def dying_write(path, data):
    left[0] -= 1
    if left[0] < 0:
        os._exit(9)
    write(path, data)
text_file.write = dying_write
install(open_project(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("writes", range(6))
def test_killed_half_way_and_given_again(project: Project, writes: int) -> None:
    before = snapshot(project.folder)
    command = [sys.executable, "-c", KILLED, str(project.file), str(writes)]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9
    if writes % 2:  # Either way out of it.
        install(open_project(project.file))
        assert install(open_project(project.file)).changes == ()
        uninstall(open_project(project.file))
        assert snapshot(project.folder) == before
    else:
        uninstall(open_project(project.file))
        left = snapshot(project.folder).items()
        # The backup stays, because not all that was to be written was found.
        assert {name: data for name, data in left if data is not None and "backup" not in name} == {
            name: data for name, data in before.items() if data is not None
        }


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("association", ["5.2", "5.0", "4.27"])
def test_not_into_a_project_of_an_engine_that_is_too_old(project: Project, association: str, dry_run: bool) -> None:
    text = project.file.read_text(encoding="utf-8").replace('"5.6"', f'"{association}"')
    project.file.write_text(text, encoding="utf-8")
    before = snapshot(project.folder)
    with pytest.raises(ProjectError, match=rf"project of Unreal {association}; the plugin needs 5\.3.*newer engine"):
        install(open_project(project.file), dry_run=dry_run)
    assert snapshot(project.folder) == before


@pytest.mark.parametrize("association", ["5.3", "5.10", "{E4B2B0B8-4F4C-1234-9F1B-0123456789AB}", "", "../UE"])
def test_into_one_of_an_engine_of_which_nothing_speaks_against(project: Project, association: str) -> None:
    text = project.file.read_text(encoding="utf-8").replace('"5.6"', f'"{association}"')
    project.file.write_text(text, encoding="utf-8")
    assert install(open_project(project.file)).changes


@pytest.mark.parametrize("name", ["Plugins", "Config", "Saved"])
def test_a_file_where_a_folder_belongs(project: Project, name: str) -> None:
    if (project.folder / name).is_dir():
        (project.folder / name).rename(project.folder / "Old")
    (project.folder / name).write_bytes(b"")
    before = snapshot(project.folder)
    with pytest.raises(ProjectError, match=f"{name} is a file, where Unreal has a folder; move it away"):
        install(project)
    assert snapshot(project.folder) == before


def test_not_while_an_editor_has_it_open(installed: Project) -> None:
    running_here = {"state": "running", "pid": os.getpid(), "time_s": 1e12, "ticks": 5, "plugin_version": "0.1.0"}
    crashed, here = installed.spool / "editors" / "1-a", installed.spool / "editors" / "2-b"
    for folder in (crashed, here):
        folder.mkdir(parents=True)
        (folder / "lock").touch()
    # One that ended, or a number that another process has by now, does not count.
    (crashed / "editor.json").write_text(json.dumps({**running_here, "time_s": 0.0}), encoding="utf-8")
    (here / "editor.json").write_text(json.dumps(running_here), encoding="utf-8")
    before = snapshot(installed.folder)
    with pytest.raises(EditorError, match=f"process {os.getpid()}.*open"):
        uninstall(installed)
    assert snapshot(installed.folder) == before
    (here / "editor.json").write_text(json.dumps({**running_here, "state": "ended"}), encoding="utf-8")
    assert running.editor_of(installed) is None
    uninstall(installed)
    assert not (installed.spool / "editors").exists()


@pytest.mark.parametrize(
    ("names", "path", "message"),
    [
        ([], "", "none of the kind"),
        (["A.uproject", "B.uproject"], "", "A.uproject, B.uproject"),
        (["A.uproject", "A.umap"], "A.umap", "not a .uproject"),
        (["A.uproject"], "Elsewhere", "does not exist"),
        (["A.uproject"], "B.uproject", "does not exist"),
    ],
)
def test_what_is_no_project(tmp_path: Path, names: list[str], path: str, message: str) -> None:
    for name in names:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(ProjectError, match=message):
        open_project(tmp_path / path)
