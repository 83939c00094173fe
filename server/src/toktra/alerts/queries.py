"""Alerts, as far as the actor reaches.

Q1: an alert about a user is seen by whoever reaches the user, one about a department by managers who reach
    it, one about the whole organisation by admins alone.
Q2: who can act on an alert are those who see it and may write: `who_can_act` names the nearest of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.alerts.model import Alert
from toktra.alerts.rules import Kind, Severity, Status
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people

MOST_NAMED = 5
"""How many managers, and how many admins, an alert names as those who can act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """What a list of alerts can be narrowed to; all of it must hold."""

    status: Status | None = None
    severity: Severity | None = None
    kind: Kind | None = None
    budget_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """An alert, what those it names are called, and who can act on it."""

    alert: Alert
    department: str | None
    emails: Mapping[UUID, str]
    who_can_act: list[str]


async def alerts(
    session: AsyncSession, *, actor: Actor, only: AlertFilter, cursor: str | None, limit: int
) -> Page[ListedAlert]:
    """A page of alerts, the newest first."""
    statement = await _seen(session, actor)
    if only.status is not None:
        statement = statement.where(Alert.status == only.status)
    if only.severity is not None:
        statement = statement.where(Alert.severity == only.severity)
    if only.kind is not None:
        statement = statement.where(Alert.kind == only.kind)
    if only.budget_id is not None:
        statement = statement.where(Alert.budget_id == only.budget_id)
    page = await page_by_id(session, statement, Alert.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _listed(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def alert(session: AsyncSession, *, actor: Actor, alert_id: UUID) -> ListedAlert:
    """One alert; NotFound for one the actor does not see."""
    statement = (await _seen(session, actor)).where(Alert.id == alert_id)
    (listed,) = await _listed(session, actor.org_id, [_found(await session.scalar(statement))])
    return listed


async def told_alert(session: AsyncSession, *, org_id: UUID, alert_id: UUID) -> ListedAlert | None:
    """One alert as its organisation's messages speak of it, whoever reads them; None once it is gone."""
    found = await session.get(Alert, (org_id, alert_id))
    return None if found is None else (await _listed(session, org_id, [found]))[0]


async def lock_alert(session: AsyncSession, *, actor: Actor, alert_id: UUID) -> Alert:
    """The same alert, which nobody else changes until the transaction ends."""
    statement = (await _seen(session, actor)).where(Alert.id == alert_id).with_for_update()
    return _found(await session.scalar(statement.execution_options(populate_existing=True)))


def _found(alert: Alert | None) -> Alert:
    if alert is None:
        raise NotFound("There is no such alert within your reach.")
    return alert


async def _seen(session: AsyncSession, actor: Actor) -> Select[Alert]:
    return select(Alert).where(Alert.org_id == actor.org_id, await _within(session, actor))


async def _within(session: AsyncSession, actor: Actor) -> ColumnElement[bool]:
    """Q1."""
    if actor.reach.everyone:
        return true()
    users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
    of_users = among(Alert.user_id, users)
    if actor.reach.department_ids is None:
        return of_users
    root = await people.root_department(session, org_id=actor.org_id)
    of_departments = among(Alert.department_id, actor.reach.department_ids - {root.id})
    return or_(of_users, and_(Alert.user_id.is_(None), of_departments))


async def _listed(session: AsyncSession, org_id: UUID, found: Sequence[Alert]) -> list[ListedAlert]:
    """A few more queries, however many alerts there are."""
    named = {who for one in found for who in (one.user_id, one.acknowledged_by, one.resolved_by) if who}
    users = {one.id: one for one in await people.users_by_id(session, org_id=org_id, user_ids=named)}
    departments = {one.department_id for one in found if one.department_id}
    labels = await people.labels(session, org_id=org_id, user_ids=(), department_ids=departments)
    admins = await people.admin_emails(session, org_id=org_id, limit=MOST_NAMED)
    root = await people.root_department(session, org_id=org_id)
    places = {one.id: _place(one, users, root.id) for one in found}
    managers = await people.managers_above(
        session, org_id=org_id, department_ids={at for at in places.values() if at}, limit=MOST_NAMED
    )
    emails = {user.id: user.email for user in users.values()}
    return [
        ListedAlert(
            alert=one,
            department=labels.departments.get(one.department_id) if one.department_id else None,
            emails=emails,
            who_can_act=[*(managers.get(at, ()) if (at := places[one.id]) else ()), *admins],
        )
        for one in found
    ]


def _place(alert: Alert, users: Mapping[UUID, people.User], root_id: UUID) -> UUID | None:
    """The department whose managers can act; none for an alert about the whole organisation (Q1, Q2)."""
    if alert.user_id is not None:
        return users[alert.user_id].department_id if alert.user_id in users else None
    return None if alert.department_id == root_id else alert.department_id
