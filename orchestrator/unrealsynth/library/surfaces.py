"""What solids are made of: painters turn texels in space into a coat of colour, roughness, metal and relief.

A painter sees where a texel is, which way it faces, how far it is from an edge and how hidden it is; wear follows from
these, not from drawing. Colours are linear; lengths metres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unrealsynth.library.noise import Field, grain, smoothstep, solid

DUST = (0.30, 0.25, 0.19)
RUST = (0.125, 0.045, 0.018)


@dataclass(frozen=True, eq=False)
class Texels:
    """The texels that one painter covers."""

    points: Field
    """(n, 3)."""
    normals: Field
    """(n, 3)."""
    edge: Field
    """(n,) metres to the nearest edge of the patch."""
    hidden: Field
    """(n,) 0 in the open … 1 where no light of the sky comes."""
    piece: Field
    """(n,) one random number in 0…1 for each patch."""

    @property
    def count(self) -> int:
        return len(self.points)

    def noise(self, size: float, seed: int = 0, stretch: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Field:
        """Fractal noise in space; `stretch` draws features out along an axis."""
        return solid(np.asarray(self.points / np.asarray(stretch), dtype=np.float32), size, seed)


@dataclass(frozen=True, eq=False)
class Coat:
    """What a texture holds for n texels."""

    color: Field
    """(n, 3) linear."""
    roughness: Field
    metallic: Field
    relief: Field
    """Metres outwards."""

    def over(
        self,
        mask: NDArray[np.floating],
        color: ArrayLike | None = None,
        roughness: ArrayLike | None = None,
        metallic: ArrayLike | None = None,
        relief: ArrayLike = 0.0,
    ) -> Coat:
        """Something laid over the share `mask` (n,) of each texel; what is None shows through."""
        share = np.asarray(mask, dtype=np.float32)
        return Coat(
            self.color if color is None else _mix(self.color, color, share[:, None]),
            self.roughness if roughness is None else _mix(self.roughness, roughness, share),
            self.metallic if metallic is None else _mix(self.metallic, metallic, share),
            self.relief + share * np.asarray(relief, dtype=np.float32),
        )

    def tinted(self, factor: NDArray[np.floating]) -> Coat:
        """Lighter or darker by a factor for each texel."""
        return replace(self, color=np.asarray(self.color * factor[:, None], dtype=np.float32))


Painter = Callable[[Texels], Coat]


def _mix(below: Field, above: ArrayLike, share: Field) -> Field:
    return np.asarray(below + (np.asarray(above, dtype=np.float32) - below) * share, dtype=np.float32)


def rgb(code: str) -> tuple[float, float, float]:
    """`#rrggbb` (sRGB) as a linear colour."""
    values = np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear[0]), float(linear[1]), float(linear[2])


def even(texels: Texels, color: ArrayLike, roughness: float, metallic: float = 0.0) -> Coat:
    """The same everywhere: what other coats begin with."""
    n = texels.count
    return Coat(
        np.broadcast_to(np.asarray(color, dtype=np.float32), (n, 3)),
        np.full(n, roughness, dtype=np.float32),
        np.full(n, metallic, dtype=np.float32),
        np.zeros(n, dtype=np.float32),
    )


def weathered(coat: Coat, texels: Texels, dust: float = 0.5, size: float = 0.3) -> Coat:
    """Grime in corners, dust on what faces up and near the ground. `size` of its patches in metres."""
    cloud = texels.noise(size, 71)
    fine = texels.noise(size / 6.0, 72)
    grime = smoothstep(0.25, 0.8, texels.hidden + 0.35 * (cloud - 0.5)) * 0.75 * dust
    up = np.maximum(texels.normals[:, 1], 0.0)
    splash = np.exp(-np.maximum(texels.points[:, 1], 0.0) / (0.5 * size))
    settled = np.clip((0.35 * up + 0.75 * splash) * (0.3 + 0.9 * cloud) * (0.55 + 0.9 * fine), 0.0, 0.85) * dust
    dark = np.asarray(coat.color) * 0.25 + np.array([0.012, 0.010, 0.008])
    return coat.over(grime, dark, 0.9, 0.0).over(settled, DUST, 0.95, 0.0)


def scratches(texels: Texels, size: float, share: float, seed: int = 0) -> Field:
    """Thin streaks in three directions, covering about `share`."""
    streaks = [
        smoothstep(1.0 - share * 0.5, 1.0, texels.noise(size, seed + k, stretch))
        for k, stretch in enumerate(((14.0, 1.0, 1.0), (1.0, 14.0, 1.0), (1.0, 1.0, 14.0)))
    ]
    return np.asarray(np.maximum.reduce(streaks), dtype=np.float32)


def plastic(
    color: ArrayLike, roughness: float = 0.45, dust: float = 0.5, scuffed: float = 0.3, size: float = 0.3
) -> Painter:
    """Moulded plastic: pale scuffs on edges, fine orange-peel, dust."""

    def paint(texels: Texels) -> Coat:
        tone = texels.noise(size * 1.5, 11)
        fine = texels.noise(size / 12.0, 12)
        coat = even(texels, color, roughness).tinted(0.93 + 0.14 * tone)
        coat = coat.over(np.ones(texels.count), roughness=roughness + 0.12 * (fine - 0.5), relief=2e-4 * size * fine)
        rubbed = smoothstep(0.035 * size, 0.0, texels.edge + 0.03 * size * (texels.noise(size / 4.0, 13) - 0.35))
        scratch = scratches(texels, size / 10.0, 0.10, 14) * smoothstep(0.45, 0.75, texels.noise(size, 17))
        worn = np.maximum(rubbed * 0.5, scratch * 0.7) * scuffed
        pale = np.asarray(coat.color) * 0.6 + 0.28
        return weathered(coat.over(worn, pale, 0.75, relief=-3e-4 * size), texels, dust, size)

    return paint


def painted_metal(
    color: ArrayLike, roughness: float = 0.4, wear: float = 0.5, dust: float = 0.5, size: float = 0.6, rust: float = 0.5
) -> Painter:
    """Enamel on steel: chips along the edges, rust around them and running down from them."""

    def paint(texels: Texels) -> Coat:
        tone = texels.noise(size * 1.5, 21)
        fine = texels.noise(size / 12.0, 22)
        chips = texels.noise(size / 5.0, 23)
        runs = texels.noise(size / 5.0, 24, (1.0, 7.0, 1.0))
        coat = even(texels, color, roughness).tinted(0.9 + 0.2 * tone)
        coat = coat.over(np.ones(texels.count), roughness=roughness + 0.2 * (fine - 0.5) + 0.1 * (tone - 0.5))
        near = np.exp(-texels.edge / (0.03 * size))
        bare = smoothstep(
            1.06 - 0.2 * wear, 1.14 - 0.2 * wear, chips + 0.38 * near * wear + 0.1 * fine + 0.2 * (tone - 0.5)
        )
        stain = smoothstep(1.0 - 0.28 * rust, 1.22, runs + 0.3 * near + 0.2 * texels.hidden) * rust
        coat = coat.over(stain, np.array(RUST) * 1.2, 0.85)
        red = smoothstep(0.35, 0.65, fine + rust - 0.5)[:, None]
        metal = np.array([0.16, 0.15, 0.14]) * (1.0 - red) + np.array(RUST) * (0.5 + fine[:, None]) * red
        coat = coat.over(bare, metal, 0.7, 0.6 * (1.0 - red[:, 0]), relief=-6e-4 * size)
        return weathered(coat, texels, dust, size)

    return paint


def bare_metal(
    color: ArrayLike = (0.50, 0.50, 0.49),
    roughness: float = 0.42,
    dust: float = 0.4,
    size: float = 0.3,
    rust: float = 0.0,
) -> Painter:
    """Steel or aluminium, uncoated."""

    def paint(texels: Texels) -> Coat:
        tone = texels.noise(size, 31)
        fine = texels.noise(size / 10.0, 32)
        coat = even(texels, color, roughness, 1.0).tinted(0.8 + 0.4 * tone * (0.6 + 0.4 * fine))
        coat = coat.over(np.ones(texels.count), roughness=roughness + 0.25 * (fine - 0.5), relief=2e-4 * size * fine)
        if rust > 0.0:
            mask = smoothstep(1.0 - rust, 1.25 - rust, 0.6 * tone + 0.4 * fine + 0.25 * texels.hidden)
            coat = coat.over(mask, np.array(RUST) * (0.5 + fine[:, None]), 0.9, 0.0, relief=3e-4 * size * fine)
        return weathered(coat, texels, dust, size)

    return paint


def galvanized(size: float = 0.25, dust: float = 0.35) -> Painter:
    """Hot-dip zinc: a dull spangle of grey flakes."""

    def paint(texels: Texels) -> Coat:
        spangle = np.floor(texels.noise(size / 6.0, 41) * 6.0) / 6.0
        tone = texels.noise(size * 2.0, 42, (1.0, 4.0, 1.0))
        coat = even(texels, (0.42, 0.44, 0.46), 0.5, 0.85).tinted(0.84 + 0.12 * spangle + 0.2 * tone)
        coat = coat.over(np.ones(texels.count), roughness=0.44 + 0.14 * spangle)
        return weathered(coat, texels, dust, size)

    return paint


def rubber(color: ArrayLike = (0.022, 0.022, 0.023), dust: float = 0.8, size: float = 0.3) -> Painter:
    """Black rubber, greyed by dust."""

    def paint(texels: Texels) -> Coat:
        fine = texels.noise(size / 8.0, 51)
        coat = even(texels, color, 0.82).tinted(0.75 + 0.5 * fine)
        coat = coat.over(0.5 * smoothstep(0.05 * size, 0.0, texels.edge), (0.07, 0.068, 0.065), 0.9, relief=0.0)
        return weathered(coat.over(fine, relief=4e-4 * size), texels, dust, size)

    return paint


def cast_concrete(tone: float = 0.34, size: float = 0.8) -> Painter:
    """Concrete from a mould: pinholes, pour lines, chipped edges, damp at the foot, streaks from above."""

    def paint(texels: Texels) -> Coat:
        cloud = texels.noise(size, 61)
        fine = texels.noise(size / 20.0, 62)
        streak = texels.noise(size / 5.0, 63, (1.0, 9.0, 1.0))
        sand = grain(texels.count, 64)
        coat = even(texels, np.array([1.04, 1.0, 0.93]) * tone, 0.9)
        coat = coat.tinted((0.8 + 0.4 * cloud) * (0.85 + 0.3 * fine) * (0.93 + 0.14 * sand))
        coat = coat.over(np.ones(texels.count), relief=1.2e-3 * size * fine)
        hole = smoothstep(0.93, 0.98, texels.noise(size / 34.0, 65)) * smoothstep(0.3, 0.6, cloud)
        coat = coat.over(hole, np.array([0.5, 0.48, 0.45]) * tone * 0.5, relief=-2.5e-3 * size)
        chip = smoothstep(0.028 * size, 0.0, texels.edge + 0.06 * size * (texels.noise(size / 7.0, 66) - 0.25))
        coat = coat.over(chip, np.array([0.40, 0.37, 0.33]) * (0.7 + 0.6 * fine[:, None]), 0.95, relief=-3e-3 * size)
        run = smoothstep(0.6, 0.95, streak) * 0.4
        damp = 0.6 * np.exp(-np.maximum(texels.points[:, 1], 0.0) / (0.16 * size)) * (0.4 + 0.9 * cloud)
        coat = coat.over(np.maximum(run, damp), np.asarray(coat.color) * 0.42, 0.8)
        return weathered(coat, texels, 0.45, size)

    return paint


def timber(
    along: str, color: ArrayLike = (0.40, 0.27, 0.15), grey: float = 0.45, size: float = 0.12, dust: float = 0.3
) -> Painter:
    """Sawn softwood with its grain along an axis; each patch has its own tone and knots."""

    def paint(texels: Texels) -> Coat:
        axis = "xyz".index(along)
        stretch = np.ones(3)
        stretch[axis] = 16.0
        board = texels.piece * 40.0
        points = texels.points + board[:, None] * np.array([3.1, 1.7, 2.3], dtype=np.float32)
        rings = solid((points / stretch).astype(np.float32), size, 81)
        fibre = solid((points / (stretch * 2.0)).astype(np.float32), size / 12.0, 82)
        late = 0.5 + 0.5 * np.sin(rings * 60.0 + 3.0 * fibre)
        knots = smoothstep(
            0.955, 0.985, solid((points / np.where(stretch > 1, 1.6, 1.0)).astype(np.float32), size * 0.9, 83)
        )
        coat = even(texels, color, 0.8).tinted((0.72 + 0.5 * texels.piece) * (0.66 + 0.3 * late + 0.3 * fibre))
        coat = coat.over(knots, (0.10, 0.05, 0.022), relief=0.0)
        weather = smoothstep(0.35, 0.8, texels.noise(size * 4.0, 84) * 0.6 + 0.4 * fibre) * grey
        coat = coat.over(weather, np.array([0.27, 0.255, 0.235]) * (0.6 + 0.7 * fibre[:, None]), 0.9)
        end = smoothstep(0.75, 0.95, np.abs(texels.normals[:, axis]))
        coat = coat.over(end * 0.6, np.asarray(coat.color) * 0.45)
        crack = smoothstep(0.93, 0.99, solid((points / (stretch * 1.5)).astype(np.float32), size / 4.0, 85)) * (
            1.0 - end
        )
        coat = coat.over(crack, np.asarray(coat.color) * 0.25)
        coat = coat.over(np.ones(texels.count), relief=6e-4 * late + 5e-4 * fibre - 1.5e-3 * crack)
        return weathered(coat, texels, dust, size * 4.0)

    return paint


def glass(color: ArrayLike = (0.030, 0.042, 0.046)) -> Painter:
    """Dark glazing as seen from outside: a mirror of the sky, with a little dust."""

    def paint(texels: Texels) -> Coat:
        film = texels.noise(0.5, 91) * texels.noise(0.05, 92)
        coat = even(texels, color, 0.06)
        return coat.over(0.12 * film + 0.25 * smoothstep(0.05, 0.0, texels.edge), DUST, 0.5)

    return paint


def fabric(color: ArrayLike, size: float = 0.2) -> Painter:
    """Woven cloth: threads, folds darkened."""

    def paint(texels: Texels) -> Coat:
        thread = np.sin(texels.points[:, 0] * 1900.0) * np.sin(texels.points[:, 1] * 1900.0)
        tone = texels.noise(size, 95)
        coat = even(texels, color, 0.85).tinted(0.86 + 0.2 * tone + 0.05 * thread)
        coat = coat.over(0.6 * smoothstep(0.3, 0.9, texels.hidden), np.asarray(coat.color) * 0.3)
        return coat.over(np.ones(texels.count), relief=2e-4 * thread + 6e-3 * size * tone)

    return paint


def smooth(color: ArrayLike, roughness: float = 0.5, metallic: float = 0.0) -> Painter:
    """Clean and even but for a faint tone, for small parts."""

    def paint(texels: Texels) -> Coat:
        return even(texels, color, roughness, metallic).tinted(0.9 + 0.2 * texels.noise(0.1, 97) - 0.35 * texels.hidden)

    return paint
