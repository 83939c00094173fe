"""Pages and their cursors (P1, P2)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit import pages
from toktra.kit.errors import Invalid
from toktra.kit.pages import Page, decode_cursor, encode_cursor, page_by_id, page_of
from toktra.kit.work import IdempotentAnswer
from toktra_wire.ids import new_id

TEXT = st.text(alphabet=st.characters(codec="utf-8"))
INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(st.tuples(INSTANTS, st.uuids(), TEXT))
def test_a_cursor_comes_back_as_its_position(position: tuple[datetime, UUID, str]) -> None:
    cursor = encode_cursor(position)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?#% ")
    assert decode_cursor(cursor, tuple[datetime, UUID, str]) == position


@given(st.one_of(st.text(), st.binary().map(lambda raw: encode_cursor(raw.hex()))))
def test_any_other_text_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor, tuple[datetime, UUID])


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_a_page_has_at_most_its_limit_and_says_whether_there_is_more(rows: list[int], limit: int) -> None:
    page = page_of(rows[: limit + 1], str, limit=limit, position=lambda row: row, total=len(rows))
    assert page.items == [str(row) for row in rows[:limit]]
    assert page.has_more is (len(rows) > limit)
    assert (page.next_cursor is not None) is page.has_more


@pytest.fixture
def listing(session: AsyncSession, now: datetime) -> Callable[..., Any]:
    """Pages of a list of the test's own: the rows of some table under a fresh organisation."""
    org_id = new_id()

    async def add(count: int) -> set[UUID]:
        ids = {new_id() for _ in range(count)}
        for made in ids:
            session.add(_row(org_id, made, now))
        await session.flush()
        return ids

    async def page(cursor: str | None, limit: int) -> Page[UUID]:
        mine = select(IdempotentAnswer).where(IdempotentAnswer.org_id == org_id)
        key = IdempotentAnswer.credential_id
        return await page_by_id(session, mine, key, lambda row: row.credential_id, cursor=cursor, limit=limit)

    page.add = add  # type: ignore[attr-defined]
    return page


def _row(org_id: UUID, made: UUID, now: datetime) -> IdempotentAnswer:
    return IdempotentAnswer(
        org_id=org_id,
        credential_id=made,
        key="k",
        fingerprint=b"",
        status=200,
        sealed_body=b"",
        created_at=now,
    )


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
async def test_walking_yields_each_once_while_rows_are_added(listing: Any, limit: int) -> None:
    there = await listing.add(7)
    walked: list[UUID] = []
    cursor = None
    for _ in range(8):
        page = await listing(cursor, limit)
        walked += page.items
        if not page.has_more:
            break
        await listing.add(2)
        cursor = page.next_cursor
    assert page.next_cursor is None
    assert walked == sorted(there, reverse=True)


async def test_a_list_of_exactly_one_page_has_no_more(listing: Any) -> None:
    await listing.add(3)
    assert await listing(None, 3) == Page(
        sorted((await listing(None, 3)).items, reverse=True), None, False, 3
    )


async def test_counting_stops(listing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "COUNT_LIMIT", 4)
    await listing.add(6)
    assert (await listing(None, 2)).total_count == 4


LISTS = [
    "/v1/users",
    "/v1/usage",
    "/v1/api-keys",
    "/v1/oauth/clients",
    "/v1/devices",
    "/v1/enrollment-tokens",
]
FORGED = {
    "not base64": "!!!",
    "not json": "AAAA",
    "another list's": encode_cursor({"position": 1}),
    "sql": encode_cursor("' OR 1=1 --"),
    "a nul": encode_cursor(
        [datetime(2026, 1, 1, tzinfo=UTC), UUID(int=1), UUID(int=1), "\0", "m", "estimated"]
    ),
    "beyond unicode": "\u00e9\u20ac",
    "deep": encode_cursor(None)[:2] + "W1tb" * 200,
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_cursor_is_a_422(
    client: httpx2.AsyncClient, organization: Any, path: str, kind: str
) -> None:
    answer = await client.get(path, params={"cursor": FORGED[kind]}, headers=organization.api_key)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"] == "invalid"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5", "", "99999999999999999999"])
async def test_a_wrong_limit_is_a_422(
    client: httpx2.AsyncClient, organization: Any, path: str, limit: str
) -> None:
    answer = await client.get(path, params={"limit": limit}, headers=organization.api_key)
    assert answer.status_code == 422, answer.text
    assert answer.json()["details"]["field"] == "limit"
