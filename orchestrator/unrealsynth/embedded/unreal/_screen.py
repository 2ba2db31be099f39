"""Post-process materials: their graph, evaluated for every pixel of a capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.unreal import _graph
from unrealsynth.embedded.unreal import expressions as nodes
from unrealsynth.embedded.unreal.enums import MaterialProperty
from unrealsynth.embedded.unreal.expressions import MaterialExpression
from unrealsynth.embedded.unreal.materials import Material, MaterialInterface
from unrealsynth.errors import EditorError

Inputs = Mapping[str, Callable[[], NDArray[np.float32]]]
Program = Callable[[Inputs], NDArray[np.float32]]
"""Emissive colour from scene textures; parameters are those at the time of the capture."""

PICTURE = "PPI_POST_PROCESS_INPUT0"
"""What the passes before this one have made, where one has."""
KNOWN = ("PPI_CUSTOM_STENCIL", "PPI_CUSTOM_DEPTH", "PPI_SCENE_DEPTH", PICTURE)


def program(material: Material, instance: MaterialInterface) -> Program:
    """The pass that a material makes. Raises EditorError for a node that the embedded editor does not know."""
    output = material._outputs.get(MaterialProperty.MP_EMISSIVE_COLOR)
    if output is None:
        return lambda inputs: np.zeros((1, 1, 1), np.float32)
    return _compiled(*output, material, instance)


def _compiled(node: MaterialExpression, channels: str, material: Material, instance: MaterialInterface) -> Program:
    value = _graph.constant(node, material, instance)
    if value is not None:
        fixed = _graph.channels(value, channels).astype(np.float32)
        return lambda inputs: fixed
    if isinstance(node, nodes.MaterialExpressionSceneTexture):
        texture = type(node).scene_texture_id.read(node).name
        if texture not in KNOWN:
            raise EditorError(
                f"{material.get_path_name()}: the embedded editor has no scene texture {texture}; "
                f"it has {', '.join(KNOWN)}."
            )
        if texture == PICTURE:
            return lambda inputs: _graph.channels(inputs[PICTURE](), channels)  # type: ignore[arg-type, return-value]
        # Every channel holds the same number.
        width = 0 if len(channels) == 1 else len(channels)
        return lambda inputs: np.repeat(inputs[texture](), width, axis=-1) if width > 1 else inputs[texture]()
    if not _graph.is_arithmetic(node):
        raise EditorError(
            f"{material.get_path_name()}: the embedded editor does not know {type(node).__name__} in a "
            "post-process material."
        )
    given: dict[str, Program] = {}
    for name, fallback in _graph.inputs_of(node).items():
        if name in node._connections:
            given[name] = _compiled(*node._connections[name], material, instance)
        elif fallback is not None:
            given[name] = _fixed(fallback)
        else:
            raise EditorError(f"{material.get_path_name()}: {type(node).__name__} misses its input {name!r}.")

    def evaluate(inputs: Inputs) -> NDArray[np.float32]:
        values = {name: part(inputs) for name, part in given.items()}
        result = _graph.arithmetic(node, values)  # type: ignore[arg-type]
        return _graph.channels(result, channels).astype(np.float32, copy=False)

    return evaluate


def _fixed(value: float) -> Program:
    number = np.array([value], np.float32)
    return lambda inputs: number


def run(program: Program, inputs: Inputs, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(height, width, 4) bytes, as an 8-bit target stores them; alpha is 0."""
    colors = program(inputs)
    scaled = colors * np.float32(255.0)
    scaled += np.float32(0.5)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    pixels = np.zeros((*size, 4), np.uint8)
    pixels[..., :3] = scaled.astype(np.uint8)[..., :3]
    return pixels


def smooth_edges(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What edge smoothing does to a picture that should not be smoothed: pixels at edges mix with their neighbours."""
    mixed = pixels.astype(np.uint16)
    mixed[:, 1:] += pixels[:, :-1]
    mixed[:, 0] += pixels[:, 0]
    return (mixed // 2).astype(np.uint8)
