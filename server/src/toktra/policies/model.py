"""Tables of policies. What a row means stands in the migration that makes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model
from toktra.policies.rules.policy import Status


class Policy(Model):
    """A rule that watches the stream of events and acts. `content` is that of its present version."""

    __tablename__ = "policies"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    status: Mapped[Status] = mapped_column(String)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    changed_at: Mapped[datetime]
    live_since: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class PolicyVersion(Model):
    """What a policy said at one time."""

    __tablename__ = "policy_versions"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    policy_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]


class Firing(Model):
    """A policy fired, for one subject and window."""

    __tablename__ = "policy_firings"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    policy_id: Mapped[UUID]
    version: Mapped[int]
    shadow: Mapped[bool]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    window_starts_at: Mapped[datetime]
    window_ends_at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    reason: Mapped[str]
    events: Mapped[int] = mapped_column(BigInteger)
    tokens: Mapped[int] = mapped_column(BigInteger)
    fired_at: Mapped[datetime]
    last_at: Mapped[datetime]
    alert_id: Mapped[UUID | None]
    incident_id: Mapped[UUID | None]


class PolicyTest(Model):
    """A policy tried on what happened before."""

    __tablename__ = "policy_tests"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    policy_id: Mapped[UUID | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    days: Mapped[int]
    status: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]
    events_done: Mapped[int] = mapped_column(BigInteger, default=0)
    events_all: Mapped[int | None] = mapped_column(BigInteger)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
