"""Webhooks: made, changed, given a new secret, archived.

W3: a secret is shown once and stored sealed, since it must sign. After a change the one before signs too,
    for a day, so that a receiver loses nothing meanwhile.
"""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from uuid import UUID

import httpx2
from msgspec import UNSET, UnsetType
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts.rules import KINDS, Kind
from toktra.kit.errors import Conflict, Invalid
from toktra.kit.secrets import seal, unseal
from toktra.notify import queries
from toktra.notify.model import Webhook
from toktra.notify.rules import (
    EVENTS,
    PREVIOUS_SECRET_FOR,
    SECRET_PREFIX,
    Event,
    WebhookKind,
    WebhookStatus,
    is_inside,
)
from toktra.notify.service import slack_apps
from toktra_wire.ids import new_id

MOST = 20
"""How many webhooks an organisation may have: each event is sent to all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What this installation says about webhooks: the key that seals, and where they may go."""

    secret_key: str
    to_private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanges:
    """What is to be different about a webhook; what is UNSET stays."""

    name: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    events: Collection[Event] | UnsetType = UNSET
    alert_kinds: Collection[Kind] | UnsetType | None = UNSET
    from_percent: int | UnsetType | None = UNSET
    below_percent: int | UnsetType | None = UNSET
    status: WebhookStatus | UnsetType = UNSET


async def create_webhook(
    session: AsyncSession,
    *,
    org_id: UUID,
    created_by: UUID,
    kind: WebhookKind,
    wanted: WebhookChanges,
    where: Where,
    now: datetime,
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once (W3).

    One of Slack's app has a channel; every other an address.
    """
    if kind == "slack_app":
        await slack_apps.hold(session, org_id=org_id)
    there = select(func.count()).where(Webhook.org_id == org_id, Webhook.archived_at.is_(None))
    if (await session.scalar(there) or 0) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already. Archive one that is not needed any more.")
    secret, webhook_id = _new_secret(), new_id()
    webhook = Webhook(
        org_id=org_id,
        id=webhook_id,
        kind=kind,
        status="active",
        sealed_secret=seal(where.secret_key, _purpose(org_id, webhook_id), secret.encode()),
        created_by=created_by,
        created_at=now,
    )
    _apply(wanted, webhook, where, now)
    session.add(webhook)
    await session.flush()
    return webhook, secret


async def change_webhook(
    session: AsyncSession,
    *,
    org_id: UUID,
    webhook_id: UUID,
    changes: WebhookChanges,
    where: Where,
    now: datetime,
) -> Webhook:
    """Change what is given. A disabled webhook is made active again in this way."""
    webhook = await lock_webhook(session, org_id=org_id, webhook_id=webhook_id)
    _apply(changes, webhook, where, now)
    await session.flush()
    return webhook


def _apply(changes: WebhookChanges, webhook: Webhook, where: Where, now: datetime) -> None:
    for name in ("name", "channel", "from_percent", "below_percent"):
        if (value := getattr(changes, name)) is not UNSET:
            setattr(webhook, name, value)
    if changes.url is not UNSET:
        webhook.url = _checked(changes.url, where)
    if changes.events is not UNSET:
        webhook.events = [one for one in EVENTS if one in changes.events]
    if changes.alert_kinds is not UNSET:
        kinds = changes.alert_kinds
        webhook.alert_kinds = None if kinds is None else [one for one in KINDS if one in kinds]
    if changes.status is not UNSET and changes.status != webhook.status:
        webhook.status = changes.status
        webhook.disabled_at = now if changes.status == "disabled" else None
    _check_destination(webhook)
    _check_band(webhook)


def _check_destination(webhook: Webhook) -> None:
    by_app = webhook.kind == "slack_app"
    if by_app and webhook.url is not None:
        raise Invalid("The Slack app writes into a channel. Leave out the address.", field="url")
    if not by_app and webhook.channel is not None:
        raise Invalid("Only a webhook of the kind slack_app has a channel. Leave it out.", field="channel")
    if by_app and webhook.channel is None:
        raise Invalid("Name the channel that the Slack app is to write into.", field="channel")
    if not by_app and webhook.url is None:
        raise Invalid("Give the address that messages are to go to.", field="url")


def _check_band(webhook: Webhook) -> None:
    least, end = webhook.from_percent, webhook.below_percent
    if least is not None and end is not None and least >= end:
        raise Invalid("A band ends above where it begins.", field="below_percent")


async def rotate_secret(
    session: AsyncSession, *, org_id: UUID, webhook_id: UUID, where: Where, now: datetime
) -> tuple[Webhook, str]:
    """A new secret, shown this once; the one before signs too, for a day (W3)."""
    webhook = await lock_webhook(session, org_id=org_id, webhook_id=webhook_id)
    secret = _new_secret()
    webhook.sealed_previous_secret = webhook.sealed_secret
    webhook.previous_until = now + PREVIOUS_SECRET_FOR
    webhook.sealed_secret = seal(where.secret_key, _purpose(org_id, webhook_id), secret.encode())
    await session.flush()
    return webhook, secret


async def archive_webhook(session: AsyncSession, *, org_id: UUID, webhook_id: UUID, now: datetime) -> None:
    """Nothing goes there any more; what was sent stays readable. Doing it again changes nothing."""
    webhook = await queries.webhook(session, org_id=org_id, webhook_id=webhook_id)
    webhook.archived_at = webhook.archived_at or now
    await session.flush()


async def lock_webhook(session: AsyncSession, *, org_id: UUID, webhook_id: UUID) -> Webhook:
    """A webhook that can still be changed, which nobody else changes until the transaction ends."""
    webhook = await queries.webhook(session, org_id=org_id, webhook_id=webhook_id, lock=True)
    if webhook.archived_at is not None:
        raise Conflict("This webhook is archived. Make another one instead.")
    return webhook


def secrets_of(webhook: Webhook, *, secret_key: str, now: datetime) -> tuple[str, ...]:
    """What its messages are signed with now, the present secret first (W3)."""
    sealed = [webhook.sealed_secret]
    if webhook.sealed_previous_secret and webhook.previous_until and now < webhook.previous_until:
        sealed.append(webhook.sealed_previous_secret)
    purpose = _purpose(webhook.org_id, webhook.id)
    return tuple(unseal(secret_key, purpose, one).decode() for one in sealed)


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _purpose(org_id: UUID, webhook_id: UUID) -> str:
    return f"webhook secret:{org_id}:{webhook_id}"


def _checked(text: str, where: Where) -> str:
    """What can be said of an address before anything is sent there; the rest is looked at then (W1)."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as wrong:
        raise Invalid("This is no address that can be called.", field="url") from wrong
    if url.scheme not in (("http", "https") if where.to_private else ("https",)) or not url.host:
        raise Invalid("A webhook's address begins with https:// and names a host.", field="url")
    if url.userinfo or url.fragment:
        raise Invalid("A webhook's address has no user, no password and no #fragment.", field="url")
    if url.port is not None and not 1 <= url.port <= 65_535:
        raise Invalid("A port is a number from 1 to 65535.", field="url")
    if not where.to_private and _is_literally_inside(url.host):
        raise Invalid("Webhooks do not go to private, loopback or link-local addresses here.", field="url")
    return text


def _is_literally_inside(host: str) -> bool:
    try:
        return is_inside(ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
