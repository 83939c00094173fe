"""An installation with people in it whose devices run the agent, and what its API and its ledger say."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2
import psycopg

from e2e.installation import Installation, installation
from toktra.kit.database import connection_options, conninfo, locate
from toktra_agent.server.access import connect
from toktra_agent.server.contact import Contact
from toktra_agent.server.enrolling import enroll
from toktra_agent.store import keys
from toktra_agent.store.keys import Identity
from toktra_wire.ids import new_id

AMPLE = 1_000_000_000


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Desk:
    """One person with a device: its folder, and what the API calls them."""

    office: "Office"
    email: str
    user_id: str
    folder: Path
    identity: Identity
    contact: Contact = field(default_factory=lambda: Contact(utc_now))

    @asynccontextmanager
    async def client(self, contact: Contact | None = None) -> AsyncIterator[httpx2.AsyncClient]:
        """What speaks for the device."""
        key = keys.load_key(self.folder, self.identity)
        client, _ = connect(self.identity, key, contact or self.contact)
        async with client:
            yield client

    def cap(self, tokens: int = AMPLE, **more: Any) -> str:
        """A hard cap on this person; the budget's id."""
        body = {"user_id": self.user_id, "limit_tokens": tokens, "hard_cap": True, **more}
        return str(self.office.call("POST", "/v1/budgets", body)["id"])

    def exempt(self, tokens: int) -> None:
        """An approved exemption."""
        body = {"user_id": self.user_id, "reason": "a sprint", "tokens": tokens}
        asked = self.office.call("POST", "/v1/budget-exemptions", body)
        self.office.call("POST", f"/v1/budget-exemptions/{asked['id']}/approve", {})

    def use_up(self) -> None:
        """What is left is used, on another device of theirs."""
        for tokens in (4_000, 1_000, 250, 60):
            while self._use(tokens):
                pass

    def _use(self, tokens: int) -> bool:
        """Whether there was room for it."""
        ask = {
            "key": str(new_id()),
            "provider": "openai",
            "estimated_tokens": tokens,
            "user_id": self.user_id,
        }
        answer = self.office.call("POST", "/v1/preflight", ask)
        if answer["decision"] == "block":
            return False
        used = {
            "id": str(new_id()),
            "occurred_at": utc_now().isoformat(),
            "provider_host": "api.openai.com",
            "request_bytes": 1,
            "response_bytes": 1,
            "estimated_input_tokens": tokens,
            "estimated_output_tokens": 0,
            "user_id": self.user_id,
            "hold_id": answer["hold_id"],
        }
        assert self.office.call("POST", "/v1/events", {"events": [used]})["accepted"] == 1
        return True

    def revoke(self) -> None:
        self.office.call("DELETE", f"/v1/devices/{self.identity.device_id}")

    def standing(self, budget_id: str) -> tuple[int, int]:
        """Used and held."""
        budget = self.office.call("GET", f"/v1/budgets/{budget_id}")
        return budget["used"], budget["held"]

    def kept(self) -> list[tuple[int, int, int]]:
        """Request bytes, response bytes and tokens of each event in the ledger."""
        return self.office.rows(
            "SELECT request_bytes, response_bytes, input_tokens + output_tokens FROM usage_events "
            "WHERE user_id = %s ORDER BY request_bytes",
            self.user_id,
        )


@dataclass
class Office:
    """The installation."""

    running: Installation
    folder: Path
    people: int = 0

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """As the admin."""
        headers = {"Authorization": f"Bearer {self.running.api_key}"}
        answer = httpx2.request(method, self.running.url + path, json=body, headers=headers, timeout=30)
        return dict(answer.raise_for_status().json() or {}) if answer.content else {}

    def token(self) -> str:
        """To enrol one device."""
        return str(self.call("POST", "/v1/enrollment-tokens", {})["token"])

    def person(self, email: str = "") -> tuple[str, str]:
        """E-mail and id of someone new."""
        self.people += 1
        email = email or f"person{self.people}@example.com"
        return email, self.call("POST", "/v1/users", {"email": email, "name": "Person"})["id"]

    async def desk(self) -> Desk:
        """Someone new, with an enrolled device."""
        email, user_id = self.person()
        folder = self.folder / email
        identity = await enroll(folder, server=self.running.url, token=self.token(), email=email)
        return Desk(self, email, user_id, folder, identity)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Straight from the ledger."""
        address = conninfo(locate(self.running.settings).corporate)
        with psycopg.connect(address, options=connection_options(), autocommit=True) as connection:
            found = connection.execute(statement, values)
            return list(found.fetchall()) if found.description else []


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """Open until left."""
    with installation() as running:
        yield Office(running, folder)


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds; fail when it does not come."""
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline, "it did not come to hold"
        await asyncio.sleep(0.05)
