"""The plugin in an engine of this very process: no second process and no sockets, so that many engines can be tried."""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor_bench import CRATE_CM, crate_glb, settling_of

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.switches import Switches
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import decode, encode
from unrealsynth_plugin.core.contract import Environment, Heartbeat, Job, Model, ObjectClass
from unrealsynth_plugin.core.settings import Ground, Objects, Randomization

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

TICK_S = 1 / 60
MOST_TICKS = 3000
YARD = Environment("yard", ground=Ground(color=(0.3, 0.3, 0.3)))


class InProcess:
    """An engine with the plugin in it, and the orchestrator's part of a job."""

    def __init__(self, engine: Engine) -> None:
        from unrealsynth_plugin.compatibility import register_tick
        from unrealsynth_plugin.jobs import JobQueue
        from unrealsynth_plugin.open_world import is_at_rest
        from unrealsynth_plugin.production import Production
        from unrealsynth_plugin.residence import Residence
        from unrealsynth_plugin.spool import Spool

        self.engine = engine
        self.root = engine.project_dir / "Saved" / "UnrealSynth"
        self.log: list[tuple[str, str]] = []
        self.told: list[str] = []
        """What a run would tell its user of how pictures settle."""
        self.compares = True
        """Whether pictures that settle are compared, as they are in a run."""
        engine.log.listener = lambda severity, text: self.log.append((severity, text))
        spool = Spool(self.root)
        self.residence = Residence(self.root)
        self.queue = JobQueue(spool, Production(spool, self.residence).run, unreal.log_error, is_at_rest)
        unreal.register_python_shutdown_callback(self.queue.close)
        unreal.register_python_shutdown_callback(self.residence.leave)
        register_tick(self.queue.tick, self.queue.beat)
        self.crate = self.model(crate_glb())

    def model(self, glb: bytes) -> Model:
        digest = hashlib.sha256(glb).hexdigest()
        file = self.root / "models" / f"{digest}.glb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(glb)
        low, high = CRATE_CM
        hull = tuple((x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2]))
        return Model("crate", f"models/{digest}.glb", digest, CRATE_CM, hull)

    def job(self, **changes: Any) -> Job:
        job = Job(
            id=uuid.uuid4().hex,
            plugin_version=VERSION,
            fingerprint="f",
            seed=5,
            resolution=(96, 72),
            frames=((0, 0),),
            classes=(ObjectClass("crate", ("crate",)),),
            models=(self.crate,),
            environments=(YARD,),
            randomization=Randomization(objects=Objects(count=2.0, empty=0.0)),
        )
        return replace(job, **changes)

    def submit(self, job: Job) -> Path:
        folder = self.root / "jobs" / job.id
        folder.mkdir(parents=True)
        (folder / "job.json").write_text(json.dumps(encode(job)), encoding="utf-8")
        (folder / "collector").touch()
        self.queue.start(job.id)
        return folder

    def run(self, job: Job, before_tick: Callable[[Path], None] = lambda _: None) -> Heartbeat:
        """Ticks until the job has ended, however; returns its last heartbeat."""
        folder = self.submit(job)
        settling = settling_of(folder, self.told.append)
        for _ in range(MOST_TICKS):
            if self.queue.state(job.id) in ("done", "failed", "cancelled"):
                return decode(Heartbeat, json.loads((folder / "heartbeat.json").read_text(encoding="utf-8")))
            before_tick(folder)
            if self.compares:
                settling.advance()
            self.engine.tick(TICK_S)
        raise TimeoutError(f"{self.queue.state(job.id)} after {MOST_TICKS} ticks")

    def frame(self, job: Job, k: int = 0) -> Path:
        return self.root / "jobs" / job.id / "frames" / f"{k:06d}"

    def left_out(self) -> set[str]:
        """What the plugin said that this engine does not have."""
        mark = " is not in this engine version"
        return {text.split(mark)[0].removeprefix("UnrealSynth: ") for _, text in self.log if mark in text}


@contextmanager
def in_process(
    folder: Path, renderer: Renders, version: str = "5.6", switches: Switches | None = None
) -> Iterator[InProcess]:
    """An engine of a version; without switches, with those that suit the version."""
    sys.modules["unreal"] = unreal
    engine = Engine(folder, renderer, f"{version}.0-0+UnrealSynth-Embedded", switches)
    try:
        yield InProcess(engine)
    finally:
        engine.close()
