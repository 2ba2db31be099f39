"""Dealing frames to editors."""

from __future__ import annotations

import itertools

import pytest

from small import write_recipe
from unrealsynth.jobs import deal, make_job
from unrealsynth.recipe import ResolvedRecipe, load_recipe, resolve
from unrealsynth_plugin.core.planning import environment_of


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> ResolvedRecipe:
    return resolve(load_recipe(write_recipe(tmp_path_factory.mktemp("recipe"))))


@pytest.mark.parametrize(
    ("frames", "editors", "sizes"),
    [
        (10, 1, [10]),
        (10, 3, [4, 3, 3]),
        (3, 5, [1, 1, 1]),  # more editors than frames
        (0, 2, []),
    ],
)
def test_shares_are_even_and_leave_nothing_out(
    recipe: ResolvedRecipe, frames: int, editors: int, sizes: list[int]
) -> None:
    wanted = [(k, k % 2) for k in range(frames)]
    shares = deal(recipe, wanted, editors)
    assert [len(share) for share in shares] == sizes
    assert sorted(itertools.chain(*shares)) == wanted


def test_no_editor_builds_an_environment_twice(recipe: ResolvedRecipe) -> None:
    job = make_job(recipe, "print", (), ())
    for share in deal(recipe, [(k, 0) for k in range(50)], 3):
        environments = [environment_of(job, k).name for k, _ in share]
        assert len(list(itertools.groupby(environments))) == len(set(environments))


def test_every_job_has_an_id_of_its_own(recipe: ResolvedRecipe) -> None:
    assert len({make_job(recipe, "print", (), ()).id for _ in range(100)}) == 100
