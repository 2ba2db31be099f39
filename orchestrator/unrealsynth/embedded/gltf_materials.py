"""Materials and images of a GLB as the renderer's materials; an image used twice becomes one `Texture`."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.embedded.gltf_document import Document, Node
from unrealsynth.embedded.renderer.scene import Material, Texture

Wrap = Literal["repeat", "clamp", "mirror"]

MAX_IMAGE_PIXELS = 8192 * 8192
_MAX_SIDE = 4096
_WRAPS: dict[int, Wrap] = {10497: "repeat", 33071: "clamp", 33648: "mirror"}
_ALPHA_MODES: dict[str, Literal["opaque", "mask", "blend"]] = {"OPAQUE": "opaque", "MASK": "mask", "BLEND": "blend"}
_DIELECTRIC = 0.04


@dataclass(frozen=True)
class Rules:
    """What an import leaves out or takes for something else."""

    any_side: bool = True
    """Whether textures with sides that are no powers of two are taken."""
    collision_names: bool = False
    """Whether a part named UCX_Body beside one named Body is collision, and no part of the mesh."""
    detect_normals: bool = False
    """Whether a colour that looks like a normal map is taken for one, which is linear."""
    say: Callable[[str], None] = lambda _: None
    """Is told of each texture that is left out."""


EVERYTHING = Rules()


class Materials:
    """The materials of one document, made when first asked for."""

    def __init__(self, document: Document, rules: Rules = EVERYTHING) -> None:
        self._document = document
        self._rules = rules
        self._materials = document.root.children("materials")
        self._textures = document.root.children("textures")
        self._samplers = document.root.children("samplers")
        self._images = document.root.children("images")
        self._pixels: dict[int, NDArray[np.uint8]] = {}
        self._made: dict[tuple[int, bool, str], Texture] = {}

    def material(self, index: int | None) -> tuple[Material, int]:
        """A material and the number of the texture coordinates it uses; glTF's default material for none."""
        if index is None:
            return Material(metallic=1.0, roughness=1.0), 0
        if index >= len(self._materials):
            raise self._document.fail(f"it refers to materials[{index}], but has {len(self._materials)} materials")
        node = self._materials[index]
        pbr = node.child("pbrMetallicRoughness") or Node(self._document, {}, f"{node.where}.pbrMetallicRoughness")
        gloss = node.extension("KHR_materials_pbrSpecularGlossiness")
        colour = gloss.child("diffuseTexture") if gloss else pbr.child("baseColorTexture")
        infos = [
            colour,
            gloss.child("specularGlossinessTexture") if gloss else pbr.child("metallicRoughnessTexture"),
            node.child("normalTexture"),
            node.child("occlusionTexture"),
            node.child("emissiveTexture"),
        ]
        uv_set, uv_transform = 0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
        for info in infos:
            if info is not None:
                uv_set, uv_transform = _uv(info)
                break
        # One set of coordinates has to do for all textures; those on another set are left out.
        base, surface, normal, occlusion, emission = (
            info if info is not None and _uv(info)[0] == uv_set and self._is_taken(info) else None for info in infos
        )
        alpha_mode = node.text("alphaMode", "OPAQUE")
        if alpha_mode not in _ALPHA_MODES:
            raise node.fail("alphaMode", alpha_mode, "OPAQUE, MASK or BLEND")
        strength = node.extension("KHR_materials_emissive_strength")
        emissive = np.array(node.numbers("emissiveFactor", (0.0,) * 3))
        emissive *= strength.number("emissiveStrength", 1.0) if strength else 1.0
        if gloss:
            factors = self._specular_glossiness(gloss, base, surface)
        else:
            factors = Material(
                base_color=_four(pbr.numbers("baseColorFactor", (1.0,) * 4)),
                base_color_texture=self._texture(base, srgb=True),
                metallic=pbr.number("metallicFactor", 1.0),
                roughness=pbr.number("roughnessFactor", 1.0),
                metallic_roughness_texture=self._texture(surface, srgb=False),
            )
        lit = node.extension("KHR_materials_unlit") is None
        return Material(
            base_color=factors.base_color,
            base_color_texture=factors.base_color_texture,
            metallic=factors.metallic,
            roughness=factors.roughness,
            metallic_roughness_texture=factors.metallic_roughness_texture,
            normal_texture=self._texture(normal, srgb=False),
            normal_scale=normal.number("scale", 1.0) if normal else 1.0,
            occlusion_texture=self._texture(occlusion, srgb=False),
            occlusion_strength=occlusion.number("strength", 1.0) if occlusion else 1.0,
            emissive=(float(emissive[0]), float(emissive[1]), float(emissive[2])),
            emissive_texture=self._texture(emission, srgb=True),
            alpha_mode=_ALPHA_MODES[alpha_mode],
            alpha_cutoff=node.number("alphaCutoff", 0.5),
            two_sided=node.flag("doubleSided"),
            unlit=not lit,
            uv_transform=uv_transform,
        ), uv_set

    def _texture(self, info: Node | None, *, srgb: bool) -> Texture | None:
        if info is None:
            return None
        image, wrap = self._source(info)
        if self._rules.detect_normals and looks_like_normals(self._image(image)):
            srgb = False
        key = (image, srgb, wrap)
        if key not in self._made:
            self._made[key] = Texture(self._image(image), srgb=srgb, wrap=wrap)
        return self._made[key]

    def _is_taken(self, info: Node) -> bool:
        if self._rules.any_side:
            return True
        image = self._source(info)[0]
        height, width = self._image(image).shape[:2]
        if width & (width - 1) or height & (height - 1):
            self._rules.say(f"{self._images[image].where} is {width}x{height}; its sides are no powers of two.")
            return False
        return True

    def _source(self, info: Node) -> tuple[int, Wrap]:
        texture = self._textures[info.integer("index", below=len(self._textures))]
        sampler = texture.index("sampler")
        wrap = 10497
        if sampler is not None:
            wrap = self._samplers[texture.integer("sampler", below=len(self._samplers))].integer("wrapS", wrap)
        return texture.integer("source", below=len(self._images)), _WRAPS.get(wrap, "repeat")

    def _image(self, index: int) -> NDArray[np.uint8]:
        if index not in self._pixels:
            node = self._images[index]
            view = node.index("bufferView")
            data = self._document.data_uri(node) if view is None else bytes(self._document.buffer_view(view)[0])
            self._pixels[index] = self._decode(data, node.where)
        return self._pixels[index]

    def _decode(self, data: bytes, where: str) -> NDArray[np.uint8]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
                picture: Image.Image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
            width, height = picture.size
            if width * height > MAX_IMAGE_PIXELS:
                raise self._document.fail(
                    f"{where} has {width} × {height} pixels; at most {MAX_IMAGE_PIXELS} are taken"
                )
            if max(width, height) > _MAX_SIDE:
                picture.draft("RGB", (_MAX_SIDE, _MAX_SIDE))
                picture.thumbnail((_MAX_SIDE, _MAX_SIDE), Image.Resampling.BOX)
            if picture.mode.startswith("I;16"):
                grey = np.asarray(picture, dtype=np.uint16) >> 8
                picture = Image.fromarray(grey.astype(np.uint8))
            return np.asarray(picture.convert("RGBA"))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise self._document.fail(f"{where} is not a readable PNG or JPEG picture ({error})") from error

    def _specular_glossiness(self, gloss: Node, diffuse: Node | None, specular: Node | None) -> Material:
        """Metallic-roughness factors and textures that look alike, after the conversion Khronos describes."""
        diffuse_factor = _four(gloss.numbers("diffuseFactor", (1.0,) * 4))
        specular_factor = np.array(gloss.numbers("specularFactor", (1.0,) * 3))
        glossiness = gloss.number("glossinessFactor", 1.0)
        if diffuse is None and specular is None:
            base, metallic = _metallic_from_specular(np.array([diffuse_factor[:3]]), specular_factor[None])
            red, green, blue = (float(value) for value in base[0])
            return Material(
                base_color=(red, green, blue, diffuse_factor[3]), metallic=float(metallic[0]), roughness=1 - glossiness
            )
        size = (1, 1)
        wrap: Wrap = "repeat"
        pictures: list[NDArray[np.float64]] = []
        for info in (diffuse, specular):
            if info is not None:
                image, wrap = self._source(info)
                height, width = self._image(image).shape[:2]
                size = max(size, (width, height))
        for info in (diffuse, specular):
            pixels = np.full((1, 1, 4), 255, np.uint8) if info is None else self._image(self._source(info)[0])
            pictures.append(np.asarray(Image.fromarray(pixels).resize(size), dtype=np.float64) / 255)
        colour = _linear(pictures[0][..., :3]) * diffuse_factor[:3]
        base, metallic = _metallic_from_specular(colour, _linear(pictures[1][..., :3]) * specular_factor)
        alpha = pictures[0][..., 3:]
        roughness = 1 - glossiness * pictures[1][..., 3]
        surface = np.stack([np.ones_like(metallic), roughness, metallic, np.ones_like(metallic)], axis=-1)
        return Material(
            base_color=(1.0, 1.0, 1.0, diffuse_factor[3]),
            base_color_texture=Texture(_bytes(np.concatenate([_encoded(base), alpha], axis=-1)), srgb=True, wrap=wrap),
            metallic=1.0,
            roughness=1.0,
            metallic_roughness_texture=Texture(_bytes(surface), srgb=False, wrap=wrap),
        )


