"""The one remote entry of the plugin: `call(request) -> reply`, both short JSON texts.

A request names an operation and a job by its id, nothing else; no part of it is ever run as code or used as a path
before it was checked. A reply comes always, mistakes are answered with a sentence, and every operation may be repeated.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Optional

from unrealsynth_plugin.core.contract import PROTOCOL
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import JobQueue

_LONGEST_REQUEST = 4096
_JOB_OPERATIONS = ("start", "cancel", "status")


Report = Callable[[], Dict[str, Any]]


class Service:
    """Answers requests. `describe` gives the reply to `version`, `reports` to further operations without a job."""

    def __init__(self, queue: JobQueue, describe: Report, reports: Optional[Dict[str, Report]] = None) -> None:
        self._queue = queue
        self._reports = {"version": describe, **(reports or {})}

    def call(self, request_json: str) -> str:
        """The reply to a request: `{"id", "ok": true, …}` or `{"id", "ok": false, "error": sentence}`."""
        request_id = ""
        try:
            request = _parse(request_json)
            request_id = request["id"]
            reply = {"id": request_id, "ok": True, **self._answer(request)}
        except PluginError as error:
            reply = {"id": request_id, "ok": False, "error": str(error)}
        except Exception as error:
            reply = {"id": request_id, "ok": False, "error": f"The plugin failed with {type(error).__name__}: {error}."}
        return json.dumps(reply)

    def _answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        if request["protocol"] != PROTOCOL:
            raise PluginError(
                f"The plugin speaks protocol {PROTOCOL}, the request {request['protocol']!r:.20}; "
                "install the plugin that came with the orchestrator."
            )
        operation = request["op"]
        if operation in self._reports:
            return self._reports[operation]()
        if operation not in _JOB_OPERATIONS:
            known = ", ".join((*self._reports, *_JOB_OPERATIONS))
            raise PluginError(f"There is no operation {operation!r:.40}; there are {known}.")
        job_id = request.get("job")
        if not isinstance(job_id, str):
            raise PluginError(f"The operation {operation} needs the id of a job as `job`.")
        action = {"start": self._queue.start, "cancel": self._queue.cancel, "status": self._queue.state}[operation]
        return {"state": action(job_id)}


def _parse(request_json: str) -> Dict[str, Any]:
    if len(request_json) > _LONGEST_REQUEST:
        raise PluginError(f"A request is a JSON text of at most {_LONGEST_REQUEST} characters.")
    try:
        request = json.loads(request_json)
    except (ValueError, RecursionError):
        raise PluginError("The request is not valid JSON.") from None
    if not isinstance(request, dict):
        raise PluginError("The request is not a JSON object.")
    unknown = sorted(set(request) - {"protocol", "id", "op", "job"})
    if unknown:
        raise PluginError(f"The request has an unknown key {unknown[0]!r:.40}.")
    for key in ("id", "op"):
        if not isinstance(request.get(key), str) or len(request[key]) > 64:
            raise PluginError(f"The request needs `{key}` as a text of at most 64 characters.")
    if type(request.get("protocol")) is not int:
        raise PluginError("The request needs `protocol` as a whole number.")
    return request


_service: Optional[Service] = None
# The remote entry is a plain function, so what it serves has to be kept beside it.


def install(service: Service) -> None:
    """Makes `service` the one that `call` asks."""
    global _service
    _service = service


def is_installed() -> bool:
    """Whether the plugin was started."""
    return _service is not None


def call(request_json: str) -> str:
    """The remote entry. See `Service.call`."""
    if _service is None:
        return json.dumps({"id": "", "ok": False, "error": "The plugin was not started; restart the editor."})
    return _service.call(request_json)
