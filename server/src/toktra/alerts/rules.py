"""What alerts speak of, how much they matter, and where they stand. Pure."""

from typing import Literal, get_args

Kind = Literal["budget_threshold", "budget_exceeded", "webhook_disabled", "policy_fired"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Severity = Literal["info", "warning", "critical"]
Status = Literal["open", "acknowledged", "resolved"]

Moment = Literal["created", "resolved"]
"""What people are told of."""

TELL_QUEUE = "telling"
TELL_TASK = "notify.alert"
