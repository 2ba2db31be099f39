"""Keyed random streams: every drawn quantity of every frame has a generator of its own."""

from __future__ import annotations

import hashlib
from random import Random


def stream(seed: int, frame: int, attempt: int, name: str) -> Random:
    """A fresh generator that depends on its four keys alone, seeded from their SHA-256.

    `name` says what is drawn, `object/3/yaw`: adding a quantity moves no other one.
    """
    key = f"{seed}/{frame}/{attempt}/{name}".encode()
    return Random(int.from_bytes(hashlib.sha256(key).digest(), "big"))
