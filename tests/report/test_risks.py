"""Each risk is found where it is, with its number, and not where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_sets import frame, header_of, square

from unrealsynth.report.agreement import Agreement
from unrealsynth.report.draws import declared_by
from unrealsynth.report.duplicates import Twins
from unrealsynth.report.findings import Findings, coverage_tables
from unrealsynth.report.pictures import Looks
from unrealsynth.report.risks import Risk, find_risks
from unrealsynth.report.source import DataSetSource, Frame
from unrealsynth.report.statistics import Statistics

NAMES = ("cone", "sign")
ENVIRONMENTS = ("yard", "road", "dusk", "plaza")
Change = Callable[[list[Frame]], list[Frame]]


def good_frames() -> list[Frame]:
    """600 frames in which nothing depends on anything."""
    rng = np.random.default_rng(2)
    frames = []
    for k in range(600):
        objects = []
        for _ in range(int(rng.integers(0, 5))):
            side = float(np.exp(rng.uniform(np.log(20), np.log(300))))
            place = rng.uniform(0, 640), rng.uniform(0, 480)
            objects.append(square(int(rng.integers(2)), *place, side, direction_deg=_sky(rng), visible=_share(rng)))
        plan = {
            "rejections": {},
            "wanted_objects": len(objects),
            "objects": [{"class_index": item.class_index} for item in objects],
            "attempt": 0,
            "camera": {
                "location_cm": [0.0, 0.0, rng.uniform(50, 400)],
                "rotation_deg": [0.0, -rng.uniform(8, 55), 0.0],
            },
        }
        environment = ENVIRONMENTS[int(rng.integers(4))]
        frames.append(
            frame(
                *objects,
                name=str(k),
                split=("train", "val")[k % 2],
                environment=environment,
                plan=plan,
                sha256=f"{k:064x}"[::-1],
            )
        )
    return frames


def _sky(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(0, 360)), float(rng.uniform(8, 55))


def _share(rng: np.random.Generator) -> float:
    return 0.5 if rng.random() < 0.2 else 1.0


def clipped(item: Frame) -> Frame:
    """Boxes as labels have them: inside the picture."""
    boxes = [
        [max(item.box_px[0], 0), max(item.box_px[1], 0), min(item.box_px[2], 640), min(item.box_px[3], 480)]
        for item in item.objects
    ]
    return replace(
        item, objects=tuple(replace(o, box_px=tuple(box)) for o, box in zip(item.objects, boxes, strict=True))
    )


def found_in(frames: list[Frame], **more: object) -> list[Risk]:
    statistics = Statistics.of(NAMES)
    for item in frames:
        statistics.add(item)
    brightness = np.random.default_rng(3).uniform(40, 200, len(frames))
    looks = Looks(
        tuple(range(len(frames))),
        brightness,
        brightness / 4,
        np.zeros(len(frames), np.uint64),
        np.zeros((len(frames), 16, 16, 3), np.uint8),
        0,
    )
    header = header_of(NAMES)
    header = replace(header, models=({"id": "cone", "source": "builtin:cone"},))
    declared = declared_by(header)
    assert declared is not None
    declared = replace(declared, images=len(frames), models=dict.fromkeys(NAMES, ("a", "b")))
    distractors = replace(declared.randomization.distractors, models=("crate",))
    declared = replace(declared, randomization=replace(declared.randomization, distractors=distractors))
    source = DataSetSource(Path("set"), "set", NAMES, header)
    found = Findings(
        source=source,
        statistics=statistics,
        declared=declared,
        agreements=(Agreement("camera.roll", "always 0 °", 600, "0 °", "as declared", "the same everywhere"),),
        tables=tuple(coverage_tables(source, statistics, frames, brightness)),
        looks=looks,
        twins=Twins(len(frames), 0, 0, ()),
        sampled=tuple(frames),
        examples=(),
    )
    return find_risks(replace(found, **more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def good() -> list[Frame]:
    return [clipped(item) for item in good_frames()]


def test_a_good_data_set_has_no_risk_but_that_validation_knows_the_backgrounds(good: list[Frame]) -> None:
    assert [(risk.severity, risk.title) for risk in found_in(good)] == [("low", "Validation knows the backgrounds")]


def objects(change: Callable[..., object]) -> Change:
    """Every object changed by `change(frame, object)`; None leaves it out."""

    def changed(frames: list[Frame]) -> list[Frame]:
        kept = [[change(item, entry) for entry in item.objects] for item in frames]
        return [
            replace(item, objects=tuple(entry for entry in entries if entry is not None))
            for item, entries in zip(frames, kept, strict=True)
        ]

    return changed


def moved(entry: object, cx: float, cy: float, side: float) -> object:
    return replace(entry, box_px=(cx - side / 2, cy - side / 2, cx + side / 2, cy + side / 2))  # type: ignore[type-var]


def plans(change: Callable[[dict[str, object]], dict[str, object]]) -> Change:
    return lambda frames: [replace(item, plan=change(dict(item.plan or {}))) for item in frames]


def looking(height_cm: float | None, elevation_deg: float | None) -> Change:
    def change(plan: dict[str, object]) -> dict[str, object]:
        camera = dict(plan["camera"])  # type: ignore[call-overload]
        if height_cm is not None:
            camera["location_cm"] = [0.0, 0.0, height_cm]
        if elevation_deg is not None:
            camera["rotation_deg"] = [0.0, -elevation_deg, 0.0]
        return {**plan, "camera": camera}

    return plans(change)


@pytest.mark.parametrize(
    ("severity", "title", "words", "change"),
    [
        ("high", "A class tied to a background", "sign is only ever seen in yard",
         objects(lambda f, o: o if o.class_index == 0 or f.environment == "yard" else None)),
        ("medium", "A class tied to a background", "Cramér's V is 0.29",
         objects(lambda f, o: o if o.class_index == 0 or f.environment != "yard" or int(f.name) % 9 == 0 else None)),
        ("high", "A class tied to a background", "Cramér's V is 0.50",
         objects(lambda f, o: o if o.class_index == 0 or f.environment in {"yard", "road"} else None)),
        ("high", "One background", "taken in yard", lambda frames: [replace(f, environment="yard") for f in frames]),
        ("low", "Few backgrounds", "2 environments",
         lambda frames: [replace(f, environment=("yard", "road")[i % 2]) for i, f in enumerate(frames)]),
        ("high", "Always centred", "100% of the boxes",
         objects(lambda f, o: moved(o, 320, 240, o.box_px[2] - o.box_px[0]))),
        ("high", "A class tied to a place", "Cramér's V is 1.00",
         objects(lambda f, o: moved(o, 60, 60, 50) if o.class_index else moved(o, 560, 400, 50))),
        ("high", "One size only", "cone", objects(lambda f, o: moved(o, *_middle(o), 60))),
        ("medium", "Tiny boxes", "smaller than 8",
         objects(lambda f, o: moved(o, *_middle(o), 3 + int(f.name) % 20))),
        ("high", "A class tied to a size", "100% of cone falls under “large”",
         objects(lambda f, o: moved(o, *_middle(o), (10 if o.class_index else 110) * (1 + int(f.name) % 4 / 2)))),
        ("low", "Nothing cut off", "touch the picture's edge",
         objects(lambda f, o: moved(o, 300, 200, 20 + int(f.name) % 90))),
        ("low", "Nothing covered", "partly covered", objects(lambda f, o: replace(o, visible=1.0))),
        ("high", "Fixed camera angle", "look down by 30° to 30°", looking(None, 30.0)),
        ("medium", "Fixed camera height", "about 150 cm", looking(150.0, None)),
        ("high", "Seen from one side", "from 10 of 12 sides",
         objects(lambda f, o: replace(o, direction_deg=(o.direction_deg[0] / 6, o.direction_deg[1])))),
        ("high", "Unequal classes", "times as many labels",
         objects(lambda f, o: o if o.class_index == 0 or int(f.name) % 15 == 0 else None)),
        ("medium", "No negatives", "show no object", lambda frames: [f for f in frames if f.objects]),
        ("low", "Many empty images", "show no object",
         lambda frames: [f if i % 2 else replace(f, objects=()) for i, f in enumerate(frames)]),
        ("medium", "Few images", "90 images", lambda frames: frames[:90]),
        ("high", "A class without labels", "sign has no label", objects(lambda f, o: None if o.class_index else o)),
        ("high", "A class missing in a split", "sign has no label in val",
         objects(lambda f, o: None if o.class_index and f.split == "val" else o)),
        ("high", "The same picture twice", "1 images",
         lambda frames: [replace(frames[0], sha256=frames[1].sha256), *frames[1:]]),
        ("high", "Broken labels", "3 rows", lambda frames: [replace(frames[0], bad_rows=3), *frames[1:]]),
        ("high", "Labels that disagree with the pixels", "1 visible boxes of",
         lambda frames: [
             replace(f, objects=(replace(f.objects[0], visible_px=(0, 0, 9, 9), full_px=(50.0, 50.0, 90.0, 90.0)),))
             if i == next(j for j, g in enumerate(frames) if g.objects) else f
             for i, f in enumerate(frames)
         ]),
        ("medium", "Objects without a place", "found no place", plans(lambda p: {**p, "wanted_objects": 3})),
        ("medium", "Unlabelled objects", "have no label",
         lambda frames: [replace(f, left_out=("small",)) for f in frames]),
    ],
)  # fmt: skip
def test_a_risk_is_found(severity: str, title: str, words: str, change: Change, good: list[Frame]) -> None:
    found = [risk for risk in found_in(change(good)) if risk.title == title]
    assert found, [risk.title for risk in found_in(change(good))]
    assert found[0].severity == severity, found
    assert any(words in risk.finding for risk in found), found
    assert found[0].advice


def _middle(entry: object) -> tuple[float, float]:
    x0, y0, x1, y1 = entry.box_px  # type: ignore[attr-defined]
    return (x0 + x1) / 2, (y0 + y1) / 2


@pytest.mark.parametrize(
    ("title", "more"),
    [
        ("high: Not what the recipe says", {
            "agreements": (Agreement("camera.roll", "always 0 °", 9, "3 °", "not as declared", "all of them"),)}),
        ("high: Look-alikes across splits", {"twins": Twins(600, 0, 40, ())}),
        ("medium: Look-alikes across splits", {"twins": Twins(600, 0, 2, ())}),
        ("medium: Look-alikes", {"twins": Twins(600, 30, 0, ())}),
    ],
)  # fmt: skip
def test_a_risk_of_the_whole(title: str, more: dict[str, object], good: list[Frame]) -> None:
    assert title in {f"{risk.severity}: {risk.title}" for risk in found_in(good, **more)}


def test_a_class_tied_to_light_is_found_by_the_pictures(good: list[Frame]) -> None:
    statistics = Statistics.of(NAMES)
    only = objects(lambda f, o: o if (o.class_index == 0) == (int(f.name) % 2 == 0) else None)(good)
    for item in only:
        statistics.add(item)
    header = header_of(NAMES)
    bright = np.array([60.0 + 120.0 * (int(item.name) % 2) + int(item.name) % 7 for item in only])
    tables = coverage_tables(DataSetSource(Path("set"), "set", NAMES, header), statistics, only, bright)
    risks = found_in(only, tables=tuple(tables))
    assert "A class tied to light" in {risk.title for risk in risks}


def test_what_holds_for_many_classes_is_one_risk(good: list[Frame]) -> None:
    risks = found_in(objects(lambda f, o: moved(o, *_middle(o), 60 + 4 * o.class_index * (int(f.name) % 5)))(good))
    (found,) = [risk for risk in risks if risk.title == "One size only"]
    assert "cone's boxes are between 60 and 60 px" in found.finding
    assert found.finding.endswith("So it is with sign.")


def test_the_worst_comes_first(good: list[Frame]) -> None:
    severities = [risk.severity for risk in found_in(looking(150.0, 30.0)(good[:90]))]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    assert {"high", "medium", "low"} <= set(severities)


@pytest.mark.parametrize(
    ("reasons", "advice"),
    [(("covered", "small", "covered"), "another `min_visible`"), (("hidden",), "Fewer objects")],
)
def test_the_advice_is_about_the_commonest_reason(reasons: tuple[str, ...], advice: str, good: list[Frame]) -> None:
    found = found_in([replace(f, left_out=reasons) for f in good])
    assert [advice in risk.advice for risk in found if risk.title == "Unlabelled objects"] == [True]


def test_unknown_licences_are_named(good: list[Frame]) -> None:
    header = replace(header_of(NAMES), models=({"id": "sign", "source": "sign.glb", "copyright": ""},))
    risks = found_in(good, source=DataSetSource(Path("set"), "set", NAMES, header))
    assert any(risk.title == "Unknown licences" and "sign" in risk.finding for risk in risks)
