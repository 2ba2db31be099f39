"""Decoding Draco data, after a look at what its header asks for.

DracoPy takes memory for the triangles that a few header bytes promise, so these are read here first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError
from unrealsynth.glb import limits

_MESH = 1
_SEQUENTIAL, _EDGEBREAKER = 0, 1
_METADATA = 0x8000
_FACES_PER_BYTE = 64
"""No real mesh comes near it: a Draco triangle takes half a bit at the very least."""
_DAMAGED = "its Draco-compressed geometry is damaged; export it again, or without Draco"


@dataclass(frozen=True)
class Compressed:
    """Draco data and what is in it."""

    data: bytes
    triangles: NDArray[np.uint32]
    """(m, 3) vertex indices."""
    attributes: dict[int, NDArray[Any]]
    """(n, components) by Draco's id."""


def decode(data: bytes) -> Compressed:
    """Decodes a mesh. Raises ModelError when the data are damaged or ask for too much."""
    for count in _promised_counts(data):
        if count > min(limits.MAX_TRIANGLES * 3, len(data) * _FACES_PER_BYTE):
            raise ModelError(f"{len(data):,} bytes of Draco data promise {count:,} triangles or points; {_DAMAGED}")
    import DracoPy

    try:
        mesh = DracoPy.decode(data)
        triangles = np.asarray(mesh.faces, np.uint32).reshape(-1, 3)
        attributes = {
            int(attribute["unique_id"]): np.asarray(attribute["data"]).reshape(-1, int(attribute["num_components"]))
            for attribute in mesh.attributes
        }
    except Exception as error:  # DracoPy raises several unrelated classes on damaged data.
        raise ModelError(f"{_DAMAGED} ({error})") from None
    return Compressed(data, triangles, attributes)


def _promised_counts(data: bytes) -> tuple[int, ...]:
    """Numbers of points and triangles that the header of a Draco mesh states."""
    reader = _Reader(data)
    if reader.take(5) != b"DRACO":
        raise ModelError(_DAMAGED)
    version = (reader.byte(), reader.byte())
    kind, method = reader.byte(), reader.byte()
    flags = int.from_bytes(reader.take(2), "little")
    if kind != _MESH or version != (2, 2):
        raise ModelError("its Draco data are not a mesh of version 2.2, as glTF demands; export it again")
    if flags & _METADATA:
        for _ in range(reader.varint()):
            reader.varint()
            reader.skip_metadata()
        reader.skip_metadata()
    if method == _EDGEBREAKER:
        reader.byte()
    elif method != _SEQUENTIAL:
        raise ModelError(_DAMAGED)
    return reader.varint(), reader.varint()


class _Reader:
    """Reads forward through a Draco header."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0

    def take(self, count: int) -> bytes:
        self._offset += count
        if self._offset > len(self._data):
            raise ModelError(_DAMAGED)
        return self._data[self._offset - count : self._offset]

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 28:
                raise ModelError(_DAMAGED)

    def skip_metadata(self, depth: int = 0) -> None:
        if depth > 8:
            raise ModelError(_DAMAGED)
        for _ in range(self.varint()):
            self.take(self.byte())
            self.take(self.varint())
        for _ in range(self.varint()):
            self.take(self.byte())
            self.skip_metadata(depth + 1)
