"""HTTP of alerts: the list, one, and what people do about one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.alerts import queries, service
from toktra.alerts.queries import AlertFilter
from toktra.alerts.rules import Kind, Severity, Status
from toktra.alerts.shapes import AlertAnswer
from toktra.kit.http import get, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page


@get("/v1/alerts", guards=[may(Scope.ALERTS_READ)])
async def list_alerts(
    actor: Actor,
    session: AsyncSession,
    status: Status | None = None,
    severity: Severity | None = None,
    type: Kind | None = None,  # noqa: A002 - the parameter's name in the address
    budget_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[AlertAnswer]:
    """The alerts within the caller's reach, newest first."""
    only = AlertFilter(status=status, severity=severity, kind=type, budget_id=budget_id)
    page = await queries.alerts(session, actor=actor, only=only, cursor=cursor, limit=limit)
    items = [AlertAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@get("/v1/alerts/{alert_id:uuid}", guards=[may(Scope.ALERTS_READ)])
async def get_alert(alert_id: UUID, actor: Actor, session: AsyncSession) -> AlertAnswer:
    """One alert within the caller's reach."""
    return AlertAnswer.of(await queries.alert(session, actor=actor, alert_id=alert_id))


@post("/v1/alerts/{alert_id:uuid}/acknowledge", guards=[may(Scope.ALERTS_WRITE)], status_code=200)
async def acknowledge_alert(
    alert_id: UUID, actor: Actor, session: AsyncSession, now: datetime
) -> AlertAnswer:
    """Say that someone takes care of it. Doing it again changes nothing; a resolved alert is a conflict."""
    await service.acknowledge(session, actor=actor, alert_id=alert_id, now=now)
    return AlertAnswer.of(await queries.alert(session, actor=actor, alert_id=alert_id))


@post("/v1/alerts/{alert_id:uuid}/resolve", guards=[may(Scope.ALERTS_WRITE)], status_code=200)
async def resolve_alert(alert_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> AlertAnswer:
    """Say that it is dealt with, acknowledged before or not. Doing it again changes nothing."""
    await service.resolve(session, actor=actor, alert_id=alert_id, now=now)
    return AlertAnswer.of(await queries.alert(session, actor=actor, alert_id=alert_id))


ROUTES: Sequence[Any] = [list_alerts, get_alert, acknowledge_alert, resolve_alert]
