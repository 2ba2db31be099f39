"""One texture for a whole model: packs the patches, paints every texel, and lays out vertices for a GLB.

Texels are painted by their place in space, so the picture runs on across patches, and instances share their texels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from unrealsynth.library.mesh import Patch, Reals, Solid, transformed, turned_normals, vertices
from unrealsynth.library.noise import Field
from unrealsynth.library.occlusion import openness
from unrealsynth.library.pixels import encode_srgb, normals_of
from unrealsynth.library.surfaces import Coat, Painter, Texels

_GUTTER = 2
"""Texels around each patch, painted like its border, so that filtering takes in nothing foreign."""
_SAMPLES = 9000
"""Points for the occlusion, about."""


@dataclass(frozen=True, eq=False)
class Baked:
    """Triangles and the three textures of glTF's metallic-roughness model."""

    positions: Reals
    normals: Reals
    uvs: Reals
    triangles: NDArray[np.int64]
    base_color: NDArray[np.uint8]
    """(side, side, 3) sRGB."""
    occlusion_roughness_metallic: NDArray[np.uint8]
    """(side, side, 3), one quantity a channel."""
    normal_map: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class _Tile:
    """A patch at its place in the texture; `x`, `y`, `width`, `height` in texels without the gutter."""

    patch: Patch
    x: int
    y: int
    width: int
    height: int
    texels_per_metre: float


def bake(solid: Solid, side: int) -> Baked:
    """Packs and paints `solid` into textures of `side` × `side` texels."""
    tiles = _pack(solid.patches, side)
    hidden = _hidden(tiles)
    where = [_addresses(tile, side) for tile in tiles]
    texels = [_texels(tile, hidden[k], k) for k, tile in enumerate(tiles)]
    color = np.zeros((side * side, 3), dtype=np.float32)
    packed = np.zeros((side * side, 3), dtype=np.float32)
    packed[:, 0] = 1.0
    relief = np.zeros(side * side, dtype=np.float32)
    for painter in dict.fromkeys(tile.patch.painter for tile in tiles):
        own = [k for k, tile in enumerate(tiles) if tile.patch.painter is painter]
        coat = _painted(painter, [texels[k] for k in own])
        address = np.concatenate([where[k] for k in own])
        per_metre = np.concatenate([np.full(len(where[k]), tiles[k].texels_per_metre) for k in own])
        color[address] = coat.color
        packed[address, 1] = np.clip(coat.roughness, 0.04, 1.0)
        packed[address, 2] = np.clip(coat.metallic, 0.0, 1.0)
        relief[address] = coat.relief * per_metre
    used = np.concatenate(where)
    packed[used, 0] = 1.0 - np.concatenate([part.hidden for part in texels])
    blank = np.ones(side * side, dtype=bool)
    blank[used] = False
    color[blank] = color[used].mean(axis=0)
    normals = normals_of(relief.reshape(side, side), wrap=False)
    positions, vertex_normals, uvs, triangles = _layout(tiles, side)
    return Baked(
        positions,
        vertex_normals,
        uvs,
        triangles,
        encode_srgb(color).reshape(side, side, 3),
        np.rint(packed * 255.0).astype(np.uint8).reshape(side, side, 3),
        np.rint((normals * 0.5 + 0.5) * 255.0).astype(np.uint8),
    )


def _pack(patches: tuple[Patch, ...], side: int) -> list[_Tile]:
    """Shelves of falling height, at the highest resolution that fits."""
    sizes = np.array([[patch.across[-1] * patch.detail, patch.down[-1] * patch.detail] for patch in patches])
    order = np.argsort(-sizes[:, 1], kind="stable")
    low, high = 0.0, 4.0 * side / float(np.sqrt(sizes.prod(axis=1).sum()))
    places: list[tuple[int, int]] = []
    for _ in range(14):
        scale = 0.5 * (low + high)
        found = _shelves(_texel_sizes(sizes, scale), order, side)
        if found is None:
            high = scale
        else:
            low, places = scale, found
    texel_sizes = _texel_sizes(sizes, low)
    return [
        _Tile(patch, places[k][0], places[k][1], int(texel_sizes[k, 0]), int(texel_sizes[k, 1]), low * patch.detail)
        for k, patch in enumerate(patches)
    ]


def _texel_sizes(sizes: Reals, scale: float) -> NDArray[np.int64]:
    return np.maximum(np.rint(sizes * scale), 2).astype(np.int64)


