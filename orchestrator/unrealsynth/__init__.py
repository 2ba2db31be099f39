"""UnrealSynth's orchestrator: from a recipe and GLB models to a labelled YOLO data set."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("unrealsynth")
except PackageNotFoundError:
    __version__ = "0+unknown"
