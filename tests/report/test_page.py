"""The page on disk: whole, self-contained, escaped, readable in light and dark; the JSON beside it."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sets import HOSTILE, write_foreign, write_ours
from PIL import Image
from typer.testing import CliRunner

from unrealsynth.cli import app
from unrealsynth.errors import DataSetError, RecipeError
from unrealsynth.report import Report, make_report
from unrealsynth.report.markup import text, with_code

VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Collects what a page is made of; every tag must be closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.faults: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture(scope="module")
def made(ours: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return make_report(ours, out=tmp_path_factory.mktemp("made") / "a report.html")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a data set of ours whose first class is named to break out."""
    folder = tmp_path_factory.mktemp("hostile")
    write_ours(folder / "set", (HOSTILE, "Schild", "\x1b[31m</style>"), frames=6)
    return make_report(folder / "set", out=folder / "r.html").page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("foreign")
    rows = ["0 0.5 0.5 0.5 0.5\n", "1 0.3 0.3 0.2 0.2\n0 0.7 0.7 0.2 0.3\n", "", "0 bad\n", "1 0.4 0.4 0.1 0.1\n"]
    return make_report(write_foreign(folder / "their set", rows), out=folder / "r.html")


def page_of(report: Report) -> str:
    return report.page.read_text(encoding="utf-8")


def test_every_section_is_there(made: Report) -> None:
    page = Page(page_of(made))
    assert (page.faults, page.open) == ([], [])
    for title in (
        "Risks",
        "Examples",
        "Labels by class",
        "Objects per image",
        "Box sizes, with COCO's limits",
        "Where boxes sit",
        "Visible part",
        "Cut off by the edge",
        "Brightness",
        "Camera directions",
        "Randomization: drawn against declared",
        "Coverage",
        "Look-alikes",
        "Label self-check",
        "Redraws and drops",
        "Provenance",
        "What was asked",
    ):
        assert title in page.text


def test_the_page_needs_nothing_else(made: Report, hostile: str, foreign: Report) -> None:
    for source in (page_of(made), hostile, page_of(foreign)):
        tags = Page(source).tags
        assert not {"script", "link", "iframe", "object", "embed", "base"} & {tag for tag, _ in tags}
        for _, attributes in tags:
            assert not [key for key in attributes if key.startswith("on")]
            for key in ("src", "href", "srcset", "action", "data", "poster"):
                value = attributes.get(key, "#")
                assert value.startswith(("#", "data:image/jpeg;base64,")), value
        assert not re.search(r"@import|url\((?!#)", source)
        assert "http:" not in source and "https:" not in source


def test_names_of_classes_stay_names(hostile: str) -> None:
    page = Page(hostile)
    assert page.faults == []
    assert HOSTILE in page.text
    assert "<script" not in hostile and hostile.count("</style>") == 1
    assert "\x1b" not in hostile
    # Also where matplotlib writes it; `$x$` is no formula to it.
    assert any("$x$" in words for words in page.words)


def test_what_is_seen_is_told_in_words_too(made: Report, foreign: Report) -> None:
    for report in (made, foreign):
        tags = Page(page_of(report)).tags
        pictures = [attributes for tag, attributes in tags if tag == "img"]
        drawings = [attributes for tag, attributes in tags if tag == "svg"]
        assert len(pictures) >= 4 and len(drawings) >= 6
        assert all(attributes["alt"] for attributes in pictures)
        assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in drawings)
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(ids) == len(set(ids))


def test_colours_are_the_pages(made: Report) -> None:
    source = page_of(made)
    style, body = source.split("</style>")
    assert "prefers-color-scheme: dark" in style and "@media print" in style
    used = set(re.findall(r"var\((--[\w-]+)\)", body))
    assert {"--ink", "--faint", "--line", "--c1", "--c2"} <= used
    defined = set(re.findall(r"(--[\w-]+):", style))
    assert used <= defined
    assert re.findall(r"(?:fill|stroke): ?#[0-9a-f]{6}", body) == []


def test_pictures_are_small_jpegs(made: Report) -> None:
    sources = [attributes["src"] for tag, attributes in Page(page_of(made)).tags if tag == "img"]
    for source in sources:
        with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
            assert (image.format, image.width) in {("JPEG", 480), ("JPEG", 240)}


def test_provenance_names_file_hash_and_licence(made: Report) -> None:
    words = Page(page_of(made)).text
    for expected in ("cone.glb", "CC0 <b>me</b>", "sunset.hdr", "builtin:soil", "none stated", "c" * 16):
        assert expected in words


