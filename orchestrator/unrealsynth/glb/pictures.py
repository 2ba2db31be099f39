"""Pictures with 8 bits a channel. Unreal takes one with 16 for linear, whatever it is used for."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from unrealsynth.errors import ModelError

_PNG = b"\x89PNG\r\n\x1a\n"
_BIT_DEPTH_AT = 24


def has_16_bits(data: bytes) -> bool:
    """Whether the file is a PNG of 16 bits a channel."""
    return data.startswith(_PNG) and data[_BIT_DEPTH_AT : _BIT_DEPTH_AT + 1] == b"\x10"


def decoded(data: bytes) -> Image.Image:
    """The picture, with 8 bits a channel. Raises ModelError."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            image.load()
            if image.mode.startswith("I"):
                # Pillow would cut values off in place of scaling them.
                return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
            if has_16_bits(data):
                # A colour that stands for transparency has 16 bits, too, and is no colour of the picture any more.
                image.info.pop("transparency", None)
            plain: Image.Image = image.copy()
            return plain
    except Exception as error:  # Pillow's decoders raise almost anything on damaged data.
        raise ModelError(f"the picture is damaged ({error}); export it again") from None


def as_png(image: Image.Image) -> bytes:
    """The file of a picture."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
