"""What clients ask the proxy for (A1, A2)."""

from collections.abc import Callable
from typing import Any

import pytest

from toktra_agent.core.asked import (
    LONGEST_HEAD,
    Head,
    Place,
    read_authority,
    read_greeting,
    read_head,
    read_socks,
)
from toktra_agent.core.outcome import NEED_MORE, Refused

HEAD = (
    b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\nProxy-Connection: keep-alive\r\n\r\n"
)
NAME = b"\x05\x01\x00\x03\x0eApi.OpenAI.com\x01\xbb"
IPV4 = b"\x05\x01\x00\x01\x0a\x00\x00\x01\x01\xbb"
IPV6 = b"\x05\x01\x00\x04" + bytes(15) + b"\x01\x01\xbb"


@pytest.mark.parametrize(
    ("read", "whole", "found"),
    [
        (read_head, HEAD, Head("CONNECT", "api.openai.com:443", len(HEAD))),
        (read_head, b"GET /proxy.pac HTTP/1.0\n\n", Head("GET", "/proxy.pac", 25)),
        (read_greeting, b"\x05\x02\x02\x00", 4),
        (read_socks, NAME, Place("api.openai.com", 443, len(NAME))),
        (read_socks, IPV4, Place("10.0.0.1", 443, len(IPV4))),
        (read_socks, IPV6, Place("::1", 443, len(IPV6))),
    ],
)
def test_a_prefix_needs_more_and_what_follows_is_ignored(
    read: Callable[[bytes], Any], whole: bytes, found: object
) -> None:
    assert [read(whole[:size]) for size in range(len(whole))] == [NEED_MORE] * len(whole)
    assert read(whole) == found
    assert read(whole + b"\x16\x03\x01 a hello") == found


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("api.openai.com:443", Place("api.openai.com", 443)),
        ("API.OpenAI.com.:8443", Place("api.openai.com", 8443)),
        ("[fd00::1]:443", Place("fd00::1", 443)),
    ],
)
def test_a_host_and_a_port(target: str, place: Place) -> None:
    assert read_authority(target) == place


@pytest.mark.parametrize(
    "target", ["", "host", "host:", ":443", "host:0", "host:65536", "a b:443", "[::1:443", "x@y:1"]
)
def test_what_is_no_host_and_port(target: str) -> None:
    assert isinstance(read_authority(target), Refused)


@pytest.mark.parametrize(
    ("read", "said", "reason"),
    [
        (read_head, b"x" * LONGEST_HEAD, "head_too_large"),
        (read_head, b"GET / HTTP/1.1\r\n" + b"x" * LONGEST_HEAD + b"\r\n\r\n", "no_http"),
        (read_head, b"hello\r\n\r\n", "no_http"),
        (read_head, b"GET / HTTP/2.0\r\n\r\n", "no_http"),
        (read_greeting, b"\x05\x01\x02", "no_method"),
        (read_greeting, b"\x05\x00", "no_method"),
        (read_socks, b"\x04" + NAME[1:], "no_socks"),
        (read_socks, b"\x05\x02" + NAME[2:], "no_command"),
        (read_socks, b"\x05\x01\x00\x02" + NAME[4:], "no_address"),
        (read_socks, b"\x05\x01\x00\x03\x00" + NAME[5:], "no_address"),
        (read_socks, b"\x05\x01\x00\x03\x03a/b\x01\xbb", "no_host_and_port"),
        (read_socks, NAME[:-2] + b"\x00\x00", "no_host_and_port"),
    ],
)
def test_what_is_refused(read: Callable[[bytes], Any], said: bytes, reason: str) -> None:
    assert read(said) == Refused(reason)


def test_the_largest_head_there_may_be() -> None:
    begin, end = b"GET / HTTP/1.1\r\nx: ", b"\r\n\r\n"
    head = begin + b"y" * (LONGEST_HEAD - len(begin) - len(end)) + end
    assert read_head(head) == Head("GET", "/", LONGEST_HEAD)
