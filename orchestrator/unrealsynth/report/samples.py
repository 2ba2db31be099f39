"""An even sample of a stream of unknown length, in bounded memory, the same on every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass
class Sample(Generic[_T]):
    """Every `stride`-th item of what was added; the stride doubles whenever more than `limit` items would be held."""

    limit: int
    items: list[_T] = field(default_factory=list)
    stride: int = 1
    seen: int = 0

    def add(self, item: _T) -> None:
        """Takes one item in."""
        if self.seen % self.stride == 0:
            if len(self.items) >= self.limit:
                del self.items[1::2]
                self.stride *= 2
            if self.seen % self.stride == 0:
                self.items.append(item)
        self.seen += 1
