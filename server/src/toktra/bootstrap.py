"""A new organisation with its first owner and an API key: what `toktra bootstrap` makes."""

import secrets
from datetime import datetime

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access import service as access
from toktra.access.rules import GRANTABLE_SCOPES, Role
from toktra.people import service as people


class Bootstrapped(Struct, frozen=True):
    """What is shown once: the password and the key cannot be read back."""

    org_id: str
    admin_email: str
    admin_password: str
    api_key: str


async def bootstrap(
    session: AsyncSession,
    *,
    name: str,
    email: str,
    time_zone: str,
    now: datetime,
    region: str = "eu",
    password: str | None = None,
) -> Bootstrapped:
    """An organisation, its owner with a password, and an API key with every scope."""
    organization = await people.create_organization(
        session, name=name, time_zone=time_zone, currency="USD", region=region, now=now
    )
    owner = await people.create_user(
        session,
        org_id=organization.id,
        email=email,
        name=email.partition("@")[0],
        department=None,
        role=Role.OWNER,
        now=now,
    )
    password = password or secrets.token_urlsafe(15)
    await access.set_password(session, org_id=organization.id, user_id=owner.id, password=password, now=now)
    _, key = await access.create_api_key(
        session,
        org_id=organization.id,
        created_by=owner.id,
        name="bootstrap",
        scopes=GRANTABLE_SCOPES,
        expires_at=None,
        now=now,
    )
    return Bootstrapped(str(organization.id), owner.email, password, key)
