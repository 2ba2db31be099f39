"""How much a model file may ask for. Every number a file states is checked against these before memory is taken for it.

They lie far above what a real-time model needs, and keep a hostile file below a gigabyte and ten seconds.
"""

from __future__ import annotations

from unrealsynth.errors import ModelError

MAX_FILE_BYTES = 1 << 30
"""Of a GLB, and of each external buffer."""
MAX_JSON_BYTES = 32 << 20
MAX_JSON_DEPTH = 64
MAX_JSON_CONTAINERS = 250_000
"""Objects and lists in the JSON part."""
MAX_JSON_VALUES = 4_000_000
"""Commas in the JSON part."""
MAX_COUNT = 40_000_000
"""Elements of one accessor."""
MAX_EMPTY_COUNT = 2_000_000
"""Elements of an accessor that has no data of its own: a few bytes in the file, many in memory."""
MAX_TRIANGLES = 20_000_000
"""As drawn: a mesh placed twice counts twice."""
MAX_GROWTH = 4
"""How many times larger than its sources a prepared model may be, beyond `GROWTH_ALLOWANCE_BYTES`."""
GROWTH_ALLOWANCE_BYTES = 64 << 20
MAX_IMAGE_BYTES = 256 << 20
MAX_IMAGE_SIDE_PX = 16_384
"""The largest texture that today's graphics drivers take."""
MAX_IMAGE_PIXELS = 8192 * 8192
MAX_EXTENT_M = 1e9
"""Beyond this, single precision numbers of the editors lose all detail, and their products overflow."""


class Budget:
    """Memory that one model may take once it is decoded."""

    def __init__(self, source_bytes: int) -> None:
        """`source_bytes` is the size of the files the model consists of."""
        self._left = MAX_GROWTH * source_bytes + GROWTH_ALLOWANCE_BYTES

    def take(self, size: int) -> None:
        """Accounts for `size` bytes. Raises ModelError when the model has had its share."""
        self._left -= size
        if self._left < 0:
            raise ModelError(
                f"it unfolds to more than {MAX_GROWTH} times its own size, because its parts overlap or refer to "
                "each other; export it again"
            )
