"""Objects shown without the others, in a real embedded editor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from editor_bench import EditorBench, record_of
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.settings import (
    Captures,
    Distractors,
    Objects,
    PropPlacement,
    Randomization,
    Rotation,
    Sky,
    Spawn,
)

YARD = Environment(
    "yard",
    sky=Sky(color=(0.5, 0.5, 0.5)),
    sun=None,
    props=(PropPlacement("crate", (0.0, 0.0, 0.0)),),
    spawn=Spawn((0.0, 0.0), 500.0),
)
CROWD = Randomization(
    objects=Objects(count=9.0, empty=0.0, rotation=Rotation(), height=-10.0),
    distractors=Distractors(models=("crate",), count=3.0),
)


@pytest.fixture(scope="module")
def bench(embedded_editor: EmbeddedEditor) -> Iterator[EditorBench]:
    return EditorBench(embedded_editor)


def red(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture)[..., 0]


@pytest.fixture(scope="module")
def frames(bench: EditorBench) -> list[Path]:
    job = bench.job(
        environments=(YARD,),
        randomization=CROWD,
        captures=Captures(visibility=True),
        resolution=(200, 150),
        frames=tuple((k, 0) for k in range(4)),
    )
    return bench.make(job)


def test_alone_pictures_hold_what_is_visible_and_more(frames: list[Path]) -> None:
    covered = 0
    for frame in frames:
        record = record_of(frame)
        ids = red(frame / "ids-0.png")
        assert record.captures.alone is not None
        assert "alone" in record.seconds
        for picture in record.captures.alone:
            alone = red(frame / picture.file)
            assert set(np.unique(alone)) <= {0, *(index + 1 for index in picture.objects)}
            for index in picture.objects:
                # Never less than with the others there, and at the same place.
                assert not ((ids == index + 1) & (alone != index + 1)).any()
                covered += int(np.count_nonzero(alone == index + 1) > np.count_nonzero(ids == index + 1))
    assert covered >= 3


def test_what_lies_below_the_ground_stays_hidden(frames: list[Path]) -> None:
    """The crates stand 10 cm in the ground: nothing of them shows below the line where it begins."""
    checked = 0
    for frame in frames:
        record = record_of(frame)
        touched = {index for picture in record.captures.alone or () for index in picture.objects}
        for picture in record.captures.alone or ():
            alone = red(frame / picture.file)
            for index in picture.objects:
                full = record.objects[index].box_full_px
                rows = np.flatnonzero((alone == index + 1).any(axis=1))
                if full is not None and full[3] < 149 and len(rows):
                    assert rows.max() < full[3] - 0.5
                    checked += 1
        assert touched
    assert checked >= 3


def test_without_the_setting_nothing_more_is_taken(bench: EditorBench) -> None:
    (frame,) = bench.make(bench.job(environments=(YARD,), randomization=CROWD, frames=((0, 0),)))
    record = record_of(frame)
    assert record.captures.alone is None
    assert "alone" not in record.seconds
    assert sorted(path.name for path in frame.iterdir()) == ["frame.json", "ids-0.png", "rgb.png"]


def test_an_object_that_nothing_touches_needs_no_picture(bench: EditorBench) -> None:
    single = replace(CROWD, objects=replace(CROWD.objects, count=1.0), distractors=Distractors())
    (frame,) = bench.make(
        bench.job(
            environments=(replace(YARD, props=()),),
            randomization=single,
            captures=Captures(visibility=True),
            frames=((0, 0),),
        )
    )
    assert record_of(frame).captures.alone == ()
