"""What routes of Token Perks take and answer. No field says what anybody used."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from toktra.kit.http import Body, Email, Name
from toktra.perks.model import Bonus, BonusRule, Figures, Tier
from toktra.perks.queries import Enrolled
from toktra.perks.rules import Reported, State, Trigger
from toktra.perks.service.enrolling import Imported
from toktra_wire.voucher import MOST_TOKENS

_LINE = r"\A[^\x00-\x1f\x7f\ud800-\udfff]*[^\s\x00-\x1f\x7f\ud800-\udfff][^\x00-\x1f\x7f\ud800-\udfff]*\Z"
Line = Annotated[str, Meta(min_length=1, max_length=120, pattern=_LINE)]
Tokens = Annotated[int, Meta(ge=1, le=MOST_TOKENS)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Times = Annotated[int, Meta(ge=1, le=1_000)]


class NewTierBody(Body, frozen=True, kw_only=True):
    name: Line
    monthly_tokens: Tokens
    rollover_cap_percent: Annotated[
        Percent | None, Meta(description="Of the monthly tokens. null: no cap, all that is unused rolls over")
    ]


class TierChangeBody(Body, frozen=True, kw_only=True):
    """What is left out stays. Counts from the next month's voucher on."""

    name: Line | UnsetType = UNSET
    monthly_tokens: Tokens | UnsetType = UNSET
    rollover_cap_percent: Percent | UnsetType | None = UNSET


class TierAnswer(Struct, frozen=True):
    id: UUID
    name: str
    monthly_tokens: int
    rollover_cap_percent: Annotated[int | None, Meta(description="null: no cap")]
    people: Annotated[int, Meta(description="Invited or enrolled")]

    @classmethod
    def of(cls, tier: Tier, people: int = 0) -> "TierAnswer":
        return cls(tier.id, tier.name, tier.monthly_tokens, tier.rollover_percent, people)


class NewEnrollmentBody(Body, frozen=True, kw_only=True):
    """Who (by id or by e-mail), and into which tier."""

    user_id: UUID | None = None
    user_email: Email | None = None
    tier_id: UUID


class EnrollmentChangeBody(Body, frozen=True, kw_only=True):
    tier_id: UUID


class EnrollmentAnswer(Struct, frozen=True):
    id: UUID
    user_id: UUID
    user_email: str
    user_name: str
    tier_id: UUID
    tier: str
    state: State
    invited_at: datetime
    enrolled_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, found: Enrolled) -> "EnrollmentAnswer":
        one = found.enrollment
        return cls(
            id=one.id,
            user_id=one.user_id,
            user_email=found.user.email,
            user_name=found.user.name,
            tier_id=one.tier_id,
            tier=found.tier.name,
            state=one.state,
            invited_at=one.invited_at,
            enrolled_at=one.enrolled_at,
            withdrawn_at=one.withdrawn_at,
        )


class RowErrorAnswer(Struct, frozen=True):
    row: Annotated[int, Meta(description="As a spreadsheet shows it")]
    reason: str


class EnrollmentImportAnswer(Struct, frozen=True):
    """What the file did, or with `dry_run` would do. With any error nothing was done."""

    dry_run: bool
    invited: int
    moved: int
    unchanged: int
    errors: list[RowErrorAnswer]

    @classmethod
    def of(cls, found: Imported, *, dry_run: bool) -> "EnrollmentImportAnswer":
        errors = [RowErrorAnswer(row, reason) for row, reason in found.errors]
        return cls(dry_run, found.invited, found.moved, found.unchanged, errors)


class OwnEnrollmentAnswer(Struct, frozen=True):
    """The caller's own. `personal_url`: where their personal ledger is; empty for this address."""

    state: Annotated[State | None, Meta(description="null: never invited")]
    tier: str | None
    monthly_tokens: int | None
    rollover_cap_percent: int | None
    organization: str
    personal_url: str


class VouchersAnswer(Struct, frozen=True):
    """Signed, and kept nowhere: redeem them at once, or keep them until they are."""

    vouchers: list[str]
    personal_url: str


