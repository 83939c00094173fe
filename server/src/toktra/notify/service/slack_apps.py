"""The organisation's Slack app: connected with its bot token, which is stored sealed and never shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict
from toktra.kit.secrets import seal, unseal
from toktra.notify.model import SlackApp, Webhook

_NONE = "Slack's app is not connected. Connect it first, with PUT /v1/integrations/slack."


async def slack_app(session: AsyncSession, *, org_id: UUID) -> SlackApp | None:
    """The app, if it is connected."""
    return await session.get(SlackApp, org_id)


async def connect(
    session: AsyncSession, *, org_id: UUID, token: str, connected_by: UUID, secret_key: str, now: datetime
) -> SlackApp:
    """Connect the app, or give another token in place of the one before."""
    sealed = seal(secret_key, _purpose(org_id), token.encode())
    app = SlackApp(org_id=org_id, sealed_token=sealed, connected_by=connected_by, connected_at=now)
    app = await session.merge(app)
    await session.flush()
    return app


async def disconnect(session: AsyncSession, *, org_id: UUID) -> None:
    """Forget the token. Doing it again changes nothing."""
    app = await _locked(session, org_id)
    if app is None:
        return
    channels = select(func.count()).where(
        Webhook.org_id == org_id, Webhook.kind == "slack_app", Webhook.archived_at.is_(None)
    )
    if count := await session.scalar(channels):
        raise Conflict(f"The app still writes into {count} channel(s). Archive those webhooks first.")
    await session.delete(app)
    await session.flush()


async def hold(session: AsyncSession, *, org_id: UUID) -> None:
    """Keep the app connected until the transaction ends."""
    if await _locked(session, org_id) is None:
        raise Conflict(_NONE)


async def token_of(session: AsyncSession, *, org_id: UUID, secret_key: str) -> str | None:
    """The token, to send with; None once it is disconnected."""
    app = await session.get(SlackApp, org_id)
    return None if app is None else unseal(secret_key, _purpose(org_id), app.sealed_token).decode()


async def _locked(session: AsyncSession, org_id: UUID) -> SlackApp | None:
    return await session.scalar(select(SlackApp).where(SlackApp.org_id == org_id).with_for_update())


def _purpose(org_id: UUID) -> str:
    return f"slack app:{org_id}"
