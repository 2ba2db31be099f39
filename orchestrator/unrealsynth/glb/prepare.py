"""From a user's GLB to a prepared one: checked, self-contained, static, of the wanted size, and measured.

Where the root node puts the model is where `bounds_cm` and `hull_cm` say it is; importers transform nothing further.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unrealsynth.errors import ModelError
from unrealsynth.glb import container, limits, measure, schema, writer
from unrealsynth.glb.accessors import AccessorReader
from unrealsynth.glb.geometry import Geometry, GeometryReader
from unrealsynth.glb.measure import Points
from unrealsynth.glb.normalize import Origin, Size, Up, normalization, size_warnings
from unrealsynth.glb.pose import moved, skinned
from unrealsynth.glb.resources import Resources
from unrealsynth.glb.scene import Matrix, Scene, default_scene, is_sheared

Vec3 = tuple[float, float, float]

_IGNORABLE = ("KHR_lights", "EXT_lights", "KHR_materials_", "MSFT_packing_", "KHR_animation_", "KHR_node_", "KHR_xmp")
"""Required extensions of these kinds change looks or behaviour; the shape is right without them."""
_READ = frozenset({writer.DRACO, writer.QUANTIZATION, writer.TRANSFORM})
_DECIMALS_CM = 5


@dataclass(frozen=True)
class PreparedModel:
    """A model that every editor imports as it is. Axes and units are Unreal's."""

    glb: bytes
    sha256: str
    """Of `glb`."""
    source_sha256: str
    """Of the file it was made from, without files that this one refers to."""
    bounds_cm: tuple[Vec3, Vec3]
    """Lowest and highest corner."""
    hull_cm: tuple[Vec3, ...]
    """Vertices of the convex hull."""
    rests: bool
    """Whether its lowest point, not its origin, belongs on the ground."""
    triangles: int
    is_loose: bool
    """Whether parts of its triangles are not drawn, or hardly: masked, blended or transmitting materials."""
    copyright: str
    """What the file says about who made it."""
    self_contained: bool
    """Whether no other file was read."""
    warnings: tuple[str, ...]
    """Sentences about what was left out or looks wrong."""

    @property
    def size_cm(self) -> Vec3:
        low, high = self.bounds_cm
        return (high[0] - low[0], high[1] - low[1], high[2] - low[2])


def prepare(
    source: Path | bytes,
    *,
    name: str | None = None,
    size: Size | None = None,
    up: Up = "y",
    origin: Origin = "bottom",
) -> PreparedModel:
    """Checks, normalizes and measures the model in `source`.

    `up` is the model's axis that points up, `size` scales it, and `origin: bottom` puts the centre of its underside at
    the origin. Raises ModelError with one sentence that begins with `name` (by default the file's).
    """
    label = name or (source.name if isinstance(source, Path) else "model")
    try:
        data = source if isinstance(source, bytes) else read(source)
        folder = source.parent if isinstance(source, Path) else None
        return _prepare(data, folder, Path(label).stem, size, up, origin)
    except ModelError as error:
        raise ModelError(f"{label}: {error}.") from None
    except MemoryError:
        raise ModelError(f"{label}: it does not fit into memory; use a simpler model.") from None


