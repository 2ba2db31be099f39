"""The one error of the plugin that is meant for a person."""

from __future__ import annotations


class PluginError(Exception):
    """A sentence that says what failed, where, and what to do next. It ends the job and reaches the user as it is."""
