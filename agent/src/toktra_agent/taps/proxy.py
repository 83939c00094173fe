"""The local proxy: HTTP CONNECT and SOCKS5 on one port of this machine, and the PAC file that leads to it.

X1: the host asked for is decided on before anything is connected; where the hello names another, that one is
    decided on before the hello goes on.
X2: a request that may not go out is refused in words (403, SOCKS reply 2), with nothing connected.
X3: a client that has not said within 10 seconds where it wants to go is turned away.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from toktra_agent.core import said
from toktra_agent.core.asked import (
    SOCKS_VERSION,
    Head,
    Place,
    read_authority,
    read_greeting,
    read_head,
    read_socks,
)
from toktra_agent.core.outcome import NEED_MORE, Refused
from toktra_agent.taps.connection import Connection
from toktra_agent.taps.open_connections import OpenConnections
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.splice import End

PAC_PATH = "/proxy.pac"
_SECONDS_TO_ASK = 10
_BACKLOG = 1024
_PAC_KIND = "application/x-ns-proxy-autoconfig"
_FULL = said.http_answer(503, "Too many connections are open. Try again in a moment.\n")
_LATE = said.http_answer(408, "Nothing was asked for within 10 seconds.\n")
_UNCLEAR = said.http_answer(400, "This is neither an HTTP request nor SOCKS5.\n")
_NO_PLACE = said.http_answer(400, "CONNECT needs a host and a port, such as api.openai.com:443.\n")
_TOO_LARGE = said.http_answer(431, "The head of a request may have 16 kB.\n")
_ONLY_CONNECT = said.http_answer(405, "This proxy takes CONNECT and SOCKS5, and serves /proxy.pac.\n")
_SOCKS_WORDS = {"no_command": said.NO_COMMAND, "no_address": said.NO_ADDRESS}


@asynccontextmanager
async def proxy(
    sight: Sight, port: int, *, host: str = "127.0.0.1", connections: OpenConnections | None = None
) -> AsyncIterator[int]:
    """The proxy runs; the port it listens at (0 asks for a free one)."""
    opened = connections or OpenConnections(sight)
    server = await asyncio.get_running_loop().create_server(
        lambda: opened.accept(_serve, _turn_away), host, port, backlog=_BACKLOG
    )
    opened.start()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await opened.stop()


def _turn_away(client: End) -> None:
    client.write(_FULL)
    client.end()


async def _serve(connection: Connection) -> None:
    try:
        async with asyncio.timeout(_SECONDS_TO_ASK):
            asked = await _asked(connection)
    except TimeoutError:
        asked = _LATE
    if isinstance(asked, bytes):
        connection.client.write(asked)
        connection.client.end()
        return
    place, words = asked
    await _tunnel(connection, place, words)


class _Http:
    """How the outcomes are said to an HTTP client."""

    established = said.ESTABLISHED

    @staticmethod
    def refused(text: str) -> bytes:
        return said.http_answer(403, text)

    @staticmethod
    def failed(status: int, socks: int, sentence: str) -> bytes:
        return said.http_answer(status, sentence)


class _Socks:
    """How they are said to a SOCKS5 client, which takes no words."""

    established = said.socks_answer()

    @staticmethod
    def refused(text: str) -> bytes:
        return said.socks_answer(said.NOT_ALLOWED)

    @staticmethod
    def failed(status: int, socks: int, sentence: str) -> bytes:
        return said.socks_answer(socks)


_Words = type[_Http] | type[_Socks]


async def _tunnel(connection: Connection, place: Place, words: _Words) -> None:
    refused = await connection.enter(place.host)
    if refused is not None:
        return _last(connection, words.refused(said.refusal(refused)))
    unreached = await connection.reach(place.host, place.port, mark=connection.sight.mark)
    if unreached is not None:
        return _last(connection, words.failed(unreached.status, unreached.socks, unreached.sentence))
    connection.client.write(words.established)
    hello = await connection.hello()
    named = connection.sight.named(place.host, hello)
    if named != place.host and await connection.enter(named) is not None:
        return connection.reset()
    return connection.splice(hello)


def _last(connection: Connection, answer: bytes) -> None:
    connection.client.write(answer)
    connection.client.end()


async def _asked(connection: Connection) -> tuple[Place, _Words] | bytes:
    """Where the client wants to go; or the answer, where that is all."""
    first = await connection.until(lambda came: came[0] if came else NEED_MORE)
    if first == SOCKS_VERSION:
        return await _asked_by_socks(connection)
    head = await connection.until(read_head)
    if isinstance(head, Refused):
        return _TOO_LARGE if head.reason == "head_too_large" else _UNCLEAR
    if head.method != "CONNECT":
        return _other(connection, head)
    place = read_authority(head.target)
    if isinstance(place, Refused):
        return _NO_PLACE
    connection.consume(head.size)
    return place, _Http


def _other(connection: Connection, head: Head) -> bytes:
    if head.method != "GET" or head.target.partition("?")[0] != PAC_PATH:
        return _ONLY_CONNECT
    assert connection.client.transport is not None
    port = connection.client.transport.get_extra_info("sockname")[1]
    return said.http_answer(200, said.pac(connection.sight.patterns, port), _PAC_KIND)


async def _asked_by_socks(connection: Connection) -> tuple[Place, _Words] | bytes:
    greeting = await connection.until(read_greeting)
    if isinstance(greeting, Refused):
        return said.SOCKS_NO_METHOD
    connection.consume(greeting)
    connection.client.write(said.SOCKS_METHOD)
    place = await connection.until(read_socks)
    if isinstance(place, Refused):
        return said.socks_answer(_SOCKS_WORDS.get(place.reason, said.FAILED))
    connection.consume(place.size)
    return place, _Socks
