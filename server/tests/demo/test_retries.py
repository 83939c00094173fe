"""Asking until there is an answer (R1, R2)."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.demo import retries
from toktra.demo.retries import Refused, Unreachable, as_key, check, client_for, explain, insist, wait_seconds

FORBIDDEN = {"error": "forbidden", "message": "No.", "details": {}, "request_id": ""}
chances = st.floats(0, 1)


@given(st.integers(0, 10_000), chances)
def test_r2_waits_grow_and_stay_capped(repeat: int, chance: float) -> None:
    assert 0 < wait_seconds(repeat, None, chance) <= retries.LONGEST_SECONDS
    assert wait_seconds(repeat + 1, None, chance) >= wait_seconds(repeat, None, chance)


@given(st.integers(0, 10_000), st.integers(0, 10**9), chances)
def test_r2_it_is_never_sooner_than_asked(repeat: int, asked: int, chance: float) -> None:
    wait = wait_seconds(repeat, str(asked), chance)
    assert wait > min(asked, retries.LONGEST_ASKED_SECONDS)
    assert wait <= retries.LONGEST_ASKED_SECONDS + retries.LONGEST_SECONDS


@pytest.mark.parametrize("header", ["", "soon", "-1", "1.5", "٣", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_is_left_aside(header: str) -> None:
    assert wait_seconds(0, header, 0.5) == wait_seconds(0, None, 0.5)


def _answering(*answers: int | Exception) -> tuple[httpx2.AsyncClient, list[int]]:
    """A client of a server that gives these answers, and how often it was asked."""
    asked: list[int] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(1)
        now = answers[min(len(asked), len(answers)) - 1]
        if isinstance(now, Exception):
            raise now
        return httpx2.Response(now, headers={"retry-after": "0"})

    transport = httpx2.MockTransport(answer)
    return httpx2.AsyncClient(transport=transport, base_url="http://toktra.test"), asked


@pytest.fixture
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.0)


@pytest.mark.parametrize("lost", [429, 500, 502, 503, httpx2.ConnectError("no"), httpx2.ReadTimeout("slow")])
@pytest.mark.usefixtures("_no_waits")
async def test_r1_what_is_no_answer_is_repeated(lost: int | Exception) -> None:
    client, asked = _answering(lost, lost, 200)
    told: list[str] = []
    response = await insist(lambda: client.get("/"), tell=told.append)
    assert (response.status_code, len(asked), len(told)) == (200, 3, 2)


@pytest.mark.parametrize("answer", [200, 301, 400, 401, 403, 404, 409, 413, 422])
async def test_r1_every_other_answer_is_one(answer: int) -> None:
    client, asked = _answering(answer)
    assert (await insist(lambda: client.get("/"))).status_code == answer
    assert len(asked) == 1


@pytest.mark.usefixtures("_no_waits")
async def test_with_a_limit_it_gives_up() -> None:
    client, asked = _answering(503)
    with pytest.raises(Unreachable):
        await insist(lambda: client.get("/"), most=4)
    assert len(asked) == 4


async def test_a_request_that_cannot_be_sent_is_not_repeated() -> None:
    client, asked = _answering(httpx2.LocalProtocolError("bad header"))
    with pytest.raises(httpx2.LocalProtocolError):
        await insist(lambda: client.get("/"))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (
            httpx2.Response(403, json=FORBIDDEN),
            "No.",
        ),
        (httpx2.Response(404, text="<html>"), "not as Toktra does"),
        (httpx2.Response(308, headers={"location": "https://other.example"}), "https://other.example"),
    ],
)
def test_what_a_server_says_is_passed_on(response: httpx2.Response, says: str) -> None:
    response.request = httpx2.Request("GET", "http://toktra.test/")
    assert says in explain(response)
    with pytest.raises(Refused, match=says) as refused:
        check(response)
    assert refused.value.status == response.status_code


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://localhost", "http://", "http://[", "http://a:99999", ""]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Unreachable, match="it must look like"):
        client_for(url)


@pytest.mark.parametrize("key", ["", "  ", "two words", "tk_key_\n1", "tk_kéy"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="not an API key"):
        as_key(key)


def test_a_key_may_have_a_line_break_after_it() -> None:
    assert as_key("tk_key_1\n") == "tk_key_1"
