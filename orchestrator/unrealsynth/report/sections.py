"""The parts of the page that are numbers and drawings. A part that needs a manifest says so where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from unrealsynth.report import plots
from unrealsynth.report.agreement import Agreement
from unrealsynth.report.coverage import Table
from unrealsynth.report.findings import Findings
from unrealsynth.report.markup import (
    card,
    columns,
    folded,
    grid,
    heat_table,
    paragraph,
    plural,
    section,
    shortened,
    table,
    text,
)
from unrealsynth.report.provenance import Origin

_MOST_SKIES = 24
_MOST_HEAT_ROWS = 20
_MOST_ROWS = 12
_WIDE_FROM = 6
_TONES = {
    "as declared": "good",
    "bent by redraws": "low",
    "too few to say": "low",
    "not recorded": "low",
    "not as declared": "high",
}
_LEFT_OUT = {
    "hidden": "not a pixel visible",
    "small": "fewer pixels than min_pixels",
    "covered": "less visible than min_visible",
    "truncated": "more cut off than max_truncated",
    "duplicate": "the same row as another object's",
}
_RANGES = "The line holds 90 % of the boxes, the bar the middle half; the mark is the median."
_NO_MANIFEST = "This needs the manifest that UnrealSynth writes; this data set has none."


def classes(findings: Findings) -> str:
    """Class balance and objects per image."""
    statistics = findings.statistics
    hidden = len(statistics.classes) - plots.MOST_CLASSES
    note = paragraph(f"The first {plots.MOST_CLASSES} classes; {hidden} more are in the JSON.") if hidden > 0 else ""
    mean = statistics.labels / statistics.images
    count = f"{mean:.1f} on average, {max(statistics.per_image)} at most; {statistics.per_image[0]:,} images have none."
    return section(
        "Classes",
        grid(
            card("Labels by class", plots.class_balance(statistics), note),
            card("Objects per image", plots.per_image(statistics), paragraph(count)),
        ),
    )


def boxes(findings: Findings) -> str:
    """Sizes, places, visibility and light."""
    statistics = findings.statistics
    if not statistics.labels:
        return ""
    touching = f"Centres over the picture. {statistics.touching / statistics.labels:.0%} of the boxes touch its edge."
    left = [
        card("Box sizes, with COCO's limits", plots.box_sizes(statistics)),
        card("Box sizes by class", plots.class_sizes(statistics), paragraph(_RANGES)),
        _brightness(findings),
    ]
    right = [card("Where boxes sit", plots.centres(statistics), paragraph(touching), kind="narrow")]
    if statistics.visible.items:
        covered = float((np.asarray(statistics.visible.items) < 0.95).mean())
        words = f"{covered:.0%} of the objects are covered by others by more than 5 %"
        right.append(_share_card("Visible part", "visible, % of the object", statistics.visible.items, words))
    elif findings.source.header is not None:
        why = "It was not measured; the recipe's setting captures.visibility measures it."
        right.append(card("Visible part", paragraph(why)))
    else:
        right.append(card("Visible part", paragraph(_NO_MANIFEST)))
    if statistics.truncated.items:
        cut = float((np.asarray(statistics.truncated.items) > 0.05).mean())
        words = f"{cut:.0%} of the objects are cut off by the picture's edge by more than 5 %"
        right.append(_share_card("Cut off by the edge", "outside, % of the box", statistics.truncated.items, words))
    return section("Boxes and pictures", columns(left, right))


def _share_card(title: str, label: str, values: Sequence[float], words: str) -> str:
    return card(title, plots.shares(title.split()[0].lower(), values, label, words), paragraph(f"{words}."))


def _brightness(findings: Findings) -> str:
    looks = findings.looks
    if not len(looks.brightness):
        return ""
    words = f"{looks.brightness.mean():.0f} on average; within a picture it deviates by {looks.contrast.mean():.0f}."
    return card("Brightness", plots.brightness(looks.brightness), paragraph(f"{words} {findings.sampling}"))


def views(findings: Findings) -> str:
    """Camera directions by class."""
    title = "Camera directions"
    entries = [(i, entry) for i, entry in enumerate(findings.statistics.classes) if entry.directions.any()]
    if not entries:
        return section(title, paragraph(_NO_MANIFEST)) if findings.source.header is None else ""
    skies = "".join(
        f"<figure>{plots.directions(i, entry)}<figcaption>{text(shortened(entry.name))}</figcaption></figure>"
        for i, entry in entries[:_MOST_SKIES]
    )
    words = (
        "From where each class was seen: the sky above the object, its front at the top, straight above in the middle, "
        "the horizon at the rim. The stronger the colour, the more often."
    )
    hidden = len(entries) - _MOST_SKIES
    more = paragraph(f"{hidden} more classes are in the JSON.") if hidden > 0 else ""
    return section(title, paragraph(words), f'<div class="card skies">{skies}</div>', more)


def agreements(findings: Findings) -> str:
    """Each randomized quantity against what was declared."""
    title = "Randomization: drawn against declared"
    if not findings.agreements:
        reason = _NO_MANIFEST if findings.source.header is None else "The header was written by another version."
        return section(title, paragraph(reason))
    fixed = [found for found in findings.agreements if _is_fixed(found)]
    rows = [_agreement_row(found) for found in findings.agreements if not _is_fixed(found)]
    words = (
        "Bars are what was drawn, the line is what the recipe declares. A quantity is not as declared when so large a "
        "difference comes about by chance less than once in ten thousand times, beyond what repeated draws explain."
    )
    body = table(("quantity", "declared", "", "drawn", "verdict"), rows, title)
    same = ", ".join(f"{found.name} {found.observed}" for found in fixed)
    constants = paragraph(f"Constant, as declared: {same}.") if fixed else ""
    return section(title, paragraph(words), f'<div class="card">{body}{constants}</div>')


def _agreement_row(found: Agreement) -> tuple[str, ...]:
    seen = found.observed if len(found.observed) < 60 else f"{len(found.drawn_shares)} values"
    verdict = f'<span class="tone {_TONES[found.verdict]}" title="{text(found.reason)}">{found.verdict}</span>'
    why = f"<br><small>{text(found.reason)}</small>" if found.verdict != "as declared" else ""
    return f"<code>{text(found.name)}</code>", text(found.declared), plots.spark(found), text(seen), verdict + why


def _is_fixed(found: Agreement) -> bool:
    return found.verdict == "as declared" and found.declared.startswith("always")


def coverage(findings: Findings) -> str:
    """What comes together with what."""
    words = (
        "How often things come together. A framed cell is empty although, by its row and its column, at least five "
        "were to be expected."
    )
    return section("Coverage", paragraph(words), grid(*map(_coverage_card, findings.tables), kind="dense"))


def _coverage_card(found: Table) -> str:
    holes = found.empty
    if holes:
        some = "; ".join(f"{row} · {column}" for row, column, _ in holes[:6]) + ("…" if len(holes) > 6 else "")
        words = f"{plural(len(holes), 'hole')}: {some}"
    elif found.unjudged:
        words = f"No hole; {plural(found.unjudged, 'cell')} of {found.counts.size} too thinly filled to say."
    else:
        words = "No hole."
    shaded = heat_table(found) if len(found.rows) <= _MOST_HEAT_ROWS and len(found.columns) <= _MOST_ROWS else ""
    kind = "wide" if len(found.columns) > _WIDE_FROM else ""
    return card(found.title.capitalize(), shaded, paragraph(words), kind=kind)


def self_check(findings: Findings) -> str:
    """Projected against measured boxes."""
    title = "Label self-check: projected against measured"
    entries = [entry for entry in findings.statistics.classes if entry.views]
    if not entries:
        reason = (
            _NO_MANIFEST if findings.source.header is None else "No object stands free enough to compare its boxes."
        )
        return section(title, paragraph(reason))
    rows = [
        (
            text(entry.name),
            f"{entry.views:,}",
            f"{float(np.median(entry.ious.items)):.3f}",
            f"{float(np.median(entry.edges_px.items)):.2f} px",
            f"{float(np.quantile(entry.edges_px.items, 0.95)):.2f} px",
            f'<span class="tone {"high" if entry.outside else "good"}">{entry.outside}</span>',
        )
        for entry in entries
    ]
    words = (
        "The box projected from the object's pose against the box of its pixels, for objects inside the picture that "
        "nothing labelled covers. Distractors and things of the map may still cover a few, unless visibility was "
        "measured. A visible box must never leave its projected box."
    )
    head = ("class", "views", "IoU, median", "worst edge, median", "95 % under", "leaving their box")
    return section(title, paragraph(words), f'<div class="card">{table(head, rows, title, range(1, 6))}</div>')


def losses(findings: Findings) -> str:
    """Repeated draws and objects without a label."""
    statistics = findings.statistics
    title = "Redraws and drops"
    if findings.source.header is None:
        rows = f"{plural(statistics.bad_rows, 'row')} of the label files could not be read."
        return section(title, paragraph(f"{rows} {_NO_MANIFEST}"))
    repeated = [(text(reason), f"{number:,}") for reason, number in statistics.rejections.most_common()]
    dropped = [
        (text(_LEFT_OUT.get(reason, reason)), f"{number:,}") for reason, number in statistics.left_out.most_common()
    ]
    lost = f"{statistics.wanted - statistics.placed:,} of {statistics.wanted:,} objects found no place"
    return section(
        title,
        grid(
            card(
                "Draws repeated because they did not fit",
                table(("reason", "draws"), repeated, "repeated draws", [1]) if repeated else paragraph("None."),
                paragraph(f"{lost}; {plural(statistics.redrawn, 'image')} drawn again as a whole."),
            ),
            card(
                "Objects in the picture without a label",
                table(("reason", "objects"), dropped, "dropped objects", [1]) if dropped else paragraph("None."),
                paragraph(f"{statistics.labels:,} of {statistics.placed:,} placed objects have a label."),
            ),
        ),
    )


def provenance(findings: Findings, origins: Sequence[Origin]) -> str:
    """Every file the pictures were made from."""
    title = "Provenance"
    if findings.source.header is None:
        return section(title, paragraph(_NO_MANIFEST))
    rows = [
        (
            text(origin.name),
            text(origin.kind),
            text(origin.source),
            f'<code title="{text(origin.sha256)}">{text(origin.sha256[:16])}…</code>',
            text(origin.licence),
        )
        for origin in origins
    ]
    shown = table(("name", "kind", "file", "SHA-256", "copyright or licence stated"), rows, title)
    models = sum(origin.kind == "model" for origin in origins)
    words = f"{plural(models, 'model')}, {plural(len(origins) - models, 'texture')}. Whole hashes are in the JSON."
    listed = folded("All files", shown) if len(rows) > _MOST_ROWS else shown
    return section(title, f'<div class="card">{paragraph(words)}{listed}</div>')


def asked(findings: Findings) -> str:
    """All settings, defaults filled in."""
    header = findings.source.header
    if header is None:
        return ""
    rows = {**dict(_settings(header.settings)), "engine": header.engine, "fingerprint": header.fingerprint}
    items = "".join(f"<dt>{text(key)}</dt><dd>{text(value)}</dd>" for key, value in rows.items())
    listed = folded("All settings, with defaults filled in", f'<dl class="asked">{items}</dl>')
    return section("What was asked", f'<div class="card">{paragraph(findings.request, "")}{listed}</div>')


def _settings(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if not prefix and key in {"maps", "textures"}:
            continue
        if not prefix and key == "classes":
            yield key, ", ".join(value)
        elif isinstance(value, dict) and not {"uniform", "log_uniform", "normal", "choice"} & value.keys():
            yield from _settings(value, f"{prefix}{key}.")
        elif value is not None and value != []:
            yield f"{prefix}{key}", _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
