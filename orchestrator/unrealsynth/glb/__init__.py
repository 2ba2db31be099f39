"""Models: a user's GLB is checked, made self-contained and static, brought to size, and measured."""

from unrealsynth.glb.prepare import VERSION, Origin, PreparedModel, Size, Up, prepare, read
from unrealsynth.glb.resources import check_picture

__all__ = ["VERSION", "Origin", "PreparedModel", "Size", "Up", "check_picture", "prepare", "read"]
