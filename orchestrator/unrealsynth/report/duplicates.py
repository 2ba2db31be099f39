"""Pictures that look the same: perceptual hashes compared in bands, then small thumbnails. Pure.

Two 64-bit hashes that differ in at most `MOST_BITS` bits agree wholly in one of `MOST_BITS + 1` bands, so only pictures
that share a band are compared: nothing is missed, and a hundred thousand take seconds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

MOST_BITS = 8
MOST_DIFFERENCE = 5.0
"""Mean difference of the thumbnails' colours, of 255. Two views of one place differ by more."""
HASH_SIDE_PX = 32
_MOST_COMPARED = 256
"""Thumbnails compared with one picture, those with the nearest hashes; more only where nearly all are alike."""
_LOW = 8
_WEIGHTS = np.uint64(1) << np.arange(64, dtype=np.uint64)
_BITS_OF_BYTE = np.array([bin(value).count("1") for value in range(256)], np.uint8)


@dataclass(frozen=True)
class Twin:
    """Two pictures that look the same, by their numbers."""

    first: int
    second: int
    bits: int
    difference: float


@dataclass(frozen=True)
class Twins:
    """What was found among the pictures."""

    pictures: int
    within: int
    """Pictures that look like another one of their split."""
    across: int
    """Pictures that look like one of another split."""
    closest: tuple[Twin, ...]
    """The closest pairs, those across splits first."""


def perceptual_hash(gray: NDArray[np.floating]) -> int:
    """64 bits of a gray picture (32, 32): which low frequencies of its cosine transform are above their median."""
    low = dctn(gray, norm="ortho")[:_LOW, :_LOW].ravel()
    # The first is the mean brightness, which says nothing about what is seen.
    low[0] = 0.0
    bits = low > np.median(low[1:])
    return int(np.bitwise_or.reduce(_WEIGHTS[bits])) if bits.any() else 0


def find_twins(
    hashes: NDArray[np.uint64], thumbnails: NDArray[np.uint8], splits: Sequence[str], most: int = 12
) -> Twins:
    """Pictures that look the same. `thumbnails` are (n, ...) colours; `most` pairs are named."""
    numbers = {split: number for number, split in enumerate(dict.fromkeys(splits))}
    groups = np.array([numbers[split] for split in splits], np.int64)
    within = np.zeros(len(hashes), bool)
    across = np.zeros(len(hashes), bool)
    closest: dict[tuple[int, int], Twin] = {}
    flat = thumbnails.reshape(len(thumbnails), math.prod(thumbnails.shape[1:])).astype(np.int16)
    for first, others in _candidates(hashes):
        bits = _BITS_OF_BYTE[(hashes[others] ^ hashes[first]).view(np.uint8).reshape(-1, 8)].sum(axis=1)
        chosen = np.flatnonzero(bits <= MOST_BITS)
        if len(chosen) == 0:
            continue
        if len(chosen) > _MOST_COMPARED:
            at_home = groups[others[chosen]] == groups[first]
            chosen = chosen[np.lexsort((at_home, bits[chosen]))[:_MOST_COMPARED]]
        others, bits = others[chosen], bits[chosen]
        differences = abs(flat[others] - flat[first]).mean(axis=1)
        near = differences <= MOST_DIFFERENCE
        same = groups[others] == groups[first]
        for marks, which in ((within, near & same), (across, near & ~same)):
            marks[others[which]] = True
            marks[first] |= bool(which.any())
        # Few of each: where all pictures are alike there are very many pairs.
        order = np.lexsort((differences, same, ~near))[: min(most, int(near.sum()))]
        for place in order.tolist():
            pair = Twin(first, int(others[place]), int(bits[place]), float(differences[place]))
            closest[pair.first, pair.second] = pair
        if len(closest) > 100 * most:
            closest = _best(closest, groups, most)
    closest = _best(closest, groups, most)
    return Twins(len(hashes), int(within.sum()), int(across.sum()), tuple(closest.values()))


def _candidates(hashes: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """A picture with all later ones that share a band with it; a pair may come more than once."""
    edges = np.linspace(0, 64, MOST_BITS + 2).round().astype(np.uint64)
    for low, high in itertools.pairwise(edges):
        band = (hashes >> low) & ((np.uint64(1) << (high - low)) - np.uint64(1))
        order = np.argsort(band, kind="stable")
        cuts = (np.flatnonzero(np.diff(band[order])) + 1).tolist()
        for start, end in itertools.pairwise([0, *cuts, len(order)]):
            group = order[start:end]
            for place in range(len(group) - 1):
                yield int(group[place]), group[place + 1 :]


def _best(found: dict[tuple[int, int], Twin], groups: NDArray[np.int64], most: int) -> dict[tuple[int, int], Twin]:
    """The closest pairs; a pair across splits matters more."""
    ordered = sorted(found.items(), key=lambda item: (groups[item[0][0]] == groups[item[0][1]], item[1].difference))
    return dict(ordered[:most])
