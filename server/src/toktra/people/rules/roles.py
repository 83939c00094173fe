"""Who may give which role, and the one role that must always be held by someone.

R1: only an owner makes, changes or suspends an owner.
R2: nobody gives a role above their own.
R3: an organisation always has an active owner.
"""

from enum import StrEnum

from toktra.access.rules import Role

_RANK = {Role.MEMBER: 0, Role.MANAGER: 1, Role.ADMIN: 2, Role.OWNER: 3}


class Refusal(StrEnum):
    """Why a change to a user is refused."""

    OWNERS_ONLY = "Only an owner can make, change or suspend an owner. Ask an owner of your organisation."
    ABOVE_OWN = "This role is above your own. Ask someone who holds it."


def refuse_change(*, by: Role | None, before: Role | None, after: Role) -> Refusal | None:
    """Why someone may not make a user with the role `after`, or change one from `before` (R1, R2).

    A program has no role (`by` is None) and counts as an admin.
    """
    own = by or Role.ADMIN
    if own is not Role.OWNER and Role.OWNER in (before, after):
        return Refusal.OWNERS_ONLY
    if before is not after and _RANK[after] > _RANK[own]:
        return Refusal.ABOVE_OWN
    return None


def leaves_no_owner(*, was_owner: bool, stays_owner: bool, other_owners: int) -> bool:
    """Whether a change would take the last active owner away (R3)."""
    return was_owner and not stays_owner and other_owners == 0
