"""`python -m unrealsynth.embedded`: an embedded editor in a process of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from unrealsynth.embedded.editor import default_renderer, run
from unrealsynth.embedded.node import Endpoint

if TYPE_CHECKING:
    from unrealsynth.embedded.renderer import Renderer

DEFAULT_GROUP = "239.0.0.1:6766"


def main(arguments: Sequence[str], renderer_factory: Callable[[], Renderer] = default_renderer) -> int:
    """Run an editor as the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m unrealsynth.embedded", description="Run an embedded editor.")
    parser.add_argument("project_dir", type=Path, help="folder of the project; made if missing")
    parser.add_argument("--plugin", type=Path, required=True, help="folder of the plugin, with Content/Python in it")
    parser.add_argument("--group", type=_endpoint, default=DEFAULT_GROUP, help="multicast HOST:PORT (%(default)s)")
    parser.add_argument("--node-id", help="identity in the group, by which whoever started it knows it")
    options = parser.parse_args(arguments)
    return run(options.project_dir, options.plugin, options.group, renderer_factory, options.node_id)


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
