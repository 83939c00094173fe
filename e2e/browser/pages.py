"""The pages, as data: who sees them, under which heading. A test compares them with the dashboard's own."""

from dataclasses import dataclass

ROLES = ("admin", "manager", "member")
ADMINS = ("admin",)
MANAGING = ("admin", "manager")
NOBODY = "018f3f3e-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. `name`: of its pictures; `path`: with places for ids; `heading`: a pattern in it."""

    name: str
    path: str
    heading: str
    roles: tuple[str, ...] = ROLES

    def at(
        self, *, budget: str = NOBODY, policy: str = NOBODY, incident: str = NOBODY, webhook: str = NOBODY
    ) -> str:
        """Its address with these ids."""
        path = self.path.replace("$budgetId", budget)
        path = path.replace("$policyId", policy).replace("$webhookId", webhook)
        return path.replace("$incidentId", incident)


PAGES = (
    Entry("overview", "/", "Overview"),
    Entry("usage", "/usage", "Usage"),
    Entry("budget", "/budget", "Budget"),
    Entry("exemptions", "/budget/exemptions", "Exemptions"),
    Entry("exemptions-new", "/budget/exemptions/new", "exemption|more tokens"),
    Entry("budget-one", "/budget/$budgetId", r"\S"),
    Entry("alerts", "/alerts", "Alerts"),
    Entry("policies", "/policies", "Policies", MANAGING),
    Entry("policies-new", "/policies/new", "New policy", ADMINS),
    Entry("policy-one", "/policies/$policyId", r"\S", MANAGING),
    Entry("incidents", "/incidents", "Incidents", MANAGING),
    Entry("incident-one", "/incidents/$incidentId", r"#\d", MANAGING),
    Entry("risk-events", "/risk-events", "Risk events", MANAGING),
    Entry("devices", "/devices", "Devices"),
    Entry("people", "/people", "People", MANAGING),
    Entry("departments", "/departments", "Departments", ADMINS),
    Entry("audit-log", "/audit-log", "Audit log", ADMINS),
    Entry("developer", "/developer", "Developer", ADMINS),
    Entry("integrations", "/integrations", "Integrations", ADMINS),
    Entry("receiver-one", "/integrations/$webhookId", r"\S", ADMINS),
    Entry("settings", "/settings", "Settings", ADMINS),
    Entry("me", "/me", "of you"),
    Entry("account", "/account", "Account"),
)
