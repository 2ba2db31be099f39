"""What is to be drawn in a view: visible primitives with material, matrices and winding, sorted for early depth tests.

Front faces run anticlockwise on the screen as seen from outside. The picture is drawn upside down (see `camera`), and
a transform that mirrors turns the winding once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import moderngl
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.camera import clip_from_relative, column_major, relative_from_local
from unrealsynth.embedded.renderer.programs import write_uniform
from unrealsynth.embedded.renderer.scene import Instance, Material, Scene, View
from unrealsynth.embedded.renderer.uploads import GpuMesh, GpuPrimitive, Uploads

Matrix = NDArray[np.float64]

UNITS = {
    "t_base_color": 0,
    "t_metallic_roughness": 1,
    "t_occlusion": 2,
    "t_normal": 3,
    "t_emissive": 4,
    "t_panorama": 5,
    "t_shadow": 6,
    "t_reflections": 7,
    "t_sky": 8,
    "t_sky_panorama": 9,
    "t_image": 10,
    "t_depth": 11,
    "t_occlusion_map": 12,
    "t_clouds": 13,
}
"""Texture unit of each sampler."""


@dataclass(frozen=True)
class Placed:
    """An instance in a view; coordinates are relative to the camera."""

    instance: Instance
    mesh: GpuMesh
    relative_from_local: Matrix
    clip_from_local: Matrix

    @cached_property
    def mirrored(self) -> bool:
        """Whether the transform turns the winding."""
        return bool(np.linalg.det(self.relative_from_local[:3, :3]) < 0)

    @cached_property
    def corners(self) -> Matrix:
        """(8, 3): the corners of the bounding box."""
        return np.asarray(self.mesh.corners @ self.relative_from_local[:3, :3].T + self.relative_from_local[:3, 3])

    @cached_property
    def in_view(self) -> bool:
        """Whether anything of it may be seen: its box is not wholly beyond one side of the view."""
        clip = self.mesh.corners @ self.clip_from_local[:, :3].T + self.clip_from_local[:, 3]
        x, y, z, w = clip.T
        beyond = ((x > w).all(), (x < -w).all(), (y > w).all(), (y < -w).all(), (z < -w).all())
        return not any(beyond)

    @cached_property
    def order_cm(self) -> float:
        """Far end of the box's bounding sphere: draws small things before the wide ones that they stand on."""
        centre = self.corners.mean(axis=0)
        return float(np.linalg.norm(centre) + np.linalg.norm(self.corners - centre, axis=1).max())

    @cached_property
    def normal_from_local(self) -> bytes:
        """The mat3 for normals: the cofactors, that is the inverse transpose up to a positive scale."""
        x, y, z = self.relative_from_local[:3, :3].T
        cofactors = np.stack([np.cross(y, z), np.cross(z, x), np.cross(x, y)], axis=1)
        return column_major(-cofactors if self.mirrored else cofactors)


def place(scene: Scene, view: View, uploads: Uploads) -> list[Placed]:
    """Every visible instance, in the scene's order."""
    clip = clip_from_relative(view)
    placed = []
    for instance in scene.instances:
        if instance.visible:
            matrix = relative_from_local(view, instance.transform)
            placed.append(Placed(instance, uploads.meshes.get(instance.mesh), matrix, clip @ matrix))
    return placed


