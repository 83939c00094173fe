"""The server's address, clock and refusals (N1 to N3)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from toktra_agent.server.contact import (
    Contact,
    WrongAddress,
    checked_address,
    client_for,
    problem_of,
    sentence_of,
)

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://toktra.example.com", "https://toktra.example.com"),
        (" https://toktra.example.com/ ", "https://toktra.example.com"),
        ("https://example.com:8443/toktra/", "https://example.com:8443/toktra"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_kept_as_it_is_meant(given: str, kept: str) -> None:
    assert checked_address(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "toktra.example.com",
        "ftp://toktra.example.com",
        "https://",
        "https://host:0",
        "https://host:99999",
        "https://[::1",
        "https://me:secret@toktra.example.com",
        "https://toktra.example.com/?a=1",
        "https://toktra.example.com/#a",
        "https://toktra\x00.example.com",
        "https://töktra..example.com",
    ],
)
def test_what_is_no_address_is_told_what_one_looks_like(given: str) -> None:
    with pytest.raises(WrongAddress, match="It looks like https:"):
        checked_address(given)


@pytest.mark.parametrize(
    "given", ["http://toktra.example.com", "http://10.0.0.7:8000", "http://127.0.0.1.example.com"]
)
def test_http_is_for_this_machine_unless_said_plainly(given: str) -> None:
    """N1."""
    with pytest.raises(WrongAddress, match="--insecure"):
        checked_address(given)
    assert checked_address(given, insecure=True) == given


async def test_certificates_are_verified_and_redirects_not_followed() -> None:
    """N1."""
    async with client_for("https://toktra.example.com", Contact(lambda: AT)) as client:
        context = client._transport._pool._ssl_context  # type: ignore[attr-defined]
        assert context is not None
        assert context.check_hostname
        assert not client.follow_redirects


@pytest.mark.parametrize(
    ("off", "ahead"),
    [
        (timedelta(seconds=5), timedelta()),
        (timedelta(seconds=-5), timedelta()),
        (timedelta(seconds=6), timedelta(seconds=6)),
        (timedelta(days=-400), timedelta(days=-400)),
    ],
)
async def test_the_servers_clock_counts_once_it_is_clearly_another(off: timedelta, ahead: timedelta) -> None:
    """N3."""
    contact = Contact(lambda: AT)
    await contact.hear(httpx2.Response(200, headers={"date": format_datetime(AT + off, usegmt=True)}))
    assert (contact.ahead, contact.now(), contact.last_at) == (ahead, AT + ahead, AT + ahead)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 02 Nov 2026 09:30:00 -0000"])
async def test_an_answer_without_a_date_says_nothing_about_clocks(date: str | None) -> None:
    contact = Contact(lambda: AT, ahead=timedelta(hours=1))
    await contact.hear(httpx2.Response(200, headers={} if date is None else {"date": date}))
    assert (contact.ahead, contact.last_at) == (timedelta(hours=1), None)


async def test_silence_is_over_with_the_first_answer_and_troubles_with_their_own() -> None:
    contact = Contact(lambda: AT)
    contact.fails("events", "Events are not taken.")
    contact.fails("access", "This device was revoked.")
    assert contact.worst == "This device was revoked."
    async with client_for("https://toktra.example.com", contact) as client:
        contact.lost(httpx2.ConnectError("no route to https://toktra.example.com/v1/secret"), client)
    assert contact.worst == "Nobody answers at toktra.example.com (ConnectError)."
    await contact.hear(httpx2.Response(500))
    assert contact.worst == "This device was revoked."
    contact.works("access")
    contact.works("preflight")
    assert contact.worst == "Events are not taken."


def answer(status: int, content: bytes, **headers: str) -> httpx2.Response:
    request = httpx2.Request("POST", "https://toktra.example.com/v1/events?secret=1")
    return httpx2.Response(status, content=content, headers=headers, request=request)


def test_the_apis_own_words_are_passed_on_and_others_are_not() -> None:
    """N2."""
    refused = answer(401, b'{"error": "unauthorized", "message": "Enrol again.", "details": {}}')
    assert problem_of(refused) is not None
    assert sentence_of(refused) == "Enrol again."
    for strange in (answer(502, b"<html>secret"), answer(200, b"[]"), answer(400, b'{"error": 1}')):
        assert problem_of(strange) is None
        assert "is not a Toktra server" in sentence_of(strange)
        assert "secret" not in sentence_of(strange)
    assert "sends on" in sentence_of(answer(308, b"", location="https://elsewhere.example"))
