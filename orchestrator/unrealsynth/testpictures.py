"""Judges the pictures of a self-test: what they show against what is known to stand there.

A check says what labels depend on it; those that none depends on tell how the pictures will look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.depth import read_depth
from unrealsynth.dataset.pictures import read_ids, read_rgb
from unrealsynth.errors import DataSetError
from unrealsynth_plugin.core.geometry import project
from unrealsynth_plugin.core.selftest import Section, SelfTestReport, TakenPicture, Target

Use = Literal["labels", "levels", "visibility"]
"""What may go wrong: all labels, those in levels of the project, or how much of an object is said to be seen."""
_USES: dict[Section, Use] = {"ids": "labels", "projection": "labels", "level ids": "levels", "alone": "visibility"}
"""By section, which must be there."""
_CENTROID_PX = 0.6
_DEPTH_CM = 1.0
_BOUNDS_CM = 0.1
_SLOWEST_HZ = 10.0
_AMBIENT_CHANGE = 0.05
"""Smallest relative change of the light in a shaded face when the sun sets."""
_CARDS = {0.02: (4, 45), 0.18: (90, 145), 0.5: (165, 210), 1.0: (200, 250)}
"""Radiance of a card and the sRGB bytes it may come out as.

Unreal's film curve keeps 0.18 (byte 118) and gives about 16, 190 and 221 for the others; the room is for a third of an
EV. Without the target's gamma 0.18 comes out as 46, encoded twice as 181.
"""
_VIEWPORT_BYTES = 8.0
"""Largest difference of a capture's grey from the viewport's that is none: it smooths and dithers otherwise."""
MODEL_BOUNDS_CM = ((-20.0, -200.0, -50.0), (80.0, 100.0, 150.0))
"""Of a model that reaches from (-0.2, -0.5, -2) to (0.8, 1.5, 1) m: (x, z, y) × 100."""


@dataclass(frozen=True)
class Check:
    """One line of a self-test."""

    name: str
    ok: bool | None
    """None where there is nothing to be right or wrong about."""
    measured: str
    wanted: str
    needed_for: Use | None = None
    """What must not be made where it is wrong."""
    values: tuple[float, ...] = ()
    """What was measured, for comparing engines."""


def judge(report: SelfTestReport, folder: Path) -> list[Check]:
    """All checks that the report has something to say about."""
    checks = [_symbols(report), _stencil_switch(report)]
    judges: dict[Section, Callable[[TakenPicture, Path], Check]] = {
        "ids": partial(_ids, "instance ids"),
        "level ids": partial(_ids, "ids in a level"),
        "alone": partial(_ids, "one object alone"),
        "projection": _projection,
        "depth": _depth,
        "cards": _cards,
    }
    for picture in report.pictures:
        if picture.section in judges:
            checks.append(_judged(judges[picture.section], picture, folder))
    checks += _viewport(report, folder)
    sky = [picture for picture in report.pictures if picture.section == "sky"]
    if len(sky) == 2:
        checks.append(_judged(lambda picture, at: _sky(sky[0], picture, at), sky[1], folder))
    if report.bounds_cm is not None:
        checks.append(_axes(report.bounds_cm))
    if report.exposure_ev is not None:
        checks.append(
            Check("daylight exposure", None, f"{report.exposure_ev:+.2f} EV", "", values=(report.exposure_ev,))
        )
    if report.sky_ticks is not None:
        ticks = report.sky_ticks
        checks.append(Check("settling", None, f"{ticks} ticks", "", values=(float(ticks),)))
    if report.ticks_hz is not None:
        hz = report.ticks_hz
        checks.append(
            Check("tick rate", hz >= _SLOWEST_HZ, f"{hz:.0f} Hz", f"at least {_SLOWEST_HZ:.0f} Hz", values=(hz,))
        )
    checks += [
        Check(name, ok=False, measured=reason, wanted="no failure", needed_for=_USES.get(name))
        for name, reason in report.failures
    ]
    checks += _missing(report)
    checks.append(_renderer(report))
    if report.left_out:
        checks.append(Check("settings left out", None, ", ".join(report.left_out), ""))
    return checks


def _judged(judge_picture: Callable[[TakenPicture, Path], Check], picture: TakenPicture, folder: Path) -> Check:
    try:
        return judge_picture(picture, folder / picture.file)
    except DataSetError as error:
        use = _USES.get(picture.section)
        return Check(picture.file, ok=False, measured=str(error), wanted="a picture", needed_for=use)


def _missing(report: SelfTestReport) -> Iterator[Check]:
    """What something depends on and the report says nothing about: that nothing went wrong does not make it right."""
    told = {picture.section for picture in report.pictures} | {section for section, _ in report.failures}
    for section, use in _USES.items():
        if section not in told:
            yield Check(section, ok=False, measured="no picture", wanted="a picture", needed_for=use)


def _symbols(report: SelfTestReport) -> Check:
    missing = [
        name
        for name, there in report.symbols.items()
        if not there and {name, name.split(".")[0]}.isdisjoint(report.optional)
    ]
    found = f"{sum(report.symbols.values())} of {len(report.symbols)}"
    return Check("symbols", not missing, f"{found}; missing: {', '.join(missing)}" if missing else found, "all in use")


def _stencil_switch(report: SelfTestReport) -> Check:
    found = report.console_variables.get("r.CustomDepth", "")
    return Check("r.CustomDepth during the test", found == "3", found or "not known", "3")


def _renderer(report: SelfTestReport) -> Check:
    """Settings that pictures owe their looks to."""
    found = {name: value for name, value in report.console_variables.items() if value and name != "r.CustomDepth"}
    return Check("renderer", None, ", ".join(f"{name} {value}" for name, value in sorted(found.items())), "")


def _ids(name: str, picture: TakenPicture, path: Path) -> Check:
    ids = read_ids(path, picture.resolution)
    wrong = []
    for target in picture.targets:
        column, row = _pixel(target, picture)
        if int(ids[row, column]) != int(target.value):
            wrong.append(f"{int(ids[row, column])} instead of {int(target.value)}")
    bytes_found = sorted({int(value) for value in np.unique(ids)})
    bytes_wanted = sorted({int(target.value) for target in picture.targets})
    ok = not wrong and bytes_found == bytes_wanted
    measured = f"bytes {_few(bytes_found)}" + (f"; {', '.join(wrong)}" if wrong else "")
    use, values = _USES[picture.section], _floats(bytes_found)
    return Check(name, ok, measured, f"bytes {_few(bytes_wanted)}", needed_for=use, values=values)


def _projection(picture: TakenPicture, path: Path) -> Check:
    ids = read_ids(path, picture.resolution)
    errors, lost = [], 0
    for target in picture.targets:
        rows, columns = np.nonzero(ids == int(target.value))
        wanted = project(target.location_cm, picture.camera, picture.resolution)
        if rows.size == 0 or wanted is None:
            lost += 1
            continue
        errors.append(math.dist((columns.mean() + 0.5, rows.mean() + 0.5), wanted))
    worst = max(errors, default=math.inf)
    measured = f"worst {worst:.2f} px" + (f", {lost} of {len(picture.targets)} not seen" if lost else "")
    ok = not lost and worst <= _CENTROID_PX
    name = f"projection, {Path(picture.file).stem}"
    return Check(name, ok, measured, f"at most {_CENTROID_PX} px", needed_for="labels", values=tuple(errors))


def _depth(picture: TakenPicture, path: Path) -> Check:
    depth = read_depth(path, picture.resolution)
    found = [float(depth[row, column]) for column, row in (_pixel(target, picture) for target in picture.targets)]
    ok = all(abs(value - target.value) <= _DEPTH_CM for value, target in zip(found, picture.targets, strict=True))
    wanted = ", ".join(f"{target.value:.0f}" for target in picture.targets)
    return Check(
        "planar depth", ok, ", ".join(f"{value:.1f} cm" for value in found), f"{wanted} cm", values=tuple(found)
    )


def _cards(picture: TakenPicture, path: Path) -> Check:
    found = _greys(picture, path.parent)
    ranges = [_CARDS[target.value] for target in picture.targets]
    ok = found == sorted(found) and all(low <= value <= high for value, (low, high) in zip(found, ranges, strict=True))
    wanted = ", ".join(f"{low}-{high}" for low, high in ranges)
    return Check("grey cards", ok, ", ".join(f"{value:.0f}" for value in found), f"bytes {wanted}", values=tuple(found))


def _viewport(report: SelfTestReport, folder: Path) -> Iterator[Check]:
    """Captured cards against those in the viewport. Never wrong: a viewport has settings of its user's."""
    name = "cards as in the viewport"
    reasons = dict(report.not_measured)
    if "viewport" in reasons:
        yield Check(name, None, f"not measured: {reasons['viewport']}", "")
    by_section = {picture.section: picture for picture in report.pictures}
    if not {"cards", "viewport"} <= by_section.keys():
        return
    try:
        captured, shown = (_greys(by_section[section], folder) for section in ("cards", "viewport"))
    except DataSetError as error:
        yield Check(name, None, f"not measured: {error}", "")
        return
    apart = max(abs(a - b) for a, b in zip(captured, shown, strict=True))
    ok = True if apart <= _VIEWPORT_BYTES else None
    hint = "" if ok else ": the viewport's exposure or view mode may be its own"
    measured = f"{', '.join(f'{value:.0f}' for value in shown)} there, at most {apart:.0f} apart{hint}"
    yield Check(name, ok, measured, f"at most {_VIEWPORT_BYTES:.0f} apart", values=tuple(shown))


