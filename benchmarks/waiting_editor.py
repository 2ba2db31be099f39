"""An embedded editor whose colour render is a wait: a stand-in for a GPU, which leaves the CPU free.

Takes the arguments of `python -m unrealsynth.embedded`. The first picture is rendered, the others are that picture.
"""

from __future__ import annotations

import sys
import time

from numpy.typing import NDArray

from unrealsynth.embedded.__main__ import main
from unrealsynth.embedded.renderer import Renderer
from unrealsynth.embedded.renderer.scene import Grading, Scene, View

RENDER_S = 0.1


class WaitingRenderer(Renderer):
    """Renders ids and depth, and waits in place of colour."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: dict[tuple[int, int], NDArray] = {}  # type: ignore[type-arg]

    def color(self, scene: Scene, view: View, grading: Grading) -> NDArray:  # type: ignore[type-arg]
        size = (view.width, view.height)
        if size not in self._pictures:
            self._pictures[size] = super().color(scene, view, grading)
        time.sleep(RENDER_S)
        return self._pictures[size]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], renderer_factory=WaitingRenderer))
