"""What is painted on or let into a road: lines, a crossing, an arrow, covers and grates. All are 2 mm to 4 mm high, so
that objects stand on them; the road runs along X.
"""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Solid, translation, union
from unrealsynth.library.noise import Field, smoothstep
from unrealsynth.library.solids import box, extrusion, lathe
from unrealsynth.library.surfaces import Coat, Painter, Texels, even, rgb

LINE_HEIGHT = 0.002
_ASPHALT = (0.078, 0.080, 0.076)
_WHITE = rgb("#dcdcd4")
_YELLOW = rgb("#d9a21b")
_DASH, _GAP, _DASHES = 3.0, 5.0, 6


def lane_line() -> list[Surface]:
    """A solid white line, 48 m long and 15 cm wide."""
    piece = _stripe(6.0, 0.15, _WHITE)
    return textured(piece.repeated([translation(6.0 * k, 0.0, 0.0) for k in range(8)]), 256)


def lane_line_dashed() -> list[Surface]:
    """Six dashes of 3 m, 5 m apart; the next such line goes on after 48 m."""
    return textured(_dashes(), 256)


def lane_line_yellow() -> list[Surface]:
    """Two solid yellow lines side by side, 48 m long."""
    piece = _stripe(6.0, 0.12, _YELLOW)
    places = [translation(6.0 * k, 0.0, z) for k in range(8) for z in (-0.12, 0.12)]
    return textured(piece.repeated(places), 256)


def zebra_crossing() -> list[Surface]:
    """Fourteen bars of 3.6 m along the road, 50 cm wide and as far apart."""
    bars = [_stripe(3.6, 0.5, _WHITE).moved(0.0, 0.0, offset) for offset in (0.0, 1.0)]
    return textured(
        union([bar.repeated([translation(0.0, 0.0, 2.0 * k) for k in range(7)]) for bar in bars]),
        512,
    )


def road_arrow() -> list[Surface]:
    """A straight arrow on the road, 5 m long, towards +X."""
    outline = [(-2.5, -0.09), (0.9, -0.09), (0.9, -0.42), (2.5, 0.0), (0.9, 0.42), (0.9, 0.09), (-2.5, 0.09)]
    return textured(extrusion(outline, LINE_HEIGHT, _worn(_WHITE)).turned("x", -90.0), 512)


def manhole_cover() -> list[Surface]:
    """A cast-iron cover of 61 cm with a waffle pattern, in a frame set in mortar."""

    def paint(texels: Texels) -> Coat:
        x, _, z = texels.points.T
        reach = np.hypot(x, z)
        fine, cloud = texels.noise(0.012, 1), texels.noise(0.25, 2)
        iron = even(texels, (0.13, 0.115, 0.10), 0.55, 0.35).tinted(0.6 + 0.5 * cloud + 0.35 * fine)
        knob = np.minimum(np.abs((x / 0.045) % 1.0 - 0.5), np.abs((z / 0.045) % 1.0 - 0.5))
        knobs = smoothstep(0.10, 0.2, knob) * smoothstep(0.262, 0.256, reach)
        coat = iron.over(1.0 - knobs, np.asarray(iron.color) * 0.55, 0.8, relief=-0.003)
        ring = np.maximum(_between(reach, 0.262, 0.297), _between(reach, 0.311, 0.35))
        coat = coat.over(ring, np.asarray(iron.color) * 0.95, 0.5, relief=0.003)
        coat = coat.over(_between(reach, 0.299, 0.309), (0.012, 0.011, 0.010), 0.9, 0.0)
        ragged = 0.352 + 0.02 * (texels.noise(0.07, 3) - 0.5)
        mortar = smoothstep(-0.002, 0.002, reach - ragged)
        return coat.over(mortar, np.array([0.22, 0.215, 0.20]) * (0.6 + 0.8 * fine[:, None]), 0.92, 0.0)

    disc = lathe([(0.0, 0.0), (0.42, 0.0), (0.42, LINE_HEIGHT), (0.0, LINE_HEIGHT)], paint, 40)
    return textured(disc, 512)


def drain_grate() -> list[Surface]:
    """A gully grate of 50 × 40 cm with bars across, in an iron frame."""

    def paint(texels: Texels) -> Coat:
        x, _, z = texels.points.T
        fine = texels.noise(0.015, 1)
        coat = even(texels, (0.12, 0.11, 0.10), 0.55, 0.4).tinted(0.55 + 0.6 * texels.noise(0.2, 2) + 0.3 * fine)
        slot = smoothstep(0.012, 0.015, np.abs((x / 0.055) % 1.0 - 0.5) * 0.055 - 0.0)
        inside = (np.abs(x) < 0.215) & (np.abs(z) < 0.165) & (np.abs(z) > 0.012)
        coat = coat.over((1.0 - slot) * inside, (0.006, 0.006, 0.006), 0.95, 0.0, relief=-0.01)
        gap = _between(np.maximum(np.abs(x) - 0.05, np.abs(z)), 0.180, 0.185)
        return coat.over(gap, (0.012, 0.011, 0.010), 0.9, 0.0)

    return textured(box((0.5, LINE_HEIGHT, 0.4), paint), 256)


def _dashes() -> Solid:
    step = _DASH + _GAP
    return _stripe(_DASH, 0.15, _WHITE).repeated([translation(step * k, 0.0, 0.0) for k in range(_DASHES)])


def _stripe(length: float, width: float, color: tuple[float, float, float]) -> Solid:
    return box((length, LINE_HEIGHT, width), _worn(color))


def _worn(color: tuple[float, float, float]) -> Painter:
    """Thermoplastic paint that traffic has worn off the tops of the stones, and greyed."""

    def paint(texels: Texels) -> Coat:
        cloud, stones = texels.noise(0.9, 1, (3.0, 1.0, 1.0)), texels.noise(0.035, 2)
        coat = even(texels, color, 0.62).tinted(0.72 + 0.2 * cloud + 0.16 * texels.noise(0.1, 3))
        rim = smoothstep(0.03, 0.0, texels.edge) * 0.35
        bare = smoothstep(0.80, 0.92, 0.62 * stones + 0.42 * cloud + rim)
        return coat.over(bare, _ASPHALT, 0.9)

    return paint


def _between(values: Field, low: float, high: float) -> Field:
    return smoothstep(low - 0.001, low + 0.001, values) * smoothstep(high + 0.001, high - 0.001, values)
