"""The key with which an organisation signs vouchers, and asks for its figures.

K1: there is one from the first tier on; it is sealed, and never leaves the server.
"""

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import NotFound
from toktra.kit.secrets import seal, unseal
from toktra.perks.model import PerksKey


async def make(session: AsyncSession, *, org_id: UUID, secret_key: str, now: datetime) -> None:
    """Make the key where there is none (K1)."""
    if await session.get(PerksKey, org_id) is not None:
        return
    key = Ed25519PrivateKey.generate()
    values = {
        "org_id": org_id,
        "public_key": key.public_key().public_bytes_raw(),
        "sealed_key": seal(secret_key, _purpose(org_id), key.private_bytes_raw()),
        "created_at": now,
    }
    await session.execute(insert(PerksKey).values(**values).on_conflict_do_nothing())


async def key_of(session: AsyncSession, *, org_id: UUID, secret_key: str) -> Ed25519PrivateKey:
    """The organisation's key, to sign with."""
    found = await session.get(PerksKey, org_id)
    if found is None:
        raise NotFound("Token Perks is not set up in this organisation: an admin makes a tier first.")
    return Ed25519PrivateKey.from_private_bytes(unseal(secret_key, _purpose(org_id), found.sealed_key))


def _purpose(org_id: UUID) -> str:
    return f"voucher key:{org_id}"
