"""What policies' routes take and answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from toktra.kit.http import Body, Name
from toktra.policies.model import PolicyTest, PolicyVersion
from toktra.policies.queries.rulebook import content_of
from toktra.policies.queries.screens import ListedFiring, ListedPolicy
from toktra.policies.results import TestResult
from toktra.policies.rules.conditions import All, Condition
from toktra.policies.rules.policy import MOST_ACTIONS, Action, Content, Severity, Status, Trigger
from toktra.policies.service.testing import Days

_TEXT = r"\A[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*\Z"
Description = Annotated[str, Meta(max_length=2_000, pattern=_TEXT)]
Actions = Annotated[list[Action], Meta(min_length=1, max_length=MOST_ACTIONS)]
ALWAYS = All(conditions=[])


class NewPolicyBody(Body, frozen=True, kw_only=True):
    """A policy is made as a draft, which does nothing until it is published."""

    name: Name
    description: Description = ""
    trigger: Trigger
    conditions: Annotated[
        Condition | None, Meta(description="Left out: every event the trigger is about")
    ] = None
    actions: Actions
    severity: Annotated[Severity, Meta(description="Of the alert it makes")] = "warning"

    def content(self) -> Content:
        return Content(
            trigger=self.trigger,
            conditions=self.conditions or ALWAYS,
            actions=self.actions,
            severity=self.severity,
        )


class PolicyChangeBody(Body, frozen=True):
    """What is left out stays. A change of what it says makes a new version."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    trigger: Trigger | UnsetType = UNSET
    conditions: Condition | UnsetType = UNSET
    actions: Actions | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET

    def content(self, before: Content) -> Content | UnsetType:
        given = {
            name: value
            for name in ("trigger", "conditions", "actions", "severity")
            if (value := getattr(self, name)) is not UNSET
        }
        if not given:
            return UNSET
        return Content(**{name: given.get(name, getattr(before, name)) for name in Content.__struct_fields__})


class TestBody(Body, frozen=True):
    """How far back to look."""

    days: Days = 30


class DraftTestBody(Body, frozen=True, kw_only=True):
    """A policy that need not be kept, and how far back to look."""

    trigger: Trigger
    conditions: Condition | None = None
    actions: Annotated[list[Action], Meta(min_length=1, max_length=MOST_ACTIONS)]
    days: Days = 30

    def content(self) -> Content:
        return Content(
            trigger=self.trigger,
            conditions=self.conditions or ALWAYS,
            actions=self.actions,
            severity="warning",
        )


class PolicyAnswer(Struct, frozen=True):
    """A rule that watches the stream of events and acts."""

    id: UUID
    name: str
    description: str
    status: Status
    version: Annotated[int, Meta(description="Counts up with each change of what it says")]
    trigger: Trigger
    conditions: Condition
    actions: list[Action]
    severity: Severity
    created_at: datetime
    changed_at: datetime
    live_since: Annotated[datetime | None, Meta(description="Since when it is published or on trial")]
    archived_at: datetime | None
    firings: Annotated[int, Meta(description="In the last 30 days")]
    shadow_firings: Annotated[int, Meta(description="On paper, in the last 30 days")]

    @classmethod
    def of(cls, listed: ListedPolicy) -> "PolicyAnswer":
        one = listed.policy
        content = content_of(one.content)
        return cls(
            id=one.id,
            name=one.name,
            description=one.description,
            status=one.status,
            version=one.version,
            trigger=content.trigger,
            conditions=content.conditions,
            actions=content.actions,
            severity=content.severity,
            created_at=one.created_at,
            changed_at=one.changed_at,
            live_since=one.live_since,
            archived_at=one.archived_at,
            firings=listed.firings,
            shadow_firings=listed.shadow_firings,
        )


class PolicyVersionAnswer(Struct, frozen=True):
    """What a policy said from then on."""

    version: int
    name: str
    trigger: Trigger
    conditions: Condition
    actions: list[Action]
    severity: Severity
    made_at: datetime

    @classmethod
    def of(cls, one: PolicyVersion) -> "PolicyVersionAnswer":
        content = content_of(one.content)
        return cls(
            version=one.version,
            name=one.name,
            trigger=content.trigger,
            conditions=content.conditions,
            actions=content.actions,
            severity=content.severity,
            made_at=one.made_at,
        )


class FiringAnswer(Struct, frozen=True):
    """A policy fired: once for a subject and a window."""

    id: UUID
    policy_id: UUID
    policy: str
    version: int
    shadow: Annotated[bool, Meta(description="On paper: nothing was done")]
    subject_kind: Literal["user", "department"]
    subject_id: UUID
    subject: Annotated[str, Meta(description="E-mail of a user, name of a department")]
    user_id: Annotated[UUID | None, Meta(description="Whose event was the first")]
    user_email: str | None
    window_starts_at: datetime
    window_ends_at: datetime
    reason: str
    events: Annotated[int, Meta(description="How many events of the window it would have fired for")]
    tokens: int
    fired_at: datetime
    last_at: datetime
    alert_id: UUID | None
    incident_id: UUID | None

    @classmethod
    def of(cls, listed: ListedFiring) -> "FiringAnswer":
        one = listed.firing
        names = listed.emails if one.subject_kind == "user" else listed.departments
        return cls(
            id=one.id,
            policy_id=one.policy_id,
            policy=listed.policy_name,
            version=one.version,
            shadow=one.shadow,
            subject_kind=one.subject_kind,  # type: ignore[arg-type]
            subject_id=one.subject_id,
            subject=names.get(one.subject_id, ""),
            user_id=one.user_id,
            user_email=listed.emails.get(one.user_id) if one.user_id else None,
            window_starts_at=one.window_starts_at,
            window_ends_at=one.window_ends_at,
            reason=one.reason,
            events=one.events,
            tokens=one.tokens,
            fired_at=one.fired_at,
            last_at=one.last_at,
            alert_id=one.alert_id,
            incident_id=one.incident_id,
        )


class PolicyTestAnswer(Struct, frozen=True):
    """A policy tried on history: how far it is, and its result once it is done."""

    id: UUID
    policy_id: Annotated[UUID | None, Meta(description="Null for a draft that was not kept")]
    days: int
    status: Literal["waiting", "running", "done", "failed"]
    events_done: int
    events_all: Annotated[int | None, Meta(description="About how many there are; null until it is begun")]
    result: TestResult | None

    @classmethod
    def of(cls, one: PolicyTest) -> "PolicyTestAnswer":
        return cls(
            id=one.id,
            policy_id=one.policy_id,
            days=one.days,
            status=one.status,  # type: ignore[arg-type]
            events_done=one.events_done,
            events_all=one.events_all,
            result=None if one.result is None else msgspec.convert(one.result, TestResult),
        )
