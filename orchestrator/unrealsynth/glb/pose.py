"""Moving vertices to where they are drawn, for meshes that a plain node transform cannot carry: skinned or sheared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError
from unrealsynth.glb import schema
from unrealsynth.glb.accessors import AccessorReader, Attribute
from unrealsynth.glb.geometry import Geometry
from unrealsynth.glb.scene import Matrix, Scene


def moved(geometry: Geometry, matrices: NDArray[np.float64]) -> Geometry:
    """`geometry` with its vertices moved by `matrices`, (4, 4) for all of them or (n, 4, 4) for each."""
    axes = matrices[..., :3, :3]
    mirrored = np.linalg.det(axes) < 0
    positions = np.einsum("...ij,...j->...i", axes, geometry.positions) + matrices[..., :3, 3]
    attributes = geometry.attributes | {"POSITION": _single(positions)}
    sign = np.where(mirrored, -1.0, 1.0)[..., None]
    if "NORMAL" in attributes:
        # The cofactor matrix turns normals as the inverse transpose does, and exists for flattened axes too.
        columns = np.moveaxis(axes, -1, 0)
        cofactors = np.stack([np.cross(columns[i - 2], columns[i - 1]) for i in range(3)], axis=-1)
        normals = np.einsum("...ij,...j->...i", cofactors, attributes["NORMAL"].decoded()) * sign
        attributes["NORMAL"] = _single(_unit(normals))
    if "TANGENT" in attributes:
        tangents = attributes["TANGENT"].decoded()
        directions = _unit(np.einsum("...ij,...j->...i", axes, tangents[:, :3]))
        attributes["TANGENT"] = _single(np.concatenate([directions, tangents[:, 3:] * sign], axis=1))
    triangles = geometry.triangles[:, ::-1] if np.mean(mirrored) > 0.5 else geometry.triangles
    return replace(geometry, triangles=triangles, attributes=attributes, draco=None, draco_ids=None)


def skinned(
    geometry: Geometry, gltf: schema.Gltf, skin_index: int, scene: Scene, accessors: AccessorReader
) -> Geometry:
    """`geometry` in the pose its joints have in the file, in the axes of the scene."""
    skin = schema.item(gltf.skins, skin_index, "skin")
    joints = np.stack([_joint(gltf, joint, scene) for joint in skin.joints])
    if skin.inverse_bind_matrices is not None:
        inverse = accessors.attribute(skin.inverse_bind_matrices).array
        if inverse.shape[1] != 16 or len(inverse) < len(joints) or not np.isfinite(inverse).all():
            raise ModelError(f"the bind matrices of skin {skin_index} do not fit its joints; export it again")
        joints = joints @ inverse[: len(joints)].astype(np.float64).reshape(-1, 4, 4).transpose(0, 2, 1)
    count = len(geometry.attributes["POSITION"].array)
    matrices = np.zeros((count, 4, 4))
    total = np.zeros(count)
    for number in range(8):
        influences = geometry.attributes.get(f"JOINTS_{number}"), geometry.attributes.get(f"WEIGHTS_{number}")
        if influences[0] is None or influences[1] is None:
            break
        indices, weights = influences[0].array, influences[1].decoded()
        if indices.dtype.kind != "u" or int(np.where(weights > 0, indices, 0).max()) >= len(joints):
            raise ModelError(f"a vertex hangs on a joint that skin {skin_index} does not have; export it again")
        for k in range(4):
            weight = weights[:, k]
            matrices += weight[:, None, None] * joints[np.where(weight > 0, indices[:, k], 0)]
            total += weight
    if not (total > 0).all():
        raise ModelError(f"vertices of skin {skin_index} hang on no joint; export it again, or without its skeleton")
    return moved(geometry, matrices / total[:, None, None])


def _joint(gltf: schema.Gltf, index: int, scene: Scene) -> Matrix:
    schema.item(gltf.nodes, index, "node")
    if index not in scene.worlds:
        raise ModelError(f"joint {index} of a skeleton is not in the scene; export it again")
    return scene.worlds[index]


def _single(values: NDArray[np.float64]) -> Attribute:
    return Attribute(values.astype("<f4"))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit
