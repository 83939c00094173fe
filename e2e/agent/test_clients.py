"""Real clients through each tap: the right host, the server's count of bytes, its own certificate."""

from collections.abc import Iterator

import pytest

from e2e.agent.clients import CURL, ask, chromium, curl, same_as_counted
from e2e.agent.names import AZURE, OTHER
from e2e.agent.tapped import Tapped, seen, tapped
from e2e.agent.tapping import REFUSED
from e2e.agent.world import World

TAPS = ("proxy", "transparent", "passive")
ENFORCING = ("proxy", "transparent")


@pytest.fixture(params=TAPS)
def tap(request: pytest.FixtureRequest, the_world: World) -> Iterator[Tapped]:
    with tapped(the_world, request.param) as running:
        yield running


@pytest.mark.parametrize("tls", ["--tlsv1.3", "--tls-max=1.2"])
@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
@pytest.mark.parametrize("size", [300, 100_000])
def test_curl(tap: Tapped, http: str, tls: str, size: int) -> None:
    """A stall in the middle of a request can look like two to the tap that only watches."""
    (tap.folder / "body").write_bytes(b"x" * size)
    words = [http, *tls.split("="), "--data-binary", f"@{tap.folder}/body"]
    url = f"https://api.openai.com/bytes/{size}"
    answer = curl(tap, *words, url, *words, url)
    assert answer.stdout == "b" * 2 * size, answer.stderr
    requests = seen(tap, 2)
    assert {one["host"] for one in requests} == {"api.openai.com"}
    assert len(requests) == 2 or tap.kind == "passive"
    same_as_counted(tap, lambda: seen(tap, 1), "api.openai.com")


def test_curl_to_another_host_is_seen_by_nobody(tap: Tapped) -> None:
    assert curl(tap, f"https://{OTHER}/bytes/5000").stdout == "b" * 5000
    assert curl(tap, f"https://{AZURE}/bytes/5000").stdout == "b" * 5000
    requests = seen(tap, 1)
    assert [one["host"] for one in requests] == [AZURE]
    same_as_counted(tap, lambda: seen(tap, 1), AZURE)


@pytest.mark.parametrize(("name", "host"), [("openai", "api.openai.com"), ("anthropic", "api.anthropic.com")])
def test_the_providers_own_sdk(tap: Tapped, name: str, host: str) -> None:
    said = ask(tap, name)
    assert said["got"][0] == said["got"][1] > 1000
    requests = seen(tap, 2)
    assert [one["host"] for one in requests] == [host] * 2
    same_as_counted(tap, lambda: seen(tap, 1), host)


def test_chromium(tap: Tapped) -> None:
    shown = chromium(tap, "https://api.openai.com/")
    assert "all was answered" in shown
    requests = seen(tap, 3)
    assert {one["host"] for one in requests} == {"api.openai.com"}
    same_as_counted(tap, lambda: seen(tap, 1), "api.openai.com")


@pytest.mark.parametrize("tap", ENFORCING, indirect=True)
def test_a_refused_client_reaches_nobody_until_it_is_allowed(tap: Tapped) -> None:
    tap.block()
    answer = curl(tap, "--http1.1", "https://api.openai.com/bytes/1000")
    assert answer.returncode != 0
    assert answer.stdout == ""
    assert "failed" in ask(tap, "openai")
    assert tap.world.accepted() == 0
    assert curl(tap, f"https://{OTHER}/bytes/1000").stdout == "b" * 1000
    tap.allow()
    assert curl(tap, "https://api.openai.com/bytes/1000").stdout == "b" * 1000
    assert len(seen(tap, 1)) == 1


def test_the_proxy_says_why(the_world: World) -> None:
    with tapped(the_world, "proxy") as tap:
        tap.block()
        told = tap.world.run(*CURL, "--include", *tap.curl, "https://api.openai.com/", check=False)
    assert "403 Forbidden" in told.stdout
    assert "403" in told.stderr
    assert REFUSED not in told.stderr


def test_curl_through_socks(the_world: World) -> None:
    with tapped(the_world, "proxy") as tap:
        authority = str(tap.world.certificates.authority)
        socks = ["--proxy", f"socks5h://127.0.0.1:{tap.port}", "--cacert", authority]
        answer = tap.world.run(*CURL, *socks, "https://api.anthropic.com/bytes/70000")
        assert answer.stdout == "b" * 70_000
        requests = seen(tap, 1)
        assert [one["host"] for one in requests] == ["api.anthropic.com"]
        same_as_counted(tap, lambda: seen(tap, 1), "api.anthropic.com")


def test_what_goes_through_the_proxy_passes_by_the_transparent_tap(the_world: World) -> None:
    with tapped(the_world, "proxy and transparent") as tap:
        assert curl(tap, "https://api.openai.com/bytes/3000").stdout == "b" * 3000
        direct = ["--noproxy", "*"]
        assert curl(tap, *direct, "https://api.anthropic.com/bytes/3000").stdout == "b" * 3000
        requests = seen(tap, 2)
    assert sorted(one["host"] for one in requests) == ["api.anthropic.com", "api.openai.com"]
