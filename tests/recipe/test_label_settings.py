"""What a recipe may say about labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from small import write_recipe
from unrealsynth.errors import RecipeError
from unrealsynth.labels import LabelSettings
from unrealsynth.recipe import load_recipe, resolve


def test_all_settings_arrive(tmp_path: Path) -> None:
    more = "labels: {box: full, min_pixels: 9, min_visible: 0.25, max_truncated: 0.5, redraw: true}\n"
    resolved = resolve(load_recipe(write_recipe(tmp_path, more=more)))
    assert resolved.labels == LabelSettings("full", 9, 0.25, 0.5, redraw=True)


@pytest.mark.parametrize(
    ("more", "visibility"),
    [
        ("", False),
        ("labels: {min_visible: 0.1}\n", True),  # a limit on it needs the measurement
        ("labels: {max_truncated: 0.1}\n", False),
        ("captures: {visibility: true}\n", True),
    ],
)
def test_visibility_is_measured_when_something_needs_it(tmp_path: Path, more: str, visibility: bool) -> None:
    assert resolve(load_recipe(write_recipe(tmp_path, more=more))).captures.visibility == visibility


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("{box: tight}", 'labels.box (line 12): wanted visible or full, got "tight"'),
        ("{min_visible: 1.5}", "labels.min_visible (line 12): wanted 0 to 1, got 1.5"),
        ("{min_visible: -0.1}", "labels.min_visible (line 12): wanted 0 to 1, got -0.1"),
        ("{max_truncated: 20}", "labels.max_truncated (line 12): wanted 0 to 1, got 20"),
        ("{redraw: 3}", "labels.redraw (line 12): wanted true or false, got 3"),
        ("{min_visble: 0.3}", "labels.min_visble (line 12): there is no such setting; did you mean min_visible?"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, labels: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(write_recipe(tmp_path, more=f"labels: {labels}\n"))
    assert sentence in str(caught.value)
