"""Connecting upstream: to the first address that answers, and why there is none (L1)."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from toktra_agent.core import said
from toktra_agent.taps import dial as dialling
from toktra_agent.taps.dial import Unreached, dial
from toktra_agent.taps.splice import End


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of 127.0.0.2 where nobody answers: its queue is full."""
    listener = socket.create_server(("127.0.0.2", 0), backlog=0)
    waiting = [socket.socket() for _ in range(2)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
    yield listener.getsockname()[1]
    for one in (*waiting, listener):
        one.close()


class Dialled:
    """The ends that were made, in turn; those that stood."""

    def __init__(self) -> None:
        self.made: list[End] = []
        self.stood: list[End] = []

    def __call__(self) -> End:
        self.made.append(End(lambda _: None, made=self.stood.append))
        return self.made[-1]


@pytest.fixture
async def listening() -> Any:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resolving(monkeypatch: pytest.MonkeyPatch, hosts: Sequence[str]) -> None:
    """The system's resolver knows these addresses of every name."""

    def found(host: str, port: int, *_: object, **__: object) -> list[Any]:
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in hosts]
        return [
            (family, socket.SOCK_STREAM, 6, "", (one, port))
            for family, one in zip(families, hosts, strict=True)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)


async def test_an_address_needs_no_resolver(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, [])
    dialled = Dialled()
    assert await dial("127.0.0.1", listening, dialled) is None
    assert dialled.stood == dialled.made
    dialled.stood[0].end(at_once=True)


async def test_a_refused_address_is_passed_over(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["::1", "127.0.0.1"])
    dialled = Dialled()
    assert await dial("api.openai.com", listening, dialled) is None
    assert len(dialled.stood) == 1
    dialled.stood[0].end(at_once=True)


async def test_a_silent_address_is_overtaken(
    listening: int, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    create = loop.create_connection

    async def elsewhere(make: Any, host: str, port: int, **words: Any) -> Any:
        """The first address is one that never answers."""
        return await create(make, host, silent if host == "127.0.0.2" else port, **words)

    monkeypatch.setattr(loop, "create_connection", elsewhere)
    resolving(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    dialled = Dialled()
    assert await dial("api.openai.com", listening, dialled) is None
    assert len(dialled.stood) == 1
    assert dialled.stood[0].transport is not None
    assert dialled.stood[0].transport.get_extra_info("peername")[0] == "127.0.0.1"
    dialled.stood[0].end(at_once=True)


async def test_of_addresses_families_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2", "10.0.0.3"])
    found = await dialling._addresses("api.openai.com", 443)
    assert [one[1] for one in found] == ["fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2", "10.0.0.3"]


@pytest.mark.parametrize("hosts", [["127.0.0.1"], ["127.0.0.1", "127.0.0.1"]])
async def test_refused_everywhere(monkeypatch: pytest.MonkeyPatch, hosts: list[str]) -> None:
    resolving(monkeypatch, hosts)
    found = await dial("api.openai.com", closed_port(), Dialled())
    assert isinstance(found, Unreached)
    assert (found.status, found.socks) == (502, said.REFUSED)


async def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = await dial("no.such.host", 443, Dialled())
    assert isinstance(found, Unreached)
    assert (found.status, found.socks, "name" in found.sentence) == (502, said.UNREACHABLE, True)


async def test_a_host_that_never_answers(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "MOST_SECONDS", 0.05)
    found = await dial("127.0.0.2", silent, Dialled())
    assert isinstance(found, Unreached)
    assert (found.status, found.socks) == (504, said.EXPIRED)
