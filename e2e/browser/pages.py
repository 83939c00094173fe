"""The pages, as data: who sees them, and under which heading. A test compares them with the dashboard's own."""

import re
from dataclasses import dataclass, replace

ROLES = ("admin", "manager", "member")
NOT_FOUND = "There is no such page"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. `name`: of its pictures; `route`: its address, with a place for an id; `heading`: a pattern."""

    name: str
    route: str
    heading: str
    roles: tuple[str, ...] = ROLES
    shown: str = ""

    @property
    def path(self) -> str:
        """The address it is opened at."""
        return self.shown or self.route

    def at(self, path: str) -> "Entry":
        """The page at this address."""
        return replace(self, shown=path)

    def heading_for(self, role: str) -> re.Pattern[str]:
        """A page that is not there for someone does not exist for them."""
        return re.compile(self.heading if role in self.roles else NOT_FOUND)


ADMINS = ("admin",)
BUDGET = Entry("budget-one", "/budget/$budgetId", r"\S")
PAGES = (
    Entry("overview", "/", "Overview"),
    Entry("usage", "/usage", "Usage"),
    Entry("budget", "/budget", "Budget"),
    BUDGET,
    Entry("exemptions", "/budget/exemptions", "Exemptions"),
    Entry("exemptions-new", "/budget/exemptions/new", "exemption|more tokens"),
    Entry("devices", "/devices", "Devices"),
    Entry("people", "/people", "People", ("admin", "manager")),
    Entry("departments", "/departments", "Departments", ADMINS),
    Entry("audit-log", "/audit-log", "Audit log", ADMINS),
    Entry("developer", "/developer", "Developer", ADMINS),
    Entry("settings", "/settings", "Settings", ADMINS),
    Entry("me", "/me", "of you"),
)
