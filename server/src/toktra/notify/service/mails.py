"""Alerts by e-mail, to those who can act on them and want to know.

M1: who gets a mail is decided when it is sent: still active, still able to act, still wanting it.
M2: a mail's id follows from the alert and the user, so that one sent twice is shown once.
M3: a link in the mail ends mails to this user, without a sign-in, and can do nothing else.
"""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts import queries as alerts
from toktra.alerts.queries import ListedAlert
from toktra.kit.database import among, driver_of
from toktra.kit.errors import Invalid
from toktra.kit.jobs import NewJob, defer
from toktra.kit.secrets import Unreadable, seal, unseal
from toktra.notify.model import MailChoice
from toktra.people import queries as people
from toktra.people.queries import User

QUEUE = "mails"
TASK = "notify.mail"
_PURPOSE = "unsubscribe token"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says of one alert, and to whom."""

    listed: ListedAlert
    user: User
    organization: str
    time_zone: str
    unsubscribe_token: str


async def mail_those_who_can_act(session: AsyncSession, *, org_id: UUID, listed: ListedAlert) -> None:
    """A job for each mail, in this transaction."""
    users = await _wanting(session, org_id, listed.who_can_act)
    args = {"org_id": str(org_id), "alert_id": str(listed.alert.id)}
    jobs = [NewJob(queue=QUEUE, task=TASK, args={**args, "user_id": str(user.id)}) for user in users]
    await defer(await driver_of(session), jobs)


async def letter(
    session: AsyncSession, *, org_id: UUID, alert_id: UUID, user_id: UUID, secret_key: str
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
    token = unsubscribe_token(org_id, user_id, secret_key=secret_key)
    return Letter(listed, user, organization.name, organization.time_zone, token)


async def _wanting(session: AsyncSession, org_id: UUID, emails: list[str]) -> list[User]:
    """Those of these people who have not said no."""
    found = [await people.user_by_email(session, org_id=org_id, email=email) for email in emails]
    users = [user for user in found if user is not None]
    refusing = select(MailChoice.user_id).where(
        MailChoice.org_id == org_id,
        among(MailChoice.user_id, {user.id for user in users}),
        MailChoice.alert_mails.is_(False),
    )
    refused = set(await session.scalars(refusing))
    return [user for user in users if user.id not in refused]


async def wants_alert_mails(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> bool:
    """Whoever has chosen nothing wants them."""
    choice = await session.get(MailChoice, (org_id, user_id))
    return choice is None or choice.alert_mails


async def choose(session: AsyncSession, *, org_id: UUID, user_id: UUID, alert_mails: bool) -> None:
    """Keep what someone said. Saying it again changes nothing."""
    said = insert(MailChoice).values(org_id=org_id, user_id=user_id, alert_mails=alert_mails)
    key = [MailChoice.org_id, MailChoice.user_id]
    await session.execute(said.on_conflict_do_update(index_elements=key, set_={"alert_mails": alert_mails}))


async def unsubscribe(session: AsyncSession, *, token: str, secret_key: str) -> None:
    """End mails to whom the token is of (M3); nothing to do for someone who is gone."""
    org_id, user_id = read_token(token, secret_key=secret_key)
    if await people.user(session, org_id=org_id, user_id=user_id) is not None:
        await choose(session, org_id=org_id, user_id=user_id, alert_mails=False)


def unsubscribe_token(org_id: UUID, user_id: UUID, *, secret_key: str) -> str:
    """Names the user to this installation alone, and cannot be made by anyone else (M3)."""
    sealed = seal(secret_key, _PURPOSE, org_id.bytes + user_id.bytes)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_token(token: str, *, secret_key: str) -> tuple[UUID, UUID]:
    """The organisation and the user in a token."""
    try:
        sealed = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        named = unseal(secret_key, _PURPOSE, sealed)
    except (binascii.Error, ValueError, Unreadable) as wrong:
        raise Invalid("This link is not whole. Copy all of it from the mail.", field="token") from wrong
    return UUID(bytes=named[:16]), UUID(bytes=named[16:])
