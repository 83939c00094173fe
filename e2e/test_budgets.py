"""Three servers, one database: budgets admit what there is room for, exactly, whoever dies (B1, B2, B3)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import httpx2
import psycopg

from e2e.devices import enroll
from e2e.installation import Installation, installation
from toktra.budgets.ledger.recount import Difference, recount
from toktra.kit.database import connection_options, conninfo, locate
from toktra_wire.ids import new_id

SERVERS = 3
CLIENTS = 64
ASKS_OF_EACH = 2
ROOM = 40
TOKENS = 1_000
AMPLE = 1_000_000_000
SCOPES: Sequence[dict[str, str]] = ({}, {"department": "Division"}, {"department": "Division / Team 0"})
HOLD_SECONDS = 20
KILLED_AFTER = (15, 60)


async def test_three_servers_admit_exactly_what_there_is_room_for() -> None:
    """B1: whichever of the three hard caps is the tightest."""
    with three_servers() as servers:
        company = Company(servers, enroll(servers[0], CLIENTS, under="Division", teams=1))
        company.cap()
        for tightest in range(len(SCOPES)):
            for _ in range(2):
                company.leave_room(tightest, ROOM * TOKENS)
                admitted = admitted_of(await company.storm())
                assert len(admitted) == ROOM
                await company.settle(admitted[::2], tokens=700)
                company.check(used=700 * len(company.settled), held=TOKENS * (ROOM // 2) * company.storms)
        assert await company.recounted() == []


async def test_killed_servers_never_admit_more_and_lapsed_holds_leave_none_fewer() -> None:
    """B1, B2, B3: two of three servers are killed while 64 clients ask; some of those never ask again."""
    with three_servers(hold_seconds=HOLD_SECONDS) as servers:
        company = Company(servers, enroll(servers[0], CLIENTS, under="Division", teams=1))
        company.cap()
        company.leave_room(1, ROOM * TOKENS)
        began = monotonic()
        answers = await company.storm(kill=servers[:2])
        admitted = admitted_of(answers)
        assert 0 < len(admitted) <= ROOM
        assert await company.ask_again(answers) == answers
        await company.settle(admitted[::3], tokens=TOKENS)
        assert monotonic() - began < HOLD_SECONDS, "holds may have lapsed: too slow to say anything"
        for killed in servers[:2]:
            killed.start()
        await asyncio.sleep(HOLD_SECONDS + 1)
        left = admitted_of(await company.storm())
        assert len(left) == ROOM - len(company.settled)
        await company.settle(left, tokens=TOKENS)
        company.check(used=ROOM * TOKENS, held=0)
        assert await company.recounted() == []


@contextmanager
def three_servers(*, hold_seconds: int = 600) -> Iterator[list[Installation]]:
    """Processes of their own, on one database."""
    with installation(hold_seconds=str(hold_seconds)) as first, ExitStack() as others:
        yield [first, *(others.enter_context(first.beside()) for _ in range(SERVERS - 1))]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was asked for: by which client, under which key, and the answer."""

    client: int
    key: str
    answer: dict[str, Any]


def admitted_of(answers: Sequence[Asked]) -> list[Asked]:
    return [one for one in answers if one.answer["decision"] != "block"]


