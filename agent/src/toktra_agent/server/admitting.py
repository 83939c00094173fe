"""Admission of requests: who waits for the server's word, who does not, and what becomes of what was held.

A request's admission carries a ticket in place of a hold while the answer to its check is under way.

M1: an admission is there within ANSWER_WITHIN_SECONDS, whatever the server does.
M2: every hold that an answer brings is named in its request's event or given back; where the answer comes
    later than the event, it is given back.
M3: no more than MOST_CHECKS are under way and no more than MOST_TICKETS remembered; others are counted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final
from uuid import UUID

import httpx2

from toktra_agent.core.typical import Typical
from toktra_agent.core.verdict import ANSWER_WITHIN_SECONDS, Way, Word, remembered, unsure, way_of
from toktra_agent.core.watching import OPEN, Admission
from toktra_agent.server.access import AccessRefused
from toktra_agent.server.asking import Answer, NoWord, Releases, ask
from toktra_agent.server.contact import UNANSWERED, Contact
from toktra_agent.store.status import Remaining
from toktra_wire.config import Enforcement
from toktra_wire.ids import new_id

MOST_CHECKS: Final = 200
MOST_TICKETS: Final = 10_000

Check = asyncio.Task[Answer | None]


@dataclass(slots=True)
class Gate:
    """One per agent. `blocked`: told of each refusal, with its budget. `last`: what the server last said."""

    client: httpx2.AsyncClient
    contact: Contact
    releases: Releases
    enforcement: Callable[[], Enforcement | None]
    blocked: Callable[[str, Admission], None]
    typical: Typical = field(default_factory=Typical)
    last: Remaining | None = None
    _words: dict[str, Word] = field(default_factory=dict)
    _checks: dict[Check, int] = field(default_factory=dict)
    _tickets: dict[UUID, Check] = field(default_factory=dict)

    @property
    def under_way(self) -> int:
        """Tokens asked for that have no answer yet."""
        return sum(self._checks.values())

    async def admit(self, host: str, provider: str) -> Admission:
        """May one more request to this host go out (M1)?"""
        tokens, enforcement = self.typical.of(host), self.enforcement()
        word = self._words.get(provider)
        way = way_of(enforcement, word, tokens=tokens, under_way=self.under_way, now=monotonic())
        if way is Way.FREE:
            return OPEN
        check = self._begin(provider, tokens)
        if way is Way.AT_ONCE:
            return self._with_ticket(remembered(word), check)
        return await self._answered(check, enforcement)

    def release(self, admission: Admission) -> None:
        """The request is not made: what was held goes back, now or when the answer comes (M2)."""
        if admission.hold_id is None:
            return
        check = self._tickets.pop(admission.hold_id, None)
        if check is None:
            self.releases.add(admission.hold_id)
        else:
            check.add_done_callback(self._give_back)

    def hold_of(self, admission: Admission) -> UUID | None:
        """What the request's event names (M2)."""
        if admission.hold_id is None or admission.hold_id not in self._tickets:
            return admission.hold_id
        check = self._tickets.pop(admission.hold_id)
        if not check.done():
            check.add_done_callback(self._give_back)
            return None
        answer = _answer_of(check)
        return answer.hold_id if answer else None

    def hold_so_far(self, admission: Admission) -> UUID | None:
        """The same before the request is over: what is not known yet is not named."""
        if admission.hold_id is None or admission.hold_id not in self._tickets:
            return admission.hold_id
        check = self._tickets[admission.hold_id]
        answer = _answer_of(check) if check.done() else None
        return answer.hold_id if answer else None

    async def _answered(self, check: Check | None, enforcement: Enforcement | None) -> Admission:
        answer = None if check is None else await self._in_time(check)
        admission = unsure(enforcement) if answer is None else _admission(answer)
        if admission.decision == "block":
            self.blocked(str(answer and answer.budget_id), admission)
        if answer is not None or check is None:
            return admission
        if admission.decision == "block":
            check.add_done_callback(self._give_back)
            return admission
        return self._with_ticket(admission, check)

    async def _in_time(self, check: Check) -> Answer | None:
        try:
            await asyncio.wait({check}, timeout=ANSWER_WITHIN_SECONDS)
        except asyncio.CancelledError:
            check.add_done_callback(self._give_back)
            raise
        return _answer_of(check)

    def _begin(self, provider: str, tokens: int) -> Check | None:
        if len(self._checks) >= MOST_CHECKS:
            self.releases.count("requests_not_asked_for")
            return None
        check = asyncio.create_task(self._check(provider, tokens))
        self._checks[check] = tokens
        check.add_done_callback(self._checks.pop)
        return check

    async def _check(self, provider: str, tokens: int) -> Answer | None:
        asked_at = monotonic()
        try:
            answer = await ask(self.client, key=new_id(), provider=provider, tokens=tokens)
        except UNANSWERED as failure:
            self.contact.lost(failure, self.client)
            return None
        except AccessRefused:
            return None
        except NoWord as none:
            self.contact.fails("preflight", str(none))
            return None
        self.contact.works("preflight")
        known = self._words.get(provider)
        if known is None or known.asked_at <= asked_at:
            self._words[provider] = _word(answer, asked_at)
            self.last = Remaining(
                self.contact.now().isoformat(timespec="seconds"),
                answer.decision,
                answer.message,
                answer.budget_name,
                answer.remaining_tokens,
                answer.resets_at,
            )
        return answer

    def _with_ticket(self, admission: Admission, check: Check | None) -> Admission:
        if check is None:
            return admission
        ticket = new_id()
        self._tickets[ticket] = check
        if len(self._tickets) > MOST_TICKETS:
            self._tickets.pop(next(iter(self._tickets))).add_done_callback(self._give_back)
        return replace(admission, hold_id=ticket)

    def _give_back(self, check: Check) -> None:
        answer = _answer_of(check)
        if answer is not None and answer.hold_id is not None:
            self.releases.add(answer.hold_id)


def _answer_of(check: Check) -> Answer | None:
    return check.result() if check.done() and not check.cancelled() else None


def _admission(answer: Answer) -> Admission:
    message = "" if answer.decision == "allow" else answer.message
    return Admission(
        answer.decision, message, answer.hold_id, answer.reason, answer.resets_at, answer.exemption_url
    )


def _word(answer: Answer, asked_at: float) -> Word:
    message = "" if answer.decision == "allow" else answer.message
    return Word(answer.decision, answer.remaining_tokens, asked_at, message, answer.reason, answer.resets_at)
