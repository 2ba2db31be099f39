"""What a detector may learn from a data set that nobody meant it to, in plain words, with a number and a way out. Pure.

The limits are rules of thumb: they say where to look, not that something is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from unrealsynth.report.coverage import Table
from unrealsynth.report.findings import Findings

Severity = Literal["high", "medium", "low"]
_ORDER = ("high", "medium", "low")
_ENOUGH_LABELS = 20
"""From here on a class's numbers say something."""
_P = 0.001
_LIMITS = {"small": "min_pixels", "covered": "min_visible", "truncated": "max_truncated"}
"""By reason for having no label: the setting of `labels` that says so."""


@dataclass(frozen=True)
class Risk:
    """One thing to look at."""

    severity: Severity
    title: str
    finding: str
    """What was found, with the number."""
    advice: str
    """What to change."""
    weight: float = 0.0
    """Order among those of the same severity, the largest first."""
    about: str = ""
    """The class it is about, if it is about one."""


def find_risks(findings: Findings) -> list[Risk]:
    """All risks, the worst first; what holds for many classes is one risk."""
    found = [risk for rule in _RULES for risk in rule(findings)]
    ordered = sorted(found, key=lambda risk: (_ORDER.index(risk.severity), -risk.weight))
    kinds: dict[tuple[str, str, str], list[Risk]] = {}
    for risk in ordered:
        # Risks that are not about a class are told apart by what was found.
        kinds.setdefault((risk.severity, risk.title, "" if risk.about else risk.finding), []).append(risk)
    return [_merged(risks) for risks in kinds.values()]


def _merged(risks: Sequence[Risk]) -> Risk:
    """The worst, with the names of the others."""
    names = [risk.about for risk in risks[1:]]
    if not names:
        return risks[0]
    return replace(risks[0], finding=f"{risks[0].finding} So it is with {_listed(names)}.")


