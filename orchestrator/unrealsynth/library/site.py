"""Things of a building site or a yard: drums, pallets, crates, containers, fences, tyres."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import translation, union
from unrealsynth.library.solids import arc, box, lathe
from unrealsynth.library.surfaces import Coat, Texels, bare_metal, painted_metal, rgb, timber


def oil_drum(color: str = "#1f5fa8") -> list[Surface]:
    """A 200 l steel drum: rolling hoops, chimes, two bungs; scratched enamel with rust."""
    radius, height = 0.286, 0.88
    enamel = painted_metal(rgb(color), 0.38, wear=0.75, dust=0.55, size=0.6, rust=0.6)

    def scuffed(texels: Texels) -> Coat:
        coat = enamel(texels)
        reach = np.hypot(texels.points[:, 0], texels.points[:, 2])
        proud = np.clip((reach - radius - 0.003) / 0.006, 0.0, 1.0) * (np.abs(texels.normals[:, 1]) < 0.9)
        rubbed = proud * (texels.noise(0.12, 5) > 0.35) * texels.noise(0.02, 6)
        return coat.over(rubbed, (0.20, 0.15, 0.115), 0.6, 0.5)

    wall = [(0.0, 0.022), (radius - 0.012, 0.022), (radius - 0.010, 0.004), (radius - 0.004, 0.0)]
    wall += [(radius + 0.006, 0.004), (radius + 0.008, 0.016), (radius, 0.024)]
    for centre in (0.30, 0.58):
        wall += [(radius, centre - 0.028)]
        wall += [(radius + 0.013 * np.sin(a), centre - 0.018 * np.cos(a)) for a in np.linspace(0.35, np.pi - 0.35, 6)]
        wall += [(radius, centre + 0.028)]
    for y in (0.10, 0.20, 0.40, 0.48, 0.68, 0.78):
        wall.append((radius, y))
    wall.append((radius, height - 0.024))
    body = sorted(wall[7:], key=lambda point: point[1])
    top = [(radius + 0.008, height - 0.016), (radius + 0.006, height - 0.004), (radius - 0.004, height)]
    top += [(radius - 0.010, height - 0.004), (radius - 0.012, height - 0.020), (0.20, height - 0.016)]
    top += [(0.19, height - 0.013), (0.0, height - 0.013)]
    shell = lathe(wall[:7] + body + top, scuffed, segments=40, hard_degrees=50.0)
    steel = bare_metal((0.55, 0.55, 0.53), 0.4, rust=0.25, size=0.1)
    rim = arc((0.036, 0.010), 0.004, 0.0, 90.0, 3)
    big = lathe([(0.0, 0.0), (0.040, 0.0), *rim.tolist(), (0.024, 0.014), (0.022, 0.008), (0.0, 0.008)], steel, 24)
    bungs = big.moved(0.185, height - 0.016) + big.scaled(0.6, 0.8, 0.6).moved(-0.195, height - 0.016)
    return textured(union([shell, bungs]))


def pallet() -> list[Surface]:
    """A EUR pallet, 1.2 × 0.8 × 0.144 m: eleven boards on nine blocks."""
    boards = []
    for k, (z, width) in enumerate(((-0.3275, 0.145), (-0.165, 0.1), (0.0, 0.145), (0.165, 0.1), (0.3275, 0.145))):
        boards.append(box((1.2, 0.022, width), timber("x"), 0.0025).moved((-1) ** k * 0.002, 0.133, z))
    for x in (-0.5275, 0.0, 0.5275):
        boards.append(box((0.145, 0.022, 0.8), timber("z"), 0.0025).moved(x, 0.111, 0.0))
    for z, width in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
        boards.append(box((1.2, 0.022, width), timber("x"), 0.0025).moved(0.0, 0.011, z))
        for x in (-0.5275, 0.0, 0.5275):
            boards.append(box((0.145, 0.078, width), timber("x", (0.36, 0.235, 0.125)), 0.004).moved(x, 0.061, z))
    nail = lathe(
        [(0.0, 0.0), (0.007, 0.0), (0.006, 0.0012), (0.0, 0.0016)], bare_metal((0.2, 0.17, 0.15), 0.6, rust=0.6), 6
    )
    spots = [
        translation(x + dx, 0.1438, z + dz)
        for x in (-0.5275, 0.0, 0.5275)
        for z, width in ((-0.3275, 0.145), (-0.165, 0.1), (0.0, 0.145), (0.165, 0.1), (0.3275, 0.145))
        for dx, dz in ((-0.035, -0.3 * width), (0.035, 0.3 * width))
    ]
    return textured(union([*boards, nail.repeated(spots)]))
