"""upyrc's configuration and messages, made without its side effects.

upyrc is imported on first use, because it brings a template engine along, and the root logger is left as it was.
"""

from __future__ import annotations

import functools
import importlib
import logging
import uuid
from types import ModuleType
from typing import Any

from unrealsynth.editors.multicast import LOOPBACK, TTL, Endpoint
from unrealsynth.errors import EditorError

VERSION = 1
MAGIC = "ue_py"
BUFFER_BYTES = 2 * 1024 * 1024


@functools.cache
def upyre() -> ModuleType:
    """upyrc's one module. Raises EditorError if it does not start.

    At import it calls `logging.basicConfig`, which does nothing while the root logger has a handler. Its messages'
    `send` does the same through `logging.debug`; only their `to_data` is used here.
    """
    root = logging.getLogger()
    guard = logging.NullHandler()
    root.addHandler(guard)
    try:
        return importlib.import_module("upyrc.upyre")
    except ValueError as error:  # It reads numbers from the environment as it is imported.
        raise EditorError(
            f"The library upyrc does not start: {error}. Unset its environment variables, which begin with UPYRE_."
        ) from error
    finally:
        root.removeHandler(guard)


def configuration(group: Endpoint, command_endpoint: Endpoint = (LOOPBACK, 0)) -> Any:
    """A RemoteExecutionConfig with a new identity; every value is given, so the environment has no say."""
    config = upyre().RemoteExecutionConfig(
        buffer_size=BUFFER_BYTES,
        ip_multicast_ttl=TTL,
        multicast_group=group,
        multicast_bind_address=LOOPBACK,
        local_uuid=str(uuid.uuid4()),
    )
    config.COMMAND_ADDRESS = command_endpoint
    return config


def is_for(message: dict[str, Any], client_id: str, kind: str) -> bool:
    """Whether a message from the network is one of this kind for this client, with `source` and `data` in place."""
    return (
        message.get("version") == VERSION
        and message.get("magic") == MAGIC
        and message.get("type") == kind
        and message.get("dest") == client_id
        and isinstance(message.get("source"), str)
        and isinstance(message.get("data"), dict)
    )
