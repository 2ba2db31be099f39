"""The labelled objects of a manifest entry, from which every label form is made.

All forms take the same objects: those that have a row in the data set's label file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unrealsynth import rle
from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME, Header, ManifestEntry, read_header, read_manifest
from unrealsynth.errors import DataSetError
from unrealsynth.labels import LabelSettings, PixelBox, labelled_box
from unrealsynth_plugin.core.geometry import Box


@dataclass(frozen=True)
class Annotation:
    """One labelled object of frame `k`."""

    k: int
    index: int
    class_index: int
    box_px: Box
    """The box of the label: the visible one or the full one, as the settings say."""
    visible_px: PixelBox
    """Box of its visible pixels."""
    pixels: int
    mask: str
    """The visible pixels in COCO's run-length encoding."""

    def visible_mask(self, size: tuple[int, int]) -> tuple[NDArray[np.bool_], tuple[int, int]]:
        """The mask within its box, and the box's corner (y, x); `size` is (width, height) of the picture.

        Raises DataSetError when the manifest is damaged.
        """
        x0, y0, x1, y1 = self.visible_px
        try:
            return rle.decode(self.mask, (size[1], size[0]))[y0:y1, x0:x1], (y0, x0)
        except ValueError as error:
            raise DataSetError(
                f"{MANIFEST_NAME}: frame {self.k} is damaged, the mask of object {self.index} cannot be read: {error}"
            ) from error


@dataclass(frozen=True)
class AnnotatedFrame:
    """A finished frame and what is labelled in it."""

    entry: ManifestEntry
    size: tuple[int, int]
    """Width and height, pixels."""
    annotations: tuple[Annotation, ...]
    remnants: tuple[str, ...]
    """Masks of objects that show, but have no label."""


class MadeDataSet:
    """A data set of ours on disk, to be read a frame at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises DataSetError when `folder` was not made by UnrealSynth."""
        header = read_header(folder)
        if header is None or not (folder / MANIFEST_NAME).is_file():
            missing = HEADER_NAME if header is None else MANIFEST_NAME
            raise DataSetError(
                f"{folder} has no {missing}: only a data set made by UnrealSynth holds the masks this needs."
            )
        self.folder = folder
        self.header: Header = header

    @property
    def images(self) -> int:
        """How many images it is to have; some may be missing still."""
        count = self.header.settings.get("images")
        return count if isinstance(count, int) else 0

    def entries(self) -> Iterator[ManifestEntry]:
        """The finished frames, in the order of completion."""
        return read_manifest(self.folder / MANIFEST_NAME)

    def frames(self) -> Iterator[AnnotatedFrame]:
        """The finished frames with their labelled objects. Raises DataSetError, with the frame, for a bad entry."""
        for entry in self.entries():
            try:
                yield annotated(entry, self.header.output.labels)
            except (KeyError, TypeError, ValueError) as error:
                raise DataSetError(
                    f"{self.folder / MANIFEST_NAME}: frame {entry.k} is damaged ({type(error).__name__}: {error})."
                ) from error


def annotated(entry: ManifestEntry, settings: LabelSettings) -> AnnotatedFrame:
    """What is labelled in a frame."""
    resolution = entry.record["resolution"]
    width, height = (int(side) for side in resolution)  # type: ignore[attr-defined]
    found = []
    remnants = []
    for item in entry.objects:
        if item["left_out"] is None:
            found.append(_annotation(entry.k, item, (width, height), settings))
        elif item["pixels"]:
            remnants.append(str(item["mask"]))
    return AnnotatedFrame(entry, (width, height), tuple(found), tuple(remnants))


def _annotation(k: int, item: Mapping[str, object], size: tuple[int, int], settings: LabelSettings) -> Annotation:
    x0, y0, x1, y1 = (int(edge) for edge in item["box_px"])  # type: ignore[attr-defined]
    full = item.get("box_full_px")
    box_full = None if full is None else tuple(float(edge) for edge in full)  # type: ignore[attr-defined]
    box = labelled_box((x0, y0, x1, y1), box_full, size, settings)  # type: ignore[arg-type]
    if box is None:
        raise ValueError("a labelled object has no box")
    index, class_index, pixels = (int(item[key]) for key in ("index", "class_index", "pixels"))  # type: ignore[call-overload]
    return Annotation(k, index, class_index, box, (x0, y0, x1, y1), pixels, str(item["mask"]))
