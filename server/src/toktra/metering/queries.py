"""Reads for screens and the usage API: always from roll-ups, never from raw events.

Q1: every query names its organisation and the caller's reach.
Q2: days, weeks and months are the organisation's, in its own time zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Reach
from toktra.kit.pages import COUNT_LIMIT
from toktra.kit.zones import filed_at, start_of
from toktra.metering.spans import Span, cover

LISTED_SPANS: dict[str, Span] = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days of an organisation, both included, in its zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts_at(self) -> datetime:
        return start_of(self.first, self.zone)

    @property
    def ends_at(self) -> datetime:
        return start_of(self.last + timedelta(days=1), self.zone)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a usage query; None narrows nothing. Departments include all below them."""

    user_id: UUID | None = None
    department_ids: frozenset[UUID] | None = None
    provider: str | None = None
    model: str | None = None

    def within(self, reach: Reach) -> "Filters":
        """The same filters, never wider than the caller's reach."""
        departments = self.department_ids
        if reach.department_ids is not None:
            departments = reach.department_ids if departments is None else departments & reach.department_ids
        user_id = self.user_id
        if reach.user_id is not None:
            user_id = reach.user_id if user_id in (None, reach.user_id) else _NOBODY
        return Filters(user_id, departments, self.provider, self.model)

    def sql(self) -> tuple[str, dict[str, Any]]:
        """The conditions as SQL and its parameters."""
        departments = self.department_ids or frozenset()
        (only,) = departments if len(departments) == 1 else (None,)
        given = {
            "user_id": self.user_id,
            "provider": self.provider,
            "model": self.model,
            "department_id": only,
        }
        parameters: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        conditions = [f"{name} = :{name}" for name in parameters]
        if self.department_ids is not None and only is None:
            conditions.append("department_id = ANY(:department_ids)")
            parameters["department_ids"] = sorted(self.department_ids)
        return "".join(f" AND {condition}" for condition in conditions), parameters


_NOBODY = UUID(int=0)
Position = tuple[datetime, UUID, UUID, str, str, str]


