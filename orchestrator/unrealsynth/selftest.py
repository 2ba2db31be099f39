"""The self-test of an editor: whether this engine version does what the plugin relies on.

The last result is kept in the project's spool, with the versions it is true of; a run in an Unreal Editor needs one in
which projection and ids are right.
"""

from __future__ import annotations

import contextlib
import json
import struct
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from unrealsynth.editors.remote import CommandConnection
from unrealsynth.editors.selection import Editor, EditorKind, Launch, launch_editors, stop_editors
from unrealsynth.errors import DataSetError, EditorError, EditorLostError, EditorTimeoutError, SelfCheckError
from unrealsynth.spool import Spool
from unrealsynth.testpictures import MODEL_BOUNDS_CM, Check, judge
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import DecodeError, decode
from unrealsynth_plugin.core.contract import Heartbeat, Job, Model
from unrealsynth_plugin.core.selftest import FULL, QUICK, SelfTestReport

Extent = Literal["quick", "full"]
RECORD_FORMAT = 1
_RECORD = "selftest.json"
_POLL_S = 0.05
_TOUCH_S = 1.0
_SILENCE_S = 120.0
_WORTH_SAYING_S = 30.0
_LONGEST_S = 3600.0
"""A first start compiles shaders for up to an hour."""
_COMMAND_S = 10.0
_VANISHED_S = 2.0
_CONNECT_S = 10.0
_COMMANDS_BYTES = (512, 3500, 65536)
"""The last is longer than any that this program sends, and may vanish."""
_REPLIES_BYTES = (1024, 262144)
_MODEL = "selftest_axes"


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
    def labels_ok(self) -> bool:
        """Whether nothing is wrong that labels depend on."""
        return all(check.ok is not False for check in self.checks if check.needed)

    def as_json(self) -> dict[str, object]:
        return {
            "ok": self.ok,
            "labels_ok": self.labels_ok,
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
        verdict = (
            "Everything is as it should be."
            if self.ok
            else "Labels can be trusted; pictures may not look as they should."
            if self.labels_ok
            else "Labels made in this editor would be wrong. Report this table, and the file of --record."
        )
        return "\n".join([f"Engine {self.report.engine_version}, plugin {self.report.plugin_version}", *lines, verdict])

    def transcript(self) -> dict[str, object]:
        """What this engine told, for comparing the stand-in with it: symbols, defaults, measured values."""
        told = asdict(self.report)
        kept = ("engine_version", "plugin_version", "python_version", "platform", "extent", "left_out", "failures")
        return {
            "format": RECORD_FORMAT,
            **{name: told[name] for name in kept},
            **{name: told[name] for name in ("symbols", "defaults", "console_variables")},
            "measured": {check.name: list(check.values) for check in self.checks if check.values},
            "failed": [check.name for check in self.checks if check.ok is False],
        }


def selftest(
    kind: EditorKind,
    project: Path | None,
    say: Callable[[str], None],
    extent: Extent = FULL,
    launch: Launch = launch_editors,
) -> SelfTestResult:
    """Tests the editor that is meant; an embedded one is started for it. Raises UnrealSynthError."""
    with tempfile.TemporaryDirectory(prefix="unrealsynth-", ignore_cleanup_errors=True) as folder:
        say("starting the editor")
        editors = launch(kind, project, 1, Path(folder))
        try:
            editors[0].wait_until_ready()
            return run_selftest(editors[0], say, extent)
        finally:
            stop_editors(editors)


def run_selftest(editor: Editor, say: Callable[[str], None], extent: Extent = FULL) -> SelfTestResult:
    """Tests an editor that answers, and keeps the result in its project."""
    glb = asymmetric_glb()
    digest = sha256(glb).hexdigest()
    model = Model(_MODEL, f"models/{digest}.glb", digest, MODEL_BOUNDS_CM, MODEL_BOUNDS_CM)
    job = Job(
        id=uuid.uuid4().hex,
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
    spool = Spool(editor.saved_dir)
    spool.ship({model.file: glb})
    folder = spool.open_job(job)
    try:
        editor.client.start(job.id)
        _wait(editor, folder.path, say, folder.heartbeat, folder.touch)
        report = _read_report(folder.path / _RECORD)
        checks = judge(report, folder.path)
    except BaseException:
        # Whatever ended the test here, the editor goes back to its user.
        with contextlib.suppress(EditorError):
            editor.client.cancel(job.id)
        raise
    finally:
        folder.remove()
    if extent == FULL:
        say("trying the command channel")
        checks += list(_command_sizes(editor))
    result = SelfTestResult(report, tuple(checks))
    _remember(editor, result)
    return result


def require_selftest(editors: Sequence[Editor], say: Callable[[str], None]) -> None:
    """Tests Unreal Editors in which no test was passed with these versions yet.

    Raises SelfCheckError where projection or ids are wrong: every label would be.
    """
    for editor in editors:
        if editor.client.info.is_embedded or _passed_before(editor):
            continue
        result = run_selftest(editor, say, QUICK)
        if not result.labels_ok:
            wrong = "; ".join(f"{c.name}: {c.measured}" for c in result.checks if c.needed and c.ok is False)
            raise SelfCheckError(
                f"Labels made in the editor of {editor.client.info.project_root} ({result.report.engine_version}) "
                f"would be wrong ({wrong}). Run `unrealsynth selftest --editor unreal` and report what it says."
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


def _wait(
    editor: Editor,
    folder: Path,
    say: Callable[[str], None],
    heartbeat: Callable[[], Heartbeat | None],
    touch: Callable[[], None],
) -> None:
    begun = last_sign = touched = time.monotonic()
    before: Heartbeat | None = None
    while True:
        now = time.monotonic()
        beat = heartbeat()
        if beat is not None and beat != before:
            before, last_sign = beat, now
            say(beat.note)
            if beat.state == "done":
                return
            if beat.state in ("failed", "cancelled"):
                raise EditorError(f"The self-test was not carried out: {beat.error or beat.note}")
        if now - last_sign > _WORTH_SAYING_S:
            quiet_s = (now - last_sign) // _WORTH_SAYING_S * _WORTH_SAYING_S
            note = before.note if before else "waiting"
            say(f"{note} (silent for {quiet_s:.0f} s: it compiles shaders, or shows a dialog)")
        if not editor.alive:
            raise EditorLostError(
                f"The editor ended during the self-test, after: {before.note if before else 'start'}."
            )
        blocks = before is not None and before.state == "preparing"
        if now - begun > _LONGEST_S or (now - last_sign > _SILENCE_S and not blocks):
            raise EditorTimeoutError(
                f"The editor gave no sign of life for {now - last_sign:.0f} s during the self-test in {folder}. "
                "It may show a dialog; look at it and try again."
            )
        if now - touched > _TOUCH_S:
            touch()
            touched = now
        time.sleep(_POLL_S)


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
    path = editor.saved_dir / "UnrealSynth" / _RECORD
    fresh = path.with_name(path.name + ".part")
    data = {"format": RECORD_FORMAT, "extent": result.report.extent, "time_s": time.time(), **result.as_json()}
    try:
        fresh.write_text(json.dumps(data, indent=1), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise DataSetError(f"Cannot write {path}: {error.strerror or error}. Free some space and try again.") from error


def _passed_before(editor: Editor) -> bool:
    record: Mapping[str, object] = {}
    with contextlib.suppress(OSError, ValueError):
        data = json.loads((editor.saved_dir / "UnrealSynth" / _RECORD).read_text(encoding="utf-8"))
        record = data if isinstance(data, dict) else {}
    version = editor.client.version()
    wanted = (RECORD_FORMAT, version.engine_version, version.plugin_version, True)
    return tuple(record.get(name) for name in ("format", "engine_version", "plugin_version", "labels_ok")) == wanted
