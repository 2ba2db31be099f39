"""What the renderer draws: plain immutable descriptions in Unreal's axes (left-handed, X forward, Y right, Z up), cm.

The stand-in `unreal` module turns its actors into these once a capture; nothing here knows of actors or of OpenGL.
Arrays are read-only by convention. Meshes and textures are told apart by identity, so that the renderer uploads each
once and forgets it when it is garbage collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
Vec3 = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Texture:
    """An image; `pixels` is (height, width, 4) uint8, first row on top, v = 0 at the top as in glTF and Unreal."""

    pixels: NDArray[np.uint8]
    srgb: bool = True
    wrap: Literal["repeat", "clamp", "mirror"] = "repeat"
    mips: bool = True
    """Whether there are smaller versions for the distance; without, it flickers there."""


@dataclass(frozen=True, eq=False)
class Panorama:
    """An equirectangular picture of linear radiance; `pixels` is (height, width, 3) float32, top row = zenith.

    Column 0 looks along -X and the azimuth grows to the right from +X (yaw 0) in the middle, as yaw does.
    """

    pixels: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Material:
    """A metallic-roughness material after glTF 2.0. Factors are linear; textures multiply them."""

    base_color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    base_color_texture: Texture | None = None
    metallic: float = 0.0
    roughness: float = 1.0
    metallic_roughness_texture: Texture | None = None
    normal_texture: Texture | None = None
    """In glTF's convention: green points to the top of the image (+Y). Unreal's importer flips it; here it stays."""
    normal_scale: float = 1.0
    occlusion_texture: Texture | None = None
    occlusion_strength: float = 1.0
    emissive: Rgb = (0.0, 0.0, 0.0)
    emissive_texture: Texture | None = None
    emissive_panorama: Panorama | None = None
    """Unlit sky spheres: radiance looked up by the view direction."""
    alpha_mode: Literal["opaque", "mask", "blend"] = "opaque"
    alpha_cutoff: float = 0.5
    writes_custom_depth: bool = False
    """Whether a material that blends still writes the custom stencil (Unreal: Allow Custom Depth Writes)."""
    two_sided: bool = False
    unlit: bool = False
    uv_transform: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    """u' = a*u + b*v + c, v' = d*u + e*v + f, for every texture."""


@dataclass(frozen=True, eq=False)
class Primitive:
    """Triangles with one material. Positions (n, 3) in cm, normals (n, 3), uvs (n, 2), indices (m, 3).

    A front face's corners run anticlockwise on the screen as seen from outside, as in glTF; since the axes are
    left-handed, (b - a) × (c - a) by the usual formula points inwards.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    uvs: NDArray[np.float32]
    indices: NDArray[np.uint32]
    material_slot: int = 0
    colors: NDArray[np.float32] | None = None
    """(n, 4) linear vertex colours, or none."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """A static mesh: primitives and the materials of its slots."""

    primitives: tuple[Primitive, ...]
    materials: tuple[Material, ...]


@dataclass(frozen=True, eq=False)
class Instance:
    """A mesh in the world. `transform` is (4, 4) float64 and takes column vectors: world = transform @ (x, y, z, 1)."""

    mesh: Mesh
    transform: NDArray[np.float64]
    materials: tuple[Material, ...]
    """One for each slot: the mesh's own, or what replaces it."""
    stencil: int | None = None
    """Custom stencil value; none when the component does not render into custom depth."""
    cast_shadow: bool = True
    visible: bool = True


@dataclass(frozen=True)
class Sun:
    """Directional light. `direction` is where the light goes; illuminance in lux on a surface that faces it.

    The sun of the scene's own atmosphere loses in it what the air takes, as Unreal's atmosphere sun light does:
    `illuminance_lux` is then what arrives outside the air.
    """

    direction: Vec3
    illuminance_lux: float
    color: Rgb = (1.0, 1.0, 1.0)
    angle_deg: float = 0.5357
    cast_shadow: bool = True


@dataclass(frozen=True)
class Lamp:
    """Point or spot light; intensity in candela; the inverse square law, windowed to zero at `radius_cm`."""

    kind: Literal["point", "spot"]
    location: Vec3
    intensity_cd: float
    color: Rgb = (1.0, 1.0, 1.0)
    radius_cm: float = 1000.0
    direction: Vec3 = (0.0, 0.0, -1.0)
    inner_cone_deg: float = 0.0
    outer_cone_deg: float = 44.0


@dataclass(frozen=True)
class Atmosphere:
    """A clear or clouded sky lit by `sun`; without a sun it is night."""

    sun: Sun | None
    rayleigh: float = 1.0
    mie: float = 1.0
    clouds: bool = False
    """Whether a volumetric cloud layer is in the scene."""


Sky = Atmosphere | Panorama | None
"""What a ray that hits nothing sees, and what a sky light captured."""


@dataclass(frozen=True)
class SkyLight:
    """Ambient light from `source`, frozen when it was captured; `tint` and `intensity` multiply it."""

    source: Sky
    intensity: float = 1.0
    tint: Rgb = (1.0, 1.0, 1.0)
    lower_hemisphere_is_black: bool = True
    angle_deg: float = 0.0
    """Turns a panorama about Z."""


@dataclass(frozen=True)
class Fog:
    """Exponential height fog after Unreal: density per cm·1e-3 at `height_cm`, thinner above by `height_falloff`."""

    density: float = 0.02
    height_falloff: float = 0.2
    height_cm: float = 0.0
    start_cm: float = 0.0
    max_opacity: float = 1.0
    color: Rgb = (0.0, 0.0, 0.0)
    """Its own radiance. The light of the atmosphere's horizon is added, as in Unreal; else the sky light's."""


@dataclass(frozen=True)
class Scene:
    """All that is drawn in one capture."""

    instances: tuple[Instance, ...] = ()
    sun: Sun | None = None
    sky: Sky = None
    sky_light: SkyLight | None = None
    lamps: tuple[Lamp, ...] = ()
    fog: Fog | None = None


@dataclass(frozen=True)
class View:
    """A pinhole camera. The axes are unit vectors; `fov_deg` is horizontal for every aspect ratio."""

    width: int
    height: int
    location: Vec3
    forward: Vec3
    right: Vec3
    up: Vec3
    fov_deg: float
    near_cm: float = 10.0


@dataclass(frozen=True)
class Grading:
    """From radiance to picture: linear scale 2**exposure_ev, tone curve, display gamma, edge smoothing."""

    exposure_ev: float = 0.0
    tone_curve: bool = True
    display_gamma: float = 2.2
    """Gamma of the render target: 2.2 gives sRGB bytes, 1.0 the dark linear picture known from Unreal."""
    fxaa: bool = True