class NewBonusRuleBody(Body, frozen=True, kw_only=True):
    name: Annotated[Line, Meta(description="The employee reads it as the bonus's reason")]
    trigger: Trigger
    subject: Annotated[Line | None, Meta(description="The one course or programme; null for any")] = None
    min_score: Annotated[Percent | None, Meta(description="For efficiency_score")] = None
    bonus_tokens: Tokens
    limit_per_month: Annotated[Times | None, Meta(description="For one user; null for no limit")] = 1
    limit_total: Annotated[Times | None, Meta(description="For one user; null for no limit")] = None


class BonusRuleAnswer(Struct, frozen=True):
    id: UUID
    name: str
    trigger: Trigger
    subject: str | None
    min_score: int | None
    bonus_tokens: int
    limit_per_month: int | None
    limit_total: int | None

    @classmethod
    def of(cls, one: BonusRule) -> "BonusRuleAnswer":
        return cls(
            id=one.id,
            name=one.name,
            trigger=one.trigger,
            subject=one.subject,
            min_score=one.min_score,
            bonus_tokens=one.bonus_tokens,
            limit_per_month=one.limit_per_month,
            limit_total=one.limit_total,
        )


class AchievementBody(Body, frozen=True, kw_only=True):
    """Reported again with the same `external_id`, it is the same achievement."""

    user_email: Email
    kind: Reported
    subject: Annotated[Line, Meta(description="Which course, certification or programme")]
    external_id: Annotated[Name, Meta(description="The reporter's own id")]
    achieved_at: Annotated[datetime, Meta(tz=True)] | None = None


class BonusAnswer(Struct, frozen=True):
    """A bonus that was granted. The employee redeems it; whether they did is not known here."""

    id: UUID
    user_id: UUID
    rule_id: UUID
    tokens: int
    reason: str
    month: str
    granted_at: datetime

    @classmethod
    def of(cls, one: Bonus) -> "BonusAnswer":
        return cls(one.id, one.user_id, one.rule_id, one.tokens, one.reason, one.month, one.granted_at)


class AchievementAnswer(Struct, frozen=True):
    id: UUID
    bonuses: Annotated[list[BonusAnswer], Meta(description="What it earned; empty where no rule fits")]


class PublicKeyAnswer(Struct, frozen=True):
    public_key: Annotated[bytes, Meta(description="Ed25519, base64: vouchers are checked with it")]


class TierFigures(Struct, frozen=True):
    """In tokens, rounded to 1,000. All null where the tier is withheld: too few people are in it."""

    tier: str
    accounts: int | None
    budget_tokens: int | None
    used_tokens: int | None
    utilization: Annotated[float | None, Meta(description="used / budget")]


class MonthFigures(Struct, frozen=True):
    """A month as the personal ledger told it. `accounts` is null where fewer than five take part."""

    month: str
    published_on: date
    accounts: int | None
    budget_tokens: int | None
    used_tokens: int | None
    utilization: Annotated[float | None, Meta(description="used / budget")]
    tiers: list[TierFigures]

    @classmethod
    def of(cls, one: Figures) -> "MonthFigures":
        total, tiers = one.content["total"], one.content["tiers"]
        return cls(
            one.month, one.published_on, *_cell(total), [TierFigures(n, *_cell(c)) for n, c in tiers.items()]
        )


class SummaryAnswer(Struct, frozen=True):
    """All that an organisation can know: how many are in which state, and figures of many."""

    invited: int
    enrolled: int
    withdrawn: int
    fewest: Annotated[int, Meta(description="Nothing is told about fewer people than these")]
    months: list[MonthFigures]


def _cell(cell: dict[str, int] | None) -> tuple[int | None, int | None, int | None, float | None]:
    if cell is None:
        return None, None, None, None
    share = round(cell["used"] / cell["budget"], 4) if cell["budget"] else None
    return cell["accounts"], cell["budget"], cell["used"], share
