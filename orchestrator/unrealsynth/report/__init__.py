"""One page about a data set that a person reads in a minute, and the same as JSON. Changes nothing in the data set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unrealsynth.errors import DataSetError, RecipeError
from unrealsynth.report.risks import Risk

__all__ = ["Report", "make_report"]


@dataclass(frozen=True)
class Report:
    """A report on disk."""

    page: Path
    data: Path
    images: int
    labels: int
    risks: tuple[Risk, ...]
    verdicts: Mapping[str, int]
    """How many quantities have which verdict."""

    def as_json(self) -> Mapping[str, object]:
        """Plain data for --json."""
        return {
            "ok": True,
            "report": self.page,
            "data": self.data,
            "images": self.images,
            "labels": self.labels,
            "verdicts": dict(self.verdicts),
            "risks": [
                {"severity": risk.severity, "title": risk.title, "finding": risk.finding, "advice": risk.advice}
                for risk in self.risks
            ],
        }

    def as_text(self) -> str:
        """A few lines for a person."""
        lines = [f"{self.page}: {self.images} images, {self.labels} labels"]
        if self.verdicts:
            lines.append("  randomization: " + ", ".join(f"{number} {name}" for name, number in self.verdicts.items()))
        lines += [f"  {risk.severity}: {risk.title}. {risk.finding}" for risk in self.risks if risk.severity == "high"]
        rest = sum(risk.severity != "high" for risk in self.risks)
        if rest:
            lines.append(f"  {rest} lesser risks in the report")
        return "\n".join(lines)


def make_report(data_set: Path, *, out: Path | None = None, pictures: int = 4000) -> Report:
    """Writes the page about a data set to `out`, and the JSON beside it; looks into at most `pictures` images.

    Raises DataSetError when there is no data set, or when a file is in the way that is no earlier report.
    """
    from unrealsynth.report.data import as_data
    from unrealsynth.report.findings import gather
    from unrealsynth.report.page import GENERATOR, page
    from unrealsynth.report.provenance import origins
    from unrealsynth.report.risks import find_risks
    from unrealsynth.report.source import open_data_set

    source = open_data_set(data_set)
    path = out if out is not None else Path(f"{source.folder.resolve().name}-report.html")
    if path.suffix.lower() not in {".html", ".htm"}:
        raise RecipeError(f"--out wants a .html file, got {path}.")
    beside = path.with_suffix(".json")
    for target in (path, beside):
        _require_replaceable(target, GENERATOR)
    findings = gather(source, pictures)
    risks = find_risks(findings)
    files = origins(source.header) if source.header is not None else []
    data = as_data(findings, risks, files, GENERATOR)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(findings, risks, files), encoding="utf-8")
        beside.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataSetError(f"Cannot write {path}: {error.strerror}. Give another file with --out.") from error
    verdicts = Counter(str(agreement.verdict) for agreement in findings.agreements)
    return Report(path, beside, findings.statistics.images, findings.statistics.labels, tuple(risks), verdicts)


def _require_replaceable(path: Path, generator: str) -> None:
    """Raises DataSetError when there is a file that is not an earlier report."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            if generator in file.read(1000):
                return
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataSetError(f"{path} cannot be written: {error.strerror}. Give another file with --out.") from error
    raise DataSetError(f"{path} is there and is no earlier report: give another file with --out.")
