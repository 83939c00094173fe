"""Figures: what the personal ledger tells an organisation of a month, and the corporate side keeps. Of many.

There is no field for anybody, and one that is added by one side is refused by the other.
"""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

FEWEST = 5
"""Nothing is told about fewer accounts."""


class Figure(Struct, frozen=True, forbid_unknown_fields=True):
    """A tier, or all of them, in tokens rounded to 1,000."""

    accounts: int
    budget: Annotated[int, Meta(description="The tiers' monthly tokens in all")]
    used: Annotated[int, Meta(description="As of the last time that five accounts or more had changed it")]


class FiguresOfMonth(Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation's month. What is null is withheld, since it would be about fewer than five."""

    month: str
    published_on: date
    total: Figure | None
    tiers: dict[str, Figure | None]
