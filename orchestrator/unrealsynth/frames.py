"""Lists of frame numbers as people write them: `3,7-9`."""

from __future__ import annotations

import re

from unrealsynth.errors import RecipeError

_RANGE = re.compile(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*")


def parse_frames(text: str) -> tuple[int, ...]:
    """`3,7-9` as (3, 7, 8, 9): sorted, each once. Raises RecipeError naming the part that is no number or range."""
    chosen: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise RecipeError(f"--frames {text!r}: {part.strip()!r} is not a frame number or a range such as 7-9.")
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        if last < first:
            raise RecipeError(f"--frames {text!r}: the range {part.strip()!r} runs backwards; write {last}-{first}.")
        if last - first > 10_000_000:
            raise RecipeError(f"--frames {text!r}: the range {part.strip()!r} holds over ten million frames.")
        chosen.update(range(first, last + 1))
    return tuple(sorted(chosen))
