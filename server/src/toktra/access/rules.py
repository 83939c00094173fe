"""Who may do what, as data. Pure: no clock, no database, no settings.

A1: a scope says what may be done, a reach says to whose data.
A2: an actor is always in exactly one organisation.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Role(StrEnum):
    """A user's role in their organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    MEMBER = "member"


class Scope(StrEnum):
    """What a credential may be used for."""

    USAGE_READ = "usage:read"
    EVENTS_WRITE = "events:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    ACCESS_WRITE = "access:write"
    BUDGETS_READ = "budgets:read"
    BUDGETS_WRITE = "budgets:write"
    EXEMPTIONS_ASK = "exemptions:ask"
    PREFLIGHT = "preflight"
    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    AUDIT_READ = "audit:read"
    POLICIES_READ = "policies:read"
    POLICIES_WRITE = "policies:write"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    RISKS_READ = "risks:read"
    RISKS_WRITE = "risks:write"
    PERKS_READ = "perks:read"
    PERKS_WRITE = "perks:write"
    DEVICE = "device"


_READING = frozenset(
    {
        Scope.USAGE_READ,
        Scope.PEOPLE_READ,
        Scope.DEVICES_READ,
        Scope.BUDGETS_READ,
        Scope.EXEMPTIONS_ASK,
        Scope.ALERTS_READ,
    }
)
_MANAGING = _READING | {
    Scope.ALERTS_WRITE,
    Scope.POLICIES_READ,
    Scope.INCIDENTS_READ,
    Scope.INCIDENTS_WRITE,
    Scope.RISKS_READ,
}
_ADMINISTERING = _MANAGING | {
    Scope.PEOPLE_WRITE,
    Scope.DEVICES_WRITE,
    Scope.ACCESS_WRITE,
    Scope.BUDGETS_WRITE,
    Scope.WEBHOOKS_READ,
    Scope.WEBHOOKS_WRITE,
    Scope.AUDIT_READ,
    Scope.POLICIES_WRITE,
    Scope.RISKS_WRITE,
    Scope.PERKS_READ,
    Scope.PERKS_WRITE,
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OWNER: _ADMINISTERING,
    Role.ADMIN: _ADMINISTERING,
    Role.MANAGER: _MANAGING,
    Role.MEMBER: _READING,
}
DEVICE_SCOPES = frozenset({Scope.EVENTS_WRITE, Scope.PREFLIGHT, Scope.DEVICE})
PROGRAM_SCOPES = frozenset({Scope.EVENTS_WRITE, Scope.PREFLIGHT})
"""What programs may do beside what their makers may."""
GRANTABLE_SCOPES = frozenset(Scope) - {Scope.DEVICE}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose data an actor may see: everyone's, that of some departments, or one user's."""

    department_ids: frozenset[UUID] | None = None
    user_id: UUID | None = None

    @property
    def everyone(self) -> bool:
        return self.department_ids is None and self.user_id is None

    def covers(self, *, user_id: UUID, department_id: UUID) -> bool:
        """Whether this user, now in this department, is within reach."""
        if self.user_id is not None:
            return user_id == self.user_id
        return self.department_ids is None or department_id in self.department_ids


EVERYONE = Reach()


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller, as its credential says: an organisation, what it may do, and to whose data."""

    org_id: UUID
    kind: Literal["session", "api_key", "client", "device"]
    credential_id: UUID
    scopes: frozenset[Scope]
    reach: Reach
    user_id: UUID
    department_id: UUID
    role: Role | None = None
    device_id: UUID | None = None


RATE_LIMIT_PER_MINUTE = 1000
FREE_FAILURES = 5
FREE_FAILURES_OF_ADDRESS = 100
LONGEST_WAIT = timedelta(minutes=15)


def wait_after(failures: int, *, free: int = FREE_FAILURES) -> timedelta:
    """How long sign-in rests after so many failures in a row: from the fifth on 1 s, 2 s, 4 s, to 15 min."""
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 20)), LONGEST_WAIT)
