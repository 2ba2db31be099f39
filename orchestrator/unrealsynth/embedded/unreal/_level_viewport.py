"""The level viewport. Nobody looks at it, so that it is drawn only for a screenshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from unrealsynth.embedded.unreal import _pictures, _runtime
from unrealsynth.embedded.unreal.enums import SceneCaptureSource, TextureRenderTargetFormat


class LevelViewport:
    """Draws what a capture at its place would show with the settings of the level's volumes, which it always obeys."""

    def __init__(self) -> None:
        self.game_view = False
        self._invalid = False
        self._unwritten: tuple[Path, bytes] | None = None
        self._wanted: tuple[Path, tuple[int, int], Callable[[], None]] | None = None

    def request(self, path: Path, size: tuple[int, int], when_done: Callable[[], None]) -> None:
        """Has the next drawing written to a file. A viewport knows one such request, the last."""
        self._wanted = path, size, when_done

    def invalidate(self) -> None:
        """Has it drawn in the next frame."""
        self._invalid = True

    def draw(self) -> None:
        """Where it is not drawn, the request waits. The file is written beside the game, after the task has ended."""
        if self._unwritten is not None:
            (path, picture), self._unwritten = self._unwritten, None
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        if not self._invalid or _runtime.engine().switches.viewport != "drawn":
            return
        self._invalid = False
        if self._wanted is None:
            return
        (path, size, when_done), self._wanted = self._wanted, None
        self._unwritten = path, _picture(*size)
        when_done()


def _picture(width: int, height: int) -> bytes:
    """PNG. Taken by a capture that is there for just that long."""
    from unrealsynth.embedded.unreal import volumes
    from unrealsynth.embedded.unreal.capture import SceneCapture2D, SceneCaptureComponent, SceneCaptureComponent2D
    from unrealsynth.embedded.unreal.render_targets import TextureRenderTarget2D

    engine = _runtime.engine()
    target = TextureRenderTarget2D._make(engine.world)
    TextureRenderTarget2D.render_target_format.store(target, TextureRenderTargetFormat.RTF_RGBA8)
    target._linear_gamma = False
    target._resize(width, height)
    camera = SceneCapture2D._make(engine.world._level)
    camera._enter(engine.world, transient=True)
    try:
        [component] = [part for part in camera._components if isinstance(part, SceneCaptureComponent2D)]
        SceneCaptureComponent.capture_source.store(component, SceneCaptureSource.SCS_FINAL_COLOR_LDR)
        SceneCaptureComponent2D.post_process_settings.store(component, volumes.of_viewport(engine.world))
        SceneCaptureComponent2D.texture_target.store(component, target)
        location, rotation = engine.viewport
        camera._root()._place(location._tuple(), rotation._quaternion())
        component.capture_scene()
        engine.deferred_captures.pop(id(component))
        return _pictures.png(np.asarray(target._read(), np.uint8))
    finally:
        camera._end()
