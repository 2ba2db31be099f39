"""The way to an editor's socket, also where a socket hears only the interface it has joined the group on."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from unrealsynth.editor_choice import launch_editors
from unrealsynth.editors.multicast import ANY_ADDRESS, LOOPBACK, Endpoint, MulticastSocket, PortTakenError
from unrealsynth.errors import EditorError
from unrealsynth.progress import RunProgress
from unrealsynth.unreal_project import network
from unrealsynth.unreal_project.launch import launch_project
from unrealsynth.unreal_project.project import Project, open_project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses a switch of Linux to behave as macOS does")
IP_MULTICAST_ALL = 49
"""Linux: whether a socket also hears the group on interfaces that others have joined it on."""


@pytest.fixture
def strict_editor(group: Endpoint) -> Iterator[socket.socket]:
    """A socket as of an Unreal Editor on macOS that is bound to 0.0.0.0."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as editor:
        editor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        editor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        editor.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
        editor.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        editor.bind((ANY_ADDRESS, group[1]))
        try:
            membership = socket.inet_aton(group[0]) + socket.inet_aton(ANY_ADDRESS)
            editor.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        except OSError:
            pytest.skip("there is no default interface here")
        editor.settimeout(0.3)
        yield editor


def hears(editor: socket.socket, group: Endpoint, interfaces: tuple[str, ...]) -> bool:
    with MulticastSocket(group, interfaces=interfaces) as client:
        client.send(b"{}")
        try:
            return editor.recv(100) == b"{}"
        except TimeoutError:
            return False


def test_the_default_interface_is_needed_as_well(strict_editor: socket.socket, group: Endpoint) -> None:
    assert not hears(strict_editor, group, (LOOPBACK,))
    assert hears(strict_editor, group, (LOOPBACK, ANY_ADDRESS))


def test_a_port_that_is_held_is_told_from_a_group_that_cannot_be_joined(group: Endpoint) -> None:
    assert network.port_problem(group) is None
    assert network.port_problem(("10.0.0.1", group[1])) is None  # No group at all, but the port is free.
    with pytest.raises(EditorError, match="allow UDP multicast"):
        MulticastSocket(("10.0.0.1", group[1]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((ANY_ADDRESS, group[1]))
        assert f"UDP port {group[1]}" in str(network.port_problem(group))


def test_launch_and_a_run_name_the_port_that_is_held(installed: Project, group: Endpoint, tmp_path: Path) -> None:
    message = f"UDP port {group[1]}.*held by a program that does not share it.*End that program"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((ANY_ADDRESS, group[1]))
        with pytest.raises(PortTakenError, match=message), RunProgress() as progress:
            launch_project(installed, progress, engine=None, offscreen=True)
        for kind, project in (("unreal", installed.file), ("unreal", None), ("auto", None)):
            with pytest.raises(PortTakenError, match=message):
                launch_editors(kind, project, 1, tmp_path, progress.step, group)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "ttl", "wanted"),
    [
        ("0.0.0.0", "1", "beyond this machine: .*Ttl=1 "),
        ("192.168.1.5", "2", "beyond this machine: .*Ttl=2 "),
        ("0.0.0.0", "0", "beyond loopback, at 0.0.0.0: .*no password"),
        ("127.0.0.1", "1", None),
    ],
)
def test_exposure(project: Project, address: str, ttl: str, wanted: str | None) -> None:
    ini: Path = project.folder / "Config/DefaultEngine.ini"
    lines = f"RemoteExecutionMulticastBindAddress={address}\nRemoteExecutionMulticastTtl={ttl}\n"
    ini.write_text(ini.read_text(encoding="utf-8") + lines, encoding="utf-8")
    warning = network.exposure(open_project(project.file))
    assert (warning is None) if wanted is None else re.search(wanted, warning or "")
