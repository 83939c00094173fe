"""Where telling people of an alert begins: a job in the transaction that stored or resolved it."""

from collections.abc import Sequence
from uuid import UUID

from toktra.alerts.rules import TELL_QUEUE, TELL_TASK, Moment
from toktra.kit.groups import Connection
from toktra.kit.jobs import NewJob, defer


async def tell(connection: Connection, alerts: Sequence[tuple[UUID, UUID]], moment: Moment) -> None:
    """One job for each of these alerts, given as organisation and id."""
    await defer(
        connection,
        [
            NewJob(
                queue=TELL_QUEUE,
                task=TELL_TASK,
                args={"org_id": str(org_id), "alert_id": str(alert_id), "moment": moment},
            )
            for org_id, alert_id in alerts
        ],
    )
