"""HTTP of incidents: the list, one with its timeline and links, and what people do with one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.incidents import queries, service
from toktra.incidents.queries import IncidentFilter
from toktra.incidents.rules import LinkKind, Severity, State
from toktra.incidents.shapes import (
    CommentBody,
    EntryAnswer,
    IncidentAnswer,
    IncidentChangeBody,
    LinkAnswer,
    LinkBody,
    NewIncidentBody,
)
from toktra.kit.http import delete, get, patch, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page


@get("/v1/incidents", guards=[may(Scope.INCIDENTS_READ)])
async def list_incidents(
    actor: Actor,
    session: AsyncSession,
    in_state: Annotated[State | None, Parameter(query="state")] = None,
    severity: Severity | None = None,
    owner_id: UUID | None = None,
    policy_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[IncidentAnswer]:
    """The incidents within the caller's reach, newest first."""
    only = IncidentFilter(state=in_state, severity=severity, owner_id=owner_id, policy_id=policy_id)
    page = await queries.incidents(session, actor=actor, only=only, cursor=cursor, limit=limit)
    items = [IncidentAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/incidents", guards=[may(Scope.INCIDENTS_WRITE)], status_code=201)
async def create_incident(
    data: NewIncidentBody, actor: Actor, session: AsyncSession, now: datetime
) -> IncidentAnswer:
    """Open an incident by hand."""
    incident_id = await service.create(
        session,
        actor=actor,
        title=data.title,
        description=data.description,
        severity=data.severity,
        owner_id=data.owner_id,
        user_id=data.user_id,
        now=now,
    )
    return await _incident(session, actor, incident_id)


@get("/v1/incidents/{incident_id:uuid}", guards=[may(Scope.INCIDENTS_READ)])
async def get_incident(incident_id: UUID, actor: Actor, session: AsyncSession) -> IncidentAnswer:
    """One incident within the caller's reach."""
    return await _incident(session, actor, incident_id)


@patch("/v1/incidents/{incident_id:uuid}", guards=[may(Scope.INCIDENTS_WRITE)])
async def change_incident(
    incident_id: UUID, data: IncidentChangeBody, actor: Actor, session: AsyncSession, now: datetime
) -> IncidentAnswer:
    """Change what is given: take it on, resolve it, open it again. Each change is on its timeline."""
    await service.change(session, actor=actor, incident_id=incident_id, changes=data.changes(), now=now)
    return await _incident(session, actor, incident_id)


@post("/v1/incidents/{incident_id:uuid}/comments", guards=[may(Scope.INCIDENTS_WRITE)], status_code=201)
async def comment_on_incident(
    incident_id: UUID, data: CommentBody, actor: Actor, session: AsyncSession, now: datetime
) -> IncidentAnswer:
    """Say something about it. A comment stays as it is."""
    await service.comment(session, actor=actor, incident_id=incident_id, text=data.text, now=now)
    return await _incident(session, actor, incident_id)


@get("/v1/incidents/{incident_id:uuid}/timeline", guards=[may(Scope.INCIDENTS_READ)])
async def incident_timeline(
    incident_id: UUID,
    actor: Actor,
    session: AsyncSession,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[EntryAnswer]:
    """What happened to it, and who did it, newest first."""
    page, emails = await queries.timeline(
        session, actor=actor, incident_id=incident_id, cursor=cursor, limit=limit
    )
    items = [EntryAnswer.of(entry, emails) for entry in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@get("/v1/incidents/{incident_id:uuid}/links", guards=[may(Scope.INCIDENTS_READ)])
async def incident_links(incident_id: UUID, actor: Actor, session: AsyncSession) -> list[LinkAnswer]:
    """What it is about: alerts, risk events, requests; 1,000 at most."""
    await queries.incident(session, actor=actor, incident_id=incident_id)
    found = await queries.links(session, org_id=actor.org_id, incident_id=incident_id)
    return [LinkAnswer.of(one) for one in found]


@post("/v1/incidents/{incident_id:uuid}/links", guards=[may(Scope.INCIDENTS_WRITE)], status_code=201)
async def link_to_incident(
    incident_id: UUID, data: LinkBody, actor: Actor, session: AsyncSession, now: datetime
) -> IncidentAnswer:
    """Link an alert, a risk event or a request. Linking it again changes nothing."""
    await service.link(
        session, actor=actor, incident_id=incident_id, kind=data.kind, target_id=data.id, now=now
    )
    return await _incident(session, actor, incident_id)


@delete(
    "/v1/incidents/{incident_id:uuid}/links/{kind:str}/{target_id:uuid}",
    guards=[may(Scope.INCIDENTS_WRITE)],
    status_code=204,
)
async def unlink_from_incident(
    incident_id: UUID, kind: LinkKind, target_id: UUID, actor: Actor, session: AsyncSession, now: datetime
) -> None:
    """Take a link away."""
    await service.unlink(
        session, actor=actor, incident_id=incident_id, kind=kind, target_id=target_id, now=now
    )


async def _incident(session: AsyncSession, actor: Actor, incident_id: UUID) -> IncidentAnswer:
    return IncidentAnswer.of(await queries.incident(session, actor=actor, incident_id=incident_id))


ROUTES: Sequence[Any] = [
    list_incidents,
    create_incident,
    get_incident,
    change_incident,
    comment_on_incident,
    incident_timeline,
    incident_links,
    link_to_incident,
    unlink_from_incident,
]
