"""The remote entry: what it refuses, and that asking twice does no harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jobs_of_tests import put, simple_job

from unrealsynth_plugin.core.contract import Job
from unrealsynth_plugin.jobs import JobQueue, Progress, Steps
from unrealsynth_plugin.service import Service
from unrealsynth_plugin.spool import JobFolder, Spool


class Bench:
    def __init__(self, root: Path) -> None:
        self.begun = 0
        self.queue = JobQueue(Spool(root), self.work, lambda _: None)
        self.service = Service(self.queue, lambda: {"plugin_version": "1.2.3"})

    def work(self, job: Job, folder: JobFolder, progress: Progress) -> Steps:
        self.begun += 1
        progress.announce("running", "making frames")
        yield

    def ask(self, **request: object) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(self.service.call(json.dumps({"protocol": 1, "id": "7f", **request})))
        return reply


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    put(tmp_path, simple_job("a-1"))
    return Bench(tmp_path)


def test_version(bench: Bench) -> None:
    assert bench.ask(op="version") == {"id": "7f", "ok": True, "plugin_version": "1.2.3"}


def test_a_job_from_start_to_end_with_every_request_twice(bench: Bench) -> None:
    for operation, wanted in [("status", "waiting"), ("start", "waiting")]:
        for _ in range(2):
            assert bench.ask(op=operation, job="a-1") == {"id": "7f", "ok": True, "state": wanted}
    bench.queue.tick()
    for operation in ("start", "status", "cancel", "cancel"):
        assert bench.ask(op=operation, job="a-1")["state"] == "running"
    bench.queue.tick()
    for operation in ("cancel", "start", "status"):
        assert bench.ask(op=operation, job="a-1")["state"] == "cancelled"
    assert bench.begun == 1


@pytest.mark.parametrize(
    ("request_json", "part"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 2000, "not valid JSON"),  # deeper than the parser goes
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "`id`"),
        ('{"id": 5, "op": "version", "protocol": 1}', "`id`"),
        ('{"id": "1", "op": ["version"], "protocol": 1}', "`op`"),
        ('{"id": "1", "op": "version"}', "`protocol`"),
        ('{"id": "1", "op": "version", "protocol": true}', "`protocol`"),
        ('{"id": "1", "op": "version", "protocol": 2}', "speaks protocol 1"),
        ('{"id": "1", "op": "exec", "protocol": 1}', "no operation 'exec'"),
        ('{"id": "1", "op": "version", "protocol": 1, "code": "1"}', "unknown key 'code'"),
        ('{"id": "1", "op": "start", "protocol": 1}', "id of a job"),
        ('{"id": "1", "op": "start", "protocol": 1, "job": 3}', "id of a job"),
        ('{"id": "1", "op": "start", "protocol": 1, "job": "../a-1"}', "is no job id"),
        ('{"id": "1", "op": "start", "protocol": 1, "job": "__import__(\'os\')"}', "is no job id"),
        ('{"id": "1", "op": "status", "protocol": 1, "job": "a-2"}', "There is no job a-2"),
        ('"' + "x" * 5000 + '"', "at most 4096 characters"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(bench: Bench, request_json: str, part: str) -> None:
    reply = json.loads(bench.service.call(request_json))
    assert reply["ok"] is False
    assert part in reply["error"]
    assert reply["error"].endswith(".")
    assert set(reply) == {"id", "ok", "error"}


def test_the_reply_carries_the_request_id_also_of_a_mistake(bench: Bench) -> None:
    assert bench.ask(op="nonsense")["id"] == "7f"


def test_replies_are_short_ascii(bench: Bench) -> None:
    reply = bench.service.call(json.dumps({"protocol": 1, "id": "1", "op": "ü" * 60}))
    assert reply.isascii()
    assert len(reply) < 1024
