"""What the personal ledger's routes take and answer. No field for who, where from, or what was said."""

import base64
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from toktra.kit.http import Body
from toktra.personal import ledger
from toktra.personal.ledger import Kept, Label, MonthRow
from toktra.personal.publishing import Told
from toktra.personal.rules import Cell
from toktra_wire.figures import Figure, FiguresOfMonth
from toktra_wire.voucher import MOST_TOKENS

VoucherText = Annotated[str, Meta(min_length=10, max_length=4_000, pattern=r"\A[A-Za-z0-9_.=-]+\Z")]
Tokens = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]


class NewAccountBody(Body, frozen=True, kw_only=True):
    """An account is made with its owner's public key and the voucher of its first month."""

    public_key: Annotated[bytes, Meta(min_length=32, max_length=32, description="X25519, base64")]
    voucher: VoucherText


class VoucherBody(Body, frozen=True, kw_only=True):
    voucher: VoucherText


class BackupBody(Body, frozen=True, kw_only=True):
    wrapped: Annotated[bytes, Meta(min_length=1, max_length=4_096, description="base64")]


class CredentialBody(Body, frozen=True, kw_only=True):
    label: Label


class CheckBody(Body, frozen=True, kw_only=True):
    key: Annotated[UUID, Meta(description="Of the request; asked again with it, it is the same check")]
    estimated_tokens: Tokens


class RecordBody(Body, frozen=True, kw_only=True):
    id: Annotated[UUID, Meta(description="UUIDv7 of when the request was made")]
    tokens: Annotated[Tokens, Meta(description="Counted, and not kept")]
    sealed: Annotated[bytes, Meta(min_length=48, max_length=4_096, description="HPKE, base64")]
    hold: UUID | None = None


class RecordsBody(Body, frozen=True, kw_only=True):
    records: Annotated[list[RecordBody], Meta(min_length=1, max_length=200)]


class AccountMadeAnswer(Struct, frozen=True):
    account_id: UUID
    credential: Annotated[str, Meta(description="Shown this once")]


class CredentialAnswer(Struct, frozen=True):
    credential: Annotated[str, Meta(description="Shown this once")]


class MonthAnswer(Struct, frozen=True):
    """A month: what it allowed, where that came from, and what was used. All in tokens."""

    month: str
    tier: str
    budget: int
    rollover: Annotated[int, Meta(description="From the month before")]
    bonus: int
    used: int
    left: int
    resets_at: datetime

    @classmethod
    def of(cls, row: MonthRow) -> "MonthAnswer":
        return cls(
            month=row.month,
            tier=row.tier,
            budget=row.budget,
            rollover=row.rollover,
            bonus=row.bonus,
            used=row.used,
            left=row.rules.left,
            resets_at=row.ends_at,
        )


class AccountAnswer(Struct, frozen=True):
    account_id: UUID
    public_key: bytes
    backup: Annotated[bytes | None, Meta(description="The private key, as its owner wrapped it")]
    month: Annotated[MonthAnswer | None, Meta(description="Null where no voucher of it was redeemed")]


class CheckAnswer(Struct, frozen=True):
    allowed: bool
    left: int
    resets_at: datetime | None
    message: str

    @classmethod
    def of(cls, found: ledger.Checked) -> "CheckAnswer":
        if found.resets_at is None:
            message = "There is no personal allowance for this month. Open /perks to get it, or switch back."
        elif not found.allowed:
            message = (
                f"Your personal allowance has {found.left:,} tokens left. It resets {found.resets_at:%d %B}."
            )
        else:
            message = "It fits."
        return cls(found.allowed, found.left, found.resets_at, message)


class KeptAnswer(Struct, frozen=True):
    accepted: int
    before: Annotated[int, Meta(description="How many were there already")]


class RecordAnswer(Struct, frozen=True):
    """One record, which only its owner can open."""

    id: UUID
    day: date
    sealed: str

    @classmethod
    def of(cls, kept: Kept) -> "RecordAnswer":
        return cls(kept.id, kept.day, base64.b64encode(kept.sealed).decode())


class RecordsAnswer(Struct, frozen=True):
    items: list[RecordAnswer]
    next_before: Annotated[UUID | None, Meta(description="Ask with it as `before` for those before these")]


def figures_of(told: Told) -> FiguresOfMonth:
    """A month's figures as they are sent."""
    tiers = {name: _figure(cell) for name, cell in told.tiers.items()}
    return FiguresOfMonth(told.month, told.published_on, _figure(told.total), tiers)


def _figure(cell: Cell | None) -> Figure | None:
    return None if cell is None else Figure(cell.accounts, cell.budget, cell.used)


class BonusAnswer(Struct, frozen=True):
    month: str
    tokens: int
    reason: str


class HistoryAnswer(Struct, frozen=True):
    months: list[MonthAnswer]
    bonuses: list[BonusAnswer]
