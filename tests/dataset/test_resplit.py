"""Other splits: shares kept, groups kept together, nothing lost and nothing touched."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth.dataset.checks import check
from unrealsynth.dataset.export import export
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_header, read_manifest
from unrealsynth.dataset.resplit import By, deal_groups, frame_split, resplit, shares_of
from unrealsynth.errors import DataSetError, RecipeError

THREE = shares_of(0.5, 0.25, 0.25)


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def edit_entries(folder: Path, **edits: Any) -> None:
    """Rewrites the manifest; `edits` give a value for a frame's number, by `environment` or `model`."""
    path = folder / MANIFEST_NAME
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "environment" in edits:
            entry["record"]["plan"]["environment"] = edits["environment"](entry["k"])
        for item in entry["objects"]:
            if "model" in edits:
                item["model"] = edits["model"](entry["k"], item["index"])
        lines.append(json.dumps(entry))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def splits_by(folder: Path, key: str) -> dict[str, set[str]]:
    """In which splits each environment or model is."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in read_manifest(folder / MANIFEST_NAME):
        record: Any = entry.record
        names = [record["plan"]["environment"]] if key == "environment" else [str(i["model"]) for i in entry.objects]
        for name in names:
            found[name].add(entry.split)
    return found


def test_frames_are_dealt_and_nothing_is_lost(data_set: Path) -> None:
    before = files_below(data_set)
    made = resplit(data_set, THREE)
    assert files_below(data_set) == before
    assert made.images == {"train": 6, "val": 3, "test": 3}
    assert made.path == data_set.with_name(f"{data_set.name}-split").resolve()
    data = yaml.safe_load((made.path / "synth.yaml").read_text(encoding="utf-8"))
    assert {key: data[key] for key in ("train", "val", "test")} == {
        "train": "images/train",
        "val": "images/val",
        "test": "images/test",
    }
    for kind in ("images", "labels"):
        old = {Path(name).name: content for name, content in before.items() if name.startswith(kind)}
        new = {Path(name).name: content for name, content in files_below(made.path).items() if name.startswith(kind)}
        assert new == old
    assert check(made.path) == []


def test_without_a_test_split_there_is_none(data_set: Path, tmp_path: Path) -> None:
    made = resplit(data_set, shares_of(0.75, 0.25, 0), out=tmp_path / "two")
    assert made.images == {"train": 9, "val": 3}
    assert not (made.path / "images/test").exists()


def test_labels_are_copies_and_images_links(data_set: Path, tmp_path: Path) -> None:
    """So that a label corrected by hand does not change the other data set."""
    made = resplit(data_set, THREE, out=tmp_path / "split").path
    for kind, same in (("images", True), ("labels", False)):
        new = next((made / kind).rglob("0.*"))
        old = next((data_set / kind).rglob("0.*"))
        assert os.path.samestat(new.stat(), old.stat()) == same


def test_it_is_not_gone_on_with(data_set: Path, tmp_path: Path) -> None:
    made = resplit(data_set, THREE, out=tmp_path / "split")
    mine, its = read_header(data_set), read_header(made.path)
    assert mine is not None and its is not None
    (difference,) = its.differences(mine)
    assert difference == 'output.split_by: "frame: train 0.5, val 0.25, test 0.25" -> nothing'


def test_an_export_can_be_split(data_set: Path, tmp_path: Path) -> None:
    segment = export(data_set, "yolo-segment", tmp_path / "segment").path
    semantic = export(data_set, "yolo-semantic", tmp_path / "semantic").path
    for path in (segment, semantic):
        made = resplit(path, THREE)
        assert check(made.path) == []
        assert sum(made.images.values()) == 12


@pytest.mark.parametrize(
    ("by", "edits"),
    [
        ("environment", {"environment": lambda k: f"map {k % 5}"}),
        ("model", {"model": lambda k, index: f"model {k % 4}-{index % 2}"}),
    ],
)
def test_groups_stay_together(data_set: Path, tmp_path: Path, by: By, edits: dict[str, Any]) -> None:
    edit_entries(data_set, **edits)
    made = resplit(data_set, THREE, by, tmp_path / "split")
    assert all(len(splits) == 1 for splits in splits_by(made.path, by).values())
    assert sum(made.images.values()) == 12
    assert set(made.images) == {"train", "val", "test"}
    assert made.left_out == 0


def test_blocks_stay_together(data_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unrealsynth.dataset.resplit.BLOCK_FRAMES", 3)
    made = resplit(data_set, THREE, "block", tmp_path / "split")
    found: dict[int, set[str]] = defaultdict(set)
    for entry in read_manifest(made.path / MANIFEST_NAME):
        found[entry.k // 3].add(entry.split)
    assert all(len(splits) == 1 for splits in found.values())
    assert made.images == {"train": 6, "val": 3, "test": 3}


def test_models_that_are_seen_together_cannot_come_apart(data_set: Path, tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"1 group by model cannot fill 3 splits.*--leave-out-mixed"):
        resplit(data_set, THREE, "model", tmp_path / "split")
    assert not (tmp_path / "split").exists()


def test_mixed_frames_can_be_left_out(data_set: Path, tmp_path: Path) -> None:
    edit_entries(data_set, model=lambda k, index: f"model {(k + index) % 3}")
    wanted = shares_of(0.6, 0.4, 0)
    with pytest.raises(DataSetError, match="model"):
        resplit(data_set, wanted, "model", tmp_path / "split")
    made = resplit(data_set, wanted, "model", tmp_path / "split", leave_out_mixed=True)
    assert all(len(splits) == 1 for splits in splits_by(made.path, "model").values())
    assert made.left_out > 0
    assert made.left_out + sum(made.images.values()) == 12
    assert not (tmp_path / "split" / "images").samefile(data_set / "images")


def test_a_class_with_too_few_models_is_named(data_set: Path, tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"The 1 model of class .* cannot fill 3 splits"):
        resplit(data_set, THREE, "model", tmp_path / "split", leave_out_mixed=True)


def test_a_split_without_a_class_is_told(data_set: Path, tmp_path: Path) -> None:
    edit_entries(data_set, environment=lambda k: "large" if k < 11 else "small")
    made = resplit(data_set, shares_of(0.9, 0.1, 0), "environment", tmp_path / "split")
    counts = {split: set(counter) for split, counter in made.objects.items()}
    assert bool(made.warnings) == (len(counts.get("val", set())) < 3)
    assert all(warning.startswith("val has no object of class ") for warning in made.warnings)


@pytest.mark.parametrize("shares", [(0.5, 0.4, 0.0), (1.0, 0.0, 0.0), (0.6, 0.5, -0.1), (0.0, 0.5, 0.5)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(RecipeError, match="add up to 1"):
        shares_of(*shares)


@pytest.mark.parametrize("place", ["Straße 7/inside", "there"])
def test_bad_places_are_refused(data_set: Path, place: str) -> None:
    out = data_set.parent / place
    if place == "there":
        out.mkdir()
        (out / "mine").touch()
    before = files_below(data_set.parent)
    with pytest.raises(DataSetError, match=r"would change it|is there already"):
        resplit(data_set, THREE, out=out)
    assert files_below(data_set.parent) == before


tenths = st.integers(1, 18).map(lambda n: n / 20)


@given(tenths, st.integers(0, 10), st.integers(1, 400))
def test_every_stretch_of_frames_has_its_shares(val: float, test: int, count: int) -> None:
    shares = {"train": Fraction(1) - Fraction(str(val)) * (1 - Fraction(test, 20)) - Fraction(test, 20)}
    shares |= {"val": Fraction(str(val)) * (1 - Fraction(test, 20)), "test": Fraction(test, 20)}
    shares = {split: part for split, part in shares.items() if part}
    found = Counter(frame_split(k, shares) for k in range(count))
    for split, part in shares.items():
        assert abs(found[split] - part * count) <= 2
    assert set(found) <= set(shares)


@given(st.dictionaries(st.text(max_size=4), st.integers(1, 50), min_size=3, max_size=40))
def test_groups_are_dealt_by_size(sizes: dict[str, int]) -> None:
    dealt = deal_groups(sizes, THREE, "environment")
    assert dealt.keys() == sizes.keys()
    assert set(dealt.values()) == {"train", "val", "test"}
    # The same whatever order they come in.
    assert deal_groups(dict(reversed(sizes.items())), THREE, "environment") == dealt
    total, largest = sum(sizes.values()), max(sizes.values())
    for split, part in THREE.items():
        have = sum(size for group, size in sizes.items() if dealt[group] == split)
        assert have <= part * total + largest
