"""A policy fires: stored once per subject and window, with all that it does, in the transaction of its cause.

F1: one firing per version, subject and window, however many events, groups and servers; others are counted.
F2: what it does is done with the first; each user is blocked with their first event of the window.
F3: on paper (shadow) it is stored, and does nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from toktra.alerts import service as alerts
from toktra.alerts.service import NewAlert
from toktra.budgets.service import blocks
from toktra.budgets.service.blocks import NewBlock
from toktra.incidents import service as incidents
from toktra.incidents.service import NewIncident, OpenedIncident
from toktra.kit.groups import Connection
from toktra.notify import service as notify
from toktra.notify.service import PolicyFired
from toktra.policies.rules.judging import Rule
from toktra.policies.rules.policy import Block, CallWebhook, CreateIncident, EmailManager, EmailUser
from toktra.policies.service.hits import Hit
from toktra_wire.ids import new_id

_COLUMNS = (
    ("id", "uuid"),
    ("policy_id", "uuid"),
    ("version", "int"),
    ("shadow", "bool"),
    ("subject_kind", "text"),
    ("subject_id", "uuid"),
    ("meter_id", "uuid"),
    ("window_starts_at", "timestamptz"),
    ("window_ends_at", "timestamptz"),
    ("user_id", "uuid"),
    ("reason", "text"),
    ("events", "bigint"),
    ("tokens", "bigint"),
)
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_ARRAYS = ", ".join(f"%s::{kind}[]" for _, kind in _COLUMNS)
_STORE = f"""
    INSERT INTO policy_firings AS f (org_id, fired_at, last_at, {_NAMES})
    SELECT %s, %s, %s, {_NAMES} FROM unnest({_ARRAYS}) AS h ({_NAMES})
    ON CONFLICT (org_id, policy_id, version, shadow, subject_id, meter_id, window_starts_at) DO UPDATE SET
        events = f.events + excluded.events, tokens = f.tokens + excluded.tokens, last_at = excluded.last_at
    RETURNING id, policy_id, version, shadow, subject_id, meter_id, window_starts_at
"""  # noqa: S608
_COUNT = """
    UPDATE policy_firings f SET events = f.events + m.events, tokens = f.tokens + m.tokens, last_at = %s
    FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS m (id, events, tokens)
    WHERE f.org_id = %s AND f.id = m.id
    RETURNING f.id
"""
_NOTE = "UPDATE policy_firings SET alert_id = %s, incident_id = %s WHERE org_id = %s AND id = %s"


@dataclass(frozen=True, slots=True)
class _Fired:
    """A hit, the firing it is stored in, and whether it is the first of it."""

    hit: Hit
    id: UUID
    is_new: bool


async def count_more(
    connection: Connection, *, org_id: UUID, more: Mapping[UUID, tuple[int, int]], now: datetime
) -> set[UUID]:
    """Count more events and tokens of firings that are stored (F1); answers those that are."""
    if not more:
        return set()
    ids = sorted(more)
    events, tokens = zip(*(more[one] for one in ids), strict=True)
    values = [now, ids, list(events), list(tokens), org_id]
    counted = await connection.execute(_COUNT, values, prepare=True)
    return {row[0] for row in await counted.fetchall()}


async def fire(connection: Connection, *, org_id: UUID, hits: Sequence[Hit], now: datetime) -> list[UUID]:
    """Store what fired and do what it says (F1, F2, F3). Answers the firings' ids."""
    fired = await _store(connection, org_id, hits, now)
    for one in fired:
        if one.hit.rule.shadow:
            continue
        blocked_until = await _block(connection, org_id, one, now)
        if one.is_new:
            await _act(connection, org_id, one, blocked_until, now)
    return [one.id for one in fired]


def blocks_somebody(rule: Rule) -> bool:
    """Whether a policy blocks, so that each user's first event of a window matters."""
    return any(isinstance(one, Block) for one in rule.content.actions)


async def _store(connection: Connection, org_id: UUID, hits: Sequence[Hit], now: datetime) -> list[_Fired]:
    rows = [_row(hit) for hit in hits]
    columns = [list(column) for column in zip(*rows, strict=True)]
    stored = await connection.execute(_STORE, [org_id, now, now, *columns], prepare=True)
    ids = {tuple(key): firing_id for firing_id, *key in await stored.fetchall()}
    return [
        _Fired(hit, firing_id, is_new=firing_id == row[0])
        for hit, row in zip(hits, rows, strict=True)
        if (firing_id := ids[row[1], row[2], row[3], row[5], row[6], row[7]])
    ]