def _shelves(sizes: NDArray[np.int64], order: NDArray[np.int64], side: int) -> list[tuple[int, int]] | None:
    places = [(0, 0)] * len(sizes)
    x = y = shelf = 0
    for k in order:
        width, height = sizes[k] + 2 * _GUTTER
        if x + width > side:
            x, y, shelf = 0, y + shelf, 0
        if width > side or y + height > side:
            return None
        places[k] = (x + _GUTTER, y + _GUTTER)
        x, shelf = x + int(width), max(shelf, int(height))
    return places


def _addresses(tile: _Tile, side: int) -> NDArray[np.int64]:
    """Flat indices of the tile's texels, gutter included."""
    rows = np.arange(tile.y - _GUTTER, tile.y + tile.height + _GUTTER)
    columns = np.arange(tile.x - _GUTTER, tile.x + tile.width + _GUTTER)
    return (rows[:, None] * side + columns[None, :]).ravel()


def _chart(tile: _Tile, rows: int, columns: int, gutter: int) -> tuple[Reals, Reals]:
    """Metres down and across of a grid of texel centres over the patch, plus a gutter clamped to its border."""
    down = (np.arange(-gutter, rows + gutter) + 0.5) / rows * tile.patch.down[-1]
    across = (np.arange(-gutter, columns + gutter) + 0.5) / columns * tile.patch.across[-1]
    return down.clip(0.0, tile.patch.down[-1]), across.clip(0.0, tile.patch.across[-1])


def _sampled(values: Reals, lines_down: Reals, lines_across: Reals, down: Reals, across: Reals) -> Reals:
    """Bilinear look-up in a grid (rows, columns, 3) at every pair of coordinates: (len(down), len(across), 3)."""
    i, s = _bracket(lines_down, down)
    rows = values[i] + (values[i + 1] - values[i]) * s[:, None, None]
    j, t = _bracket(lines_across, across)
    return np.asarray(rows[:, j] + (rows[:, j + 1] - rows[:, j]) * t[None, :, None])


def _bracket(lines: Reals, at: Reals) -> tuple[NDArray[np.int64], Reals]:
    index = np.clip(np.searchsorted(lines, at, side="right") - 1, 0, len(lines) - 2)
    return index, (at - lines[index]) / (lines[index + 1] - lines[index])


def _surface(tile: _Tile, rows: int, columns: int, gutter: int) -> tuple[Reals, Reals]:
    """Points and normals (rows × columns, 3) of a grid of samples on the patch, before it is placed."""
    patch = tile.patch
    down, across = _chart(tile, rows, columns, gutter)
    points = _sampled(patch.points, patch.down, patch.across, down, across)
    normals = _sampled(patch.normals, patch.down, patch.across, down, across)
    return points.reshape(-1, 3), normals.reshape(-1, 3)


def _texels(tile: _Tile, hidden: Field, number: int) -> Texels:
    points, normals = _surface(tile, tile.height, tile.width, _GUTTER)
    first = tile.patch.placements[0]
    shape = (tile.height + 2 * _GUTTER, tile.width + 2 * _GUTTER)
    zoom = (shape[0] / hidden.shape[0], shape[1] / hidden.shape[1])
    covered = ndimage.zoom(hidden, zoom, order=1, mode="nearest", grid_mode=True)
    piece = np.random.default_rng(number).random()
    return Texels(
        transformed(first, points).astype(np.float32),
        turned_normals(first, normals).astype(np.float32),
        _edge_distance(tile).ravel(),
        np.clip(covered, 0.0, 1.0).astype(np.float32).ravel(),
        np.full(shape[0] * shape[1], piece, dtype=np.float32),
    )


def _edge_distance(tile: _Tile) -> Field:
    """Metres to the rim of the patch; seams where it meets itself are no rim."""
    patch = tile.patch
    if patch.cut is not None:
        inside = np.pad(_inside(tile, tile.height, tile.width), _GUTTER)
        return np.asarray(ndimage.distance_transform_edt(inside) / tile.texels_per_metre, dtype=np.float32)
    down, across = _chart(tile, tile.height, tile.width, _GUTTER)
    far = np.float64(1e3)
    joined = np.allclose(patch.points[:, 0], patch.points[:, -1], atol=1e-6)
    rim_across = np.full_like(across, far) if joined else np.minimum(across, patch.across[-1] - across)
    top = far if np.ptp(patch.points[0], axis=0).max() < 1e-6 else 0.0
    bottom = far if np.ptp(patch.points[-1], axis=0).max() < 1e-6 else 0.0
    rim_down = np.minimum(down + top, patch.down[-1] - down + bottom)
    return np.asarray(np.minimum(rim_down[:, None], rim_across[None, :]), dtype=np.float32)


