"""The README says what is true: its commands are those that CI runs, its recipe is one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from small import write_recipe
from unrealsynth import resources
from unrealsynth.cli import app
from unrealsynth.recipe import load_recipe

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_ci_runs_the_test_command_line_for_line() -> None:
    commands = next(block for block in blocks("sh") if "pytest" in block)
    assert commands in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_unrealsynth_command_exists_with_its_options() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    calls = [match[1] for line in lines if (match := re.search(r"(?:^|&& |bin/)unrealsynth ([^&#]*)", line))]
    assert len(calls) >= 4
    for call in calls:
        command, *arguments = shlex.split(call)
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
        for option in (argument for argument in arguments if argument.startswith("--")):
            assert option in shown, call


def test_the_recipe_of_the_readme_is_one(tmp_path: Path) -> None:
    write_recipe(tmp_path)
    (tmp_path / "hard_hats").mkdir()
    (tmp_path / "box.glb").rename(tmp_path / "hard_hats" / "hat.glb")
    (tmp_path / "sunset.hdr").write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n" + bytes(8))
    (tmp_path / "maps").mkdir()
    for name in ("yard.yaml",):
        text = (resources.maps_folder() / name).read_text(encoding="utf-8")
        (tmp_path / "maps" / name).write_text(text, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert [entry.name for entry in recipe.classes] == ["traffic_cone", "hard_hat"]
    assert recipe.images == 200


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_what_the_readme_links_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()
