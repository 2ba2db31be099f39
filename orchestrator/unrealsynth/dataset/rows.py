"""Rows of YOLO label files read back strictly: what Ultralytics would drop or quietly accept is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MAX_CORNER_ERROR = 1e-6
"""How far, in shares of the picture, an end may leave [0, 1] through rounding."""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,6})?", re.ASCII)
_LONG_NUMBER = re.compile(r"[0-9]+\.[0-9]{7,}", re.ASCII)
_CLASS = re.compile(r"[0-9]+", re.ASCII)
_FLAT_PX = 0.05
"""A polygon thinner than this has lost its area to rounding."""
_Found = tuple[int, str]


@dataclass(frozen=True)
class Row:
    """One object: class and box, in shares of the picture; for other tasks also its points."""

    class_index: int
    cx: float
    cy: float
    w: float
    h: float
    points: tuple[float, ...] = ()
    """x, y, x, y ... of a polygon or an oriented box, or key points; empty for a plain box."""

    def corners(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 in shares of the picture."""
        return self.cx - self.w / 2, self.cy - self.h / 2, self.cx + self.w / 2, self.cy + self.h / 2


@dataclass(frozen=True)
class RowFault:
    """What is wrong with line `line`, counted from 1; `rule` is the number of the check."""

    line: int
    rule: int
    message: str


@dataclass(frozen=True)
class RowForm:
    """What the rows of a data set look like."""

    task: str = "detect"
    class_count: int = 0
    """0 when it is not known."""
    key_points: tuple[int, int] = (0, 0)
    """How many, and numbers for each: the YAML's `kpt_shape`."""


def read_rows(data: bytes, form: RowForm, size: tuple[int, int]) -> tuple[list[tuple[int, Row]], list[RowFault]]:
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
        row, found = _parse(content, form, size)
        if content in lines:
            found = [*found, (16, f"the row is the same as line {lines[content]}")]
        lines.setdefault(content, line)
        faults += [RowFault(line, rule, message) for rule, message in found]
        if row is not None and not found:
            rows.append((line, row))
    return rows, faults


def _parse(content: str, form: RowForm, size: tuple[int, int]) -> tuple[Row | None, list[_Found]]:
    if "\r" in content:
        return None, [(12, "the line ends with a carriage return")]
    words = content.split(" ")
    wrong = _column_fault(len(words), form)
    if wrong is not None:
        return None, [wrong]
    for word in words[1:]:
        if word.strip("+-").lower() in {"nan", "inf", "infinity"}:
            return None, [(17, f"{word!r} is no finite number")]
        if not (_NUMBER.fullmatch(word) or _LONG_NUMBER.fullmatch(word)):
            return None, [(12, f"{word!r} is no number from 0 to 1 with a decimal point")]
    # How many classes there are may be what is wrong with the YAML.
    if not _CLASS.fullmatch(words[0]) or 0 < form.class_count <= int(words[0]):
        return None, [(13, f"class {words[0]!r}, the classes are 0 to {form.class_count - 1}")]
    long = next((word for word in words[1:] if _LONG_NUMBER.fullmatch(word)), None)
    faults = [] if long is None else [(12, f"{long!r} has more than six decimals")]
    numbers = [float(word) for word in words[1:]]
    if form.task in ("segment", "obb"):
        row = _polygon(int(words[0]), numbers)
        return row, [*faults, *_polygon_faults(row, form.task, size)]
    cx, cy, w, h = numbers[:4]
    row = Row(int(words[0]), cx, cy, w, h, tuple(numbers[4:]))
    return row, [*faults, *_box_faults(row, size), *_key_point_faults(row, form)]


def _column_fault(columns: int, form: RowForm) -> _Found | None:
    if form.task == "segment":
        if columns == 5:
            return 12, "a row of a box among polygons: Ultralytics drops the whole image"
        if columns < 7 or columns % 2 == 0:
            return 20, f"{columns} columns, a class and at least 3 points of 2 numbers are wanted"
        return None
    count, dimensions = form.key_points
    wanted = {"obb": 9, "pose": 5 + count * dimensions}.get(form.task, 5)
    if columns == wanted:
        return None
    return 22 if form.task == "pose" else 21 if form.task == "obb" else 12, f"{columns} columns, {wanted} are wanted"


