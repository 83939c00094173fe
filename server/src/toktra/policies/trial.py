"""A policy tried on what happened: the same engine as live, fed with events of the past.

H1: it finds what live evaluation of the same policy found on the same events.
H2: memory is bounded: events come in pieces, and a bounded number of firings is remembered.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal
from uuid import UUID

import numpy as np

from toktra.budgets.queries import standing as budgets
from toktra.budgets.rules import PeriodKind
from toktra.kit.groups import Connection
from toktra.metering import past, sums
from toktra.metering.past import Kind, Past
from toktra.metering.sums import Stretch
from toktra.policies.queries.rulebook import Rulebook
from toktra.policies.rules.columns import Events
from toktra.policies.rules.judging import FoundBy, Sorted, Standing
from toktra.policies.rules.meters import Meter
from toktra.policies.rules.policy import Block
from toktra.policies.service.hits import window_end
from toktra.policies.service.risk_hits import risk_hits
from toktra.policies.standings import (
    budget_limits,
    department_limits,
    learn,
    stretch_of,
    unusual,
    user_limits,
)
from toktra.risks.service.storing import SeenRisk

MOST_FIRINGS = 50_000
Progress = Callable[[int], Awaitable[None]]


@dataclass(slots=True)
class WouldFire:
    """One firing that would have been. `first_at`: in seconds since 1970."""

    first_at: int
    events: int = 0
    tokens: int = 0
    users: set[UUID] = field(default_factory=set)


@dataclass(slots=True)
class Trial:
    """What a policy would have done. `days`: events that would have fired it, by local day (ISO)."""

    events: int = 0
    matched: int = 0
    firings: dict[Meter, WouldFire] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    users: dict[UUID, int] = field(default_factory=dict)
    """How often it would have fired for whom."""
    refused_requests: int = 0
    refused_tokens: int = 0
    reasons: dict[Meter, str] = field(default_factory=dict)
    """Where they do not follow from the meter."""
    sums: dict[Meter, int] = field(default_factory=dict)
    blocked: dict[UUID, int] = field(default_factory=dict)
    """Until when, in seconds since 1970."""


async def try_out(
    connection: Connection, *, book: Rulebook, days: int, now: datetime, progress: Progress
) -> Trial:
    """Try the one policy of `book` on the last `days` days (H1, H2). Inside a transaction."""
    first = first_of(book, days, now)
    trial = Trial()
    kinds = await past.kinds(connection, org_id=book.org_id, first=first)
    who = list(dict.fromkeys((one.user_id, one.department_id) for one in kinds))
    what = list(dict.fromkeys((one.provider, one.model) for one in kinds))
    names = _Names(kinds, who, what)
    async for piece in past.events(connection, org_id=book.org_id, first=first, before=now):
        await _look(connection, book, trial, names.events(piece), piece, first)
        trial.events += len(piece.at)
        await progress(trial.events)
    return trial


def try_on_risks(book: Rulebook, risks: Iterable[SeenRisk]) -> Trial:
    """The same of a policy about risk events."""
    trial = Trial()
    for risk in risks:
        trial.events += 1
        for hit in risk_hits(book, risk):
            kind: Literal["user", "department"] = hit.subject_kind
            meter = Meter(kind, hit.subject_id, PeriodKind.DAILY, "tokens", hit.starts_at)
            at = int(risk.occurred_at.timestamp())
            day = risk.occurred_at.astimezone(book.zone).date().isoformat()
            known = trial.firings.setdefault(meter, WouldFire(at))
            trial.reasons.setdefault(meter, hit.reason)
            for user_id in hit.users - known.users:
                trial.users[user_id] = trial.users.get(user_id, 0) + 1
            known.events, known.users = known.events + 1, known.users | hit.users
            trial.matched += 1
            trial.days[day] = trial.days.get(day, 0) + 1
    return trial


class _Names:
    """What the numbers of kinds stand for."""

    def __init__(self, kinds: list[Kind], who: list[tuple[UUID, UUID]], what: list[tuple[str, str]]) -> None:
        self.who, self.what = who, what
        whom = {one: number for number, one in enumerate(who)}
        which = {one: number for number, one in enumerate(what)}
        self._who_of = np.array([whom[one.user_id, one.department_id] for one in kinds], dtype=np.int64)
        self._what_of = np.array([which[one.provider, one.model] for one in kinds], dtype=np.int64)

    def events(self, piece: Past) -> Events:
        return Events(
            self.who,
            self.what,
            self._who_of[piece.kind_of],
            self._what_of[piece.kind_of],
            piece.tokens,
            piece.micros,
            piece.at // 60,
        )


def first_of(book: Rulebook, days: int, now: datetime) -> datetime:
    """The local midnight with which the days that are looked at begin."""
    day = now.astimezone(book.zone).date() - timedelta(days=days - 1)
    return datetime(day.year, day.month, day.day, tzinfo=book.zone).astimezone(UTC)


async def _look(
    connection: Connection, book: Rulebook, trial: Trial, events: Events, piece: Past, first: datetime
) -> None:
    group = book.usage.sort(events)
    found = group.judge(await _standings(connection, book, trial, group, first))
    if trial.blocked or found:
        _block(book, trial, events, piece, found)
    _note(book, trial, piece, found)
    for meter, added in group.added.items():
        trial.sums[meter] = trial.sums.get(meter, 0) + added
    _forget(trial, int(piece.at[-1]))


async def _standings(
    connection: Connection, book: Rulebook, trial: Trial, group: Sorted, first: datetime
) -> dict[Meter, Standing]:
    """As live, but out of what has gone by here."""
    new = [meter for meter in group.added if meter not in trial.sums]
    if new:
        await _begin(connection, book, trial, new, first)
    least = min((one.least_tokens for one in unusual(book).values()), default=0)
    high = [
        meter
        for meter, added in group.added.items()
        if meter.kind == "user" and trial.sums[meter] + added >= least
    ]
    if high:
        await learn(connection, book, high)
    limits = await _budget_limits(connection, book, group)
    found = {
        meter: Standing(trial.sums[meter], budget_limits(book, meter, limit))
        for meter, limit in limits.items()
    }
    for meter in group.added:
        if meter.kind == "department":
            found[meter] = Standing(trial.sums[meter], department_limits(book, meter))
    return found | {meter: Standing(trial.sums[meter], user_limits(book, meter)) for meter in high}


async def _budget_limits(connection: Connection, book: Rulebook, group: Sorted) -> dict[Meter, int]:
    """A budget's limit as it was in its period, or as it is now where the period was never opened."""
    meters = [meter for meter in group.added if meter.kind == "budget"]
    periods = {(meter.id, meter.starts_at) for meter in meters}
    known = await budgets.standings(connection, org_id=book.org_id, periods=periods)
    found: dict[Meter, int] = {}
    for meter in meters:
        at = known.get((meter.id, meter.starts_at))
        limit = at.limit if at is not None else book.budgets[meter.id].limit
        if limit is not None:
            found[meter] = limit
    return found


