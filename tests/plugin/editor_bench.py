"""A hand-made model and the orchestrator's part of a job, for tests that drive a real embedded editor process."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import trimesh

from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.settling import Settling
from unrealsynth.spool import JobFolder
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import decode, encode
from unrealsynth_plugin.core.contract import FrameRecord, Heartbeat, Job, Model, ObjectClass, Prepared

TIMEOUT_S = 60.0
CRATE_M = (1.0, 0.5, 2.0)
"""Sides of the crate along glTF's x, y (up) and z. In Unreal it reaches 100 cm along X, 200 along Y and 50 along Z."""
CRATE_CM = ((-50.0, -100.0, 0.0), (50.0, 100.0, 50.0))


class EditorBench:
    """An editor process, its spool, and what the orchestrator does with them."""

    def __init__(self, editor: EmbeddedEditor) -> None:
        self.editor = editor
        self.client = editor.client
        self.spool = editor.saved_dir / "UnrealSynth"
        self.crate = self.model("crate", crate_glb())

    def model(self, name: str, glb: bytes) -> Model:
        """Puts a GLB into the spool; its bounds are the crate's."""
        digest = hashlib.sha256(glb).hexdigest()
        self.put(f"models/{digest}.glb", glb)
        low, high = CRATE_CM
        hull = tuple((x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2]))
        return Model(name, f"models/{digest}.glb", digest, CRATE_CM, hull)

    def put(self, name: str, content: bytes) -> str:
        path = self.spool / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return name

    def job(self, **changes: Any) -> Job:
        """A job of small pictures of crates; by default nothing is measured in an environment called yard."""
        job = Job(
            id=uuid.uuid4().hex,
            plugin_version=VERSION,
            fingerprint="f",
            seed=5,
            resolution=(160, 120),
            frames=((0, 0), (1, 0)),
            classes=(ObjectClass("crate", ("crate",)),),
            models=(self.crate,),
            environments=(),
            prepared=(Prepared("yard", -1.8, 0),),
        )
        return replace(job, **changes)

    def start(self, job: Job, complete: Sequence[int] = (), collector_age_s: float = 0.0) -> Path:
        """Submits the job, with some frames there already; returns its folder."""
        folder = self.spool / "jobs" / job.id
        folder.mkdir(parents=True)
        (folder / "job.json").write_text(json.dumps(encode(job)), encoding="utf-8")
        for k in complete:
            (folder / "frames" / f"{k:06d}").mkdir(parents=True)
            (folder / "frames" / f"{k:06d}" / "frame.json").write_text("{}", encoding="utf-8")
        (folder / "collector").touch()
        seen_s = time.time() - collector_age_s
        os.utime(folder / "collector", (seen_s, seen_s))
        self.client.start(job.id)
        return folder

    def wait(self, folder: Path, *states: str, collect: bool = True) -> Heartbeat:
        """Waits for one of the states; meanwhile tells the plugin that somebody collects, until the job pauses."""
        deadline = time.monotonic() + TIMEOUT_S
        settling: Settling | None = None
        while time.monotonic() < deadline:
            heartbeat = decode(Heartbeat, json.loads((folder / "heartbeat.json").read_text(encoding="utf-8")))
            if heartbeat.state in states:
                return heartbeat
            if heartbeat.state in ("failed", "done", "cancelled"):
                raise AssertionError(f"{heartbeat.state}: {heartbeat.error}\n{heartbeat.error_details}")
            if collect:
                settling = settling or settling_of(folder)
                settling.advance()
            if collect and heartbeat.state != "paused":  # A test decides when a pause ends.
                (folder / "collector").touch()
            time.sleep(0.02)
        raise TimeoutError(f"{folder} did not become {' or '.join(states)} in {TIMEOUT_S} s.")

    def make(self, job: Job) -> list[Path]:
        """Has the job done; returns its frame folders."""
        folder = self.start(job)
        self.wait(folder, "done")
        return sorted((folder / "frames").iterdir())

    def fail(self, job: Job) -> str:
        """Has the job fail; returns why."""
        heartbeat = self.wait(self.start(job), "failed")
        assert heartbeat.error is not None
        return heartbeat.error

    def prepared(self, job: Job, environment: str) -> Prepared:
        path = self.spool / "jobs" / job.id / "prepared" / f"{environment}.json"
        return decode(Prepared, json.loads(path.read_text(encoding="utf-8")))

    def evaluate(self, body: str) -> str:
        """The value of an expression in the editor, in which `u` is the module unreal."""
        return self.client.evaluate(f'(lambda u: {body})(__import__("unreal"))')


def settling_of(folder: Path, say: Callable[[str], None] = lambda _: None) -> Settling:
    """Compares the pictures of a job that settle, as a run does."""
    job = decode(Job, json.loads((folder / "job.json").read_text(encoding="utf-8")))
    return Settling(JobFolder(folder), job.resolution, say)


def record_of(frame: Path) -> FrameRecord:
    return decode(FrameRecord, json.loads((frame / "frame.json").read_text(encoding="utf-8")))


def crate_glb(size_m: tuple[float, float, float] = CRATE_M) -> bytes:
    """A box that stands on y = 0."""
    box = trimesh.creation.box(extents=size_m)
    box.apply_translation((0.0, size_m[1] / 2, 0.0))
    glb: bytes = trimesh.Scene(box).export(file_type="glb")
    return glb
