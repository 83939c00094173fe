"""What incidents are, and how they go on. Pure.

I1: an incident goes from open to investigating to resolved, may skip investigating, and can be opened again.
I2: its timeline only grows.
"""

from typing import Literal

Severity = Literal["info", "warning", "critical"]
State = Literal["open", "investigating", "resolved"]
LinkKind = Literal["alert", "risk_event", "usage_event"]
EntryKind = Literal[
    "opened", "title", "description", "severity", "owner", "state", "comment", "linked", "unlinked"
]
Moment = Literal["opened", "resolved"]

MOST_LINKS = 1_000
TELL_QUEUE = "telling"
TELL_TASK = "notify.incident"