@dataclass
class Company:
    """64 clients in one team of one division, and what they know of what was answered."""

    servers: list[Installation]
    tokens: list[str]
    storms: int = 0
    settled: list[Asked] = field(default_factory=list)
    budgets: list[str] = field(default_factory=list)

    def cap(self) -> None:
        """Hard caps on the organisation, the division and the team."""
        for scope in SCOPES:
            body = {**scope, "limit_tokens": AMPLE, "period": "annual", "hard_cap": True}
            self.budgets.append(self._call("POST", "/v1/budgets", body)["id"])

    def leave_room(self, tightest: int, tokens: int) -> None:
        """Room for so many more tokens on one budget, and for far more on the others."""
        for place, budget_id in enumerate(self.budgets):
            now = self._call("GET", f"/v1/budgets/{budget_id}")
            limit = now["used"] + now["held"] + tokens if place == tightest else AMPLE
            self._call("PATCH", f"/v1/budgets/{budget_id}", {"limit_tokens": limit})

    async def storm(self, *, kill: Sequence[Installation] = ()) -> list[Asked]:
        """All clients ask at once, on all servers; the answers. `kill`: servers killed on the way.

        A client asks again under the same key on the next server; one in four of those gives up instead.
        """
        self.storms += 1
        dying = iter(zip(KILLED_AFTER, kill, strict=False))
        answers: list[Asked] = []
        next_death = next(dying, None)

        def answered(one: Asked) -> None:
            nonlocal next_death
            answers.append(one)
            if next_death is not None and len(answers) >= next_death[0]:
                next_death[1].kill()
                next_death = next(dying, None)

        async with self._api() as api:
            asking = (self._ask_in_turn(api, number, answered) for number in range(CLIENTS))
            await asyncio.gather(*asking)
        assert next_death is None, "the storm was over before the last kill"
        return answers

    async def ask_again(self, answers: Sequence[Asked]) -> list[Asked]:
        """The same keys once more."""
        async with self._api() as api:
            again = [await self._ask(api, one.client, one.key, patient=True) for one in answers]
        return [one for one in again if one is not None]

    async def settle(self, admitted: Sequence[Asked], *, tokens: int) -> None:
        """The requests were made, and took so many tokens each."""
        async with self._api() as api:
            for one in admitted:
                body = {"events": [event(one.answer["hold_id"], tokens)]}
                answer = await api.post(
                    f"{self._alive}/v1/events", json=body, headers=self._device(one.client)
                )
                assert answer.json()["accepted"] == 1, answer.text
        self.settled += admitted

    def check(self, *, used: int, held: int) -> None:
        """What every budget says is what the clients know."""
        items = self._call("GET", "/v1/budgets")["items"]
        assert [(one["used"], one["held"]) for one in items] == [(used, held)] * len(SCOPES)

    async def recounted(self) -> list[Difference]:
        """What counting anew would change."""
        first = self.servers[0]
        address = conninfo(locate(first.settings).corporate)
        connecting = psycopg.AsyncConnection.connect(address, options=connection_options())
        async with await connecting as connection:
            org_id = UUID(first.made["org_id"])
            now = datetime.now(UTC)
            kept_since = now - timedelta(days=400)
            return await recount(connection, org_id=org_id, now=now, kept_since=kept_since, mend=False)

    async def _ask_in_turn(
        self, api: httpx2.AsyncClient, client: int, answered: Callable[[Asked], None]
    ) -> None:
        for _ in range(ASKS_OF_EACH):
            one = await self._ask(api, client, new_id().hex, patient=client % 4 != 0)
            if one is not None:
                answered(one)

    async def _ask(self, api: httpx2.AsyncClient, client: int, key: str, *, patient: bool) -> Asked | None:
        body = {"key": key, "provider": "openai", "model": "gpt-4o", "estimated_tokens": TOKENS}
        for server in range(client, client + 2 * SERVERS):
            url = f"{self.servers[server % SERVERS].url}/v1/preflight"
            try:
                answer = await api.post(url, json=body, headers=self._device(client))
            except httpx2.TransportError:
                if patient:
                    continue
                return None
            return Asked(client, key, answer.raise_for_status().json())
        raise AssertionError("no server answers")

    @asynccontextmanager
    async def _api(self) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(timeout=30) as api:
            yield api

    def _device(self, client: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[client]}"}

    @property
    def _alive(self) -> str:
        return self.servers[-1].url

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.servers[0].api_key}"}
        answer = httpx2.request(method, self._alive + path, json=body, headers=headers, timeout=30)
        return dict(answer.raise_for_status().json())


def event(hold_id: str, tokens: int) -> dict[str, Any]:
    """The usage event of a request that was held for."""
    return {
        "id": str(new_id()),
        "occurred_at": datetime.now(UTC).isoformat(),
        "provider_host": "api.openai.com",
        "model": "gpt-4o",
        "request_bytes": 1,
        "response_bytes": 1,
        "estimated_input_tokens": tokens,
        "estimated_output_tokens": 0,
        "hold_id": hold_id,
        "source": "agent",
    }
