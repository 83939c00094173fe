"""What the API says about a preflight check: the decision, and why, in words a person can act on."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

Decision = Literal["allow", "warn", "block"]
Reason = Literal[
    "no_hard_cap",
    "within_budget",
    "exemption_used",
    "soft_cap_passed",
    "threshold_passed",
    "no_price",
    "hard_cap_reached",
    "blocked_by_policy",
]


class PreflightAnswer(Struct, frozen=True):
    """Whether a request may go out. A blocked request is an answer, not an error."""

    decision: Decision
    reason: Annotated[Reason, Meta(description="Stable code")]
    message: Annotated[str, Meta(description="The same for people: what happened, and what they can do now")]
    budget_id: Annotated[
        UUID | None, Meta(description="The budget that decides: blocks, warns or is tightest")
    ]
    budget_name: str | None
    remaining_tokens: Annotated[
        int | None,
        Meta(description="What is left to this user, exemptions included; null without a hard cap"),
    ]
    missing_tokens: Annotated[int, Meta(description="How many tokens are missing; 0 unless blocked")]
    resets_at: Annotated[
        datetime | None, Meta(description="When the budget's next period starts, or the block ends")
    ]
    hold_id: Annotated[UUID | None, Meta(description="Name it in the usage event, which then ends the hold")]
    expires_at: Annotated[datetime | None, Meta(description="When the hold lapses if nothing is heard of it")]
    approvers: Annotated[list[str], Meta(description="Who can grant an exemption; empty unless blocked")]
    exemption_url: Annotated[str | None, Meta(description="Where to ask for one; null unless blocked")]


encode = msgspec.json.Encoder().encode
