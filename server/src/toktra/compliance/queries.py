"""Reads of the audit log: pages of entries for screens, whole chains for verifying."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from toktra.compliance.model import AuditEntry, AuditHead
from toktra.compliance.rules import Head, Link
from toktra.kit.pages import Page, page_by_id

Seq = Annotated[int, Meta(ge=1, le=2**63 - 1)]
AT_ONCE = 1000

# By SQL, since the organisations belong to a slice beside this one: one whose chain is gone is noticed.
_ORGANIZATIONS = """
    SELECT org_id FROM audit_heads UNION SELECT DISTINCT org_id FROM audit_log
    UNION SELECT id FROM organizations ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """What a list of entries can be narrowed to; all of it must hold. Times are half-open."""

    action: str | None = None
    actor_user_id: UUID | None = None
    target_kind: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions as SQL. An action without its second half is all that is done to that kind."""
        whole = self.action is not None and "." in self.action
        given = [
            (AuditEntry.action if whole else AuditEntry.target_kind, self.action),
            (AuditEntry.actor_user_id, self.actor_user_id),
            (AuditEntry.target_kind, self.target_kind),
            (AuditEntry.target_id, self.target_id),
        ]
        clauses = [column == value for column, value in given if value is not None]
        if self.since is not None:
            clauses.append(AuditEntry.at >= self.since)
        if self.until is not None:
            clauses.append(AuditEntry.at < self.until)
        return clauses


async def entries(
    session: AsyncSession, *, org_id: UUID, only: EntryFilter, cursor: str | None, limit: int
) -> Page[AuditEntry]:
    """A page of an organisation's entries, the newest first."""
    statement = select(AuditEntry).where(AuditEntry.org_id == org_id, *only.clauses())
    return await page_by_id(
        session, statement, AuditEntry.seq, lambda entry: entry, cursor=cursor, limit=limit, kind=Seq
    )


async def heads(connection: AsyncConnection) -> dict[UUID, Head | None]:
    """The head of every organisation that has or should have a chain; None where it is missing."""
    kept = {
        row.org_id: Head(row.seq, row.hash) for row in await connection.execute(select(AuditHead.__table__))
    }
    return {org_id: kept.get(org_id) for org_id in await connection.scalars(text(_ORGANIZATIONS))}


async def links(connection: AsyncConnection, *, org_id: UUID) -> AsyncGenerator[Link, None]:
    """An organisation's chain from its first entry, a bounded part of it in memory at a time."""
    computed = func.audit_hash(literal_column(AuditEntry.__tablename__))
    chain = (
        select(AuditEntry.seq, AuditEntry.previous_hash, AuditEntry.hash, computed)
        .where(AuditEntry.org_id == org_id)
        .order_by(AuditEntry.seq)
    )
    async with connection.stream(chain, execution_options={"yield_per": AT_ONCE}) as rows:
        async for row in rows:
            yield Link(*row)
