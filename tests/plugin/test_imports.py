"""What becomes of a user's models and pictures on their way into a project, whatever is in the importer's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import trimesh
from in_process import InProcess, in_process
from PIL import Image

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal import importing
from unrealsynth_plugin.core.contract import Model

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

IMPORTED = "/Game/UnrealSynth_Generated/Imported"


@pytest.fixture
def bench(tmp_path: Path, shared_renderer: Renders) -> Iterator[InProcess]:
    with in_process(tmp_path, shared_renderer) as made:
        yield made


def imported(bench: InProcess, model: Model) -> Any:
    """The mesh that a job gets of a model."""
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.models import import_models
    from unrealsynth_plugin.spool import Spool

    steps = import_models((model,), Spool(bench.root), Settings(), lambda _: None)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value[model.id]


def halves(lower: str = "Body", upper: str = "Lid") -> bytes:
    """The crate of these tests in two parts, each of a material of its own."""
    scene = trimesh.Scene()
    for name, middle, color in ((lower, 0.125, (255, 0, 0, 255)), (upper, 0.375, (0, 0, 255, 255))):
        part = trimesh.creation.box((1.0, 0.25, 2.0))
        material = trimesh.visual.material.PBRMaterial(baseColorFactor=color, name=name)
        part.visual = trimesh.visual.TextureVisuals(material=material)
        at = trimesh.transformations.translation_matrix((0, middle, 0))
        scene.add_geometry(part, node_name=name, transform=at)
    glb: bytes = scene.export(file_type="glb")
    return glb


def textured(size: tuple[int, int], color: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    box = trimesh.creation.box((1.0, 0.5, 2.0))
    box.apply_translation((0.0, 0.25, 0.0))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.new("RGB", size, color))
    box.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=material)
    glb: bytes = trimesh.Scene(box).export(file_type="glb")
    return glb


def test_textures_of_any_size_stay_on_a_model(bench: InProcess) -> None:
    mesh = imported(bench, bench.model(textured((12, 7))))
    assert mesh._mesh.materials[0].base_color_texture is not None


def test_a_bluish_texture_stays_a_colour(bench: InProcess) -> None:
    mesh = imported(bench, bench.model(textured((8, 8), (120, 130, 250))))
    assert mesh._mesh.materials[0].base_color_texture.srgb


@pytest.mark.parametrize("prefix", ["UCX_", "UBX_", "USP_", "UCP_"])
def test_parts_named_like_collision_are_seen(bench: InProcess, prefix: str) -> None:
    # Were the lid left out, the bounds would be wrong and the model refused.
    assert imported(bench, bench.model(halves(upper=f"{prefix}Body"))).get_num_triangles(0) == 24


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were imported into."""
    folders: list[str] = []
    real = importing.import_file

    def counted(file: Path, folder: str, options: Any) -> Any:
        folders.append(folder)
        return real(file, folder, options)

    monkeypatch.setattr(importing, "import_file", counted)
    return folders


def test_the_second_way_is_remembered(bench: InProcess, imports: list[str]) -> None:
    bench.engine.switches = replace(bench.engine.switches, task_options_apply=False)
    model = bench.model(halves())
    first = imported(bench, model)
    assert [folder[-2:] == "_b" for folder in imports] == [False, True]
    assert imported(bench, model) is first
    assert len(imports) == 2, "nothing is imported again"


@pytest.mark.parametrize("ways", [1, 2], ids=["first way", "second way"])
def test_what_a_failed_import_has_left_spoils_nothing(bench: InProcess, imports: list[str], ways: int) -> None:
    model = bench.model(halves())
    bench.engine.switches = replace(bench.engine.switches, task_options_apply=ways == 1)
    for suffix in ("", "_b"):
        parts = importing.import_file(
            bench.root / model.file, f"{IMPORTED}/{model.sha256[:16]}{suffix}", importing.Options()
        )
        assert sum(isinstance(part, unreal.StaticMesh) for part in parts) == 2
    imports.clear()
    assert imported(bench, model).get_num_triangles(0) == 24
    assert len(imports) == ways


def picture(name: str) -> Image.Image:
    """Pictures of which importers think differently."""
    made: dict[str, Callable[[], Image.Image]] = {
        "plain": lambda: Image.new("RGB", (64, 64), (90, 80, 70)),
        "odd sides": lambda: Image.new("RGB", (50, 33), (90, 80, 70)),
        "16 bits": lambda: Image.fromarray(np.full((8, 8), 0x6060, np.uint16)),
        "like normals": lambda: Image.new("RGB", (8, 8), (120, 130, 250)),
        "huge": lambda: Image.new("RGB", (4096, 4096), (90, 80, 70)),
    }
    return made[name]()


@pytest.mark.parametrize("name", ["plain", "odd sides", "16 bits", "like normals", "huge"])
def test_a_ground_shows_its_picture(
    bench: InProcess, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    from unrealsynth_plugin.assets import import_texture
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.materials import ground_material

    bench.engine.execute("r.VirtualTextures 1")
    for file in ("color.png", "normal.png"):
        picture(name).save(tmp_path / file)
    settings = Settings()
    texture = import_texture(tmp_path / "color.png", settings)
    normal = import_texture(tmp_path / "normal.png", settings, normal_map=True)
    material = ground_material(texture, normal)
    unreal.AutomationLibrary.finish_loading_before_screenshot()
    assert "Sampler type" not in caplog.text
    drawn = material._scene_material()
    assert drawn.base_color_texture is texture._scene_texture()
    assert drawn.normal_texture is normal._scene_texture()
    assert texture.compression_settings == unreal.TextureCompressionSettings.TC_DEFAULT
    assert drawn.base_color_texture.srgb and not drawn.normal_texture.srgb
    assert not any(each.get_editor_property("virtual_texture_streaming") for each in (texture, normal))
    assert settings.missing == []
