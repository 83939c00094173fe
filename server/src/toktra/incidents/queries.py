"""Incidents, as far as the actor reaches.

Q1: admins see all. Managers see those about people and departments they reach, those they opened, and those
    they own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.incidents.model import Entry, Incident, Link
from toktra.incidents.rules import Severity, State
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """What a list of incidents can be narrowed to; all of it must hold."""

    state: State | None = None
    severity: Severity | None = None
    owner_id: UUID | None = None
    policy_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ListedIncident:
    """An incident, and what those it names are called."""

    incident: Incident
    emails: Mapping[UUID, str]
    department: str | None


async def incidents(
    session: AsyncSession, *, actor: Actor, only: IncidentFilter, cursor: str | None, limit: int
) -> Page[ListedIncident]:
    """A page of incidents, the newest first."""
    statement = await _seen(session, actor)
    for column, wanted in (
        (Incident.state, only.state),
        (Incident.severity, only.severity),
        (Incident.owner_id, only.owner_id),
        (Incident.policy_id, only.policy_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    page = await page_by_id(session, statement, Incident.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _listed(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def incident(session: AsyncSession, *, actor: Actor, incident_id: UUID) -> ListedIncident:
    """One incident; NotFound for one the actor does not see."""
    statement = (await _seen(session, actor)).where(Incident.id == incident_id)
    found = _found(await session.scalar(statement))
    return (await _listed(session, actor.org_id, [found]))[0]


async def told_incident(session: AsyncSession, *, org_id: UUID, incident_id: UUID) -> ListedIncident | None:
    """One incident as its organisation's messages speak of it; None once it is gone."""
    found = await session.get(Incident, (org_id, incident_id))
    return None if found is None else (await _listed(session, org_id, [found]))[0]


async def lock_incident(session: AsyncSession, *, actor: Actor, incident_id: UUID) -> Incident:
    """The same incident, which nobody else changes until the transaction ends."""
    statement = (await _seen(session, actor)).where(Incident.id == incident_id).with_for_update()
    return _found(await session.scalar(statement.execution_options(populate_existing=True)))


async def links(session: AsyncSession, *, org_id: UUID, incident_id: UUID) -> Sequence[Link]:
    """What an incident is about, in the order it was linked."""
    statement = select(Link).where(Link.org_id == org_id, Link.incident_id == incident_id)
    return (await session.scalars(statement.order_by(Link.added_at, Link.target_id))).all()


async def timeline(
    session: AsyncSession, *, actor: Actor, incident_id: UUID, cursor: str | None, limit: int
) -> tuple[Page[Entry], dict[UUID, str]]:
    """A page of what happened to an incident, the newest first; and the e-mails of who is named in it."""
    await incident(session, actor=actor, incident_id=incident_id)
    statement = select(Entry).where(Entry.org_id == actor.org_id, Entry.incident_id == incident_id)
    page = await page_by_id(session, statement, Entry.id, lambda one: one, cursor=cursor, limit=limit)
    named = {one.actor_id for one in page.items if one.actor_id} | {
        owner_id for one in page.items if (owner_id := owner_named(one))
    }
    labels = await people.labels(session, org_id=actor.org_id, user_ids=named, department_ids=())
    return page, labels.user_emails


def owner_named(entry: Entry) -> UUID | None:
    """The new owner that a line of the timeline tells of."""
    given = entry.details.get("to") if entry.kind == "owner" else None
    return UUID(given) if given else None


def _found(found: Incident | None) -> Incident:
    if found is None:
        raise NotFound("There is no such incident within your reach.")
    return found


async def _seen(session: AsyncSession, actor: Actor) -> Select[Incident]:
    return select(Incident).where(Incident.org_id == actor.org_id, await _within(session, actor))


async def _within(session: AsyncSession, actor: Actor) -> ColumnElement[bool]:
    """Q1."""
    if actor.reach.everyone:
        return true()
    users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
    mine = or_(Incident.owner_id == actor.user_id, Incident.opened_by == actor.user_id)
    of_users = or_(mine, among(Incident.user_id, users))
    if actor.reach.department_ids is None:
        return of_users
    root = await people.root_department(session, org_id=actor.org_id)
    of_departments = among(Incident.department_id, actor.reach.department_ids - {root.id})
    return or_(of_users, and_(Incident.user_id.is_(None), of_departments))


async def _listed(session: AsyncSession, org_id: UUID, found: Sequence[Incident]) -> list[ListedIncident]:
    users = {who for one in found for who in (one.owner_id, one.opened_by, one.user_id) if who}
    departments = {one.department_id for one in found if one.department_id}
    labels = await people.labels(session, org_id=org_id, user_ids=users, department_ids=departments)
    return [
        ListedIncident(
            one,
            labels.user_emails,
            labels.departments.get(one.department_id) if one.department_id else None,
        )
        for one in found
    ]
