"""Models and textures made by code: what `builtin:NAME` means in a recipe or a map."""
