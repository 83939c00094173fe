"""The use cases of the personal ledger, each in one transaction of the connection it is given.

P2: an account is a random id; what it stores of time is days, and of requests only what its owner sealed.
P3: a voucher is spent once, and nothing says who spent it.
P4: what is asked for is let through exactly where it fits: an account's month is locked while it is decided.
P5: a record counts once, however often it is sent.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import class_row

from toktra.kit.errors import Conflict, Invalid, NotFound
from toktra.kit.groups import Connection
from toktra.kit.secrets import digest, new_secret
from toktra.personal.day_keys import DayKeys
from toktra.personal.rules import Month, rolled_over
from toktra_wire.ids import milliseconds_of
from toktra_wire.voucher import Voucher

Label = Literal["portal", "agent", "extension"]
HOLD_FOR = timedelta(minutes=10)
MOST_CREDENTIALS = 20


@dataclass(frozen=True, slots=True)
class Account:
    id: UUID
    org_id: UUID
    public_key: bytes
    backup: bytes | None
    credential_id: UUID


@dataclass(frozen=True, slots=True)
class MonthRow:
    month: str
    starts_at: datetime
    ends_at: datetime
    tier: str
    budget: int
    rollover_percent: int
    rollover: int
    bonus: int
    used: int

    @property
    def rules(self) -> Month:
        return Month(
            month=self.month,
            budget=self.budget,
            rollover_percent=self.rollover_percent,
            rollover=self.rollover,
            bonus=self.bonus,
            used=self.used,
        )


@dataclass(frozen=True, slots=True)
class Bonus:
    month: str
    tokens: int
    reason: str


@dataclass(frozen=True, slots=True)
class NewRecord:
    """`tokens` is counted and not kept; `hold` is the key of the check that let the request through."""

    id: UUID
    tokens: int
    sealed: bytes
    hold: UUID | None


@dataclass(frozen=True, slots=True)
class Kept:
    id: UUID
    day: date
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    allowed: bool
    left: int
    resets_at: datetime | None


_MONTHS = """
    SELECT month, starts_at, ends_at, tier, budget, rollover_percent, rollover, bonus, used
    FROM months WHERE account_id = %s
