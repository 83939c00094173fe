"""HTTP of telling: webhooks, their secrets and what was sent to them; and who wants mails."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Request, Response
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import OWN, PUBLIC, may
from toktra.access.rules import Actor, Scope
from toktra.kit.errors import Forbidden
from toktra.kit.http import delete, get, patch, post, put
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.kit.settings import Settings
from toktra.notify import leaving, queries, service
from toktra.notify.rules import DeliveryStatus
from toktra.notify.service import WebhookChanges, Where
from toktra.notify.shapes import (
    DeliveryAnswer,
    NewWebhook,
    Notifications,
    SecretAnswer,
    SlackAppAnswer,
    SlackToken,
    WebhookAnswer,
    WebhookChange,
)

Token = Annotated[str, Parameter(min_length=1, max_length=1000, description="From a mail's link")]


def _where(request: Request[Any, Any, Any]) -> Where:
    settings: Settings = request.app.state.settings
    return Where(secret_key=settings.require_secret_key(), to_private=settings.webhooks_to_private)


def _changes_of(data: NewWebhook | WebhookChange) -> WebhookChanges:
    names = (one.name for one in fields(WebhookChanges))
    return WebhookChanges(**{name: getattr(data, name) for name in names if hasattr(data, name)})


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
        kind=data.kind,
        wanted=_changes_of(data),
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
    webhook = await service.change_webhook(
        session,
        org_id=actor.org_id,
        webhook_id=webhook_id,
        changes=_changes_of(data),
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


@get("/v1/integrations/slack", guards=[may(Scope.WEBHOOKS_READ)])
async def get_slack(actor: Actor, session: AsyncSession) -> SlackAppAnswer:
    """Whether the Slack app is connected, by whom and since when."""
    return SlackAppAnswer.of(await service.slack_app(session, org_id=actor.org_id))


@put("/v1/integrations/slack", guards=[may(Scope.WEBHOOKS_WRITE)])
async def connect_slack(
    data: SlackToken, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> SlackAppAnswer:
    """Connect the Slack app, or give another token in place of the one before."""
    app = await service.connect(
        session,
        org_id=actor.org_id,
        token=data.token,
        connected_by=actor.user_id,
        secret_key=_where(request).secret_key,
        now=now,
    )
    return SlackAppAnswer.of(app)


@delete("/v1/integrations/slack", guards=[may(Scope.WEBHOOKS_WRITE)], status_code=204)
async def disconnect_slack(actor: Actor, session: AsyncSession) -> None:
    """Forget the app's token. Its channels are archived first, as webhooks."""
    await service.disconnect(session, org_id=actor.org_id)


@get("/v1/me/notifications", opt=OWN)
async def get_notifications(actor: Actor, session: AsyncSession) -> Notifications:
    """What the caller wants to be told of."""
    wanted = await service.wanted_mails(session, org_id=actor.org_id, user_id=actor.user_id)
    return Notifications(alert_mails=wanted.alerts, policy_mails=wanted.policies)


@put("/v1/me/notifications", opt=OWN)
async def set_notifications(data: Notifications, actor: Actor, session: AsyncSession) -> Notifications:
    """Say what one wants to be told of. Only a signed-in person can, for themselves."""
    if actor.kind != "session":
        raise Forbidden("Only a signed-in person chooses what they are told of. Sign in first.")
    wanted = service.Wanted(data.alert_mails, data.policy_mails)
    await service.choose(session, org_id=actor.org_id, user_id=actor.user_id, wanted=wanted)
    return data


@get("/v1/unsubscribe", opt=PUBLIC, media_type=MediaType.HTML)
async def ask_to_unsubscribe(request: Request[Any, Any, Any], token: Token) -> Response[str]:
    """The page behind a mail's link; it changes nothing before its button is pressed."""
    service.read_token(token, secret_key=_where(request).secret_key)
    return leaving.asking()


@post("/v1/unsubscribe", opt=PUBLIC, media_type=MediaType.HTML, status_code=200)
async def unsubscribe(request: Request[Any, Any, Any], session: AsyncSession, token: Token) -> Response[str]:
    """No more mails of this kind to whom the link was sent (RFC 8058). Doing it again changes nothing."""
    await service.unsubscribe(session, token=token, secret_key=_where(request).secret_key)
    return leaving.done()


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
    get_slack,
    connect_slack,
    disconnect_slack,
    get_notifications,
    set_notifications,
    ask_to_unsubscribe,
    unsubscribe,
]
