"""Tables of the audit log. The database writes them by itself; the server can only read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model


class AuditEntry(Model):
    """One change: who, what, on what, before and after, when, from which credential."""

    __tablename__ = "audit_log"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    actor_user_id: Mapped[UUID | None]
    credential_kind: Mapped[str]
    credential_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    action: Mapped[str]
    target_kind: Mapped[str]
    target_id: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]

    __table_args__ = (
        Index("audit_log_by_time", "org_id", "at"),
        Index("audit_log_by_action", "org_id", "action", "seq"),
        Index("audit_log_by_actor", "org_id", "actor_user_id", "seq"),
        Index("audit_log_by_target", "org_id", "target_kind", "target_id", "seq"),
    )


class AuditHead(Model):
    """The last entry of an organisation's chain; `seq` 0 while there is none."""

    __tablename__ = "audit_heads"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
