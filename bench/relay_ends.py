"""The two ends of relayed traffic: what looks like TLS from outside, with nothing encrypted, so that neither end is slow.

The client's first record says how many bytes of answer it wants. `python -m bench.relay_ends` serves, and says its
two ports: one for many small exchanges, one for long answers.
"""

import asyncio
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from time import perf_counter
from typing import cast

import uvloop

HOST = "127.0.0.1"  # by address: no relay looks up a name
REQUEST = 300
ANSWER = 1_000
_RECORD = 16_384
_SEALED = 24
_ACKNOWLEDGED = b"HTTP/1.1 200"
Connect = Callable[[], socket.socket]


def record(size: int, begin: bytes = b"") -> bytes:
    """Application data of so many bytes."""
    return b"\x17\x03\x03" + (size + _SEALED).to_bytes(2) + begin + bytes(size + _SEALED - len(begin))


def hello() -> bytes:
    """A real client hello."""
    out = ssl.MemoryBIO()
    wanting = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname=HOST)
    try:
        wanting.do_handshake()
    except ssl.SSLWantReadError:
        return out.read()
    raise AssertionError("a handshake without a server")


def server_hello() -> bytes:
    """TLS 1.2, AES-GCM."""
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\xc0\x2f" + b"\x00" + b"\x00\x00"
    message = b"\x02" + len(body).to_bytes(3) + body
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message


def request(answer: int) -> bytes:
    return record(REQUEST, answer.to_bytes(8))


HELLO, SERVER_HELLO = hello(), server_hello()
_SMALL = record(ANSWER)
_LONG = record(_RECORD) * 64


class Small(asyncio.Protocol):
    """Answers each request at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self._left = len(HELLO) + len(request(0))
        self._answer = SERVER_HELLO + _SMALL

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left <= 0:
            self._transport.write(self._answer)
            self._left, self._answer = len(request(0)), _SMALL


def serve_long(listening: socket.socket) -> None:
    """A thread for each connection."""
    while True:
        accepted, _ = listening.accept()
        threading.Thread(target=_answer_long, args=(accepted,), daemon=True).start()


def _answer_long(accepted: socket.socket) -> None:
    with accepted:
        asked = b""
        while len(asked) < len(HELLO) + len(request(0)):
            asked += accepted.recv(65_536)
        wanted = int.from_bytes(asked[len(HELLO) + 5 : len(HELLO) + 13])
        accepted.sendall(SERVER_HELLO)
        while wanted > 0:
            accepted.sendall(memoryview(_LONG)[:wanted])
            wanted -= len(_LONG)


async def main() -> None:
    """Serve until killed."""
    long = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve_long, args=(long,), daemon=True).start()
    small = await asyncio.get_running_loop().create_server(Small, "127.0.0.1", 0, backlog=1024)
    print(small.sockets[0].getsockname()[1], long.getsockname()[1], flush=True)
    await small.serve_forever()


def long_answer(connect: Connect, size: int) -> float:
    """Bytes a second of one long answer."""
    with connect() as client:
        client.sendall(HELLO + request(size))
        buffer, left = bytearray(1 << 20), size + len(SERVER_HELLO)
        began = perf_counter()
        while left > 0:
            left -= _received(client, buffer)
        return size / (perf_counter() - began)


def exchanges(connect: Connect, count: int) -> list[float]:
    """Seconds of each of so many small exchanges on one connection."""
    with connect() as client:
        buffer, took = bytearray(65_536), []
        client.sendall(HELLO + request(ANSWER))
        _receive(client, buffer, len(SERVER_HELLO) + len(_SMALL))
        asked = request(ANSWER)
        for _ in range(count):
            began = perf_counter()
            client.sendall(asked)
            _receive(client, buffer, len(_SMALL))
            took.append(perf_counter() - began)
        return took


def connections(port: int, ask: bytes, count: int, at_once: int) -> float:
    """Connections a second: each is opened, asks (`ask`, a CONNECT, first where there is one), hears, closes."""
    left, began = count, perf_counter()
    with selectors.DefaultSelector() as waiting:
        for _ in range(min(at_once, count)):
            _open(waiting, port, ask)
            left -= 1
        while waiting.get_map():
            for key, _ in waiting.select():
                if _over(waiting, key, ask) and left:
                    _open(waiting, port, ask)
                    left -= 1
    return count / (perf_counter() - began)


def _open(waiting: selectors.BaseSelector, port: int, ask: bytes) -> None:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(ask or HELLO + request(ANSWER))
    waiting.register(client, selectors.EVENT_READ, [bool(ask), len(SERVER_HELLO) + len(_SMALL)])


def _over(waiting: selectors.BaseSelector, key: selectors.SelectorKey, ask: bytes) -> bool:
    """Take what came; whether that was all."""
    client, state = cast(socket.socket, key.fileobj), key.data
    came = client.recv(65_536)
    if not came:
        raise ConnectionError("closed before the answer was whole")
    if state[0]:
        if not came.startswith(_ACKNOWLEDGED):
            raise ConnectionError(came[:200].decode("latin-1"))
        state[0] = False
        client.sendall(HELLO + request(ANSWER))
        return False
    state[1] -= len(came)
    if state[1] > 0:
        return False
    waiting.unregister(client)
    client.close()
    return True


def _receive(client: socket.socket, buffer: bytearray, size: int) -> None:
    while size > 0:
        size -= _received(client, buffer)


def _received(client: socket.socket, buffer: bytearray) -> int:
    came = client.recv_into(buffer)
    if not came:
        raise ConnectionError("closed before the answer was whole")
    return came


if __name__ == "__main__":
    uvloop.run(main())