def read(path: Path) -> bytes:
    """The bytes of a model file of a bearable size."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ModelError("it is not a file; name a .glb file")
        if status.st_size > limits.MAX_FILE_BYTES:
            raise ModelError(
                f"it has {status.st_size >> 20:,} MB, at most {limits.MAX_FILE_BYTES >> 20:,} MB are read; "
                "use a simpler model"
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelError("there is no such file") from None
    except OSError as error:
        raise ModelError(f"it cannot be read ({error.strerror})") from None


@dataclass(frozen=True)
class _Placed:
    """Geometries with the transform of their node; None where the vertices are in place already."""

    name: str
    geometries: tuple[Geometry, ...]
    world: Matrix | None


def _prepare(data: bytes, folder: Path | None, name: str, size: Size | None, up: Up, origin: Origin) -> PreparedModel:
    parts = container.parse(data)
    gltf = schema.read(parts.document)
    warnings = dict.fromkeys([*parts.warnings, *_check_extensions(gltf)])
    resources = Resources(gltf, parts.binary, folder)
    scene = default_scene(gltf)
    budget = limits.Budget(len(data) + _declared_bytes(gltf))
    reader = GeometryReader(gltf, AccessorReader(gltf, resources), budget)
    placed = _place(gltf, scene, reader, budget)
    points = _spanning_points(placed)
    warnings |= dict.fromkeys([*reader.warnings, *_left_out(gltf, scene)])
    scale, rotation, translation = normalization(points, size, up, origin)
    points = measure.hull_vertices(measure.unreal_axes(points @ (scale * rotation).T + translation))
    hull = measure.thin(points)
    warnings |= dict.fromkeys(size_warnings(points, hull, scale))
    model = writer.ModelWriter(gltf, resources, budget)
    nodes = [{"mesh": model.mesh(item.name, item.geometries), **_transform(item.world)} for item in placed]
    root = _transform(_matrix(scale * rotation, translation))
    glb = model.glb(name, root, nodes)
    low, high = _rounded(np.stack([points.min(axis=0), points.max(axis=0)]))
    return PreparedModel(
        glb=glb,
        sha256=hashlib.sha256(glb).hexdigest(),
        source_sha256=hashlib.sha256(data).hexdigest(),
        bounds_cm=(low, high),
        hull_cm=_rounded(hull.points),
        rests=origin == "bottom",
        triangles=sum(len(geometry.triangles) for item in placed for geometry in item.geometries),
        is_loose=any(_is_loose(gltf, geometry) for item in placed for geometry in item.geometries),
        copyright=gltf.asset.copyright or "",
        self_contained=not resources.files,
        warnings=tuple(warnings),
    )


def _check_extensions(gltf: schema.Gltf) -> list[str]:
    warnings = []
    for extension in gltf.extensions_required:
        if extension in _READ or extension in writer.MATERIAL_EXTENSIONS:
            continue
        if extension.startswith(_IGNORABLE):
            warnings.append(f"it asks for {extension:.60}, which is left out: it may look different")
            continue
        advice = _ADVICE.get(extension, "export it without that extension")
        raise ModelError(f"it needs the extension {extension:.60}, which Unreal does not import; {advice}")
    return warnings


_ADVICE = {
    "EXT_meshopt_compression": "export it without meshopt compression (`gltf-transform dequantize` or `copy`)",
    "KHR_texture_basisu": writer.PLAIN_PICTURES + ", in place of KTX2",
    "EXT_texture_webp": writer.PLAIN_PICTURES + ", in place of WebP",
    "EXT_mesh_gpu_instancing": "export it with real copies in place of instances",
}


def _declared_bytes(gltf: schema.Gltf) -> int:
    """Size of the buffers in other files. What they promise is checked when they are read."""
    return min(sum(b.byte_length for b in gltf.buffers if b.uri is not None), limits.MAX_FILE_BYTES)


def _place(gltf: schema.Gltf, scene: Scene, reader: GeometryReader, budget: limits.Budget) -> list[_Placed]:
    placed = []
    triangles = 0
    for index, world in scene.worlds.items():
        node = gltf.nodes[index]
        if node.mesh is None:
            continue
        geometries = reader.mesh(node.mesh)
        triangles += sum(len(geometry.triangles) for geometry in geometries)
        if triangles > limits.MAX_TRIANGLES:
            raise ModelError(f"it draws more than {limits.MAX_TRIANGLES:,} triangles; use a simpler model")
        if not geometries:
            continue
        at: Matrix | None = world
        if node.skin is not None or is_sheared(world):
            budget.take(sum(geometry.nbytes for geometry in geometries))
            skin = node.skin
            geometries = tuple(
                moved(geometry, world) if skin is None else skinned(geometry, gltf, skin, scene, reader.accessors)
                for geometry in geometries
            )
            at = None
        placed.append(_Placed(gltf.meshes[node.mesh].name or f"mesh_{node.mesh}", geometries, at))
    if not placed:
        others = sum(node.mesh is not None for node in gltf.nodes) - sum(
            gltf.nodes[index].mesh is not None for index in scene.worlds
        )
        advice = "make the scene with the meshes its default scene" if others else "export the shape itself"
        raise ModelError(f"its default scene has no triangles: there is nothing to draw; {advice}")
    return placed


def _spanning_points(placed: list[_Placed]) -> Points:
    """Points with the same convex hull as the whole scene, in glTF metres."""
    hulls: dict[int, Points] = {}
    found = []
    for item in placed:
        for geometry in item.geometries:
            if id(geometry) not in hulls:
                hulls[id(geometry)] = measure.hull_vertices(geometry.positions)
            points = hulls[id(geometry)]
            found.append(points if item.world is None else points @ item.world[:3, :3].T + item.world[:3, 3])
            if sum(map(len, found)) > limits.MAX_COUNT // 4:
                raise ModelError("it places too many copies of rounded shapes; use a simpler model")
    points = np.concatenate(found)
    if not np.isfinite(points).all() or np.abs(points).max() > limits.MAX_EXTENT_M:
        raise ModelError(
            f"it reaches {np.abs(points).max():.3g} m from its origin; apply its transforms and export it again"
        )
    if not np.ptp(points, axis=0).max() > 0:
        raise ModelError("all its vertices lie in one point: there is nothing to see; export the shape itself")
    return points


def _left_out(gltf: schema.Gltf, scene: Scene) -> list[str]:
    nodes = [gltf.nodes[index] for index in scene.worlds]
    warnings = []
    if any(node.skin is not None for node in nodes):
        warnings.append("its skeleton is left out: it keeps the pose it has in the file")
    if gltf.animations:
        warnings.append("its animations are left out")
    if any(node.camera is not None for node in nodes):
        warnings.append("its cameras are left out")
    if any("light" in extension for node in nodes for extension in node.extensions):
        warnings.append("its lights are left out")
    if any("EXT_mesh_gpu_instancing" in node.extensions for node in nodes):
        warnings.append("its instances (EXT_mesh_gpu_instancing) are drawn once only")
    return warnings


def _is_loose(gltf: schema.Gltf, geometry: Geometry) -> bool:
    if geometry.material is None:
        return False
    material = schema.item(gltf.materials, geometry.material, "material")
    return material.alpha_mode in ("MASK", "BLEND") or "KHR_materials_transmission" in (material.extensions or {})


def _matrix(axes: Matrix, translation: Points) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3] = axes
    matrix[:3, 3] = translation
    return matrix


def _transform(matrix: Matrix | None) -> writer.JsonObject:
    """A node's translation, rotation and scale; only what is not the default."""
    if matrix is None:
        return {}
    from scipy.spatial.transform import Rotation

    scale = np.linalg.norm(matrix[:3, :3], axis=0)
    if np.linalg.det(matrix[:3, :3]) < 0:
        scale[0] = -scale[0]
    rotation = Rotation.from_matrix(matrix[:3, :3] / scale).as_quat(canonical=True)
    transform: writer.JsonObject = {}
    if matrix[:3, 3].any():
        transform["translation"] = matrix[:3, 3].tolist()
    if np.abs(rotation - (0, 0, 0, 1)).max() > 1e-12:
        transform["rotation"] = rotation.tolist()
    if np.abs(scale - 1).max() > 1e-12:
        transform["scale"] = scale.tolist()
    return transform


def _rounded(points: Points) -> tuple[Vec3, ...]:
    """As plain numbers; a tenth of a micrometre keeps platforms and files alike."""
    # Adding zero turns -0.0 into 0.0.
    return tuple((x, y, z) for x, y, z in (np.round(points, _DECIMALS_CM) + 0.0).tolist())
