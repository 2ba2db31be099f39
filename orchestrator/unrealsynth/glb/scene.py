"""Which nodes of a file are drawn, and where: the default scene as a flat list of placed meshes.

The nodes are proved to be a tree before anything follows them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError
from unrealsynth.glb import limits, schema

Matrix = NDArray[np.float64]
"""4×4, acting on columns."""


@dataclass(frozen=True)
class Scene:
    """The nodes of the default scene with their transforms to the scene's axes."""

    roots: tuple[int, ...]
    worlds: dict[int, Matrix]
    """By node index, parents before children."""


def default_scene(gltf: schema.Gltf) -> Scene:
    """The scene that a viewer shows. Raises ModelError when its nodes are no tree or their transforms no numbers."""
    parents = _parents(gltf.nodes)
    if gltf.scenes:
        roots = tuple(dict.fromkeys(schema.item(gltf.scenes, gltf.scene or 0, "scene").nodes))
    else:
        roots = tuple(index for index in range(len(gltf.nodes)) if index not in parents)
    worlds: dict[int, Matrix] = {}
    pending = [(root, np.eye(4)) for root in reversed(roots)]
    while pending:
        index, parent = pending.pop()
        node = schema.item(gltf.nodes, index, "node")
        if index in worlds:
            raise ModelError(f"node {index} occurs twice in its scene, which must be a tree; export it again")
        with np.errstate(all="ignore"):
            world = parent if node.is_identity else parent @ local_matrix(node)
        if not np.isfinite(world).all() or np.abs(world).max() > limits.MAX_EXTENT_M:
            raise ModelError(
                f"the transform of node {index}{_named(node)} reaches {np.abs(world).max():.3g}, "
                f"more than any editor can place; apply or reset the transforms and export it again"
            )
        worlds[index] = world
        pending += [(child, world) for child in reversed(node.children)]
    return Scene(roots, worlds)


def local_matrix(node: schema.Node) -> Matrix:
    """The node's transform to its parent's axes."""
    if node.matrix is not None:
        return np.array(node.matrix, np.float64).reshape((4, 4), order="F")
    x, y, z, w = np.array(node.rotation) / (np.linalg.norm(node.rotation) or 1.0)
    if not (x or y or z or w):
        w = 1.0
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, :3] *= node.scale
    matrix[:3, 3] = node.translation
    return matrix


def is_sheared(matrix: Matrix) -> bool:
    """Whether `matrix` is more than a translation, rotation and scale, which is all that Unreal's transforms hold."""
    axes = matrix[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not lengths.all():
        return True
    cosines = (axes / lengths).T @ (axes / lengths)
    return bool(np.abs(cosines - np.eye(3)).max() > 1e-5)


def _parents(nodes: list[schema.Node]) -> dict[int, int]:
    parents: dict[int, int] = {}
    for index, node in enumerate(nodes):
        for child in node.children:
            schema.item(nodes, child, "node")
            if child in parents:
                raise ModelError(
                    f"node {child}{_named(nodes[child])} has two parents, nodes {parents[child]} and {index}; "
                    "a scene must be a tree: export it again"
                )
            parents[child] = index
    checked: set[int] = set()
    for start in range(len(nodes)):
        path: set[int] = set()
        ancestor: int | None = start
        while ancestor is not None and ancestor not in checked:
            if ancestor in path:
                name = _named(nodes[ancestor])
                raise ModelError(f"node {ancestor}{name} is its own ancestor; a scene must be a tree: export it again")
            path.add(ancestor)
            ancestor = parents.get(ancestor)
        checked |= path
    return parents


def _named(node: schema.Node) -> str:
    return f" ({node.name:.60})" if node.name else ""