def test_sections_without_a_manifest_say_so(foreign: Report) -> None:
    page = Page(page_of(foreign))
    assert page.faults == []
    assert page.text.count("this data set has none") >= 5
    assert "Labels by class" in page.text and "Look-alikes" in page.text
    data = json.loads(foreign.data.read_text(encoding="utf-8"))
    assert [data[key] for key in ("randomization", "provenance", "draws", "fingerprint", "images_asked")] == [None] * 5
    assert (data["images"], data["labels"], data["unreadable_rows"]) == (5, 4, 1)


SCHEMA: dict[str, Any] = {
    "format": 1,
    "made_by": str,
    "name": str,
    "fingerprint": str,
    "images": int,
    "images_asked": int,
    "images_by_split": {"train": int, "val": int},
    "images_without_objects": dict,
    "resolutions": [[int, int, int]],
    "labels": int,
    "unreadable_rows": int,
    "risks": [{"severity": str, "title": str, "finding": str, "advice": str}],
    "classes": [
        {
            "name": str,
            "labels": dict,
            "images": dict,
            "small": int,
            "medium": int,
            "large": int,
            "sqrt_area_px": {"mean": float, "low": float, "p5": float, "median": float, "p95": float, "high": float},
            "environments": {"yard": int},
            "models": dict,
            "directions": [[int]],
            "self_check": (dict, type(None)),
        }
    ],
    "objects_per_image": dict,
    "box_sizes": {"small": int, "medium": int, "large": int, "sqrt_area_px": dict},
    "box_centres": [[int]],
    "boxes_touching_edge": int,
    "visible": (dict, type(None)),
    "truncated": dict,
    "distance_cm": dict,
    "brightness": dict,
    "contrast": dict,
    "environments": {"yard": int},
    "randomization": [
        {
            "name": str,
            "declared": str,
            "count": int,
            "observed": str,
            "verdict": str,
            "reason": str,
            "p": (float, type(None)),
            "distance": (float, type(None)),
            "drawn_shares": list,
            "declared_shares": list,
            "labels": list,
        }
    ],
    "coverage": [
        {
            "table": str,
            "rows": [str],
            "columns": [str],
            "counts": [[int]],
            "empty": list,
            "cells_too_thin_to_judge": int,
            "cramers_v": (float, type(None)),
            "p": (float, type(None)),
        }
    ],
    "look_alikes": {"pictures": int, "within_split": int, "across_splits": int, "equal_files": int, "closest": list},
    "draws": {
        "objects_wanted": int,
        "objects_placed": int,
        "repeated": dict,
        "without_label": dict,
        "images_redrawn": int,
    },
    "provenance": [{"name": str, "kind": str, "source": str, "sha256": str, "licence": str}],
    "pictures_read": int,
    "pictures_unreadable": int,
}


def misfits(data: object, form: Any, where: str = "") -> list[str]:
    if isinstance(form, dict):
        if not isinstance(data, dict) or data.keys() != form.keys():
            return [f"{where}: {data!r:.80}"]
        return [fault for key in form for fault in misfits(data[key], form[key], f"{where}.{key}")]
    if isinstance(form, list):
        if not isinstance(data, list) or not data:
            return [f"{where}: {data!r:.80}"]
        forms = form * len(data) if len(form) == 1 else form
        return [
            f
            for i, (item, kind) in enumerate(zip(data, forms, strict=True))
            for f in misfits(item, kind, f"{where}[{i}]")
        ]
    if isinstance(form, (type, tuple)):
        return [] if isinstance(data, form) else [f"{where}: {data!r:.80}"]
    return [] if data == form else [f"{where}: {data!r:.80}"]


def test_the_json_has_its_form(made: Report) -> None:
    data = json.loads(made.data.read_text(encoding="utf-8"))
    assert misfits(data, SCHEMA) == []
    assert made.data.name == "a report.json"
    json.dumps(data, allow_nan=False)


def test_the_json_counts_what_is_on_disk(ours: Path, made: Report) -> None:
    data = json.loads(made.data.read_text(encoding="utf-8"))
    texts = [path.read_text(encoding="utf-8").splitlines() for path in ours.glob("labels/*/*.txt")]
    rows = [line.split() for lines in texts for line in lines]
    assert (data["images"], data["labels"]) == (16, len(rows))
    assert data["objects_per_image"] == {
        str(n): sum(len(lines) == n for lines in texts) for n in sorted({len(lines) for lines in texts})
    }
    for index, entry in enumerate(data["classes"]):
        assert sum(entry["labels"].values()) == sum(int(row[0]) == index for row in rows)
    sizes = [(float(w) * 96 * float(h) * 72) ** 0.5 for _, _, _, w, h in rows]
    assert data["box_sizes"]["sqrt_area_px"]["median"] == pytest.approx(np.median(sizes), abs=0.01)
    means = [np.asarray(Image.open(path).convert("L")).mean() for path in ours.glob("images/*/*.png")]
    assert data["brightness"]["mean"] == pytest.approx(np.mean(means), abs=1.0)
    assert data["look_alikes"]["pictures"] == 16


