"""Where every model and texture of a data set comes from, as its header tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from unrealsynth.dataset.manifest import Header

_OWN = "UnrealSynth's own, made by its code"
_UNKNOWN = "none stated"


@dataclass(frozen=True)
class Origin:
    """One file that pictures were made from."""

    name: str
    kind: str
    """`model`, `texture` or `sky`."""
    source: str
    """File name, or `builtin:` name."""
    sha256: str
    """Of the file as the user has it; of what was shipped to the editor where that is all that is known."""
    licence: str


def origins(header: Header) -> list[Origin]:
    """All models, then all textures and skies."""
    found = []
    models: tuple[Mapping[str, Any], ...] = header.models
    for model in models:
        source = str(model.get("source", ""))
        licence = str(model.get("copyright") or "") or (_OWN if source.startswith("builtin:") else _UNKNOWN)
        digest = str(model.get("source_sha256") or model.get("sha256", ""))
        found.append(Origin(str(model.get("id", source)), "model", source, digest, licence))
    sources: Mapping[str, Any] = header.settings.get("textures") or {}  # type: ignore[assignment]
    for name, source in sources.items():
        shipped = PurePosixPath(name)
        kind = "sky" if shipped.suffix == ".hdr" else "texture"
        builtin = str(source).startswith("builtin:")
        found.append(
            Origin(str(source).removeprefix("builtin:"), kind, str(source), shipped.stem, _OWN if builtin else _UNKNOWN)
        )
    return found
