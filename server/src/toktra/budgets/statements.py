"""The statements of a group of checks. Each is prepared once, and takes whole columns."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from toktra.budgets.queries.book import Place
from toktra.kit.groups import Connection

Cursor = psycopg.AsyncCursor[Any]
_encode = msgspec.json.Encoder().encode

_LOCK = """
    SELECT w.name, p.limit_amount + p.rolled_over, greatest(0, p.used - p.exempt_used), p.held - p.exempt_held
    FROM json_to_recordset(%s::json) AS w (name text, org_id uuid, budget_id uuid, starts_at timestamptz)
    JOIN budget_periods p USING (org_id, budget_id, starts_at)
    ORDER BY p.org_id, p.budget_id, p.starts_at
    FOR UPDATE OF p
"""
_LAPSED = """
    SELECT p.org_id, h.budget_id, h.starts_at, sum(h.amount)::bigint, sum(h.exempt)::bigint
    FROM preflights p
    CROSS JOIN LATERAL unnest(p.budget_ids, p.period_starts, p.amounts, p.exempt_amounts)
        AS h (budget_id, starts_at, amount, exempt)
    WHERE p.org_id = ANY(%s) AND p.ended_at IS NULL AND p.expires_at <= %s
    GROUP BY 1, 2, 3
"""
_KNOWN = """
    SELECT p.org_id, p.user_id, p.key, p.provider, p.model, p.tokens, p.answer
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS w (org_id, user_id, key)
    JOIN preflights p USING (org_id, user_id, key)
"""
_EXEMPTIONS = """
    SELECT x.org_id, x.user_id, x.id, x.tokens - x.used - x.held
    FROM unnest(%s::uuid[], %s::uuid[]) AS w (org_id, user_id)
    JOIN budget_exemptions x USING (org_id, user_id)
    WHERE x.status = 'approved' AND x.starts_at <= %s AND x.ends_at > %s
    ORDER BY x.org_id, x.id FOR UPDATE OF x
"""
_LAPSED_DRAWS = """
    SELECT d.id, sum(d.tokens)::bigint
    FROM preflights p CROSS JOIN LATERAL unnest(p.exemption_ids, p.exemption_tokens) AS d (id, tokens)
    WHERE p.org_id = ANY(%s) AND p.user_id = ANY(%s) AND p.ended_at IS NULL AND p.expires_at <= %s
    GROUP BY 1
"""
# Rows travel as one JSON text: encoded by msgspec in a fraction of the time that lists of columns take.
# The periods' rows are locked already.
_KEEP = """
    WITH held AS (
        UPDATE budget_periods p SET held = p.held + d.amount, exempt_held = p.exempt_held + d.exempt
        FROM json_to_recordset(%s::json)
            AS d (org_id uuid, budget_id uuid, starts_at timestamptz, amount bigint, exempt bigint)
        WHERE p.org_id = d.org_id AND p.budget_id = d.budget_id AND p.starts_at = d.starts_at
    )
    INSERT INTO preflights (org_id, id, user_id, device_id, key, provider, model, tokens, answer, created_at,
        expires_at, ended_at, outcome, budget_ids, period_starts, amounts, exempt_amounts, exemption_ids,
        exemption_tokens)
    SELECT org_id, id, user_id, device_id, key, provider, model, tokens, decode(answer, 'base64'), created_at,
           expires_at, ended_at, outcome, budget_ids, period_starts, amounts, exempt_amounts, exemption_ids,
           exemption_tokens
    FROM json_to_recordset(%s::json) AS p (
        org_id uuid, id uuid, user_id uuid, device_id uuid, key text, provider text, model text,
        tokens bigint, answer text, created_at timestamptz, expires_at timestamptz, ended_at timestamptz,
        outcome text,
        budget_ids uuid[], period_starts timestamptz[], amounts bigint[], exempt_amounts bigint[],
        exemption_ids uuid[], exemption_tokens bigint[])
"""
_DRAW = """
    UPDATE budget_exemptions x SET held = x.held + d.tokens
    FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS d (org_id, id, tokens)
    WHERE x.org_id = d.org_id AND x.id = d.id
