"""The page: one HTML file that needs nothing else, for a minute's reading."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from unrealsynth import __version__
from unrealsynth.drawing import class_color, draw_boxes
from unrealsynth.preview import drawn_boxes
from unrealsynth.report import sections
from unrealsynth.report.findings import Findings
from unrealsynth.report.markup import folded, grid, paragraph, plural, section, text, with_code
from unrealsynth.report.provenance import Origin
from unrealsynth.report.risks import Risk
from unrealsynth.report.source import Frame

GENERATOR = "unrealsynth report"
_EXAMPLE_PX = 480
_TWIN_PX = 240
_SHOWN_RISKS = 6
_SHOWN_TWINS = 4


def page(findings: Findings, risks: Sequence[Risk], origins: Sequence[Origin]) -> str:
    """The whole page."""
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    name = text(findings.source.name)
    parts = [
        _head(findings, risks),
        _risks(findings, risks),
        _examples(findings),
        sections.classes(findings),
        sections.boxes(findings),
        sections.views(findings),
        sections.agreements(findings),
        sections.coverage(findings),
        _twins(findings),
        sections.self_check(findings),
        sections.losses(findings),
        sections.provenance(findings, origins),
        sections.asked(findings),
        _notes(findings),
    ]
    head = (
        f'<meta charset="utf-8"><title>{name}: data set report</title><meta name="generator" content="{GENERATOR}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style>'
    )
    body = f"<main>{''.join(parts)}</main>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _head(findings: Findings, risks: Sequence[Risk]) -> str:
    statistics, declared = findings.statistics, findings.declared
    asked = f"of {declared.images:,} asked for" if declared is not None else "found"
    splits = " · ".join(f"{split} {statistics.frames[split]:,}" for split in statistics.splits)
    worst = sum(risk.severity == "high" for risk in risks)
    verdicts = [agreement.verdict for agreement in findings.agreements]
    ious = [iou for entry in statistics.classes for iou in entry.ious.items]
    small, medium, large = statistics.bands / max(statistics.labels, 1)
    tiles = [
        ("Images", f"{statistics.images:,}", f"{asked}<br>{text(splits)}"),
        ("Labels", f"{statistics.labels:,}", f"{statistics.labels / statistics.images:.1f} an image"),
        ("Classes", f"{len(statistics.classes)}", _extremes(findings)),
        (
            "Without objects",
            f"{statistics.empty.total() / statistics.images:.0%}",
            f"{statistics.empty.total():,} images",
        ),
        ("Large boxes", f"{large:.0%}", f"{medium:.0%} medium, {small:.0%} small"),
    ]
    if ious:
        tiles.append(("Labels fit", f"{float(np.median(ious)):.1%}", "median IoU of projected and measured boxes"))
    if verdicts:
        right = sum(verdict in {"as declared", "bent by redraws"} for verdict in verdicts)
        wrong = verdicts.count("not as declared")
        rest = f"{wrong} not as declared" if wrong else "randomized quantities"
        tiles.append(("As declared", f"{right} of {len(verdicts)}", rest))
    boxes = "".join(
        f"<div><dt>{title}</dt><dd>{number}<small>{more}</small></dd></div>" for title, number, more in tiles
    )
    if worst:
        lead = (
            f"<b>{plural(worst, 'serious risk')}</b> and {plural(len(risks) - worst, 'lesser one')}, worst first below."
        )
    else:
        lead = f"No serious risk, {plural(len(risks), 'lesser one')}." if risks else "Nothing looks wrong."
    return (
        f"<header><h1>{text(findings.source.name)}</h1>"
        f'<p class="lead">{text(findings.request)} {lead}</p></header><dl class="tiles">{boxes}</dl>'
    )


def _extremes(findings: Findings) -> str:
    counts = sorted((entry.total for entry in findings.statistics.classes), reverse=True)
    return f"{counts[0]:,} to {counts[-1]:,} labels each" if len(counts) > 1 else ""


def _risks(findings: Findings, risks: Sequence[Risk]) -> str:
    if not risks:
        return section("Risks", paragraph("None of the rules of thumb found anything to point at."))
    items = [
        f'<li class="{risk.severity}"><span class="chip">{risk.severity}</span><div><p><b>{text(risk.title)}.</b> '
        f'{text(risk.finding)}</p><p class="advice">{with_code(risk.advice)}</p></div></li>'
        for risk in risks
    ]
    shown = f'<ul class="risks">{"".join(items[:_SHOWN_RISKS])}</ul>'
    rest = items[_SHOWN_RISKS:]
    more = folded(f"{len(rest)} more", f'<ul class="risks">{"".join(rest)}</ul>') if rest else ""
    whose = "" if findings.source.header is not None else paragraph("What to change is told for an UnrealSynth recipe.")
    return section("Risks: what a detector may learn that you do not want", whose, shown, more)


def _examples(findings: Findings) -> str:
    figures = []
    for frame in findings.examples:
        picture = _picture(findings, frame, _EXAMPLE_PX, boxes=True)
        names = ", ".join(findings.source.classes[item.class_index] for item in frame.objects) or "no objects"
        caption = " · ".join(filter(None, [f"frame {frame.name}", frame.split, frame.environment]))
        if picture:
            figures.append(
                f"<figure>{_image(picture, f'{caption}: {names}')}<figcaption>{text(caption)}</figcaption></figure>"
            )
    shown = sorted({item.class_index for frame in findings.examples for item in frame.objects})
    legend = "".join(
        f'<li><i style="background:rgb{class_color(index)}"></i>{text(findings.source.classes[index])}</li>'
        for index in shown
    )
    if not figures:
        return section("Examples", paragraph("None of the pictures can be read."))
    return section("Examples", f'<ul class="legend">{legend}</ul><div class="examples">{"".join(figures)}</div>')


def _twins(findings: Findings) -> str:
    twins = findings.twins
    words = (
        f"Of {twins.pictures:,} pictures compared, {twins.within:,} look like another one of their split and "
        f"{twins.across:,} like one of another split. {findings.sampling}"
    )
    figures = []
    for pair in twins.closest[:_SHOWN_TWINS]:
        frames = [findings.seen(pair.first), findings.seen(pair.second)]
        images = [_picture(findings, frame, _TWIN_PX, boxes=False) for frame in frames]
        if all(images):
            caption = " and ".join(f"{frame.name} ({frame.split})" for frame in frames)
            pictures = "".join(_image(image, caption) for image in images)
            shown = f'<div class="pair">{pictures}</div><figcaption>{text(caption)}</figcaption>'
            figures.append(f"<figure>{shown}</figure>")
    if findings.statistics.digests:
        words += f" {findings.statistics.same_pictures:,} images of all equal another one byte by byte."
    return section("Look-alikes", paragraph(words), grid(*figures) if figures else "")


def _notes(findings: Findings) -> str:
    words = (
        f"Made by unrealsynth {__version__} from {findings.source.folder.name}. {findings.sampling} Counts are of "
        "everything; ranges, medians and verdicts of at most 20,000 values each, spread evenly over the data set. "
        "Risks are rules of thumb. Validation on synthetic pictures says nothing about real ones: measure on those."
    )
    return f"<footer><p>{text(words)}</p></footer>"


def _picture(findings: Findings, frame: Frame, width: int, *, boxes: bool) -> str:
    """A reduced picture as data of the page; empty when it cannot be read."""
    try:
        with Image.open(frame.image) as image:
            scale = width / image.width
            small = image.convert("RGB").resize((width, max(1, round(image.height * scale))), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""
    if boxes:
        small = draw_boxes(small, drawn_boxes(findings.source, frame, scale, masks=False))
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=84)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


def _image(source: str, alt: str) -> str:
    return f'<img src="{source}" alt="{text(alt)}">'
