"""Models: a user's GLB is checked, made self-contained and static, brought to size, and measured."""

from unrealsynth.glb.normalize import Origin, Size, Up
from unrealsynth.glb.prepare import PreparedModel, prepare, read
from unrealsynth.glb.resources import check_picture

__all__ = ["Origin", "PreparedModel", "Size", "Up", "check_picture", "prepare", "read"]
