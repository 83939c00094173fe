"""What a month allows, what rolls over, and what may be said of many. Pure.

R1: a month allows the tier's tokens, what rolled over, and bonuses.
R2: of a month as much rolls over as is left of its tier's tokens, up to the tier's percentage of them; from
    the month before, and from no earlier one.
R3: nothing is published about fewer than FEWEST accounts, nor anything from which that could be worked out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

FEWEST = 5
ROUNDED_TO = 1_000
KEPT_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """An account's month, in tokens."""

    month: str
    budget: int
    rollover_percent: int
    rollover: int = 0
    bonus: int = 0
    used: int = 0

    @property
    def allowance(self) -> int:
        """R1."""
        return self.budget + self.rollover + self.bonus

    @property
    def left(self) -> int:
        """What can still be used; never below nothing."""
        return max(0, self.allowance - self.used)


def rolled_over(before: Month | None, *, month: str) -> int:
    """What the month before gives to `month` (R2): min(budget - used, budget * percentage), whole tokens."""
    if before is None or following(before.month) != month:
        return 0
    unused = max(0, before.budget - before.used)
    return min(unused, before.budget * before.rollover_percent // 100)


def following(month: str) -> str:
    """The month after `2026-11`."""
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A tier, or all of them: how many accounts, what they may use and what they used."""

    accounts: int
    allowed: int
    used: int

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.accounts + other.accounts, self.allowed + other.allowed, self.used + other.used)


NOTHING = Cell(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Published:
    """What may be known of an organisation's month. What is None is withheld (R3)."""

    total: Cell | None
    tiers: Mapping[str, Cell | None]


def published(tiers: Mapping[str, Cell]) -> Published:
    """R3: small tiers are withheld, and more of them until what the total leaves over is FEWEST again."""
    total = sum(tiers.values(), NOTHING)
    if total.accounts < FEWEST:
        return Published(None, dict.fromkeys(tiers))
    withheld = {name for name, cell in tiers.items() if cell.accounts < FEWEST}
    shown = sorted((cell.accounts, name) for name, cell in tiers.items() if name not in withheld)
    while withheld and shown and sum(tiers[name].accounts for name in withheld) < FEWEST:
        withheld.add(shown.pop(0)[1])
    if 0 < sum(tiers[name].accounts for name in withheld) < FEWEST:
        return Published(None, dict.fromkeys(tiers))
    return Published(_rounded(total), {n: None if n in withheld else _rounded(c) for n, c in tiers.items()})


def may_follow(changed_accounts: int) -> bool:
    """Whether a new figure may take the last one's place: not where few made the difference (R3)."""
    return changed_accounts >= FEWEST


def _rounded(cell: Cell) -> Cell:
    return Cell(cell.accounts, _near(cell.allowed), _near(cell.used))


def _near(tokens: int) -> int:
    return (tokens + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def oldest_kept(today: date) -> date:
    """The first day whose records are still there."""
    return today - timedelta(days=KEPT_DAYS)
