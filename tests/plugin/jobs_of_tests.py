"""Jobs that tests put into a spool."""

from __future__ import annotations

import json
from pathlib import Path

from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import Environment, Job, Model, ObjectClass

BOX = Model("box", "models/box.glb", "0" * 64, ((-50, -50, 0), (50, 50, 100)), ((-50, -50, 0), (50, 50, 100)))


def simple_job(job_id: str, frames: int = 3) -> Job:
    """A job with one class, one model and one environment; its model's file does not exist."""
    return Job(
        id=job_id,
        plugin_version=VERSION,
        fingerprint="f",
        seed=1,
        resolution=(64, 48),
        frames=tuple((k, 0) for k in range(frames)),
        classes=(ObjectClass("box", ("box",)),),
        models=(BOX,),
        environments=(Environment("yard"),),
    )


def put(spool: Path, job: Job) -> Path:
    """Writes the job as the orchestrator does; returns its folder."""
    folder = spool / "jobs" / job.id
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps(encode(job)), encoding="utf-8")
    return folder
