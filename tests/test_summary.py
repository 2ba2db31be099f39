"""What a run counts, and what it warns of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from unrealsynth.dataset.frames import EncodedFrame
from unrealsynth.selfcheck import SelfCheck
from unrealsynth.summary import SUSPICIOUS_OBJECTS, RunSummary, Tally


def frame_of(left_out: dict[int, str]) -> EncodedFrame:
    """A frame with a ghost (0) and a cone (1), as far as a tally looks at it."""
    objects = [SimpleNamespace(index=index, class_name=name) for index, name in enumerate(("ghost", "cone"))]
    return cast(EncodedFrame, SimpleNamespace(record=SimpleNamespace(objects=objects), left_out=left_out))


def test_a_class_that_never_gets_a_label_is_warned_of() -> None:
    tally = Tally()
    for _ in range(SUSPICIOUS_OBJECTS - 1):
        tally.add(frame_of({0: "hidden"}), 2, 2)
    assert tally.warnings() == ()
    tally.add(frame_of({0: "small"}), 3, 2)
    (warning,) = tally.warnings()
    assert f"{SUSPICIOUS_OBJECTS} objects of class ghost" in warning
    tally.add(frame_of({}), 2, 2)
    assert tally.warnings() == ()


@pytest.mark.parametrize(
    ("finished", "said"),
    [(5, "5 of 8 images in set"), (8, "8 of 8 images in set"), (9, "9 images in set, more than the 8 asked for")],
)
def test_how_many_there_are(finished: int, said: str) -> None:
    summary = RunSummary(Path("set"), 8, finished, Tally(), SelfCheck().summary(), 0.0)
    assert summary.as_text().splitlines()[0] == said


def test_objects_and_labels_are_counted() -> None:
    tally = Tally()
    tally.add(frame_of({0: "hidden"}), 4, 2)
    tally.add(frame_of({0: "small", 1: "hidden"}), 2, 2)
    assert (tally.frames, tally.labels, tally.empty, tally.no_place) == (2, 1, 1, 2)
    assert tally.left_out == {"hidden": 2, "small": 1}
