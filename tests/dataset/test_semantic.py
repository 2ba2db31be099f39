"""Class masks where the number of classes matters."""

from __future__ import annotations

import numpy as np
import pytest

from unrealsynth import rle
from unrealsynth.dataset.annotations import AnnotatedFrame, Annotation
from unrealsynth.dataset.manifest import ManifestEntry
from unrealsynth.dataset.semantic import semantic_mask, semantic_names
from unrealsynth.errors import DataSetError

ENTRY = ManifestEntry(0, "train", "images/train/0.png", "labels/train/0.txt", 1, 0, "", "", (), {})
SQUARE, REST = np.zeros((4, 6), np.bool_), np.zeros((4, 6), np.bool_)
SQUARE[1:3, 1:3] = True
REST[0, 5] = True


def frame(class_index: int) -> AnnotatedFrame:
    item = Annotation(0, 0, class_index, (1, 1, 3, 3), (1, 1, 3, 3), 4, rle.encode(SQUARE, (4, 6)))
    return AnnotatedFrame(ENTRY, (6, 4), (item,), (rle.encode(REST, (4, 6)),))


@pytest.mark.parametrize(
    ("class_index", "classes", "inside", "outside"),
    [
        (0, 1, 1, 0),  # one class: Ultralytics takes 0 for the background and 1 for the class
        (0, 2, 0, 2),  # several: the background comes after them
        (1, 2, 1, 2),
        (253, 254, 253, 254),  # the most there can be
    ],
)
def test_values(class_index: int, classes: int, inside: int, outside: int) -> None:
    mask = semantic_mask(frame(class_index), classes)
    assert (mask.shape, mask.dtype) == ((4, 6), np.uint8)
    assert (mask[SQUARE] == inside).all()
    assert (mask[REST] == 255).all()
    assert (mask[~SQUARE & ~REST] == outside).all()


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (["cone"], {0: "cone"}),
        (["cone", "hat"], {0: "cone", 1: "hat", 2: "background"}),
        (["cone", "Background"], {0: "cone", 1: "Background", 2: "_background"}),
    ],
)
def test_names(classes: list[str], names: dict[int, str]) -> None:
    assert semantic_names(classes) == names


def test_too_many_classes_for_a_byte() -> None:
    with pytest.raises(DataSetError, match="at most 254 classes and the background, this data set has 255"):
        semantic_names([f"c{i}" for i in range(255)])
