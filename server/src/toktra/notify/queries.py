"""Webhooks and what was sent to them, of one organisation."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.notify.model import Delivery, Webhook
from toktra.notify.rules import DeliveryStatus


async def webhooks(session: AsyncSession, *, org_id: UUID, cursor: str | None, limit: int) -> Page[Webhook]:
    """A page of the webhooks that are not archived, the newest first."""
    statement = select(Webhook).where(Webhook.org_id == org_id, Webhook.archived_at.is_(None))
    return await page_by_id(session, statement, Webhook.id, lambda one: one, cursor=cursor, limit=limit)


async def webhook(session: AsyncSession, *, org_id: UUID, webhook_id: UUID, lock: bool = False) -> Webhook:
    """One webhook, archived or not. With `lock` nobody else changes it until the transaction ends."""
    statement = select(Webhook).where(Webhook.org_id == org_id, Webhook.id == webhook_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(statement)
    if found is None:
        raise NotFound("There is no such webhook in your organisation.")
    return found


async def deliveries(
    session: AsyncSession,
    *,
    org_id: UUID,
    webhook_id: UUID,
    status: DeliveryStatus | None,
    cursor: str | None,
    limit: int,
) -> Page[Delivery]:
    """A page of what was sent to a webhook, the newest first."""
    await webhook(session, org_id=org_id, webhook_id=webhook_id)
    statement = select(Delivery).where(Delivery.org_id == org_id, Delivery.webhook_id == webhook_id)
    if status is not None:
        statement = statement.where(Delivery.status == status)
    return await page_by_id(session, statement, Delivery.id, lambda one: one, cursor=cursor, limit=limit)


async def delivery(session: AsyncSession, *, org_id: UUID, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """One message to a webhook, which nobody else changes until the transaction ends."""
    statement = select(Delivery).where(
        Delivery.org_id == org_id, Delivery.webhook_id == webhook_id, Delivery.id == delivery_id
    )
    found = await session.scalar(statement.with_for_update())
    if found is None:
        raise NotFound("There is no such delivery of this webhook.")
    return found


async def has_webhook(session: AsyncSession, *, org_id: UUID, webhook_id: UUID) -> bool:
    """Whether there is such a webhook, not archived."""
    found = await session.get(Webhook, (org_id, webhook_id))
    return found is not None and found.archived_at is None
