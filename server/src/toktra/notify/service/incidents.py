"""Telling of an incident: programs and Slack; the alert behind it has told people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.incidents import queries as incidents
from toktra.incidents.queries import ListedIncident
from toktra.incidents.rules import Moment
from toktra.incidents.shapes import IncidentAnswer
from toktra.notify import slack
from toktra.notify.rules import BodyKind, Event
from toktra.notify.service.deliveries import encoded, spread
from toktra.notify.wording import Fact

_EVENTS: dict[Moment, Event] = {"opened": "incident.opened", "resolved": "incident.resolved"}


async def tell_of_incident(
    session: AsyncSession, *, org_id: UUID, incident_id: UUID, moment: Moment, public_url: str, now: datetime
) -> None:
    """Make the messages, once however often this is done."""
    listed = await incidents.told_incident(session, org_id=org_id, incident_id=incident_id)
    if listed is None:
        return
    one = listed.incident
    at = one.resolved_at if moment == "resolved" else one.opened_at
    bodies: dict[BodyKind, bytes] = {
        "signed": encoded(_EVENTS[moment], at or now, IncidentAnswer.of(listed)),
        "slack": slack.message(
            f"#{one.number} {one.title}",
            lead=f"Incident {moment}",
            severity=one.severity,
            facts=_facts(listed),
            see=f"{public_url}/incidents/{one.id}",
        ),
    }
    await spread(
        session, org_id=org_id, event=_EVENTS[moment], subject_id=incident_id, bodies=bodies, now=now
    )


def _facts(listed: ListedIncident) -> list[Fact]:
    one, emails = listed.incident, listed.emails
    facts = [
        ("Severity", one.severity),
        ("About", listed.department or (one.user_id and emails.get(one.user_id)) or ""),
        ("Owner", (one.owner_id and emails.get(one.owner_id)) or "nobody yet"),
    ]
    return [(name, value) for name, value in facts if value]
