"""The self-test of an editor: whether this engine version does what the plugin relies on.

The last result is kept in the project's spool, with the versions it is true of; a run in an Unreal Editor needs one in
which all is right that its own labels depend on.
"""

from __future__ import annotations

import contextlib
import json
import struct
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from unrealsynth.editor_choice import Editor, EditorKind, Launch, launch_editors, stop_editors
from unrealsynth.editors.remote import CommandConnection
from unrealsynth.errand import Errand
from unrealsynth.errors import DataSetError, EditorError, SelfCheckError
from unrealsynth.files import patiently
from unrealsynth.progress import Say
from unrealsynth.recipe import ResolvedRecipe
from unrealsynth.spool import JobFolder
from unrealsynth.testpictures import MODEL_BOUNDS_CM, Check, Use, judge
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import DecodeError, decode
from unrealsynth_plugin.core.contract import Job, Model
from unrealsynth_plugin.core.selftest import FULL, QUICK, SelfTestReport
from unrealsynth_plugin.core.spool_files import SELFTEST, SPOOL

Extent = Literal["quick", "full"]
RECORD_FORMAT = 2
_RECORD = "selftest.json"
"""In the spool: what came of the last one."""
_COMMAND_S = 10.0
_VANISHED_S = 2.0
_CONNECT_S = 10.0
_COMMANDS_BYTES = (512, 4096, 65536)
"""The last is longer than any that this program sends, and may vanish."""
_REPLIES_BYTES = (1024, 262144)
_MODEL = "selftest_axes"
_WRONG: dict[Use, str] = {
    "labels": "all labels",
    "levels": "labels in levels of the project",
    "visibility": "how much of each object is seen",
}


@dataclass(frozen=True)
class SelfTestResult:
    """What an editor told, and what is to be thought of it."""

    report: SelfTestReport
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok is not False for check in self.checks)

    @property
    def unfit_for(self) -> frozenset[Use]:
        """What would come out wrong."""
        return frozenset(check.needed_for for check in self.checks if check.ok is False and check.needed_for)

    def as_json(self) -> dict[str, object]:
        return {
            "ok": self.ok,
            "unfit_for": sorted(self.unfit_for),
            "engine_version": self.report.engine_version,
            "plugin_version": self.report.plugin_version,
            "checks": [asdict(check) for check in self.checks],
        }

    def as_text(self) -> str:
        marks = {True: "pass", False: "FAIL", None: "-"}
        width = max(len(check.name) for check in self.checks)
        lines = [
            f"{marks[check.ok]:4}  {check.name:{width}}  {check.measured}"
            + (f"  (wanted: {check.wanted})" if check.ok is False else "")
            for check in self.checks
        ]
        told = self.report
        head = f"Engine {told.engine_version}, plugin {told.plugin_version}, its Python {told.python_version}"
        return "\n".join([head, *lines, self._verdict()])

    def _verdict(self) -> str:
        if self.ok:
            return "Everything is as it should be."
        if not self.unfit_for:
            return "Labels can be trusted; pictures may not look as they should."
        wrong = " and ".join(_WRONG[use] for use in _WRONG if use in self.unfit_for)
        return f"What is made in this editor would be wrong: {wrong}. Report this table, and the file of --record."

    def transcript(self) -> dict[str, object]:
        """What this engine told, for comparing the stand-in with it: symbols, defaults, measured values."""
        told = asdict(self.report)
        about = ("engine_version", "plugin_version", "python_version", "platform", "extent")
        found = ("symbols", "defaults", "console_variables", "left_out", "failures", "not_measured")
        return {
            "format": RECORD_FORMAT,
            **{name: told[name] for name in (*about, *found)},
            "measured": {check.name: list(check.values) for check in self.checks if check.values},
            "failed": [check.name for check in self.checks if check.ok is False],
        }


def selftest(
    kind: EditorKind,
    project: Path | None,
    say: Say,
    extent: Extent = FULL,
    launch: Launch = launch_editors,
) -> SelfTestResult:
    """Tests the editor that is meant; an embedded one is started for it. Raises UnrealSynthError."""
    with tempfile.TemporaryDirectory(prefix="unrealsynth-", ignore_cleanup_errors=True) as folder:
        say("starting the editor")
        editors = launch(kind, project, 1, Path(folder), say)
        try:
            editors[0].wait_until_ready()
            return run_selftest(editors[0], say, extent)
        finally:
            stop_editors(editors)


def run_selftest(editor: Editor, say: Say, extent: Extent = FULL) -> SelfTestResult:
    """Tests an editor that answers, and keeps the result in its project."""
    glb = asymmetric_glb()
    digest = sha256(glb).hexdigest()
    model = Model(_MODEL, f"models/{digest}.glb", digest, MODEL_BOUNDS_CM, MODEL_BOUNDS_CM)
    job = Job(
        id="",
        plugin_version=VERSION,
        fingerprint="selftest",
        seed=0,
        resolution=(64, 64),
        frames=(),
        classes=(),
        models=(model,),
        environments=(),
        selftest=extent,
        leave_unsaved=editor.leave_unsaved,
    )
    errand = Errand(job, "The self-test was not carried out", {model.file: glb})
    report, checks = errand.run(editor, _judged, say)
    if extent == FULL:
        say("trying the command channel")
        checks += list(_command_sizes(editor))
    result = SelfTestResult(report, tuple(checks))
    _remember(editor, result)
    return result


