"""Radiance pictures (.hdr): whether all of their pixels are there. Of one that is cut off an editor says little."""

from __future__ import annotations

_RUN_LENGTHS = b"\x02\x02"
_PIXEL_BYTES = 4
_LITERAL = 128
"""A count of up to this many bytes that follow as they are; a higher one is of a run, of one byte."""


def is_whole(data: bytes, start: int, width: int, height: int) -> bool:
    """Whether the scanlines that begin at `start` come to `height` rows of `width` pixels."""
    if not (8 <= width <= 0x7FFF and data[start : start + 2] == _RUN_LENGTHS):
        # Plain pixels, or the run lengths of older programs, which may need hardly any bytes.
        return len(data) > start
    head = bytes((2, 2, width >> 8, width & 255))
    at = start
    try:
        for _ in range(height):
            if data[at : at + 4] != head:
                return False
            at += 4
            for _ in range(_PIXEL_BYTES):
                at = _behind_channel(data, at, width)
    except IndexError:
        return False
    return at <= len(data)


def _behind_channel(data: bytes, at: int, width: int) -> int:
    left = width
    while left > 0:
        count = data[at]
        if count > _LITERAL:
            left -= count - _LITERAL
            at += 2
        else:
            left -= count
            at += count + 1
            if count == 0:
                raise IndexError("a run of nothing")
    if left < 0:
        raise IndexError("a run past the end of its scanline")
    return at
