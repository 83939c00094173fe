"""Vouchers out: signed, handed to the employee's own client, and not kept.

V4: a user gets a month's voucher once, and each bonus once. Of a voucher nothing is stored, its nonce least.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.people import queries as people
from toktra.perks.model import Bonus, Issued, Tier
from toktra.perks.rules import Span, month_at
from toktra.perks.service import signing
from toktra.perks.service.enrolling import opt_in
from toktra_wire.voucher import Voucher, new_nonce, sign


async def issue(
    session: AsyncSession, *, org_id: UUID, user_id: UUID, secret_key: str, now: datetime
) -> Sequence[str]:
    """What is due to a user now, the month's allowance first (V4). Asking for it is opting in."""
    enrolled = await opt_in(session, org_id=org_id, user_id=user_id, now=now)
    span = await span_of(session, org_id=org_id, now=now)
    key = await signing.key_of(session, org_id=org_id, secret_key=secret_key)
    made = []
    first = await session.execute(
        insert(Issued)
        .values(org_id=org_id, user_id=user_id, month=span.month)
        .on_conflict_do_nothing()
        .returning(Issued.month)
    )
    if first.first() is not None:
        made.append(_monthly(org_id, enrolled.tier, span, key))
    due = await session.scalars(
        select(Bonus)
        .where(Bonus.org_id == org_id, Bonus.user_id == user_id, Bonus.issued_at.is_(None))
        .order_by(Bonus.id)
        .with_for_update()
    )
    for bonus in due:
        made.append(_bonus(bonus, enrolled.tier, span, key))
        await session.execute(
            update(Bonus).where(Bonus.org_id == org_id, Bonus.id == bonus.id).values(issued_at=now)
        )
    return made


async def span_of(session: AsyncSession, *, org_id: UUID, now: datetime) -> Span:
    """The organisation's present month."""
    return month_at(now, ZoneInfo(await people.time_zone(session, org_id=org_id)))


def _monthly(org_id: UUID, tier: Tier, span: Span, key: Ed25519PrivateKey) -> str:
    percent = 100 if tier.rollover_percent is None else tier.rollover_percent
    voucher = Voucher(
        org_id=org_id,
        kind="monthly",
        month=span.month,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        tier=tier.name,
        tokens=tier.monthly_tokens,
        rollover_percent=percent,
        nonce=new_nonce(),
    )
    return sign(voucher, key)


def _bonus(bonus: Bonus, tier: Tier, span: Span, key: Ed25519PrivateKey) -> str:
    voucher = Voucher(
        org_id=bonus.org_id,
        kind="bonus",
        month=span.month,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        tier=tier.name,
        tokens=bonus.tokens,
        reason=bonus.reason,
        nonce=new_nonce(),
    )
    return sign(voucher, key)