def looks_like_normals(pixels: NDArray[np.uint8]) -> bool:
    """Whether a picture holds vectors of about unit length that mostly point out of it."""
    step = max(pixels.shape[0] // 64, 1), max(pixels.shape[1] // 64, 1)
    vectors = pixels[:: step[0], :: step[1], :3].astype(np.float32) / 127.5 - 1.0
    lengths = np.linalg.norm(vectors, axis=-1)
    return bool(vectors[..., 2].mean() > 0.7 and np.abs(lengths - 1.0).mean() < 0.1)


def _uv(info: Node) -> tuple[int, tuple[float, float, float, float, float, float]]:
    """The set of texture coordinates of a texture reference, and KHR_texture_transform's T·R·S for it."""
    transform = info.extension("KHR_texture_transform")
    uv_set = info.integer("texCoord", 0)
    if transform is None:
        return uv_set, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    (x, y), (scale_x, scale_y) = transform.numbers("offset", (0.0, 0.0)), transform.numbers("scale", (1.0, 1.0))
    angle = transform.number("rotation", 0.0)
    cosine, sine = math.cos(angle), math.sin(angle)
    # v grows downwards: anticlockwise as seen turns u towards -v.
    rows = (cosine * scale_x, sine * scale_y, x, -sine * scale_x, cosine * scale_y, y)
    return transform.integer("texCoord", uv_set), rows


def _metallic_from_specular(
    diffuse: NDArray[np.float64], specular: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Base colour (..., 3) and metallic (...) for linear diffuse and specular colours (..., 3).

    Metallic m solves diffuse = base·(1-m)(1-s)/(1-d), specular = d·(1-m) + base·m for the perceived brightnesses,
    d = 0.04 (KhronosGroup glTF, examples/convert-between-workflows).
    """
    weights = np.array([0.299, 0.587, 0.114])
    brightness = np.sqrt((diffuse**2) @ weights)
    shine = np.sqrt((specular**2) @ weights)
    strength = specular.max(axis=-1)
    a = _DIELECTRIC
    b = brightness * (1 - strength) / (1 - _DIELECTRIC) + shine - 2 * _DIELECTRIC
    c = _DIELECTRIC - shine
    root = np.sqrt(np.maximum(b * b - 4 * a * c, 0))
    metallic = np.where(shine < _DIELECTRIC, 0.0, np.clip((-b + root) / (2 * a), 0, 1))
    share = metallic[..., None]
    from_diffuse = diffuse * ((1 - strength) / (1 - _DIELECTRIC) / np.maximum(1 - metallic, 1e-6))[..., None]
    from_specular = (specular - _DIELECTRIC * (1 - share)) / np.maximum(share, 1e-6)
    base = from_diffuse + (from_specular - from_diffuse) * share**2
    return np.clip(base, 0, 1), metallic


def _linear(encoded: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def _bytes(fractions: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.rint(np.clip(fractions, 0, 1) * 255).astype(np.uint8)


def _four(values: tuple[float, ...]) -> tuple[float, float, float, float]:
    return values[0], values[1], values[2], values[3]
