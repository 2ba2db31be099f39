"""A data set from frames that lie in a folder: what a job inside an Unreal Editor left in Saved/UnrealSynth.

The full boxes in its records are those of the meshes' bounds; here they are computed anew, from the measured vertices.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from unrealsynth import __version__
from unrealsynth.dataset.frames import EncodedFrame, FrameSettings, process_frame
from unrealsynth.dataset.manifest import Header, OutputSettings
from unrealsynth.dataset.pictures import ImageFormat
from unrealsynth.dataset.writer import DataSet
from unrealsynth.errors import DataSetError
from unrealsynth.labels import LabelSettings
from unrealsynth.progress import RunProgress
from unrealsynth.recipe.own_assets import asset_model
from unrealsynth.selfcheck import FrameChecker, SelfCheck
from unrealsynth.summary import RunSummary, Tally
from unrealsynth_plugin.core.codec import DecodeError, decode, encode
from unrealsynth_plugin.core.contract import Job, Model, Prepared
from unrealsynth_plugin.core.own_assets import AssetReport
from unrealsynth_plugin.core.spool_files import ASSETS, FRAME, FRAMES, JOB, PREPARED

_T = TypeVar("_T")
_THREADS = 2
_AT_A_TIME = 16
"""Frames held in memory."""


@dataclass(frozen=True)
class FrameFolder:
    """The frames of one job, as the editor left them."""

    job: Job
    """With the models' exact geometry."""
    frames: tuple[Path, ...]
    """Folders of complete frames, in the order of k."""
    incomplete: int
    loose: frozenset[str]
    """Ids of models whose vertices are not all known."""
    prepared: tuple[Prepared, ...]


def read_frames(folder: Path) -> FrameFolder:
    """The frames in `folder`, which is a job's folder or the `frames` in it. Raises DataSetError."""
    root = folder.parent if folder.name == FRAMES else folder
    if not (root / JOB).is_file():
        raise DataSetError(
            f"{folder} holds no frames of a job; name a folder such as Saved/UnrealSynth/jobs/<id> of the project; "
            "the editor's log tells it."
        )
    job = _read(root / JOB, Job)
    report = _read(root / ASSETS, AssetReport) if (root / ASSETS).is_file() else None
    models, loose = _exact_models(job, report)
    found = sorted(path for path in (root / FRAMES).glob("*") if path.is_dir())
    complete = tuple(path for path in found if (path / FRAME).is_file())
    if not complete:
        raise DataSetError(f"{root / FRAMES} holds no complete frame yet.")
    prepared = tuple(_read(path, Prepared) for path in sorted((root / PREPARED).glob("*.json")))
    return FrameFolder(replace(job, models=models), complete, len(found) - len(complete), loose, prepared)


def assemble(
    folder: Path,
    out: Path,
    progress: RunProgress,
    *,
    val: float = 0.5,
    image_format: ImageFormat = "png",
    overwrite: bool = False,
) -> RunSummary:
    """Adds the frames in `folder` to the data set `out`, as far as they are not in it. Raises UnrealSynthError.

    The same command goes on when the editor has made more.
    """
    progress.step("reading the job")
    source = read_frames(folder)
    header = _header(source, OutputSettings(val, image_format, LabelSettings()))
    warnings = []
    if source.incomplete:
        warnings.append(f"{source.incomplete} frames are not complete and are left out")
    tally, check, started = Tally(), SelfCheck(), time.monotonic()
    blank = 0
    with DataSet(out) as data_set:
        data_set.begin(header, overwrite=overwrite)
        missing = tuple(path for path in source.frames if int(path.name) not in data_set.finished)
        already = len(data_set.finished)
        for number, frame in enumerate(_processed(missing, _settings(source, header)), 1):
            progress.step("assembling")
            progress.frames(already + number, already + len(missing))
            if frame.blank:
                blank += 1
                continue
            check.add(frame.check)
            data_set.add(frame)
            tally.add(frame, frame.record.plan.wanted_objects, len(frame.record.objects))
        finished = len(data_set.finished)
        data_set.close(complete=finished >= len(source.job.frames))
    if blank:
        warnings.append(f"{blank} frames show all but one colour and are left out")
    images, seconds = len(source.job.frames), time.monotonic() - started
    return RunSummary(out, images, finished, tally, check.summary(), seconds, tuple(warnings))


def _processed(frames: tuple[Path, ...], settings: FrameSettings) -> Iterator[EncodedFrame]:
    """In order, a few at a time."""
    with ThreadPoolExecutor(_THREADS, "label") as pool:
        for start in range(0, len(frames), _AT_A_TIME):
            yield from pool.map(lambda path: process_frame(path, settings), frames[start : start + _AT_A_TIME])


def _settings(source: FrameFolder, header: Header) -> FrameSettings:
    job = source.job
    return FrameSettings(
        fingerprint=job.fingerprint,
        resolution=job.resolution,
        output=header.output,
        checker=FrameChecker(job, source.loose),
        model_files={model.id: model.asset or model.file for model in job.models},
        hulls={model.id: model.hull_cm for model in job.models},
    )


def _header(source: FrameFolder, output: OutputSettings) -> Header:
    job = source.job
    plain: Mapping[str, object] = json.loads(json.dumps(encode(job)))
    settings = {key: plain[key] for key in ("seed", "resolution", "classes", "environments", "randomization")}
    return Header(
        parts={"job": job.fingerprint, "plugin": job.plugin_version, **settings},
        output=output,
        classes=tuple(entry.name for entry in job.classes),
        settings=settings,
        models=tuple(
            {"id": model.id, "source": model.asset or model.file, "sha256": model.sha256} for model in job.models
        ),
        engine="",
        created_by=f"unrealsynth {__version__}",
        prepared=source.prepared,
    )


def _exact_models(job: Job, report: AssetReport | None) -> tuple[tuple[Model, ...], frozenset[str]]:
    """The job's models, those measured in the editor with their hulls, and which of these are not exact."""
    geometries = {} if report is None else {entry.asset: entry for entry in report.assets}
    models, loose = [], set()
    for model in job.models:
        geometry = geometries.get(model.asset or "")
        if geometry is None and not model.hull_cm:
            raise DataSetError(f"The geometry of {model.asset or model.id} is not known; make the frames anew.")
        if geometry is not None:
            model = replace(asset_model(model.id, geometry)[0], rests=model.rests)
            loose |= set() if geometry.is_exact else {model.id}
        models.append(model)
    return tuple(models), frozenset(loose)


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return decode(kind, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, DecodeError) as error:
        raise DataSetError(f"{path} cannot be read: {error}. Was it made by another version?") from error