async def _begin(
    connection: Connection, book: Rulebook, trial: Trial, meters: list[Meter], first: datetime
) -> None:
    """Meters of periods that began before the days that are looked at begin with what was used until then."""
    for meter in meters:
        trial.sums[meter] = 0
        if meter.starts_at < first and meter.kind != "user":
            tokens, micros = await _used_before(connection, book, meter, first)
            trial.sums[meter] = tokens if meter.unit == "tokens" else micros


async def _used_before(
    connection: Connection, book: Rulebook, meter: Meter, first: datetime
) -> tuple[int, int]:
    owner = book.budgets[meter.id] if meter.kind == "budget" else None
    if owner is not None and owner.user_id is not None:
        return await sums.days_of_user(
            connection, org_id=book.org_id, user_id=owner.user_id, first=meter.starts_at, before=first
        )
    of = owner.department_id if owner is not None and owner.department_id is not None else meter.id
    assert isinstance(meter.period, PeriodKind)
    whole = stretch_of(book.usage.places, meter._replace(id=of))
    days = Stretch(whole.department_ids, "day", meter.starts_at, first)
    return (await sums.of_departments(connection, org_id=book.org_id, stretches=[days]))[0]


def _block(book: Rulebook, trial: Trial, events: Events, piece: Past, found: FoundBy) -> None:
    """What a block would have refused: requests of somebody after one of theirs that fired it."""
    action = next((one for one in book.usage.rules[0].content.actions if isinstance(one, Block)), None)
    if action is None:
        return
    fires: dict[int, int] = {}
    for (_, meter), one in found.items():
        ends = int(window_end(book, meter).timestamp())
        for number in one.events:
            fires[int(number)] = max(ends, fires.get(int(number), 0))
    blocked_what = [
        not action.models or any(fnmatchcase(model, one) for one in action.models) for _, model in events.what
    ]
    # Only events of somebody who is blocked, or who fires it here, can matter.
    concerned = {user_id for one in found.values() for user_id in one.users} | set(trial.blocked)
    of_concerned = np.array([user_id in concerned for user_id, _ in events.who], dtype=np.bool_)
    for number in np.flatnonzero(of_concerned[events.who_of]):
        at, user_id = int(piece.at[number]), events.who[events.who_of[number]][0]
        if at < trial.blocked.get(user_id, 0):
            if blocked_what[events.what_of[number]]:
                trial.refused_requests += 1
                trial.refused_tokens += int(piece.tokens[number])
        elif int(number) in fires:
            until = fires[int(number)] if action.hours is None else at + action.hours * 3600
            trial.blocked[user_id] = until


def _note(book: Rulebook, trial: Trial, piece: Past, found: FoundBy) -> None:
    for (_, meter), one in found.items():
        trial.matched += len(one.events)
        day = datetime.fromtimestamp(int(piece.at[one.first]), book.zone).date().isoformat()
        trial.days[day] = trial.days.get(day, 0) + len(one.events)
        known = trial.firings.get(meter)
        if known is None:
            if len(trial.firings) >= MOST_FIRINGS:
                continue
            known = trial.firings[meter] = WouldFire(int(piece.at[one.first]))
        for user_id in one.users - known.users:
            trial.users[user_id] = trial.users.get(user_id, 0) + 1
        known.events += len(one.events)
        known.tokens += one.tokens
        known.users |= one.users


def _forget(trial: Trial, at: int) -> None:
    """Sums of hours that are over by two days; a late event would begin its hour anew."""
    if len(trial.sums) > MOST_FIRINGS:
        old = datetime.fromtimestamp(at, UTC) - timedelta(days=2)
        trial.sums = {
            meter: total
            for meter, total in trial.sums.items()
            if meter.kind != "user" or meter.starts_at > old
        }
