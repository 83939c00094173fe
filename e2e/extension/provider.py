"""AI services that live on this machine: one TLS server under all their names, which counts what it gets.

What to answer stands in the request's query: `bytes`, `pieces`, `pause` (seconds between pieces), `events`,
`kind` (json or sse). The query is no part of what the extension may look at.
"""

import asyncio
import base64
import hashlib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from e2e.extension.certificates import Certificate, certificate
from e2e.extension.serving import serving

MARKER = "marker-5e1d0c"
"""In bodies, headers, cookies and page text of everything that is said to and by these services."""

PAGE = f"""<!doctype html><meta charset=utf-8><title>A service</title>
<style>body {{ max-width: 40rem; margin: 3rem auto; font: 16px system-ui }} p {{ color: gray }}</style>
<h1>What can I do for you?</h1><p>{MARKER}</p>"""
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ALLOWED = (
    "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\nAccess-Control-Allow-Methods: *\r\n"
)


@dataclass(frozen=True)
class Got:
    """One request that reached a service. Reading pages and asking what is allowed do not count."""

    host: str
    method: str
    path: str
    request_bytes: int
    response_bytes: int


@dataclass
class Provider:
    """The services, and what they got."""

    port: int
    certificate: Certificate
    got: list[Got] = field(default_factory=list)

    def of(self, path: str) -> list[Got]:
        """What came to this path."""
        return [one for one in self.got if one.path == path]


@dataclass(frozen=True)
class _Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def host(self) -> str:
        return self.headers.get("host", "").partition(":")[0]


@contextmanager
def providing(folder: Path, names: Sequence[str]) -> Iterator[Provider]:
    """A running server under these names; ended afterwards."""
    made = certificate(folder, names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)
    provider = Provider(0, made)
    with serving(lambda reader, writer: _talk(provider, reader, writer), context) as provider.port:
        yield provider


async def _talk(provider: Provider, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError):
        while asked := await _read(reader):
            if "upgrade" in asked.headers:
                await _speak(provider, asked, reader, writer)
                return
            await _answer(provider, asked, writer)


async def _read(reader: asyncio.StreamReader) -> _Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, target, _version = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return _Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, body)


async def _answer(provider: Provider, asked: _Asked, writer: asyncio.StreamWriter) -> None:
    if asked.method == "OPTIONS":
        writer.write(f"HTTP/1.1 204 No Content\r\n{_ALLOWED}Content-Length: 0\r\n\r\n".encode())
    elif asked.method == "GET" and "events" not in asked.query:
        await _page(writer)
    elif "pieces" in asked.query or "events" in asked.query:
        await _stream(provider, asked, writer)
    else:
        body = _filled(int(asked.query.get("bytes", 1000)))
        provider.got.append(Got(asked.host, asked.method, asked.path, len(asked.body), len(body)))
        head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"HTTP/1.1 200 OK\r\n{_ALLOWED}X-Note: {MARKER}\r\n{head}\r\n".encode() + body)
    await writer.drain()


async def _page(writer: asyncio.StreamWriter) -> None:
    head = f"Content-Type: text/html\r\nSet-Cookie: note={MARKER}; Path=/\r\nContent-Length: {len(PAGE)}\r\n"
    writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n{PAGE}".encode())


async def _stream(provider: Provider, asked: _Asked, writer: asyncio.StreamWriter) -> None:
    pieces = _pieces(asked.query)
    provider.got.append(
        Got(asked.host, asked.method, asked.path, len(asked.body), sum(len(piece) for piece in pieces))
    )
    head = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    writer.write(f"HTTP/1.1 200 OK\r\n{_ALLOWED}{head}\r\n".encode())
    for piece in pieces:
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
        await asyncio.sleep(float(asked.query.get("pause", 0)))
    writer.write(b"0\r\n\r\n")


def _pieces(query: dict[str, str]) -> list[bytes]:
    if "events" in query:
        text = f"data: {MARKER} {'x' * 80}\n\n".encode()
        return [text] * int(query["events"])
    many = int(query["pieces"])
    return [_filled(int(query.get("bytes", 1000)) // many)] * many


def _filled(size: int) -> bytes:
    return (MARKER.encode() + b" " * size)[:size]


async def _speak(
    provider: Provider, asked: _Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """A WebSocket that gives every message back three times."""
    key = asked.headers["sec-websocket-key"].encode()
    accept = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_GUID).digest()).decode()
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    sent = came = 0
    while (message := await _frame(reader)) is not None:
        came += len(message)
        for _ in range(3):
            sent += len(message)
            writer.write(bytes([0x81]) + _length(len(message)) + message)
        await writer.drain()
    writer.write(b"\x88\x00")
    await writer.drain()
    provider.got.append(Got(asked.host, "SOCKET", asked.path, came, sent))


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    mask = await reader.readexactly(4)
    body = await reader.readexactly(size)
    if first & 0x0F == 8:
        return None
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))


def _length(size: int) -> bytes:
    return bytes([size]) if size < 126 else bytes([126]) + size.to_bytes(2, "big")
