"""Usage over time and by model, for charts: from the totals of the organisation, or of one user.

R1: a series has a row for every period of its range, also where nothing was used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.zones import filed_at
from toktra.metering.queries import BASIS, TABLES, DayRange, Filters, covered, daily, first_of
from toktra.metering.spans import Span, months_of


@dataclass(frozen=True, slots=True)
class Point:
    """What was used in one period."""

    starts_at: datetime
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    unpriced_requests: int = 0
    reconciled_tokens: int = 0


async def series(
    session: AsyncSession, *, org_id: UUID, span: Span, days: DayRange, filters: Filters
) -> list[Point]:
    """Usage period by period, oldest first, none left out (R1)."""
    starts = list(_starts(span, days))
    narrowed, parameters = filters.sql()
    parameters |= {"org_id": org_id, "starts_at": starts[0], "ends_at": days.ends_at}
    table, of_span = TABLES[span], ""
    if filters.user_id is None and span != "hour":
        table, of_span = "usage_totals", f" AND span = '{span}'"
    rows = await session.execute(
        text(_SERIES.format(table=table, where=of_span + narrowed)),
        parameters,
    )
    used = {row.starts_at: Point(*row) for row in rows}
    return [used.get(starts_at) or Point(starts_at) for starts_at in starts]


_SERIES = """
    SELECT starts_at, sum(requests)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint,
           sum(cost_micros)::bigint, sum(unpriced_requests)::bigint,
           coalesce(sum(input_tokens + output_tokens) FILTER (WHERE source = 'provider'), 0)::bigint
    FROM {table} WHERE org_id = :org_id AND starts_at >= :starts_at AND starts_at < :ends_at{where}
    GROUP BY starts_at
"""


def _starts(span: Span, days: DayRange) -> Iterator[datetime]:
    """Where the periods of a range are filed; a week or month that it begins inside is whole."""
    match span:
        case "hour":
            yield from _hours(days)
        case "month":
            yield from (filed_at(month, days.zone) for month in months_of(days.first, days.last))
        case _:
            step = 7 if span == "week" else 1
            first = first_of(span, days.first)
            for number in range((days.last - first).days // step + 1):
                yield filed_at(first + timedelta(days=number * step), days.zone)


def _hours(days: DayRange) -> Iterator[datetime]:
    """Hours of the zone, as PostgreSQL's date_trunc('hour', instant, zone) files them."""
    hour = _hour_of(days.starts_at, days.zone)
    while hour < days.ends_at:
        yield hour
        hour = _hour_of(hour + timedelta(hours=1), days.zone)


def _hour_of(instant: datetime, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    return instant - timedelta(minutes=local.minute, seconds=local.second)


async def by_model(
    session: AsyncSession, *, org_id: UUID, days: DayRange, filters: Filters, limit: int
) -> Sequence[Row[Any]]:
    """Tokens, requests and cost per model, provider and basis, most tokens first."""
    narrowed, parameters = filters.sql()
    source, spans = covered("usage_totals", days) if filters.user_id is None else daily(days)
    rows = await session.execute(
        text(f"""
            SELECT model, provider, {BASIS} AS basis, sum(input_tokens)::bigint AS input_tokens,
                   sum(output_tokens)::bigint AS output_tokens, sum(requests)::bigint AS requests,
                   sum(cost_micros)::bigint AS cost_micros,
                   sum(unpriced_requests)::bigint AS unpriced_requests
            FROM ({source}) s WHERE true{narrowed}
            GROUP BY 1, 2, 3 ORDER BY sum(input_tokens) + sum(output_tokens) DESC, 1, 2, 3 LIMIT :limit
        """),
        {**parameters, **spans, "org_id": org_id, "limit": limit},
    )
    return rows.all()
