"""Connects upstream: a name's addresses a quarter of a second apart, both families in turns (RFC 8305).

L1: of several connections that stand, the one that stood first is used; the others end at once.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from toktra_agent.core import said
from toktra_agent.taps.splice import End

MOST_SECONDS = 20
_HEAD_START = 0.25
_MOST_ADDRESSES = 8
_SO_MARK = 36  # Linux

Address = tuple[socket.AddressFamily, str, int]
Make = Callable[[], End]


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


async def dial(host: str, port: int, make: Make, *, mark: int = 0) -> Unreached | None:
    """Connect; `make` makes an end for each try, and learns by `made` that it stands.

    `mark`: put on the connection (Linux), so that the transparent tap lets it pass.
    """
    try:
        async with asyncio.timeout(MOST_SECONDS):
            addresses = await _addresses(host, port)
            if len(addresses) == 1:
                await _connect(addresses[0], make, mark)
            else:
                await _first(addresses, make, mark)
    except TimeoutError:
        return _TIMED_OUT
    except (socket.gaierror, UnicodeError):
        return _NO_NAME
    except OSError as failed:
        return _told(failed)
    return None


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
        return [(family, host, port)]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return _in_turns([(family, str(where[0]), port) for family, _, _, _, where in found])[:_MOST_ADDRESSES]


def _in_turns(found: Sequence[Address]) -> list[Address]:
    """The first address's family first, then one of each."""
    first = [one for one in found if one[0] == found[0][0]]
    others = [one for one in found if one[0] != found[0][0]]
    return [one for one in chain.from_iterable(zip_longest(first, others)) if one is not None]


async def _first(addresses: Sequence[Address], make: Make, mark: int) -> None:
    """Until one stands; the tries that run are given up then. OSError where none does."""
    trying: set[asyncio.Task[None]] = set()
    waiting, failed = list(addresses), OSError(errno.EHOSTUNREACH, "no address")
    try:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.create_task(_connect(waiting.pop(0), make, mark)))
            patience = _HEAD_START if waiting else None
            done, trying = await asyncio.wait(trying, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            failures = _failures(done)
            if len(failures) < len(done):
                return
            failed = failures[-1] if failures else failed
    finally:
        for task in trying:
            task.cancel()
    raise failed


def _failures(done: Iterable[asyncio.Task[None]]) -> list[OSError]:
    failures = []
    for task in done:
        why = task.exception()
        if isinstance(why, OSError):
            failures.append(why)
        elif why is not None:
            raise why
    return failures


async def _connect(address: Address, make: Make, mark: int) -> None:
    loop = asyncio.get_running_loop()
    family, host, port = address
    if not mark:
        await loop.create_connection(make, host, port, family=family)
        return
    marked = socket.socket(family, socket.SOCK_STREAM)
    try:
        marked.setblocking(False)
        marked.setsockopt(socket.SOL_SOCKET, _SO_MARK, mark)
        await loop.sock_connect(marked, (host, port))
        await loop.create_connection(make, sock=marked)
    except BaseException:
        marked.close()
        raise
