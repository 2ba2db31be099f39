"""One image of a YOLO data set with its label: all that can be said without the others. Fit for worker processes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from unrealsynth.dataset.faults import Fault
from unrealsynth.dataset.layout import FORMAT_OF, LABEL_FOLDERS, below, label_path
from unrealsynth.dataset.manifest import MANIFEST_NAME, parse_entry
from unrealsynth.dataset.manifest_checks import Looked, entry_faults
from unrealsynth.dataset.rows import RowForm, read_rows
from unrealsynth.labels import LabelSettings

_SMALLEST_PX = 10
_FLAT_DEVIATION = 1.0
_DARK, _BRIGHT = 4.0, 251.0
_ORIENTATION = 0x0112
_ASPECT_TOLERANCE = 0.02


@dataclass(frozen=True)
class ImageCheck:
    """What the images of a data set are checked against, the same for all of them."""

    root: Path
    form: RowForm
    limits: LabelSettings | None = None
    """Those of our data sets; None for anybody's."""
    class_count: int = 0
    """Classes of our data sets, without the background of masks."""

    def label_of(self, image: Path) -> Path:
        return label_path(image, self.form.task)

    def look(self, job: tuple[str, Path, tuple[int, int] | None]) -> LookedImage:
        """Reads an image and its label. `job` is split, path, and where its manifest line lies, if there is one."""
        split, image, place = job
        name = below(self.root, image)
        try:
            data = image.read_bytes()
            picture, header_faults = _decode(image, data)
        except UnidentifiedImageError:
            return LookedImage((Fault(8, name, "cannot be opened: it is no picture"),))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            return LookedImage((Fault(8, name, f"cannot be opened: {error}"),))
        faults = [Fault(rule, name, message) for rule, message in header_faults]
        faults += [Fault(10, name, message) for message in _brightness_faults(picture)]
        size = (picture.shape[1], picture.shape[0])
        label = self.label_of(image)
        looked = Looked(split, size, hashlib.sha256(data).digest())
        if label.is_file():
            content = label.read_bytes()
            looked.label_sha256 = hashlib.sha256(content).hexdigest()
            faults += self._label_faults(label, content, looked)
        if place is not None and self.limits is not None:
            faults += self._manifest_faults(place, looked)
        return LookedImage(tuple(faults), looked.image_digest)

    def _label_faults(self, label: Path, content: bytes, looked: Looked) -> Iterator[Fault]:
        name = below(self.root, label)
        if self.form.task in LABEL_FOLDERS:
            try:
                with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
                    mode, looked.picture = picture.mode, np.asarray(picture)
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                reason = "it is no PNG" if isinstance(error, UnidentifiedImageError) else error
                yield Fault(23 if self.form.task == "semantic" else 24, name, f"cannot be opened: {reason}")
                return
            check = _mask_faults if self.form.task == "semantic" else _depth_faults
            for rule, message in check(looked.picture, mode, looked.size, self.form.class_count):
                yield Fault(rule, name, message)
            return
        looked.rows, row_faults = read_rows(content, self.form, looked.size)
        for fault in row_faults:
            yield Fault(fault.rule, name, fault.message, fault.line)

    def _manifest_faults(self, place: tuple[int, int], looked: Looked) -> Iterator[Fault]:
        offset, line = place
        with (self.root / MANIFEST_NAME).open("rb") as file:
            file.seek(offset)
            entry = parse_entry(file.readline())
        if entry is None or self.limits is None:
            return
        yield from entry_faults(entry, line, looked, self.form.task, self.limits, self.class_count)


@dataclass(frozen=True)
class LookedImage:
    """What is left to know of an image once it was looked at."""

    faults: tuple[Fault, ...]
    digest: bytes = b""
    """SHA-256 of the file, empty when it cannot be read."""


def _decode(image: Path, data: bytes) -> tuple[NDArray[np.uint8], list[tuple[int, str]]]:
    """Pixels (h, w, 3), and what is wrong with the header."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.verify()
    with Image.open(io.BytesIO(data)) as picture:
        faults = list(_header_faults(image, picture))
        return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB")), faults


def _header_faults(image: Path, picture: Image.Image) -> Iterator[tuple[int, str]]:
    wanted = FORMAT_OF.get(image.suffix.lower(), "a picture")
    if picture.format != wanted:
        yield 8, f"is {picture.format}, its suffix says {wanted}"
    if picture.mode != "RGB":
        yield 9, f"has the mode {picture.mode}, RGB of 8 bits is wanted"
    if picture.getexif().get(_ORIENTATION, 1) != 1:
        yield 9, "is turned by its EXIF data"
    if min(picture.size) < _SMALLEST_PX:
        yield 9, f"is {picture.width} x {picture.height} px, at least {_SMALLEST_PX} are wanted"


def _brightness_faults(pixels: NDArray[np.uint8]) -> Iterator[str]:
    sample = pixels[::8, ::8].reshape(-1, 3)
    mean = float(sample.mean())
    if float(sample.std(axis=0).max()) < _FLAT_DEVIATION:
        yield "is all but one colour"
    elif not _DARK <= mean <= _BRIGHT:
        yield f"is {'black' if mean < _DARK else 'white'} nearly everywhere (mean {mean:.1f} of 255)"


def _mask_faults(
    picture: NDArray[np.generic], mode: str, size: tuple[int, int], class_count: int
) -> Iterator[tuple[int, str]]:
    if mode not in {"L", "P"}:
        yield 23, f"has the mode {mode}, one byte a pixel is wanted"
        return
    if picture.shape != (size[1], size[0]):
        yield 23, f"is {picture.shape[1]} x {picture.shape[0]} px, its image {size[0]} x {size[1]}"
    # With one class, 0 is the background and 1 the class.
    known = np.zeros(256, np.bool_)
    known[[*range(max(class_count, 2)), 255]] = True
    strange = np.flatnonzero((np.bincount(picture.ravel(), minlength=256) > 0) & ~known)
    if len(strange):
        yield 23, f"has the values {', '.join(map(str, strange[:5]))}, which are neither classes nor 255"


def _depth_faults(picture: NDArray[np.generic], mode: str, size: tuple[int, int], _: int) -> Iterator[tuple[int, str]]:
    if mode not in {"I", "I;16"}:
        yield 24, f"has the mode {mode}, 16 bits a pixel are wanted"
        return
    height, width = picture.shape
    if abs(np.log(width / height / (size[0] / size[1]))) > _ASPECT_TOLERANCE:
        yield 24, f"is {width} x {height} px, the image {size[0]} x {size[1]}: another shape"
    if not picture.any():
        yield 24, "has no depth anywhere"
