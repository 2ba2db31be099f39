"""What a run has done, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from unrealsynth.dataset.frames import EncodedFrame
from unrealsynth.output import quoted
from unrealsynth.selfcheck import Summary as CheckSummary

_REASONS = {"small": "too small", "covered": "covered too much", "truncated": "cut off too much"}


SUSPICIOUS_OBJECTS = 5
"""A class that was placed this often without a single label deserves a warning."""


@dataclass
class Tally:
    """Counts over the frames of one run."""

    frames: int = 0
    labels: int = 0
    empty: int = 0
    redrawn: Counter[str] = field(default_factory=Counter)
    """Frames drawn again: `blank` ones, and those with a visible `remnant` of an object without a label."""
    no_place: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Objects with a label, by class."""
    placed: Counter[str] = field(default_factory=Counter)
    """Objects in the scene, by class."""

    def add(self, frame: EncodedFrame, wanted_objects: int, placed_objects: int) -> None:
        """Takes a finished frame in."""
        for item in frame.record.objects:
            self.placed[item.class_name] += 1
            self.seen[item.class_name] += item.index not in frame.left_out
        labels = placed_objects - len(frame.left_out)
        self.frames += 1
        self.labels += labels
        self.empty += labels == 0
        self.no_place += wanted_objects - placed_objects
        self.left_out.update(frame.left_out.values())

    def warnings(self) -> tuple[str, ...]:
        """Classes that stood in the scene again and again and never got a label."""
        return tuple(
            f"none of the {count} objects of class {name} got a label; is its model see-through, or open from behind? "
            "Look with `unrealsynth preview`"
            for name, count in sorted(self.placed.items())
            if count >= SUSPICIOUS_OBJECTS and not self.seen[name]
        )


@dataclass(frozen=True)
class RunSummary:
    """The end of a run."""

    folder: Path
    images: int
    """Images in the whole data set, asked for."""
    finished: int
    """Images in the data set now."""
    tally: Tally
    check: CheckSummary
    seconds: float
    """From the first frame asked for to the last one on disk."""
    warnings: tuple[str, ...] = ()

    @property
    def frames_per_s(self) -> float:
        return self.tally.frames / self.seconds if self.seconds > 0 else 0.0

    def as_json(self) -> Mapping[str, object]:
        """Plain data for --json."""
        check = self.check
        return {
            "ok": True,
            "data_set": str(self.folder),
            "yaml": str(self.folder / "synth.yaml"),
            "images": self.images,
            "finished": self.finished,
            "made": self.tally.frames,
            "labels": self.tally.labels,
            "empty_frames": self.tally.empty,
            "objects_left_out": dict(self.tally.left_out),
            "objects_without_place": self.tally.no_place,
            "frames_redrawn": dict(self.tally.redrawn),
            "seconds": round(self.seconds, 3),
            "frames_per_s": round(self.frames_per_s, 3),
            "self_check": {
                "clean_views": check.clean_views,
                "failed_frames": check.failed_frames,
                "median_edge_px": check.median_edge_px,
                "p99_edge_px": check.p99_edge_px,
                "iou_by_class": dict(check.iou_by_class),
            },
            "warnings": list(self.warnings),
        }

    def as_text(self) -> str:
        """A few lines for a person."""
        tally, check = self.tally, self.check
        lines = [f"{self.finished} of {self.images} images in {self.folder}"]
        if self.finished > self.images:
            lines = [f"{self.finished} images in {self.folder}, more than the {self.images} asked for"]
        if tally.frames:
            lines.append(
                f"  made now: {tally.frames} images with {tally.labels} labels, {tally.empty} images without any, "
                f"{self.frames_per_s:.1f} frames/s"
            )
        reasons = [f"{count} {_REASONS.get(reason, reason)}" for reason, count in sorted(tally.left_out.items())]
        reasons += [f"{tally.no_place} found no place"] if tally.no_place else []
        if reasons:
            lines.append(f"  objects without a label: {', '.join(reasons)}")
        if tally.redrawn:
            blank, remnant = tally.redrawn["blank"], tally.redrawn["remnant"]
            lines.append(f"  drawn again: {blank} blank frames, {remnant} with remnants of objects without a label")
        if check.clean_views and check.median_edge_px is not None:
            ious = ", ".join(f"{name} {iou:.3f}" for name, iou in check.iou_by_class.items())
            lines.append(
                f"  self-check: {check.clean_views} clean views, edge error median {check.median_edge_px:.2f} px, "
                f"99 % under {check.p99_edge_px:.2f} px; IoU {ious}"
            )
        lines += [f"  warning: {warning}" for warning in self.warnings]
        if self.finished:
            lines.append(f"  train with: yolo detect train data={quoted(self.folder / 'synth.yaml')} model=yolov8n.pt")
        return "\n".join(lines)
