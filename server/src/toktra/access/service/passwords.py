"""Sign-in with e-mail and password, and the links with which a password is set.

W1: a wrong password and an unknown e-mail cost the same one verification and get the same answer.
W2: after five failures in a row sign-in rests, for one second, then two, four, and up to 15 minutes;
    counted for the e-mail and for the address it came from, both kept as hashes only. An address is
    given a hundred, since a whole office can share one. One sign-in with
    an e-mail at a time: of guesses made at once, all would pass before the first failure is counted.
"""

import asyncio
import hashlib
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.model import Invitation, Password, SignInFailures
from toktra.access.rules import FREE_FAILURES, FREE_FAILURES_OF_ADDRESS, Actor, Role, wait_after
from toktra.access.service.sessions import Started, end_sessions, start_session
from toktra.kit.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthorized
from toktra.kit.secrets import digest, new_secret
from toktra.people import queries as people
from toktra.people.queries import User

INVITATION_LIFETIME = timedelta(days=7)
SHORTEST_PASSWORD = 10
_SAME_FAILURES_FOR = timedelta(hours=24)

_hasher = PasswordHasher()


async def sign_in(
    session: AsyncSession, *, email: str, password: str, address: str, now: datetime
) -> Started:
    """Open a session; Unauthorized when e-mail and password do not belong together (W1), RateLimited (W2)."""
    subjects = [_subject("email", email.lower()), _subject("address", address)]
    await _take_turn(session, subjects[0])
    await _check_rest(session, subjects, now)
    users = await people.users_by_email_anywhere(session, email=email)
    for user in users:
        if await _verify(session, user, password) and user.status == "active":
            await session.execute(delete(SignInFailures).where(SignInFailures.subject_hash == subjects[0]))
            return await start_session(session, user=user, now=now)
    if not users:
        await _matches(_hash_of_nothing(), password)
    await _note_failure(session, subjects, now)
    raise Unauthorized(
        "This e-mail and password do not belong together. Check both, or ask an admin for a new link."
    )


def _subject(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).digest()


async def _take_turn(session: AsyncSession, subject: bytes) -> None:
    """The turn is held until the transaction ends."""
    lock = func.pg_try_advisory_xact_lock(int.from_bytes(subject[:8], "big", signed=True))
    if not await session.scalar(select(lock)):
        raise _resting("Another sign-in with this e-mail is under way.", 1)


async def _check_rest(session: AsyncSession, subjects: list[bytes], now: datetime) -> None:
    rows = await session.scalars(select(SignInFailures).where(SignInFailures.subject_hash.in_(subjects)))
    free = dict(zip(subjects, (FREE_FAILURES, FREE_FAILURES_OF_ADDRESS), strict=True))
    rests = [row.last_at + wait_after(row.failures, free=free[row.subject_hash]) - now for row in rows]
    longest = max(rests, default=timedelta(0))
    if longest > timedelta(0):
        raise _resting("Too many failed sign-ins in a row.", ceil(longest.total_seconds()))


def _resting(reason: str, seconds: int) -> RateLimited:
    return RateLimited(f"{reason} Wait {seconds} s and try again.", headers={"Retry-After": str(seconds)})


async def _note_failure(session: AsyncSession, subjects: list[bytes], now: datetime) -> None:
    """Kept even though the request fails: its own commit."""
    for subject in sorted(subjects):
        row = insert(SignInFailures).values(subject_hash=subject, failures=1, last_at=now)
        await session.execute(
            row.on_conflict_do_update(
                index_elements=[SignInFailures.subject_hash],
                set_={"failures": SignInFailures.failures + 1, "last_at": now},
            )
        )
    await session.commit()


async def _verify(session: AsyncSession, user: User, password: str) -> bool:
    """A user without a password costs a verification too (W1)."""
    stored = await session.get(Password, (user.org_id, user.id))
    matches = await _matches(stored.argon2 if stored else _hash_of_nothing(), password)
    return matches and stored is not None


async def _matches(argon2: str, password: str) -> bool:
    try:
        return await asyncio.to_thread(_hasher.verify, argon2, password.encode("utf-8", "surrogatepass"))
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _hash_of_nothing() -> str:
    """What the password of an unknown e-mail is compared with, so that it takes as long as any other (W1)."""
    return _hasher.hash("nobody has this password")


async def set_password(
    session: AsyncSession,
    *,
    org_id: UUID,
    user_id: UUID,
    password: str,
    now: datetime,
    field: str = "password",
) -> None:
    """Set a user's password and end their sessions. `field`: what the request calls the password."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"A password has at least {SHORTEST_PASSWORD} characters.", field=field)
    argon2 = await asyncio.to_thread(_hasher.hash, password.encode("utf-8", "surrogatepass"))
    row = insert(Password).values(org_id=org_id, user_id=user_id, argon2=argon2, changed_at=now)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[Password.org_id, Password.user_id], set_={"argon2": argon2, "changed_at": now}
        )
    )
    await end_sessions(session, org_id=org_id, user_id=user_id)


async def change_password(
    session: AsyncSession, *, user: User, current_password: str, new_password: str, now: datetime
) -> Started:
    """Change one's own password; every session ends, and a new one begins."""
    if not await _verify(session, user, current_password):
        raise Invalid("This is not your present password.", field="current_password")
    await set_password(
        session, org_id=user.org_id, user_id=user.id, password=new_password, now=now, field="new_password"
    )
    return await start_session(session, user=user, now=now)


async def invite(
    session: AsyncSession, *, actor: Actor, user_id: UUID, now: datetime
) -> tuple[str, datetime]:
    """A link token with which the user sets their password; an earlier one stops working."""
    org_id = actor.org_id
    user = await people.user(session, org_id=org_id, user_id=user_id)
    if user is None:
        raise NotFound("There is no such user in your organisation.")
    if user.role == Role.OWNER and actor.role is not Role.OWNER:
        raise Forbidden("Only an owner can make a link for an owner.")
    await session.execute(
        delete(Invitation).where(Invitation.org_id == org_id, Invitation.user_id == user_id)
    )
    token, expires_at = new_secret("tk_inv"), now + INVITATION_LIFETIME
    session.add(Invitation(token_hash=digest(token), org_id=org_id, user_id=user_id, expires_at=expires_at))
    await session.flush()
    return token, expires_at


async def accept_invitation(session: AsyncSession, *, token: str, password: str, now: datetime) -> Started:
    """Set the password with the link's token, which is used up, and sign in."""
    used = await session.execute(
        delete(Invitation)
        .where(Invitation.token_hash == digest(token), Invitation.expires_at > now)
        .returning(Invitation.org_id, Invitation.user_id)
    )
    row = used.first()
    user = await people.user(session, org_id=row.org_id, user_id=row.user_id) if row else None
    if user is None or user.status != "active":
        raise Unauthorized(
            "This link was used or has ended. Ask an admin of your organisation for a new one."
        )
    await set_password(session, org_id=user.org_id, user_id=user.id, password=password, now=now)
    return await start_session(session, user=user, now=now)


async def forget_failures(session: AsyncSession, *, now: datetime) -> None:
    """Drop failures that no longer make anyone wait."""
    await session.execute(delete(SignInFailures).where(SignInFailures.last_at < now - _SAME_FAILURES_FOR))
