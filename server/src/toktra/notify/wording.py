"""What is known of an alert, in words: for mails and for Slack."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from toktra.alerts.queries import ListedAlert

Fact = tuple[str, str]


def facts_of(listed: ListedAlert, *, zone: str) -> list[Fact]:
    """Names and values; what is not known is left out."""
    alert, details = listed.alert, listed.alert.details
    about = listed.department or (alert.user_id and listed.emails.get(alert.user_id)) or ""
    facts = [
        ("Severity", alert.severity),
        ("About", about),
        ("Used", _amount(details.get("used"), details.get("unit"))),
        ("Limit", _amount(details.get("limit"), details.get("unit"))),
        ("What it means", _consequence(listed)),
        ("Resets", instant(details.get("resets_at"), zone)),
        ("Until", instant(details.get("window_ends_at"), zone)),
        ("Can act", ", ".join(listed.who_can_act)),
    ]
    return [(name, value) for name, value in facts if value]


def _consequence(listed: ListedAlert) -> str:
    if listed.alert.kind != "budget_exceeded":
        return ""
    blocks = listed.alert.details.get("hard_cap")
    return "Further requests are blocked." if blocks else "Requests go on: the cap is soft."


def _amount(value: Any, unit: Any) -> str:
    if not isinstance(value, int):
        return ""
    return f"{value:,} tokens" if unit == "tokens" else f"${value / 1_000_000:,.2f}"


def instant(text: Any, zone: str) -> str:
    """An instant in RFC 3339, as people of a zone read it; nothing for nothing."""
    if not isinstance(text, str):
        return ""
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%d %B %Y, %H:%M} ({zone})"
