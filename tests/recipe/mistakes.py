"""Reading the mistakes that a recipe or map is refused with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from unrealsynth.errors import RecipeError


def problems(action: Callable[[], object]) -> dict[str, str]:
    """The mistakes that `action` raises, by key."""
    with pytest.raises(RecipeError) as caught:
        action()
    return {problem.where: problem.message for problem in caught.value.problems}
