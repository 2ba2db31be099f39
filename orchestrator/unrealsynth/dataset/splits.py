"""Which split a frame is in: a function of its number alone, so that a longer run moves no file."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

Split = Literal["train", "val"]
SPLITS: tuple[Split, ...] = ("train", "val")


def share(value: float | str) -> Fraction:
    """A share as it was written: 0.1 is exactly one tenth."""
    return Fraction(str(value))


def split_of(k: int, val: Fraction) -> Split:
    """Frame k is for validation when floor((k+1)·v) > floor(k·v): every stretch of frames has its share."""
    return "val" if (k + 1) * val // 1 > k * val // 1 else "train"
