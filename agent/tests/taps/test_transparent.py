"""The transparent tap's way with a connection, without the system's rules (Y1 to Y3)."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from toktra_agent.core.asked import Place
from toktra_agent.core.watching import Admission
from toktra_agent.taps import transparent
from toktra_agent.taps.connection import Connection
from toktra_agent.taps.open_connections import OpenConnections
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.splice import End
from toktra_agent.taps.transparent import lead_on

HELLO = ssl.create_default_context()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transparent, "_SECONDS_TO_SPEAK", 0.1)
    monkeypatch.setattr(transparent, "MARK", 0)  # marks need root rights


@asynccontextmanager
async def led(sight: Sight, to: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client whose connection was going to this port."""

    async def serve(connection: Connection) -> None:
        await lead_on(connection, Place("127.0.0.1", to))

    opened = OpenConnections(sight)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: opened.accept(serve, End.reset), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    yield reader, writer
    writer.transport.abort()
    server.close()
    await opened.stop()


def hello() -> bytes:
    """What a client says first."""
    out = ssl.MemoryBIO()
    one = HELLO.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        one.do_handshake()
    return out.read()


async def until_connected(there: Any) -> None:
    async with asyncio.timeout(10):
        while not there.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("before", [0, 1, 100])
async def test_a_hello_that_comes_late_is_decided_on_all_the_same(
    sight: Sight, watcher: Any, upstream: Any, before: int
) -> None:
    """Y3: silence, or a hello in two halves, is no way past a refusal."""
    watcher.answer = Admission("block")
    said = hello()
    async with upstream() as there, led(sight, there.port) as (reader, writer):
        writer.write(said[:before])
        await until_connected(there)
        writer.write(said[before:])
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 10)
        assert there.got == b""
    assert watcher.admitted == ["localhost"]


async def test_a_server_that_speaks_first_is_heard(sight: Sight, watcher: Any) -> None:
    """Y1, Y3."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.write(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with led(sight, server.sockets[0].getsockname()[1]) as (reader, writer):
        assert await asyncio.wait_for(reader.readexactly(5), 10) == b"hello"
        writer.write(b"and you")
        assert await asyncio.wait_for(reader.read(), 10) == b"and you"
    server.close()
    assert watcher.admitted == []


async def test_a_refused_hello_that_comes_at_once_connects_nothing(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    """Y2."""
    watcher.answer = Admission("block")
    async with upstream() as there, led(sight, there.port) as (reader, writer):
        writer.write(hello())
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 10)
        assert there.connections == 0
