"""GET /v1/budgets/stream, over a real connection: what it shows to whom, when it moves, when it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.app import build
from toktra.budgets import streams, telling
from toktra.kit.database import driver_of
from toktra.kit.edge import RequestLog
from toktra.kit.settings import Settings
from toktra_wire.ids import new_id

WAIT = 10


@dataclass
class Reader:
    """An open stream, asked for over ASGI as a server does, so that what is sent is seen at once."""

    sent: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    asking: Any = None
    buffer: str = ""
    comments: int = 0

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            await self.sent.put(message["body"])
            if not message.get("more_body"):
                await self.sent.put(b"")
                self.left.set()

    async def event(self) -> tuple[str, Any]:
        """The next event and its content."""
        while True:
            while "\r\n\r\n" not in self.buffer:
                self.buffer += (await asyncio.wait_for(self.sent.get(), WAIT)).decode()
            block, _, self.buffer = self.buffer.partition("\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in block.split("\r\n"))
            if "event" in lines:
                return lines["event"], json.loads(lines["data"])
            self.comments += 1

    async def until(self, name: str, good: Callable[[Any], bool]) -> Any:
        """The content of the first event of this name that is as wanted."""
        while True:
            event, content = await self.event()
            if event == name and good(content):
                return content

    async def ended(self) -> None:
        await asyncio.wait_for(self.asking, WAIT)


@pytest.fixture
async def server(
    settings: Settings, database: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Litestar]:
    """A server of its own, whose streams are quick."""
    monkeypatch.setattr(telling, "_EVERY_SECONDS", 0.05)
    async with run(build(settings)) as app:
        app.state.streams.pace = 0.05
        yield app


@asynccontextmanager
async def reading(app: Litestar, headers: dict[str, str]) -> AsyncIterator[Reader]:
    reader = Reader()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/budgets/stream",
        "raw_path": b"/v1/budgets/stream",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"accept-encoding", b"gzip")]
        + [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("toktra.test", 80),
    }
    reader.asking = asyncio.create_task(RequestLog(app)(scope, reader.receive, reader.send))  # type: ignore[arg-type]
    try:
        yield reader
    finally:
        reader.left.set()
        await reader.ended()


async def test_a_snapshot_comes_first_then_what_has_changed(purse: Any, server: Litestar) -> None:
    made = await purse.budget(limit_tokens=10_000)
    other = await purse.budget(user_id=str(purse.organization.owner.id), limit_tokens=5_000)
    async with reading(server, purse.organization.as_("owner")) as reader:
        name, levels = await reader.event()
        assert (reader.status, name) == (200, "snapshot")
        assert reader.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in reader.headers
        assert {one["id"] for one in levels} == {made["id"], other["id"]}
        for level in levels:
            budget = await purse.of(level["id"])
            assert level == {field: budget[field] for field in level}
        held = await purse.ask(1_000)
        (moved,) = await reader.until("levels", lambda levels: levels[0]["held"] == 1_000)
        assert (moved["id"], moved["remaining"]) == (made["id"], 9_000)
        await purse.use(700, hold_id=held["hold_id"])
        (moved,) = await reader.until("levels", lambda levels: levels[0]["used"] == 700)
        budget = await purse.of(made["id"])
        assert moved == {field: budget[field] for field in moved}
        await purse.change(made["id"], limit_tokens=20_000)
        await reader.until("levels", lambda levels: levels[0]["limit"] == 20_000)
        new = await purse.budget(department="Engineering", limit_tokens=1)
        await reader.until("levels", lambda levels: levels[0]["id"] == new["id"])
        await purse.call("DELETE", f"/v1/budgets/{other['id']}", status=204)
        assert await reader.until("gone", lambda _: True) == [other["id"]]


async def test_each_reader_sees_what_they_see_in_the_list(
    purse: Any, purse_of: Any, other_organization: Any, server: Litestar
) -> None:
    organization = purse.organization
    await purse.budget(limit_tokens=1_000)
    await purse.budget(department="Engineering", limit_tokens=1_000)
    await purse.budget(department="Sales", limit_tokens=1_000)
    for role in ("owner", "member"):
        await purse.budget(user_id=str(getattr(organization, role).id), limit_tokens=1_000)
    await purse_of(other_organization).budget(limit_tokens=1_000)
    seen = {}
    for role in ("owner", "manager", "member"):
        listed = await purse.call("GET", "/v1/budgets", headers=organization.as_(role))
        async with reading(server, organization.as_(role)) as reader:
            _, levels = await reader.event()
        assert {one["id"] for one in levels} == {one["id"] for one in listed["items"]}
        seen[role] = len(levels)
    assert seen == {"owner": 5, "manager": 3, "member": 3}


@pytest.mark.parametrize("kind", ["session", "api_key"])
async def test_it_ends_when_the_credential_no_longer_holds(
    client: httpx2.AsyncClient, organization: Any, server: Litestar, kind: str
) -> None:
    server.state.streams.anyway = 0.1
    headers = organization.as_("owner")
    ending: tuple[str, str] = ("DELETE", "/v1/session")
    if kind == "api_key":
        wanted = {"name": "screen", "scopes": ["budgets:read"]}
        made = (await client.post("/v1/api-keys", json=wanted, headers=headers)).json()
        headers = {"Authorization": f"Bearer {made['key']}"}
        ending = ("DELETE", f"/v1/api-keys/{made['id']}")
    async with reading(server, headers) as reader:
        assert await reader.event() == ("snapshot", [])
        client.cookies.clear()
        ended = await client.request(*ending, headers=organization.as_("owner"))
        assert ended.status_code == 204
        await reader.ended()
        assert reader.status == 200


async def test_someone_who_moves_sees_other_budgets(purse: Any, server: Litestar) -> None:
    server.state.streams.anyway = 0.1
    member = purse.organization.member
    before = await purse.budget(department="Engineering", limit_tokens=1_000)
    after = await purse.budget(department="Sales", limit_tokens=1_000)
    async with reading(server, purse.organization.as_("member")) as reader:
        _, levels = await reader.event()
        assert [one["id"] for one in levels] == [before["id"]]
        await purse.call("PATCH", f"/v1/users/{member.id}", {"department": "Sales"})
        assert await reader.until("gone", lambda _: True) == [before["id"]]
        await reader.until("levels", lambda levels: levels[0]["id"] == after["id"])


async def test_it_says_so_when_nothing_moves(organization: Any, server: Litestar) -> None:
    server.state.streams.anyway = 0.05
    server.state.streams.longest = 0.5
    async with reading(server, organization.as_("owner")) as reader:
        assert await reader.event() == ("snapshot", [])
        await reader.ended()
        sent = b"".join(reader.sent.get_nowait() for _ in range(reader.sent.qsize())).decode()
        assert sent.count(": ") >= 2
        assert "event" not in sent


async def test_its_first_line_says_when_to_come_back(organization: Any, server: Litestar) -> None:
    async with reading(server, organization.as_("owner")) as reader:
        assert await asyncio.wait_for(reader.sent.get(), WAIT) == b"retry: 3000\r\n"


async def test_l3_streams_are_bounded_and_those_that_end_make_room(
    organization: Any, server: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_STREAMS", 2)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            reader = await stack.enter_async_context(reading(server, organization.as_("owner")))
            await reader.event()
        async with reading(server, organization.as_("owner")) as reader:
            await reader.ended()
            assert (reader.status, "retry-after" in reader.headers) == (503, True)
    assert server.state.streams._open == 0
    assert server.state.streams._feeds == {}
    async with reading(server, organization.as_("owner")) as reader:
        assert await reader.event() == ("snapshot", [])


async def test_l3_streams_end_when_the_server_does(organization: Any, server: Litestar) -> None:
    async with reading(server, organization.as_("owner")) as reader:
        await reader.event()
        server.state.streams.close()
        await reader.ended()


async def test_n1_a_process_tells_at_most_once_in_a_while(
    sessions: async_sessionmaker[AsyncSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_EVERY_SECONDS", 60)
    teller, orgs = telling.Teller(), [new_id(), new_id()]
    async with sessions() as listening, sessions() as session:
        hearing, telling_on = await driver_of(listening), await driver_of(session)
        await listening.execute(text(f"LISTEN {telling.LEVELS_CHANNEL}"))
        await listening.commit()
        for told in (orgs[:1], orgs[:1], orgs):
            await teller.tell(telling_on, told)
        await session.commit()
        heard = [one.payload async for one in hearing.notifies(timeout=WAIT, stop_after=2)]
        assert heard == [str(one) for one in orgs]
        assert [one async for one in hearing.notifies(timeout=0.2)] == []
        await listening.execute(text("UNLISTEN *"))
        await listening.commit()
