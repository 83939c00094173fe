"""Judges usage as it comes in, in the transaction that keeps it.

V1: what fires is stored with what it does, or neither is.
V2: a group whose judging fails is kept all the same; that it failed is counted, and logged.
V3: an organisation is judged by one server at a time, so that none misses what another has just added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.budgets.book import Books
from toktra.budgets.queries.book import OrganizationBook
from toktra.kit.groups import Connection
from toktra.kit.log import log
from toktra.metering.writer import ROW, NewRow
from toktra.policies.queries.rulebook import Rulebook, live_rulebook
from toktra.policies.rules.columns import Events
from toktra.policies.rules.judging import FoundBy, Sorted
from toktra.policies.rules.meters import Meter
from toktra.policies.service.firing import blocks_somebody, count_more, fire
from toktra.policies.service.hits import hits_of, sorted_keys
from toktra.policies.service.risk_hits import risk_hits
from toktra.policies.standings import standings
from toktra.risks.service.storing import SeenRisk

FAILURES = Counter("toktra_policy_failures", "Groups of events whose judging failed")
_MOST_ORGANIZATIONS = 1_000
_MOST_FIRINGS = 100_000
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('policies ' || %s, 0))"
_PARTS = itemgetter(
    *(
        ROW[name]
        for name in ("provider", "model", "input_tokens", "output_tokens", "cost_micros", "occurred_at")
    )
)


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

    async def judge_risk(self, connection: Connection, risk: SeenRisk, now: datetime) -> None:
        """Judge a new risk event, in its transaction (V1)."""
        book = await self.rulebooks.of(risk.org_id)
        if hits := risk_hits(book, risk):
            await fire(connection, org_id=risk.org_id, hits=hits, now=now)


async def _judge(connection: Connection, book: Rulebook, rows: Iterable[NewRow], now: datetime) -> None:
    new = list(rows)
    if not new:
        return
    events = sorted_events(book, new)
    if not events.added:
        return
    await connection.execute(_ALONE, [str(book.org_id)])
    known = await standings(connection, book=book, added=events.added)
    if found := events.judge(known):
        reached = {meter: at.before + events.added[meter] for meter, at in known.items()}
        await _fire(connection, book, found, reached, now)


async def _fire(
    connection: Connection, book: Rulebook, found: FoundBy, reached: Mapping[Meter, int], now: datetime
) -> None:
    """What has fired before is only counted; the rest is stored, with what it does.

    What this process remembers may have been taken back with its transaction: then it is new again.
    """
    more = {
        book.fired[key]: (len(one.events), one.tokens)
        for key, one in found.items()
        if key in book.fired and not blocks_somebody(book.usage.rules[key[0]])
    }
    counted = await count_more(connection, org_id=book.org_id, more=more, now=now)
    new = {key: one for key, one in found.items() if book.fired.get(key) not in counted}
    if new:
        stored = await fire(connection, org_id=book.org_id, hits=hits_of(book, new, reached), now=now)
        if len(book.fired) >= _MOST_FIRINGS:
            book.fired.clear()
        book.fired.update(zip(sorted_keys(new), stored, strict=True))


def sorted_events(book: Rulebook, rows: Iterable[NewRow]) -> Sorted:
    """New rows of usage by the column, as policies see them. No line of Python runs for each row."""
    senders, kept = zip(*rows, strict=True)
    providers, models, inputs, outputs, costs, instants = zip(*map(_PARTS, kept), strict=True)
    by_id = dict(zip(map(id, senders), senders, strict=True))  # senders of a batch are one object
    whom = {one[1:3]: number for number, one in enumerate(dict.fromkeys(by_id.values()))}
    who = list(whom)
    number_of = {key: whom[one[1:3]] for key, one in by_id.items()}
    pairs = list(zip(providers, models, strict=True))
    which = {one: number for number, one in enumerate(dict.fromkeys(pairs))}
    seconds = np.fromiter(map(datetime.timestamp, instants), dtype=np.float64, count=len(kept))
    events = Events(
        who=who,
        what=list(which),
        who_of=_column(map(number_of.__getitem__, map(id, senders))),
        what_of=_column(map(which.__getitem__, pairs)),
        tokens=_column(inputs) + _column(outputs),
        micros=_column(costs if None not in costs else (one or 0 for one in costs)),
        minute_of=seconds.astype(np.int64) // 60,
    )
    return book.usage.sort(events)


def _column(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, dtype=np.int64)
