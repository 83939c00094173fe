"""When a person is told of something again: at most once a minute for each thing."""

from dataclasses import dataclass, field
from typing import Final

EVERY_SECONDS: Final = 60.0


@dataclass(slots=True)
class Notices:
    """What was said when, on a clock that never jumps. Forgets what was said longer ago."""

    _said_at: dict[str, float] = field(default_factory=dict)

    def is_due(self, thing: str, now: float) -> bool:
        """Whether to say it now; then it counts as said."""
        self._said_at = {one: at for one, at in self._said_at.items() if now - at < EVERY_SECONDS}
        if thing in self._said_at:
            return False
        self._said_at[thing] = now
        return True
