"""What budgets' routes take and answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from toktra.budgets.model import BudgetPeriod
from toktra.budgets.queries.exemptions import ListedExemption
from toktra.budgets.queries.levels import level_of
from toktra.budgets.queries.listing import ListedBudget
from toktra.budgets.rules import GRACE, PeriodKind, WhenUnsure, is_fixed, kind_of, unused
from toktra.budgets.service import BudgetChanges, Limit, NewBudget
from toktra.budgets.service.preflight import Question
from toktra.kit.errors import Invalid
from toktra.kit.http import Body, Name
from toktra.metering.rules import MOST_TOKENS

MOST = 10**15

Amount = Annotated[int, Meta(ge=0, le=MOST)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Thresholds = Annotated[list[Annotated[int, Meta(ge=1, le=1000)]], Meta(max_length=10)]
DepartmentPath = Annotated[
    str, Meta(min_length=1, max_length=2000, description="Name or path; what does not exist is made")
]
_WORD = r"\A[^\x00-\x1f\x7f\ud800-\udfff]+\Z"
_TEXT = r"\A[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*\Z"
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=_WORD)]
Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=_TEXT)]
OutputTokens = Annotated[
    int, Meta(ge=0, le=MOST_TOKENS, description="How many of them are output, for budgets in money")
]
ModelName = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\A[A-Za-z0-9._:/@+-]+\Z")]
Tokens = Annotated[int, Meta(ge=1, le=MOST_TOKENS)]


class NewBudgetBody(Body, frozen=True):
    """A budget for a department, for a user, or (neither named) for the whole organisation."""

    name: Name | None = None
    department: DepartmentPath | None = None
    user_id: UUID | None = None
    limit_tokens: Amount | None = None
    limit_micros: Annotated[int, Meta(ge=0, le=MOST, description="In millionths of a US dollar")] | None = (
        None
    )
    sum_of_children: Annotated[
        bool, Meta(description="No limit of its own: the sum of the budgets below, in the unit `sum_unit`")
    ] = False
    sum_unit: Literal["tokens", "micros"] = "tokens"
    period: PeriodKind = PeriodKind.MONTHLY
    hard_cap: Annotated[bool, Meta(description="Block at the limit, instead of warning")] = False
    rollover_cap_percent: (
        Annotated[int, Meta(ge=0, le=100, description="How much of what is unused is carried; null: nothing")]
        | None
    ) = None
    thresholds: (
        Annotated[Thresholds, Meta(description="Percentages that raise an alert; 70 and 90 when left out")]
        | None
    ) = None
    when_unsure: Annotated[
        WhenUnsure, Meta(description="What to do when the server cannot be reached, or there is no price")
    ] = "allow"

    def new(self) -> NewBudget:
        if self.department is not None and self.user_id is not None:
            raise Invalid("A budget is for a department or for a user, not for both.", field="user_id")
        limit = _limit(self.limit_tokens, self.limit_micros, self.sum_unit if self.sum_of_children else None)
        if limit is None:
            raise Invalid("Give limit_tokens, limit_micros or sum_of_children.", field="limit_tokens")
        return NewBudget(
            name=self.name,
            department=self.department,
            user_id=self.user_id,
            limit=limit,
            period=self.period,
            hard_cap=self.hard_cap,
            rollover_cap_percent=self.rollover_cap_percent,
            thresholds=self.thresholds,
            when_unsure=self.when_unsure,
        )


class BudgetChangeBody(Body, frozen=True):
    """What is to be different about a budget. Scope, unit and period stay as they are."""

    name: Name | UnsetType = UNSET
    limit_tokens: Amount | None = None
    limit_micros: Amount | None = None
    sum_of_children: bool = False
    sum_unit: Literal["tokens", "micros"] = "tokens"
    hard_cap: bool | UnsetType = UNSET
    rollover_cap_percent: Percent | UnsetType | None = UNSET
    thresholds: Thresholds | UnsetType = UNSET
    when_unsure: WhenUnsure | UnsetType = UNSET

    def changes(self) -> BudgetChanges:
        limit = _limit(self.limit_tokens, self.limit_micros, self.sum_unit if self.sum_of_children else None)
        return BudgetChanges(
            name=self.name,
            limit=UNSET if limit is None else limit,
            hard_cap=self.hard_cap,
            rollover_cap_percent=self.rollover_cap_percent,
            thresholds=self.thresholds,
            when_unsure=self.when_unsure,
        )


def _limit(tokens: int | None, micros: int | None, sum_unit: str | None) -> Limit | None:
    given = [
        Limit(unit=unit, amount=amount)
        for unit, amount in (("tokens", tokens), ("micros", micros))
        if amount is not None
    ]
    if sum_unit is not None:
        given.append(Limit(unit=sum_unit, amount=None))
    if len(given) > 1:
        raise Invalid("Give one of limit_tokens, limit_micros and sum_of_children.", field="limit_tokens")
    return given[0] if given else None


class BudgetAnswer(Struct, frozen=True):
    """A budget and its present period. Amounts are in `unit`: tokens, or micro-dollars."""

    id: UUID
    name: str
    scope: Literal["organization", "department", "user"]
    department_id: UUID | None
    department: str | None
    user_id: UUID | None
    user_email: str | None
    unit: Literal["tokens", "micros"]
    limit: Annotated[int, Meta(description="In force in the present period, without what was rolled over")]
    limit_tokens: int | None
    limit_micros: int | None
    sum_of_children: Annotated[bool, Meta(description="The limit is the sum of the budgets below")]
    period: PeriodKind
    hard_cap: bool
    rollover_cap_percent: int | None
    thresholds: list[int]
    when_unsure: WhenUnsure
    starts_at: Annotated[datetime, Meta(description="When the present period started")]
    resets_at: Annotated[datetime, Meta(description="When it ends, and the next one starts")]
    used: Annotated[int, Meta(description="What was used in the present period")]
    held: Annotated[int, Meta(description="What live holds set aside")]
    exempt_used: Annotated[int, Meta(description="The part of `used` that exemptions covered")]
    rolled_over: Annotated[int, Meta(description="Carried in from the period before")]
    remaining: Annotated[int, Meta(description="What can still be used; never below 0")]
    used_percent: Annotated[
        int, Meta(description="Of limit and rolled over, rounded down; 100 of a limit of 0")
    ]
    created_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, listed: ListedBudget) -> "BudgetAnswer":
        budget, period = listed.budget, listed.period
        level = level_of(period, period.held - listed.held, period.exempt_held - listed.exempt_held)
        limit = level.limit
        return cls(
            id=budget.id,
            name=budget.name,
            scope=listed.scope,
            department_id=budget.department_id,
            department=listed.department,
            user_id=budget.user_id,
            user_email=listed.user_email,
            unit="tokens" if budget.unit == "tokens" else "micros",
            limit=limit,
            limit_tokens=limit if budget.unit == "tokens" else None,
            limit_micros=limit if budget.unit == "micros" else None,
            sum_of_children=budget.sums_children,
            period=kind_of(budget.period),
            hard_cap=budget.hard_cap,
            rollover_cap_percent=budget.rollover_cap_percent,
            thresholds=list(budget.thresholds),
            when_unsure=budget.when_unsure,
            starts_at=period.starts_at,
            resets_at=period.ends_at,
            used=period.used,
            held=listed.held,
            exempt_used=period.exempt_used,
            rolled_over=period.rolled_over,
            remaining=level.remaining,
            used_percent=level.used_percent,
            created_at=budget.created_at,
            archived_at=budget.archived_at,
        )


class RolloverAnswer(Struct, frozen=True):
    """What was carried into a period, and how it was worked out: unused x cap, rounded down."""

    starts_at: Annotated[datetime, Meta(description="Start of the period it was carried into")]
    ends_at: datetime
    limit: Annotated[int, Meta(description="Limit of the period before")]
    earlier: Annotated[
        int, Meta(description="What had been carried into the period before, and is used first")
    ]
    used: Annotated[int, Meta(description="What was used in the period before, without exemptions")]
    unused: Annotated[int, Meta(description="What was left of that limit")]
    cap_percent: int
    rolled_over: Annotated[int, Meta(description="What was carried")]
    fixed: Annotated[bool, Meta(description="Whether late events can no longer change it")]
    fixed_at: datetime

    @classmethod
    def of(cls, period: BudgetPeriod, now: datetime) -> "RolloverAnswer":
        limit, used, cap = (
            period.carried_limit or 0,
            period.carried_used or 0,
            period.carried_cap_percent or 0,
        )
        earlier = period.carried_rolled_over or 0
        return cls(
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            limit=limit,
            earlier=earlier,
            used=used,
            unused=unused(limit=limit, rolled_over=earlier, used=used),
            cap_percent=cap,
            rolled_over=period.rolled_over,
            fixed=is_fixed(period.starts_at, now),
            fixed_at=period.starts_at + GRACE,
        )


class PreflightBody(Body, frozen=True):
    """May the caller's user spend about so many tokens on this model now?"""

    key: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\A[A-Za-z0-9._:-]+\Z")]
    provider: Annotated[str, Meta(min_length=1, max_length=60, description="A provider's id, such as openai")]
    estimated_tokens: Annotated[Tokens, Meta(description="Input and output together")]
    model: ModelName | None = None
    estimated_output_tokens: OutputTokens | None = None
    user_id: Annotated[UUID | None, Meta(description="Only with an API key: for whom")] = None

    def question(self) -> Question:
        output = self.estimated_output_tokens
        if output is not None and output > self.estimated_tokens:
            raise Invalid(
                "estimated_output_tokens are part of estimated_tokens.", field="estimated_output_tokens"
            )
        return Question(
            key=self.key,
            provider=self.provider,
            model=self.model,
            tokens=self.estimated_tokens,
            output_tokens=output,
            user_id=self.user_id,
        )


