"""Trees and bushes: crowns of leaf cards, cut out by alpha, on lathed trunks.

Cards face outward and carry the crown's rounded normals, so that a crown is lit as one body. They are open surfaces by
nature; everything else in the library is closed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from unrealsynth.library.finish import centred, painted
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Reals, Solid, union, unit
from unrealsynth.library.noise import smoothstep
from unrealsynth.library.pixels import encode_srgb
from unrealsynth.library.solids import lathe, tube
from unrealsynth.library.surfaces import Coat, Painter, Texels, even, weathered

_SHEET = 512
"""Side of the leaf texture: four sprays, two by two."""


def tree() -> list[Surface]:
    """A broad-leaved tree, about 7.5 m high."""
    rng = np.random.default_rng(301)
    bark = _bark((0.13, 0.10, 0.075))
    trunk = _trunk(3.4, 0.20, bark)
    boughs = []
    blobs = [((0.0, 5.3, 0.0), 1.9)]
    for k in range(6):
        turn = k * 2.399 + rng.uniform(-0.3, 0.3)
        reach, height = rng.uniform(1.15, 1.65), rng.uniform(3.5, 5.6)
        tip = (reach * np.cos(turn), height, reach * np.sin(turn))
        start = 1.8 + 0.2 * k
        boughs.append(
            tube(
                [(0.0, start, 0.0), (tip[0] * 0.4, (start + height) / 2 + 0.1, tip[2] * 0.4), tip],
                [0.10, 0.07, 0.03],
                bark,
                7,
            )
        )
        blobs.append((tip, rng.uniform(1.15, 1.5)))
    leaves = _crown(blobs, (0.0, 4.3, 0.0), 330, 0.85, rng)
    sheet = _leaf_sheet(302, (0.085, 0.155, 0.030), (0.145, 0.205, 0.042), 150, slim=0.46)
    return _together(union([trunk, *boughs]), leaves, sheet)


def conifer() -> list[Surface]:
    """A spruce, about 9 m high."""
    rng = np.random.default_rng(311)
    trunk = _trunk(8.2, 0.17, _bark((0.105, 0.075, 0.055)))
    cards = []
    for height in np.linspace(1.0, 8.3, 17):
        share = (8.9 - height) / 7.9
        reach = 0.30 + 1.85 * share**0.85
        count = int(6 + 9 * share)
        for k in range(count):
            turn = 2.0 * np.pi * (k + rng.uniform(0.0, 0.6)) / count + height
            outward = np.array([np.cos(turn), 0.0, np.sin(turn)])
            drop = rng.uniform(0.25, 0.5)
            along = unit(outward - np.array([0.0, drop, 0.0])) * reach * rng.uniform(0.85, 1.1)
            side = np.cross(along, [0.0, 1.0, 0.0])
            side = unit(side) * (0.30 + 0.22 * reach) + np.array([0.0, rng.uniform(-0.12, 0.12), 0.0])
            base = np.array([0.0, height + 0.15, 0.0])
            normal = unit(outward * 0.7 + np.array([0.0, 0.75, 0.0]))
            cards.append(_card(base + along * 0.5, side, along * 0.56, normal, int(rng.integers(4))))
    tip = [(np.array([0.0, 8.55, 0.0]), turn) for turn in (0.0, 1.05, 2.1)]
    for centre, turn in tip:
        side = np.array([np.cos(turn), 0.0, np.sin(turn)])
        cards.append(_card(centre, side * 0.30, np.array([0.0, 0.55, 0.0]), unit(np.cross(side, [0.0, 1.0, 0.0])), 1))
    sheet = _needle_sheet(312)
    return _together(trunk, _joined(cards), sheet)


def bush() -> list[Surface]:
    """A round shrub, about 1.3 m high."""
    rng = np.random.default_rng(321)
    stems = [
        tube(
            [(0.0, 0.0, 0.0), (0.25 * np.cos(a), 0.35, 0.25 * np.sin(a)), (0.4 * np.cos(a), 0.75, 0.4 * np.sin(a))],
            [0.025, 0.02, 0.01],
            _bark((0.11, 0.085, 0.06)),
            6,
        )
        for a in np.linspace(0.0, 5.0, 5)
    ]
    blobs = [
        ((0.35 * np.cos(a), rng.uniform(0.42, 0.62), 0.35 * np.sin(a)), rng.uniform(0.36, 0.48))
        for a in np.linspace(0.3, 5.4, 6)
    ]
    blobs.append(((0.0, 0.72, 0.0), 0.50))
    leaves = _crown(blobs, (0.0, 0.35, 0.0), 170, 0.34, rng)
    sheet = _leaf_sheet(322, (0.050, 0.105, 0.025), (0.105, 0.165, 0.040), 130, slim=0.55)
    return _together(union(stems), leaves, sheet)


def grove() -> list[Surface]:
    """Nine trees on 16 m for the far background: each two pictures of a tree that cross, 8 m high."""
    rng = np.random.default_rng(331)
    cards = []
    for k in range(9):
        turn, reach = k * 2.399, 2.6 * np.sqrt(k)
        foot = np.array([reach * np.cos(turn), 0.0, reach * np.sin(turn)])
        half = rng.uniform(2.7, 4.1)
        facing = rng.uniform(0.0, np.pi)
        for cross in (0.0, 0.5 * np.pi):
            right = np.array([np.cos(facing + cross), 0.0, np.sin(facing + cross)]) * half * 0.9
            centre = foot + np.array([0.0, half * 0.98, 0.0])
            cards.append(
                _card(centre, right, np.array([0.0, half, 0.0]), unit(foot + np.array([0.1, 7.0, 0.0])), k % 4)
            )
    positions, normals, uvs, triangles = _joined(cards)
    return centred([Surface(positions, normals, uvs, triangles, _tree_sheet(332), roughness=0.85)])


Cards = tuple[Reals, Reals, Reals, NDArray[np.int64]]


def _together(wood: Solid, leaves: Cards, sheet: NDArray[np.uint8]) -> list[Surface]:
    """Wood and leaves as two surfaces, standing on the ground together."""
    positions, normals, uvs, triangles = leaves
    crown = Surface(positions, normals, uvs, triangles, sheet, roughness=0.75)
    return centred([painted(wood, 256), crown])


def _trunk(height: float, radius: float, bark: Painter) -> Solid:
    heights = np.linspace(0.0, height, 9)
    profile = [(radius * (1.0 - 0.72 * y / height) + 0.13 * np.exp(-y / 0.16), y) for y in heights]

    def bent(points: Reals) -> Reals:
        x, y, z = points.T
        roots = 1.0 + 0.22 * np.cos(5.0 * np.arctan2(z, x)) * np.exp(-np.maximum(y, 0.0) / 0.25)
        return np.stack([x * roots + 0.05 * np.sin(y * 1.3), y, z * roots + 0.04 * np.sin(y * 1.7 + 1.0)], axis=-1)

    return lathe([(0.0, 0.0), *profile, (0.0, height)], bark, 14, 60.0).deformed(bent)


def _crown(
    blobs: list[tuple[tuple[float, float, float], float]],
    heart: tuple[float, float, float],
    count: int,
    size: float,
    rng: np.random.Generator,
) -> Cards:
    """Cards spread over spheres, those inside another sphere left out; `heart` is where the normals come from."""
    centres = np.array([centre for centre, _ in blobs])
    radii = np.array([radius for _, radius in blobs])
    share = radii**2 / np.sum(radii**2)
    cards: list[Cards] = []
    while len(cards) < count:
        k = int(rng.choice(len(blobs), p=share))
        direction = unit(rng.normal(size=3) + np.array([0.0, 0.25, 0.0]))
        point = centres[k] + direction * radii[k] * rng.uniform(0.72, 1.0)
        depth = np.max(radii - np.linalg.norm(centres - point, axis=1)) / radii[k]
        if depth > 0.45 or point[1] < size * 0.3:
            continue
        facing = unit(direction + rng.normal(size=3) * 0.35)
        right = unit(np.cross([0.0, 1.0, 0.0], facing) + 1e-6)
        up = np.cross(facing, right)
        roll = rng.uniform(-0.6, 0.6)
        right, up = right * np.cos(roll) + up * np.sin(roll), up * np.cos(roll) - right * np.sin(roll)
        half = size * rng.uniform(0.75, 1.15)
        normal = unit(unit(point - np.asarray(heart)) + 0.5 * direction + 0.25 * facing)
        bright = int(rng.integers(2)) + (2 if depth < 0.16 else 0)
        cards.append(_card(point, right * half, up * half, normal, bright))
    return _joined(cards)


def _card(centre: Reals, right: Reals, up: Reals, normal: Reals, spray: int) -> Cards:
    """A square with a picture on both sides; `spray` is the quarter of the sheet.

    Both sides are triangles of their own with the same outward normals: a two-sided material would turn the normals of
    the back, and a crown would be dark where it shows one.
    """
    across, along = np.array([-1.0, 1.0, -1.0, 1.0]), np.array([1.0, 1.0, -1.0, -1.0])
    positions = centre + across[:, None] * right + along[:, None] * up
    spread = unit(normal + 0.35 * across[:, None] * unit(right) + 0.2 * along[:, None] * unit(up))
    u, v = (across + 1.0) / 2.0, (1.0 - along) / 2.0
    uvs = (np.stack([u, v], axis=-1) * 0.98 + 0.01 + [spray % 2, spray // 2]) / 2.0
    return positions, spread, uvs, np.array([[0, 2, 3], [0, 3, 1], [0, 3, 2], [0, 1, 3]])


def _joined(cards: list[Cards]) -> Cards:
    return (
        np.concatenate([card[0] for card in cards]),
        np.concatenate([card[1] for card in cards]),
        np.concatenate([card[2] for card in cards]),
        np.concatenate([card[3] + 4 * k for k, card in enumerate(cards)]),
    )


def _leaf_sheet(
    seed: int, low: tuple[float, ...], high: tuple[float, ...], count: int, slim: float
) -> NDArray[np.uint8]:
    """Four sprays of leaves, the upper two darker."""
    rng = np.random.default_rng(seed)
    canvas = Image.new("RGBA", (_SHEET * 2, _SHEET * 2))
    draw = ImageDraw.Draw(canvas)
    for spray in range(4):
        origin = np.array([spray % 2, spray // 2]) * _SHEET + _SHEET / 2
        shade = 0.72 if spray < 2 else 1.0
        for k in range(count * 2):
            reach = np.sqrt(rng.uniform(0.0, 1.0)) * _SHEET * 0.36
            turn = rng.uniform(0.0, 2.0 * np.pi)
            place = origin + reach * np.array([np.cos(turn), np.sin(turn)])
            heading = turn + rng.normal(0.0, 0.8)
            length = _SHEET * rng.uniform(0.075, 0.12)
            tone = rng.uniform()
            color = (np.array(low) * (1.0 - tone) + np.array(high) * tone) * shade * (0.55 + 0.45 * k / (2 * count))
            _leaf(draw, place, heading, length, slim, color)
    return _dilated(canvas)


def _leaf(draw: ImageDraw.ImageDraw, place: Reals, heading: float, length: float, slim: float, color: Reals) -> None:
    along = np.array([np.cos(heading), np.sin(heading)])
    across = np.array([-along[1], along[0]])
    t = np.linspace(0.0, 1.0, 9)
    width = 0.5 * slim * length * np.sin(np.pi * t**0.8) ** 0.8
    for side, light in ((1.0, 1.0), (-1.0, 0.8)):
        # The two halves of a leaf lie at an angle.
        rim = place + along * (t * length)[:, None] + across * (side * width)[:, None]
        points = np.concatenate([rim, place + along * (t[::-1] * length)[:, None]])
        shade = tuple(int(value) for value in encode_srgb(color * light))
        draw.polygon([(float(x), float(y)) for x, y in points], fill=(*shade, 255))
    vein = tuple(int(value) for value in encode_srgb(color * 1.35))
    draw.line([tuple(place), tuple(place + along * length * 0.85)], fill=(*vein, 255), width=3)


def _needle_sheet(seed: int) -> NDArray[np.uint8]:
    """Four hanging boughs of a spruce: a twig with side twigs, all set with needles."""
    rng = np.random.default_rng(seed)
    canvas = Image.new("RGBA", (_SHEET * 2, _SHEET * 2))
    draw = ImageDraw.Draw(canvas)
    for spray in range(4):
        origin = np.array([spray % 2, spray // 2]) * _SHEET
        shade = 0.8 if spray < 2 else 1.05
        for k in range(90):
            share = rng.uniform(0.02, 0.97)
            root = np.array([0.5, share]) * _SHEET
            side = 1.0 if k % 2 else -1.0
            # The card's upper edge is the tip of the bough.
            length = _SHEET * (0.05 + 0.44 * np.sqrt(share)) * rng.uniform(0.7, 1.0)
            angle = -np.pi / 2.0 + side * rng.uniform(0.7, 1.15)
            tip = root + length * np.array([np.cos(angle), np.sin(angle)])
            tip = np.clip(tip, 6.0, _SHEET - 6.0)
            tone = rng.uniform(0.6, 1.15) * shade
            color = np.array([0.030, 0.070, 0.026]) * tone
            for t in np.linspace(0.0, 1.0, 26):
                at = origin + root + (tip - root) * t
                for swing in (-0.75, 0.75):
                    needle = at + _SHEET * 0.050 * (1.15 - t) * np.array([np.cos(angle + swing), np.sin(angle + swing)])
                    hue = tuple(int(value) for value in encode_srgb(color * rng.uniform(0.7, 1.3)))
                    draw.line([tuple(at), tuple(needle)], fill=(*hue, 255), width=6)
    return _dilated(canvas)


def _tree_sheet(seed: int) -> NDArray[np.uint8]:
    """Four whole trees: trunk, and a crown of leaf clumps, lighter upwards."""
    rng = np.random.default_rng(seed)
    canvas = Image.new("RGBA", (_SHEET * 2, _SHEET * 2))
    draw = ImageDraw.Draw(canvas)
    for spray in range(4):
        origin = np.array([spray % 2, spray // 2]) * _SHEET
        bark = tuple(int(value) for value in encode_srgb(np.array([0.07, 0.052, 0.04])))
        trunk = [(0.485, 0.5), (0.515, 0.5), (0.53, 1.0), (0.47, 1.0)]
        draw.polygon(
            [(float(x * _SHEET + origin[0]), float(y * _SHEET + origin[1])) for x, y in trunk], fill=(*bark, 255)
        )
        slim = rng.uniform(0.32, 0.42)
        green = np.array([0.062, 0.105, 0.026]) * rng.uniform(0.8, 1.2) + np.array([0.02, 0.01, 0.0]) * rng.uniform()
        for _ in range(900):
            turn, reach = rng.uniform(0.0, 2.0 * np.pi), rng.uniform() ** 0.42
            lobes = 1.0 + 0.10 * np.sin(turn * 5.0 + spray) + 0.06 * np.sin(turn * 11.0)
            place = np.array([0.5 + slim * reach * lobes * np.cos(turn), 0.42 - 0.38 * reach * lobes * np.sin(turn)])
            light = 0.45 + 0.75 * (1.0 - place[1] / 0.85) + rng.normal(0.0, 0.14)
            color = tuple(int(value) for value in encode_srgb(green * max(light, 0.2)))
            blob = origin + np.clip(place, 0.03, 0.97) * _SHEET
            size = _SHEET * rng.uniform(0.010, 0.026)
            angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, 7))
            rim = blob + size * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
            draw.polygon([(float(x), float(y)) for x, y in rim], fill=(*color, 255))
    return _dilated(canvas)


def _dilated(canvas: Image.Image) -> NDArray[np.uint8]:
    """Half size; the colour runs on under the transparent part, so that filtering brings in no dark rim."""
    pixels = np.asarray(canvas.resize((_SHEET, _SHEET), Image.Resampling.BOX)).copy()
    solid = pixels[..., 3] > 127
    nearest = ndimage.distance_transform_edt(~solid, return_distances=False, return_indices=True)
    pixels[..., :3] = pixels[nearest[0], nearest[1], :3]
    return np.asarray(pixels, dtype=np.uint8)


def _bark(color: tuple[float, float, float]) -> Painter:
    def paint(texels: Texels) -> Coat:
        ridge = texels.noise(0.12, 1, (1.0, 5.0, 1.0))
        fine = texels.noise(0.03, 2, (1.0, 3.0, 1.0))
        coat = even(texels, color, 0.92).tinted(0.45 + 0.75 * ridge + 0.3 * fine)
        moss = smoothstep(0.55, 0.85, texels.noise(0.5, 3)) * np.exp(-np.maximum(texels.points[:, 1], 0.0) / 0.8)
        coat = coat.over(0.6 * moss, (0.075, 0.095, 0.03), 0.95)
        return weathered(coat.over(np.ones(texels.count), relief=0.012 * ridge), texels, 0.2, 0.4)

    return paint
