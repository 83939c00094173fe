"""Where requests are asked for: all checks that wait go to the database together, and are admitted in turn.

B1: admitted requests never pass a hard cap together, on however many servers they are asked for.
B2: nobody is refused while there is room: a hold that has lapsed takes none, swept away or not.
B3: the same key asked twice gets the first answer; with other content it is a conflict.
B4: where no hard cap stands above, the answer comes from memory.
B5: somebody whom a policy has blocked is refused, whatever room there is.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from prometheus_client import Counter
from psycopg.errors import UniqueViolation
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.budgets import decided as decisions
from toktra.budgets import statements
from toktra.budgets.answers import encode
from toktra.budgets.asks import Ask, admitted, blocked, refused, uncapped, unpriced
from toktra.budgets.book import Books
from toktra.budgets.decided import Decided
from toktra.budgets.ledger.opening import open_periods
from toktra.budgets.queries.book import Place
from toktra.budgets.rules import Admitted, Extra, Standing, admit
from toktra.budgets.service.holds import sweep
from toktra.budgets.telling import teller
from toktra.kit.errors import Conflict
from toktra.kit.groups import Connection, Groups, NotYet
from toktra_wire.ids import new_id

MOST_WAITING = 10_000
MOST_PER_GROUP = 256
DECISIONS = Counter("toktra_preflights", "Preflight checks by decision", ["decision"])


@dataclass(slots=True)
class _Table:
    """What lies on the table while a group is decided.

    `rows`: limit, used and held, by the name of the place; `granted`: what is left of exemptions, by user;
    `known`: what was asked, and answered, with a key before.
    """

    rows: dict[str, tuple[int, int, int]]
    granted: dict[tuple[UUID, UUID], list[tuple[UUID, int]]] = field(default_factory=dict)
    known: dict[tuple[UUID, UUID, str], tuple[tuple[str, str, int], bytes]] = field(default_factory=dict)


class Desk:
    """Answers preflight checks. One per process."""

    def __init__(self, engine: AsyncEngine, books: Books, *, public_url: str, hold_for: timedelta) -> None:
        self._books = books
        self._public_url = public_url
        self._hold_for = hold_for
        self._sweep = False
        self._groups: Groups[Ask, bytes | Conflict] = Groups(
            engine=engine,
            things="checks",
            perform=self._decide_group,
            most_waiting=MOST_WAITING,
            most_per_group=MOST_PER_GROUP,
        )
        self.run = self._groups.run
        self.close = self._groups.close

    async def ask(self, ask: Ask) -> bytes:
        """The encoded PreflightAnswer."""
        if block := ask.book.block(ask.user_id, ask.model, ask.now):
            DECISIONS.labels("block").inc()
            return encode(blocked(ask, block))
        await self._books.refresh(ask.org_id, ask.book, ask.now)
        if not ask.capped and (ask.unsure is None or ask.unsure.when_unsure != "block"):
            answer = uncapped(ask)
            DECISIONS.labels(answer.decision).inc()
            return encode(answer)
        answered = await self._groups.submit(ask, keys=frozenset([_key(ask)]))
        if isinstance(answered, Conflict):
            raise answered
        return answered

    async def _decide_group(self, connection: Connection, asks: Sequence[Ask]) -> list[bytes | Conflict]:
        """Most keys are new: they are looked up only when it turns out that one is not."""
        if self._sweep:
            self._sweep = await sweep(connection, now=max(ask.now for ask in asks))
        try:
            return await self._decide_all(connection, asks)
        except UniqueViolation:
            return await self._decide_all(connection, asks, look_up=True)

    async def _decide_all(
        self, connection: Connection, asks: Sequence[Ask], *, look_up: bool = False
    ) -> list[bytes | Conflict]:
        now = max(ask.now for ask in asks)
        async with connection.pipeline():  # one transaction: it ends with the pipeline
            table = await self._lay_table(connection, asks, now, look_up=look_up)
            answers, decided = self._decide(table, asks)
            short = any(one.found is None or one.found.draws for one in decided)
            if short and await self._clear(connection, table, asks, now):
                answers, decided = self._decide(table, asks)
            if decided:
                await statements.keep(
                    connection, [decisions.row(one) for one in decided], decisions.held(decided)
                )
                await statements.draw(connection, decisions.drawn(decided))
                await statements.note_blocked(connection, decisions.blocked(decided), now)
                await teller.tell(connection, {one.ask.org_id for one in decided if one.found is not None})
        for decision, requests in Tally(one.answer.decision for one in decided).items():
            DECISIONS.labels(decision).inc(requests)
        return answers

    async def _lay_table(
        self, connection: Connection, asks: Sequence[Ask], now: datetime, *, look_up: bool
    ) -> _Table:
        """Lock the budgets' rows in the order of their keys; then see what else must be known."""
        places = {place.name: place for ask in asks for place in ask.places}
        exempted = {(ask.org_id, ask.user_id) for ask in asks if ask.user_id in ask.book.exempted}
        locking = await statements.lock(connection, list(places.values()))
        granting = await statements.exemptions(connection, exempted, now) if exempted else None
        lapsing = await statements.lapsed_draws(connection, exempted, now) if exempted else None
        knowing = await statements.known(connection, [_key(ask) for ask in asks]) if look_up else None
        table = _Table({row[0]: row[1:] for row in await locking.fetchall()})
        if missing := [place for name, place in places.items() if name not in table.rows]:
            raise NotYet(partial(_open, places=missing, now=now))
        lapsed = dict(await lapsing.fetchall()) if lapsing else {}
        for org_id, user_id, exemption_id, left in await granting.fetchall() if granting else ():
            granted = (exemption_id, left + lapsed.get(exemption_id, 0))
            table.granted.setdefault((org_id, user_id), []).append(granted)
        for row in await knowing.fetchall() if knowing else ():
            table.known[row[:3]] = (row[3:6], row[6])
        return table

    async def _clear(self, connection: Connection, table: _Table, asks: Sequence[Ask], now: datetime) -> bool:
        """Before anyone is refused, or an exemption drawn: take what has lapsed off the table (B2)."""
        lapsing = await statements.lapsed(connection, {ask.org_id for ask in asks}, now)
        lapsed = await lapsing.fetchall()
        taken = {tuple(at): held - exempt for *at, held, exempt in lapsed}
        for place in {place.name: place for ask in asks for place in ask.places}.values():
            limit, used, held = table.rows[place.name]
            freed = taken.get((place.org_id, place.budget_id, place.starts_at), 0)
            table.rows[place.name] = (limit, used, held - freed)
        self._sweep = self._sweep or bool(lapsed)
        return bool(lapsed)

    def _decide(self, table: _Table, asks: Sequence[Ask]) -> tuple[list[bytes | Conflict], list[Decided]]:
        """Each in turn, on what those before have left."""
        at = {name: Standing(*row) for name, row in table.rows.items()}
        extras = {user: [Extra(*granted) for granted in all_] for user, all_ in table.granted.items()}
        answers: list[bytes | Conflict] = []
        decided: list[Decided] = []
        for ask in asks:
            first = table.known.get(_key(ask))
            if first is not None:
                answers.append(first[1] if first[0] == ask.content else _key_used())
                continue
            standings = [at[place.name] for place in ask.places]
            one = self._decide_new(ask, standings, extras.get((ask.org_id, ask.user_id), ()))
            decided.append(one)
            answers.append(one.body)
        return answers, decided

    def _decide_new(self, ask: Ask, standings: Sequence[Standing], extras: Sequence[Extra]) -> Decided:
        hold = (new_id(), ask.now + self._hold_for)
        unsure = ask.unsure
        if unsure is not None and unsure.when_unsure == "block":
            return Decided(ask, hold[0], unpriced(ask, unsure), ask.now)
        found = admit(ask.tokens, [ask.amount(line) for line in ask.capped], standings, extras)
        if not isinstance(found, Admitted):
            return Decided(ask, hold[0], refused(ask, found, self._public_url), ask.now)
        answer = admitted(ask, found, standings, hold, sum([extra.left for extra in extras]))
        return Decided(ask, hold[0], answer, hold[1], ask.places, found)


def _key(ask: Ask) -> tuple[UUID, UUID, str]:
    return (ask.org_id, ask.user_id, ask.key)


def _key_used() -> Conflict:
    return Conflict("This key was used for another request. Use a new key for each request.", field="key")


async def _open(connection: Connection, places: Iterable[Place], now: datetime) -> None:
    openings = sorted((place.org_id, place.budget_id, place.starts_at) for place in places)
    async with connection.transaction():
        await open_periods(connection, openings, now=now)
