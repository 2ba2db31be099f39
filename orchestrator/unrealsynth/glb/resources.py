"""What a glTF keeps outside its JSON: buffers and pictures, from the binary chunk, data URIs or files beside it.

A file is read only from inside the model's own folder, after links are followed, and nothing is ever fetched.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import stat
import struct
from pathlib import Path
from urllib.parse import unquote

from PIL import Image

from unrealsynth.errors import ModelError
from unrealsynth.glb import limits, schema

_DATA_URI = re.compile(r"data:[^,]{0,200};base64,")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_MIME_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that state a JPEG's size."""


class Resources:
    """Gives the bytes that a model's buffers, buffer views and images consist of."""

    def __init__(self, gltf: schema.Gltf, binary: memoryview | None, folder: Path | None) -> None:
        """`folder` is the model's; None when there is none, so that no file may be named."""
        self._gltf = gltf
        self._binary = binary
        self._folder = folder
        self._buffers: dict[int, memoryview] = {}
        self.files: set[Path] = set()
        """Files read so far."""

    def buffer(self, index: int) -> memoryview:
        if index not in self._buffers:
            self._buffers[index] = self._load_buffer(index)
        return self._buffers[index]

    def view(self, index: int) -> memoryview:
        """The bytes of buffer view `index`."""
        view = schema.item(self._gltf.buffer_views, index, "buffer view")
        data = self.buffer(view.buffer)
        end = view.byte_offset + view.byte_length
        if end > len(data):
            raise ModelError(
                f"buffer view {index} ends at byte {end:,} of a buffer of {len(data):,}: the file is damaged; "
                "export it again"
            )
        return data[view.byte_offset : end]

    def image(self, index: int) -> tuple[str, bytes]:
        """MIME type and bytes of image `index`, found whole and of a bearable size."""
        image = schema.item(self._gltf.images, index, "image")
        label = f"picture {index}" + (f" ({image.name:.60})" if image.name else "")
        if image.buffer_view is not None:
            data = bytes(self.view(image.buffer_view))
        elif image.uri is not None:
            data = bytes(self._load(image.uri, limits.MAX_IMAGE_BYTES, label))
        else:
            raise ModelError(f"{label} has neither data nor a file; export it again")
        return check_picture(data, label), data

    def _load_buffer(self, index: int) -> memoryview:
        buffer = schema.item(self._gltf.buffers, index, "buffer")
        if buffer.uri is not None:
            data = memoryview(self._load(buffer.uri, limits.MAX_FILE_BYTES, f"buffer {index}"))
        elif index == 0 and self._binary is not None:
            data = self._binary
        else:
            raise ModelError(f"buffer {index} has no data; export it again")
        if buffer.byte_length > len(data):
            raise ModelError(
                f"buffer {index} promises {buffer.byte_length:,} bytes but has {len(data):,}: it is cut off; "
                "copy or export it again"
            )
        return data[: buffer.byte_length]

    def _load(self, uri: str, max_bytes: int, label: str) -> bytes:
        if uri.startswith("data:"):
            head = _DATA_URI.match(uri)
            if head is None:
                raise ModelError(f"{label} has a data URI that is not base64; export it again")
            try:
                return base64.b64decode(uri[head.end() :], validate=True)
            except (binascii.Error, ValueError) as error:
                raise ModelError(f"the data URI of {label} is damaged ({error}); export it again") from None
        path = self._inside(uri, label)
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{label} refers to {uri!r:.120}, which is not a file")
            if status.st_size > max_bytes:
                raise ModelError(f"{label} refers to {uri!r:.120} of {status.st_size >> 20} MB; that is too large")
            data = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(
                f"{label} refers to the file {uri!r:.120}, which is not beside the model; "
                "copy it there, or export the model with its data embedded"
            ) from None
        except OSError as error:
            raise ModelError(
                f"{label} refers to the file {uri!r:.120}, which cannot be read ({error.strerror})"
            ) from None
        self.files.add(path)
        return data

    def _inside(self, uri: str, label: str) -> Path:
        advice = "only files in the model's own folder are read; export it with its data embedded (GLB)"
        name = unquote(uri)
        parts = name.replace("\\", "/").split("/")
        if self._folder is None or _SCHEME.match(name) or parts[0] == "" or ".." in parts or "\0" in name:
            raise ModelError(f"{label} refers to {uri!r:.120}; {advice}")
        try:
            folder = self._folder.resolve()
            path = folder.joinpath(*parts).resolve()
        except (OSError, RuntimeError, ValueError):
            raise ModelError(f"{label} refers to {uri!r:.120}, which is no usable file name; {advice}") from None
        if not path.is_relative_to(folder):
            raise ModelError(f"{label} refers to {uri!r:.120}, a link that leads elsewhere; {advice}")
        return path


def check_picture(data: bytes, label: str) -> str:
    """The MIME type of a PNG or JPEG. Its size is read from the header before any library decodes it."""
    kind, size = _picture_header(data)
    if size is None:
        what = f"is {kind}" if kind else f"begins with {data[:8]!r}"
        raise ModelError(f"{label} {what}; PNG and JPEG can be used: export the model with these")
    width, height = size
    if not (0 < width <= limits.MAX_IMAGE_SIDE_PX and 0 < height <= limits.MAX_IMAGE_SIDE_PX) or (
        width * height > limits.MAX_IMAGE_PIXELS
    ):
        raise ModelError(
            f"{label} has {width}×{height} pixels, at most {limits.MAX_IMAGE_SIDE_PX} a side and "
            f"{limits.MAX_IMAGE_PIXELS:,} in all can be used; scale it down"
        )
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if kind == "PNG":
                image.verify()
            else:
                # An eighth of the size is decoded fast and still reads the file to its end.
                image.draft("RGB", (1, 1))
                image.load()
    except Exception as error:  # Pillow's decoders raise almost anything on damaged data.
        raise ModelError(f"{label} is a damaged {kind} ({error}); export the model again") from None
    return _MIME_TYPES[kind]


def _picture_header(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """Format, and width and height in pixels where it is one that can be used."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, 16)
        return "PNG", (width, height)
    if data[:2] == b"\xff\xd8":
        return "JPEG", _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP", None
    if data[:12] == b"\xabKTX 20\xbb\r\n\x1a\n":
        return "KTX2", None
    return "", None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    offset = 2
    while offset + 9 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker == 0xFF:
            offset += 1
            continue
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, offset + 5)
            return width, height
        if 0xD0 <= marker <= 0xD8 or marker == 0x01:
            offset += 2
            continue
        offset += 2 + struct.unpack_from(">H", data, offset + 2)[0]
    return None