def _greys(picture: TakenPicture, folder: Path) -> list[float]:
    rgb = read_rgb(folder / picture.file, picture.resolution)
    return [_luma(rgb, target, picture) for target in picture.targets]


def _sky(high: TakenPicture, low: TakenPicture, low_path: Path) -> Check:
    """By how much the light in a shaded face changes when the sun sets."""
    light = [
        _linear(_luma(read_rgb(path, picture.resolution), picture.targets[0], picture))
        for picture, path in ((high, low_path.with_name(high.file)), (low, low_path))
    ]
    change = light[1] / light[0] - 1.0 if light[0] > 0.0 else 0.0
    ok = light[0] > 0.0 and abs(change) >= _AMBIENT_CHANGE
    return Check(
        "sky light follows the sun",
        ok,
        f"{change:+.0%}",
        f"at least {_AMBIENT_CHANGE:.0%} either way",
        values=(change,),
    )


def _axes(bounds_cm: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Check:
    found = [value for corner in bounds_cm for value in corner]
    wanted = [value for corner in MODEL_BOUNDS_CM for value in corner]
    ok = max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= _BOUNDS_CM
    return Check("axes of a GLB", ok, _few(found), _few(wanted), values=tuple(found))


def _pixel(target: Target, picture: TakenPicture) -> tuple[int, int]:
    """Column and row in which the target lies. Raises DataSetError for one out of view."""
    place = project(target.location_cm, picture.camera, picture.resolution)
    if place is None or not all(0 <= value < side for value, side in zip(place, picture.resolution, strict=True)):
        raise DataSetError(f"{picture.file}: {target.location_cm} is out of view of the camera {picture.camera}.")
    return int(place[0]), int(place[1])


def _luma(rgb: NDArray[np.uint8], target: Target, picture: TakenPicture) -> float:
    """The sRGB luma about a target, 0 to 255."""
    column, row = _pixel(target, picture)
    patch = rgb[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3].reshape(-1, 3)
    return float(np.median(patch, axis=0) @ np.array([0.2126, 0.7152, 0.0722]))


def _linear(byte: float) -> float:
    """The sRGB curve, IEC 61966-2-1."""
    value = byte / 255.0
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _floats(values: list[int]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _few(values: list[int] | list[float]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:8])
    return shown if len(values) <= 8 else f"{shown}, … ({len(values)})"
