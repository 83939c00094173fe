"""W1, X1, X2: where a message goes, and what of an answer counts. On real sockets."""

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from toktra.notify import sending
from toktra.notify.sending import post
from toktra.notify.service.tries import Outcome, Outgoing

RESOLVE = socket.getaddrinfo


def message(url: str) -> Outgoing:
    return Outgoing(url, [("webhook-id", "m")], b"{}")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Addresses of made-up names, used up one by one; the last one stays."""
    known: dict[str, list[str]] = {}

    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in known:
            host = known[name].pop(0) if len(known[name]) > 1 else known[name][0]
        return RESOLVE(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "inside.test"])
async def test_no_request_goes_inside_whatever_it_is_called(
    receiver: Any, names: dict[str, list[str]], host: str
) -> None:
    names["inside.test"] = ["127.0.0.1"]
    url = receiver.url.replace("127.0.0.1", host)
    assert await post(message(url), to_private=False) == Outcome(None, "refused_address")
    assert receiver.connections == 0
    assert await post(message(url), to_private=True) == Outcome(204, None)


async def test_the_connection_goes_to_the_address_that_was_checked(
    receiver: Any, names: dict[str, list[str]]
) -> None:
    """A second look-up would lead nowhere; the receiver is asked by its name all the same."""
    names["rebinding.test"] = ["127.0.0.1", "203.0.113.1"]
    url = receiver.url.replace("127.0.0.1", "rebinding.test")
    assert await post(message(url), to_private=True, within=3) == Outcome(204, None)
    assert receiver.got[0].headers["host"].startswith("rebinding.test:")


async def test_a_redirect_is_not_followed(receive: Any) -> None:
    here, there = await receive(), await receive()
    here.answer = f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {there.url}\r\n\r\n".encode()
    assert await post(message(here.url), to_private=True) == Outcome(307, "status")
    assert there.connections == 0


async def test_no_proxy_is_asked(receive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver, proxy = await receive(), await receive()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert await post(message(receiver.url), to_private=True) == Outcome(204, None)
    assert proxy.connections == 0


async def test_of_an_answer_without_end_only_the_status_is_read(receiver: Any) -> None:
    receiver.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + b"x" * 100_000
    assert await post(message(receiver.url), to_private=True) == Outcome(200, None)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", Outcome(200, None)),
        (b"HTTP/1.1 299 Odd\r\n\r\n", Outcome(299, None)),
        (b"HTTP/1.1 300 Many\r\n\r\n", Outcome(300, "status")),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", Outcome(404, "status")),
        (b"no HTTP at all\r\n\r\n", Outcome(None, "unreachable")),
        (b"", Outcome(None, "unreachable")),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, Outcome(None, "unreachable")),
    ],
)
async def test_what_an_answer_counts_as(receiver: Any, answer: bytes, outcome: Outcome) -> None:
    receiver.answer = answer
    assert await post(message(receiver.url), to_private=True) == outcome


async def test_one_that_does_not_answer_is_not_waited_for(receiver: Any) -> None:
    receiver.answer = None
    assert await post(message(receiver.url), to_private=True, within=0.2) == Outcome(None, "timeout")


async def test_one_that_is_not_there(receive: Any) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    gone = message(f"http://127.0.0.1:{port}/")
    assert await post(gone, to_private=True) == Outcome(None, "unreachable")
    unknown = message("http://no-such-name.invalid/")
    assert await post(unknown, to_private=True) == Outcome(None, "unknown_host")


async def test_the_certificate_must_be_for_the_name(
    receive: Any, names: dict[str, list[str]], trusted: Callable[[str], ssl.SSLContext]
) -> None:
    context = trusted("receiver.test")
    sending._trust.cache_clear()
    receiver = await receive(ssl=context)
    names |= {"receiver.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}
    url = receiver.url.replace("http:", "https:")
    good = message(url.replace("127.0.0.1", "receiver.test"))
    assert await post(good, to_private=True) == Outcome(204, None)
    other = message(url.replace("127.0.0.1", "other.test"))
    assert await post(other, to_private=True) == Outcome(None, "unreachable")
    sending._trust.cache_clear()
    assert len(receiver.got) == 1
