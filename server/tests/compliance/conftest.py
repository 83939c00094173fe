"""The audit log of one organisation, and its owner's hand in it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from toktra.compliance.model import AuditEntry
from toktra.compliance.verify import Expected, Verdict, verify
from toktra.kit.database import CORPORATE_SCHEMA, Databases, conninfo

Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Log:
    """The entries of an organisation; and changes to them that only the owner of the tables can make."""

    org_id: UUID
    sessions: Sessions
    engine: AsyncEngine
    owner: "psycopg.AsyncConnection[Any]"

    async def entries(self, **where: Any) -> list[AuditEntry]:
        wanted = select(AuditEntry).filter_by(org_id=self.org_id, **where).order_by(AuditEntry.seq)
        async with self.sessions() as session:
            return list(await session.scalars(wanted))

    async def last(self) -> AuditEntry:
        return (await self.entries())[-1]

    async def verdict(self, expected: Expected | None = None) -> Verdict:
        verdicts = await verify(self.engine, expected=expected or {})
        (own,) = [verdict for verdict in verdicts if verdict.org_id == self.org_id]
        return own

    async def tamper(self, statement: str, **values: Any) -> None:
        done = await self.owner.execute(statement, {"org": self.org_id, **values})
        assert done.rowcount == 1


@pytest.fixture
async def owner_of_tables(database: Databases) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    options = f"-c search_path={CORPORATE_SCHEMA}"
    async with await psycopg.AsyncConnection.connect(
        conninfo(database.owner), autocommit=True, options=options
    ) as connection:
        yield connection


@pytest.fixture
async def log(
    organization: Any,
    sessions: Sessions,
    engine: AsyncEngine,
    owner_of_tables: "psycopg.AsyncConnection[Any]",
) -> AsyncIterator[Log]:
    """The log is left without a trace of what a test does to it."""
    yield Log(organization.id, sessions, engine, owner_of_tables)
    for table in ("audit_log", "audit_heads"):
        await owner_of_tables.execute(f"DELETE FROM {table} WHERE org_id = %s", [organization.id])
    await owner_of_tables.execute("INSERT INTO audit_heads VALUES (%s, 0, '')", [organization.id])


@pytest.fixture
def ask(client: httpx2.AsyncClient, organization: Any) -> Callable[..., Any]:
    """What the log answers to the owner of the organisation."""

    async def ask(headers: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
        client.cookies.clear()
        headers = headers or organization.as_("owner")
        answer = await client.get("/v1/audit-log", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    return ask
