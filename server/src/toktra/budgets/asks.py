"""A request that is asked for, and the answers it can get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct, structs

from toktra.budgets.answers import Decision, PreflightAnswer, Reason
from toktra.budgets.queries.book import Chain, Line, OrganizationBook, Place
from toktra.budgets.rules import STRICTNESS, Admitted, BlockInForce, Refused, Standing, highest_passed


class Ask(Struct):
    """May this user spend about so many tokens on this model now? `cost_micros` is None without a price.

    `capped`: the hard caps above that the request can be measured in. `unsure`: the strictest hard cap in
    money above a model without a price; its `when_unsure` decides. `places`: where the capped count.
    """

    org_id: UUID
    user_id: UUID
    device_id: UUID | None
    key: str
    provider: str
    model: str
    tokens: int
    cost_micros: int | None
    now: datetime
    book: OrganizationBook
    chain: Chain
    capped: Sequence[Line] = ()
    places: Sequence[Place] = ()
    unsure: Line | None = None

    def __post_init__(self) -> None:
        self.capped, self.places = self.chain.hard, self.chain.places
        if self.chain.has_money and self.cost_micros is None:
            self._leave_out_money()

    def _leave_out_money(self) -> None:
        both = list(zip(self.chain.hard, self.chain.places, strict=True))
        self.capped = [line for line, _ in both if line.unit == "tokens"]
        self.places = [place for line, place in both if line.unit == "tokens"]
        in_money = (line for line, _ in both if line.unit == "micros")
        self.unsure = max(in_money, key=lambda line: STRICTNESS.index(line.when_unsure), default=None)

    def amount(self, line: Line) -> int:
        """What the request takes of a budget, in the budget's unit."""
        return self.tokens if line.unit == "tokens" else self.cost_micros or 0

    @property
    def content(self) -> tuple[str, str, int]:
        """What makes a repeated key the same request."""
        return (self.provider, self.model, self.tokens)


@dataclass(frozen=True, slots=True)
class _Warning:
    line: Line
    percent: int

    @property
    def reason(self) -> Reason:
        return "soft_cap_passed" if self.percent >= 100 and not self.line.hard_cap else "threshold_passed"


def warning_of(ask: Ask, standings: Sequence[Standing] = ()) -> _Warning | None:
    """The budget above that is used furthest, where it has passed a threshold.

    Hard caps as they stand under lock, where they were locked; others as they were at most a second ago.
    """
    worst: _Warning | None = None
    locked = dict(zip(ask.capped, standings, strict=True)) if standings else {}
    for line in ask.chain.lines:
        at = locked.get(line) or ask.book.levels.get(line.id)
        if at is None:
            continue
        percent = highest_passed(limit=at.limit, used=at.used + at.held, thresholds=line.thresholds)
        if percent is not None and (worst is None or percent > worst.percent):
            worst = _Warning(line, percent)
    return worst


def uncapped(ask: Ask) -> PreflightAnswer:
    """No hard cap stands in the way: the request may go out, perhaps with a word of warning."""
    unsure = ask.unsure
    if unsure is not None and unsure.when_unsure == "warn":
        return _of(ask, "warn", "no_price", _no_price(ask, unsure), unsure)
    if warning := warning_of(ask):
        return _of(ask, "warn", warning.reason, _warned(warning), warning.line)
    return _of(ask, "allow", "no_hard_cap", "No hard cap stands above this request.", None)


def blocked(ask: Ask, block: BlockInForce) -> PreflightAnswer:
    """A policy has blocked the user: why, until when, whom to ask."""
    what = "Requests for this model are" if block.models else "Your requests are"
    whom = f" Ask {' or '.join(ask.book.approvers)} to lift it." if ask.book.approvers else ""
    message = f"{what} blocked until {block.ends_at:%Y-%m-%d %H:%M} UTC: {block.reason}.{whom}"
    return structs.replace(_of(ask, "block", "blocked_by_policy", message, None), resets_at=block.ends_at)


def unpriced(ask: Ask, line: Line) -> PreflightAnswer:
    """A hard cap in money blocks what has no price."""
    return _of(ask, "block", "no_price", _no_price(ask, line), line)