"""
_AT = " AND starts_at <= %s AND ends_at > %s"
_BEFORE = " AND month < %s ORDER BY month DESC LIMIT 1"
_NEWEST_FIRST = " ORDER BY month DESC"


async def open_account(
    connection: Connection, *, public_key: bytes, voucher: Voucher, now: datetime
) -> tuple[UUID, str]:
    """A new account with the allowance of its first voucher; its id and a credential, shown once (P2)."""
    account_id = uuid4()
    await connection.execute(
        "INSERT INTO accounts VALUES (%s, %s, %s, NULL, %s)",
        [account_id, voucher.org_id, public_key, now.date()],
    )
    await redeem(connection, account_id=account_id, org_id=voucher.org_id, voucher=voucher)
    return account_id, await add_credential(connection, account_id=account_id, label="portal", now=now)


async def add_credential(connection: Connection, *, account_id: UUID, label: Label, now: datetime) -> str:
    """One more, for a device; shown this once."""
    await _lock_account(connection, account_id)
    found = await connection.execute("SELECT count(*) FROM credentials WHERE account_id = %s", [account_id])
    if (await found.fetchone() or (0,))[0] >= MOST_CREDENTIALS:
        raise Conflict(f"There are {MOST_CREDENTIALS} credentials already. Remove one that is not needed.")
    secret = new_secret("tk_per")
    await connection.execute(
        "INSERT INTO credentials VALUES (%s, %s, %s, %s, %s)",
        [digest(secret), uuid4(), account_id, label, now.date()],
    )
    return secret


async def account_of(connection: Connection, secret: str) -> Account | None:
    """Whose credential it is."""
    async with connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(
            "SELECT a.id, org_id, public_key, backup, c.id AS credential_id FROM credentials c "
            "JOIN accounts a ON a.id = account_id WHERE digest = %s",
            [digest(secret)],
        )
        return await cursor.fetchone()


async def redeem(connection: Connection, *, account_id: UUID, org_id: UUID, voucher: Voucher) -> None:
    """Add what a voucher says, whose signature was checked (P3)."""
    if voucher.org_id != org_id:
        raise Invalid("The voucher is another organisation's.", field="voucher")
    await _lock_account(connection, account_id)
    spent = await connection.execute(
        "INSERT INTO spent_vouchers VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [hashlib.sha256(voucher.nonce.encode()).digest(), voucher.ends_at],
    )
    if not spent.rowcount:
        raise Conflict("The voucher is spent.")
    if voucher.kind == "monthly":
        await _begin_month(connection, account_id, voucher)
    else:
        await _add_bonus(connection, account_id, voucher)


async def _begin_month(connection: Connection, account_id: UUID, voucher: Voucher) -> None:
    before = await _month(connection, account_id, _BEFORE, voucher.month)
    made = await connection.execute(
        "INSERT INTO months "
        "(account_id, month, starts_at, ends_at, tier, budget, rollover_percent, rollover) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            account_id,
            voucher.month,
            voucher.starts_at,
            voucher.ends_at,
            voucher.tier,
            voucher.tokens,
            voucher.rollover_percent,
            rolled_over(before.rules if before else None, month=voucher.month),
        ],
    )
    if not made.rowcount:
        raise Conflict("This month has its allowance already.")


async def _add_bonus(connection: Connection, account_id: UUID, voucher: Voucher) -> None:
    added = await connection.execute(
        "UPDATE months SET bonus = bonus + %s WHERE account_id = %s AND month = %s",
        [voucher.tokens, account_id, voucher.month],
    )
    if not added.rowcount:
        raise Conflict("Redeem the month's allowance first.")
    await connection.execute(
        "INSERT INTO bonuses VALUES (%s, %s, %s, %s, %s)",
        [account_id, uuid4(), voucher.month, voucher.tokens, voucher.reason],
    )


async def current(connection: Connection, *, account_id: UUID, now: datetime) -> MonthRow | None:
    """The month that it is now, if it has an allowance."""
    return await _month(connection, account_id, _AT, now, now)


async def check(
    connection: Connection, *, account_id: UUID, key: UUID, tokens: int, now: datetime
) -> Checked:
    """Whether a request fits; room is held for it. Asked again with its key it is the same hold (P4)."""
    month = await _month(connection, account_id, _AT + " FOR UPDATE", now, now)
    if month is None:
        return Checked(False, 0, None)
    await connection.execute("DELETE FROM holds WHERE account_id = %s AND ends_at <= %s", [account_id, now])
    found = await connection.execute(
        "SELECT coalesce(sum(tokens) FILTER (WHERE key <> %s), 0)::bigint FROM holds WHERE account_id = %s",
        [key, account_id],
    )
    left = max(0, month.rules.left - (await found.fetchone() or (0,))[0])
    if tokens > left:
        return Checked(False, left, month.ends_at)
    await connection.execute(
        "INSERT INTO holds VALUES (%s, %s, %s, %s) ON CONFLICT (account_id, key) DO UPDATE "
        "SET tokens = excluded.tokens, ends_at = excluded.ends_at",
        [account_id, key, tokens, now + HOLD_FOR],
    )
    return Checked(True, left - tokens, month.ends_at)


async def give_back(connection: Connection, *, account_id: UUID, key: UUID) -> None:
    """The request was not made. Doing it again changes nothing."""
    await connection.execute("DELETE FROM holds WHERE account_id = %s AND key = %s", [account_id, key])


async def keep(
    connection: Connection, *, account_id: UUID, records: Sequence[NewRecord], keys: DayKeys
) -> int:
    """Keep and count records; how many of them were new (P5). All of them, or none."""
    await _lock_account(connection, account_id)
    new = 0
    for one in records:
        at = _instant_of(one.id)
        day = at.date()
        month = await _month(connection, account_id, _AT + " FOR UPDATE", at, at)
        if month is None:
            raise Invalid(f"There was no allowance on {day}.", field="records")
        sealed = keys.seal(one.sealed, day=day, account_id=account_id, record_id=one.id)
        kept = await connection.execute(
            "INSERT INTO records VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [account_id, one.id, day, sealed],
        )
        if one.hold is not None:
            await give_back(connection, account_id=account_id, key=one.hold)
        if kept.rowcount:
            new += 1
            await connection.execute(
                "UPDATE months SET used = used + %s WHERE account_id = %s AND month = %s",
                [one.tokens, account_id, month.month],
            )
    return new


async def records(
    connection: Connection, *, account_id: UUID, before: UUID | None, limit: int, keys: DayKeys
) -> list[Kept]:
    """An account's records as its owner sealed them, the newest first; none whose day's key is gone."""
    async with connection.cursor(row_factory=class_row(Kept)) as cursor:
        await cursor.execute(
            "SELECT id, day, sealed FROM records WHERE account_id = %s AND (%s::uuid IS NULL OR id < %s) "
            "ORDER BY id DESC LIMIT %s",
            [account_id, before, before, limit],
        )
        stored = await cursor.fetchall()
    opened = (
        (one, keys.open(one.sealed, day=one.day, account_id=account_id, record_id=one.id)) for one in stored
    )
    return [Kept(one.id, one.day, sealed) for one, sealed in opened if sealed is not None]


async def months(connection: Connection, *, account_id: UUID) -> list[MonthRow]:
    """Every month of an account, the newest first: allowance, what rolled over, bonuses, use."""
    async with connection.cursor(row_factory=class_row(MonthRow)) as cursor:
        await cursor.execute(_MONTHS + _NEWEST_FIRST, [account_id])
        return await cursor.fetchall()


async def bonuses(connection: Connection, *, account_id: UUID) -> list[Bonus]:
    """Every bonus of an account, the newest month first."""
    async with connection.cursor(row_factory=class_row(Bonus)) as cursor:
        await cursor.execute(
            "SELECT month, tokens, reason FROM bonuses WHERE account_id = %s ORDER BY month DESC, id",
            [account_id],
        )
        return await cursor.fetchall()


async def keep_backup(connection: Connection, *, account_id: UUID, wrapped: bytes) -> None:
    """The private key, wrapped by its owner, for another device of theirs."""
    await connection.execute("UPDATE accounts SET backup = %s WHERE id = %s", [wrapped, account_id])


async def erase(connection: Connection, *, account_id: UUID) -> None:
    """The account, its credentials, months, holds and records: nothing is left of it.

    That one more left is counted for its tier: a figure without it must not give it away (R4).
    """
    await connection.execute(
        "INSERT INTO left_since (org_id, month, tier, accounts) "
        "SELECT org_id, month, tier, 1 FROM months JOIN accounts a ON a.id = account_id WHERE a.id = %s "
        "ON CONFLICT (org_id, month, tier) DO UPDATE SET accounts = left_since.accounts + 1",
        [account_id],
    )
    await connection.execute("DELETE FROM accounts WHERE id = %s", [account_id])


async def forget(connection: Connection, *, now: datetime) -> None:
    """Nonces of vouchers that expired long ago, and lapsed holds."""
    await connection.execute("DELETE FROM spent_vouchers WHERE ends_at < %s", [now - timedelta(days=40)])
    await connection.execute("DELETE FROM holds WHERE ends_at <= %s", [now])


def _instant_of(record_id: UUID) -> datetime:
    milliseconds = milliseconds_of(record_id)
    if milliseconds is None:
        raise Invalid("A record's id is a UUIDv7.", field="records")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


async def _lock_account(connection: Connection, account_id: UUID) -> None:
    found = await connection.execute("SELECT FROM accounts WHERE id = %s FOR UPDATE", [account_id])
    if not found.rowcount:
        raise NotFound("There is no such account any more.")


async def _month(
    connection: Connection, account_id: UUID, where: LiteralString, *values: object
) -> MonthRow | None:
    async with connection.cursor(row_factory=class_row(MonthRow)) as cursor:
        await cursor.execute(_MONTHS + where, [account_id, *values])
        return await cursor.fetchone()
