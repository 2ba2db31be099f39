"""The pure part of the plugin: no `unreal`, no files, no clock."""
