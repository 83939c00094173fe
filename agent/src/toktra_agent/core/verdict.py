"""Whether a request must wait for the server's word, and what holds where there is none.

D1: with no hard cap known above the user no request waits. The server is asked meanwhile, at most every
    FRESH_SECONDS, so that a cap that is new holds from the next request on.
D2: with ample room a request goes at once on a fresh word, while the server is asked for it anyway.
D3: near the cap, or without a fresh word, every request waits for its own answer and carries its own hold.
D4: a refusal is never repeated from memory: what was blocked is asked anew.
D5: without an answer, what the last configuration says for that holds.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from toktra_agent.core.watching import OPEN, Admission, Decision
from toktra_wire.config import Enforcement

AMPLE_TIMES: Final = 100
FRESH_SECONDS: Final = 10.0
ANSWER_WITHIN_SECONDS: Final = 0.2


class Way(Enum):
    """How a request goes about it."""

    FREE = "free"
    AT_ONCE = "at once, and ask for it meanwhile"
    WAIT = "wait for its own answer"


@dataclass(frozen=True, slots=True)
class Word:
    """The server's last word on a provider. `asked_at`: when it was asked for, on a clock that never jumps.

    `remaining_tokens`: None where no hard cap stood above the user.
    """

    decision: Decision
    remaining_tokens: int | None
    asked_at: float
    message: str = ""
    reason: str = ""
    resets_at: str | None = None


def way_of(
    enforcement: Enforcement | None, last: Word | None, *, tokens: int, under_way: int, now: float
) -> Way:
    """`tokens`: what the request would ask for; `under_way`: what others ask for that have no answer yet;
    `now`: on the clock of `Word.asked_at`.
    """
    if enforcement is None:
        return Way.FREE
    if not enforcement.preflight and not _knows_of_cap(last):
        return Way.FREE if last is not None and _is_fresh(last, now) else Way.AT_ONCE
    if last is not None and _is_good(last, tokens, under_way, now):
        return Way.AT_ONCE
    return Way.WAIT


def remembered(last: Word | None) -> Admission:
    """An admission on the last word (D2), or on none (D1)."""
    if last is None:
        return OPEN
    return Admission(last.decision, last.message, reason=last.reason, resets_at=last.resets_at)


def unsure(enforcement: Enforcement | None) -> Admission:
    """What holds where no answer came (D5)."""
    if enforcement is None:
        return OPEN
    messages: dict[Decision, str] = {
        "allow": "",
        "warn": "The Toktra server did not answer in time. This request goes out without its word.",
        "block": "The Toktra server did not answer in time, and without its word this budget lets nothing "
        "out. Check the network, then try again.",
    }
    return Admission(enforcement.when_unsure, messages[enforcement.when_unsure], reason="unsure")


def _is_good(last: Word, tokens: int, under_way: int, now: float) -> bool:
    if last.decision == "block" or not _is_fresh(last, now):
        return False
    return last.remaining_tokens is None or last.remaining_tokens - under_way >= AMPLE_TIMES * tokens


def _is_fresh(last: Word, now: float) -> bool:
    return 0 <= now - last.asked_at <= FRESH_SECONDS


def _knows_of_cap(last: Word | None) -> bool:
    """Whether the server spoke of a hard cap, be it newer than the configuration."""
    return last is not None and (last.decision == "block" or last.remaining_tokens is not None)