"""
_BY_SERVER = """SELECT set_config('toktra.caller', '{"credential_kind": "server"}', true)"""
# One entry of the audit log a minute about a user and a budget; those in between are counted into the next.
_NOTE_BLOCKED = """
    INSERT INTO blocked_requests AS b (org_id, user_id, budget_id, noted_at, requests)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::bigint[])
    ORDER BY 1, 2, 3
    ON CONFLICT (org_id, user_id, budget_id) DO UPDATE SET
        noted_at = CASE WHEN b.noted_at <= excluded.noted_at - interval '1 minute'
            THEN excluded.noted_at ELSE b.noted_at END,
        requests = CASE WHEN b.noted_at <= excluded.noted_at - interval '1 minute'
            THEN b.waiting + excluded.requests ELSE b.requests END,
        waiting = CASE WHEN b.noted_at <= excluded.noted_at - interval '1 minute'
            THEN 0 ELSE b.waiting + excluded.requests END
"""


class Held(Struct, frozen=True):
    """What a group newly holds of a budget in a period: all of it, and what exemptions cover."""

    org_id: UUID
    budget_id: UUID
    starts_at: datetime
    amount: int
    exempt: int


class Row(Struct, frozen=True):
    """What is kept of a decided request."""

    org_id: UUID
    id: UUID
    user_id: UUID
    device_id: UUID | None
    key: str
    provider: str
    model: str
    tokens: int
    answer: bytes
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    outcome: str | None
    budget_ids: list[UUID]
    period_starts: list[datetime]
    amounts: list[int]
    exempt_amounts: list[int]
    exemption_ids: list[UUID]
    exemption_tokens: list[int]


async def lock(connection: Connection, places: Collection[Place]) -> Cursor:
    """Lock the rows of these periods, in the order of their keys."""
    return await _run(connection, _LOCK, _encode(places).decode())


async def lapsed(connection: Connection, org_ids: Collection[UUID], now: datetime) -> Cursor:
    """What holds that have lapsed, and are not swept away yet, still take in the counters."""
    return await _run(connection, _LAPSED, sorted(org_ids), now)


async def known(connection: Connection, keys: Sequence[tuple[UUID, UUID, str]]) -> Cursor:
    """The first answers to keys that were asked with before."""
    return await _run(connection, _KNOWN, *_columns(keys, 3))


async def exemptions(connection: Connection, users: Collection[tuple[UUID, UUID]], now: datetime) -> Cursor:
    """What is left of these users' approved exemptions, locked."""
    return await _run(connection, _EXEMPTIONS, *_columns(sorted(users), 2), now, now)


async def lapsed_draws(connection: Connection, users: Collection[tuple[UUID, UUID]], now: datetime) -> Cursor:
    """What lapsed holds still take of these users' exemptions.

    Asked once those are locked: a sweep that ends a hold meanwhile has then ended it in both, or in neither.
    """
    return await _run(connection, _LAPSED_DRAWS, *_columns(sorted(users), 2), now)


async def keep(connection: Connection, rows: Sequence[Row], held: Sequence[Held]) -> None:
    """Keep what was decided, and add new holds to the counters. UniqueViolation where a key is known."""
    await _run(connection, _KEEP, _encode(held).decode(), _encode(rows).decode())


async def draw(connection: Connection, drawn: Mapping[tuple[UUID, UUID], int]) -> None:
    """Add new holds to what is held of exemptions; the rows are locked already."""
    if drawn:
        await _run(connection, _DRAW, *_columns([(*key, tokens) for key, tokens in drawn.items()], 3))


async def note_blocked(
    connection: Connection, blocked: Mapping[tuple[UUID, UUID, UUID], int], now: datetime
) -> None:
    """Count blocked requests towards the audit log."""
    if blocked:
        await connection.execute(_BY_SERVER)
        rows = [(*key, now, requests) for key, requests in sorted(blocked.items())]
        await _run(connection, _NOTE_BLOCKED, *_columns(rows, 5))


async def _run(connection: Connection, statement: str, *values: Any) -> Cursor:
    cursor = connection.cursor(binary=True)
    await cursor.execute(statement, values, prepare=True)
    return cursor


def _columns(rows: Collection[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
