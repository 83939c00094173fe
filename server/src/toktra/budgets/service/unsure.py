"""What a device does when it cannot ask."""

from datetime import datetime

from toktra.access.rules import Actor
from toktra.budgets.queries.book import OrganizationBook
from toktra.budgets.rules import strictest
from toktra_wire.config import Enforcement


def when_unsure(book: OrganizationBook, actor: Actor, now: datetime) -> Enforcement:
    """Whether a hard cap or a block is in the actor's way, and the strictest word for no answer."""
    capped = book.above(actor.user_id, actor.department_id, now).hard
    asks = bool(capped) or book.is_blocked(actor.user_id, now)
    return Enforcement(preflight=asks, when_unsure=strictest(line.when_unsure for line in capped))
