"""COCO's run-length encoding of a mask: runs of a column-major bitmap, zeros first, as a compressed ASCII string.

The string is the format of `pycocotools` (`maskApi.c`, `rleToString`): from the fourth run on the difference to the run
two places before, in groups of five bits, lowest first, bit 5 set on all but the last group, plus 48.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GROUPS = 8
"""Groups of five bits that hold any difference of two runs of a picture below 2^39 pixels."""


def encode(mask: NDArray[np.bool_], size: tuple[int, int], corner: tuple[int, int] = (0, 0)) -> str:
    """The counts string of a picture of `size` (height, width), false but for `mask` (h, w) at `corner` (y, x)."""
    return compress(runs(mask, size, corner))


def decode(counts: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    """The mask (height, width). Raises ValueError when the runs do not fill `size`."""
    lengths = decompress(counts)
    height, width = size
    if (lengths < 0).any() or int(lengths.sum()) != height * width:
        raise ValueError(f"The runs cover {int(lengths.sum())} pixels of {height} x {width}.")
    pixels: NDArray[np.bool_] = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return np.transpose(pixels.reshape(width, height))


def area(counts: str) -> int:
    """How many pixels are set."""
    return int(decompress(counts)[1::2].sum())


def paint(flat: NDArray[np.uint8], counts: str, value: int) -> None:
    """Gives the set pixels a value in `flat`, a picture column after column. Raises ValueError as `decode`."""
    lengths = decompress(counts)
    ends = np.cumsum(lengths)
    if (lengths < 0).any() or int(ends[-1]) != len(flat):
        raise ValueError(f"The runs cover {int(ends[-1])} pixels of {len(flat)}.")
    for start, end in zip(ends[:-1:2].tolist(), ends[1::2].tolist(), strict=True):
        flat[start:end] = value


def runs(mask: NDArray[np.bool_], size: tuple[int, int], corner: tuple[int, int] = (0, 0)) -> NDArray[np.int64]:
    """Lengths of the runs, alternating between false and true, beginning with false (which may be 0 long)."""
    height, width = size
    rows, columns = mask.shape
    y, x = corner
    if y < 0 or x < 0 or y + rows > height or x + columns > width:
        raise ValueError(f"A mask of {rows} x {columns} at {corner} does not fit {height} x {width}.")
    padded = np.zeros((columns, rows + 2), np.bool_)
    padded[:, 1:-1] = mask.T
    # Where a column changes; the zeros around it make every run begin and end in its own column.
    column, row = np.divmod(np.flatnonzero(padded[:, 1:] != padded[:, :-1]), rows + 1)
    edges = (column + x) * height + (row + y)
    # A run that goes on at the top of the next column ends where that one begins.
    joins = np.flatnonzero(edges[1:-1:2] == edges[2::2]) * 2 + 1
    edges = np.delete(edges, np.concatenate([joins, joins + 1]))
    lengths = np.diff(edges, prepend=0, append=height * width)
    return lengths[:-1] if len(lengths) > 1 and lengths[-1] == 0 else lengths


def compress(lengths: NDArray[np.int64]) -> str:
    """Runs as a counts string."""
    values = lengths.astype(np.int64)
    values[3:] -= lengths[1:-2]
    places = np.arange(_GROUPS)
    groups = values[:, None] >> (5 * places)
    bits = groups & 31
    # The last group is the one after which only copies of its own sign bit would follow.
    rest = groups >> 5
    ends = np.where(bits & 16, rest == -1, rest == 0)
    last = ends.argmax(axis=1)
    characters = bits + 48 + 32 * (places < last[:, None])
    text: bytes = characters[places <= last[:, None]].astype(np.uint8).tobytes()
    return text.decode("ascii")


def decompress(counts: str) -> NDArray[np.int64]:
    """The runs of a counts string. Raises ValueError when it is none."""
    groups = np.frombuffer(counts.encode("utf-8"), np.uint8).astype(np.int64) - 48
    if len(groups) == 0 or groups.min() < 0 or groups.max() > 63 or groups[-1] & 32:
        raise ValueError(f"{counts!r:.40} is no run-length encoding.")
    last = (groups & 32) == 0
    starts = np.concatenate([[0], np.flatnonzero(last)[:-1] + 1])
    places = np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))
    if places.max() >= _GROUPS:
        raise ValueError(f"{counts!r:.40} is no run-length encoding.")
    values: NDArray[np.int64] = np.add.reduceat((groups & 31) << (5 * places), starts)
    negative = (groups[last] & 16) != 0
    values[negative] -= np.int64(1) << (5 * (places[last][negative] + 1))
    lengths = np.copy(values)
    lengths[1::2] = np.cumsum(values[1::2])
    lengths[2::2] = np.cumsum(values[2::2])
    return lengths
