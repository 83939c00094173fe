"""OAuth 2.0 clients: programs that fetch a token with their own id and secret (RFC 6749, 4.4)."""

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.model import AccessToken, OAuthClient
from toktra.access.rules import Actor, Scope
from toktra.access.service.keys import program_actor
from toktra.access.service.tokens import IssuedToken, issue_token
from toktra.kit.errors import BadRequest, NotFound, Unauthorized
from toktra.kit.secrets import digest, new_secret
from toktra_wire.ids import new_id


class InvalidScope(BadRequest):
    """The client asked for a scope it was not given (RFC 6749, 5.2)."""

    code = "invalid_scope"


async def create_client(
    session: AsyncSession,
    *,
    org_id: UUID,
    created_by: UUID,
    name: str,
    scopes: Collection[Scope],
    now: datetime,
) -> tuple[OAuthClient, str]:
    """A new client and its secret, which is shown this once."""
    secret = new_secret("tk_ocs")
    client = OAuthClient(
        org_id=org_id,
        id=new_id(),
        created_by=created_by,
        name=name,
        secret_hash=digest(secret),
        scopes=sorted(scopes),
        created_at=now,
        revoked_at=None,
    )
    session.add(client)
    await session.flush()
    return client, secret


async def revoke_client(session: AsyncSession, *, org_id: UUID, client_id: UUID, now: datetime) -> None:
    """End a client and every token it holds. Ending it again changes nothing."""
    client = await session.get(OAuthClient, (org_id, client_id))
    if client is None:
        raise NotFound("There is no such OAuth client in your organisation.")
    client.revoked_at = client.revoked_at or now
    await session.execute(
        delete(AccessToken).where(AccessToken.org_id == org_id, AccessToken.client_id == client_id)
    )


async def authenticate_client(
    session: AsyncSession, *, client_id: str, client_secret: str, scope: str | None, now: datetime
) -> IssuedToken:
    """The client-credentials grant: a token with the client's scopes, or those of them it asks for."""
    client = await _client(session, client_id)
    given = digest(client_secret)
    if client is None or not secrets.compare_digest(client.secret_hash, given):
        raise InvalidClient("The client id and secret do not belong together, or the client was revoked.")
    asked = set(scope.split()) if scope else set(client.scopes)
    if not asked or not asked <= set(client.scopes):
        raise InvalidScope("The client was not given every scope it asks for.", granted=sorted(client.scopes))
    return await issue_token(
        session, org_id=client.org_id, scopes=[Scope(name) for name in asked], now=now, client_id=client.id
    )


class InvalidClient(Unauthorized):
    """Client authentication failed (RFC 6749, 5.2)."""

    code = "invalid_client"


async def _client(session: AsyncSession, client_id: str) -> OAuthClient | None:
    try:
        wanted = UUID(client_id)
    except ValueError:
        return None
    return await session.scalar(
        select(OAuthClient).where(OAuthClient.id == wanted, OAuthClient.revoked_at.is_(None))
    )


async def resolve_client_token(session: AsyncSession, hashed: bytes, now: datetime) -> Actor | None:
    """The actor behind an OAuth client's token."""
    row = (
        await session.execute(
            select(AccessToken, OAuthClient)
            .join(
                OAuthClient,
                (OAuthClient.org_id == AccessToken.org_id) & (OAuthClient.id == AccessToken.client_id),
            )
            .where(
                AccessToken.token_hash == hashed,
                AccessToken.expires_at > now,
                OAuthClient.revoked_at.is_(None),
            )
        )
    ).first()
    if row is None:
        return None
    token, client = row
    return await program_actor(session, client, kind="client", credential_id=client.id, scopes=token.scopes)
