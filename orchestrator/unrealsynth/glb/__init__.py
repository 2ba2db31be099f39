"""Models: a user's GLB is checked, made self-contained and static, brought to size, and measured."""

from unrealsynth.glb.prepare import VERSION, Origin, PreparedModel, Size, Up, prepare

__all__ = ["VERSION", "Origin", "PreparedModel", "Size", "Up", "prepare"]
