"""Connects upstream: a name's addresses a quarter of a second apart, both families in turns (RFC 8305)."""

import asyncio
import errno
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

from toktra_agent.core import said

MOST_SECONDS = 20
_HEAD_START = 0.25
_MOST_ADDRESSES = 8
_SO_MARK = 36  # Linux; Python's socket module names it from 3.11 on where it was built with it

Address = tuple[socket.AddressFamily, Any]


@dataclass(frozen=True, slots=True)
class Unreached:
    """No connection: as HTTP says it, as SOCKS says it, and as a person reads it."""

    status: int
    socks: int
    sentence: str


_NO_NAME = Unreached(502, said.UNREACHABLE, "The host's name could not be found.\n")
_TIMED_OUT = Unreached(504, said.EXPIRED, "The host did not answer in time.\n")
_REFUSED = Unreached(502, said.REFUSED, "The host refused the connection.\n")
_FAILED = Unreached(502, said.UNREACHABLE, "The host could not be reached.\n")


async def dial(host: str, port: int, *, mark: int = 0) -> socket.socket | Unreached:
    """A connected socket. `mark`: put on it (Linux), so that the transparent tap lets it pass."""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await _first(await _addresses(host, port), mark)
    except TimeoutError:
        return _TIMED_OUT
    except (socket.gaierror, UnicodeError):
        return _NO_NAME
    except OSError as failed:
        return _told(failed)


def _told(failed: OSError) -> Unreached:
    if isinstance(failed, ConnectionRefusedError):
        return _REFUSED
    return _TIMED_OUT if failed.errno == errno.ETIMEDOUT else _FAILED


async def _addresses(host: str, port: int) -> Sequence[Address]:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return [(family, (host, port))]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(_in_turns((family, address) for family, _, _, _, address in found))[:_MOST_ADDRESSES]


def _in_turns(found: Iterable[Address]) -> Iterable[Address]:
    """The first address's family first, then one of each."""
    listed = list(found)
    first = [one for one in listed if one[0] == listed[0][0]]
    others = [one for one in listed if one[0] != listed[0][0]]
    return (one for one in chain.from_iterable(zip_longest(first, others)) if one is not None)


async def _first(addresses: Sequence[Address], mark: int) -> socket.socket:
    """The first connection that stands; the others are given up."""
    if len(addresses) == 1:
        return await _connect(addresses[0], mark)
    trying: set[asyncio.Task[socket.socket]] = set()
    failed: OSError = OSError(errno.EHOSTUNREACH, "no address")
    waiting = list(addresses)
    try:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.create_task(_connect(waiting.pop(0), mark)))
            patience = _HEAD_START if waiting else None
            done, trying = await asyncio.wait(trying, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            stands, why = _sorted_out(done)
            failed = why or failed
            if stands is not None:
                return stands
    finally:
        for task in trying:
            task.add_done_callback(_give_up)
            task.cancel()
    raise failed


def _sorted_out(
    done: Iterable[asyncio.Task[socket.socket]],
) -> tuple[socket.socket | None, OSError | None]:
    """One that stands, of those tried to the end, and why another does not. A second one is closed."""
    stands: socket.socket | None = None
    failed: OSError | None = None
    for task in done:
        why = task.exception()
        if isinstance(why, OSError):
            failed = why
        elif why is not None:
            raise why
        elif stands is None:
            stands = task.result()
        else:
            task.result().close()
    return stands, failed


def _give_up(task: asyncio.Task[socket.socket]) -> None:
    """What had come to stand meanwhile is closed."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connect(address: Address, mark: int) -> socket.socket:
    family, where = address
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if mark:
            made.setsockopt(socket.SOL_SOCKET, _SO_MARK, mark)
        await asyncio.get_running_loop().sock_connect(made, where)
    except BaseException:
        made.close()
        raise
    return made
