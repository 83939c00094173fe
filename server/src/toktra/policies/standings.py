"""How meters stand, out of what is counted already: budgets' own counters, and roll-ups of usage.

G1: what is read includes the events that are judged: what they add is taken off to know how it stood before.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from toktra.budgets.queries import standing as budgets
from toktra.budgets.rules import PeriodKind, period_at
from toktra.kit.groups import Connection
from toktra.metering import sums
from toktra.metering.spans import Span
from toktra.metering.sums import Stretch
from toktra.policies.queries.rulebook import Rulebook
from toktra.policies.rules.baseline import LOOKED_AT_DAYS, Baseline, baseline
from toktra.policies.rules.judging import Standing
from toktra.policies.rules.meters import Meter, Places
from toktra.policies.rules.policy import UnusualUsage

_SPANS: dict[PeriodKind, Span] = {
    PeriodKind.DAILY: "day",
    PeriodKind.WEEKLY: "week",
    PeriodKind.MONTHLY: "month",
    PeriodKind.QUARTERLY: "month",
    PeriodKind.ANNUAL: "month",
}
_MOST_BASELINES = 5_000


async def standings(
    connection: Connection, *, book: Rulebook, added: Mapping[Meter, int]
) -> dict[Meter, Standing]:
    """How these meters stood before `added` was added to them (G1)."""
    found: dict[Meter, Standing] = {}
    if of_budgets := [meter for meter in added if meter.kind == "budget"]:
        found |= await _of_budgets(connection, book, added, of_budgets)
    if of_departments := [meter for meter in added if meter.kind == "department"]:
        found |= await _of_departments(connection, book, added, of_departments)
    if of_users := [meter for meter in added if meter.kind == "user"]:
        found |= await _of_users(connection, book, added, of_users)
    return found


async def _of_budgets(
    connection: Connection, book: Rulebook, added: Mapping[Meter, int], meters: list[Meter]
) -> dict[Meter, Standing]:
    periods = {(one.id, one.starts_at) for one in meters}
    known = await budgets.standings(connection, org_id=book.org_id, periods=periods)
    return {
        meter: Standing(at.used - added[meter], budget_limits(book, meter, at.limit))
        for meter in meters
        if (at := known.get((meter.id, meter.starts_at))) is not None
    }


def budget_limits(book: Rulebook, meter: Meter, limit: int) -> tuple[tuple[int, int], ...]:
    """From which sum on the triggers about a budget hold: the percentage of its limit, rounded up."""
    return tuple(
        (place, -(-limit * percent // 100))
        for place, budget_id, percent in book.percents
        if budget_id in (None, meter.id)
    )


async def _of_departments(
    connection: Connection, book: Rulebook, added: Mapping[Meter, int], meters: list[Meter]
) -> dict[Meter, Standing]:
    stretches = [stretch_of(book.usage.places, meter) for meter in meters]
    totals = await sums.of_departments(connection, org_id=book.org_id, stretches=stretches)
    return {
        meter: Standing(
            (total[0] if meter.unit == "tokens" else total[1]) - added[meter], department_limits(book, meter)
        )
        for meter, total in zip(meters, totals, strict=True)
    }


def department_limits(book: Rulebook, meter: Meter) -> tuple[tuple[int, int], ...]:
    """From which sum on the thresholds of a department hold."""
    return tuple(
        (place, limit)
        for place, department_id, limit in book.thresholds.get((meter.period, meter.unit), ())
        if department_id in (None, meter.id)
    )


def stretch_of(places: Places, meter: Meter) -> Stretch:
    """The spans of roll-ups that make up a department's meter, with the departments below it."""
    assert isinstance(meter.period, PeriodKind)
    below = [at for at in places.parents if meter.id in places.above(at)]
    ends_at = period_at(meter.period, meter.starts_at, places.zone).ends_at
    return Stretch(below, _SPANS[meter.period], meter.starts_at, ends_at)


async def _of_users(
    connection: Connection, book: Rulebook, added: Mapping[Meter, int], meters: list[Meter]
) -> dict[Meter, Standing]:
    hours = [(one.id, one.starts_at) for one in meters]
    after = await sums.of_hours(connection, org_id=book.org_id, hours=hours)
    least = min(one.least_tokens for one in unusual(book).values())
    high = [one for one in meters if after.get((one.id, one.starts_at), 0) >= least]
    await learn(connection, book, high)
    return {
        meter: Standing(after[meter.id, meter.starts_at] - added[meter], user_limits(book, meter))
        for meter in high
    }


def unusual(book: Rulebook) -> dict[int, UnusualUsage]:
    """The triggers about unusual usage, by the place of their rule."""
    return {
        place: rule.content.trigger
        for place, rule in enumerate(book.usage.rules)
        if isinstance(rule.content.trigger, UnusualUsage)
    }


def user_limits(book: Rulebook, meter: Meter) -> tuple[tuple[int, int], ...]:
    """From which sum on an hour is unusual for its user; nothing where too little is known of them."""
    known = baseline_of(book, meter)
    if known is None:
        return ()
    local = meter.starts_at.astimezone(book.zone)
    return tuple(
        (place, known.limit(local, times=one.times, least=one.least_tokens))
        for place, one in unusual(book).items()
    )


def baseline_of(book: Rulebook, meter: Meter) -> Baseline | None:
    """What is usual for a user on the day of this hour, as far as it was learnt."""
    return book.baselines.get((meter.id, meter.starts_at.astimezone(book.zone).date()))


async def learn(connection: Connection, book: Rulebook, meters: Iterable[Meter]) -> None:
    """Learn what is usual for users, out of the days before: each is looked at once a day."""
    wanted: dict[datetime, set[UUID]] = {}
    for meter in meters:
        day = meter.starts_at.astimezone(book.zone).date()
        if (meter.id, day) not in book.baselines:
            midnight = datetime(day.year, day.month, day.day, tzinfo=book.zone).astimezone(UTC)
            wanted.setdefault(midnight, set()).add(meter.id)
    if len(book.baselines) >= _MOST_BASELINES:
        book.baselines.clear()
    for midnight, users in wanted.items():
        first = midnight - timedelta(days=LOOKED_AT_DAYS)
        past = await sums.hours_of(
            connection, org_id=book.org_id, user_ids=users, first=first, before=midnight
        )
        day = midnight.astimezone(book.zone).date()
        for user_id, hours in past.items():
            book.baselines[user_id, day] = baseline(hours, book.zone)