def _inside(tile: _Tile, rows: int, columns: int) -> NDArray[np.bool_]:
    """Which samples of a flat patch lie in its polygon."""
    patch = tile.patch
    if patch.cut is None:
        return np.ones((rows, columns), dtype=bool)
    mask = Image.new("1", (columns, rows))
    draw = ImageDraw.Draw(mask)
    scaled = patch.cut.chart * [columns / patch.across[-1], rows / patch.down[-1]]
    for triangle in patch.cut.triangles:
        draw.polygon([(float(x), float(y)) for x, y in scaled[triangle]], fill=1)
    return np.asarray(mask, dtype=bool)


def _hidden(tiles: list[_Tile]) -> list[Field]:
    """Occlusion on a coarse grid over each tile: 0 open … 1 covered, the mean of its placements."""
    area = sum(
        tile.patch.across[-1] * tile.patch.down[-1] * _area_scale(matrix)
        for tile in tiles
        for matrix in tile.patch.placements
    )
    spacing = float(np.sqrt(area / _SAMPLES))
    grids: list[NDArray[np.bool_]] = []
    asked: list[tuple[Reals, Reals]] = []
    repeated: list[tuple[Reals, Reals]] = []
    for tile in tiles:
        stretch = float(np.sqrt(_area_scale(tile.patch.placements[0])))
        rows = int(np.clip(np.ceil(tile.patch.down[-1] * stretch / spacing), 2, tile.height))
        columns = int(np.clip(np.ceil(tile.patch.across[-1] * stretch / spacing), 2, tile.width))
        grids.append(_inside(tile, rows, columns))
        points, normals = _surface(tile, rows, columns, 0)
        placements = tile.patch.placements
        asked.append((transformed(placements[0], points), turned_normals(placements[0], normals)))
        if len(placements) > 1:
            kept = grids[-1].ravel()
            repeated.append(
                (
                    transformed(placements[1:], points[kept]).reshape(-1, 3),
                    turned_normals(placements[1:], normals[kept]).reshape(-1, 3),
                )
            )
    count = sum(len(points) for points, _ in asked)
    points = np.concatenate([part[0] for part in asked + repeated])
    normals = np.concatenate([part[1] for part in asked + repeated])
    blocks = np.ones(len(points), dtype=bool)
    blocks[:count] = np.concatenate([inside.ravel() for inside in grids])
    free = openness(points, normals, blocks, spacing, count)
    result, start = [], 0
    for inside in grids:
        covered = 1.0 - free[start : start + inside.size].reshape(inside.shape)
        start += inside.size
        weight = ndimage.gaussian_filter(inside.astype(np.float32), 0.8, mode="nearest") + 1e-4
        blurred = ndimage.gaussian_filter(covered * inside, 0.8, mode="nearest") / weight
        result.append(np.asarray(blurred, dtype=np.float32))
    return result


def _area_scale(matrix: Reals) -> float:
    return math.pow(abs(float(np.linalg.det(matrix[:3, :3]))), 2.0 / 3.0)


def _painted(painter: Painter, parts: list[Texels]) -> Coat:
    joined = Texels(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("points", "normals", "edge", "hidden", "piece")
        )
    )
    coat = painter(joined)
    return replace(coat, color=np.asarray(coat.color, dtype=np.float32))


def _layout(tiles: list[_Tile], side: int) -> tuple[Reals, Reals, Reals, NDArray[np.int64]]:
    parts: list[tuple[Reals, Reals, Reals, NDArray[np.int64]]] = []
    start = 0
    for tile in tiles:
        patch = tile.patch
        scale = np.array([tile.width / patch.across[-1], tile.height / patch.down[-1]])
        positions, normals, chart, triangles = vertices(patch)
        uvs = np.tile((chart * scale + [tile.x, tile.y]) / side, (len(positions), 1))
        parts.append((positions.reshape(-1, 3), normals.reshape(-1, 3), uvs, triangles.reshape(-1, 3) + start))
        start += len(uvs)
    return (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
        np.concatenate([part[3] for part in parts]),
    )
