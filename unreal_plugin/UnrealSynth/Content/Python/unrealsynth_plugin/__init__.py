"""UnrealSynth inside the Unreal Editor."""

VERSION = "0.1.0"
