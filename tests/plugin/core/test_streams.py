"""Keyed streams, against Python's own SHA-256 and numpy's Mersenne twister."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth_plugin.core.streams import stream


def reference(key: str, count: int) -> list[float]:
    """The first numbers of an MT19937 seeded with the SHA-256 of `key`, by numpy."""
    number = int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest(), "big")
    words = [number >> shift & 0xFFFFFFFF for shift in range(0, 256, 32)]
    while words[-1] == 0:
        words.pop()
    generator = np.random.RandomState(np.array(words, dtype=np.uint32))
    return [float(generator.random_sample()) for _ in range(count)]


@given(st.integers(), st.integers(0), st.integers(0, 9), st.text(st.characters(codec="utf-8")))
def test_a_stream_is_the_twister_seeded_by_the_hash_of_its_keys(seed: int, frame: int, attempt: int, name: str) -> None:
    random = stream(seed, frame, attempt, name)
    assert [random.random() for _ in range(4)] == reference(f"{seed}/{frame}/{attempt}/{name}", 4)


@pytest.mark.parametrize(
    "other",
    [
        (2, 2, 0, "object/3/yaw"),  # seed
        (1, 3, 0, "object/3/yaw"),  # frame
        (1, 2, 1, "object/3/yaw"),  # attempt
        (1, 2, 0, "object/3/roll"),  # name
        (12, 0, 0, "object/3/yaw"),  # digits that move from one key to the next
    ],
)
def test_each_key_gives_another_stream(other: tuple[int, int, int, str]) -> None:
    assert stream(*other).random() != stream(1, 2, 0, "object/3/yaw").random()
    assert stream(1, 2, 0, "object/3/yaw").random() == stream(1, 2, 0, "object/3/yaw").random()
