"""What incidents' routes take and answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from toktra.incidents.model import Entry, Link
from toktra.incidents.queries import ListedIncident, owner_named
from toktra.incidents.rules import EntryKind, LinkKind, Severity, State
from toktra.incidents.service import IncidentChanges
from toktra.kit.http import Body

Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\A[^\x00-\x1f\x7f\ud800-\udfff]+\Z")]
_TEXT = r"\A[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*\Z"
Text = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=_TEXT)]
Description = Annotated[str, Meta(max_length=10_000, pattern=_TEXT)]


class NewIncidentBody(Body, frozen=True):
    """An incident that someone opens by hand."""

    title: Title
    description: Description = ""
    severity: Severity = "warning"
    owner_id: Annotated[UUID | None, Meta(description="An active manager or admin")] = None
    user_id: Annotated[UUID | None, Meta(description="Whom it is about")] = None


class IncidentChangeBody(Body, frozen=True):
    """What is left out stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    state: State | UnsetType = UNSET

    def changes(self) -> IncidentChanges:
        return IncidentChanges(
            title=self.title,
            description=self.description,
            severity=self.severity,
            owner_id=self.owner_id,
            state=self.state,
        )


class CommentBody(Body, frozen=True):
    text: Text


class LinkBody(Body, frozen=True):
    """What an incident is about."""

    kind: LinkKind
    id: UUID


class LinkAnswer(Struct, frozen=True):
    """What an incident is about."""

    kind: LinkKind
    id: UUID
    added_at: datetime

    @classmethod
    def of(cls, link: Link) -> "LinkAnswer":
        return cls(link.kind, link.target_id, link.added_at)


class EntryAnswer(Struct, frozen=True):
    """One line of an incident's timeline."""

    id: UUID
    kind: EntryKind
    at: datetime
    by: Annotated[str | None, Meta(description="Their e-mail; null for what a policy did")]
    owner: Annotated[str | None, Meta(description="The new owner's e-mail, where it has a new one")]
    details: Annotated[dict[str, Any], Meta(description="`from` and `to`, or the `text` of a comment")]

    @classmethod
    def of(cls, entry: Entry, emails: Mapping[UUID, str]) -> "EntryAnswer":
        by, owner_id = entry.actor_id, owner_named(entry)
        return cls(
            id=entry.id,
            kind=entry.kind,
            at=entry.at,
            by=emails.get(by) if by else None,
            owner=emails.get(owner_id) if owner_id else None,
            details=entry.details,
        )


class IncidentAnswer(Struct, frozen=True):
    """Something that people look into."""

    id: UUID
    number: Annotated[int, Meta(description="Counts from 1 in each organisation")]
    title: str
    description: str
    severity: Severity
    state: State
    owner_id: UUID | None
    owner_email: str | None
    policy_id: Annotated[UUID | None, Meta(description="The policy that opened it")]
    firing_id: UUID | None
    user_id: Annotated[UUID | None, Meta(description="Whom it is about")]
    user_email: str | None
    department_id: UUID | None
    department: str | None
    opened_by: Annotated[str | None, Meta(description="Their e-mail; null when a policy opened it")]
    opened_at: datetime
    resolved_at: datetime | None

    @classmethod
    def of(cls, listed: ListedIncident) -> "IncidentAnswer":
        one, emails = listed.incident, listed.emails
        return cls(
            id=one.id,
            number=one.number,
            title=one.title,
            description=one.description,
            severity=one.severity,
            state=one.state,
            owner_id=one.owner_id,
            owner_email=emails.get(one.owner_id) if one.owner_id else None,
            policy_id=one.policy_id,
            firing_id=one.firing_id,
            user_id=one.user_id,
            user_email=emails.get(one.user_id) if one.user_id else None,
            department_id=one.department_id,
            department=listed.department,
            opened_by=emails.get(one.opened_by) if one.opened_by else None,
            opened_at=one.opened_at,
            resolved_at=one.resolved_at,
        )
