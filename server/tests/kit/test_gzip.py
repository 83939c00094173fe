"""Packed bodies (Z1)."""

import gzip
import json
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.kit.errors import BadRequest, TooLarge
from toktra.kit.gzip import LARGEST, unpack
from toktra_wire.ids import new_id

PACKED = gzip.compress(b"usage " * 100)


@given(st.binary(max_size=2000))
def test_what_was_packed_is_unpacked(body: bytes) -> None:
    assert unpack(gzip.compress(body)) == body


def test_the_largest_body_is_unpacked_and_one_byte_more_is_not() -> None:
    assert len(unpack(gzip.compress(bytes(LARGEST)))) == LARGEST
    with pytest.raises(TooLarge):
        unpack(gzip.compress(bytes(LARGEST + 1)))


def test_a_bomb_is_too_large() -> None:
    bomb = gzip.compress(bytes(64 * LARGEST))
    assert len(bomb) < LARGEST
    with pytest.raises(TooLarge):
        unpack(bomb)


@pytest.mark.parametrize("cut", range(len(PACKED)))
def test_a_body_cut_short_anywhere_is_refused(cut: int) -> None:
    with pytest.raises(BadRequest):
        unpack(PACKED[:cut])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PACKED + b"x", id="trailing garbage"),
        pytest.param(PACKED + PACKED, id="a second body"),
        pytest.param(PACKED[:-8] + bytes(8), id="wrong checksum"),
        pytest.param(b"{}", id="not packed at all"),
    ],
)
def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        unpack(body)


@pytest.fixture
def post(client: httpx2.AsyncClient, organization: Any) -> Any:
    async def post(path: str, content: bytes, encoding: str = "gzip") -> httpx2.Response:
        headers = {**organization.api_key, "Content-Type": "application/json", "Content-Encoding": encoding}
        return await client.post(path, content=content, headers=headers)

    return post


async def test_events_are_taken_packed(post: Any, event: Any) -> None:
    answer = await post("/v1/events", gzip.compress(json.dumps({"events": [event()]}).encode()))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


async def test_other_routes_take_packed_bodies_too(post: Any) -> None:
    name = new_id().hex
    answer = await post("/v1/departments", gzip.compress(b'{"name": "%s"}' % name.encode()))
    assert (answer.status_code, answer.json()["name"]) == (201, name)


async def test_identity_is_the_body_as_it_is(post: Any) -> None:
    assert (await post("/v1/departments", b'{"name": "Plain"}', "identity")).status_code == 201


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        pytest.param(gzip.compress(bytes(64 * LARGEST)), "gzip", 413, id="bomb"),
        pytest.param(PACKED[:-3], "gzip", 400, id="truncated"),
        pytest.param(PACKED + b"!", "gzip", 400, id="trailing garbage"),
        pytest.param(b"", "gzip", 400, id="empty"),
        pytest.param(b"{}", "br", 400, id="brotli"),
        pytest.param(PACKED, "gzip, gzip", 400, id="twice"),
        pytest.param(PACKED, "GZIP", 400, id="json inside is broken, the name's case does not matter"),
    ],
)
async def test_a_broken_packed_body_is_a_clear_error(
    post: Any, content: bytes, encoding: str, status: int
) -> None:
    answer = await post("/v1/events", content, encoding)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == {400: "bad_request", 413: "too_large"}[status]


async def test_unpacking_does_not_lift_a_route_s_own_limit(post: Any) -> None:
    answer = await post("/v1/departments", gzip.compress(b'{"name": "' + b"x" * 300_000 + b'"}'))
    assert answer.status_code == 413
