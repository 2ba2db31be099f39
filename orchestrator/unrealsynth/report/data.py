"""The report as JSON data, `format: 1`. Everything the page shows, and whole hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrealsynth.report.coverage import Table
from unrealsynth.report.findings import Findings
from unrealsynth.report.provenance import Origin
from unrealsynth.report.risks import Risk
from unrealsynth.report.statistics import BANDS, ClassStatistics

FORMAT = 1


def as_data(findings: Findings, risks: Sequence[Risk], origins: Sequence[Origin], made_by: str) -> dict[str, Any]:
    """JSON data; sections that need a manifest are null without one."""
    statistics, source = findings.statistics, findings.source
    ours = source.header is not None
    return {
        "format": FORMAT,
        "made_by": made_by,
        "name": source.name,
        "fingerprint": source.header.fingerprint if source.header is not None else None,
        "images": statistics.images,
        "images_asked": findings.declared.images if findings.declared is not None else None,
        "images_by_split": dict(statistics.frames),
        "images_without_objects": dict(statistics.empty),
        "resolutions": [[*size, number] for size, number in statistics.resolutions.most_common()],
        "labels": statistics.labels,
        "unreadable_rows": statistics.bad_rows,
        "risks": [{key: getattr(risk, key) for key in ("severity", "title", "finding", "advice")} for risk in risks],
        "classes": [_class(entry) for entry in statistics.classes],
        "objects_per_image": {str(number): images for number, images in sorted(statistics.per_image.items())},
        "box_sizes": {
            **dict(zip(BANDS, statistics.bands.tolist(), strict=True)),
            "sqrt_area_px": _quantiles(statistics.sizes_px.items),
        },
        "box_centres": statistics.centres.tolist(),
        "boxes_touching_edge": statistics.touching,
        "visible": _quantiles(statistics.visible.items),
        "truncated": _quantiles(statistics.truncated.items),
        "distance_cm": _quantiles(statistics.distances_cm.items),
        "brightness": _quantiles(findings.looks.brightness),
        "contrast": _quantiles(findings.looks.contrast),
        "environments": dict(statistics.environments) if ours else None,
        "randomization": [asdict(agreement) for agreement in findings.agreements] if ours else None,
        "coverage": [_coverage(found) for found in findings.tables],
        "look_alikes": {
            "pictures": findings.twins.pictures,
            "within_split": findings.twins.within,
            "across_splits": findings.twins.across,
            "equal_files": statistics.same_pictures if len(statistics.digests) else None,
            "closest": [
                {
                    "images": [findings.seen(pair.first).name, findings.seen(pair.second).name],
                    "splits": [findings.seen(pair.first).split, findings.seen(pair.second).split],
                    "hash_bits": pair.bits,
                    "mean_difference": round(pair.difference, 3),
                }
                for pair in findings.twins.closest
            ],
        },
        "draws": {
            "objects_wanted": statistics.wanted,
            "objects_placed": statistics.placed,
            "repeated": dict(statistics.rejections),
            "without_label": dict(statistics.left_out),
            "images_redrawn": statistics.redrawn,
        }
        if ours
        else None,
        "provenance": [asdict(origin) for origin in origins] if ours else None,
        "pictures_read": len(findings.looks.places),
        "pictures_unreadable": findings.looks.unreadable,
    }


def _class(entry: ClassStatistics) -> Mapping[str, object]:
    return {
        "name": entry.name,
        "labels": dict(entry.labels),
        "images": dict(entry.images),
        **dict(zip(BANDS, entry.bands.tolist(), strict=True)),
        "sqrt_area_px": _quantiles(entry.sizes_px.items),
        "environments": dict(entry.environments),
        "models": dict(entry.models),
        "directions": entry.directions.tolist() if entry.directions.any() else None,
        "self_check": {
            "views": entry.views,
            "iou": _quantiles(entry.ious.items),
            "worst_edge_px": _quantiles(entry.edges_px.items),
            "leaving_projected_box": entry.outside,
        }
        if entry.views or entry.outside
        else None,
    }


def _coverage(found: Table) -> Mapping[str, object]:
    tie = found.association()
    return {
        "table": found.title,
        "rows": list(found.rows),
        "columns": list(found.columns),
        "counts": found.counts.tolist(),
        "empty": [{"row": row, "column": column, "expected": round(wanted, 1)} for row, column, wanted in found.empty],
        "cells_too_thin_to_judge": found.unjudged,
        "cramers_v": None if tie is None else round(tie.strength, 3),
        "p": None if tie is None else tie.p,
    }


def _quantiles(values: Sequence[float] | NDArray[np.float64]) -> Mapping[str, float] | None:
    if not len(values):
        return None
    numbers = np.asarray(values, float)
    names = ("low", "p5", "median", "p95", "high")
    found = np.quantile(numbers, [0, 0.05, 0.5, 0.95, 1])
    return {
        "mean": round(float(numbers.mean()), 4),
        **{name: round(float(value), 4) for name, value in zip(names, found, strict=True)},
    }
