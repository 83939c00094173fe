"""Corporate or personal: whose ledger this device's usage goes to.

M1: personal mode turns on only where the personal ledger is ready; otherwise it refuses and says why.
M2: usage is never put in the other ledger instead: where the mode cannot be kept, nothing is.
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

Mode = Literal["corporate", "personal"]

NOT_SET_UP: Final = (
    "Personal mode is not available: Token Perks is not set up in this organisation. "
    "Your usage stays with the corporate budget. To keep time for yourself, use Privacy Hours."
)


class PersonalLedger(Protocol):
    """Where personal usage goes, sealed with the employee's own key."""

    def why_not_ready(self) -> str | None:
        """A sentence for the employee, or None when it is ready."""
        ...


class NoPersonalLedger:
    """Where Token Perks is not set up."""

    def why_not_ready(self) -> str | None:
        return NOT_SET_UP


@dataclass(frozen=True, slots=True)
class ModeRefused:
    """The mode stays what it was. `why`: a sentence for the employee."""

    why: str


def choose(wanted: Mode, ledger: PersonalLedger) -> Mode | ModeRefused:
    """M1."""
    if wanted == "personal" and (why := ledger.why_not_ready()) is not None:
        return ModeRefused(why)
    return wanted
