"""The parts of a GLB: its JSON with every value checked as it is taken out, and its accessors as arrays.

Nothing here trusts the file: an index, an offset, a count or a type that does not fit raises `ModelError`, before any
memory is allocated for it.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError

T = TypeVar("T")
Json = dict[str, object]

_MAGIC, _JSON_CHUNK, _BIN_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
_COMPONENT_TYPES: dict[int, type[np.number]] = {
    5120: np.int8,
    5121: np.uint8,
    5122: np.int16,
    5123: np.uint16,
    5125: np.uint32,
    5126: np.float32,
}
_COMPONENT_COUNTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_MAX_ELEMENTS = 50_000_000


@dataclass(frozen=True)
class Node:
    """A JSON object of the file and where it stands, such as `meshes[2].primitives[0]`."""

    document: Document
    value: Json
    where: str

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def fail(self, key: str, got: object, wanted: str) -> ModelError:
        """The error that says what is wrong with one of its values."""
        shown = repr(got) if len(repr(got)) < 80 else type(got).__name__
        return self.document.fail(f"{self.where}.{key} is {shown}, but must be {wanted}")

    def integer(self, key: str, default: int | None = None, *, below: int | None = None) -> int:
        """A whole number from 0; below `below`."""
        value = self.value.get(key, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0 or (below is not None and value >= below):
            raise self.fail(key, value, "a whole number from 0" + ("" if below is None else f" and below {below}"))
        return value

    def index(self, key: str) -> int | None:
        """A whole number from 0, or none where the key is absent."""
        return self.integer(key) if key in self.value else None

    def number(self, key: str, default: float) -> float:
        """A finite number."""
        value = self.value.get(key, default)
        if not _is_finite(value):
            raise self.fail(key, value, "a finite number")
        return float(value)  # type: ignore[arg-type]

    def numbers(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """As many finite numbers as `default` has."""
        value = self.value.get(key, default)
        if not isinstance(value, (list, tuple)) or len(value) != len(default) or not all(map(_is_finite, value)):
            raise self.fail(key, value, f"a list of {len(default)} finite numbers")
        return tuple(float(item) for item in value)

    def text(self, key: str, default: str) -> str:
        """A string."""
        value = self.value.get(key, default)
        if not isinstance(value, str):
            raise self.fail(key, value, "a string")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where the key is absent."""
        value = self.value.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(key, value, "true or false")
        return value

    def child(self, key: str) -> Node | None:
        """The object under a key, or none where the key is absent."""
        if key not in self.value:
            return None
        value = self.value[key]
        if not isinstance(value, dict):
            raise self.fail(key, value, "an object")
        return Node(self.document, value, f"{self.where}.{key}")

    def extension(self, name: str) -> Node | None:
        """An extension of this object, or none."""
        extensions = self.child("extensions")
        return extensions.child(name) if extensions is not None else None

    def children(self, key: str) -> list[Node]:
        """The objects in the list under a key; none where the key is absent."""
        return [
            Node(self.document, item, f"{self.where}.{key}[{i}]" if self.where else f"{key}[{i}]")
            for i, item in enumerate(self._list(key, dict, "objects"))
        ]

    def integers(self, key: str) -> list[int]:
        """The whole numbers in the list under a key; none where the key is absent."""
        return self._list(key, int, "whole numbers")

    def texts(self, key: str) -> list[str]:
        """The strings in the list under a key; none where the key is absent."""
        return self._list(key, str, "strings")

    def _list(self, key: str, kind: type[T], name: str) -> list[T]:
        value = self.value.get(key, [])
        if not isinstance(value, list):
            raise self.fail(key, value, f"a list of {name}")
        for item in value:
            if not isinstance(item, kind) or isinstance(item, bool):
                raise self.fail(key, item, f"a list of {name}")
        return value


