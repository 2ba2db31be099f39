"""Label settings over whole runs in an embedded editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from small import write_recipe
from unrealsynth.dataset.checks import check
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest
from unrealsynth.progress import RunProgress
from unrealsynth.run import REDRAW_LIMIT, RunOptions, generate_data_set
from unrealsynth.summary import RunSummary

LABELS = "labels: {min_visible: 0.5, max_truncated: 0.3, min_pixels: 20, redraw: %s}\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, tuple[Path, RunSummary]]:
    """The same recipe with and without redrawing."""
    made = {}
    for redraw in (False, True):
        folder = tmp_path_factory.mktemp("labels")
        recipe = write_recipe(folder / "recipe", more=LABELS % str(redraw).lower())
        out = folder / "out"
        made[redraw] = out, generate_data_set(str(recipe), RunOptions(out=out, images=14), RunProgress())
    return made


def remnants(folder: Path) -> dict[int, int]:
    """By frame, how many objects show but have no label."""
    return {
        entry.k: sum(item["left_out"] in {"small", "covered", "truncated"} for item in entry.objects)
        for entry in read_manifest(folder / MANIFEST_NAME)
    }


def attempts(folder: Path) -> dict[int, int]:
    return {entry.k: int(str(entry.record["attempt"])) for entry in read_manifest(folder / MANIFEST_NAME)}


def test_objects_beyond_the_limits_are_counted(runs: dict[bool, tuple[Path, RunSummary]]) -> None:
    folder, summary = runs[False]
    assert check(folder) == []
    counted = {reason: count for reason, count in summary.tally.left_out.items() if reason != "hidden"}
    assert sum(counted.values()) == sum(remnants(folder).values()) > 0
    assert "objects without a label" in summary.as_text()
    assert summary.tally.redrawn["remnant"] == 0


def test_frames_with_remnants_are_drawn_again(runs: dict[bool, tuple[Path, RunSummary]]) -> None:
    plain, folder = runs[False][0], runs[True][0]
    assert check(folder) == []
    tried, left = attempts(folder), remnants(folder)
    again = {k for k, count in remnants(plain).items() if count and attempts(plain)[k] < REDRAW_LIMIT}
    assert again and all(tried[k] > attempts(plain)[k] for k in again)
    # What still has a remnant was tried as often as may be.
    assert all(tried[k] == REDRAW_LIMIT for k, count in left.items() if count)
    assert runs[True][1].tally.redrawn["remnant"] >= len(again)
    # Frames that were good are the same in both.
    for entry in read_manifest(plain / MANIFEST_NAME):
        if entry.k not in again:
            assert (folder / entry.image).read_bytes() == (plain / entry.image).read_bytes()
            assert (folder / entry.label).read_bytes() == (plain / entry.label).read_bytes()


def test_the_cost_is_in_the_record(runs: dict[bool, tuple[Path, RunSummary]]) -> None:
    for entry in read_manifest(runs[False][0] / MANIFEST_NAME):
        seconds = entry.record["seconds"]
        assert isinstance(seconds, dict) and seconds["alone"] >= 0
