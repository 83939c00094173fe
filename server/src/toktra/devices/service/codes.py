"""Short codes for enrolment tokens: for whoever has to type one."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.devices.rules import CODE_LIFETIME, new_code
from toktra.devices.service.enrollment_tokens import lock_enrollment_token
from toktra.kit.errors import Conflict
from toktra.kit.secrets import digest


async def give_code(
    session: AsyncSession, *, org_id: UUID, token_id: UUID, now: datetime
) -> tuple[str, datetime]:
    """A new code for this token, shown this once, and when it ends. The one before is no longer good."""
    token = await lock_enrollment_token(session, org_id=org_id, token_id=token_id)
    if token.revoked_at is not None or token.expires_at <= now or token.uses >= token.max_uses:
        raise Conflict("This enrolment token lets no more devices in. Make a new one.")
    code, ends_at = new_code(secrets.choice), min(now + CODE_LIFETIME, token.expires_at)
    token.code_hash, token.code_expires_at = digest(code), ends_at
    await session.flush()
    return code, ends_at