def _box_faults(row: Row, size: tuple[int, int]) -> Iterator[_Found]:
    if not (0 < row.w <= 1 and 0 < row.h <= 1):
        yield 14, f"the box is {row.w:g} x {row.h:g} of the picture"
        return
    corners = row.corners()
    if min(corners) < -_MAX_CORNER_ERROR or max(corners) > 1 + _MAX_CORNER_ERROR:
        yield 14, f"the box reaches from {corners[0]:g}, {corners[1]:g} to {corners[2]:g}, {corners[3]:g}"
    # A box of one pixel, less what six decimals lose.
    width_px, height_px = row.w * size[0], row.h * size[1]
    if width_px < 1 - 1e-5 * size[0] or height_px < 1 - 1e-5 * size[1]:
        yield 15, f"the box is {width_px:.2f} x {height_px:.2f} px, smaller than a pixel"
    yield from _round_trip_faults(row, size)


def _round_trip_faults(row: Row, size: tuple[int, int]) -> Iterator[_Found]:
    """To pixel corners clipped to the picture, and back."""
    width, height = size
    x0, y0, x1, y1 = row.corners()
    left, right = max(x0 * width, 0.0), min(x1 * width, float(width))
    top, bottom = max(y0 * height, 0.0), min(y1 * height, float(height))
    back = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height)
    errors = [abs(a - b) for a, b in zip(back, (row.cx, row.cy, row.w, row.h), strict=True)]
    if max(errors) > _MAX_CORNER_ERROR:
        yield 19, f"the box changes by {max(errors):.2g} on the way to pixels and back"


def _polygon(class_index: int, numbers: Sequence[float]) -> Row:
    xs, ys = numbers[0::2], numbers[1::2]
    (x0, x1), (y0, y1) = (min(xs), max(xs)), (min(ys), max(ys))
    return Row(class_index, (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, tuple(numbers))


def polygon_area(points: Sequence[float], size: tuple[int, int]) -> float:
    """Area in square pixels, positive when the points go clockwise as seen in the picture."""
    xs, ys = points[0::2], points[1::2]
    twice = sum(x * ys[i - 1] - xs[i - 1] * y for i, (x, y) in enumerate(zip(xs, ys, strict=True)))
    return -twice / 2 * size[0] * size[1]


def _polygon_faults(row: Row, task: str, size: tuple[int, int]) -> Iterator[_Found]:
    rule = 21 if task == "obb" else 20
    if max(row.points) > 1:
        yield rule, f"a point is at {max(row.points):g} of the picture, outside"
        return
    area = polygon_area(row.points, size)
    turns = _turns(row.points, size) if task == "obb" else [0.0]
    if min(turns) < 0 < max(turns):
        yield rule, "the four corners do not follow one another around a rectangle"
    elif abs(area) <= _FLAT_PX * max(row.w * size[0], row.h * size[1]):
        yield rule, "the points enclose no area"
    elif task == "obb" and area < 0:
        yield rule, "the four corners go counter-clockwise"


def _turns(points: Sequence[float], size: tuple[int, int]) -> list[float]:
    """At each of four corners, on which side the next one lies."""
    corners = [(x * size[0], y * size[1]) for x, y in zip(points[0::2], points[1::2], strict=True)]
    turns = []
    for i, (x, y) in enumerate(corners):
        (ax, ay), (bx, by) = corners[i - 1], corners[(i + 1) % 4]
        turns.append((x - ax) * (by - y) - (y - ay) * (bx - x))
    return turns


def _key_point_faults(row: Row, form: RowForm) -> Iterator[_Found]:
    count, dimensions = form.key_points
    for number in range(count if form.task == "pose" else 0):
        x, y, *seen = row.points[number * dimensions : (number + 1) * dimensions]
        if seen and seen[0] not in (0.0, 1.0, 2.0):
            yield 22, f"key point {number} has visibility {seen[0]:g}, wanted 0, 1 or 2"
        elif seen and seen[0] == 0.0 and (x, y) != (0.0, 0.0):
            yield 22, f"key point {number} is absent, but at {x:g}, {y:g}; wanted 0 0 0"
        elif max(x, y) > 1:
            yield 22, f"key point {number} is at {x:g}, {y:g}, outside the picture"
