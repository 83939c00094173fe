"""The one place where an incident comes to be, in the caller's transaction, with the job that tells of it.

O1: numbers of an organisation count from 1 without a gap, however many are opened at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from toktra.incidents.rules import TELL_QUEUE, TELL_TASK, Moment, Severity
from toktra.kit.groups import Connection
from toktra.kit.jobs import NewJob, defer
from toktra_wire.ids import new_id

_NUMBER = """
    INSERT INTO incident_numbers AS n (org_id, last) VALUES (%s, 1)
    ON CONFLICT (org_id) DO UPDATE SET last = n.last + 1 RETURNING last
"""
_STORE = """
    INSERT INTO incidents (org_id, id, number, title, description, severity, state, owner_id, policy_id,
        firing_id, user_id, department_id, opened_by, opened_at)
    VALUES (%s, %s, %s, %s, %s, %s, 'open', %s, %s, %s, %s, %s, %s, %s)
"""
_ENTRY = """
    INSERT INTO incident_entries (org_id, id, incident_id, kind, at, actor_id, details)
    VALUES (%s, %s, %s, 'opened', %s, %s, %s)
"""
_LINK = """
    INSERT INTO incident_links (org_id, incident_id, kind, target_id, added_at)
    SELECT %s, %s, kind, target_id, %s FROM unnest(%s::text[], %s::uuid[]) AS l (kind, target_id)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """An incident to be opened. `opened_by` is None for one that a policy opens."""

    org_id: UUID
    title: str
    severity: Severity
    description: str
    opened_by: UUID | None
    owner_id: UUID | None = None
    policy_id: UUID | None = None
    firing_id: UUID | None = None
    user_id: UUID | None = None
    department_id: UUID | None = None
    alert_ids: Sequence[UUID] = ()
    risk_event_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class OpenedIncident:
    """What an incident is called."""

    id: UUID
    number: int


async def open_incident(connection: Connection, new: NewIncident, *, now: datetime) -> OpenedIncident:
    """Open an incident, and have people told of it (O1)."""
    incident_id = new_id()
    counted = await (await connection.execute(_NUMBER, [new.org_id])).fetchone()
    assert counted is not None
    number = int(counted[0])
    await connection.execute(_STORE, _row(new, incident_id, number, now))
    details = Jsonb({"policy_id": str(new.policy_id)} if new.policy_id else {})
    await connection.execute(_ENTRY, [new.org_id, new_id(), incident_id, now, new.opened_by, details])
    linked = [("alert", one) for one in new.alert_ids] + [("risk_event", one) for one in new.risk_event_ids]
    if linked:
        kinds, targets = zip(*linked, strict=True)
        await connection.execute(_LINK, [new.org_id, incident_id, now, list(kinds), list(targets)])
    await tell(connection, org_id=new.org_id, incident_id=incident_id, moment="opened")
    return OpenedIncident(incident_id, number)


def _row(new: NewIncident, incident_id: UUID, number: int, now: datetime) -> list[object]:
    return [
        new.org_id,
        incident_id,
        number,
        new.title,
        new.description,
        new.severity,
        new.owner_id,
        new.policy_id,
        new.firing_id,
        new.user_id,
        new.department_id,
        new.opened_by,
        now,
    ]


async def tell(connection: Connection, *, org_id: UUID, incident_id: UUID, moment: Moment) -> None:
    """A job in this transaction that tells of it."""
    args = {"org_id": str(org_id), "incident_id": str(incident_id), "moment": moment}
    await defer(connection, [NewJob(queue=TELL_QUEUE, task=TELL_TASK, args=args)])
