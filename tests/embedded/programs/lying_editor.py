"""An embedded editor whose id pictures are shifted by a third of their width: labels made from them are wrong.

Arguments as for `python -m unrealsynth.embedded`.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.__main__ import main
from unrealsynth.embedded.renderer import Renderer
from unrealsynth.embedded.renderer.scene import Scene, View


class LyingRenderer(Renderer):
    """Draws colours as they are and ids where they are not."""

    def stencil(self, scene: Scene, view: View) -> NDArray[np.uint8]:
        return np.roll(super().stencil(scene, view), view.width // 3, axis=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], renderer_factory=LyingRenderer))
