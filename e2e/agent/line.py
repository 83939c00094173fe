"""The line between a device and the Toktra server: it begins on the device's own loopback, under the server's
port, and records what goes through it.
"""

import ctypes
import os
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_GZIP = b"\x1f\x8b\x08"
_MOST = 64 * 1024


@dataclass(slots=True)
class Line:
    """Every byte that the device sent, and that it got."""

    sent: list[bytes] = field(default_factory=list)
    got: list[bytes] = field(default_factory=list)

    def said(self) -> bytes:
        """What the device sent, with every body that was compressed in plain beside it."""
        return b"".join(_plain(b"".join(list(self.sent))))

    def heard(self) -> bytes:
        return b"".join(_plain(b"".join(list(self.got))))


def _plain(came: bytes) -> Iterator[bytes]:
    yield came
    at = came.find(_GZIP)
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(31).decompress(came[at:])
        at = came.find(_GZIP, at + 1)


@contextmanager
def line(namespace: str, port: int) -> Iterator[Line]:
    """It stands until left, and until the devices on it have gone."""
    recorded, listening = Line(), _listening(namespace, port)
    accepting = threading.Thread(target=_accept, args=(listening, port, recorded))
    accepting.start()
    try:
        yield recorded
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _listening(namespace: str, port: int) -> socket.socket:
    """A thread of its own goes there: a socket stays in the network it was made in."""
    made: list[socket.socket] = []

    def make() -> None:
        there = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(there, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"{namespace} cannot be entered")
            made.append(socket.create_server(("127.0.0.1", port)))
        finally:
            os.close(there)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def _accept(listening: socket.socket, port: int, recorded: Line) -> None:
    serving: list[threading.Thread] = []
    with listening, suppress(OSError):
        while True:
            device, _ = listening.accept()
            serving.append(threading.Thread(target=_serve, args=(device, port, recorded)))
            serving[-1].start()
    for thread in serving:
        thread.join()


def _serve(device: socket.socket, port: int, recorded: Line) -> None:
    with device, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_pass_on, args=(server, device, recorded.got))
        back.start()
        _pass_on(device, server, recorded.sent)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket, recorded: list[bytes]) -> None:
    with suppress(OSError):
        while came := source.recv(_MOST):
            recorded.append(came)
            target.sendall(came)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
