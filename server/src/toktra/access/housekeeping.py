"""Credentials whose time is over are dropped: they are of no use to anyone but a thief."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.limits import forget_counts
from toktra.access.model import AccessToken, Invitation, Session, UsedProof
from toktra.access.service.passwords import forget_failures


async def forget_what_ended(session: AsyncSession, *, now: datetime) -> None:
    """Drop ended sessions, tokens, proofs, invitations, and counts of minutes long over."""
    for ended in (Session, AccessToken, UsedProof, Invitation):
        await session.execute(delete(ended).where(ended.expires_at <= now))
    await forget_failures(session, now=now)
    await forget_counts(session, now=now)
