"""The pages, as data: who sees them, under which heading. A test compares them with the dashboard's own."""

from dataclasses import dataclass

ROLES = ("admin", "manager", "member")
ADMINS = ("admin",)


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. `name`: of its pictures; `path`: with places for ids; `heading`: a pattern in it."""

    name: str
    path: str
    heading: str
    roles: tuple[str, ...] = ROLES

    def at(self, *, budget: str) -> str:
        """Its address with these ids."""
        return self.path.replace("$budgetId", budget)


PAGES = (
    Entry("overview", "/", "Overview"),
    Entry("usage", "/usage", "Usage"),
    Entry("budget", "/budget", "Budget"),
    Entry("exemptions", "/budget/exemptions", "Exemptions"),
    Entry("exemptions-new", "/budget/exemptions/new", "exemption|more tokens"),
    Entry("budget-one", "/budget/$budgetId", r"\S"),
    Entry("alerts", "/alerts", "Alerts"),
    Entry("devices", "/devices", "Devices"),
    Entry("people", "/people", "People", ("admin", "manager")),
    Entry("departments", "/departments", "Departments", ADMINS),
    Entry("audit-log", "/audit-log", "Audit log", ADMINS),
    Entry("developer", "/developer", "Developer", ADMINS),
    Entry("settings", "/settings", "Settings", ADMINS),
    Entry("me", "/me", "of you"),
    Entry("account", "/account", "Account"),
)
