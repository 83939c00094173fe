"""What the personal ledger tells an organisation of a month: figures of many, once a day (R3, R4).

U1: a day's figures are made once, and asked for again they are the same.
U2: only the organisation itself is told them, which asks with its own signature.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from toktra.kit.groups import Connection
from toktra.personal.rules import REST, Cell, Figures, follow

_MONTHS_BACK = timedelta(days=92)
_MOST_MONTHS = 24
_DUE = """
    SELECT DISTINCT org_id, month FROM months m JOIN accounts a ON a.id = account_id
    WHERE month >= %s AND NOT EXISTS (
        SELECT FROM aggregates g WHERE g.org_id = a.org_id AND g.month = m.month AND published_on >= %s)
"""
_TIERS = """
    SELECT tier, count(*), sum(budget)::bigint, sum(used)::bigint, count(*) FILTER (WHERE used <> told)
    FROM (
        SELECT m.* FROM months m JOIN accounts a ON a.id = account_id
        WHERE a.org_id = %s AND month = %s FOR UPDATE OF m
    ) locked GROUP BY tier
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A month as it is told. A tier of None is withheld, and so is everything where `total` is None."""

    month: str
    published_on: date
    total: Cell | None
    tiers: Mapping[str, Cell | None]


async def publish(connection: Connection, *, today: date) -> int:
    """Make the figures of today that are not made yet (U1); how many months."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('personal.publish'))")
    oldest = f"{today - _MONTHS_BACK:%Y-%m}"
    due = await (await connection.execute(_DUE, [oldest, today])).fetchall()
    for org_id, month in due:
        await _publish(connection, org_id, month, today)
    return len(due)


async def told(connection: Connection, *, org_id: UUID) -> Sequence[Told]:
    """What was made of an organisation's months, the newest first."""
    rows = await connection.execute(
        "SELECT month, published_on, content FROM aggregates WHERE org_id = %s ORDER BY month DESC LIMIT %s",
        [org_id, _MOST_MONTHS],
    )
    return [_told(month, on, _figures(content)) async for month, on, content in rows]


async def _publish(connection: Connection, org_id: UUID, month: str, today: date) -> None:
    rows = await (await connection.execute(_TIERS, [org_id, month])).fetchall()
    tiers = {tier: Cell(accounts, budget, used) for tier, accounts, budget, used, _ in rows}
    left = await connection.execute(
        "SELECT tier, accounts FROM left_since WHERE org_id = %s AND month = %s", [org_id, month]
    )
    gone: dict[str, int] = dict(await left.fetchall())
    changed = Counter(gone) + Counter({tier: new for tier, *_, new in rows})
    found = await connection.execute(
        "SELECT content FROM aggregates WHERE org_id = %s AND month = %s", [org_id, month]
    )
    row = await found.fetchone()
    figures, new = follow(_figures(row[0]) if row else None, tiers, changed)
    await connection.execute(
        "INSERT INTO aggregates VALUES (%s, %s, %s, %s) ON CONFLICT (org_id, month) DO UPDATE "
        "SET published_on = excluded.published_on, content = excluded.content",
        [org_id, month, today, Jsonb(_content(figures))],
    )
    where = [list(new), month, org_id]
    await connection.execute(
        "UPDATE months SET told = used WHERE tier = ANY(%s) AND month = %s "
        "AND account_id IN (SELECT id FROM accounts WHERE org_id = %s)",
        where,
    )
    await connection.execute(
        "DELETE FROM left_since WHERE tier = ANY(%s) AND month = %s AND org_id = %s", where
    )


def _told(month: str, on: date, figures: Figures | None) -> Told:
    if figures is None:
        return Told(month, on, None, {})
    tiers: dict[str, Cell | None] = dict.fromkeys(figures.withheld)
    tiers |= {name: cell.rounded for name, cell in figures.groups.items() if name != REST}
    return Told(month, on, figures.total.rounded, dict(sorted(tiers.items())))


def _content(figures: Figures | None) -> object:
    if figures is None:
        return None
    groups = {name: [c.accounts, c.budget, c.used] for name, c in figures.groups.items()}
    return {"withheld": sorted(figures.withheld), "groups": groups}


def _figures(content: dict[str, object] | None) -> Figures | None:
    if content is None:
        return None
    groups = {name: Cell(*cell) for name, cell in content["groups"].items()}  # type: ignore[attr-defined]
    return Figures(frozenset(content["withheld"]), groups)  # type: ignore[call-overload]
