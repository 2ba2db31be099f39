"""From a resolved recipe and missing frames to the jobs that editors are given."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from unrealsynth.recipe import ResolvedRecipe
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.contract import Job, Prepared
from unrealsynth_plugin.core.planning import environment_of

Frame = tuple[int, int]
"""k and attempt."""


def make_job(
    recipe: ResolvedRecipe,
    fingerprint: str,
    frames: Sequence[Frame],
    prepared: Sequence[Prepared],
    *,
    leave_unsaved: bool = False,
) -> Job:
    """The job that makes `frames`, ordered so that each environment is built once."""
    return Job(
        id=uuid.uuid4().hex,
        plugin_version=VERSION,
        fingerprint=fingerprint,
        seed=recipe.seed,
        resolution=recipe.resolution,
        frames=tuple(frames),
        classes=recipe.classes,
        models=recipe.models,
        environments=recipe.environments,
        randomization=recipe.randomization,
        captures=recipe.captures,
        hides=recipe.hides,
        prepared=tuple(prepared),
        leave_unsaved=leave_unsaved,
    )


def deal(recipe: ResolvedRecipe, frames: Sequence[Frame], editors: int) -> list[list[Frame]]:
    """Splits frames among editors evenly, so that each editor's environments follow one another.

    No editor meets an environment twice, and an environment is shared by several editors only where the shares would
    otherwise be uneven.
    """
    order = {environment.name: rank for rank, environment in enumerate(recipe.environments)}
    probe = make_job(recipe, "", (), ())
    ordered = sorted(frames, key=lambda frame: (order[environment_of(probe, frame[0]).name], frame))
    base, extra = divmod(len(ordered), editors)
    shares, start = [], 0
    for editor in range(editors):
        size = base + (editor < extra)
        shares.append(ordered[start : start + size])
        start += size
    return [share for share in shares if share]
