"""Alerts by e-mail, to those who can act on them and want to know; and who wants which mails.

M1: who gets a mail is decided when it is sent: still active, still able to act, still wanting it.
M2: a mail's id follows from the alert and the user, so that one sent twice is shown once.
M3: a link in the mail ends mails to this user, without a sign-in, and can do nothing else.
"""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts import queries as alerts
from toktra.alerts.queries import ListedAlert
from toktra.kit.database import driver_of
from toktra.kit.errors import Invalid
from toktra.kit.jobs import NewJob, defer
from toktra.kit.secrets import Unreadable, seal, unseal
from toktra.notify.model import MailChoice
from toktra.notify.wording import Fact, facts_of
from toktra.people import queries as people
from toktra.people.queries import User

QUEUE = "mails"
TASK = "notify.mail"
_PURPOSE = "unsubscribe token"


Kind = Literal["alerts", "policies"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mails somebody wants."""

    alerts: bool = True
    policies: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, and to whom. `name` follows from what it is about and the user (M2).

    `off`: the link that ends mails of this kind; None for one that cannot be ended.
    """

    name: str
    user: User
    title: str
    facts: list[Fact]
    see: str
    why: str
    off: str | None


async def mail_those_who_can_act(session: AsyncSession, *, org_id: UUID, listed: ListedAlert) -> None:
    """A job for each mail, in this transaction."""
    users = await _wanting(session, org_id, listed.who_can_act)
    args = {"org_id": str(org_id), "alert_id": str(listed.alert.id)}
    jobs = [NewJob(queue=QUEUE, task=TASK, args={**args, "user_id": str(user.id)}) for user in users]
    await defer(await driver_of(session), jobs)


async def letter(
    session: AsyncSession, *, org_id: UUID, alert_id: UUID, user_id: UUID, secret_key: str, public_url: str
) -> Letter | None:
    """What is to be sent now, or None if it is for this user no more (M1)."""
    listed = await alerts.told_alert(session, org_id=org_id, alert_id=alert_id)
    if listed is None:
        return None
    wanting = {user.id: user for user in await _wanting(session, org_id, listed.who_can_act)}
    user = wanting.get(user_id)
    if user is None:
        return None
    organization = await people.organization(session, org_id=org_id)
    return Letter(
        name=f"alert.{alert_id.hex}.{user_id.hex}",
        user=user,
        title=listed.alert.title,
        facts=facts_of(listed, zone=organization.time_zone),
        see=f"{public_url}/alerts",
        why=f"You get this since you can act on alerts of {organization.name}.",
        off=off_link(org_id, user_id, "alerts", secret_key=secret_key, public_url=public_url),
    )


async def _wanting(session: AsyncSession, org_id: UUID, emails: list[str]) -> list[User]:
    """Those of these people who have not said no."""
    found = [await people.user_by_email(session, org_id=org_id, email=email) for email in emails]
    users = [user for user in found if user is not None]
    refused = {
        user.id for user in users if not (await wanted_mails(session, org_id=org_id, user_id=user.id)).alerts
    }
    return [user for user in users if user.id not in refused]


async def wanted_mails(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> Wanted:
    """Whoever has chosen nothing wants them all."""
    choice = await session.get(MailChoice, (org_id, user_id))
    return Wanted() if choice is None else Wanted(choice.alert_mails, choice.policy_mails)


async def choose(session: AsyncSession, *, org_id: UUID, user_id: UUID, wanted: Wanted) -> None:
    """Keep what someone said. Saying it again changes nothing."""
    said = {"alert_mails": wanted.alerts, "policy_mails": wanted.policies}
    stored = insert(MailChoice).values(org_id=org_id, user_id=user_id, **said)
    key = [MailChoice.org_id, MailChoice.user_id]
    await session.execute(stored.on_conflict_do_update(index_elements=key, set_=said))


async def unsubscribe(session: AsyncSession, *, token: str, secret_key: str) -> None:
    """End mails of one kind to whom the token is of (M3); nothing to do for someone who is gone."""
    org_id, user_id, kind = read_token(token, secret_key=secret_key)
    if await people.user(session, org_id=org_id, user_id=user_id) is not None:
        before = await wanted_mails(session, org_id=org_id, user_id=user_id)
        wanted = replace(before, **{kind: False})
        await choose(session, org_id=org_id, user_id=user_id, wanted=wanted)


def off_link(org_id: UUID, user_id: UUID, kind: Kind, *, secret_key: str, public_url: str) -> str:
    """The link in a mail that ends mails of its kind (M3)."""
    token = unsubscribe_token(org_id, user_id, kind, secret_key=secret_key)
    return f"{public_url}/v1/unsubscribe?token={token}"


def unsubscribe_token(org_id: UUID, user_id: UUID, kind: Kind, *, secret_key: str) -> str:
    """Names the user to this installation alone, and cannot be made by anyone else (M3)."""
    sealed = seal(secret_key, _PURPOSE, org_id.bytes + user_id.bytes + kind.encode())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_token(token: str, *, secret_key: str) -> tuple[UUID, UUID, Kind]:
    """The organisation and the user in a token, and the kind of mails."""
    try:
        sealed = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        named = unseal(secret_key, _PURPOSE, sealed)
    except (binascii.Error, ValueError, Unreadable) as wrong:
        raise Invalid("This link is not whole. Copy all of it from the mail.", field="token") from wrong
    kind: Kind = "policies" if named[32:] == b"policies" else "alerts"
    return UUID(bytes=named[:16]), UUID(bytes=named[16:32]), kind
