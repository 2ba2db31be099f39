"""OpenGL renderer of the embedded editor."""
