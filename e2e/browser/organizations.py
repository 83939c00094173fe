"""Organisations beside the demo: one with nothing in it, and one whose names are beyond all bounds."""

from dataclasses import dataclass, field

from e2e.browser.api import Api
from e2e.installation import Installation

LONGEST = 120
LEVELS = 50
ARABIC, HEBREW = "قسم الهندسة والبحوث", "מחלקת המחקר והפיתוח"
ODD = {
    "huge": ("Wolfeschlegelsteinhausenbergerdorff" * 4)[:LONGEST],
    "long": ("a name of very many words " * 9)[:LONGEST].strip(),
    "arabic": ((ARABIC + " ") * 9)[:LONGEST].strip(),
    "hebrew": HEBREW,
    "mixed": f"{HEBREW} (Research & <b>Development</b>), since 1998",
}

POLICY = {"trigger": {"type": "unusual_usage"}, "actions": [{"type": "email_user"}]}

RECEIVER = {
    "name": "Pager",
    "url": f"https://example.com/{'long/' * 100}",
    "events": ["alert.created", "policy.fired", "incident.opened"],
    "alert_kinds": ["budget_exceeded", "budget_threshold"],
    "from_percent": 90,
}


@dataclass(frozen=True, slots=True)
class Organization:
    """One that was bootstrapped: how its owner signs in, and a budget that its owner can see."""

    email: str
    password: str
    places: dict[str, str] = field(default_factory=dict)


def empty(server: Installation) -> Organization:
    """Nothing but its owner."""
    made = _bootstrap(server, "Empty", "owner@empty.example.com")
    return Organization(made["admin_email"], made["admin_password"])


def odd(server: Installation) -> Organization:
    """People, departments, budgets, requests, usage and keys with the oddest names that are allowed."""
    made = _bootstrap(server, ODD["huge"], "owner@odd.example.com")
    with Api(server, made["api_key"]) as api:
        deep = " / ".join(f"Level {level}" for level in range(1, LEVELS + 1))
        for name, text in ODD.items():
            email = f"{name}.{'x' * 50}@{'very-long-' * 10}odd.example.com"
            user = api.person(text, email, department=deep if name == "huge" else text)
            _work(api, user, email, text)
        limit = {"limit_tokens": 1_500, "period": "annual"}
        budgets = [api.post("/v1/budgets", {"department": text, **limit}) for text in ODD.values()]
        api.post("/v1/budgets", {"department": deep, **limit})
        for text in ODD.values():
            incident = api.post("/v1/incidents", {"title": text * 2, "description": text * 20})
            api.post(f"/v1/incidents/{incident['id']}/comments", {"text": text * 20})
            policy = api.post("/v1/policies", {**POLICY, "name": text, "description": text * 10})
            risk = {
                "level": "high",
                "kind": "odd",
                "title": text * 2,
                "external_id": text,
                "repository": text,
            }
            api.post("/v1/risk-events", risk)
            webhook = api.post("/v1/webhooks", {**RECEIVER, "name": text})
    places = {
        "budget": budgets[0]["id"],
        "policy": policy["id"],
        "incident": incident["id"],
        "webhook": webhook["id"],
    }
    return Organization(made["admin_email"], made["admin_password"], places)


def _work(api: Api, user: str, email: str, text: str) -> None:
    """What somebody leaves behind: usage, a request for more, a key under their name."""
    api.use(1_234_567, device=api.device(email))
    asked = {"user_id": user, "reason": text * 10, "tokens": 10**12}
    api.post("/v1/budget-exemptions", asked)
    api.post("/v1/api-keys", {"name": text, "scopes": ["usage:read"]})
    api.post("/v1/oauth/clients", {"name": text, "scopes": ["usage:read"]})
    api.post("/v1/budgets", {"user_id": user, "limit_tokens": 1, "name": text})


def _bootstrap(server: Installation, name: str, email: str) -> dict[str, str]:
    return server.said("toktra.cli", "bootstrap", "--org", name, "--email", email, "--json")