class Document:
    """A parsed GLB. `name` is what messages call it."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        content, self._binary = self._chunks(data)
        self.root = Node(self, content, "")
        self._buffers: dict[int, bytes] = {}
        self._buffer_views = self.root.children("bufferViews")
        self._accessors = self.root.children("accessors")

    def fail(self, what: str) -> ModelError:
        """A `ModelError` about this file."""
        return ModelError(f"The model {self.name} cannot be loaded: {what}.")

    def buffer_view(self, index: int) -> tuple[memoryview, int]:
        """The bytes of a buffer view and its stride (0 where it has none)."""
        if not 0 <= index < len(self._buffer_views):
            raise self.fail(f"it refers to bufferViews[{index}], but has {len(self._buffer_views)} buffer views")
        view = self._buffer_views[index]
        data = self._buffer(view.integer("buffer"))
        offset, length = view.integer("byteOffset", 0), view.integer("byteLength")
        if offset + length > len(data):
            raise self.fail(f"{view.where} ends at byte {offset + length} of a buffer of {len(data)} bytes")
        return memoryview(data)[offset : offset + length], view.integer("byteStride", 0)

    def accessor(self, index: int, components: tuple[int, ...]) -> NDArray[np.generic]:
        """The raw elements of an accessor, (count, n) with n among `components`; sparse values are put in."""
        accessor = self._accessor(index)
        kind, count, width = self._layout(accessor)
        if width not in components:
            raise accessor.fail(
                "type", accessor.value.get("type"), f"of {' or '.join(map(str, components))} components"
            )
        view = accessor.index("bufferView")
        if view is None:
            values = np.zeros((count, width), dtype=kind)
        else:
            values = self._read(accessor, view, accessor.integer("byteOffset", 0), kind, count, width)
        sparse = accessor.child("sparse")
        return values if sparse is None else self._with_sparse(sparse, values.copy())

    def floats(self, index: int, components: tuple[int, ...]) -> NDArray[np.float32]:
        """The elements of an accessor as finite numbers; normalized integers become fractions."""
        values = self.fractions(self.accessor(index, components), index)
        if not np.isfinite(values).all():
            raise self.fail(f"{self._accessor(index).where} holds values that are not finite numbers")
        return values

    def fractions(self, raw: NDArray[np.generic], index: int) -> NDArray[np.float32]:
        """Raw elements as the numbers for which they stand, as the accessor declares its type and `normalized`."""
        accessor = self._accessor(index)
        kind = np.dtype(self._layout(accessor)[0])
        values = raw.astype(np.float32)
        if accessor.flag("normalized") and np.issubdtype(kind, np.integer):
            values = np.maximum(values / np.float32(np.iinfo(kind).max), np.float32(-1))
        return values

    def _accessor(self, index: int) -> Node:
        if not 0 <= index < len(self._accessors):
            raise self.fail(f"it refers to accessors[{index}], but has {len(self._accessors)} accessors")
        return self._accessors[index]

    def _layout(self, accessor: Node) -> tuple[type[np.number], int, int]:
        kind = _COMPONENT_TYPES.get(accessor.integer("componentType"))
        if kind is None:
            raise accessor.fail("componentType", accessor.value["componentType"], "one of glTF's component types")
        width = _COMPONENT_COUNTS.get(accessor.text("type", ""))
        if width is None:
            raise accessor.fail("type", accessor.value.get("type"), f"one of {', '.join(_COMPONENT_COUNTS)}")
        return kind, accessor.integer("count", below=_MAX_ELEMENTS), width

    def _read(
        self, owner: Node, view: int, offset: int, kind: type[np.number], count: int, width: int
    ) -> NDArray[np.number]:
        data, stride = self.buffer_view(view)
        size = np.dtype(kind).itemsize * width
        stride = stride or size
        if stride < size or (count and offset + stride * (count - 1) + size > len(data)):
            raise self.fail(
                f"{owner.where} asks for {count} elements, more than its buffer view of {len(data)} bytes holds"
            )
        if not count:
            return np.zeros((0, width), dtype=kind)
        component = np.dtype(kind).newbyteorder("<")
        found: NDArray[np.number] = np.ndarray((count, width), component, data, offset, (stride, component.itemsize))
        return np.asarray(found, dtype=kind)

    def _with_sparse(self, sparse: Node, values: NDArray[np.number]) -> NDArray[np.number]:
        count = sparse.integer("count", below=len(values) + 1)
        where, what = sparse.child("indices"), sparse.child("values")
        if where is None or what is None:
            raise sparse.fail("indices", None, "given, as must be values")
        kind = _COMPONENT_TYPES.get(where.integer("componentType"))
        if kind not in (np.uint8, np.uint16, np.uint32):
            raise where.fail("componentType", where.value.get("componentType"), "an unsigned integer type")
        index = self._read(where, where.integer("bufferView"), where.integer("byteOffset", 0), kind, count, 1)[:, 0]
        if count and int(index.max()) >= len(values):
            raise where.fail("values", int(index.max()), f"below {len(values)}")
        new = self._read(
            what, what.integer("bufferView"), what.integer("byteOffset", 0), values.dtype.type, count, values.shape[1]
        )
        values[index] = new
        return values

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            buffers = self.root.children("buffers")
            if index >= len(buffers):
                raise self.fail(f"it refers to buffers[{index}], but has {len(buffers)} buffers")
            buffer = buffers[index]
            uri = buffer.value.get("uri")
            if uri is None:
                if self._binary is None or index:
                    raise self.fail(f"{buffer.where} has no data")
                data = self._binary
            else:
                data = self.data_uri(buffer)
            length = buffer.integer("byteLength")
            if length > len(data):
                raise self.fail(f"{buffer.where} should have {length} bytes, but has {len(data)}")
            self._buffers[index] = data[:length]
        return self._buffers[index]

    def data_uri(self, node: Node) -> bytes:
        """What the `uri` of a buffer or an image holds; other files are not read."""
        head, _, body = node.text("uri", "").partition(",")
        if not head.startswith("data:") or not head.endswith(";base64"):
            raise self.fail(f"{node.where} lies in another file ({head[:60]!r}); embed it in the GLB")
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.fail(f"{node.where}.uri is not valid base64 ({error})") from error

    def _chunks(self, data: bytes) -> tuple[Json, bytes | None]:
        if len(data) < 20:
            raise self.fail(f"it has {len(data)} bytes, too few for a GLB")
        magic, version, length = struct.unpack_from("<III", data)
        if magic != _MAGIC:
            raise self.fail("it does not begin as a GLB does; export it as binary glTF (.glb)")
        if version != 2:
            raise self.fail(f"it is of glTF version {version}; version 2 is needed")
        if length > len(data):
            raise self.fail(f"its header speaks of {length} bytes, but it has {len(data)}; the file is cut off")
        chunks: dict[int, bytes] = {}
        offset = 12
        while offset + 8 <= length:
            size, kind = struct.unpack_from("<II", data, offset)
            if offset + 8 + size > length:
                raise self.fail(f"its chunk at byte {offset} should have {size} bytes, more than the file has")
            chunks.setdefault(kind, data[offset + 8 : offset + 8 + size])
            offset += 8 + size + -size % 4
        if _JSON_CHUNK not in chunks:
            raise self.fail("it has no JSON chunk")
        try:
            content = json.loads(chunks[_JSON_CHUNK].decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise self.fail(f"its JSON is broken ({error})") from error
        if not isinstance(content, dict):
            raise self.fail(f"its JSON is a {type(content).__name__}, not an object")
        return content, chunks.get(_BIN_CHUNK)


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 3e38
