"""What alerts' routes answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from toktra.alerts.queries import ListedAlert
from toktra.alerts.rules import Kind, Severity, Status


class AlertAnswer(Struct, frozen=True):
    """Something people should know of, and what they did about it."""

    id: UUID
    type: Kind
    severity: Severity
    status: Status
    title: str
    details: Annotated[dict[str, Any], Meta(description="Figures and names as they were at that moment")]
    budget_id: UUID | None
    department_id: Annotated[UUID | None, Meta(description="Null for an alert about a user")]
    department: str | None
    user_id: UUID | None
    user_email: str | None
    threshold: Annotated[int | None, Meta(description="The percentage that was passed")]
    period_starts_at: Annotated[datetime | None, Meta(description="Start of the budget's period")]
    created_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Annotated[str | None, Meta(description="Their e-mail")]
    resolved_at: datetime | None
    resolved_by: Annotated[str | None, Meta(description="Their e-mail; null when it resolved itself")]
    who_can_act: Annotated[
        list[str], Meta(description="E-mails: up to 5 managers, the nearest first; 5 admins")
    ]

    @classmethod
    def of(cls, listed: ListedAlert) -> "AlertAnswer":
        one, emails = listed.alert, listed.emails
        return cls(
            id=one.id,
            type=one.kind,
            severity=one.severity,
            status=one.status,
            title=one.title,
            details=one.details,
            budget_id=one.budget_id,
            department_id=one.department_id,
            department=listed.department,
            user_id=one.user_id,
            user_email=emails.get(one.user_id) if one.user_id else None,
            threshold=one.threshold,
            period_starts_at=one.period_starts_at,
            created_at=one.created_at,
            acknowledged_at=one.acknowledged_at,
            acknowledged_by=emails.get(one.acknowledged_by) if one.acknowledged_by else None,
            resolved_at=one.resolved_at,
            resolved_by=emails.get(one.resolved_by) if one.resolved_by else None,
            who_can_act=listed.who_can_act,
        )