def uses_of(recipe: ResolvedRecipe) -> frozenset[Use]:
    """What must come out right for the labels of a recipe."""
    uses: set[Use] = {"labels"}
    if any(environment.level is not None for environment in recipe.environments):
        uses.add("levels")
    if recipe.captures.visibility:
        uses.add("visibility")
    return frozenset(uses)


def require_selftest(editors: Sequence[Editor], uses: frozenset[Use], say: Say) -> None:
    """Tests Unreal Editors in which no test was passed with these versions yet.

    Raises SelfCheckError where something is wrong that is used.
    """
    for editor in editors:
        if editor.client.info.is_embedded or _passed_before(editor, uses):
            continue
        result = run_selftest(editor, say, QUICK)
        failed = [check for check in result.checks if check.ok is False and check.needed_for in uses]
        if failed:
            raise SelfCheckError(
                f"Labels made in the editor of {editor.client.info.project_root} ({result.report.engine_version}) "
                f"would be wrong ({'; '.join(f'{check.name}: {check.measured}' for check in failed)}). "
                "Run `unrealsynth selftest --editor unreal` and report what it says."
            )


def write_record(path: Path, result: SelfTestResult) -> None:
    """Writes what the engine told, for comparing. Raises DataSetError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result.transcript(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataSetError(f"Cannot write {path}: {error.strerror or error}. Choose another place.") from error


def asymmetric_glb() -> bytes:
    """A box of 1 × 2 × 3 m whose corners tell every axis and sign apart, as bare glTF."""
    low, high = (-0.2, -0.5, -2.0), (0.8, 1.5, 1.0)
    corners = [(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
    faces = (0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3)
    data = b"".join(struct.pack("<3f", *corner) for corner in corners) + struct.pack(f"<{len(faces)}H", *faces)
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "axes"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3", "min": list(low), "max": list(high)},
            {"bufferView": 1, "componentType": 5123, "count": len(faces), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 96},
            {"buffer": 0, "byteOffset": 96, "byteLength": 2 * len(faces)},
        ],
        "buffers": [{"byteLength": len(data)}],
    }
    text = json.dumps(document).encode("ascii")
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(data), 0x004E4942) + data
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def _judged(folder: JobFolder) -> tuple[SelfTestReport, list[Check]]:
    report = _read_report(folder.path / SELFTEST)
    return report, judge(report, folder.path)


def _read_report(path: Path) -> SelfTestReport:
    try:
        return decode(SelfTestReport, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, DecodeError) as error:
        raise EditorError(f"The self-test left no report that can be read: {error}. Run it again.") from error


def _command_sizes(editor: Editor) -> Iterator[Check]:
    answers = [_command_arrives(editor, size) for size in _COMMANDS_BYTES]
    sizes = [f"{size} B {'answered' if ok else 'lost'}" for size, ok in zip(_COMMANDS_BYTES, answers, strict=True)]
    yield Check("commands", all(answers[:-1]), ", ".join(sizes), "all but the longest answered")
    replies = [_reply_arrives(editor, size) for size in _REPLIES_BYTES]
    texts = [f"{size} B {'whole' if ok else 'lost'}" for size, ok in zip(_REPLIES_BYTES, replies, strict=True)]
    yield Check("replies", all(replies), ", ".join(texts), "all whole")


def _command_arrives(editor: Editor, size: int) -> bool:
    """On a connection of its own, because a command that an editor drops costs the connection."""
    command = f"len('{'a' * size}')"
    # Ours is closed first: an editor has one connection.
    editor.client.close()
    try:
        with CommandConnection(editor.client.info.node_id, editor.client.group, _CONNECT_S) as connection:
            timeout_s = _VANISHED_S if size == _COMMANDS_BYTES[-1] else _COMMAND_S
            reply = connection.send(command, timeout_s=timeout_s, longest_bytes=2 * len(command))
    except EditorError:
        return False
    return reply.result == str(size)


def _reply_arrives(editor: Editor, size: int) -> bool:
    try:
        return editor.client.evaluate(f"'a' * {size}") == repr("a" * size)
    except EditorError:
        return False


def _remember(editor: Editor, result: SelfTestResult) -> None:
    path = editor.saved_dir / SPOOL / _RECORD
    fresh = path.with_name(path.name + ".part")
    data = {"format": RECORD_FORMAT, "extent": result.report.extent, "time_s": time.time(), **result.as_json()}
    try:
        fresh.write_text(json.dumps(data, indent=1), encoding="utf-8")
        patiently(lambda: fresh.replace(path))
    except OSError as error:
        raise DataSetError(f"Cannot write {path}: {error.strerror or error}. Free some space and try again.") from error


def _passed_before(editor: Editor, uses: frozenset[Use]) -> bool:
    record: Mapping[str, object] = {}
    with contextlib.suppress(OSError, ValueError):
        data = json.loads((editor.saved_dir / SPOOL / _RECORD).read_text(encoding="utf-8"))
        record = data if isinstance(data, dict) else {}
    version = editor.client.version()
    wanted = (RECORD_FORMAT, version.engine_version, version.plugin_version)
    unfit_for = record.get("unfit_for")
    return (
        tuple(record.get(name) for name in ("format", "engine_version", "plugin_version")) == wanted
        and isinstance(unfit_for, list)
        and uses.isdisjoint(unfit_for)
    )
