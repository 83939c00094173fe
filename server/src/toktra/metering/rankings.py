"""Who uses most: exact, mostly without summing up everyone.

K1: a ranking is that of all users' sums over the range; ties are in the order of their ids.
K2: nobody used more in a range than in all the months it touches. So who used less in those months than the
    last of the ranking in the range is not in it, and is not looked at more closely.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.zones import filed_at
from toktra.metering.queries import DayRange, Filters, covered
from toktra.metering.spans import cover, months_of

# So many are summed first for each place: among them are enough who used much in the range itself.
_LIKELY = 5
# A range with few parts is summed as quickly as its months.
_FEW_PARTS = 2


async def top_users(
    session: AsyncSession, *, org_id: UUID, days: DayRange, filters: Filters, limit: int
) -> Sequence[Row[Any]]:
    """The users with the most tokens in a range, from the roll-ups that have the columns to filter by."""
    narrowed, parameters = filters.sql()
    table = "usage_by_user" if filters.provider is None and filters.model is None else "usage_rollups"
    source, spans = covered(table, days)
    months = months_of(days.first, days.last)
    statement = _ALL
    if len(cover(days.first, days.last)) > _FEW_PARTS * len(months):
        statement = _BOUNDED
        parameters |= {"likely": limit * _LIKELY, "touched": [filed_at(one, days.zone) for one in months]}
    rows = await session.execute(
        text(statement.format(figures=_FIGURES, table=table, source=source, narrowed=narrowed)),
        {**parameters, **spans, "org_id": org_id, "limit": limit},
    )
    return rows.all()


_FIGURES = """sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens,
           sum(requests)::bigint AS requests, sum(cost_micros)::bigint AS cost_micros"""
# First who leads, by one sum over everyone; then all figures of those few.
_ALL = """
    WITH ranked AS (
        SELECT user_id, sum(input_tokens + output_tokens) AS tokens FROM ({source}) s WHERE true{narrowed}
        GROUP BY user_id ORDER BY 2 DESC, 1 LIMIT :limit
    )
    SELECT user_id, {figures}
    FROM ({source}) s WHERE user_id = ANY (ARRAY(SELECT user_id FROM ranked)){narrowed}
    GROUP BY user_id ORDER BY sum(input_tokens + output_tokens) DESC, user_id
"""
# `least` is what the last place needs at the least: so many of the likely have used that much in the range.
_BOUNDED = """
    WITH bound AS MATERIALIZED (
        SELECT user_id, sum(input_tokens + output_tokens) AS most FROM {table}
        WHERE span = 'month' AND org_id = :org_id AND starts_at = ANY(:touched){narrowed}
        GROUP BY user_id
    ), likely AS (
        SELECT tokens FROM (SELECT user_id FROM bound ORDER BY most DESC LIMIT :likely) b
        CROSS JOIN LATERAL (
            SELECT sum(input_tokens + output_tokens) AS tokens FROM ({source}) s
            WHERE s.user_id = b.user_id{narrowed}
        ) used
        WHERE tokens IS NOT NULL ORDER BY tokens DESC LIMIT :limit
    ), least AS (
        SELECT min(tokens) AS tokens FROM likely HAVING count(*) = :limit
    )
    SELECT bound.user_id, used.*
    FROM bound CROSS JOIN LATERAL (
        SELECT {figures} FROM ({source}) s WHERE s.user_id = bound.user_id{narrowed}
    ) used
    WHERE most >= coalesce((SELECT tokens FROM least), 0) AND requests IS NOT NULL
    ORDER BY input_tokens + output_tokens DESC, user_id
    LIMIT :limit
"""