def _row(hit: Hit) -> tuple[object, ...]:
    rule = hit.rule
    return (
        new_id(),
        rule.id,
        rule.version,
        rule.shadow,
        hit.subject_kind,
        hit.subject_id,
        hit.meter_id,
        hit.starts_at,
        hit.ends_at,
        hit.user_id,
        hit.reason,
        hit.events,
        hit.tokens,
    )


async def _block(connection: Connection, org_id: UUID, fired: _Fired, now: datetime) -> datetime | None:
    """F2. Until when; None for a policy that does not block."""
    hit = fired.hit
    action = next((one for one in hit.rule.content.actions if isinstance(one, Block)), None)
    if action is None:
        return None
    ends_at = hit.ends_at if action.hours is None else now + timedelta(hours=action.hours)
    new = [
        NewBlock(
            org_id=org_id,
            user_id=user_id,
            models=action.models,
            reason=f"{hit.rule.name}: {hit.reason}",
            policy_id=hit.rule.id,
            firing_id=fired.id,
            ends_at=ends_at,
        )
        for user_id in sorted(hit.users)
    ]
    await blocks.block(connection, new, now=now)
    return ends_at


async def _act(
    connection: Connection, org_id: UUID, fired: _Fired, blocked_until: datetime | None, now: datetime
) -> None:
    """All other actions, once."""
    alert_id = await _alert(connection, org_id, fired, now)
    incident = await _incident(connection, org_id, fired, alert_id, now)
    where = [alert_id, incident.id if incident else None, org_id, fired.id]
    await connection.execute(_NOTE, where)
    await notify.tell_of_firing(connection, _told(org_id, fired, blocked_until, alert_id, incident, now))


async def _alert(connection: Connection, org_id: UUID, fired: _Fired, now: datetime) -> UUID:
    hit = fired.hit
    alert = NewAlert(
        org_id=org_id,
        kind="policy_fired",
        severity=hit.rule.content.severity,
        title=f"{hit.rule.name}: {hit.reason}",
        details={
            "policy": hit.rule.name,
            "policy_id": str(hit.rule.id),
            "version": hit.rule.version,
            "firing_id": str(fired.id),
            "reason": hit.reason,
            "window_ends_at": hit.ends_at.isoformat(),
        },
        department_id=hit.subject_id if hit.subject_kind == "department" else None,
        user_id=hit.subject_id if hit.subject_kind == "user" else None,
    )
    return (await alerts.store(connection, [alert], now=now))[0]


async def _incident(
    connection: Connection, org_id: UUID, fired: _Fired, alert_id: UUID, now: datetime
) -> OpenedIncident | None:
    hit = fired.hit
    action = next((one for one in hit.rule.content.actions if isinstance(one, CreateIncident)), None)
    if action is None:
        return None
    new = NewIncident(
        org_id=org_id,
        title=f"{hit.rule.name}: {hit.reason}",
        severity=action.severity,
        description="",
        opened_by=None,
        policy_id=hit.rule.id,
        firing_id=fired.id,
        user_id=hit.user_id,
        department_id=hit.subject_id if hit.subject_kind == "department" else None,
        alert_ids=(alert_id,),
        risk_event_ids=(hit.risk_event_id,) if hit.risk_event_id else (),
    )
    return await incidents.open_incident(connection, new, now=now)


def _told(
    org_id: UUID,
    fired: _Fired,
    blocked_until: datetime | None,
    alert_id: UUID,
    incident: OpenedIncident | None,
    now: datetime,
) -> PolicyFired:
    hit, actions = fired.hit, fired.hit.rule.content.actions
    return PolicyFired(
        org_id=org_id,
        firing_id=fired.id,
        policy_id=hit.rule.id,
        policy_version=hit.rule.version,
        policy_name=hit.rule.name,
        reason=hit.reason,
        user_id=hit.user_id,
        department_id=hit.subject_id if hit.subject_kind == "department" else None,
        window_starts_at=hit.starts_at,
        window_ends_at=hit.ends_at,
        fired_at=now,
        mail_user=any(isinstance(one, EmailUser) for one in actions),
        mail_manager=any(isinstance(one, EmailManager) for one in actions),
        webhook_ids=[one.webhook_id for one in actions if isinstance(one, CallWebhook)],
        blocked_until=blocked_until,
        blocked_models=[model for one in actions if isinstance(one, Block) for model in one.models],
        incident_number=incident.number if incident else None,
        alert_id=alert_id,
    )
