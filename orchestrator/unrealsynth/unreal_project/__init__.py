"""A user's own Unreal project: putting the plugin into it and taking it out, starting its editor, finding faults."""
