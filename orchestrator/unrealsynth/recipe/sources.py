"""What a recipe or map means by the name of a model: files found on disk, or models of the built-in library."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from unrealsynth.recipe.validation import did_you_mean

BUILTIN = "builtin:"
OWN_ASSETS = ("/Game/", "tag:")
"""Begin the names of what is in the user's Unreal project: assets, and actors by their tag."""
SUFFIXES = (".glb", ".gltf")
_GLOB = frozenset("*?[")


@dataclass(frozen=True)
class ModelSource:
    """One model: `path` is its file; None for one of the library and for what is in an Unreal project."""

    name: str
    path: Path | None = None

    @property
    def is_asset(self) -> bool:
        """Whether only an editor of the user's project has it."""
        return self.path is None and self.name.startswith(OWN_ASSETS)

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.name if self.path is None else str(self.path)


class NotFoundError(ValueError):
    """A name means nothing; the message is the end of a sentence."""


def find_models(reference: str, folder: Path, *, own_assets: bool = False) -> tuple[ModelSource, ...]:
    """The models that `reference` names: a file, a folder, a pattern such as `cones/*.glb`, or `builtin:NAME`.

    With `own_assets` also what is in the user's Unreal project, `/Game/...` and `tag:NAME`. Paths are relative to
    `folder`; the files of a folder or pattern come sorted. Raises NotFoundError.
    """
    try:
        return _find(reference, folder, own_assets)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, NotFoundError):
            raise
        raise NotFoundError(unusable(reference, error)) from None


def _find(reference: str, folder: Path, own_assets: bool) -> tuple[ModelSource, ...]:
    if reference.startswith(BUILTIN):
        return (_builtin(reference),)
    if reference.startswith(OWN_ASSETS):
        if not own_assets:
            raise NotFoundError(f"{reference} is inside an Unreal project; only classes and distractors may name that")
        if not reference.partition(":")[2] and not reference.startswith("/"):
            raise NotFoundError("wanted a tag of actors, such as tag:Car, got none")
        return (ModelSource(reference.split(".")[0] if reference.startswith("/") else reference),)
    path = local_path(reference, folder)
    if not reference.strip():
        raise NotFoundError("wanted the name of a model, got nothing")
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise NotFoundError(f"{reference} is not a .glb file; export the model as GLB (glTF 2.0 binary)")
        return (ModelSource(path.stem, path),)
    if path.is_dir():
        files = [entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES and entry.is_file()]
        if not files:
            raise NotFoundError(f"the folder {reference} holds no .glb file")
        return _sorted(files)
    if _GLOB & set(reference):
        files = [entry for entry in _glob(reference, folder) if entry.suffix.lower() in SUFFIXES and entry.is_file()]
        if not files:
            raise NotFoundError(f"no .glb file matches {reference}")
        return _sorted(files)
    raise NotFoundError(missing_file(reference, path))


def unusable(reference: str, error: Exception) -> str:
    """Says that a name makes no path; Python's reasons are of several unrelated classes."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{reference!r:.80} cannot be looked for: {reason}"


def missing_file(reference: str, path: Path, suffixes: Iterable[str] = SUFFIXES) -> str:
    """Says that `path` is not there, and what is there that the user may have meant."""
    if path.parent.is_dir():
        wanted = set(suffixes)
        beside = [entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in wanted or entry.is_dir()]
        near = difflib.get_close_matches(path.name, sorted(beside), n=1, cutoff=0.5)
        if near:
            return f"there is no {reference}; did you mean {reference[: len(reference) - len(path.name)]}{near[0]}?"
    return f"there is no {reference} (looked for {path})"


def local_path(reference: str, folder: Path) -> Path:
    """The path that a file names, also where it is written as on Windows."""
    path = folder / Path(reference).expanduser()
    if "\\" in reference and not path.exists():
        path = folder / reference.replace("\\", "/")
    return path


def _builtin(reference: str) -> ModelSource:
    from unrealsynth.library import models

    name = reference.removeprefix(BUILTIN)
    if name not in models.names():
        hint = did_you_mean(name, models.names()) or f"; there are {', '.join(models.names())}"
        raise NotFoundError(f"there is no built-in model {name}{hint}")
    return ModelSource(reference)


def _glob(reference: str, folder: Path) -> Iterable[Path]:
    pattern = Path(reference.replace("\\", "/")).expanduser()
    if pattern.is_absolute():
        return Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    return folder.glob(str(pattern))


def _sorted(files: Iterable[Path]) -> tuple[ModelSource, ...]:
    # By name in parts, so that the order is the same on every system.
    return tuple(ModelSource(path.stem, path) for path in sorted(files, key=lambda path: path.as_posix()))
