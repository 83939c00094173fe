"""A policy tried on what happened: the same engine as live, fed with events of the past.

H1: it finds what live evaluation of the same policy found on the same events.
H2: memory is bounded: events come a few thousand at a time, and a bounded number of firings is remembered.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from uuid import UUID

from toktra.budgets.queries import standing as budgets
from toktra.budgets.rules import PeriodKind
from toktra.kit.groups import Connection
from toktra.metering import past, sums
from toktra.metering.past import Past
from toktra.metering.sums import Stretch
from toktra.policies.queries.rulebook import Rulebook
from toktra.policies.rules.judging import Event, Found, FoundBy, Sorted, Standing
from toktra.policies.rules.meters import Meter
from toktra.policies.rules.policy import Block
from toktra.policies.service.hits import window_end
from toktra.policies.standings import (
    budget_limits,
    department_limits,
    learn,
    stretch_of,
    unusual,
    user_limits,
)

AT_ONCE = 10_000
MOST_FIRINGS = 50_000
Progress = Callable[[int], Awaitable[None]]


@dataclass(slots=True)
class Trial:
    """What a policy would have done. `days`: events that would have fired it, by local day (ISO)."""

    events: int = 0
    matched: int = 0
    firings: dict[Meter, Found] = field(default_factory=dict)
    first_at: dict[Meter, int] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    users: dict[UUID, int] = field(default_factory=dict)
    """How often it would have fired for whom."""
    refused_requests: int = 0
    refused_tokens: int = 0
    more_firings: bool = False
    sums: dict[Meter, int] = field(default_factory=dict)
    blocked: dict[UUID, int] = field(default_factory=dict)
    """Until when, in seconds since 1970."""


async def try_out(
    connection: Connection, *, book: Rulebook, days: int, now: datetime, progress: Progress
) -> Trial:
    """Try the one policy of `book` on the last `days` days (H1, H2). Inside a transaction."""
    first = first_of(book, days, now)
    trial = Trial()
    async for rows in past.events(connection, org_id=book.org_id, first=first, before=now, at_once=AT_ONCE):
        await _look(connection, book, trial, rows, first)
        trial.events += len(rows)
        await progress(trial.events)
    return trial


def first_of(book: Rulebook, days: int, now: datetime) -> datetime:
    """The local midnight with which the days that are looked at begin."""
    day = now.astimezone(book.zone).date() - timedelta(days=days - 1)
    return datetime(day.year, day.month, day.day, tzinfo=book.zone).astimezone(UTC)


async def _look(
    connection: Connection, book: Rulebook, trial: Trial, rows: list[Past], first: datetime
) -> None:
    at_minute = book.usage.places.at_minute
    events = book.usage.sort(
        [
            Event(
                one.kind[0],
                one.kind[1],
                one.kind[2],
                one.kind[3],
                one.tokens,
                one.micros,
                at_minute(one.at // 60),
            )
            for one in rows
        ]
    )
    standings = await _standings(connection, book, trial, events, first)
    found = events.judge(standings)
    if trial.blocked or found:
        _block(book, trial, events, rows, found)
    _note(book, trial, events, rows, found)
    for meter, added in events.added.items():
        trial.sums[meter] = trial.sums.get(meter, 0) + added
    _forget(trial, rows[-1].at)


async def _standings(
    connection: Connection, book: Rulebook, trial: Trial, events: Sorted, first: datetime
) -> dict[Meter, Standing]:
    """As live, but out of what has gone by here."""
    new = [meter for meter in events.added if meter not in trial.sums]
    if new:
        await _begin(connection, book, trial, new, first)
    least = min((one.least_tokens for one in unusual(book).values()), default=0)
    high = [
        meter
        for meter, added in events.added.items()
        if meter.kind == "user" and trial.sums[meter] + added >= least
    ]
    if high:
        await learn(connection, book, high)
    limits = await _budget_limits(connection, book, events)
    found: dict[Meter, Standing] = {}
    for meter in events.added:
        if meter.kind == "budget":
            if meter in limits:
                found[meter] = Standing(trial.sums[meter], budget_limits(book, meter, limits[meter]))
        elif meter.kind == "department":
            found[meter] = Standing(trial.sums[meter], department_limits(book, meter))
    found |= {meter: Standing(trial.sums[meter], user_limits(book, meter)) for meter in high}
    return found


async def _budget_limits(connection: Connection, book: Rulebook, events: Sorted) -> dict[Meter, int]:
    """A budget's limit as it was in its period, or as it is now where the period was never opened."""
    meters = [meter for meter in events.added if meter.kind == "budget"]
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
        if meter.starts_at >= first or meter.kind == "user":
            continue
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


def _block(book: Rulebook, trial: Trial, events: Sorted, rows: list[Past], found: FoundBy) -> None:
    """What a block would have refused: requests of somebody after one of theirs that fired it."""
    action = next((one for one in book.usage.rules[0].content.actions if isinstance(one, Block)), None)
    if action is None:
        return
    begins = {meter: one.first for (_, meter), one in found.items()}
    for number, row in enumerate(rows):
        user_id = row.kind.user_id
        if row.at < trial.blocked.get(user_id, 0):
            if not action.models or any(fnmatchcase(row.kind.model, one) for one in action.models):
                trial.refused_requests += 1
                trial.refused_tokens += row.tokens
            continue
        for meter in events.firing_meters(number):
            if number >= begins.get(meter, len(rows)):
                ends = window_end(book, meter).timestamp()
                until = ends if action.hours is None else row.at + action.hours * 3600
                trial.blocked[user_id] = max(int(until), trial.blocked.get(user_id, 0))


def _note(book: Rulebook, trial: Trial, events: Sorted, rows: list[Past], found: FoundBy) -> None:
    for (_, meter), one in found.items():
        trial.matched += one.events
        known = trial.firings.get(meter)
        if known is None:
            if len(trial.firings) >= MOST_FIRINGS:
                trial.more_firings = True
                continue
            known = trial.firings[meter] = Found(first=0)
            trial.first_at[meter] = rows[one.first].at
        for user_id in one.users - known.users:
            trial.users[user_id] = trial.users.get(user_id, 0) + 1
        known.events += one.events
        known.tokens += one.tokens
        known.users |= one.users
        day = datetime.fromtimestamp(rows[one.first].at, book.zone).date().isoformat()
        trial.days[day] = trial.days.get(day, 0) + one.events


def _forget(trial: Trial, at: int) -> None:
    """Sums of hours that are over by two days; a late event would begin its hour anew."""
    if len(trial.sums) > MOST_FIRINGS:
        old = datetime.fromtimestamp(at, UTC) - timedelta(days=2)
        trial.sums = {
            meter: total
            for meter, total in trial.sums.items()
            if meter.kind != "user" or meter.starts_at > old
        }