@dataclass(frozen=True)
class Surface:
    """One primitive of a placed instance, with the material it wears there."""

    placed: Placed
    primitive: GpuPrimitive
    material: Material

    @property
    def blends(self) -> bool:
        """Whether what lies behind shows through."""
        return self.material.alpha_mode == "blend"

    def features(self, *, geometry_only: bool = False) -> frozenset[str]:
        """Defines for its shader; `geometry_only` names those alone that decide which pixels it covers."""
        material = self.material
        masked = material.alpha_mode == "mask"
        names = {"MASK"} if masked else set()
        if geometry_only and not masked:
            return frozenset()
        if material.base_color_texture is not None:
            names.add("BASE_TEXTURE")
            if material.base_color_texture.wrap == "mirror":
                names.add("MIRROR")
        if self.primitive.colors is not None:
            names.add("VERTEX_COLOR")
        if not geometry_only:
            names |= self._shading_features()
        if names & {"BASE_TEXTURE", "SURFACE_TEXTURES", "NORMAL_TEXTURE", "EMISSIVE_TEXTURE"}:
            names.add("UV")
        return frozenset(names)

    def _shading_features(self) -> set[str]:
        material, names = self.material, set()
        if self.blends:
            names.add("BLEND")
        if material.two_sided:
            names.add("TWO_SIDED")
        if material.emissive_texture is not None:
            names.add("EMISSIVE_TEXTURE")
        if material.emissive_panorama is not None:
            names.add("PANORAMA")
        if material.unlit:
            names.add("UNLIT")
        else:
            if material.metallic_roughness_texture is not None or material.occlusion_texture is not None:
                names.add("SURFACE_TEXTURES")
            if material.normal_texture is not None:
                names.add("NORMAL_TEXTURE")
        return names

    def bind(self, program: moderngl.Program, uploads: Uploads, features: frozenset[str]) -> None:
        """Sets the matrices, factors and textures that `program`, made with `features`, reads."""
        write_uniform(program, "u_clip_from_local", column_major(self.placed.clip_from_local))
        write_uniform(program, "u_relative_from_local", column_major(self.placed.relative_from_local))
        write_uniform(program, "u_normal_from_local", self.placed.normal_from_local)
        write_uniform(program, "u_material", _factors(self.material))
        self._bind_textures(uploads, features)

    def _bind_textures(self, uploads: Uploads, features: frozenset[str]) -> None:
        material = self.material
        if "BASE_TEXTURE" in features and material.base_color_texture is not None:
            uploads.textures.get(material.base_color_texture).use(UNITS["t_base_color"])
        if "SURFACE_TEXTURES" in features:
            for name, texture in (
                ("t_metallic_roughness", material.metallic_roughness_texture),
                ("t_occlusion", material.occlusion_texture),
            ):
                found = uploads.white if texture is None else uploads.textures.get(texture)
                found.use(UNITS[name])
        if "NORMAL_TEXTURE" in features and material.normal_texture is not None:
            uploads.textures.get(material.normal_texture).use(UNITS["t_normal"])
        if "EMISSIVE_TEXTURE" in features and material.emissive_texture is not None:
            uploads.textures.get(material.emissive_texture).use(UNITS["t_emissive"])
        if "PANORAMA" in features and material.emissive_panorama is not None:
            uploads.panoramas.get(material.emissive_panorama).use(UNITS["t_panorama"])

    def draw(self, context: moderngl.Context, program: moderngl.Program) -> None:
        """Draws it with the uniforms already set; the back is left out unless the material has two sides."""
        if self.material.two_sided:
            context.disable(moderngl.CULL_FACE)
        else:
            context.enable(moderngl.CULL_FACE)
        context.front_face = "ccw" if self.placed.mirrored else "cw"
        self.primitive.array(context, program).render()


def surfaces(placed: Iterable[Placed]) -> list[Surface]:
    """All primitives of what is in view: those that blend last and from back to front, the others from the front."""
    found = [
        Surface(one, part, one.instance.materials[part.material_slot])
        for one in placed
        if one.in_view
        for part in one.mesh.primitives
    ]
    return sorted(found, key=lambda s: (s.blends, -s.placed.order_cm if s.blends else s.placed.order_cm))


def _factors(material: Material) -> bytes:
    a, b, c, d, e, f = material.uv_transform
    rows = (
        material.base_color,
        (material.metallic, material.roughness, material.normal_scale, material.occlusion_strength),
        (*material.emissive, material.alpha_cutoff),
        (a, b, c, 0.0),
        (d, e, f, 0.0),
    )
    return np.array(rows, dtype=np.float32).tobytes()
