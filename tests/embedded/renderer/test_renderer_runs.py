"""The renderer over many frames and many processes: same bytes, flat memory, a clear word when there is no OpenGL."""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import math
import subprocess
import sys
from pathlib import Path

import moderngl
import numpy as np
import pytest
from simple_scenes import at, box, card, floor, view

from unrealsynth.embedded.renderer import Renderer
from unrealsynth.embedded.renderer.context import create_context
from unrealsynth.embedded.renderer.scene import (
    Atmosphere,
    Fog,
    Grading,
    Lamp,
    Material,
    Panorama,
    Scene,
    SkyLight,
    Sun,
    Texture,
    View,
)  # fmt: skip
from unrealsynth.embedded.renderer.shadows import fit
from unrealsynth.embedded.renderer.surfaces import place
from unrealsynth.embedded.renderer.uploads import Uploads, WeakCache
from unrealsynth.errors import EditorError


def busy_scene(step: int = 0) -> Scene:
    """Something of everything."""
    sun = Sun((0.5, 0.3 + 0.01 * step, -0.7), 10.0)
    checks = np.indices((16, 16)).sum(axis=0)[..., None] % 2 * np.uint8([200, 180, 160, 255]) + np.uint8([0, 0, 0, 255])
    texture = Texture(checks.astype(np.uint8))
    shiny = Material(base_color_texture=texture, metallic_roughness_texture=texture, normal_texture=texture)
    glass = Material(base_color=(0.5, 0.7, 1, 0.4), alpha_mode="blend")
    return Scene(
        (
            at(floor(20_000, Material(base_color=(0.3, 0.3, 0.2, 1), roughness=0.8)), stencil=0),
            at(box((60, 60, 60), shiny), (250, -60, 30), stencil=1),
            at(box((60, 60, 60), glass), (220, 50, 30), stencil=2),
            at(box((40, 40, 90), Material(metallic=1.0, roughness=0.2)), (350, 60, 45), stencil=3),
        ),
        sun,
        Atmosphere(sun, clouds=True),
        SkyLight(Atmosphere(sun, clouds=True)),
        (Lamp("point", (200.0, 0.0, 100.0), 3.0),),
        Fog(),
    )


def fingerprint(renderer: Renderer) -> str:
    camera = view(160, 120, location=(0, 0, 120))
    scene = busy_scene()
    digest = hashlib.sha256(renderer.color(scene, camera, Grading()).tobytes())
    digest.update(renderer.stencil(scene, camera).tobytes())
    digest.update(renderer.depth(scene, camera).tobytes())
    digest.update(renderer.linear(scene, camera, 0.0).tobytes())
    return digest.hexdigest()


def test_same_bytes_again_and_in_another_process(renderer: Renderer) -> None:
    first = fingerprint(renderer)
    renderer.color(busy_scene(3), view(64, 48), Grading(exposure_ev=1.0))
    assert fingerprint(renderer) == first
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from unrealsynth.embedded.renderer import Renderer\n"
        "from test_renderer_runs import fingerprint\n"
        "sys.stdout.write(fingerprint(Renderer()))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True, timeout=60
    )
    assert other.stdout == first


def test_two_renderers_in_one_process(renderer: Renderer) -> None:
    expected = fingerprint(renderer)
    other = Renderer()
    assert fingerprint(other) == expected
    other.close()
    assert fingerprint(renderer) == expected


def test_memory_is_given_back_when_meshes_and_textures_die(renderer: Renderer) -> None:
    uploads = renderer._uploads
    camera = view(64, 48, location=(0, 0, 120))
    gc.collect()
    uploads.sweep()
    before = len(uploads.meshes), len(uploads.textures), len(uploads.panoramas)
    for step in range(30):
        panorama = Panorama(np.full((8, 16, 3), 1.0, dtype=np.float32))
        renderer.color(busy_scene(step), camera, Grading())
        renderer.stencil(dataclasses.replace(busy_scene(step), sky=panorama), camera)
    gc.collect()
    uploads.sweep()
    assert (len(uploads.meshes), len(uploads.textures), len(uploads.panoramas)) == before


