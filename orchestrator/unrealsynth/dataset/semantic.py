"""Class masks for semantic segmentation, as Ultralytics reads them: 8-bit PNG, the class' number in every pixel.

With one class the background is 0 and the class 1; with more, classes keep their numbers and the background is a class
of its own after them. 255 is ignored in training: objects that show but have no label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from unrealsynth import rle
from unrealsynth.dataset.annotations import AnnotatedFrame
from unrealsynth.dataset.manifest import MANIFEST_NAME
from unrealsynth.dataset.pictures import encode_grey
from unrealsynth.errors import DataSetError

_IGNORE = 255
MASKS_FOLDER = "masks"
_MOST_CLASSES = 254
_BACKGROUND = "background"


def semantic_names(classes: Sequence[str]) -> Mapping[int, str]:
    """The classes of the masks, for the YAML. Raises DataSetError when a byte cannot hold them."""
    if len(classes) > _MOST_CLASSES:
        raise DataSetError(
            f"A semantic mask holds at most {_MOST_CLASSES} classes and the background, this data set has "
            f"{len(classes)} classes."
        )
    if len(classes) == 1:
        return {0: classes[0]}
    name = _BACKGROUND
    while name.casefold() in {item.casefold() for item in classes}:
        name = f"_{name}"
    return dict(enumerate([*classes, name]))


def semantic_mask(frame: AnnotatedFrame, class_count: int) -> NDArray[np.uint8]:
    """The class of every pixel (h, w)."""
    width, height = frame.size
    single = class_count == 1
    # Column after column, as the runs go.
    flat = np.full(width * height, 0 if single else class_count, np.uint8)
    masks = [(item.mask, 1 if single else item.class_index) for item in frame.annotations]
    try:
        for mask, value in (*masks, *((mask, _IGNORE) for mask in frame.remnants)):
            rle.paint(flat, mask, value)
    except ValueError as error:
        raise DataSetError(f"{MANIFEST_NAME}: frame {frame.entry.k} is damaged: {error}") from error
    return np.transpose(flat.reshape(width, height))


def semantic_label(frame: AnnotatedFrame, class_count: int) -> bytes:
    """The mask as PNG."""
    return encode_grey(np.ascontiguousarray(semantic_mask(frame, class_count)))
