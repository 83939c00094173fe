"""Whether a request fits. Pure: frozen values in, a decision out; integers only.

A1: requests that are admitted never pass a hard cap together, whatever else is asked at the same time.
A2: a request is refused only where there is no room for it: never because of a hold that has ended.
A3: an exemption gives its user room above the caps that block, and takes none from anyone else.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct


class Standing(Struct):
    """One budget in one period at one instant, in the budget's unit. `limit` includes what was rolled over.

    `used` and `held` leave out what exemptions covered.
    """

    limit: int
    used: int
    held: int

    @property
    def room(self) -> int:
        return self.limit - self.used - self.held


class Extra(Struct):
    """What is left of one approved exemption, in tokens."""

    id: UUID
    left: int


class Part(Struct, frozen=True):
    """What a request takes of one budget: `amount` in its unit, of which an exemption covers `exempt`."""

    amount: int
    exempt: int


class Admitted(Struct, frozen=True):
    """It fits: what it takes of each budget, in order, and of each exemption, in tokens."""

    parts: tuple[Part, ...]
    draws: tuple[tuple[UUID, int], ...] = ()


class Refused(Struct, frozen=True):
    """It does not fit: the place of the budget that is short of most, and how many tokens are missing."""

    by: int
    missing_tokens: int


def admit(
    tokens: int, amounts: Sequence[int], standings: Sequence[Standing], extras: Sequence[Extra] = ()
) -> Admitted | Refused:
    """Take room for a request of so many tokens on every budget above it, or on none (A1).

    `amounts` says what the request is in the unit of each budget. Changes standings and extras when it fits.
    """
    for amount, at in zip(amounts, standings, strict=True):
        if amount > at.room:
            break
    else:
        for amount, at in zip(amounts, standings, strict=True):
            at.held += amount
        return Admitted(tuple([Part(amount, 0) for amount in amounts]))
    over = [max(0, amount - max(0, at.room)) for amount, at in zip(amounts, standings, strict=True)]
    short = [_in_tokens(part, amount, tokens) for part, amount in zip(over, amounts, strict=True)]
    most = max(short, default=0)
    left = sum(extra.left for extra in extras) if most else 0
    if most > left:
        return Refused(short.index(most), most - left)
    for part, amount, at in zip(over, amounts, standings, strict=True):
        at.held += amount - part
    return Admitted(tuple(map(Part, amounts, over)), tuple(_draw(extras, most)))


def _in_tokens(part: int, amount: int, tokens: int) -> int:
    """The share of a request's tokens that stands for a part of its amount, rounded up."""
    return -(-part * tokens // amount) if part else 0


def _draw(extras: Sequence[Extra], wanted: int) -> list[tuple[UUID, int]]:
    drawn = []
    for extra in extras:
        taken = min(extra.left, wanted)
        if taken > 0:
            extra.left -= taken
            wanted -= taken
            drawn.append((extra.id, taken))
    return drawn
