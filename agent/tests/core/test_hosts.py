"""Whose a host is, as the server says it (O1), and what host a hello stands for (O2, O3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.metering.catalog import PROVIDERS, provider_of
from toktra_agent.core.hello import Hello
from toktra_agent.core.hosts import FRONTS, Hosts, host_of
from toktra_agent.core.watching import UNKNOWN_HOST
from toktra_wire.config import ProviderHost

PATTERNS = [ProviderHost(pattern, each.id) for each in PROVIDERS for pattern in each.hosts]
HOSTS = Hosts(PATTERNS)
STAR = st.text("abc.-", max_size=12)
NEAR = [
    "",
    ".",
    "*",
    "openai.azure.com",
    ".openai.azure.com",
    "evil-aiplatform.googleapis.com",
    "-aiplatform.googleapis.com",
    "maps.googleapis.com",
    "bedrock-runtime.amazonaws.com",
    "bedrock-runtime..amazonaws.com",
    "api.openai.com.evil.test",
    "evilapi.openai.com",
    UNKNOWN_HOST,
    *FRONTS,
]


def id_on_server(host: str) -> str | None:
    found = provider_of(host)
    return found.id if found else None


@pytest.mark.parametrize("pattern", [each.pattern for each in PATTERNS])
@given(star=STAR, before=STAR, after=STAR)
def test_o1_hosts_of_a_pattern_and_around_it_are_whose_the_server_says(
    pattern: str, star: str, before: str, after: str
) -> None:
    host = pattern.replace("*", star)
    for spelled in (
        host,
        host.upper(),
        f"{host}.",
        f"{host}..",
        before + host,
        host + after,
        host[1:],
        host[:-1],
    ):
        assert HOSTS.provider_of(spelled) == id_on_server(spelled)


@pytest.mark.parametrize("host", NEAR)
def test_o1_look_alikes_are_whose_the_server_says(host: str) -> None:
    assert HOSTS.provider_of(host) == id_on_server(host)


def test_o1_nothing_is_watched_by_itself() -> None:
    assert Hosts([]).provider_of("api.openai.com") is None
    assert HOSTS.provider_of("api.openai.com") == "openai"


def test_o1_of_patterns_that_match_the_first_counts() -> None:
    wide, narrow = ProviderHost("*.example", "wide"), ProviderHost("a.example", "narrow")
    assert Hosts([wide, narrow]).provider_of("a.example") == "wide"
    assert Hosts([narrow, wide]).provider_of("a.example") == "narrow"


FRONT = "cloudflare-ech.com"


@pytest.mark.parametrize(
    ("name", "encrypted", "host"),
    [
        ("claude.ai", False, "claude.ai"),
        ("claude.ai", True, "claude.ai"),  # O2
        ("news.example", False, "news.example"),
        ("news.example", True, "news.example"),
        (FRONT, True, UNKNOWN_HOST),  # O3
        (FRONT, False, FRONT),
        (None, True, UNKNOWN_HOST),
        (None, False, ""),
    ],
)
def test_o2_o3_the_host_of_a_hello(name: str | None, encrypted: bool, host: str) -> None:
    assert host_of(Hello(name, ("h2",), encrypted), HOSTS) == host
    assert HOSTS.provider_of(UNKNOWN_HOST) is None


def test_o2_a_front_that_is_watched_counts_as_it_stands() -> None:
    watched = Hosts([ProviderHost(FRONT, "front")])
    assert host_of(Hello(FRONT, (), encrypted=True), watched) == FRONT
