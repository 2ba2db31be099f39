"""Rows of YOLO label files read back strictly: what Ultralytics would drop or quietly accept is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CORNER_ERROR = 1e-6
"""How far, in shares of the picture, an end may leave [0, 1] through rounding."""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,6})?", re.ASCII)
_CLASS = re.compile(r"[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One object: class and box, in shares of the picture."""

    class_index: int
    cx: float
    cy: float
    w: float
    h: float

    def corners(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 in shares of the picture."""
        return self.cx - self.w / 2, self.cy - self.h / 2, self.cx + self.w / 2, self.cy + self.h / 2


@dataclass(frozen=True)
class RowFault:
    """What is wrong with line `line`, counted from 1; `rule` is the number of the check."""

    line: int
    rule: int
    message: str


def read_rows(data: bytes, class_count: int, size: tuple[int, int]) -> tuple[list[tuple[int, Row]], list[RowFault]]:
    """The good rows of a label file with their lines, and the faults; `size` is (width, height) of the picture."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        what = "begins with a byte order mark" if data.startswith(b"\xef\xbb\xbf") else "is not plain ASCII"
        return [], [RowFault(data[: error.start].count(b"\n") + 1, 12, f"the file {what}")]
    rows: list[tuple[int, Row]] = []
    faults: list[RowFault] = []
    lines: dict[str, int] = {}
    for line, content in enumerate(text.removesuffix("\n").split("\n") if text else [], 1):
        row, found = _parse(content, class_count, size)
        if content in lines:
            found = [*found, (16, f"the row is the same as line {lines[content]}")]
        lines.setdefault(content, line)
        faults += [RowFault(line, rule, message) for rule, message in found]
        if row is not None and not found:
            rows.append((line, row))
    return rows, faults


def _parse(content: str, class_count: int, size: tuple[int, int]) -> tuple[Row | None, list[tuple[int, str]]]:
    if "\r" in content:
        return None, [(12, "the line ends with a carriage return")]
    words = content.split(" ")
    if len(words) != 5:
        return None, [(12, f"{len(words)} columns, 5 are wanted")]
    for word in words[1:]:
        if word.strip("+-").lower() in {"nan", "inf", "infinity"}:
            return None, [(17, f"{word!r} is no finite number")]
        if not _NUMBER.fullmatch(word):
            return None, [(12, f"{word!r} is no number from 0 to 1 with a decimal point and at most six decimals")]
    if not _CLASS.fullmatch(words[0]) or int(words[0]) >= class_count:
        return None, [(13, f"class {words[0]!r}, the classes are 0 to {class_count - 1}")]
    row = Row(int(words[0]), *(float(word) for word in words[1:]))
    return row, list(_box_faults(row, size))


def _box_faults(row: Row, size: tuple[int, int]) -> Iterator[tuple[int, str]]:
    if not (0 < row.w <= 1 and 0 < row.h <= 1):
        yield 14, f"the box is {row.w:g} x {row.h:g} of the picture"
        return
    corners = row.corners()
    if min(corners) < -MAX_CORNER_ERROR or max(corners) > 1 + MAX_CORNER_ERROR:
        yield 14, f"the box reaches from {corners[0]:g}, {corners[1]:g} to {corners[2]:g}, {corners[3]:g}"
    # A box of one pixel, less what six decimals lose.
    width_px, height_px = row.w * size[0], row.h * size[1]
    if width_px < 1 - 1e-5 * size[0] or height_px < 1 - 1e-5 * size[1]:
        yield 15, f"the box is {width_px:.2f} x {height_px:.2f} px, smaller than a pixel"
    yield from _round_trip_faults(row, size)


def _round_trip_faults(row: Row, size: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """To pixel corners clipped to the picture, and back."""
    width, height = size
    x0, y0, x1, y1 = row.corners()
    left, right = max(x0 * width, 0.0), min(x1 * width, float(width))
    top, bottom = max(y0 * height, 0.0), min(y1 * height, float(height))
    back = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height)
    errors = [abs(a - b) for a, b in zip(back, (row.cx, row.cy, row.w, row.h), strict=True)]
    if max(errors) > MAX_CORNER_ERROR:
        yield 19, f"the box changes by {max(errors):.2g} on the way to pixels and back"
