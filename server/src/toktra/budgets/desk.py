"""Where requests are asked for: all checks that wait go to the database together, and are admitted in turn.

B1: admitted requests never pass a hard cap together, on however many servers they are asked for.
B2: nobody is refused while there is room: a hold that has lapsed takes none, swept away or not.
B3: the same key asked twice gets the first answer; with other content it is a conflict.
B4: where no hard cap stands above, the answer comes from memory.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.budgets import statements
from toktra.budgets.answers import PreflightAnswer, encode
from toktra.budgets.asks import Ask, admitted, refused, uncapped, unpriced
from toktra.budgets.book import Books
from toktra.budgets.ledger.opening import Opening, open_periods
from toktra.budgets.queries.book import Level, Line
from toktra.budgets.rules import Admitted, Extra, Standing, admit
from toktra.budgets.service.holds import sweep
from toktra.kit.errors import Conflict
from toktra.kit.groups import Connection, Groups, NotYet
from toktra_wire.ids import new_id

MOST_WAITING = 10_000
MOST_PER_GROUP = 256
DECISIONS = Counter("toktra_preflights", "Preflight checks by decision", ["decision"])

Key = tuple[UUID, UUID, datetime]


@dataclass(slots=True)
class _Decided:
    """A request's answer, and the row that is kept of it."""

    ask: Ask
    id: UUID
    answer: PreflightAnswer
    expires_at: datetime
    keys: Sequence[Key] = ()
    found: Admitted | None = None
    body: bytes = b""

    def __post_init__(self) -> None:
        self.body = encode(self.answer)


@dataclass(slots=True)
class _Table:
    """What lies on the table while a group is decided: standings, exemptions by user, known answers."""

    standings: dict[Key, Standing]
    extras: dict[tuple[UUID, UUID], list[Extra]] = field(default_factory=dict)
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
        if not ask.capped and (ask.unsure is None or ask.unsure.when_unsure != "block"):
            answer = uncapped(ask, await self._levels(ask))
            DECISIONS.labels(answer.decision).inc()
            return encode(answer)
        await self._levels(ask)
        answered = await self._groups.submit(ask, keys=frozenset([(ask.org_id, ask.user_id, ask.key)]))
        if isinstance(answered, Conflict):
            raise answered
        return answered

    async def _levels(self, ask: Ask) -> Mapping[UUID, Level]:
        return await self._books.levels(ask.org_id, ask.book, ask.now) if ask.chain else {}

    async def _decide_group(self, connection: Connection, asks: Sequence[Ask]) -> list[bytes | Conflict]:
        now = max(ask.now for ask in asks)
        if self._sweep:
            self._sweep = await sweep(connection, now=now)
        async with connection.pipeline(), connection.transaction():
            table = await self._lay_table(connection, asks, now)
            decided: list[_Decided] = []
            answers = [self._decide(table, ask, decided) for ask in asks]
            if decided:
                await statements.keep(connection, [_row(one) for one in decided])
                await statements.hold(connection, *_held(decided))
                await statements.note_blocked(connection, _blocked(decided), now)
        for one in decided:
            DECISIONS.labels(one.answer.decision).inc()
        return answers

    async def _lay_table(self, connection: Connection, asks: Sequence[Ask], now: datetime) -> _Table:
        """Lock the budgets' rows in the order of their keys; then see what else must be known."""
        keys = {key for ask in asks for key in _keys(ask)}
        exempted = {(ask.org_id, ask.user_id) for ask in asks if ask.user_id in ask.book.exempted}
        locking = await statements.lock(connection, keys)
        lapsing = await statements.lapsed(connection, {ask.org_id for ask in asks}, now)
        knowing = await statements.known(connection, [(ask.org_id, ask.user_id, ask.key) for ask in asks])
        granting = await statements.exemptions(connection, exempted, now) if exempted else None
        table = _Table({row[:3]: Standing(*row[3:]) for row in await locking.fetchall()})
        if missing := keys - table.standings.keys():
            raise NotYet(partial(_open, openings=missing, now=now))
        lapsed = await lapsing.fetchall()
        for *key, held, exempt in lapsed:
            self._sweep = True
            if (at := table.standings.get(tuple(key))) is not None:
                at.held -= held - exempt
        table.known = {row[:3]: (row[3:6], row[6]) for row in await knowing.fetchall()}
        for org_id, user_id, exemption_id, left in await granting.fetchall() if granting else ():
            table.extras.setdefault((org_id, user_id), []).append(Extra(exemption_id, left))
        return table

    def _decide(self, table: _Table, ask: Ask, decided: list[_Decided]) -> bytes | Conflict:
        first = table.known.get((ask.org_id, ask.user_id, ask.key))
        if first is not None:
            return first[1] if first[0] == ask.content else _key_used()
        one = self._decide_new(table, ask)
        decided.append(one)
        return one.body

    def _decide_new(self, table: _Table, ask: Ask) -> _Decided:
        hold = (new_id(), ask.now + self._hold_for)
        unsure = ask.unsure
        if unsure is not None and unsure.when_unsure == "block":
            return _Decided(ask, hold[0], unpriced(ask, unsure), ask.now)
        keys = _keys(ask)
        standings = [table.standings[key] for key in keys]
        amounts = [ask.amount(line) for line in ask.capped]
        found = admit(ask.tokens, amounts, standings, table.extras.get((ask.org_id, ask.user_id), ()))
        if not isinstance(found, Admitted):
            return _Decided(ask, hold[0], refused(ask, found, self._public_url), ask.now)
        locked = {
            line.id: Level(at.limit, at.used, at.held) for line, at in zip(ask.capped, standings, strict=True)
        }
        levels = ChainMap(locked, ask.book.levels)  # type: ignore[arg-type]
        answer = admitted(ask, found, standings, levels, hold)
        return _Decided(ask, hold[0], answer, hold[1], keys, found)


