"""Hard caps with the whole agent: who may not spend reaches nobody, whoever may does, within one preflight.

Room here is always near the cap, where each request waits for its own answer (D3). An answer that took too
long is none (M1): these budgets then let nothing out, and what was asked is asked again.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import IO

import pytest

from e2e.agent.clients import ask, curl
from e2e.agent.device import PORT, Tap, arrived, enrolled, running
from e2e.agent.kept import HOST
from e2e.agent.line import Line
from e2e.agent.office import Desk, Office
from e2e.agent.tapped import Tapped
from e2e.agent.world import World, wait_until

TAPS = ("proxy", "transparent")
LIMIT = 10_000
URL = f"https://{HOST}/bytes/1000"
REFUSED, RESET = 56, 35
"""curl's status for an answer to CONNECT other than 200, and for a connection that ends in its handshake."""
_WHY = f"""
import socket
proxy = socket.create_connection(("127.0.0.1", {PORT}))
proxy.sendall(b"CONNECT {HOST}:443 HTTP/1.1\\r\\n\\r\\n")
print(b"".join(iter(lambda: proxy.recv(4096), b"")).decode())
"""


def passes(device: Tapped) -> bool:
    return bool(curl(device, URL).stdout == "b" * 1000)


def why(device: Tapped) -> str:
    """What the proxy says to one whom it refuses, once it knows."""
    while "did not answer in time" in (said := device.world.run(sys.executable, "-c", _WHY).stdout):
        pass
    return said


def test_a_cap_that_is_used_up_refuses_every_client_and_an_exemption_lets_them_pass(
    there: Office, the_world: World, the_line: Line
) -> None:
    desk = capped(there, the_world)
    desk.use_up()
    with running(desk, the_world, "proxy") as device:
        assert curl(device, URL).stderr.strip().endswith("403")
        for sdk in ("openai", "anthropic"):
            assert "403" in ask(device, sdk)["failed"]
        says_why(why(device), there)
        assert the_world.accepted() == 0

        desk.exempt(LIMIT)
        wait_until(lambda: passes(device))
        for sdk in ("openai", "anthropic"):
            assert ask(device, sdk)["got"][0] > 1000
    assert len(arrived(desk)) == 1 + 2 * 2


@pytest.mark.parametrize("tap", TAPS)
def test_each_change_holds_from_the_next_request_on(
    there: Office, the_world: World, the_line: Line, tap: Tap
) -> None:
    desk = capped(there, the_world)
    with running(desk, the_world, tap) as device:
        wait_until(lambda: passes(device))
        desk.use_up()
        refused(device)
        desk.exempt(LIMIT)
        wait_until(lambda: passes(device))
        desk.use_up()
        refused(device)
    assert len(arrived(desk)) == 2


def capped(there: Office, world: World) -> Desk:
    desk = enrolled(there, world)
    desk.cap(LIMIT, name="Sprint", when_unsure="block")
    return desk


def refused(device: Tapped) -> None:
    """With nothing connected to the provider."""
    before = device.world.accepted()
    answer = curl(device, URL)
    assert answer.stdout == ""
    assert answer.returncode == (REFUSED if device.port else RESET)
    assert device.world.accepted() == before


def says_why(said: str, there: Office) -> None:
    """Why, what is left, when it resets, where to ask."""
    assert said.startswith("HTTP/1.1 403 Forbidden")
    assert "tokens of this request are missing" in said
    assert "0 are left until it resets at 20" in said
    assert "Ask for an exemption" in said
    assert "The budget resets at 20" in said
    assert f"Ask for more here: {there.running.url}/budget/exemptions/new?" in said


@pytest.mark.parametrize("tap", TAPS)
def test_the_next_request_of_a_kept_connection_is_refused_before_its_first_byte_arrives(
    there: Office, the_world: World, the_line: Line, tap: Tap
) -> None:
    desk = capped(there, the_world)
    with running(desk, the_world, tap) as device:
        wait_until(lambda: passes(device))
        before = the_world.accepted()
        with kept(device) as (say, hear):
            asked(say, 300)
            assert hear.readline() == "500\n"
            desk.use_up()
            asked(say, 300)
            assert hear.readline().strip() in ("RemoteDisconnected", "ConnectionResetError", "SSLEOFError")
        wait_until(lambda: len(the_world.connections()) == the_world.accepted())
        (connection,) = the_world.connections()[before:]
        assert 300 < connection["got"] < 600
        assert connection["sent"] < 1000
    assert len(arrived(desk)) == 2


@contextmanager
def kept(device: Tapped) -> Iterator[tuple[IO[str], IO[str]]]:
    """A client that keeps its connection: where to say how much to send, and where to hear what came."""
    authority = str(device.world.certificates.authority)
    words = device.world.on_device(sys.executable, "-m", "e2e.agent.kept", authority, str(device.port))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        yield client.stdin, client.stdout


def asked(say: IO[str], size: int) -> None:
    say.write(f"{size}\n")
    say.flush()


def test_a_cap_that_is_made_while_the_agent_runs_holds_before_its_configuration_says_so(
    there: Office, the_world: World, the_line: Line
) -> None:
    """D1: with no cap known a request goes at once, and the server is asked meanwhile, at most every 10 s. So
    they pass until one finds the last word 10 s old, and the next one is refused.
    """
    desk = enrolled(there, the_world)
    with running(desk, the_world, "proxy") as device:
        assert passes(device)
        desk.cap(0)
        for _ in range(60):
            if not passes(device):
                break
            sleep(0.5)
        refused(device)
    assert len(arrived(desk)) == the_world.accepted()
