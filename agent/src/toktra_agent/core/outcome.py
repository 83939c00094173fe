"""The two other outcomes of a reader: it needs more bytes, or these bytes are not what it reads."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Need(Enum):
    """One value: what came so far may become what is read, with more bytes."""

    MORE = "more"


NEED_MORE: Final = Need.MORE


@dataclass(frozen=True, slots=True)
class Refused:
    """No further bytes make it what is read. `reason`: a stable word, never a part of the bytes."""

    reason: str
