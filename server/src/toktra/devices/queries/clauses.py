"""The conditions that reads of devices share: where a device stands, and whose it is."""

from datetime import datetime

from sqlalchemy import ARRAY, ColumnElement, String, Uuid, and_, any_, column, literal, table, true

from toktra.access.rules import Reach
from toktra.devices.model import Device
from toktra.devices.rules import Status

users = table(
    "users",
    column("org_id", Uuid()),
    column("id", Uuid()),
    column("email", String()),
    column("department_id", Uuid()),
    column("status", String()),
)
of_user = and_(users.c.org_id == Device.org_id, users.c.id == Device.user_id)


def standing(status: Status, now: datetime) -> ColumnElement[bool]:
    """`rules.status_of` in SQL."""
    not_revoked = Device.revoked_at.is_(None)
    match status:
        case Status.REVOKED:
            return Device.revoked_at.is_not(None)
        case Status.PENDING:
            return and_(not_revoked, Device.certificate_not_after.is_(None))
        case Status.ENROLLED:
            return and_(not_revoked, Device.certificate_not_after > now)
        case Status.EXPIRED:
            return and_(not_revoked, Device.certificate_not_after <= now)


def within(reach: Reach) -> ColumnElement[bool]:
    """`Reach.covers` in SQL, for a statement that joins `users`."""
    if reach.user_id is not None:
        return Device.user_id == reach.user_id
    if reach.department_ids is not None:
        return users.c.department_id == any_(literal(list(reach.department_ids), ARRAY(Uuid())))
    return true()
