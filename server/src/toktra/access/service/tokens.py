"""Short-lived bearer tokens of OAuth clients and devices, and proofs that are good for one use."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.model import AccessToken, UsedProof
from toktra.access.rules import Scope
from toktra.kit.errors import Problem
from toktra.kit.secrets import digest, new_secret

CLIENT_TOKEN_LIFETIME = timedelta(seconds=3600)


class InvalidGrant(Problem):
    """The grant of a token request is not good (RFC 6749, 5.2)."""

    code = "invalid_grant"
    status = 400


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A bearer token as it is shown, once."""

    token: str
    expires_in: int
    scopes: tuple[str, ...]


async def issue_token(
    session: AsyncSession,
    *,
    org_id: UUID,
    scopes: Iterable[Scope],
    now: datetime,
    client_id: UUID | None = None,
    device_id: UUID | None = None,
    lifetime: timedelta = CLIENT_TOKEN_LIFETIME,
) -> IssuedToken:
    """A new bearer token for exactly one of an OAuth client or a device."""
    assert (client_id is None) != (device_id is None)
    token = new_secret("tk_oat" if client_id else "tk_dat")
    granted = tuple(sorted(scopes))
    session.add(
        AccessToken(
            token_hash=digest(token),
            org_id=org_id,
            client_id=client_id,
            device_id=device_id,
            scopes=list(granted),
            expires_at=now + lifetime,
        )
    )
    await session.flush()
    return IssuedToken(token, int(lifetime.total_seconds()), granted)


async def use_proof(
    session: AsyncSession, *, device_id: UUID, proof_id: str, expires_at: datetime, now: datetime
) -> bool:
    """Use up a device's proof; False when it was used before. It is remembered until `expires_at`."""
    hashed = hashlib.sha256(proof_id.encode("utf-8", "surrogatepass")).digest()
    used = await session.execute(
        insert(UsedProof)
        .values(device_id=device_id, proof_id_hash=hashed, expires_at=max(expires_at, now))
        .on_conflict_do_nothing()
        .returning(UsedProof.device_id)
    )
    return used.first() is not None


async def revoke_device_tokens(session: AsyncSession, *, org_id: UUID, device_id: UUID) -> None:
    """End every token of a device at once."""
    await session.execute(
        delete(AccessToken).where(AccessToken.org_id == org_id, AccessToken.device_id == device_id)
    )
