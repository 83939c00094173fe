"""What people do with an incident. Each thing done is a line of its timeline (I2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.alerts import queries as alerts
from toktra.incidents import queries
from toktra.incidents.model import Entry, Incident, Link
from toktra.incidents.rules import MOST_LINKS, EntryKind, LinkKind, Severity, State
from toktra.incidents.service.opening import NewIncident, open_incident, tell
from toktra.kit.database import driver_of
from toktra.kit.errors import Conflict, Invalid, NotFound
from toktra.people import queries as people
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChanges:
    """What is to be different about an incident; what is UNSET stays."""

    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    state: State | UnsetType = UNSET


async def create(
    session: AsyncSession,
    *,
    actor: Actor,
    title: str,
    description: str,
    severity: Severity,
    owner_id: UUID | None,
    user_id: UUID | None,
    now: datetime,
) -> UUID:
    """Open an incident by hand; its id."""
    await _check_owner(session, actor, owner_id)
    if user_id is not None:
        await people.user_within_reach(session, actor=actor, user_id=user_id)
    new = NewIncident(
        org_id=actor.org_id,
        title=title,
        severity=severity,
        description=description,
        opened_by=actor.user_id,
        owner_id=owner_id,
        user_id=user_id,
    )
    return (await open_incident(await driver_of(session), new, now=now)).id


async def change(
    session: AsyncSession, *, actor: Actor, incident_id: UUID, changes: IncidentChanges, now: datetime
) -> None:
    """Change what is given; what is as it was leaves no line (I1)."""
    incident = await queries.lock_incident(session, actor=actor, incident_id=incident_id)
    if changes.owner_id is not UNSET:
        await _check_owner(session, actor, changes.owner_id)
    for field in ("title", "description", "severity", "owner_id", "state"):
        value, before = getattr(changes, field), getattr(incident, field)
        if value is UNSET or value == before:
            continue
        setattr(incident, field, value)
        kind: EntryKind = "owner" if field == "owner_id" else field  # type: ignore[assignment]
        _note(session, incident, actor, kind, {"from": _said(before), "to": _said(value)}, now)
    was_resolved = incident.resolved_at is not None
    incident.resolved_at = (incident.resolved_at or now) if incident.state == "resolved" else None
    await session.flush()
    if incident.state == "resolved" and not was_resolved:
        connection = await driver_of(session)
        await tell(connection, org_id=incident.org_id, incident_id=incident.id, moment="resolved")


async def comment(
    session: AsyncSession, *, actor: Actor, incident_id: UUID, text: str, now: datetime
) -> None:
    """Say something about it, for everybody who sees it."""
    incident = await queries.lock_incident(session, actor=actor, incident_id=incident_id)
    _note(session, incident, actor, "comment", {"text": text}, now)
    await session.flush()


async def link(
    session: AsyncSession, *, actor: Actor, incident_id: UUID, kind: LinkKind, target_id: UUID, now: datetime
) -> None:
    """Link what it is about. Linking it again changes nothing."""
    incident = await queries.lock_incident(session, actor=actor, incident_id=incident_id)
    if kind == "alert":
        await alerts.alert(session, actor=actor, alert_id=target_id)
    linked = select(func.count()).where(Link.org_id == actor.org_id, Link.incident_id == incident_id)
    if (await session.scalar(linked) or 0) >= MOST_LINKS:
        raise Conflict(f"An incident has at most {MOST_LINKS} links.")
    where = {"org_id": actor.org_id, "incident_id": incident_id, "kind": kind, "target_id": target_id}
    made = await session.execute(
        insert(Link).values(**where, added_at=now).on_conflict_do_nothing().returning(Link.target_id)
    )
    if made.first() is not None:
        _note(session, incident, actor, "linked", {"kind": kind, "id": str(target_id)}, now)
        await session.flush()


async def unlink(
    session: AsyncSession, *, actor: Actor, incident_id: UUID, kind: LinkKind, target_id: UUID, now: datetime
) -> None:
    """Take a link away."""
    incident = await queries.lock_incident(session, actor=actor, incident_id=incident_id)
    gone = await session.execute(
        delete(Link)
        .where(Link.org_id == actor.org_id, Link.incident_id == incident_id)
        .where(Link.kind == kind, Link.target_id == target_id)
        .returning(Link.target_id)
    )
    if gone.first() is None:
        raise NotFound("There is no such link on this incident.")
    _note(session, incident, actor, "unlinked", {"kind": kind, "id": str(target_id)}, now)
    await session.flush()


def _note(
    session: AsyncSession,
    incident: Incident,
    actor: Actor,
    kind: EntryKind,
    details: dict[str, Any],
    now: datetime,
) -> None:
    session.add(
        Entry(
            org_id=incident.org_id,
            incident_id=incident.id,
            id=new_id(),
            kind=kind,
            at=now,
            actor_id=actor.user_id,
            details=details,
        )
    )


async def _check_owner(session: AsyncSession, actor: Actor, owner_id: UUID | None) -> None:
    """An owner is somebody who can act: an active manager, admin or owner of the organisation."""
    if owner_id is None:
        return
    user = await people.user(session, org_id=actor.org_id, user_id=owner_id)
    if user is None or user.status != "active" or user.role == "member":
        raise Invalid(
            "An incident is owned by an active manager or admin of the organisation.", field="owner_id"
        )


def _said(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
