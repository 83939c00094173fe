"""Which budgets the demo organisation has, how large they are, and who asks for more. Pure.

L1: a hard cap leaves a usual month its room, so that nobody is blocked at once.
L2: a budget with `used_percent` is used about so far when it is made.
"""

from dataclasses import dataclass
from typing import Literal

from toktra.demo.company import MAIL_DOMAIN, TEAMS

USUAL_DAYS = 30
_ROOM_PERCENT = 160
_LEAST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A monthly budget for a department (by path), a user (by e-mail), or the whole organisation.

    One that rolls over has been there since last month, so that it has carried something.
    """

    department: str | None = None
    email: str | None = None
    unit: Literal["tokens", "micros"] = "tokens"
    hard_cap: bool = False
    rollover_cap_percent: int | None = None
    used_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Extra tokens asked for by one of the demo's members: the first, the second, and so on."""

    member: int
    tokens: int
    reason: str
    verdict: Literal["approved", "denied"] | None = None
    notes: str | None = None


BUDGETS = (
    Wanted(),
    Wanted(department="Engineering", hard_cap=True, rollover_cap_percent=50),
    *(Wanted(department=team.path, hard_cap=True) for team in TEAMS if team.department == "Engineering"),
    Wanted(department="Sales", used_percent=76),
    Wanted(department="Marketing", used_percent=93),
    Wanted(department="Finance", unit="micros"),
    Wanted(email=f"member@{MAIL_DOMAIN}", hard_cap=True),
)
REQUESTS = (
    Request(0, 500_000, "The import has to be rewritten before the end of the month."),
    Request(1, 2_000_000, "Moving the reports to the new API.", "approved", "Until the move is done."),
    Request(
        2, 20_000_000, "Trying all models on all of our documents.", "denied", "Try ten documents first."
    ),
)


def limit_of(wanted: Wanted, *, usual: int, used: int) -> int:
    """A limit from what a usual month takes, and what this one has taken so far (L1, L2)."""
    if wanted.used_percent is not None and used >= _LEAST:
        return _rounded_up(used * 100 // wanted.used_percent, digits=3)
    return _rounded_up(max(_LEAST, usual * _ROOM_PERCENT // 100), digits=2)


def _rounded_up(amount: int, *, digits: int) -> int:
    """To a few digits, as people choose limits."""
    step = int("1" + "0" * (len(str(amount)) - digits))
    return -(-amount // step) * step
