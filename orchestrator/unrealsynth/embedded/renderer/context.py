"""The OpenGL context: core profile 3.3 without a window, on a GPU or on Mesa's software rasterizer."""

from __future__ import annotations

import platform
from typing import Any

import moderngl

from unrealsynth.errors import EditorError

GL_VERSION = 330


def create_context() -> moderngl.Context:
    """A standalone context: through EGL on Linux, through the system's own way elsewhere.

    Raises:
        EditorError: No OpenGL 3.3 here; the message names the packages that bring it.
    """
    options: dict[str, Any] = {"backend": "egl"} if platform.system() == "Linux" else {}
    try:
        return moderngl.create_context(standalone=True, require=GL_VERSION, **options)
    except Exception as error:  # glcontext raises bare Exception, and ImportError where a library is missing
        raise EditorError(
            f"The embedded editor could not create an OpenGL 3.3 context ({error}); install a graphics driver, "
            "or Mesa's software renderer (on Debian and Ubuntu the packages libegl1 libgl1 libgl1-mesa-dri)."
        ) from error


def describe(context: moderngl.Context) -> str:
    """The driver's renderer and version, for a fingerprint of what drew the pictures."""
    return f"{context.info['GL_RENDERER']}; OpenGL {context.info['GL_VERSION']}"
