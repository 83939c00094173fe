"""A load generator as cheap as it can be made, so that the server shows: bytes over kept-alive connections."""

import asyncio
import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

import uvloop

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: how long it took, and how long each request, in seconds."""

    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


def post(path: str, token: str, body: bytes | Mapping[str, Any]) -> bytes:
    """One request, ready to be sent."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (
        b"POST %b HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b"
        % (path.encode(), token.encode(), len(sent), sent)
    )


def send(port: int, requests: Sequence[bytes], *, connections: int, expected: bytes) -> Measured:
    """Send every request, one after another on each connection; each answer is 200 and has `expected` in it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_send(port, requests, connections, expected))


async def _send(port: int, requests: Sequence[bytes], connections: int, expected: bytes) -> Measured:
    loop = asyncio.get_running_loop()
    waiting, latencies = iter(requests), list[float]()
    began = perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(waiting, latencies, expected), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    return Measured(perf_counter() - began, latencies)


class _Connection(asyncio.Protocol):
    """Sends what waits, one request at a time."""

    def __init__(self, waiting: Iterator[bytes], latencies: list[float], expected: bytes) -> None:
        self._waiting = waiting
        self._latencies = latencies
        self._expected = expected
        self._received = b""
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ended, body = self._received.partition(_END_OF_HEAD)
        if not ended or len(body) < _length(head):
            return
        self._latencies.append(perf_counter() - self._began)
        self._received = b""
        if head.startswith(b"HTTP/1.1 200") and self._expected in body:
            self._next()
        else:
            self._end(RuntimeError(f"{head!r} {body[:300]!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._end(exc or ConnectionResetError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._waiting, None)
        if request is None:
            self._end(None)
            return
        self._began = perf_counter()
        self._transport.write(request)

    def _end(self, failed: Exception | None) -> None:
        if failed is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(failed)
        self._transport.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
