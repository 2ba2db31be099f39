"""Who answers: the editors in the group, and the plugin in each."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import EditorInfo, discover
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.errors import EditorError

PLUGIN_TIMEOUT_S = 4.0


@dataclass(frozen=True)
class EditorRow:
    """One editor; `plugin_version` is None if the plugin does not answer, for the reason in `plugin_error`."""

    project_name: str
    project_root: str
    engine_version: str
    user: str
    machine: str
    plugin_version: str | None
    plugin_error: str | None

    def as_json(self) -> dict[str, str | None]:
        return asdict(self)


def list_editors(timeout_s: float = 2.0, group: Endpoint = DEFAULT_GROUP) -> list[EditorRow]:
    """All editors that answer within the time, by project.

    A client that has a connection to one of them at that time loses it, and has to connect again: an editor holds one.
    """
    return [_row(info, group) for info in discover(group, timeout_s)]


def _row(info: EditorInfo, group: Endpoint) -> EditorRow:
    version = error = None
    try:
        with EditorClient(info, group) as client:
            version = client.version(PLUGIN_TIMEOUT_S).plugin_version
    except EditorError as failure:
        error = str(failure)
    return EditorRow(
        project_name=info.project_name,
        project_root=str(info.project_root),
        engine_version=info.engine_version,
        user=info.user,
        machine=info.machine,
        plugin_version=version,
        plugin_error=error,
    )