def test_what_the_header_declares_is_judged(made: Report) -> None:
    verdicts = {
        item["name"]: item["verdict"] for item in json.loads(made.data.read_text(encoding="utf-8"))["randomization"]
    }
    # The synthetic camera rolls by up to 15 degrees, which the header does not declare.
    assert verdicts["camera.roll"] == "not as declared"
    assert verdicts["camera.size"] == verdicts["light.sun_elevation"] == "as declared"
    assert verdicts["environments"] == "as declared"
    assert verdicts["camera.azimuth"] == "too few to say"
    assert made.verdicts["not as declared"] == 1


def test_the_same_data_set_gives_the_same_report_in_place_of_the_earlier_one(ours: Path, made: Report) -> None:
    before = page_of(made), made.data.read_bytes()
    assert make_report(ours, out=made.page) == made
    assert (page_of(made), made.data.read_bytes()) == before


def test_missing_and_broken_pictures_are_no_end(ours: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(ours, tmp_path / "copy"))
    for path in copy.glob("images/train/*.png"):
        path.unlink()
    for path in copy.glob("images/val/*.png"):
        path.write_bytes(b"\x89PNG")
    (copy / "manifest.header.json").unlink()
    assert make_report(copy, out=tmp_path / "theirs.html").labels == 0
    shutil.copy(ours / "manifest.header.json", copy)
    report = make_report(copy, out=tmp_path / "r.html")
    assert "None of the pictures can be read" in page_of(report)
    assert any(risk.title == "Broken pictures" for risk in report.risks)


def test_a_data_set_without_any_label(tmp_path: Path) -> None:
    report = make_report(write_foreign(tmp_path / "set", ["", "", ""]), out=tmp_path / "r.html")
    assert Page(page_of(report)).faults == []
    assert report.labels == 0


def test_nothing_but_a_report_is_replaced(ours: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataSetError, match=r"mine\.json is there and is no earlier report"):
        make_report(ours, out=tmp_path / "mine.html")
    assert not (tmp_path / "mine.html").exists()
    with pytest.raises(RecipeError, match=r"wants a \.html file"):
        make_report(ours, out=tmp_path / "r.pdf")


def test_nothing_in_the_data_set_changes(ours: Path, made: Report) -> None:
    assert sorted(path.name for path in ours.iterdir()) == sorted(
        ["images", "labels", "manifest.header.json", "manifest.jsonl", "synth.yaml"]
    )


def test_the_command_looks_into_as_many_pictures_as_it_may(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["report", str(ours), "--pictures", "5", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["ok"] and answer["images"] == 16
    assert {"severity", "title", "finding", "advice"} == set(answer["risks"][0])
    data = json.loads((tmp_path / "Straße 7-report.json").read_text(encoding="utf-8"))
    assert 3 <= data["pictures_read"] <= 5
    assert data["images"] == 16
    assert "of 16 pictures were looked into" in (tmp_path / "Straße 7-report.html").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["report", str(tmp_path / "nowhere")]).exit_code == 4


def test_its_words_name_what_is_serious(made: Report) -> None:
    words = made.as_text()
    assert "16 images" in words and "high: Not what the recipe says" in words
    assert "low" not in {line.strip().partition(":")[0] for line in words.splitlines()}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#x27;"), ("a\x00\u202eb", "a��b"), (3, "3"), ("Ünï 中", "Ünï 中")],
)
def test_text_is_never_markup(value: object, shown: str) -> None:
    assert text(value) == shown


def test_code_in_advice_is_escaped() -> None:
    assert with_code("set `a: <b>`, then & go") == "set <code>a: &lt;b&gt;</code>, then &amp; go"


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.interop
@pytest.mark.skipif(_chromium() is None, reason="needs Chromium")
@pytest.mark.parametrize(("scheme", "dark"), [(1, False), (0, True)])
def test_a_browser_shows_it_in_light_and_dark(scheme: int, dark: bool, made: Report, tmp_path: Path) -> None:
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    flags += (
        f" --disable-component-update --disable-sync --hide-scrollbars --blink-settings=preferredColorScheme={scheme}"
    )
    picture = tmp_path / "page.png"
    places = [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,3000", f"--screenshot={picture}"]
    subprocess.run(
        [str(_chromium()), *flags.split(), *places, made.page.as_uri()], check=True, timeout=90, capture_output=True
    )
    pixels = np.asarray(Image.open(picture).convert("L"), float)
    assert (pixels[5, 5] < 60) == dark
    # Text stands out from its background all over the page.
    assert np.abs(pixels - pixels[5, 5]).reshape(10, 300, -1).max(axis=(1, 2)).min() > 100
