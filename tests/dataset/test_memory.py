"""Forms and splits of many frames take no more memory than those of few: the manifest is streamed."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from unrealsynth.dataset.export import Form, export
from unrealsynth.dataset.manifest import MANIFEST_NAME
from unrealsynth.dataset.resplit import resplit, shares_of


def grow(folder: Path, frames: int) -> None:
    """The data set with copies of its frames under further numbers."""
    path = folder / MANIFEST_NAME
    lines = path.read_text(encoding="utf-8").splitlines()
    with path.open("a", encoding="utf-8") as file:
        for k in range(len(lines), frames):
            old = json.loads(lines[k % len(lines)])
            new = {**old, "k": k}
            for kind in ("image", "label"):
                new[kind] = old[kind].replace(f"/{old['k']}.", f"/{k}.")
                os.link(folder / old[kind], folder / new[kind])
            file.write(json.dumps(new) + "\n")


def peak_of(data_set: Path, form: Form | None, out: Path) -> int:
    tracemalloc.start()
    try:
        if form is None:
            made = resplit(data_set, shares_of(0.5, 0.25, 0.25), out=out).images
            count = sum(made.values())
        else:
            count = export(data_set, form, out).images
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == len(list((data_set / "images").rglob("*.png")))
    return peak


@pytest.mark.parametrize("form", ["coco", "yolo-segment", "ndjson", None])
def test_memory_does_not_grow_with_the_frames(data_set: Path, tmp_path: Path, form: Form | None) -> None:
    """Each is measured again at need: now and then a table of the process itself, of the names it knows, doubles."""
    # The first imports what is needed, and fills caches.
    few = min(peak_of(data_set, form, tmp_path / out) for out in ("few", "few again"))
    grow(data_set, 200)
    # The frames' lines alone are 0.9 MB more. Buffers are filled now; an NDJSON list sorts the names of a folder.
    assert any(peak_of(data_set, form, tmp_path / out) - few < 400_000 for out in ("many", "many again"))
