"""Recipes and maps: what the user wrote, checked, and resolved into all that a run needs."""

from unrealsynth.recipe.recipe import Recipe, find_recipe, load_recipe, recipe_names
from unrealsynth.recipe.resolve import ResolvedRecipe, resolve

__all__ = ["Recipe", "ResolvedRecipe", "find_recipe", "load_recipe", "recipe_names", "resolve"]
