"""The worker's jobs that tell people and programs of what happened.

J4: messages have a queue of their own, and one receiver has a few places in it at most: one that answers
    slowly keeps neither other jobs nor other receivers waiting.
"""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from procrastinate import App, RetryStrategy
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from toktra.alerts.rules import TELL_QUEUE, TELL_TASK, Moment
from toktra.incidents.rules import TELL_TASK as INCIDENT
from toktra.incidents.rules import Moment as IncidentMoment
from toktra.kit.clock import utc_now
from toktra.kit.database import raw_connection
from toktra.kit.jobs import NewJob, defer
from toktra.kit.log import log
from toktra.kit.settings import Settings
from toktra.notify import posting, sending, service
from toktra.notify.mail import NotAnAddress, compose
from toktra.notify.service.deliveries import QUEUE as WEBHOOKS
from toktra.notify.service.deliveries import TASK as DELIVER
from toktra.notify.service.firings import MAIL_TASK, PolicyFired, Reader
from toktra.notify.service.firings import TASK as FIRING
from toktra.notify.service.mails import QUEUE as MAILS
from toktra.notify.service.mails import TASK as MAIL
from toktra.notify.service.mails import Letter

QUEUES = {TELL_QUEUE: 4, WEBHOOKS: 64, MAILS: 8}
"""How many jobs of each queue are run at once."""
_PLACES_OF_ONE = 4
_LATER = timedelta(seconds=3)
_AGAIN = RetryStrategy(max_attempts=10, exponential_wait=3)


def add_jobs(
    jobs: App, engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], settings: Settings
) -> None:
    """Every job of this slice, and its schedule."""
    _add_telling(jobs, sessions, settings)
    _add_delivering(jobs, engine, sessions, settings)
    _add_mailing(jobs, sessions, settings)

    @jobs.periodic(cron="*/5 * * * *")
    @jobs.task(name="notify.housekeeping", queueing_lock="notify.housekeeping", retry=_AGAIN)
    async def keep_house(timestamp: int) -> None:
        """Forget old messages, and take up those whose job failed."""
        async with sessions.begin() as session:
            await service.keep_house(session, now=utc_now())


def _add_telling(jobs: App, sessions: async_sessionmaker[AsyncSession], settings: Settings) -> None:
    @jobs.task(name=TELL_TASK, queue=TELL_QUEUE, retry=_AGAIN)
    async def tell(org_id: str, alert_id: str, moment: Moment) -> None:
        """Make the messages about an alert."""
        async with sessions.begin() as session:
            await service.tell_of_alert(
                session,
                org_id=UUID(org_id),
                alert_id=UUID(alert_id),
                moment=moment,
                public_url=settings.public_url,
                now=utc_now(),
            )

    @jobs.task(name=FIRING, queue=TELL_QUEUE, retry=_AGAIN)
    async def tell_firing(fired: dict[str, Any]) -> None:
        """Make the messages about a policy that fired."""
        told = msgspec.convert(fired, PolicyFired)
        async with sessions.begin() as session:
            await service.spread_firing(session, fired=told, public_url=settings.public_url, now=utc_now())

    @jobs.task(name=INCIDENT, queue=TELL_QUEUE, retry=_AGAIN)
    async def tell_incident(org_id: str, incident_id: str, moment: IncidentMoment) -> None:
        """Make the messages about an incident."""
        async with sessions.begin() as session:
            await service.tell_of_incident(
                session,
                org_id=UUID(org_id),
                incident_id=UUID(incident_id),
                moment=moment,
                public_url=settings.public_url,
                now=utc_now(),
            )


def _add_delivering(
    jobs: App, engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], settings: Settings
) -> None:
    under_way: Counter[str] = Counter()

    @jobs.task(name=DELIVER, queue=WEBHOOKS, retry=_AGAIN)
    async def deliver(org_id: str, webhook_id: str, delivery_id: str, turn: int) -> None:
        """Send one message, or later if its receiver has its places taken (J4)."""
        args = {"org_id": org_id, "webhook_id": webhook_id, "delivery_id": delivery_id, "turn": turn}
        if under_way[webhook_id] >= _PLACES_OF_ONE:
            later = NewJob(queue=WEBHOOKS, task=DELIVER, args=args, at=utc_now() + _LATER)
            async with raw_connection(engine) as connection, connection.transaction():
                await defer(connection, [later])
            return
        under_way[webhook_id] += 1
        try:
            await _deliver(sessions, settings, UUID(org_id), UUID(webhook_id), UUID(delivery_id), turn)
        finally:
            under_way[webhook_id] -= 1
            if not under_way[webhook_id]:
                del under_way[webhook_id]


def _add_mailing(jobs: App, sessions: async_sessionmaker[AsyncSession], settings: Settings) -> None:
    @jobs.task(name=MAIL, queue=MAILS, retry=_AGAIN)
    async def mail(org_id: str, alert_id: str, user_id: str) -> None:
        """Send one mail; for about a day, where the mail server does not take it now."""
        async with sessions.begin() as session:
            letter = await service.letter(
                session,
                org_id=UUID(org_id),
                alert_id=UUID(alert_id),
                user_id=UUID(user_id),
                secret_key=settings.require_secret_key(),
                public_url=settings.public_url,
            )
        await send_letter(letter, settings)

    @jobs.task(name=MAIL_TASK, queue=MAILS, retry=_AGAIN)
    async def mail_firing(fired: dict[str, Any], user_id: str, reader: Reader) -> None:
        """Send one mail about a policy that fired."""
        async with sessions.begin() as session:
            letter = await service.firing_letter(
                session,
                fired=msgspec.convert(fired, PolicyFired),
                user_id=UUID(user_id),
                reader=reader,
                secret_key=settings.require_secret_key(),
                public_url=settings.public_url,
            )
        await send_letter(letter, settings)


async def send_letter(letter: Letter | None, settings: Settings) -> None:
    """A mail to an address that will never take one is not tried again."""
    if letter is None:
        return
    try:
        await posting.send(compose(letter, settings, now=utc_now()), settings)
    except (posting.Refused, NotAnAddress) as refused:
        log.warning("mail_refused", user_id=str(letter.user.id), why=str(refused))


async def _deliver(
    sessions: async_sessionmaker[AsyncSession],
    settings: Settings,
    org_id: UUID,
    webhook_id: UUID,
    delivery_id: UUID,
    turn: int,
) -> None:
    """No transaction is open while the receiver is waited for."""
    async with sessions.begin() as session:
        message = await service.outgoing(
            session,
            org_id=org_id,
            webhook_id=webhook_id,
            delivery_id=delivery_id,
            turn=turn,
            secret_key=settings.require_secret_key(),
            slack_api_url=settings.slack_api_url,
            now=utc_now(),
        )
    if message is None:
        return
    outcome = await sending.post(message, to_private=settings.webhooks_to_private)
    async with sessions.begin() as session:
        await service.note(
            session,
            org_id=org_id,
            webhook_id=webhook_id,
            delivery_id=delivery_id,
            turn=turn,
            outcome=outcome,
            now=utc_now(),
        )
