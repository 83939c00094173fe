"""HTTP of webhooks: the addresses, their secrets, and what was sent to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.kit.http import delete, get, patch, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.kit.settings import Settings
from toktra.notify import queries, service
from toktra.notify.rules import DeliveryStatus
from toktra.notify.service import WebhookChanges, Where
from toktra.notify.shapes import DeliveryAnswer, NewWebhook, SecretAnswer, WebhookAnswer, WebhookChange


def _where(request: Request[Any, Any, Any]) -> Where:
    settings: Settings = request.app.state.settings
    return Where(secret_key=settings.require_secret_key(), to_private=settings.webhooks_to_private)


@get("/v1/webhooks", guards=[may(Scope.WEBHOOKS_READ)])
async def list_webhooks(
    actor: Actor, session: AsyncSession, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[WebhookAnswer]:
    """The organisation's webhooks, newest first, without their secrets and without those archived."""
    page = await queries.webhooks(session, org_id=actor.org_id, cursor=cursor, limit=limit)
    items = [WebhookAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/webhooks", guards=[may(Scope.WEBHOOKS_WRITE)], status_code=201)
async def create_webhook(
    data: NewWebhook, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> SecretAnswer:
    """A new webhook. Its secret is shown this once."""
    webhook, secret = await service.create_webhook(
        session,
        org_id=actor.org_id,
        created_by=actor.user_id,
        name=data.name,
        url=data.url,
        events=data.events,
        where=_where(request),
        now=now,
    )
    return SecretAnswer(webhook.id, WebhookAnswer.of(webhook), secret)


@get("/v1/webhooks/{webhook_id:uuid}", guards=[may(Scope.WEBHOOKS_READ)])
async def get_webhook(webhook_id: UUID, actor: Actor, session: AsyncSession) -> WebhookAnswer:
    """One webhook, archived or not."""
    return WebhookAnswer.of(await queries.webhook(session, org_id=actor.org_id, webhook_id=webhook_id))


@patch("/v1/webhooks/{webhook_id:uuid}", guards=[may(Scope.WEBHOOKS_WRITE)])
async def change_webhook(
    webhook_id: UUID,
    data: WebhookChange,
    request: Request[Any, Any, Any],
    actor: Actor,
    session: AsyncSession,
    now: datetime,
) -> WebhookAnswer:
    """Change what is given; with `status`, disable it or make it active again."""
    changes = WebhookChanges(name=data.name, url=data.url, events=data.events, status=data.status)
    webhook = await service.change_webhook(
        session,
        org_id=actor.org_id,
        webhook_id=webhook_id,
        changes=changes,
        where=_where(request),
        now=now,
    )
    return WebhookAnswer.of(webhook)


@delete("/v1/webhooks/{webhook_id:uuid}", guards=[may(Scope.WEBHOOKS_WRITE)], status_code=204)
async def archive_webhook(webhook_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Archive a webhook: nothing goes there any more. What was sent to it stays readable."""
    await service.archive_webhook(session, org_id=actor.org_id, webhook_id=webhook_id, now=now)


@post("/v1/webhooks/{webhook_id:uuid}/secret", guards=[may(Scope.WEBHOOKS_WRITE)], status_code=201)
async def rotate_secret(
    webhook_id: UUID, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> SecretAnswer:
    """A new secret, shown this once. For a day messages are signed with the one before, too."""
    webhook, secret = await service.rotate_secret(
        session, org_id=actor.org_id, webhook_id=webhook_id, where=_where(request), now=now
    )
    return SecretAnswer(webhook.id, WebhookAnswer.of(webhook), secret)


@post("/v1/webhooks/{webhook_id:uuid}/test", guards=[may(Scope.WEBHOOKS_WRITE)], status_code=201)
async def send_test(webhook_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> DeliveryAnswer:
    """Send a message of the type `webhook.test`, to see that it arrives."""
    return DeliveryAnswer.of(
        await service.send_test(session, org_id=actor.org_id, webhook_id=webhook_id, now=now)
    )


@get("/v1/webhooks/{webhook_id:uuid}/deliveries", guards=[may(Scope.WEBHOOKS_READ)])
async def list_deliveries(
    webhook_id: UUID,
    actor: Actor,
    session: AsyncSession,
    status: DeliveryStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[DeliveryAnswer]:
    """What was sent to a webhook in the last 30 days, newest first."""
    page = await queries.deliveries(
        session, org_id=actor.org_id, webhook_id=webhook_id, status=status, cursor=cursor, limit=limit
    )
    items = [DeliveryAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post(
    "/v1/webhooks/{webhook_id:uuid}/deliveries/{delivery_id:uuid}/resend",
    guards=[may(Scope.WEBHOOKS_WRITE)],
    status_code=200,
)
async def resend(
    webhook_id: UUID, delivery_id: UUID, actor: Actor, session: AsyncSession, now: datetime
) -> DeliveryAnswer:
    """Send the same message again, with the same id, and try for another day."""
    return DeliveryAnswer.of(
        await service.resend(
            session, org_id=actor.org_id, webhook_id=webhook_id, delivery_id=delivery_id, now=now
        )
    )


ROUTES: Sequence[Any] = [
    list_webhooks,
    create_webhook,
    get_webhook,
    change_webhook,
    archive_webhook,
    rotate_secret,
    send_test,
    list_deliveries,
    resend,
]