def _listed(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _broken(findings: Findings) -> Iterator[Risk]:
    statistics = findings.statistics
    if statistics.bad_rows:
        rows = f"{statistics.bad_rows} rows of the label files cannot be read."
        yield Risk("high", "Broken labels", rows, "See which: unrealsynth check.", 100)
    if findings.looks.unreadable:
        pictures = f"{findings.looks.unreadable} of {len(findings.sampled)} pictures cannot be read."
        yield Risk("high", "Broken pictures", pictures, "See which: unrealsynth check.", 99)
    for entry in statistics.classes:
        if entry.outside:
            finding = f"{entry.outside} visible boxes of {entry.name} leave the box projected from the pose."
            advice = "Run unrealsynth check; do not train."
            yield Risk("high", "Labels that disagree with the pixels", finding, advice, 98, entry.name)
        elif entry.views >= _ENOUGH_LABELS and float(np.median(entry.ious.items)) < 0.85:
            overlap = float(np.median(entry.ious.items))
            finding = f"Projected and measured boxes of {entry.name} share only {overlap:.0%} (median of their union)."
            advice = "Look at its boxes with unrealsynth preview; parts that are see-through or hair-thin explain it."
            yield Risk("medium", "Loose boxes", finding, advice, 1 - overlap, entry.name)
    wrong = [found for found in findings.agreements if found.verdict == "not as declared"]
    if wrong:
        some = "; ".join(f"{found.name} (declared {found.declared}, drawn {found.observed})" for found in wrong[:4])
        more = f"; and {len(wrong) - 4} more" if len(wrong) > 4 else ""
        finding = f"{len(wrong)} of {len(findings.agreements)} quantities are not as declared: {some}{more}."
        advice = "If nobody changed the files by hand, this is a fault of the program: please report it."
        yield Risk("high", "Not what the recipe says", finding, advice, 90)


def _amount(findings: Findings) -> Iterator[Risk]:
    statistics, declared = findings.statistics, findings.declared
    if declared is not None and statistics.images < declared.images:
        finding = f"{statistics.images} of {declared.images} images are made."
        yield Risk("medium", "Not finished", finding, "Run the same unrealsynth generate command again to go on.", 50)
    if statistics.images < 500:
        finding = f"{statistics.images} images in all; data sets that trained well on real pictures had 2,000 to 5,000."
        yield Risk(
            "medium", "Few images", finding, "`images: 2000`; what is made already is kept.", 500 / statistics.images
        )
    for entry in statistics.classes:
        if entry.total == 0:
            finding = f"{entry.name} has no label at all."
            yield Risk("high", "A class without labels", finding, _RAISE.format(entry.name), 80, entry.name)
        else:
            for split in ("train", "val"):
                if statistics.frames[split] and not entry.labels[split]:
                    finding = f"{entry.name} has no label in {split}."
                    about = f"{entry.name} ({split})"
                    yield Risk("high", "A class missing in a split", finding, "More `images`.", 70, about)


def _balance(findings: Findings) -> Iterator[Risk]:
    counted = [entry for entry in findings.statistics.classes if entry.total]
    if len(counted) > 1:
        most = max(counted, key=lambda entry: entry.total)
        least = min(counted, key=lambda entry: entry.total)
        ratio = most.total / least.total
        if ratio > 2.5 and most.total >= _ENOUGH_LABELS:
            finding = (
                f"{most.name} has {ratio:.1f} times as many labels as {least.name} ({most.total} and {least.total})."
            )
            advice = f"Unless reality is so: `classes: {{{least.name}: {{weight: {ratio:.1f}, …}}}}`."
            yield Risk("high" if ratio > 10 else "medium", "Unequal classes", finding, advice, ratio)
    images, empty = findings.statistics.images, findings.statistics.empty.total()
    if images >= _ENOUGH_LABELS:
        share = empty / images
        if share < 0.01:
            finding = f"{empty} of {images} images show no object, so nothing teaches what background is."
            yield Risk("medium", "No negatives", finding, "`objects: {empty: 0.05}`, 5 to 10 % of the images.", 0.5)
        elif share > 0.3:
            finding = f"{share:.0%} of the images show no object."
            yield Risk(
                "low", "Many empty images", finding, "`objects: {empty: 0.05}`, or a higher `objects: {count}`.", share
            )


def _boxes(findings: Findings) -> Iterator[Risk]:
    statistics = findings.statistics
    if statistics.labels >= _ENOUGH_LABELS:
        thirds = sum(entry.places for entry in statistics.classes)
        middle = float(np.asarray(thirds)[1, 1]) / statistics.labels
        if middle > 0.4:
            finding = (
                f"{middle:.0%} of the boxes have their centre in the middle ninth of the picture (11 % would be even)."
            )
            advice = "A higher `objects: {count}` fills the rest of the picture; smaller `camera: {size}` helps too."
            yield Risk("high" if middle > 0.6 else "medium", "Always centred", finding, advice, middle)
        tiny = float((np.asarray(statistics.sizes_px.items) < 8).mean())
        if tiny > 0.2:
            finding = f"{tiny:.0%} of the boxes are smaller than 8 × 8 px, which detectors hardly learn."
            yield Risk(
                "medium",
                "Tiny boxes",
                finding,
                "Raise the low end of `camera: {size: {log_uniform: [40, 400]}}`.",
                tiny,
            )
        touching = statistics.touching / statistics.labels
        if touching < 0.02:
            finding = f"{touching:.1%} of the boxes touch the picture's edge; in real pictures things are cut off."
            yield Risk(
                "low", "Nothing cut off", finding, "A higher `objects: {count}` or larger `camera: {size}`.", 0.1
            )
    for entry in statistics.classes:
        if entry.total >= _ENOUGH_LABELS:
            low, high = np.quantile(entry.sizes_px.items, [0.05, 0.95])
            ratio = float(high / max(low, 1e-9))
            if ratio < 2.5:
                finding = (
                    f"90 % of {entry.name}'s boxes are between {low:.0f} and {high:.0f} px, a factor of {ratio:.1f}."
                )
                advice = f"`camera: {{size: {{log_uniform: [{max(16, low / 3):.0f}, {high * 2:.0f}]}}}}`."
                yield Risk("high" if ratio < 1.5 else "medium", "One size only", finding, advice, 3 / ratio, entry.name)
    if statistics.visible.seen >= 50:
        covered = float((np.asarray(statistics.visible.items) < 0.95).mean())
        if covered < 0.02:
            finding = f"{covered:.1%} of the objects are partly covered by others."
            yield Risk("low", "Nothing covered", finding, "A higher `objects: {count}`, or `distractors`.", 0.1)


def _camera(findings: Findings) -> Iterator[Risk]:
    statistics = findings.statistics
    if statistics.camera_elevations_deg.seen >= _ENOUGH_LABELS:
        low, high = np.quantile(statistics.camera_elevations_deg.items, [0.05, 0.95])
        if high - low < 12:
            finding = f"90 % of the pictures look down by {low:.0f}° to {high:.0f}°."
            advice = "`camera: {elevation: {uniform: [8, 55]}}`, or the range of the real camera."
            yield Risk(
                "high" if high - low < 4 else "medium", "Fixed camera angle", finding, advice, 12 / max(high - low, 1)
            )
        heights = np.asarray(statistics.camera_heights_cm.items)
        if float(heights.std()) < 0.1 * abs(float(heights.mean())):
            finding = f"The camera is always about {heights.mean():.0f} cm high."
            yield Risk("medium", "Fixed camera height", finding, "Vary `camera: {size}` and `camera: {elevation}`.", 1)
    sides = findings.table("class × side seen")
    if sides is not None:
        for name, counts in zip(sides.rows, sides.counts, strict=True):
            unseen = int((counts == 0).sum())
            if counts.sum() >= 5.3 * len(counts) and unseen >= len(counts) // 3:
                finding = f"{name} is never seen from {unseen} of {len(counts)} sides."
                advice = (
                    "`objects: {rotation: {yaw: {uniform: [0, 360]}}}` and `camera: {azimuth: {uniform: [0, 360]}}`."
                )
                yield Risk("high" if unseen > 8 else "medium", "Seen from one side", finding, advice, unseen / 12, name)


def _background(findings: Findings) -> Iterator[Risk]:
    statistics = findings.statistics
    environments = statistics.environments
    if environments:
        if len(environments) == 1:
            finding = f"Every picture is taken in {next(iter(environments))}."
            yield Risk("high", "One background", finding, "`environments:` with at least four maps.", 2)
        elif len(environments) < 4:
            finding = f"All pictures are taken in {len(environments)} environments: {', '.join(sorted(environments))}."
            yield Risk("low", "Few backgrounds", finding, "`environments:` with more maps or `.hdr` skies.", 1)
        for entry in statistics.classes:
            images = entry.environments.total()
            if len(environments) > 1 and len(entry.environments) == 1:
                place = next(iter(entry.environments))
                # How likely it is that so many images all fall there by chance.
                if (environments[place] / statistics.images) ** images >= _P:
                    continue
                finding = f"{entry.name} is only ever seen in {place} ({images} images)."
                yield Risk("high", "A class tied to a background", finding, _SHARED, 3, entry.name)
        split_by = findings.source.header.output.split_by if findings.source.header else None
        shared = [name for name in environments if statistics.environment_splits[name, "train"]]
        known = [name for name in shared if statistics.environment_splits[name, "val"]]
        if known:
            models = "" if split_by == "model" else ", and so are the models"
            finding = f"{len(known)} of {len(environments)} environments are in train and in val{models}."
            advice = (
                "It flatters: trust only real pictures, or deal anew: `unrealsynth split DATASET --by environment`."
            )
            yield Risk("low", "Validation knows the backgrounds", finding, advice, 2)
    if len(findings.looks.brightness) >= _ENOUGH_LABELS:
        low, high = np.quantile(findings.looks.brightness, [0.05, 0.95])
        if high - low < 30:
            finding = f"90 % of the pictures have a mean brightness of {low:.0f} to {high:.0f} of 255."
            advice = (
                "`camera: {exposure: {uniform: [-1, 1]}}`, a wider `light: {sun_elevation, sun_intensity}`, more maps."
            )
            yield Risk("medium", "One light only", finding, advice, 30 / max(high - low, 1))


def _ties(findings: Findings) -> Iterator[Risk]:
    rules: tuple[tuple[str, str, str, float], ...] = (
        ("class × environment", "A class tied to a background", _SHARED, 0.25),
        (
            "class × brightness",
            "A class tied to light",
            "Let every class appear in every map, by day and by dusk.",
            0.25,
        ),
        (
            "class × place in the picture",
            "A class tied to a place",
            "Vary `objects: {count, height}` and `camera`.",
            0.25,
        ),
        ("class × size", "A class tied to a size", "Widen `camera: {size: {log_uniform: [40, 400]}}`.", 0.35),
    )
    for title, risk, advice, limit in rules:
        found = findings.table(title)
        tie = found.association() if found is not None else None
        if found is None or tie is None or tie.strength <= limit or tie.p >= _P:
            continue
        finding = f"{_strangest(found)} Cramér's V is {tie.strength:.2f} (0 is no tie, 1 a complete one)."
        yield Risk("high" if tie.strength > 0.5 else "medium", risk, finding, advice, tie.strength)


def _twins(findings: Findings) -> Iterator[Risk]:
    twins, same = findings.twins, findings.statistics.same_pictures
    if same:
        yield Risk("high", "The same picture twice", f"{same} images equal another one byte by byte.", _VARY, 60)
    if twins.across:
        share = twins.across / twins.pictures
        finding = f"{twins.across} of {twins.pictures} pictures look like one of another split, so validation leaks."
        yield Risk("high" if share > 0.01 else "medium", "Look-alikes across splits", finding, _VARY, 10 * share)
    if twins.within > 0.02 * twins.pictures:
        finding = f"{twins.within} of {twins.pictures} pictures look like another one of their split."
        yield Risk("medium", "Look-alikes", finding, _VARY, twins.within / twins.pictures)


def _things(findings: Findings) -> Iterator[Risk]:
    statistics, declared, header = findings.statistics, findings.declared, findings.source.header
    if declared is None or header is None:
        return
    single = [name for name, models in declared.models.items() if len(models) == 1]
    if single:
        finding = f"{len(single)} of {len(declared.models)} classes have one model only: {_listed(single)}."
        advice = f"Unless they look so in reality: several models, `{single[0]}: [a.glb, b.glb]`."
        yield Risk("low", "One model a class", finding, advice, 0.5)
    if not declared.randomization.distractors.models:
        finding = (
            "No unlabelled thing ever stands among the objects, so a detector may learn “stands there” for “is one”."
        )
        yield Risk("low", "No distractors", finding, "`distractors: {models: [...], count: {uniform: [0, 5]}}`.", 1.5)
    lost = statistics.wanted - statistics.placed
    if lost > 0.1 * max(statistics.wanted, 1):
        finding = (
            f"{lost} of {statistics.wanted} objects found no place ({lost / statistics.wanted:.0%}), mostly large ones."
        )
        yield Risk(
            "medium", "Objects without a place", finding, "A lower `objects: {count}` or a larger `spawn` radius.", 1
        )
    dropped = statistics.left_out.total()
    if dropped > 0.1 * max(statistics.placed, 1):
        finding = f"{dropped} of {statistics.placed} objects have no label ({_counts(statistics.left_out)})."
        causes = [reason for reason, _ in statistics.left_out.most_common() if reason in _LIMITS]
        advice = f"`labels: {{redraw: true}}`, or another `{_LIMITS[causes[0]]}`" if causes else "Fewer objects"
        yield Risk("medium", "Unlabelled objects", finding, f"{advice}.", 1)
    named = [model for model in header.models if not str(model.get("source", "")).startswith("builtin:")]
    silent = [str(model.get("id")) for model in named if not model.get("copyright")]
    if silent:
        finding = f"{len(silent)} of {len(named)} model files state no copyright or licence: {_listed(silent)}."
        yield Risk("low", "Unknown licences", finding, "Write down where they come from before you publish.", 0.2)


def _strangest(found: Table) -> str:
    """The cell that is farthest above what was to be expected, as a sentence."""
    expected = found.expected
    surplus = (found.counts - expected) / np.sqrt(np.maximum(expected, 1e-9))
    row, column = (int(index) for index in np.unravel_index(np.argmax(surplus), surplus.shape))
    share = found.counts[row, column] / max(found.counts[row].sum(), 1)
    usual = found.counts[:, column].sum() / found.counts.sum()
    return f"{share:.0%} of {found.rows[row]} falls under “{found.columns[column]}”, of all classes {usual:.0%}."


def _counts(counter: object) -> str:
    return ", ".join(f"{number} {name}" for name, number in dict(counter).items())  # type: ignore[call-overload]


_SHARED = "One recipe with all classes and all `environments`, so that each class is seen everywhere."
_VARY = "Another `seed`, wider `camera` and `objects` ranges, more `environments`."
_RAISE = "More `images`, or `classes: {{{}: {{weight: 3, …}}}}`; look at unrealsynth preview."
_RULES: tuple[Callable[[Findings], Iterator[Risk]], ...] = (
    _broken,
    _amount,
    _balance,
    _boxes,
    _camera,
    _background,
    _ties,
    _twins,
    _things,
)