def admitted(
    ask: Ask, found: Admitted, standings: Sequence[Standing], hold: tuple[UUID, datetime], exempt_left: int
) -> PreflightAnswer:
    """The request may go out, and room is held for it. `standings`: of the hard caps above, after it;
    `exempt_left`: tokens of the user's exemptions, after it."""
    capped = ask.capped
    left = [_left(ask, line, at) for line, at in zip(capped, standings, strict=True)]
    tightest = left.index(min(left))
    warning = warning_of(ask, standings)
    unsure = ask.unsure
    if unsure is not None and unsure.when_unsure == "warn":
        decision, reason, message, line = "warn", "no_price", _no_price(ask, unsure), unsure
    elif warning is not None:
        decision, reason, message, line = "warn", warning.reason, _warned(warning), warning.line
    else:
        decision, line = "allow", capped[tightest]
        reason = "exemption_used" if found.draws else "within_budget"
        message = "An exemption covers this request." if found.draws else "There is room for this request."
    return _of(ask, decision, reason, message, line, remaining=left[tightest] + exempt_left, hold=hold)  # type: ignore[arg-type]


def refused(ask: Ask, found: Refused, public_url: str) -> PreflightAnswer:
    """The request must not go out: which budget blocks, what is missing, when it resets, whom to ask."""
    line = ask.capped[found.by]
    left = ask.tokens - found.missing_tokens
    resets_at = ask.book.period(line.kind, ask.now).ends_at
    message = (
        f"{line.name}: {found.missing_tokens:,} of the {ask.tokens:,} tokens of this request are missing "
        f"in the {line.kind} budget. {left:,} are left until it resets at {resets_at:%Y-%m-%d %H:%M} UTC. "
        f"{_whom_to_ask(ask.book.approvers)}"
    )
    return _of(
        ask,
        "block",
        "hard_cap_reached",
        message,
        line,
        remaining=left,
        missing=found.missing_tokens,
        public_url=public_url,
    )


def _of(
    ask: Ask,
    decision: Decision,
    reason: Reason,
    message: str,
    line: Line | None,
    *,
    remaining: int | None = None,
    missing: int = 0,
    hold: tuple[UUID, datetime] | None = None,
    public_url: str | None = None,
) -> PreflightAnswer:
    blocked = decision == "block"
    return PreflightAnswer(
        decision=decision,
        reason=reason,
        message=message,
        budget_id=None if line is None else line.id,
        budget_name=None if line is None else line.name,
        remaining_tokens=remaining,
        missing_tokens=missing,
        resets_at=None if line is None else ask.book.period(line.kind, ask.now).ends_at,
        hold_id=None if hold is None else hold[0],
        expires_at=None if hold is None else hold[1],
        approvers=list(ask.book.approvers) if blocked else [],
        exemption_url=_exemption_url(ask, line, missing, public_url),
    )


def _exemption_url(ask: Ask, line: Line | None, missing: int, public_url: str | None) -> str | None:
    if public_url is None or line is None:
        return None
    asked = {"user_id": ask.user_id, "budget_id": line.id, "tokens": missing, "period": line.kind.value}
    return f"{public_url}/budget/exemptions/new?{urlencode(asked)}"


def _left(ask: Ask, line: Line, at: Standing) -> int:
    """What is left of a budget, in tokens of the request's kind."""
    room = max(0, at.room)
    amount = ask.amount(line)
    if line.unit == "tokens" or amount == 0:
        return room
    return room * ask.tokens // amount


def _warned(warning: _Warning) -> str:
    return f"{warning.line.name}: {warning.percent}% of the {warning.line.kind} budget is used."


def _no_price(ask: Ask, line: Line) -> str:
    return (
        f"{line.name} is a budget in money, and there is no price for {ask.model} of {ask.provider}. "
        "Choose a model with a known price, or ask an admin for a budget in tokens."
    )


def _whom_to_ask(approvers: Sequence[str]) -> str:
    return f"Ask for an exemption; {' or '.join(approvers)} can grant it." if approvers else ""
