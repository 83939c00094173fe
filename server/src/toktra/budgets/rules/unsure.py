"""What happens where nothing can be decided: the server is away, or a model has no price. Pure."""

from collections.abc import Iterable
from typing import Literal

WhenUnsure = Literal["allow", "warn", "block"]

STRICTNESS: tuple[WhenUnsure, ...] = ("allow", "warn", "block")


def strictest(policies: Iterable[WhenUnsure]) -> WhenUnsure:
    """The strictest of some policies; none is no reason to stop anyone."""
    return max(policies, key=STRICTNESS.index, default="allow")
