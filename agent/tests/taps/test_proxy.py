"""The proxy over real sockets: whom it asks, what goes through, what it says (X1 to X3, P1 to P3, S1, S2)."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from toktra_agent.core.watching import Admission
from toktra_agent.taps import proxy as proxying
from toktra_agent.taps.open_connections import OpenConnections
from toktra_agent.taps.passage import SPARE_FOR
from toktra_agent.taps.proxy import proxy
from toktra_agent.taps.sight import Sight

BLOCK = Admission(
    "block",
    message="The budget of Engineering is used up.",
    resets_at="2026-04-01T00:00:00Z",
    exemption_url="https://toktra.example/ask",
)
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
Tls = tuple[ssl.SSLContext, ssl.SSLContext]


class Client:
    """A plain client of the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, said: bytes) -> None:
        self.writer.write(said)
        await self.writer.drain()

    async def hear(self, size: int) -> bytes:
        async with asyncio.timeout(10):
            return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """All that comes until the other side is done; a reset is an end too."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def connect(self, host: str, port: int) -> bytes:
        await self.say(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        return await self.hear(len(ESTABLISHED))

    async def tls(self, context: ssl.SSLContext, name: str) -> None:
        await self.writer.start_tls(context, server_hostname=name)

    async def close(self) -> None:
        self.writer.close()


_clients: list[Client] = []


@pytest.fixture(autouse=True)
async def _close_clients() -> AsyncIterator[None]:
    yield
    for one in _clients:
        one.writer.transport.abort()
    _clients.clear()
    await asyncio.sleep(0.01)


async def client(port: int) -> Client:
    _clients.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
    return _clients[-1]


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_watched_host_is_admitted_and_its_request_kept(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream(lambda piece: piece * 10) as there, proxy(sight, 0) as port:
        one = await client(port)
        assert await one.connect("localhost", there.port) == ESTABLISHED
        await one.say(b"x" * 100)
        assert await one.hear(1000) == b"x" * 1000
        await one.close()
        await until(lambda: watcher.kept)
    [request] = watcher.kept
    assert (request.host, request.request_bytes, request.response_bytes) == ("localhost", 100, 1000)
    assert request.admission == watcher.answer
    assert watcher.admitted == ["localhost"]
    assert watcher.released == []


async def test_of_another_host_nobody_is_asked_or_told(sight: Sight, watcher: Any, upstream: Any) -> None:
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("127.0.0.1", there.port)
        await one.say(b"private")
        assert await one.hear(7) == b"private"
        await one.close()
        await until(lambda: there.ended)
    assert (watcher.asked, watcher.admitted, watcher.kept) == ([], [], [])


async def test_the_client_sees_the_servers_own_certificate(
    sight: Sight, watcher: Any, upstream: Any, tls: Tls
) -> None:
    server, trusting = tls
    async with upstream(lambda piece: b"a" * 900, tls=server) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.tls(trusting, "localhost")
        for _ in range(2):
            await one.say(b"q" * 300)
            assert await one.hear(900) == b"a" * 900
        await one.close()
        await until(lambda: len(watcher.kept) == 2)
    assert [(one.request_bytes, one.response_bytes) for one in watcher.kept] == [(300, 900)] * 2
    assert watcher.admitted == ["localhost"] * 2


async def test_the_hellos_name_is_decided_on_when_it_is_another(
    sight: Sight, watcher: Any, upstream: Any, tls: Tls
) -> None:
    server, trusting = tls
    async with upstream(lambda piece: b"a" * 900, tls=server) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("127.0.0.1", there.port)
        await one.tls(trusting, "ai.example.com")
        await one.say(b"q" * 300)
        await one.hear(900)
        await one.close()
        await until(lambda: watcher.kept)
    assert [one.host for one in watcher.kept] == ["ai.example.com"]


async def test_an_unwatched_name_in_the_hello_gives_the_admission_back(
    sight: Sight, watcher: Any, upstream: Any, tls: Tls
) -> None:
    server, trusting = tls
    async with upstream(tls=server) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.tls(trusting, "example.com")
        await one.say(b"q" * 300)
        await one.hear(300)
        assert watcher.released == [watcher.answer]
        await one.close()
        await until(lambda: there.ended)
    assert watcher.kept == []


async def test_a_refusal_of_the_hellos_name_sends_nothing_on(
    sight: Sight, watcher: Any, upstream: Any, tls: Tls
) -> None:
    watcher.answer = BLOCK
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("127.0.0.1", there.port)
        with pytest.raises((ConnectionResetError, ssl.SSLError)):
            await one.tls(tls[1], "ai.example.com")
        await until(lambda: there.ended)
        assert there.got == b""


async def test_a_refused_request_is_answered_in_words_and_nothing_is_connected(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    watcher.answer = BLOCK
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.say(b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % there.port)
        head, _, body = (await one.rest()).partition(b"\r\n\r\n")
        assert there.connections == 0
    assert head.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"Content-Type: text/plain; charset=utf-8" in head
    assert b"Content-Length: %d\r\n" % len(body) in head
    for part in (BLOCK.message, BLOCK.resets_at, BLOCK.exemption_url):
        assert str(part).encode() in body


async def test_on_an_open_connection_the_next_request_is_asked_for_before_it_goes_on(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream(lambda piece: b"a" * 100) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.say(b"1" * 200)
        await one.hear(100)
        watcher.gate = asyncio.Event()
        await one.say(b"2" * 200)
        await until(lambda: len(watcher.admitted) == 2)
        assert len(there.got) == 200
        watcher.gate.set()
        await one.hear(100)
        assert there.got == b"1" * 200 + b"2" * 200
        await one.close()
        await until(lambda: len(watcher.kept) == 2)
    assert watcher.released == []


async def test_on_an_open_connection_a_refusal_closes_it_both_ways(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream(lambda piece: b"a" * 100) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.say(b"1" * 200)
        await one.hear(100)
        watcher.answer = BLOCK
        await one.say(b"2" * 200)
        assert await one.rest() == b""
        await until(lambda: there.ended)
        assert there.got == b"1" * 200
    [request] = watcher.kept
    assert (request.request_bytes, request.response_bytes) == (200, 100)


async def test_a_client_that_leaves_while_it_is_asked_for_gives_back_what_was_held(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    watcher.gate = asyncio.Event()
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.say(b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % there.port)
        await until(lambda: watcher.admitted)
        await one.close()
        await asyncio.sleep(0.05)
        watcher.gate.set()
        await until(lambda: watcher.released)
    assert watcher.released == [watcher.answer]
    assert watcher.kept == []


async def test_a_second_request_given_up_while_it_is_asked_for_is_none(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream(lambda piece: b"a" * 100) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.say(b"1" * 200)
        await one.hear(100)
        watcher.gate = asyncio.Event()
        await one.say(b"2" * 200)
        await until(lambda: len(watcher.admitted) == 2)
    watcher.gate.set()
    await until(lambda: watcher.released)
    assert [one.request_bytes for one in watcher.kept] == [200]
    assert watcher.released == [watcher.answer]


async def test_an_admission_that_no_request_used_is_given_back(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.close()
        await until(lambda: watcher.released)
    assert watcher.released == [watcher.answer]
    assert watcher.kept == []


async def test_an_admission_that_waited_for_long_is_given_back_and_asked_for_anew(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    """P1: a connection opened while there was room is no way past the cap."""
    began = sight.clock()
    async with upstream(lambda piece: b"a" * 100) as there, proxy(sight, 0) as port:
        soon, late = await client(port), await client(port)
        for one in (soon, late):
            await one.connect("localhost", there.port)
        first, watcher.answer = watcher.answer, BLOCK
        sight.clock = lambda: began + SPARE_FOR
        await soon.say(b"1" * 200)
        await soon.hear(100)
        sight.clock = lambda: began + SPARE_FOR + timedelta(seconds=1)
        await late.say(b"2" * 200)
        assert await late.rest() == b""
        assert there.got == b"1" * 200
    assert watcher.released == [first]
    assert len(watcher.admitted) == 3


async def test_where_nothing_can_be_reached_the_admission_is_given_back(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream() as there:
        gone = there.port
    async with proxy(sight, 0) as port:
        one = await client(port)
        await one.say(b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % gone)
        answer = await one.rest()
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert answer.endswith(b"The host refused the connection.\n")
    assert watcher.released == [watcher.answer]


async def test_what_begins_in_privacy_hours_is_never_told_and_what_begins_after_is(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    watcher.watching = False
    async with upstream(lambda piece: b"a" * 100) as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        await one.say(b"1" * 200)
        await one.hear(100)
        assert watcher.admitted == []
        watcher.watching = True
        await one.say(b"2" * 300)
        await one.hear(100)
        watcher.watching = False
        await one.say(b"3" * 400)
        await one.hear(100)
        await one.close()
        await until(lambda: there.ended == 1)
    assert [one.request_bytes for one in watcher.kept] == [300]
    assert watcher.admitted == ["localhost"]


async def test_privacy_hours_that_begin_before_the_first_request_give_its_admission_back(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", there.port)
        watcher.watching = False
        await one.say(b"1" * 200)
        await one.hear(200)
        assert watcher.released == [watcher.answer]
        await one.close()
        await until(lambda: there.ended)
    assert watcher.kept == []


@pytest.mark.parametrize("kind", ["name", "ipv4", "ipv6"])
async def test_socks(sight: Sight, watcher: Any, upstream: Any, kind: str) -> None:
    address = {
        "name": b"\x03\x09localhost",
        "ipv4": b"\x01\x7f\x00\x00\x01",
        "ipv6": b"\x04" + bytes(15) + b"\1",
    }
    async with upstream() as there, proxy(sight, 0) as port:
        one = await client(port)
        await one.say(b"\x05\x02\x00\x02")
        assert await one.hear(2) == b"\x05\x00"
        await one.say(b"\x05\x01\x00" + address[kind] + struct.pack("!H", there.port))
        answer = await one.hear(10)
        if kind == "ipv6":
            assert answer[1] == 5  # the server is there on IPv4 only
            return
        assert answer[1] == 0
        await one.say(b"x" * 100)
        assert await one.hear(100) == b"x" * 100
        await one.close()
        await until(lambda: there.ended)
    assert [one.host for one in watcher.kept] == (["localhost"] if kind == "name" else [])


async def socks_answer(port: int, request: bytes) -> bytes:
    one = await client(port)
    await one.say(b"\x05\x01\x00")
    await one.hear(2)
    await one.say(request)
    return await one.rest()


async def test_socks_refuses_with_its_own_words(sight: Sight, watcher: Any) -> None:
    watcher.answer = BLOCK
    async with proxy(sight, 0) as port:
        assert (await socks_answer(port, b"\x05\x01\x00\x03\x09localhost\x01\xbb"))[1] == 2
        assert (await socks_answer(port, b"\x05\x02\x00\x03\x09localhost\x01\xbb"))[1] == 7
        assert (await socks_answer(port, b"\x05\x01\x00\x09\x09localhost\x01\xbb"))[1] == 8
        one = await client(port)
        await one.say(b"\x05\x01\x02")
        assert await one.rest() == b"\x05\xff"


async def test_the_pac_file_leads_only_watched_hosts_here(sight: Sight) -> None:
    async with proxy(sight, 0) as port:
        one = await client(port)
        await one.say(b"GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        head, _, body = (await one.rest()).partition(b"\r\n\r\n")
    assert b"application/x-ns-proxy-autoconfig" in head
    assert b'var hosts = ["localhost", "ai.example.com"];' in body
    assert b'return "PROXY 127.0.0.1:%d; DIRECT";' % port in body


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 405),
        (b"POST /proxy.pac HTTP/1.1\r\n\r\n", 405),
        (b"GET http://example.com/ HTTP/1.1\r\n\r\n", 405),
        (b"CONNECT localhost HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT localhost:0 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT localhost:65536 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT a/b:443 HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x00\x05hello\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"x" * 16_400, 431),
    ],
)
async def test_anything_else_gets_a_short_answer(sight: Sight, said: bytes, status: int) -> None:
    async with proxy(sight, 0) as port:
        one = await client(port)
        await one.say(said)
        assert (await one.rest()).startswith(b"HTTP/1.1 %d " % status)


async def test_who_says_nothing_is_turned_away(sight: Sight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxying, "_SECONDS_TO_ASK", 0.1)
    async with proxy(sight, 0) as port:
        one = await client(port)
        await one.say(b"CONN")
        assert (await one.rest()).startswith(b"HTTP/1.1 408 ")


async def test_one_connection_too_many_is_turned_away_in_words(sight: Sight) -> None:
    async with proxy(sight, 0, connections=OpenConnections(sight, most=2)) as port:
        first, second = await client(port), await client(port)
        await asyncio.sleep(0.05)
        third = await client(port)
        assert (await third.rest()).startswith(b"HTTP/1.1 503 ")
        await first.close()
        await second.say(b"GET / HTTP/1.1\r\n\r\n")
        assert (await second.rest()).startswith(b"HTTP/1.1 405 ")
        await asyncio.sleep(0.05)
        fourth = await client(port)
        await fourth.say(b"GET / HTTP/1.1\r\n\r\n")
        assert (await fourth.rest()).startswith(b"HTTP/1.1 405 ")


async def test_who_is_done_sending_still_hears_the_answer(sight: Sight, watcher: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read()
        writer.write(asked[::-1] * 2)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with proxy(sight, 0) as port:
        one = await client(port)
        await one.connect("localhost", server.sockets[0].getsockname()[1])
        await one.say(b"abc" * 100)
        one.writer.write_eof()
        assert await one.rest() == b"cba" * 200
    server.close()
    assert [(one.request_bytes, one.response_bytes) for one in watcher.kept] == [(300, 600)]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_reader_that_does_not_read_holds_the_sender(sight: Sight, host: str) -> None:
    sent = 0
    stop = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.read(1)
        for _ in range(2000):
            writer.write(bytes(1 << 15))
            await writer.drain()
            sent += 1 << 15
        stop.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with proxy(sight, 0) as port:
        one = await client(port)
        await one.connect(host, server.sockets[0].getsockname()[1])
        await one.say(b"x")
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.2)
        assert not stop.is_set()
        assert len(await one.rest()) == 2000 << 15
    server.close()


async def test_the_program_is_looked_up_only_where_it_matters(
    sight: Sight, watcher: Any, upstream: Any
) -> None:
    async with upstream() as there, proxy(sight, 0) as port:
        for watcher.asks_application in (False, True):
            one = await client(port)
            await one.connect("localhost", there.port)
            await one.close()
            await until(lambda: len(watcher.released) == 1 + watcher.asks_application)
    assert watcher.asked[0] == ("localhost", None)
    assert watcher.asked[1][1] is not None
    assert watcher.asked[1][1].startswith(("python", "pytest"))


async def test_the_agents_end_tells_of_what_runs(sight: Sight, watcher: Any, upstream: Any) -> None:
    async with upstream() as there:
        async with proxy(sight, 0) as port:
            one = await client(port)
            await one.connect("localhost", there.port)
            await one.say(b"x" * 100)
            await one.hear(100)
        await until(lambda: there.ended)
    assert [(one.request_bytes, one.response_bytes) for one in watcher.kept] == [(100, 100)]
