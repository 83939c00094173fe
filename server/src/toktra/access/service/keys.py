"""API keys: for programs, shown once, acting for the user who made them.

Y1: nobody gives a key a scope they do not have themselves.
Y2: a key stops working with its expiry, its revocation, or its maker's suspension, and never does more
    than its maker's role now allows.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.model import ApiKey, OAuthClient
from toktra.access.rules import GRANTABLE_SCOPES, PROGRAM_SCOPES, ROLE_SCOPES, Actor, Role, Scope
from toktra.access.service.actors import reach_of
from toktra.kit.errors import Forbidden, Invalid, NotFound
from toktra.kit.secrets import digest, new_secret
from toktra.people import queries as people
from toktra_wire.ids import new_id

LONGEST_LIFE = timedelta(days=3650)
_NOTE_USE_EVERY = timedelta(minutes=1)


async def create_api_key(
    session: AsyncSession,
    *,
    org_id: UUID,
    created_by: UUID,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown this once."""
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        raise Invalid("A key ends in the future, and within ten years.", field="expires_at")
    secret = new_secret("tk_key")
    key = ApiKey(
        org_id=org_id,
        id=new_id(),
        created_by=created_by,
        name=name,
        hint=f"tk_key_...{secret[-4:]}",
        secret_hash=digest(secret),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    session.add(key)
    await session.flush()
    return key, secret


def check_grant(actor: Actor, scopes: Collection[Scope]) -> None:
    """What a caller may hand on: their own scopes, and for a person also those of programs (Y1)."""
    own = actor.scopes | (PROGRAM_SCOPES if actor.kind == "session" else frozenset())
    if beyond := set(scopes) - (own & GRANTABLE_SCOPES):
        raise Forbidden("You cannot give a scope that you do not have.", scopes=sorted(beyond))


async def revoke_api_key(session: AsyncSession, *, org_id: UUID, key_id: UUID, now: datetime) -> None:
    """End a key. Ending it again changes nothing."""
    key = await session.get(ApiKey, (org_id, key_id))
    if key is None:
        raise NotFound("There is no such API key in your organisation.")
    key.revoked_at = key.revoked_at or now


async def resolve_api_key(session: AsyncSession, hashed: bytes, now: datetime) -> Actor | None:
    """The actor behind a key's hash (Y2)."""
    key = await session.scalar(
        select(ApiKey).where(ApiKey.secret_hash == hashed, ApiKey.revoked_at.is_(None))
    )
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at < now - _NOTE_USE_EVERY:
        key.last_used_at = now
    return await program_actor(session, key, kind="api_key", credential_id=key.id, scopes=key.scopes)


async def program_actor(
    session: AsyncSession,
    made: ApiKey | OAuthClient,
    *,
    kind: Literal["api_key", "client"],
    credential_id: UUID,
    scopes: Collection[str],
) -> Actor | None:
    """The actor of a program's credential: its maker's organisation and identity, its own scopes."""
    maker = await people.user(session, org_id=made.org_id, user_id=made.created_by)
    if maker is None or maker.status != "active":
        return None
    role = Role(maker.role)
    allowed = ROLE_SCOPES[role] | PROGRAM_SCOPES
    reach = await reach_of(
        session, org_id=maker.org_id, user_id=maker.id, role=role, department_id=maker.department_id
    )
    return Actor(
        org_id=made.org_id,
        kind=kind,
        credential_id=credential_id,
        scopes=allowed.intersection(scopes),
        reach=reach,
        user_id=maker.id,
        department_id=maker.department_id,
    )
