"""Tables of risk events. What a row means stands in the migration that makes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model
from toktra.risks.rules import Level, Source


class RiskEvent(Model):
    """A sign that work may leave the house."""

    __tablename__ = "risk_events"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[Source] = mapped_column(String)
    external_id: Mapped[str]
    kind: Mapped[str]
    level: Mapped[Level] = mapped_column(String)
    title: Mapped[str]
    repository: Mapped[str | None]
    login: Mapped[str | None]
    user_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class GithubIntegration(Model):
    """A GitHub App's webhook, and when a push that it tells of counts."""

    __tablename__ = "github_integrations"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, unique=True)
    name: Mapped[str]
    sealed_secret: Mapped[bytes]
    patterns: Mapped[list[str]] = mapped_column(ARRAY(String))
    many_files: Mapped[int]
    heavy_tokens: Mapped[int] = mapped_column(BigInteger)
    within_hours: Mapped[int]
    created_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class GithubDelivery(Model):
    """A delivery that was taken."""

    __tablename__ = "github_deliveries"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    integration_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]


class GithubIdentity(Model):
    """Whose a GitHub login is."""

    __tablename__ = "github_identities"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
