"""Sessions of signed-in browsers, kept on the server.

N1: a session's token is replaced every hour; the one before stays good for a minute, for requests under way.
N2: suspending a user or changing their password ends their sessions.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.model import Session
from toktra.access.rules import ROLE_SCOPES, Actor, Role
from toktra.access.service.actors import reach_of
from toktra.kit.secrets import digest, new_secret
from toktra.people import queries as people
from toktra.people.queries import User
from toktra_wire.ids import new_id

SESSION_LIFETIME = timedelta(days=7)
ROTATED_EVERY = timedelta(hours=1)
PREVIOUS_TOKEN_GRACE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Started:
    """A new session, as the browser needs it."""

    token: str
    csrf_token: str
    expires_at: datetime
    user: User


@dataclass(frozen=True, slots=True)
class Resumed:
    """An open session: who it is, and the token to go on with where it was replaced."""

    actor: Actor
    csrf_token: str
    new_token: str | None


async def start_session(session: AsyncSession, *, user: User, now: datetime) -> Started:
    """Open a session for a user who has just proved who they are."""
    token, csrf_token = new_secret("tk_ses"), new_secret("tk_csrf")
    opened = Session(
        id=new_id(),
        org_id=user.org_id,
        user_id=user.id,
        token_hash=digest(token),
        previous_token_hash=None,
        csrf_token=csrf_token,
        rotated_at=now,
        expires_at=now + SESSION_LIFETIME,
    )
    session.add(opened)
    await session.flush()
    return Started(token, csrf_token, opened.expires_at, user)


async def resume_session(session: AsyncSession, *, token: str, now: datetime) -> Resumed | None:
    """The session behind a cookie; None when it has ended."""
    hashed = digest(token)
    found = await session.scalar(
        select(Session).where(
            or_(Session.token_hash == hashed, Session.previous_token_hash == hashed), Session.expires_at > now
        )
    )
    if found is None or not _still_good(found, hashed, now):
        return None
    user = await people.user(session, org_id=found.org_id, user_id=found.user_id)
    if user is None or user.status != "active":
        return None
    new_token = await _rotate(session, found.id, now) if _is_due(found, hashed, now) else None
    return Resumed(await _actor(session, found, user), found.csrf_token, new_token)


async def session_actor(session: AsyncSession, *, session_id: UUID, now: datetime) -> Actor | None:
    """Who an open session stands for, as their rights are now; None when it has ended. Rotates nothing."""
    found = await session.get(Session, session_id)
    if found is None or found.expires_at <= now:
        return None
    user = await people.user(session, org_id=found.org_id, user_id=found.user_id)
    return None if user is None or user.status != "active" else await _actor(session, found, user)


def _still_good(found: Session, hashed: bytes, now: datetime) -> bool:
    return found.token_hash == hashed or now < found.rotated_at + PREVIOUS_TOKEN_GRACE


def _is_due(found: Session, hashed: bytes, now: datetime) -> bool:
    return found.token_hash == hashed and now >= found.rotated_at + ROTATED_EVERY


async def _rotate(session: AsyncSession, session_id: UUID, now: datetime) -> str | None:
    locked = await session.scalar(
        select(Session)
        .where(Session.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if locked is None or now < locked.rotated_at + ROTATED_EVERY:
        return None
    token = new_secret("tk_ses")
    locked.previous_token_hash, locked.token_hash, locked.rotated_at = locked.token_hash, digest(token), now
    await session.flush()
    return token


async def _actor(session: AsyncSession, found: Session, user: User) -> Actor:
    role = Role(user.role)
    reach = await reach_of(
        session, org_id=user.org_id, user_id=user.id, role=role, department_id=user.department_id
    )
    return Actor(
        org_id=user.org_id,
        kind="session",
        credential_id=found.id,
        scopes=ROLE_SCOPES[role],
        reach=reach,
        user_id=user.id,
        department_id=user.department_id,
        role=role,
    )


async def sign_out(session: AsyncSession, *, session_id: UUID) -> None:
    """End one session."""
    await session.execute(delete(Session).where(Session.id == session_id))


async def end_sessions(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> None:
    """End every session of a user (N2)."""
    await session.execute(delete(Session).where(Session.org_id == org_id, Session.user_id == user_id))
