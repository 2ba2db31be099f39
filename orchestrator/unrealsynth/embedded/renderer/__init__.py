"""OpenGL renderer of the embedded editor: `Renderer`, and in `scene` the descriptions that it draws."""

from __future__ import annotations

from unrealsynth.embedded.renderer.renderer import Renderer

__all__ = ["Renderer"]
