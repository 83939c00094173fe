"""Telling of a policy that fired: the user, their manager, and programs.

M4: who gets a mail of a firing is looked at when it is sent. Somebody who is blocked is told so, whatever
    they chose; other mails they can end.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.database import driver_of
from toktra.kit.groups import Connection
from toktra.kit.jobs import NewJob, defer
from toktra.notify import slack
from toktra.notify.rules import BodyKind
from toktra.notify.service.deliveries import encoded, spread
from toktra.notify.service.mails import QUEUE as MAILS
from toktra.notify.service.mails import Letter, off_link, wanted_mails
from toktra.notify.wording import Fact, instant
from toktra.people import queries as people
from toktra.people.queries import User

QUEUE = "telling"
TASK = "notify.firing"
MAIL_TASK = "notify.firing_mail"
Reader = Literal["user", "manager"]
_MOST_MANAGERS = 5


class PolicyFired(Struct, frozen=True, kw_only=True):
    """A policy fired, and what came of it. `user_id`: whose event it was; `blocked_models`: empty for all."""

    org_id: UUID
    firing_id: UUID
    policy_id: UUID
    policy_version: int
    policy_name: str
    reason: str
    user_id: UUID | None
    department_id: UUID | None
    window_starts_at: datetime
    window_ends_at: datetime
    fired_at: datetime
    mail_user: bool
    mail_manager: bool
    webhook_ids: list[UUID]
    blocked_until: datetime | None
    blocked_models: list[str]
    incident_number: int | None
    alert_id: UUID | None


class FiringMessage(Struct, frozen=True, kw_only=True):
    """What webhooks are told of a firing."""

    firing_id: UUID
    policy_id: UUID
    policy_version: int
    policy: str
    reason: str
    user_id: UUID | None
    user_email: str | None
    department_id: UUID | None
    department: str | None
    window_starts_at: datetime
    window_ends_at: datetime
    blocked_until: datetime | None
    blocked_models: list[str]
    incident_number: int | None
    alert_id: UUID | None


async def tell_of_firing(connection: Connection, fired: PolicyFired) -> None:
    """A job in the transaction of the firing."""
    args = {"fired": msgspec.to_builtins(fired)}
    await defer(connection, [NewJob(queue=QUEUE, task=TASK, args=args)])


async def spread_firing(session: AsyncSession, *, fired: PolicyFired, public_url: str, now: datetime) -> None:
    """Make the messages, once however often this is done."""
    user, department = await _named(session, fired)
    told = {name: getattr(fired, name) for name in FiringMessage.__struct_fields__ if hasattr(fired, name)}
    message = FiringMessage(
        **told,
        policy=fired.policy_name,
        user_email=user.email if user else None,
        department=department,
    )
    zone = await people.time_zone(session, org_id=fired.org_id)
    bodies: dict[BodyKind, bytes] = {
        "signed": encoded("policy.fired", fired.fired_at, message),
        "slack": slack.message(
            f"{fired.policy_name}: {fired.reason}",
            lead="Policy fired",
            severity="warning",
            facts=_facts(fired, user, department, zone),
            see=f"{public_url}/policies/{fired.policy_id}",
        ),
    }
    await spread(
        session,
        org_id=fired.org_id,
        event="policy.fired",
        subject_id=fired.firing_id,
        bodies=bodies,
        also=fired.webhook_ids,
        now=now,
    )
    await _mail(session, fired, user)


async def _mail(session: AsyncSession, fired: PolicyFired, user: User | None) -> None:
    """A job for each mail, in this transaction."""
    if user is None:
        return
    readers: list[tuple[UUID, Reader]] = [(user.id, "user")] if fired.mail_user else []
    if fired.mail_manager:
        readers += [(one.id, "manager") for one in await _managers(session, user)]
    args = {"fired": msgspec.to_builtins(fired)}
    jobs = [
        NewJob(queue=MAILS, task=MAIL_TASK, args={**args, "user_id": str(user_id), "reader": reader})
        for user_id, reader in readers
    ]
    await defer(await driver_of(session), jobs)


async def firing_letter(
    session: AsyncSession,
    *,
    fired: PolicyFired,
    user_id: UUID,
    reader: Reader,
    secret_key: str,
    public_url: str,
) -> Letter | None:
    """What is to be sent now, or None if it is for this user no more (M4)."""
    user = await people.user(session, org_id=fired.org_id, user_id=user_id)
    if user is None or user.status != "active":
        return None
    must = reader == "user" and fired.blocked_until is not None
    if not must and not (await wanted_mails(session, org_id=fired.org_id, user_id=user_id)).policies:
        return None
    about, department = await _named(session, fired)
    organization = await people.organization(session, org_id=fired.org_id)
    off = off_link(fired.org_id, user_id, "policies", secret_key=secret_key, public_url=public_url)
    whose = "your requests" if reader == "user" else f"requests of {about.email if about else 'your people'}"
    return Letter(
        name=f"firing.{fired.firing_id.hex}.{user_id.hex}",
        user=user,
        title=f"{fired.policy_name}: {fired.reason}",
        facts=_facts(fired, about, department, organization.time_zone),
        see=f"{public_url}/" if reader == "user" else f"{public_url}/alerts",
        why=f"You get this since a policy of {organization.name} watches {whose}.",
        off=None if must else off,
    )


async def _managers(session: AsyncSession, user: User) -> list[User]:
    """Their manager; without one, the managers of their department or of the nearest above it."""
    if user.manager_id is not None:
        manager = await people.user(session, org_id=user.org_id, user_id=user.manager_id)
        return [manager] if manager is not None else []
    emails = await people.managers_above(
        session, org_id=user.org_id, department_ids={user.department_id}, limit=_MOST_MANAGERS
    )
    found = [
        await people.user_by_email(session, org_id=user.org_id, email=email)
        for email in emails.get(user.department_id, ())
    ]
    return [one for one in found if one is not None and one.id != user.id]


async def _named(session: AsyncSession, fired: PolicyFired) -> tuple[User | None, str | None]:
    user = None
    if fired.user_id is not None:
        user = await people.user(session, org_id=fired.org_id, user_id=fired.user_id)
    if fired.department_id is None:
        return user, None
    department = await people.department(session, org_id=fired.org_id, department_id=fired.department_id)
    return user, department.name if department else None


def _facts(fired: PolicyFired, user: User | None, department: str | None, zone: str) -> list[Fact]:
    blocked = ""
    if fired.blocked_until is not None:
        what = f"Requests for {', '.join(fired.blocked_models)}" if fired.blocked_models else "Requests"
        until = f"{fired.blocked_until.astimezone(ZoneInfo(zone)):%d %B %Y, %H:%M} ({zone})"
        blocked = f"{what} are refused until {until}, or until an admin lifts it."
    facts = [
        ("What happened", fired.reason),
        ("About", department or (user.email if user else "")),
        ("Blocked", blocked),
        ("Incident", f"#{fired.incident_number}" if fired.incident_number else ""),
        ("The policy looks again from", instant(fired.window_ends_at.isoformat(), zone)),
        ("What you can do", "Ask an admin of your organisation about this policy." if blocked else ""),
    ]
    return [(name, value) for name, value in facts if value]
