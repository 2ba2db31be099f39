"""Other splits for a data set of ours, in a new folder: by frame, or by groups that never come apart.

A group is in one split only, so that nothing a model learns in training is met again in validation or test. Which one
depends on nothing but the frames themselves and their order, so that the same command gives the same splits.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from unrealsynth.dataset.annotations import MadeDataSet
from unrealsynth.dataset.derived import DerivedDataSet, new_place
from unrealsynth.dataset.export import task_yaml
from unrealsynth.dataset.layout import find_yaml
from unrealsynth.dataset.manifest import ManifestEntry
from unrealsynth.dataset.splits import share
from unrealsynth.errors import DataSetError, RecipeError

By = Literal["frame", "model", "environment", "block"]
BLOCK_FRAMES = 100
"""Frames in a block."""
_SPLITS = ("train", "val", "test")


Shares = Mapping[str, Fraction]
"""Which share of the frames each split is to have; splits without any are left out."""


def shares_of(train: float, val: float, test: float) -> Shares:
    """Raises RecipeError unless train and val are above 0 and all add up to 1."""
    shares = dict(zip(_SPLITS, map(share, (train, val, test)), strict=True))
    if shares["train"] <= 0 or shares["val"] <= 0 or shares["test"] < 0 or sum(shares.values()) != 1:
        raise RecipeError(
            f"Shares of {train:g}, {val:g} and {test:g} were given; train and val have to be above 0, test may be 0, "
            "and all three have to add up to 1."
        )
    return {split: part for split, part in shares.items() if part}


@dataclass(frozen=True)
class Resplit:
    """What was made."""

    path: Path
    images: Mapping[str, int]
    """By split."""
    objects: Mapping[str, Counter[str]]
    """By split and class."""
    left_out: int
    """Images that show models of several splits."""
    warnings: tuple[str, ...]

    def as_json(self) -> Mapping[str, object]:
        return {
            "ok": True,
            "path": str(self.path),
            "images": dict(self.images),
            "objects": {split: dict(counts) for split, counts in self.objects.items()},
            "left_out": self.left_out,
            "warnings": list(self.warnings),
        }

    def as_text(self) -> str:
        counts = ", ".join(f"{split} {self.images[split]}" for split in _SPLITS if split in self.images)
        lines = [f"{self.path}: {counts}"]
        if self.left_out:
            lines.append(f"  {self.left_out} images that show models of several splits were left out")
        lines += [f"  warning: {warning}" for warning in self.warnings]
        return "\n".join(lines)


def resplit(
    data_set: Path,
    shares: Shares,
    by: By = "frame",
    out: Path | None = None,
    *,
    leave_out_mixed: bool = False,
    copy: bool = False,
) -> Resplit:
    """Writes `data_set` with other splits to `out`, by default beside it; images become hard links unless `copy`.

    By model, models that are seen together stay together; with `leave_out_mixed` each class' models are dealt out
    instead, and frames that show models of several splits are left out. Raises DataSetError when the groups cannot be
    dealt out so that every split has some.
    """
    folder = (data_set if data_set.is_dir() else find_yaml(data_set).parent).resolve()
    source = MadeDataSet(folder)
    target = out if out is not None else folder.with_name(f"{folder.name}-split")
    if target.resolve().is_relative_to(folder):
        raise DataSetError(f"{target} is inside the data set {folder}, which would change it: give another --out.")
    split_of = _dealer(source, shares, by, leave_out_mixed)
    numbers = ", ".join(f"{split} {float(part):g}" for split, part in shares.items())
    header = replace(source.header, output=replace(source.header.output, split_by=f"{by}: {numbers}"))
    images: Counter[str] = Counter()
    objects: dict[str, Counter[str]] = defaultdict(Counter)
    left_out = 0
    names, more, labels = task_yaml(header)
    with new_place(target) as place, DerivedDataSet(place, folder, header, copy=copy) as made:
        for frame in source.frames():
            entry = frame.entry
            split = split_of(entry)
            if split is None:
                left_out += 1
                continue
            kind, _, name = entry.label.split("/")
            label = None if entry.depth is not None and entry.depth.path == entry.label else _label(folder, entry)
            made.add(entry, split, f"{kind}/{split}/{name}", label)
            images[split] += 1
            objects[split].update(header.classes[item.class_index] for item in frame.annotations)
        made.finish(names, more, labels)
    return Resplit(target, images, objects, left_out, tuple(_warnings(header.classes, objects)))


def _label(folder: Path, entry: ManifestEntry) -> bytes:
    try:
        return (folder / entry.label).read_bytes()
    except OSError as error:
        raise DataSetError(f"{folder / entry.label} cannot be read: {error.strerror}.") from error


def _dealer(
    source: MadeDataSet, shares: Shares, by: By, leave_out_mixed: bool
) -> Callable[[ManifestEntry], str | None]:
    """What says the split of a frame; None leaves it out."""
    if by == "frame":
        return lambda entry: frame_split(entry.k, shares)
    if by == "model" and leave_out_mixed:
        dealt = _deal_models(source, shares)
        return lambda entry: _common_split(entry, dealt, shares)
    group_of = _grouping(source, by)
    sizes: Counter[str] = Counter(group for entry in source.entries() if (group := group_of(entry)) is not None)
    splits = deal_groups(sizes, shares, by)
    return lambda entry: frame_split(entry.k, shares) if (group := group_of(entry)) is None else splits[group]


def _grouping(source: MadeDataSet, by: By) -> Callable[[ManifestEntry], str | None]:
    """What says the group of a frame; None where it has none."""
    if by == "environment":
        return environment_of
    if by == "block":
        return lambda entry: str(entry.k // BLOCK_FRAMES)
    stands_for = _joined_models(source)

    def group(entry: ManifestEntry) -> str | None:
        models = _models(entry)
        # A frame without objects gives nothing away.
        return stands_for[models[0]] if models else None

    return group


def frame_split(k: int, shares: Shares) -> str:
    """The split of frame k: every stretch of frames has its shares, whatever comes after."""
    if _falls(k, shares.get("test", Fraction(0))):
        return "test"
    # Of the frames that are left, as the run itself deals them.
    test = shares.get("test", Fraction(0))
    return "val" if _falls(k - int(k * test), shares["val"] / (1 - test)) else "train"


def _falls(k: int, part: Fraction) -> bool:
    return (k + 1) * part // 1 > k * part // 1


def environment_of(entry: ManifestEntry) -> str:
    """Where the frame was made."""
    plan = entry.record["plan"]
    return str(plan["environment"])  # type: ignore[index]


def deal_groups(sizes: Mapping[str, int], shares: Shares, by: str) -> dict[str, str]:
    """The split of every group: large ones first, each to the split that lacks most of its share.

    Groups of a size come in an order that says nothing about them. Raises DataSetError when a split stays empty.
    """
    if len(sizes) < len(shares):
        hint = (
            " Models that are seen in one frame stay together; --leave-out-mixed parts them." if by == "model" else ""
        )
        raise DataSetError(
            f"{len(sizes)} group{'s' * (len(sizes) != 1)} by {by} cannot fill {len(shares)} splits.{hint} "
            "Split by something else, or make a data set with more of them."
        )
    total = sum(sizes.values())
    have = dict.fromkeys(shares, 0)
    dealt: dict[str, str] = {}
    order = sorted(sizes, key=lambda group: (-sizes[group], hashlib.sha256(group.encode()).digest()))
    for left, group in zip(range(len(order), 0, -1), order, strict=True):
        empty = [split for split in shares if not have[split]]
        among = empty if len(empty) >= left else list(shares)
        split = max(among, key=lambda split: shares[split] * total - have[split])
        dealt[group] = split
        have[split] += sizes[group]
    return dealt


def _deal_models(source: MadeDataSet, shares: Shares) -> dict[str, str]:
    """The split of every model, dealt within its class. Raises DataSetError for a class with too few."""
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in source.entries():
        for item in entry.objects:
            sizes[str(item["class_name"])][str(item["model"])] += 1
    dealt: dict[str, str] = {}
    for name, models in sizes.items():
        if len(models) < len(shares):
            raise DataSetError(
                f"The {len(models)} model{'s' * (len(models) != 1)} of class {name} cannot fill {len(shares)} splits: "
                "give it more models, or split by frame, environment or block."
            )
        dealt |= deal_groups(models, shares, "model")
    return dealt


def _common_split(entry: ManifestEntry, dealt: Mapping[str, str], shares: Shares) -> str | None:
    """The split of all models of a frame, or None when they are of several."""
    splits = {dealt[model] for model in _models(entry)} or {frame_split(entry.k, shares)}
    return splits.pop() if len(splits) == 1 else None


def _joined_models(source: MadeDataSet) -> Mapping[str, str]:
    """By model the one that stands for its group: models that are in a frame together cannot come apart."""
    parents: dict[str, str] = {}

    def root(model: str) -> str:
        while parents.setdefault(model, model) != model:
            parents[model] = model = parents[parents[model]]
        return model

    for entry in source.entries():
        models = _models(entry)
        for model in models[1:]:
            first, second = sorted((root(models[0]), root(model)))
            parents[second] = first
        if models:
            root(models[0])
    return {model: root(model) for model in parents}


def _models(entry: ManifestEntry) -> Sequence[str]:
    return [str(item["model"]) for item in entry.objects]


def _warnings(classes: Sequence[str], objects: Mapping[str, Counter[str]]) -> Iterable[str]:
    for split in (split for split in _SPLITS if split in objects):
        missing = [name for name in classes if not objects[split][name]]
        if missing:
            yield f"{split} has no object of class {', '.join(missing)}."