def _keys(ask: Ask) -> list[Key]:
    """The rows of the hard caps above, in the order of the chain."""
    return [(ask.org_id, line.id, _starts_at(ask, line)) for line in ask.capped]


def _starts_at(ask: Ask, line: Line) -> datetime:
    return ask.book.period(line.kind, ask.now).starts_at


def _key_used() -> Conflict:
    return Conflict("This key was used for another request. Use a new key for each request.", field="key")


def _held(decided: Iterable[_Decided]) -> tuple[dict[Key, tuple[int, int]], dict[tuple[UUID, UUID], int]]:
    """What is newly held of each budget (all of it, and what exemptions cover), and of each exemption."""
    budgets: dict[Key, tuple[int, int]] = {}
    extras: dict[tuple[UUID, UUID], int] = {}
    for one in decided:
        if one.found is None:
            continue
        for key, part in zip(one.keys, one.found.parts, strict=True):
            amount, exempt = budgets.get(key, (0, 0))
            budgets[key] = (amount + part.amount, exempt + part.exempt)
        for exemption_id, tokens in one.found.draws:
            extra = (one.ask.org_id, exemption_id)
            extras[extra] = extras.get(extra, 0) + tokens
    return budgets, extras


def _blocked(decided: Iterable[_Decided]) -> dict[tuple[UUID, UUID, UUID], int]:
    """How many requests were blocked, by organisation, user and budget."""
    blocked: dict[tuple[UUID, UUID, UUID], int] = {}
    for one in decided:
        if one.found is None and one.answer.budget_id is not None:
            key = (one.ask.org_id, one.ask.user_id, one.answer.budget_id)
            blocked[key] = blocked.get(key, 0) + 1
    return blocked


def _row(one: _Decided) -> statements.Row:
    ask, found = one.ask, one.found
    parts, draws = (found.parts, found.draws) if found else ((), ())
    return statements.Row(
        org_id=ask.org_id,
        id=one.id,
        user_id=ask.user_id,
        device_id=ask.device_id,
        key=ask.key,
        provider=ask.provider,
        model=ask.model,
        tokens=ask.tokens,
        answer=one.body,
        created_at=ask.now,
        expires_at=one.expires_at,
        ended_at=None if found else ask.now,
        outcome=None if found else "blocked",
        budget_ids=[key[1] for key in one.keys],
        period_starts=[key[2] for key in one.keys],
        amounts=[part.amount for part in parts],
        exempt_amounts=[part.exempt for part in parts],
        exemption_ids=[draw[0] for draw in draws],
        exemption_tokens=[draw[1] for draw in draws],
    )


async def _open(connection: Connection, openings: Iterable[Opening], now: datetime) -> None:
    async with connection.transaction():
        await open_periods(connection, sorted(openings), now=now)
