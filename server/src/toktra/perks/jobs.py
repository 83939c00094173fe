"""The worker's jobs of Token Perks: invitations out, figures in."""

from uuid import UUID

import httpx2
import msgspec
from procrastinate import App, RetryStrategy
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.kit.clock import utc_now
from toktra.kit.log import log
from toktra.kit.settings import Settings
from toktra.notify.jobs import send_letter
from toktra.perks import queries
from toktra.perks.rules import INVITE_QUEUE, INVITE_TASK
from toktra.perks.service import figures
from toktra.perks.service.inviting import invitation

_AGAIN = RetryStrategy(max_attempts=10, exponential_wait=3)


def add_jobs(jobs: App, sessions: async_sessionmaker[AsyncSession], settings: Settings) -> None:
    """Every job of this slice, and its schedule."""

    @jobs.task(name=INVITE_TASK, queue=INVITE_QUEUE, retry=_AGAIN)
    async def invite(org_id: str, enrollment_id: str) -> None:
        """Send an invitation, where it is still one."""
        async with sessions.begin() as session:
            letter = await invitation(
                session,
                org_id=UUID(org_id),
                enrollment_id=UUID(enrollment_id),
                public_url=settings.public_url,
            )
        await send_letter(letter, settings)

    @jobs.periodic(cron="23 * * * *")
    @jobs.task(name="perks.figures", queueing_lock="perks.figures")
    async def fetch(timestamp: int) -> None:
        """Ask the personal ledger for what it publishes."""
        await fetch_figures(sessions, settings)


async def fetch_figures(sessions: async_sessionmaker[AsyncSession], settings: Settings) -> None:
    """For each organisation that has Token Perks; one that fails holds up no other."""
    async with sessions() as session:
        organizations = await queries.organizations(session)
    address = f"{settings.personal_address}/personal/v1/aggregates"
    async with httpx2.AsyncClient(timeout=20) as client:
        for org_id in organizations:
            try:
                async with sessions() as session:
                    asking = await figures.question(
                        session, org_id=org_id, secret_key=settings.require_secret_key(), now=utc_now()
                    )
                answer = await client.get(address, headers={"Authorization": f"Bearer {asking}"})
                answer.raise_for_status()
                async with sessions.begin() as session:
                    await figures.take(session, org_id=org_id, answer=answer.content)
            except (httpx2.HTTPError, msgspec.DecodeError) as failed:
                log.warning("perks_figures", org_id=str(org_id), error=type(failed).__name__)
