"""The part of glTF 2.0 that a static model needs, as typed objects; everything else in the file is dropped here.

References between objects are checked where they are followed, because what no scene uses may be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, JsonValue, ValidationError
from pydantic.alias_generators import to_camel

from unrealsynth.errors import ModelError
from unrealsynth.glb import limits


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:200]


Name = Annotated[str, AfterValidator(_printable)]
"""Text that only people read, fit to be written into a message or a file."""
Index = Annotated[int, Field(ge=0, le=2**31)]
Size = Annotated[int, Field(ge=0, le=2**40)]
ComponentType = Literal[5120, 5121, 5122, 5123, 5125, 5126]
Rgb = tuple[float, float, float]
Rgba = tuple[float, float, float, float]
Extensions = dict[str, JsonValue]


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", allow_inf_nan=False)


class Asset(_Part):
    version: Name
    copyright: Name | None = None


class Buffer(_Part):
    byte_length: Size
    uri: str | None = None


class BufferView(_Part):
    buffer: Index
    byte_offset: Size = 0
    byte_length: Size
    byte_stride: Annotated[int, Field(ge=1, le=252)] | None = None


class SparseIndices(_Part):
    buffer_view: Index
    byte_offset: Size = 0
    component_type: Literal[5121, 5123, 5125]


class SparseValues(_Part):
    buffer_view: Index
    byte_offset: Size = 0


class Sparse(_Part):
    count: Annotated[int, Field(ge=1, le=limits.MAX_COUNT)]
    indices: SparseIndices
    values: SparseValues


class Accessor(_Part):
    buffer_view: Index | None = None
    byte_offset: Size = 0
    component_type: ComponentType
    normalized: bool = False
    count: Annotated[int, Field(ge=1, le=limits.MAX_COUNT)]
    type: Literal["SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4"]
    sparse: Sparse | None = None
    min: list[float] | None = None
    max: list[float] | None = None


class Draco(_Part):
    buffer_view: Index
    attributes: dict[str, Index]


class PrimitiveExtensions(_Part):
    draco: Draco | None = Field(default=None, alias="KHR_draco_mesh_compression")


class Primitive(_Part):
    attributes: dict[str, Index]
    indices: Index | None = None
    material: Index | None = None
    mode: Annotated[int, Field(ge=0, le=6)] = 4
    targets: list[JsonValue] = []
    extensions: PrimitiveExtensions = PrimitiveExtensions()


class Mesh(_Part):
    name: Name = ""
    primitives: Annotated[list[Primitive], FailFast()]


class Node(_Part):
    name: Name = ""
    children: list[Index] = []
    mesh: Index | None = None
    skin: Index | None = None
    camera: Index | None = None
    matrix: Annotated[list[float], Field(min_length=16, max_length=16)] | None = None
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    extensions: Extensions = {}

    @property
    def is_identity(self) -> bool:
        """Whether it has no transform; most nodes of large files have none."""
        return self.matrix is None and not self.model_fields_set & {"translation", "rotation", "scale"}


class Scene(_Part):
    nodes: list[Index] = []


class Skin(_Part):
    joints: Annotated[list[Index], Field(min_length=1)]
    inverse_bind_matrices: Index | None = None


class Image(_Part):
    name: Name = ""
    uri: str | None = None
    buffer_view: Index | None = None


class Sampler(_Part):
    mag_filter: Literal[9728, 9729] | None = None
    min_filter: Literal[9728, 9729, 9984, 9985, 9986, 9987] | None = None
    wrap_s: Literal[10497, 33071, 33648] | None = None
    wrap_t: Literal[10497, 33071, 33648] | None = None


class Texture(_Part):
    source: Index | None = None
    sampler: Index | None = None
    extensions: Extensions = {}


class TextureInfo(_Part):
    index: Index
    tex_coord: Annotated[int, Field(ge=0, le=7)] | None = None
    scale: float | None = None
    strength: float | None = None
    extensions: Extensions | None = None


class MetallicRoughness(_Part):
    base_color_factor: Rgba | None = None
    base_color_texture: TextureInfo | None = None
    metallic_factor: float | None = None
    roughness_factor: float | None = None
    metallic_roughness_texture: TextureInfo | None = None


class Material(_Part):
    name: Name | None = None
    pbr_metallic_roughness: MetallicRoughness | None = None
    normal_texture: TextureInfo | None = None
    occlusion_texture: TextureInfo | None = None
    emissive_texture: TextureInfo | None = None
    emissive_factor: Rgb | None = None
    alpha_mode: Literal["OPAQUE", "MASK", "BLEND"] | None = None
    alpha_cutoff: float | None = None
    double_sided: bool | None = None
    extensions: Extensions | None = None


class Gltf(_Part):
    asset: Asset
    scene: Index | None = None
    scenes: Annotated[list[Scene], FailFast()] = []
    nodes: Annotated[list[Node], FailFast()] = []
    meshes: Annotated[list[Mesh], FailFast()] = []
    skins: Annotated[list[Skin], FailFast()] = []
    cameras: list[JsonValue] = []
    animations: list[JsonValue] = []
    accessors: Annotated[list[Accessor], FailFast()] = []
    buffer_views: Annotated[list[BufferView], FailFast()] = []
    buffers: Annotated[list[Buffer], FailFast()] = []
    materials: Annotated[list[Material], FailFast()] = []
    textures: Annotated[list[Texture], FailFast()] = []
    samplers: Annotated[list[Sampler], FailFast()] = []
    images: Annotated[list[Image], FailFast()] = []
    extensions_used: list[Name] = []
    extensions_required: list[Name] = []


_Item = TypeVar("_Item")


def read(document: dict[str, object]) -> Gltf:
    """The typed form of a glTF JSON object. Raises ModelError naming the first key at fault."""
    try:
        gltf = Gltf.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        message = fault["msg"][0].lower() + fault["msg"][1:]
        got = "" if fault["type"] == "missing" else f", got {fault['input']!r:.60}"
        raise ModelError(f"its `{_key(fault['loc'])}` is wrong: {message}{got}; export it again") from None
    if gltf.asset.version.split(".")[0] != "2":
        raise ModelError(f"it is glTF {gltf.asset.version:.20}, wanted glTF 2.0; export it again as glTF 2.0")
    return gltf


def item(items: Sequence[_Item], index: int, kind: str) -> _Item:
    """`items[index]`, for an index that a file gives."""
    if index >= len(items):
        raise ModelError(f"it refers to {kind} {index} but has {len(items)}; export it again")
    return items[index]


def _key(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
