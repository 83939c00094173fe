"""HTTP of risk events, and of the GitHub integration."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import PUBLIC, may
from toktra.access.rules import Actor, Scope
from toktra.kit.errors import Invalid
from toktra.kit.http import delete, get, patch, post, put
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.people import queries as people
from toktra.risks import queries
from toktra.risks.rules import Level
from toktra.risks.service import github
from toktra.risks.service.github import Delivery
from toktra.risks.service.storing import NewRisk, store
from toktra.risks.shapes import (
    HeardAnswer,
    IdentityAnswer,
    IdentityBody,
    IntegrationAnswer,
    IntegrationChangeBody,
    IntegrationSecretAnswer,
    NewIntegrationBody,
    NewRiskBody,
    RiskAnswer,
)

MAX_DELIVERY = 5 * 1024 * 1024


@get("/v1/risk-events", guards=[may(Scope.RISKS_READ)])
async def list_risk_events(
    actor: Actor,
    session: AsyncSession,
    level: Level | None = None,
    user_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RiskAnswer]:
    """Risk events within the caller's reach, newest first."""
    page = await queries.risk_events(
        session, actor=actor, level=level, user_id=user_id, cursor=cursor, limit=limit
    )
    items = [RiskAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/risk-events", guards=[may(Scope.RISKS_WRITE)], status_code=201)
async def report_risk_event(
    data: NewRiskBody, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> RiskAnswer:
    """Report what another scanner found. The same `external_id` again is the same event."""
    new = NewRisk(
        org_id=actor.org_id,
        source="api",
        external_id=data.external_id,
        kind=data.kind,
        level=data.level,
        title=data.title,
        repository=data.repository,
        login=None,
        user_id=await _user_id(session, actor, data.user_email),
        occurred_at=min(data.occurred_at or now, now),
        details={},
    )
    event_id = await store(session, new, request.app.state.judge_risk, now=now)
    return RiskAnswer.of(await queries.risk_event(session, actor=actor, event_id=event_id))


async def _user_id(session: AsyncSession, actor: Actor, email: str | None) -> UUID | None:
    if email is None:
        return None
    user = await people.user_by_email(session, org_id=actor.org_id, email=email)
    if user is None:
        raise Invalid(
            "No user of your organisation has this e-mail. Correct it, or leave it out.", field="user_email"
        )
    return user.id


@get("/v1/risk-events/{event_id:uuid}", guards=[may(Scope.RISKS_READ)])
async def get_risk_event(event_id: UUID, actor: Actor, session: AsyncSession) -> RiskAnswer:
    """One risk event within the caller's reach."""
    return RiskAnswer.of(await queries.risk_event(session, actor=actor, event_id=event_id))


@get("/v1/integrations/github", guards=[may(Scope.RISKS_WRITE)])
async def list_integrations(
    request: Request[Any, Any, Any],
    actor: Actor,
    session: AsyncSession,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[IntegrationAnswer]:
    """The organisation's GitHub integrations, newest first, without their secrets."""
    page = await queries.integrations(session, org_id=actor.org_id, cursor=cursor, limit=limit)
    items = [IntegrationAnswer.of(one, _url(request)) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/integrations/github", guards=[may(Scope.RISKS_WRITE)], status_code=201)
async def create_integration(
    data: NewIntegrationBody,
    request: Request[Any, Any, Any],
    actor: Actor,
    session: AsyncSession,
    now: datetime,
) -> IntegrationSecretAnswer:
    """A new integration. Its secret is shown this once."""
    made, secret = await github.create(
        session, actor=actor, name=data.name, secret_key=_secret_key(request), now=now
    )
    return IntegrationSecretAnswer(made.id, IntegrationAnswer.of(made, _url(request)), secret)


@patch("/v1/integrations/github/{integration_id:uuid}", guards=[may(Scope.RISKS_WRITE)])
async def change_integration(
    integration_id: UUID,
    data: IntegrationChangeBody,
    request: Request[Any, Any, Any],
    actor: Actor,
    session: AsyncSession,
) -> IntegrationAnswer:
    """Change its name, or when a push to a personal fork counts."""
    found = await github.change(session, actor=actor, integration_id=integration_id, changes=data.changes())
    return IntegrationAnswer.of(found, _url(request))


@post(
    "/v1/integrations/github/{integration_id:uuid}/secret", guards=[may(Scope.RISKS_WRITE)], status_code=201
)
async def rotate_integration_secret(
    integration_id: UUID, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession
) -> IntegrationSecretAnswer:
    """A new secret, shown this once. The one before is no longer good: enter the new one in GitHub."""
    found, secret = await github.rotate(
        session, actor=actor, integration_id=integration_id, secret_key=_secret_key(request)
    )
    return IntegrationSecretAnswer(found.id, IntegrationAnswer.of(found, _url(request)), secret)


@delete("/v1/integrations/github/{integration_id:uuid}", guards=[may(Scope.RISKS_WRITE)], status_code=204)
async def archive_integration(
    integration_id: UUID, actor: Actor, session: AsyncSession, now: datetime
) -> None:
    """GitHub is not heard any more. What it told of stays."""
    await github.archive(session, actor=actor, integration_id=integration_id, now=now)


@get("/v1/integrations/github-identities", guards=[may(Scope.RISKS_WRITE)])
async def list_identities(actor: Actor, session: AsyncSession) -> list[IdentityAnswer]:
    """Whose GitHub login is whose, as an admin said. Others are found by the e-mail of a push."""
    found = await queries.identities(session, org_id=actor.org_id)
    return [IdentityAnswer(one.login, one.user_id, email) for one, email in found]


@put("/v1/integrations/github-identities", guards=[may(Scope.RISKS_WRITE)])
async def say_identity(data: IdentityBody, actor: Actor, session: AsyncSession) -> list[IdentityAnswer]:
    """Say whose a login is. Said again, the last word counts."""
    await github.identify(session, actor=actor, login=data.login, user_id=data.user_id)
    found = await queries.identities(session, org_id=actor.org_id)
    return [IdentityAnswer(one.login, one.user_id, email) for one, email in found]


@delete("/v1/integrations/github-identities/{login:str}", guards=[may(Scope.RISKS_WRITE)], status_code=204)
async def forget_identity(login: str, actor: Actor, session: AsyncSession) -> None:
    """Take back whose a login is."""
    await github.forget_identity(session, actor=actor, login=login)


@post(
    "/v1/integrations/github/{integration_id:uuid}/webhook",
    opt=PUBLIC,
    status_code=200,
    request_max_body_size=MAX_DELIVERY,
)
async def hear_github(
    integration_id: UUID, request: Request[Any, Any, Any], session: AsyncSession, now: datetime
) -> HeardAnswer:
    """What GitHub sends: signed with the integration's secret, each delivery taken once.

    Secret scanning alerts, repositories made public and pushes are looked at; everything else is passed over.
    """
    delivery = Delivery(
        event=request.headers.get("x-github-event"),
        delivery_id=request.headers.get("x-github-delivery"),
        signature=request.headers.get("x-hub-signature-256"),
        body=await request.body(),
    )
    risk = await github.hear(
        session,
        integration_id=integration_id,
        delivery=delivery,
        secret_key=_secret_key(request),
        judge=request.app.state.judge_risk,
        now=now,
    )
    return HeardAnswer(risk)


def _secret_key(request: Request[Any, Any, Any]) -> str:
    return str(request.app.state.settings.require_secret_key())


def _url(request: Request[Any, Any, Any]) -> str:
    return str(request.app.state.settings.public_url)


ROUTES: Sequence[Any] = [
    list_risk_events,
    report_risk_event,
    get_risk_event,
    list_integrations,
    create_integration,
    change_integration,
    rotate_integration_secret,
    archive_integration,
    list_identities,
    say_identity,
    forget_identity,
    hear_github,
]
