"""The table of alerts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toktra.alerts.rules import Kind, Severity, Status
from toktra.kit.database import Model


class Alert(Model):
    """Something people should know of, and what they did about it. It is about a department or a user."""

    __tablename__ = "alerts"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(String)
    severity: Mapped[Severity] = mapped_column(String)
    status: Mapped[Status] = mapped_column(String)
    department_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    budget_id: Mapped[UUID | None]
    period_starts_at: Mapped[datetime | None]
    threshold: Mapped[int | None]
    title: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
