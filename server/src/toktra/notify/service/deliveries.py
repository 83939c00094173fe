"""Messages to webhooks: made once for each event, tried until they are taken, sent again by hand.

W4: a message and the job that sends it are rows of one transaction. It has one id however often it is sent,
    so that a receiver can show it once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, any_, delete, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts.queries import ListedAlert
from toktra.kit.database import among, driver_of
from toktra.kit.jobs import NewJob, defer
from toktra.notify import queries, slack
from toktra.notify.model import Delivery, Webhook
from toktra.notify.rules import BodyKind, Event, MessageKind
from toktra.notify.service.webhooks import lock_webhook
from toktra_wire.ids import new_id

QUEUE = "webhooks"
TASK = "notify.deliver"
KEPT_FOR = timedelta(days=30)
OVERDUE = timedelta(minutes=15)
_MOST_OVERDUE = 1_000


async def spread(
    session: AsyncSession,
    *,
    org_id: UUID,
    event: Event,
    subject_id: UUID,
    bodies: Mapping[BodyKind, bytes],
    also: Collection[UUID] = (),
    about: ListedAlert | None = None,
    now: datetime,
) -> None:
    """A message for each webhook that wants to know of the event, and for those in `also`.

    Of an alert only those want to know that want its kind and, if it is a budget's, its share of the limit.
    Done again, it changes nothing (W4).
    """
    wanting = select(Webhook).where(
        Webhook.org_id == org_id,
        Webhook.status == "active",
        Webhook.archived_at.is_(None),
        or_(literal(event) == any_(Webhook.events), among(Webhook.id, also)),
        *(_narrowed(about) if about else ()),
    )
    rows = [
        _row(org_id, webhook.id, event, subject_id, _body_for(webhook, bodies), now)
        for webhook in await session.scalars(wanting.order_by(Webhook.id))
    ]
    if rows:
        made = insert(Delivery).values(rows).on_conflict_do_nothing().returning(Delivery)
        await schedule(session, list(await session.scalars(made)))


def _narrowed(about: ListedAlert) -> Iterator[ColumnElement[bool]]:
    alert = about.alert
    yield or_(Webhook.alert_kinds.is_(None), literal(alert.kind) == any_(Webhook.alert_kinds))
    if alert.threshold is not None:
        yield or_(Webhook.from_percent.is_(None), Webhook.from_percent <= alert.threshold)
        yield or_(Webhook.below_percent.is_(None), Webhook.below_percent > alert.threshold)


def _body_for(webhook: Webhook, bodies: Mapping[BodyKind, bytes]) -> bytes:
    if webhook.channel is not None:
        return slack.into_channel(bodies["slack"], webhook.channel)
    return bodies["signed" if webhook.kind == "signed" else "slack"]


async def send_test(session: AsyncSession, *, org_id: UUID, webhook_id: UUID, now: datetime) -> Delivery:
    """A message that says nothing, to see that it arrives."""
    webhook = await lock_webhook(session, org_id=org_id, webhook_id=webhook_id)
    about = {"webhook_id": webhook.id, "name": webhook.name}
    bodies: dict[BodyKind, bytes] = {
        "signed": encoded("webhook.test", now, about),
        "slack": msgspec.json.encode({"text": "Toktra can write here. This is a test."}),
    }
    body = _body_for(webhook, bodies)
    delivery = Delivery(**_row(org_id, webhook_id, "webhook.test", new_id(), body, now))
    session.add(delivery)
    await schedule(session, [delivery])
    return delivery


def encoded(kind: MessageKind, at: datetime, about: Any) -> bytes:
    """A message's body."""
    return msgspec.json.encode({"type": kind, "timestamp": at, "data": about})


async def resend(
    session: AsyncSession, *, org_id: UUID, webhook_id: UUID, delivery_id: UUID, now: datetime
) -> Delivery:
    """The same message once more, with the same id, and a new day of tries (W4, W5)."""
    await lock_webhook(session, org_id=org_id, webhook_id=webhook_id)
    delivery = await queries.delivery(session, org_id=org_id, webhook_id=webhook_id, delivery_id=delivery_id)
    delivery.status, delivery.failures, delivery.trying_since = "waiting", 0, now
    delivery.turn, delivery.next_try_at = delivery.turn + 1, now
    await schedule(session, [delivery])
    return delivery


async def keep_house(session: AsyncSession, *, now: datetime) -> None:
    """Forget old messages; schedule anew what waits though its time is over, since its job failed."""
    await session.execute(delete(Delivery).where(Delivery.created_at < now - KEPT_FOR))
    overdue = select(Delivery).where(Delivery.status == "waiting", Delivery.next_try_at < now - OVERDUE)
    locked = overdue.order_by(Delivery.org_id, Delivery.id).limit(_MOST_OVERDUE)
    found = list(await session.scalars(locked.with_for_update(skip_locked=True)))
    for delivery in found:
        delivery.turn, delivery.next_try_at = delivery.turn + 1, now
    await schedule(session, found)


async def schedule(session: AsyncSession, deliveries: Sequence[Delivery]) -> None:
    """A job for the present turn of each message, in this transaction (W4)."""
    await defer(await driver_of(session), [job_of(one) for one in deliveries])


def job_of(delivery: Delivery) -> NewJob:
    """The job that sends a message."""
    args = {
        "org_id": str(delivery.org_id),
        "webhook_id": str(delivery.webhook_id),
        "delivery_id": str(delivery.id),
        "turn": delivery.turn,
    }
    return NewJob(queue=QUEUE, task=TASK, args=args, at=delivery.next_try_at)


def _row(
    org_id: UUID, webhook_id: UUID, event: MessageKind, subject_id: UUID, body: bytes, now: datetime
) -> dict[str, Any]:
    return {
        "org_id": org_id,
        "id": new_id(),
        "webhook_id": webhook_id,
        "event": event,
        "subject_id": subject_id,
        "body": body.decode(),
        "status": "waiting",
        "turn": 0,
        "failures": 0,
        "trying_since": now,
        "created_at": now,
        "next_try_at": now,
    }
