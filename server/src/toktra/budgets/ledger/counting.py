"""New usage is counted against every budget above it, in the transaction that keeps the events.

C1: `used` is what events say, at every instant that anyone else can see.
C2: an event that names a hold ends it, whatever it used; only the hold's own user and device can.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from toktra.budgets.ledger.locking import share_tree
from toktra.budgets.ledger.opening import Opening, open_periods
from toktra.budgets.ledger.rolling import refresh_rollovers
from toktra.budgets.ledger.thresholds import raise_alerts
from toktra.budgets.telling import teller
from toktra.kit.groups import Connection, NotYet
from toktra.metering.writer import Seen, Used

CHARGE = (Path(__file__).parent / "charge.sql").read_text()
_ENDED_BEFORE = """
    SELECT p.id FROM preflights p
    JOIN unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[]) AS s (org_id, id, user_id, device_id)
        ON p.org_id = s.org_id AND p.id = s.id AND p.user_id = s.user_id
        AND p.device_id IS NOT DISTINCT FROM s.device_id
"""
ENDED, UNKNOWN = "hold_ended", "hold_unknown"


async def count(
    connection: Connection, used: Sequence[Used], seen: Sequence[Seen], now: datetime
) -> dict[tuple[int, int], str]:
    """Count new usage and end holds (C1, C2); answers why an event did not end the hold it names."""
    await share_tree(connection, {one.org_id for one in used})
    found = await _charge(connection, used, seen, now)
    if missing := found["missing"]:
        openings: list[Opening] = [(org_id, budget_id, starts_at) for org_id, budget_id, starts_at in missing]
        raise NotYet(partial(_open, openings=openings, now=now))
    if late := found["late"]:
        await refresh_rollovers(connection, late, now=now)
    if passed := found["passed"]:
        await raise_alerts(connection, passed, now=now)
    await teller.tell(connection, {one.org_id for one in used})
    return await _unsettled(connection, seen, {event_id for _, event_id, _ in found["settled"]})


async def _charge(
    connection: Connection, used: Sequence[Used], seen: Sequence[Seen], now: datetime
) -> dict[str, list[Any]]:
    values = {
        "now": now,
        **{
            name: [getattr(one, name) for one in used]
            for name in ("org_id", "user_id", "department_id", "day", "tokens", "cost_micros")
        },
        "hold_org_id": [one.org_id for one in seen],
        "hold_id": [one.hold_id for one in seen],
        "hold_user_id": [one.user_id for one in seen],
        "hold_device_id": [one.device_id for one in seen],
        "event_id": [one.event_id for one in seen],
        "hold_tokens": [one.tokens for one in seen],
        "hold_cost_micros": [one.cost_micros for one in seen],
        "hold_department_id": [one.department_id for one in seen],
        "hold_occurred_at": [one.occurred_at for one in seen],
    }
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(CHARGE, values, prepare=True)
        found: dict[str, list[Any]] = defaultdict(list)
        for what, *row in await cursor.fetchall():
            found[what].append(tuple(row))
    return found


async def _open(connection: Connection, openings: Sequence[Opening], now: datetime) -> None:
    async with connection.transaction():
        await open_periods(connection, openings, now=now)


async def _unsettled(
    connection: Connection, seen: Sequence[Seen], settled: set[UUID]
) -> dict[tuple[int, int], str]:
    left = [one for one in seen if one.event_id not in settled]
    if not left:
        return {}
    columns = zip(*((one.org_id, one.hold_id, one.user_id, one.device_id) for one in left), strict=True)
    known = await connection.execute(_ENDED_BEFORE, [list(column) for column in columns])
    ended = {row[0] for row in await known.fetchall()}
    return {one.place: ENDED if one.hold_id in ended else UNKNOWN for one in left}
