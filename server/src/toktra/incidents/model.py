"""Tables of incidents. What a row means stands in the migration that makes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toktra.incidents.rules import EntryKind, LinkKind, Severity, State
from toktra.kit.database import Model


class Incident(Model):
    """Something that people look into."""

    __tablename__ = "incidents"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    title: Mapped[str]
    description: Mapped[str]
    severity: Mapped[Severity] = mapped_column(String)
    state: Mapped[State] = mapped_column(String)
    owner_id: Mapped[UUID | None]
    policy_id: Mapped[UUID | None]
    firing_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    opened_by: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class Entry(Model):
    """One line of an incident's timeline."""

    __tablename__ = "incident_entries"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[EntryKind] = mapped_column(String)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Link(Model):
    """What an incident is about: an alert, a risk event, a request."""

    __tablename__ = "incident_links"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(String, primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]
