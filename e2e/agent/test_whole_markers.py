"""What is said to a provider, and what it answers, is nowhere: not on the device, not on the wire, not at the
server, and of encrypted connections not in the agent's memory either.

The person's e-mail carries a marker that may be there; a search that does not find it would prove nothing.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from e2e.agent.clients import curl
from e2e.agent.device import PORT, Tap, arrived, enrolled, running
from e2e.agent.line import Line
from e2e.agent.office import Desk, Office
from e2e.agent.searching import files_with, is_in, memory_has, tables_with
from e2e.agent.tapped import Tapped
from e2e.agent.world import PROVIDER, World, started, wait_until

HOST = "api.openai.com"
TIMES = (1, 100, 5_000)
"""The marker so often in a prompt: 38 bytes, 4 kB, 190 kB."""
_UNFINISHED = f"""
import socket, sys
proxy = socket.create_connection(("127.0.0.1", {PORT}))
proxy.sendall(b"CONNECT " + sys.argv[1].encode())
print("sent", flush=True)
sys.stdin.read()
"""


def new_marker() -> str:
    return f"marker{uuid4().hex}"


@pytest.mark.parametrize("tap", ["proxy", "transparent"])
def test_encrypted(there: Office, the_world: World, the_line: Line, tmp_path: Path, tap: Tap) -> None:
    marker, planted = new_marker(), new_marker()
    desk = enrolled(there, the_world, f"{planted}@example.com")
    with running(desk, the_world, tap) as device:
        converse(device, f"https://{HOST}", marker, tmp_path)
        nowhere_in_memory(device, marker)
        nowhere_on_the_device(desk, marker, planted)
    assert len(arrived(desk)) == len(TIMES)
    nowhere_on_the_device(desk, marker, planted)
    nowhere_at_the_server(there, the_line, marker, planted)


def test_unencrypted(there: Office, the_world: World, the_line: Line, tmp_path: Path) -> None:
    """Through CONNECT to another port than TLS's, and asked for as of a proxy that fetches pages itself."""
    marker, planted = new_marker(), new_marker()
    desk = enrolled(there, the_world, f"{planted}@example.com")
    serving = the_world.in_provider(sys.executable, "-m", "e2e.agent.plain", PROVIDER[0])
    with serving, running(desk, the_world, "proxy") as device:
        converse(device, f"http://{HOST}", marker, tmp_path, "--proxytunnel")
        turned_away = curl(device, "--header", f"X-Prompt: {marker}", f"http://{HOST}/{marker}")
        assert "This proxy takes CONNECT" in turned_away.stdout
        nowhere_on_the_device(desk, marker, planted)
    assert len(arrived(desk)) == len(TIMES)
    nowhere_on_the_device(desk, marker, planted)
    nowhere_at_the_server(there, the_line, marker, planted)


def converse(device: Tapped, base: str, marker: str, folder: Path, *words: str) -> None:
    """In the path, in a header and in prompts of some sizes; the answers have it backwards."""
    for times in TIMES:
        (folder / "prompt").write_text(marker * times)
        says = ["--header", f"X-Prompt: {marker}", "--data-binary", f"@{folder}/prompt"]
        answer = curl(device, *words, *says, f"{base}/reversed/{marker}?prompt={marker}")
        assert answer.stdout == marker[::-1] * times, answer.stderr


def nowhere_in_memory(device: Tapped, marker: str) -> None:
    pid = device.running.pid
    assert memory_has(pid, HOST)
    assert not memory_has(pid, marker)
    assert not memory_has(pid, marker[::-1])
    if device.port:
        with said_to_the_proxy(device.world, planted := new_marker()):
            wait_until(lambda: memory_has(pid, planted))


@contextmanager
def said_to_the_proxy(world: World, text: str) -> Iterator[None]:
    """Where a client wants to go is read; while it has not said all of it, what it said is kept in memory."""
    with started(world.on_device(sys.executable, "-c", _UNFINISHED, text)):
        yield


def nowhere_on_the_device(desk: Desk, marker: str, planted: str) -> None:
    assert "identity.json" in files_with(desk.folder, planted)
    assert "spool.sqlite" in [path.name for path in desk.folder.iterdir()]
    for one in (marker, marker[::-1]):
        assert files_with(desk.folder, one) == []


def nowhere_at_the_server(there: Office, line: Line, marker: str, planted: str) -> None:
    """What came to it, also compressed, and what it keeps: its tables as text, its files as they are."""
    said, kept = line.said(), there.running.folder
    assert is_in(said, planted)
    assert is_in(said, HOST), "it is in compressed events only"
    assert "users" in tables_with(kept, planted)
    assert files_with(kept, planted) != []
    for one in (marker, marker[::-1]):
        assert not is_in(said, one)
        assert not is_in(line.heard(), one)
        assert tables_with(kept, one) == []
        assert files_with(kept, one) == []
