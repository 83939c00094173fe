"""An alert is told of: to webhooks, and a new one by e-mail to those who can act."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.alerts import queries as alerts
from toktra.alerts.rules import Moment
from toktra.alerts.shapes import AlertAnswer
from toktra.notify.rules import Event
from toktra.notify.service.deliveries import encoded, spread
from toktra.notify.service.mails import mail_those_who_can_act

_EVENTS: dict[Moment, Event] = {"created": "alert.created", "resolved": "alert.resolved"}


async def tell_of_alert(
    session: AsyncSession, *, org_id: UUID, alert_id: UUID, moment: Moment, now: datetime
) -> None:
    """Make the messages, once however often this is done. An alert that is gone is told to nobody."""
    listed = await alerts.told_alert(session, org_id=org_id, alert_id=alert_id)
    if listed is None:
        return
    event = _EVENTS[moment]
    at = listed.alert.resolved_at if moment == "resolved" else listed.alert.created_at
    body = encoded(event, at or now, AlertAnswer.of(listed))
    await spread(session, org_id=org_id, event=event, subject_id=alert_id, body=body, now=now)
    if moment == "created":
        await mail_those_who_can_act(session, org_id=org_id, listed=listed)