class NewExemptionBody(Body, frozen=True):
    """A request for extra tokens, for oneself when no user is named."""

    reason: Text
    tokens: Annotated[int, Meta(ge=1, le=MOST)]
    period: Annotated[PeriodKind, Meta(description="Until the end of the present one")] = PeriodKind.MONTHLY
    user_id: UUID | None = None


class ReviewBody(Body, frozen=True):
    """A word to the requester, who can read it."""

    notes: Text | None = None


class ExemptionAnswer(Struct, frozen=True):
    """A request for extra tokens, and what became of it."""

    id: UUID
    user_id: UUID
    user_email: str
    requested_by: UUID
    requested_by_email: str
    reason: str
    tokens: int
    period: PeriodKind
    starts_at: datetime
    ends_at: datetime
    status: Literal["pending", "approved", "denied", "expired"]
    reviewed_by_email: str | None
    reviewed_at: datetime | None
    notes: str | None
    used_tokens: Annotated[int, Meta(description="How much of it was used")]
    held_tokens: int
    created_at: datetime

    @classmethod
    def of(cls, listed: ListedExemption, now: datetime) -> "ExemptionAnswer":
        one = listed.exemption
        expired = one.status == "pending" and one.ends_at <= now
        emails = listed.emails
        return cls(
            id=one.id,
            user_id=one.user_id,
            user_email=emails.get(one.user_id, ""),
            requested_by=one.requested_by,
            requested_by_email=emails.get(one.requested_by, ""),
            reason=one.reason,
            tokens=one.tokens,
            period=PeriodKind(one.period),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            status="expired" if expired else one.status,  # type: ignore[arg-type]
            reviewed_by_email=None if one.reviewed_by is None else emails.get(one.reviewed_by),
            reviewed_at=one.reviewed_at,
            notes=one.notes,
            used_tokens=one.used,
            held_tokens=one.held,
            created_at=one.created_at,
        )