def test_weak_cache_makes_once_and_releases_once() -> None:
    class Key:
        pass

    made: list[object] = []
    released: list[object] = []

    def make(key: Key) -> object:
        made.append(object())
        return made[-1]

    cache: WeakCache[Key, object] = WeakCache(make, released.append)
    key, other = Key(), Key()
    assert cache.get(key) is cache.get(key) is made[0]
    assert cache.get(other) is made[1] and len(cache) == 2
    del key
    gc.collect()
    assert len(cache) == 1 and not released
    cache.sweep()
    cache.sweep()
    assert released == [made[0]]


def test_info_names_driver_and_version(renderer: Renderer) -> None:
    assert "OpenGL" in renderer.info and len(renderer.info) > 15


def test_missing_opengl_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError("libEGL.so not found")  # what glcontext raises where the library is missing

    monkeypatch.setattr(moderngl, "create_context", refuse)
    with pytest.raises(EditorError, match=r"libEGL\.so not found.*libegl1 libgl1 libgl1-mesa-dri"):
        Renderer()


def shadow_texels(scene: Scene, camera: View) -> list[float]:
    assert scene.sun is not None
    context = create_context()
    uploads = Uploads(context)
    texels = [shadow.texel_cm for shadow in fit(scene.sun, camera, place(scene, camera, uploads))]
    context.release()
    return texels


def test_shadow_map_fits_the_casters_not_the_ground() -> None:
    sun = Sun((0.0, 0.0, -1.0), 10.0)
    camera = view(location=(0, 0, 120))
    ground, thing = at(floor(100_000)), at(box((60, 60, 60)), (250, 0, 30))
    far = at(box((60, 60, 60)), (9000, 2000, 30))
    # Seen from above the box is 60 cm wide; three texels a pixel are 300, so 512.
    size = 512
    assert shadow_texels(Scene((ground, thing), sun), camera) == [pytest.approx(60 / size, rel=0.05)]
    assert shadow_texels(Scene((ground,), sun), camera) == []
    near, wide = shadow_texels(Scene((ground, thing, far), sun), camera)
    assert near * size < 7200 and wide * size == pytest.approx(9000 + 60 - 250, rel=0.05)


def test_a_mesh_without_triangles_is_nothing(renderer: Renderer) -> None:
    empty = card(200, -10, 10, -10, 10)
    part = dataclasses.replace(empty.primitives[0], indices=np.zeros((0, 3), dtype=np.uint32))
    scene = Scene((at(dataclasses.replace(empty, primitives=(part,)), stencil=1),), Sun((0.0, 0.0, -1.0), 1.0))
    assert not renderer.stencil(scene, view()).any()
    assert not renderer.color(scene, view(), Grading())[..., :3].any()


def test_degenerate_transforms_do_no_harm(renderer: Renderer) -> None:
    flat = at(box((60, 60, 60), Material()), (250, 0, 0), scale=(1.0, 1.0, 0.0), stencil=1)
    tiny = at(box((60, 60, 60), Material()), (250, 0, 0), scale=(1e-9, 1e-9, 1e-9), stencil=2)
    sun = Sun((0.3, 0.0, -1.0), 10.0)
    scene = Scene((flat, tiny), sun, None, SkyLight(Atmosphere(sun)))
    assert np.isfinite(renderer.linear(scene, view(location=(0, 0, 100)), 0.0)).all()


def test_camera_inside_a_thing_and_straight_sun(renderer: Renderer) -> None:
    for direction in ((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)):
        sun = Sun(direction, 10.0)
        scene = Scene(
            (at(box((400, 400, 400), Material(two_sided=True))),), sun, Atmosphere(sun), SkyLight(Atmosphere(sun))
        )
        picture = renderer.linear(scene, view(), 0.0)
        assert np.isfinite(picture).all() and math.isclose(picture[..., 3].min(), 1.0)