async def summaries(
    session: AsyncSession,
    *,
    org_id: UUID,
    span: Span,
    days: DayRange,
    filters: Filters,
    after: Position | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Usage per span, user, department, provider, model and basis, newest first; one more than `limit`."""
    table, where, parameters = _listed(org_id, span, days, filters)
    beyond = ""
    if after is not None:
        names = ("at", "user", "dept", "prov", "mod", "basis")
        parameters |= {f"after_{name}": value for name, value in zip(names, after, strict=True)}
        beyond = _BEYOND
    rows = await session.execute(
        text(_SUMMARIES.format(table=table, where=where, beyond=beyond)), {**parameters, "limit": limit + 1}
    )
    return rows.all()


async def count_summaries(
    session: AsyncSession, *, org_id: UUID, span: Span, days: DayRange, filters: Filters
) -> int:
    """How many summaries there are, up to COUNT_LIMIT."""
    table, where, parameters = _listed(org_id, span, days, filters)
    counting = (
        f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {where} "
        f"GROUP BY {_KEY} ORDER BY {_ORDER} LIMIT {COUNT_LIMIT})"
    )
    return await session.scalar(text(counting), parameters) or 0


def _listed(org_id: UUID, span: Span, days: DayRange, filters: Filters) -> tuple[str, str, dict[str, Any]]:
    """The partition itself: a condition on the span would be looked up in each row, past the index."""
    narrowed, parameters = filters.sql()
    parameters |= {"org_id": org_id, "starts_at": _floor(span, days), "ends_at": days.ends_at}
    where = "org_id = :org_id AND starts_at >= :starts_at AND starts_at < :ends_at"
    return TABLES[span], where + narrowed, parameters


TABLES: dict[Span, str] = {
    "hour": "usage_hourly",
    "day": "usage_daily",
    "week": "usage_weekly",
    "month": "usage_monthly",
}
BASIS = "CASE source WHEN 'provider' THEN 'reconciled' ELSE 'estimated' END"
_KEY = f"starts_at, user_id, department_id, provider, model, {BASIS}"
# The order of the index: a page and a count read as far as they must, and no further.
_ORDER = f"starts_at DESC, user_id, department_id, provider, model, {BASIS}"
_BEYOND = f""" AND starts_at <= :after_at AND (starts_at < :after_at OR
    (user_id, department_id, provider, model, {BASIS})
        > (:after_user, :after_dept, :after_prov, :after_mod, :after_basis))"""
_SUMMARIES = f"""
    SELECT starts_at, user_id, department_id, provider, model, {BASIS} AS basis,
           sum(requests)::bigint AS requests, sum(input_tokens)::bigint AS input_tokens,
           sum(output_tokens)::bigint AS output_tokens, sum(cost_micros)::bigint AS cost_micros,
           sum(unpriced_requests)::bigint AS unpriced_requests
    FROM {{table}} WHERE {{where}}{{beyond}}
    GROUP BY {_KEY}
    ORDER BY {_ORDER}
    LIMIT :limit
"""


def _floor(span: Span, days: DayRange) -> datetime:
    """A week or month that the range begins inside is shown whole."""
    return start_of(first_of(span, days.first), days.zone)


def first_of(span: Span, day: date) -> date:
    """The first day of the week or month that a day is in; of a day or hour, the day itself."""
    if span == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if span == "month" else day


async def total_tokens(
    session: AsyncSession, *, org_id: UUID, days: DayRange, filters: Filters
) -> tuple[int, int, int]:
    """Input tokens, output tokens and requests of a range."""
    rows = await by_provider(session, org_id=org_id, days=days, filters=filters)
    return (
        sum(row.input_tokens for row in rows),
        sum(row.output_tokens for row in rows),
        sum(row.requests for row in rows),
    )


async def by_provider(
    session: AsyncSession, *, org_id: UUID, days: DayRange, filters: Filters
) -> Sequence[Row[Any]]:
    """Input and output tokens, requests and cost per provider and basis, most tokens first."""
    narrowed, parameters = filters.sql()
    source, spans = covered("usage_totals", days) if filters.user_id is None else daily(days)
    rows = await session.execute(
        text(f"""
            SELECT provider, {BASIS} AS basis, sum(input_tokens)::bigint AS input_tokens,
                   sum(output_tokens)::bigint AS output_tokens, sum(requests)::bigint AS requests,
                   sum(cost_micros)::bigint AS cost_micros,
                   sum(unpriced_requests)::bigint AS unpriced_requests
            FROM ({source}) s WHERE true{narrowed}
            GROUP BY 1, 2 ORDER BY sum(input_tokens) + sum(output_tokens) DESC, 1, 2
        """),
        {**parameters, **spans, "org_id": org_id},
    )
    return rows.all()


_PART = "SELECT * FROM {table} WHERE span = '{span}' AND org_id = :org_id AND starts_at = ANY(:{span}s)"
_DAILY = (
    "SELECT * FROM usage_daily WHERE org_id = :org_id AND starts_at >= :starts_at AND starts_at < :ends_at"
)


def daily(days: DayRange) -> tuple[str, dict[str, Any]]:
    """The range day by day, with users and models."""
    return _DAILY, {"starts_at": days.starts_at, "ends_at": days.ends_at}


def covered(table: str, days: DayRange) -> tuple[str, dict[str, Any]]:
    """The range as whole months, weeks and days of a table that holds all three."""
    parts = cover(days.first, days.last)
    spans = {
        span: starts
        for span in ("month", "week", "day")
        if (starts := [filed_at(day, days.zone) for kind, day in parts if kind == span])
    }
    source = " UNION ALL ".join(_PART.format(table=table, span=span) for span in spans)
    return source, {f"{span}s": starts for span, starts in spans.items()}


async def active_users(
    session: AsyncSession, *, org_id: UUID, since: datetime, user_ids: frozenset[UUID] | None
) -> int:
    """How many users have had at least one event since then."""
    narrowed = "" if user_ids is None else " AND user_id = ANY(:user_ids)"
    return (
        await session.scalar(
            text(
                f"SELECT count(*) FROM user_activity "
                f"WHERE org_id = :org_id AND last_event_at >= :since{narrowed}"
            ),
            {"org_id": org_id, "since": since, "user_ids": sorted(user_ids or ())},
        )
    ) or 0


def today(zone: ZoneInfo, now: datetime) -> date:
    """The organisation's present day."""
    return now.astimezone(UTC).astimezone(zone).date()
