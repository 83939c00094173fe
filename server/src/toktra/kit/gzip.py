"""Request bodies sent with Content-Encoding: gzip, unpacked within the route's own limit.

Z1: no body unpacks to more than LARGEST, however small it is packed.
"""

import zlib

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPRequestEvent, Receive, Scope, Send

from toktra.kit.errors import BadRequest, TooLarge
from toktra.kit.http import header

LARGEST = 2 * 1024 * 1024


class GzipBodies(ASGIMiddleware):
    """Unpacks gzip bodies before a route reads them."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        encoding = (header(scope, b"content-encoding") or "").strip().lower()
        if encoding in ("", "identity"):
            await next_app(scope, receive, send)
            return
        if encoding != "gzip":
            raise BadRequest("Content-Encoding must be gzip, or the body sent as it is.")
        body = unpack(await _read(receive))
        scope["headers"] = [
            (name, value)
            for name, value in scope["headers"]
            if name not in (b"content-encoding", b"content-length")
        ] + [(b"content-length", str(len(body)).encode())]
        await next_app(scope, _once(body, receive), send)


def unpack(packed: bytes) -> bytes:
    """The bytes inside a gzip body; BadRequest when it is broken or cut short, TooLarge beyond LARGEST."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        body = unpacker.decompress(packed, LARGEST + 1)
    except zlib.error as broken:
        raise BadRequest("The body is not valid gzip. Pack it again, or send it unpacked.") from broken
    if len(body) > LARGEST:
        raise TooLarge(f"The body is larger than {LARGEST} bytes when unpacked. Send fewer events at once.")
    if not unpacker.eof or unpacker.unused_data:
        raise BadRequest("The gzip body is cut short or has more after its end. Send it again.")
    return body


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise TooLarge(f"The body is larger than {LARGEST} bytes. Send fewer events at once.")
        if not message.get("more_body", False):
            return b"".join(chunks)


def _once(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def once() -> HTTPReceiveMessage:
        nonlocal sent
        if sent:
            return await receive()  # type: ignore[return-value]
        sent = True
        return HTTPRequestEvent(type="http.request", body=body, more_body=False)

    return once
