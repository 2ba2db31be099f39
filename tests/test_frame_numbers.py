"""Lists of frame numbers."""

from __future__ import annotations

import pytest

from unrealsynth.errors import RecipeError
from unrealsynth.frames import parse_frames


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("3", (3,)),
        ("3,7-9", (3, 7, 8, 9)),
        ("9 , 2 - 4,3", (2, 3, 4, 9)),  # any order, overlapping, with spaces
        ("0-0", (0,)),
    ],
)
def test_lists_and_ranges(text: str, frames: tuple[int, ...]) -> None:
    assert parse_frames(text) == frames


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("3,x", "'x'"),
        ("", "''"),
        ("-3", "'-3'"),
        ("9-7", "9-7"),  # backwards
        ("0-99999999999", "0-99999999999"),  # would fill the memory
    ],
)
def test_what_is_no_list_names_the_part(text: str, part: str) -> None:
    with pytest.raises(RecipeError, match="--frames") as caught:
        parse_frames(text)
    assert part in str(caught.value)
