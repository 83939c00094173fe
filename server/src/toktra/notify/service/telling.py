"""An alert is told of: to webhooks, and a new one by e-mail to those who can act."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts import queries as alerts
from toktra.alerts.queries import ListedAlert
from toktra.alerts.rules import Moment
from toktra.alerts.shapes import AlertAnswer
from toktra.notify import slack
from toktra.notify.rules import BodyKind, Event
from toktra.notify.service.deliveries import encoded, spread
from toktra.notify.service.mails import mail_those_who_can_act
from toktra.notify.wording import facts_of
from toktra.people import queries as people

_EVENTS: dict[Moment, Event] = {"created": "alert.created", "resolved": "alert.resolved"}
_LEADS: dict[Moment, str] = {"created": "New alert", "resolved": "Resolved"}


async def tell_of_alert(
    session: AsyncSession, *, org_id: UUID, alert_id: UUID, moment: Moment, public_url: str, now: datetime
) -> None:
    """Make the messages, once however often this is done. An alert that is gone is told to nobody."""
    listed = await alerts.told_alert(session, org_id=org_id, alert_id=alert_id)
    if listed is None:
        return
    at = listed.alert.resolved_at if moment == "resolved" else listed.alert.created_at
    zone = await people.time_zone(session, org_id=org_id)
    bodies: dict[BodyKind, bytes] = {
        "signed": encoded(_EVENTS[moment], at or now, AlertAnswer.of(listed)),
        "slack": _for_slack(listed, moment, zone=zone, public_url=public_url),
    }
    await spread(
        session,
        org_id=org_id,
        event=_EVENTS[moment],
        subject_id=alert_id,
        bodies=bodies,
        about=listed,
        now=now,
    )
    if moment == "created" and listed.alert.kind != "policy_fired":  # a policy says itself who gets mails
        await mail_those_who_can_act(session, org_id=org_id, listed=listed)


def _for_slack(listed: ListedAlert, moment: Moment, *, zone: str, public_url: str) -> bytes:
    return slack.message(
        listed.alert.title,
        lead=_LEADS[moment],
        severity=listed.alert.severity,
        facts=facts_of(listed, zone=zone),
        see=f"{public_url}/alerts",
    )
