"""Tables of the corporate side of Token Perks. What a row means stands in the migration that makes it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, SmallInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model
from toktra.perks.rules import Rule, State, Trigger


class PerksKey(Model):
    """With which an organisation signs vouchers."""

    __tablename__ = "perks_keys"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    sealed_key: Mapped[bytes]
    created_at: Mapped[datetime]


class Tier(Model):
    """How much a month. `rollover_percent`: None where there is no cap."""

    __tablename__ = "perks_tiers"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    monthly_tokens: Mapped[int] = mapped_column(BigInteger)
    rollover_percent: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class Enrollment(Model):
    """Somebody who may opt in, who did, or who left."""

    __tablename__ = "perks_enrollments"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    tier_id: Mapped[UUID]
    state: Mapped[State] = mapped_column(String)
    invited_at: Mapped[datetime]
    enrolled_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Issued(Model):
    """That a month's voucher was handed out; not the voucher, and not its nonce."""

    __tablename__ = "perks_issued"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)


class BonusRule(Model):
    """What is granted for what."""

    __tablename__ = "perks_bonus_rules"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    trigger: Mapped[Trigger] = mapped_column(String)
    subject: Mapped[str | None]
    min_score: Mapped[int | None] = mapped_column(SmallInteger)
    bonus_tokens: Mapped[int] = mapped_column(BigInteger)
    limit_per_month: Mapped[int | None]
    limit_total: Mapped[int | None]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    @property
    def rule(self) -> Rule:
        return Rule(
            id=self.id,
            name=self.name,
            trigger=self.trigger,
            subject=self.subject,
            min_score=self.min_score,
            bonus_tokens=self.bonus_tokens,
            limit_per_month=self.limit_per_month,
            limit_total=self.limit_total,
        )


class Achievement(Model):
    """What somebody completed or joined, as it was reported."""

    __tablename__ = "perks_achievements"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    kind: Mapped[Trigger] = mapped_column(String)
    subject: Mapped[str]
    external_id: Mapped[str]
    achieved_at: Mapped[datetime]
    received_at: Mapped[datetime]


class Bonus(Model):
    """A bonus that was granted, and when its voucher was handed out."""

    __tablename__ = "perks_bonuses"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    achievement_id: Mapped[UUID]
    tokens: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    month: Mapped[str]
    granted_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]


class Figures(Model):
    """What the personal ledger told of a month."""

    __tablename__ = "perks_figures"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    published_on: Mapped[date]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
