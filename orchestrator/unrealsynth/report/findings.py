"""All that is found out about a data set, gathered in one pass over its frames and one over a sample of pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import DataSetError
from unrealsynth.report.agreement import Agreement
from unrealsynth.report.coverage import Table, table
from unrealsynth.report.draws import Declared, Draws, declared_by
from unrealsynth.report.duplicates import Twins, find_twins
from unrealsynth.report.pictures import Looks, look_into
from unrealsynth.report.samples import Sample
from unrealsynth.report.source import DataSetSource, Frame
from unrealsynth.report.statistics import AZIMUTH_STEP_DEG, BANDS, Statistics
from unrealsynth_plugin.core.distributions import bounds

_EXAMPLES = 9
_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "centre", "right")
_LIGHTS = ("dark", "medium", "bright")


@dataclass(frozen=True)
class Findings:
    """What the page and the JSON tell."""

    source: DataSetSource
    statistics: Statistics
    declared: Declared | None
    agreements: tuple[Agreement, ...]
    tables: tuple[Table, ...]
    looks: Looks
    twins: Twins
    sampled: tuple[Frame, ...]
    """The frames whose pictures were to be read."""
    examples: tuple[Frame, ...]

    def table(self, title: str) -> Table | None:
        """The table of that title, if the data set has one."""
        return next((entry for entry in self.tables if entry.title == title), None)

    @property
    def sampling(self) -> str:
        """A sentence on how many pictures were looked into."""
        read, total = len(self.looks.places), self.statistics.images
        if read == total:
            return "All pictures were looked into."
        return f"{read:,} of {total:,} pictures were looked into, spread evenly over the data set."

    @property
    def request(self) -> str:
        """A sentence on what was asked for."""
        sizes = self.statistics.resolutions
        width, height = max(sizes, key=lambda size: sizes[size], default=(0, 0))
        size = f"{width} × {height} px" if len(sizes) == 1 else f"{len(sizes)} sizes, mostly {width} × {height} px"
        classes = f"{len(self.source.classes)} classes"
        if self.declared is None or self.source.header is None:
            return f"A YOLO data set of {classes}, {size}."
        objects = self.declared.randomization.objects
        least, most = bounds(objects.count)
        number = f"{least:g} to {most:g} objects" if least != most else f"{most:g} object{'s' * (most != 1)}"
        places = len(self.declared.environments)
        return (
            f"{self.declared.images:,} images of {classes} in {places} environment{'s' * (places != 1)}, {size}, "
            f"{number} in each, {objects.empty:.0%} empty on purpose, seed {self.declared.seed}. "
            f"Made by {self.source.header.created_by} with engine {self.source.header.engine}."
        )

    def seen(self, place: int) -> Frame:
        """The frame of the `place`-th picture that was read."""
        return self.sampled[self.looks.places[place]]


def gather(source: DataSetSource, pictures: int) -> Findings:
    """Reads the whole data set and at most `pictures` of its images. Raises DataSetError when it has no frame."""
    statistics = Statistics.of(source.classes)
    declared = None if source.header is None else declared_by(source.header)
    draws = None if declared is None else Draws(declared)
    sample: Sample[Frame] = Sample(pictures)
    for frame in source.frames():
        statistics.add(frame)
        if draws is not None and frame.plan is not None:
            draws.add(frame.plan)
        sample.add(replace(frame, plan=None))
    if not statistics.images:
        raise DataSetError(f"{source.folder} has no image yet: generate some first.")
    frames = tuple(sample.items)
    looks = look_into([frame.image for frame in frames])
    read = [frames[place] for place in looks.places]
    return Findings(
        source=source,
        statistics=statistics,
        declared=declared,
        agreements=() if draws is None else tuple(draws.agreements()),
        tables=tuple(coverage_tables(source, statistics, read, looks.brightness)),
        looks=looks,
        twins=find_twins(looks.hashes, looks.thumbnails, [frame.split for frame in read]),
        sampled=frames,
        examples=tuple(_examples(read)),
    )


def coverage_tables(
    source: DataSetSource, statistics: Statistics, frames: list[Frame], brightness: NDArray[np.float64]
) -> list[Table]:
    """What comes together with what. `frames` are those whose pictures were read, with the brightness of each."""
    names = source.classes
    entries = statistics.classes
    environments = sorted(statistics.environments)
    found = []
    if len(environments) > 1:
        counts = [[entry.environments[name] for name in environments] for entry in entries]
        found.append(table("class × environment", names, environments, counts))
    found.append(table("class × size", names, BANDS, [entry.bands for entry in entries]))
    places = [f"{row} {column}" for row in _ROWS for column in _COLUMNS]
    found.append(table("class × place in the picture", names, places, [entry.places.ravel() for entry in entries]))
    if len(frames) >= len(_LIGHTS):
        light = np.searchsorted(np.quantile(brightness, [1 / 3, 2 / 3]), brightness)
        lit = np.zeros((len(names), len(_LIGHTS)), np.int64)
        for frame, band in zip(frames, light, strict=True):
            for index in {item.class_index for item in frame.objects}:
                lit[index, band] += 1
        found.append(table("class × brightness", names, _LIGHTS, lit))
    if any(entry.directions.any() for entry in entries):
        sectors = [f"{low}–{low + AZIMUTH_STEP_DEG}°" for low in range(0, 360, AZIMUTH_STEP_DEG)]
        counts = [entry.directions.sum(axis=0) for entry in entries]
        found.append(table("class × side seen", names, sectors, counts, even=True))
    return found


def _examples(frames: list[Frame]) -> list[Frame]:
    """Some frames that together show as much as possible: every class, every environment, an empty one."""
    shown: set[tuple[str, object]] = set()
    chosen: list[Frame] = []
    rest = list(frames)
    while rest and len(chosen) < _EXAMPLES:
        step = max(1, len(rest) // 400)
        best = max(rest[::step], key=lambda frame: (len(_features(frame) - shown), min(len(frame.objects), 8)))
        new = _features(best) - shown
        if not new:
            # All is shown: go on with frames from all over the set.
            missing = _EXAMPLES - len(chosen)
            chosen += [rest[round((i + 0.5) * len(rest) / missing - 0.5)] for i in range(min(missing, len(rest)))]
            break
        chosen.append(best)
        shown |= new
        rest.remove(best)
    return list({frame.name: frame for frame in chosen}.values())


def _features(frame: Frame) -> set[tuple[str, object]]:
    """What a frame shows: classes, each with its environment; that a frame may be empty is shown once."""
    if not frame.objects:
        return {("empty", "")}
    classes = {("class", item.class_index) for item in frame.objects}
    return {*classes, ("environment", frame.environment)}
