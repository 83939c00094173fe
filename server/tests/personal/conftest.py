"""The personal ledger as its clients see it: a database of its own role, day keys in a folder, a clock."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from toktra.kit.database import Databases
from toktra.personal.app import build
from toktra.personal.day_keys import DayKeys
from toktra.personal.rules import following
from toktra.personal.storage import migrate
from toktra_wire.ids import id_at
from toktra_wire.sealing import PersonalRecord, new_private_key, open_, public_of, seal
from toktra_wire.voucher import Voucher, new_nonce, sign

START = datetime(2026, 11, 10, 9, tzinfo=UTC)


@dataclass
class Company:
    """An organisation that signs vouchers; it never learns who redeems them."""

    id: UUID = field(default_factory=uuid4)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def voucher(self, month: str = "2026-11", **given: Any) -> str:
        starts_at = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
        ends_at = datetime.fromisoformat(f"{following(month)}-01T00:00:00+00:00")
        made = {
            "org_id": self.id,
            "kind": "monthly",
            "month": month,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "tier": "ic-engineer",
            "tokens": 200_000,
            "rollover_percent": 50,
            "nonce": new_nonce(),
            **given,
        }
        return sign(Voucher(**made), self.key)


@dataclass
class Ledger:
    """The API, the companies it knows, and the clock it goes by."""

    client: httpx2.AsyncClient
    companies: dict[UUID, Company]
    now: datetime
    keys: DayKeys
    app: Any = None

    def company(self) -> Company:
        made = Company()
        self.companies[made.id] = made
        return made

    async def opt_in(self, company: Company, **given: Any) -> "Person":
        key = new_private_key()
        body = {
            "public_key": base64.b64encode(public_of(key)).decode(),
            "voucher": company.voucher(f"{self.now:%Y-%m}", **given),
        }
        answer = await self.client.post("/personal/v1/accounts", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Person(self, company, key, UUID(made["account_id"]), made["credential"])


@dataclass
class Person:
    """An account's owner, with the key that opens its records."""

    ledger: Ledger
    company: Company
    key: bytes
    account_id: UUID
    credential: str

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **query: Any) -> Any:
        answer = await self.ledger.client.request(
            method,
            f"/personal/v1/{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.credential}"},
        )
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def record(self, tokens: int, *, host: str = "api.openai.com", hold: str | None = None) -> dict[str, Any]:
        record_id = id_at(self.ledger.now)
        made = PersonalRecord(
            occurred_at=self.ledger.now, provider_host=host, input_tokens=tokens, output_tokens=0
        )
        sealed = seal(made, public_key=public_of(self.key), account_id=self.account_id, record_id=record_id)
        return {
            "id": str(record_id),
            "tokens": tokens,
            "sealed": base64.b64encode(sealed).decode(),
            **({"hold": hold} if hold else {}),
        }

    async def use(self, *tokens: int, **given: Any) -> dict[str, Any]:
        said = [self.record(one, **given) for one in tokens]
        return dict(await self.call("POST", "records", {"records": said}))

    async def opened(self) -> list[PersonalRecord]:
        """Their records, as their browser reads them."""
        items = (await self.call("GET", "records"))["items"]
        return [
            open_(
                base64.b64decode(one["sealed"]),
                private_key=self.key,
                account_id=self.account_id,
                record_id=UUID(one["id"]),
            )
            for one in items
        ]

    async def month(self) -> Any:
        return (await self.call("GET", "account"))["month"]


@pytest.fixture(scope="session")
def migrated(database: Databases) -> Databases:
    migrate(database.owner)
    return database


@pytest.fixture
async def ledger(migrated: Databases, tmp_path: Path, started: Any) -> AsyncIterator[Ledger]:
    made = Ledger(None, {}, START, DayKeys(tmp_path / "days"))  # type: ignore[arg-type]

    async def key_of(org_id: UUID) -> bytes | None:
        company = made.companies.get(org_id)
        return company.key.public_key().public_bytes_raw() if company else None

    made.app = build(migrated.personal, keys=made.keys, key_of=key_of, clock=lambda: made.now)
    async with started(made.app):
        transport = httpx2.ASGITransport(app=made.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://personal.test") as client:
            made.client = client
            yield made


@pytest.fixture
async def person(ledger: Ledger) -> Person:
    return await ledger.opt_in(ledger.company())
