"""Enrolment: an admin invites, the employee opts in, either ends it.

E1: who was never invited, or was withdrawn, gets no voucher.
E2: an invitation is a mail, whose job is in the transaction that invites.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.database import driver_of
from toktra.kit.errors import Conflict, Forbidden, Invalid
from toktra.kit.jobs import NewJob, defer
from toktra.people import queries as people
from toktra.people.queries import User
from toktra.perks import queries
from toktra.perks.model import Enrollment, Issued, Tier
from toktra.perks.queries import Enrolled
from toktra.perks.rules import INVITE_QUEUE, INVITE_TASK
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file: who, and into which tier."""

    line: int
    email: str
    tier: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file did, or would do. `errors`: a line and what is wrong with it; then nothing was done."""

    invited: int
    moved: int
    unchanged: int
    errors: Sequence[tuple[int, str]]


async def enroll(session: AsyncSession, *, org_id: UUID, user: User, tier: Tier, now: datetime) -> Enrolled:
    """Invite somebody to a tier (E2); who is in already is moved to it."""
    if user.status != "active":
        raise Conflict(f"{user.email} is not active. Activate them first.", field="user_id")
    found = await session.scalar(
        select(Enrollment).where(Enrollment.org_id == org_id, Enrollment.user_id == user.id).with_for_update()
    )
    if found is not None and found.state != "withdrawn":
        found.tier_id = tier.id
        return Enrolled(found, user, tier)
    if found is None:
        found = Enrollment(org_id=org_id, id=new_id(), user_id=user.id)
        session.add(found)
    found.tier_id, found.state, found.invited_at = tier.id, "invited", now
    found.enrolled_at = found.withdrawn_at = None
    await session.flush()
    args = {"org_id": str(org_id), "enrollment_id": str(found.id)}
    await defer(await driver_of(session), [NewJob(queue=INVITE_QUEUE, task=INVITE_TASK, args=args)])
    return Enrolled(found, user, tier)


async def import_rows(
    session: AsyncSession, *, org_id: UUID, rows: Sequence[Row], dry_run: bool, now: datetime
) -> Imported:
    """All the lines of a file, or none of them."""
    plan: list[tuple[User, Tier]] = []
    errors: list[tuple[int, str]] = []
    seen: set[UUID] = set()
    tiers = {one.name.lower(): one for one in await queries.tiers(session, org_id=org_id)}
    for row in rows:
        user = await people.user_by_email(session, org_id=org_id, email=row.email)
        tier = tiers.get(row.tier.lower())
        if user is None or user.status != "active":
            errors.append((row.line, f"no active user has the e-mail {row.email!r}"))
        elif tier is None:
            errors.append((row.line, f"there is no tier {row.tier!r}"))
        elif user.id in seen:
            errors.append((row.line, f"{row.email!r} is there twice"))
        else:
            seen.add(user.id)
            plan.append((user, tier))
    if errors:
        return Imported(0, 0, 0, errors)
    tier_of = await queries.tiers_of_people(session, org_id=org_id)
    invited = sum(user.id not in tier_of for user, _ in plan)
    unchanged = sum(tier_of.get(user.id) == tier.id for user, tier in plan)
    for user, tier in [] if dry_run else plan:
        await enroll(session, org_id=org_id, user=user, tier=tier, now=now)
    return Imported(invited, len(plan) - invited - unchanged, unchanged, errors)


async def move(session: AsyncSession, *, org_id: UUID, enrollment_id: UUID, tier: Tier) -> Enrolled:
    """To another tier, from the next month's voucher on."""
    found = await queries.enrollment(session, org_id=org_id, enrollment_id=enrollment_id)
    found.enrollment.tier_id = tier.id
    return Enrolled(found.enrollment, found.user, tier)


async def withdraw(session: AsyncSession, *, org_id: UUID, enrollment_id: UUID, now: datetime) -> None:
    """An admin ends it: no more vouchers. What was redeemed is the employee's until its month is over."""
    found = await queries.enrollment(session, org_id=org_id, enrollment_id=enrollment_id)
    _leave(found.enrollment, now)


async def opt_in(session: AsyncSession, *, org_id: UUID, user_id: UUID, now: datetime) -> Enrolled:
    """The employee consents (E1)."""
    found = await invited(session, org_id=org_id, user_id=user_id)
    if found.enrollment.state == "invited":
        found.enrollment.state, found.enrollment.enrolled_at = "enrolled", now
    return found


async def opt_out(session: AsyncSession, *, org_id: UUID, user_id: UUID, now: datetime) -> None:
    """The employee leaves. Their personal account is theirs to erase, with their own credential."""
    found = await queries.enrollment_of(session, org_id=org_id, user_id=user_id)
    if found is not None:
        _leave(found.enrollment, now)


async def issue_again(session: AsyncSession, *, org_id: UUID, enrollment_id: UUID, month: str) -> None:
    """This month's voucher was lost before it was redeemed: it can be fetched once more."""
    found = await queries.enrollment(session, org_id=org_id, enrollment_id=enrollment_id)
    await session.execute(
        delete(Issued).where(Issued.org_id == org_id, Issued.user_id == found.user.id, Issued.month == month)
    )


async def invited(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> Enrolled:
    """The user's enrolment, or the refusal that says what to do (E1)."""
    found = await queries.enrollment_of(session, org_id=org_id, user_id=user_id)
    if found is None or found.enrollment.state == "withdrawn":
        raise Forbidden("You are not enrolled in Token Perks. Ask an admin of your organisation.")
    return found


async def user_named(session: AsyncSession, *, org_id: UUID, user_id: UUID | None, email: str | None) -> User:
    """Who is meant, by id or by e-mail."""
    if (user_id is None) == (email is None):
        raise Invalid("Name the user by user_id or by user_email, and not by both.", field="user_id")
    if user_id is not None:
        user = await people.user(session, org_id=org_id, user_id=user_id)
    else:
        user = await people.user_by_email(session, org_id=org_id, email=email or "")
    if user is None:
        raise Invalid(
            "There is no such user in your organisation.", field="user_id" if user_id else "user_email"
        )
    return user


def _leave(enrollment: Enrollment, now: datetime) -> None:
    if enrollment.state != "withdrawn":
        enrollment.state, enrollment.withdrawn_at = "withdrawn", now
