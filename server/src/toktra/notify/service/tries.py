"""One try to send a message: what goes out, and what came of it.

W5: only the job of the present turn sends: what is sent again by hand is not sent by the job before, too.
W6: a message that is not taken for a day is given up. Where nothing else was taken since, its webhook is
    disabled, and an alert says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts import service as alerts
from toktra.alerts.service import NewAlert
from toktra.kit.database import driver_of
from toktra.notify import queries
from toktra.notify.model import Delivery, Webhook
from toktra.notify.rules import Failure, gap_after, signed
from toktra.notify.service.deliveries import schedule
from toktra.notify.service.slack_apps import token_of
from toktra.notify.service.webhooks import secrets_of
from toktra.people import queries as people


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it goes out now."""

    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    slack_app: bool = False
    """Whether the answer is Slack's, which says in its body whether it took the message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: the answer's status; why it does not count as taken, and Slack's word."""

    answer: int | None
    failure: Failure | None
    error: str | None = None


async def outgoing(
    session: AsyncSession,
    *,
    org_id: UUID,
    webhook_id: UUID,
    delivery_id: UUID,
    turn: int,
    secret_key: str,
    slack_api_url: str,
    now: datetime,
) -> Outgoing | None:
    """What is to be sent, or None if it is not this job's turn or the webhook is off (W5)."""
    delivery = await _in_turn(session, org_id, delivery_id, turn)
    if delivery is None:
        return None
    webhook = await queries.webhook(session, org_id=org_id, webhook_id=webhook_id)
    token = await token_of(session, org_id=org_id, secret_key=secret_key) if webhook.channel else None
    if not webhook.is_on or (webhook.channel and token is None):
        delivery.status, delivery.last_failure, delivery.next_try_at = "failed", "webhook_off", None
        return None
    body = delivery.body.encode()
    if webhook.url is None:
        headers = [("authorization", f"Bearer {token}")]
        return Outgoing(f"{slack_api_url}/chat.postMessage", headers, body, slack_app=True)
    keys = secrets_of(webhook, secret_key=secret_key, now=now)
    message_id, timestamp = str(delivery.id), int(now.timestamp())
    return Outgoing(
        webhook.url, signed(message_id=message_id, timestamp=timestamp, body=body, secrets=keys), body
    )


async def note(
    session: AsyncSession,
    *,
    org_id: UUID,
    webhook_id: UUID,
    delivery_id: UUID,
    turn: int,
    outcome: Outcome,
    now: datetime,
) -> None:
    """Write down what came of a try, and schedule the next one if there is to be one."""
    webhook = await queries.webhook(session, org_id=org_id, webhook_id=webhook_id, lock=True)
    delivery = await _in_turn(session, org_id, delivery_id, turn)
    if outcome.failure is None:
        webhook.taken_at = now
    if delivery is None:
        return
    delivery.last_try_at, delivery.last_answer, delivery.last_failure = now, outcome.answer, outcome.failure
    delivery.last_error, delivery.next_try_at = outcome.error, None
    if outcome.failure is None:
        delivery.status = "delivered"
        return
    delivery.failures += 1
    gap = gap_after(delivery.failures)
    if gap is None:
        delivery.status = "failed"
        await _give_up(session, webhook, delivery, now)
    else:
        delivery.turn, delivery.next_try_at = delivery.turn + 1, now + gap
        await schedule(session, [delivery])


async def _give_up(session: AsyncSession, webhook: Webhook, delivery: Delivery, now: datetime) -> None:
    """W6."""
    taken_since = webhook.taken_at is not None and webhook.taken_at >= delivery.trying_since
    if not webhook.is_on or taken_since:
        return
    webhook.status, webhook.disabled_at = "disabled", now
    root = await people.root_department(session, org_id=webhook.org_id)
    alert = NewAlert(
        org_id=webhook.org_id,
        kind="webhook_disabled",
        severity="warning",
        title=f"{webhook.name}: the webhook took no message for a day and is disabled",
        details={
            "webhook": webhook.name,
            "webhook_id": str(webhook.id),
            "last_answer": delivery.last_answer,
            "last_failure": delivery.last_failure,
            "last_error": delivery.last_error,
        },
        department_id=root.id,
    )
    await alerts.store(await driver_of(session), [alert], now=now)


async def _in_turn(session: AsyncSession, org_id: UUID, delivery_id: UUID, turn: int) -> Delivery | None:
    """The message, if it waits for the job of this turn (W5)."""
    statement = select(Delivery).where(
        Delivery.org_id == org_id,
        Delivery.id == delivery_id,
        Delivery.turn == turn,
        Delivery.status == "waiting",
    )
    return await session.scalar(statement.with_for_update())
