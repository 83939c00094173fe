"""What a month allows, what rolls over, and what may be said of many. Pure.

R1: a month allows the tier's tokens, what rolled over, and bonuses.
R2: of a month as much rolls over as is left of its tier's tokens, up to the tier's percentage of them; from
    the month before, and from no earlier one.
R3: nothing is published about fewer than FEWEST accounts, nor anything from which that could be worked out.
R4: nor is a difference: a figure moves only when FEWEST accounts or more made it move, or left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from toktra_wire.figures import FEWEST

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
    """A tier, or several: how many accounts, their tiers' tokens in all, and what they used."""

    accounts: int
    budget: int
    used: int

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.accounts + other.accounts, self.budget + other.budget, self.used + other.used)

    @property
    def rounded(self) -> "Cell":
        return Cell(self.accounts, _near(self.budget), _near(self.used))


NOTHING = Cell(0, 0, 0)
REST = ""
"""The group of the tiers that are withheld. A tier's name is never empty."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of an organisation's month: each tier shown, and those withheld as one (R3, R4)."""

    withheld: frozenset[str]
    groups: Mapping[str, Cell]

    @property
    def total(self) -> Cell:
        return sum(self.groups.values(), NOTHING)


def withheld_of(tiers: Mapping[str, Cell]) -> frozenset[str] | None:
    """R3: small tiers, and more of them until together they are FEWEST again. None: nothing can be told."""
    withheld = {name for name, cell in tiers.items() if cell.accounts < FEWEST}
    shown = sorted((cell.accounts, name) for name, cell in tiers.items() if name not in withheld)
    while 0 < sum(tiers[name].accounts for name in withheld) < FEWEST:
        if not shown:
            return None
        withheld.add(shown.pop(0)[1])
    return frozenset(withheld) if tiers else None


def follow(
    before: Figures | None, tiers: Mapping[str, Cell], changed: Mapping[str, int]
) -> tuple[Figures | None, frozenset[str]]:
    """The next figures, and the tiers whose use is new in them (R4). `changed`: accounts of each tier.

    A group whose difference fewer than FEWEST accounts made stays as it was, whole.
    """
    known = {*tiers, *changed, *(_names(before) if before else ())}
    cells = {name: tiers.get(name, NOTHING) for name in known}
    withheld = withheld_of(cells)
    if withheld is None:
        return before, frozenset()
    moved = before.withheld | withheld if before and before.withheld != withheld else frozenset()
    if _few(changed, moved):
        return before, frozenset()
    members = {name: frozenset({name}) for name in cells if name not in withheld}
    if withheld:
        members[REST] = withheld
    groups, new = {}, set[str]()
    for group, names in members.items():
        if not names & moved and _few(changed, names):
            groups[group] = _as_before(before, group, cells, names)
        else:
            groups[group] = sum((cells[name] for name in names), NOTHING)
            new |= names
    return Figures(withheld, groups), frozenset(new)


def _names(figures: Figures) -> frozenset[str]:
    return figures.withheld | (figures.groups.keys() - {REST})


def _few(changed: Mapping[str, int], names: frozenset[str]) -> bool:
    return 0 < sum(changed.get(name, 0) for name in names) < FEWEST


def _as_before(before: Figures | None, group: str, tiers: Mapping[str, Cell], names: frozenset[str]) -> Cell:
    """As it was told; of what was never told, nothing is used."""
    if before is not None and group in before.groups:
        return before.groups[group]
    whole = sum((tiers[name] for name in names), NOTHING)
    return Cell(whole.accounts, whole.budget, 0)


def _near(tokens: int) -> int:
    return (tokens + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def oldest_kept(today: date) -> date:
    """The first day whose records are still there."""
    return today - timedelta(days=KEPT_DAYS)
