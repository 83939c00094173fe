"""What a policy says: a trigger, conditions, actions. Pure."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from toktra.budgets.rules import PeriodKind
from toktra.policies.rules.conditions import MOST_TOKENS, Condition, Word

Status = Literal["draft", "shadow", "published", "disabled"]
Severity = Literal["info", "warning", "critical"]
LIVE: tuple[Status, ...] = ("shadow", "published")
MOST_ACTIONS = 10

Amount = Annotated[int, Meta(ge=1, le=MOST_TOKENS)]


class _Typed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """A kind of trigger or action; `type` says which."""


class TokenBudgetExceeded(_Typed, frozen=True, tag="token_budget_exceeded"):
    """A request of somebody whose budget, or a budget above whom, is used up to that percentage."""

    percent: Annotated[int, Meta(ge=1, le=1000)] = 100
    budget_id: Annotated[UUID | None, Meta(description="Only this budget")] = None


class DepartmentThreshold(_Typed, frozen=True, tag="department_threshold"):
    """A request in a department that, with those below it, has used so much in the period."""

    limit_tokens: Amount | None = None
    limit_micros: Annotated[Amount | None, Meta(description="In millionths of a US dollar")] = None
    period: PeriodKind = PeriodKind.MONTHLY
    department_id: Annotated[UUID | None, Meta(description="Only this one; else each by itself")] = None


class UnusualUsage(_Typed, frozen=True, tag="unusual_usage"):
    """A request in an hour in which its user has used far more than they usually do at that time."""

    times: Annotated[int, Meta(ge=2, le=100, description="How many times the usual")] = 5
    least_tokens: Annotated[
        int, Meta(ge=0, le=MOST_TOKENS, description="Never below so many in the hour")
    ] = 20_000


class IpRiskEvent(_Typed, frozen=True, tag="ip_risk_event"):
    """A risk event: from the GitHub integration, or reported by another scanner."""


Trigger = TokenBudgetExceeded | DepartmentThreshold | UnusualUsage | IpRiskEvent


class EmailUser(_Typed, frozen=True, tag="email_user"):
    """A mail to the user whose activity fired the policy."""


class EmailManager(_Typed, frozen=True, tag="email_manager"):
    """A mail to their manager; without one, to the managers of their department."""


class Block(_Typed, frozen=True, tag="block"):
    """The user's requests are refused until it ends, or an admin lifts it."""

    hours: Annotated[
        Annotated[int, Meta(ge=1, le=8_760)] | None,
        Meta(description="How long; null: until the end of the window the policy fired in"),
    ] = None
    models: Annotated[
        Annotated[list[Word], Meta(max_length=50)],
        Meta(description="Only requests for matching models; `*` stands for any characters. Empty: all"),
    ] = []


class CreateIncident(_Typed, frozen=True, tag="create_incident"):
    """A new incident, linked to what fired the policy."""

    severity: Severity = "warning"


class CallWebhook(_Typed, frozen=True, tag="webhook"):
    """A signed POST to a webhook of the organisation."""

    webhook_id: UUID


Action = EmailUser | EmailManager | Block | CreateIncident | CallWebhook


class Content(Struct, frozen=True, kw_only=True):
    """All that decides when a policy fires, and what it does then: what its versions are versions of."""

    trigger: Trigger
    conditions: Condition
    actions: list[Action]
    severity: Severity
