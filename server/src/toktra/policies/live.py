"""Judges usage as it comes in, in the transaction that keeps it.

V1: what fires is stored with what it does, or neither is.
V2: a group whose judging fails is kept all the same; that it failed is counted, and logged.
V3: a department's meter is read by one server at a time, so that none misses what another has just added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.budgets.book import Books
from toktra.budgets.queries.book import OrganizationBook
from toktra.kit.groups import Connection
from toktra.kit.log import log
from toktra.metering import staging
from toktra.metering.writer import ROW, NewRow
from toktra.policies.queries.rulebook import Rulebook, live_rulebook
from toktra.policies.rules.columns import Events
from toktra.policies.rules.judging import Sorted
from toktra.policies.service.firing import fire
from toktra.policies.service.hits import hits_of
from toktra.policies.standings import standings

FAILURES = Counter("toktra_policy_failures", "Groups of events whose judging failed")
_MOST_ORGANIZATIONS = 1_000
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('policies ' || %s, 0))"
_PROVIDER, _MODEL, _AT = ROW["provider"], ROW["model"], ROW["occurred_at"]
_IN, _OUT, _COST = ROW["input_tokens"], ROW["output_tokens"], ROW["cost_micros"]


@dataclass(slots=True)
class Rulebooks:
    """All rulebooks of this process, each as old as its book of budgets, which is told of changes."""

    books: Books
    sessions: async_sessionmaker[AsyncSession]
    _known: dict[UUID, tuple[OrganizationBook, Rulebook]] = field(default_factory=dict)

    async def of(self, org_id: UUID) -> Rulebook:
        """An organisation's rulebook, as the database has it."""
        book = await self.books.of(org_id)
        known = self._known.get(org_id)
        if known is not None and known[0] is book:
            return known[1]
        async with self.sessions() as session:
            made = await live_rulebook(session, org_id=org_id)
        if len(self._known) >= _MOST_ORGANIZATIONS:
            self._known.clear()
        self._known[org_id] = (book, made)
        return made


@dataclass(frozen=True, slots=True)
class Watch:
    """Judges what one process keeps."""

    rulebooks: Rulebooks

    async def judge(
        self, connection: Connection, new: Mapping[UUID, Iterable[NewRow]], now: datetime
    ) -> None:
        """Judge new events of some organisations (V1, V2)."""
        for org_id in sorted(new):
            try:
                book = await self.rulebooks.of(org_id)
                if book.watches_usage:
                    async with connection.transaction():
                        await _judge(connection, book, new[org_id], now)
            except Exception as failed:
                FAILURES.inc()
                log.error("policies_not_judged", org_id=str(org_id), exc_info=failed)


async def _judge(connection: Connection, book: Rulebook, rows: Iterable[NewRow], now: datetime) -> None:
    events = sorted_events(book, rows)
    if not events.added:
        return
    if any(meter.kind == "department" for meter in events.added):
        await connection.execute(_ALONE, [str(book.org_id)])
    known = await standings(connection, book=book, added=events.added)
    if found := events.judge(known):
        reached = {meter: at.before + events.added[meter] for meter, at in known.items()}
        hits = hits_of(book, found, events.events, reached)
        await fire(connection, org_id=book.org_id, hits=hits, now=now)


def sorted_events(book: Rulebook, rows: Iterable[NewRow]) -> Sorted:
    """New rows of usage by the column, as policies see them. Rows of one sender mostly follow each other."""
    whom: dict[tuple[UUID, UUID], int] = {}
    which: dict[tuple[str, str], int] = {}
    who_of: list[int] = []
    kept: list[staging.Row] = []
    last, number = None, 0
    for sender, row in rows:
        if sender is not last:
            last, number = sender, whom.setdefault((sender[1], sender[2]), len(whom))
        who_of.append(number)
        kept.append(row)
    events = Events(
        who=list(whom),
        what_of=_column(which.setdefault((row[_PROVIDER], row[_MODEL]), len(which)) for row in kept),
        what=list(which),
        who_of=_column(who_of),
        tokens=_column(row[_IN] + row[_OUT] for row in kept),
        micros=_column(row[_COST] or 0 for row in kept),
        minute_of=_column(int(row[_AT].timestamp()) for row in kept) // 60,
    )
    return book.usage.sort(events)


def _column(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, dtype=np.int64)
