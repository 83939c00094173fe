"""Figures in: what the personal ledger publishes of an organisation, and nothing else, once a day.

F1: what comes is held to its shape; a field for anybody would be refused.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.perks.model import Figures
from toktra.perks.service import signing
from toktra_wire.figures import FiguresOfMonth
from toktra_wire.voucher import Asking, sign_asking

_GOOD_FOR = timedelta(minutes=5)


async def question(session: AsyncSession, *, org_id: UUID, secret_key: str, now: datetime) -> str:
    """Signed by the organisation, for its own figures."""
    key = await signing.key_of(session, org_id=org_id, secret_key=secret_key)
    return sign_asking(Asking(org_id=org_id, expires_at=now + _GOOD_FOR), key)


async def take(session: AsyncSession, *, org_id: UUID, answer: bytes) -> int:
    """Keep what was told (F1); how many months."""
    months = msgspec.json.decode(answer, type=list[FiguresOfMonth])
    for one in months:
        content = msgspec.to_builtins({"total": one.total, "tiers": one.tiers})
        made = insert(Figures).values(
            org_id=org_id, month=one.month, published_on=one.published_on, content=content
        )
        await session.execute(
            made.on_conflict_do_update(
                index_elements=["org_id", "month"],
                set_={"published_on": made.excluded.published_on, "content": made.excluded.content},
            )
        )
    return len(months)
